//! Penalties of a residual `x`, the difference of a prediction and its target: what robust losses are the means of.

use std::f64::consts::LN_2;

use wengert_array::{Float, elementary};

use crate::catalogue::catalogue;
use crate::{Algebra, Domain, Needs, Tensor, Unary, apply};

catalogue![Huber, LogCosh];

/// y = x² / 2 where |x| ≤ δ, else δ (|x| - δ / 2),  dy/dx = x within [-δ, δ], else the nearer bound
#[derive(Clone, Debug, Default)]
pub(crate) struct Huber {
    /// δ
    delta: f64,
}

impl Unary for Huber {
    const NAME: &'static str = "huber";
    const COST: usize = 4;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0);

    fn value<F: Float>(&self, x: F) -> F {
        let (delta, half, size) = (F::of(self.delta), F::of(0.5), x.abs());
        if size <= delta { half * x * x } else { delta * (size - half * delta) }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let delta = x.lit(self.delta);
        let above = (-x.clone()).where_greater(&delta, -delta.clone(), x.clone());
        x.where_greater(&delta, delta.clone(), above)
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        let delta = self.delta;
        vec![
            (0.0, 0.0, 0.0),
            (delta, delta * delta / 2.0, delta),
            (-delta, delta * delta / 2.0, -delta),
            (-4.0 * delta, 3.5 * delta * delta, -delta),
            (1e200, delta * 1e200, delta),
            (f64::NEG_INFINITY, f64::INFINITY, -delta),
        ]
    }

    fn variants() -> Vec<Self> {
        [1.0, 0.5].map(|delta| Huber { delta }).to_vec()
    }
}

/// y = ln cosh x,  dy/dx = tanh x
#[derive(Clone, Debug, Default)]
pub(crate) struct LogCosh;

impl Unary for LogCosh {
    const NAME: &'static str = "log_cosh";
    const COST: usize = 40;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 0.0),
        (1e-5, 4.999_999_999_916_667e-11, 9.999_999_999_666_668e-6),
        (-1e-9, 5e-19, -1e-9),
        (1000.0, 1000.0 - LN_2, 1.0),
        (-1000.0, 1000.0 - LN_2, -1.0),
        (f64::INFINITY, f64::INFINITY, 1.0),
        (f64::NEG_INFINITY, f64::INFINITY, -1.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        let size = x.abs();
        if size < F::one() {
            // cosh² = 1 + sinh²: near 0 the other form is the difference of numbers that are almost the same.
            let sinh = size.sinh();
            return F::of(0.5) * elementary::ln_1p(sinh * sinh);
        }
        size + elementary::ln_1p(elementary::exp(-(size + size))) - F::of(LN_2)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.tanh()
    }
}

impl Tensor {
    /// Huber's penalty of each element: half its square up to `delta`, and from there on the tangent.
    ///
    /// `y = x² / 2` where `|x| ≤ delta`, else `delta (|x| - delta / 2)`
    ///
    /// PyTorch's `smooth_l1_loss` is this, divided by `delta`.
    ///
    /// # Gradient
    /// `dx = dy · x`, with `x` kept within `±delta`.
    ///
    /// # Panics
    /// If `delta` is not positive.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let residual = Tensor::from([1.0, 10.0]) - Tensor::from([0.5, 0.0]);
    /// assert_eq!(residual.huber(1.0).to_vec::<f32>(), [0.125, 9.5]);
    /// ```
    ///
    /// # References
    /// P. J. Huber, Robust estimation of a location parameter, 1964.
    #[track_caller]
    pub fn huber(&self, delta: f64) -> Tensor {
        assert!(delta > 0.0, "huber: delta is {delta}, expected more than 0");
        apply(Huber { delta }, [self])
    }

    /// The logarithm of the hyperbolic cosine of each element: about `x² / 2` near 0, and `|x| - ln 2` far from it.
    ///
    /// # Gradient
    /// `dx = dy · tanh x`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let y = Tensor::from([0.0, -1000.0]).log_cosh();
    /// assert_eq!(y.to_vec::<f32>(), [0.0, 1000.0 - 2.0_f32.ln()]);
    /// ```
    #[track_caller]
    pub fn log_cosh(&self) -> Tensor {
        apply(LogCosh, [self])
    }
}
