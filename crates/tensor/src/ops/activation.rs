//! Smooth activation functions of the family of the logistic function. The others stand in `rectifier.rs`, `piecewise.rs`,
//! `exponential_linear.rs` and `gated.rs`; those that act on rows, in `softmax.rs` and `sparsemax.rs`.

use wengert_array::{Float, elementary};

use crate::catalogue::catalogue;
use crate::{Algebra, Domain, Needs, Tensor, Unary, apply};

catalogue![Sigmoid, LogSigmoid, Softplus, Softsign, Squareplus];

/// y = 1 / (1 + e⁻ˣ),  dy/dx = y (1 - y)
#[derive(Clone, Debug, Default)]
pub(crate) struct Sigmoid;

impl Unary for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const COST: usize = 5;
    // The input too: 1 - y has lost its digits where y is near 1.
    const NEEDS: Needs = Needs::input(0).and(Needs::OUTPUT);
    const DOMAIN: Domain = Domain::interval(-4.0, 4.0).with_points(&[
        (0.0, 0.5, 0.25),
        (1000.0, 1.0, 0.0),
        (-1000.0, 0.0, 0.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        // e⁻⁴⁰ to 17 digits; the square of it is far below one unit in the last place.
        (-40.0, 4.248_354_255_291_589e-18, 4.248_354_255_291_589e-18),
        (40.0, 1.0, 4.248_354_255_291_589e-18),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        Algebra::sigmoid(&x)
    }

    fn slope<V: Algebra>(&self, x: &V, y: &V) -> V {
        y.clone() * (-x.clone()).sigmoid()
    }
}

/// y = ln σ(x),  dy/dx = σ(-x)
#[derive(Clone, Debug, Default)]
pub(crate) struct LogSigmoid;

impl Unary for LogSigmoid {
    const NAME: &'static str = "log_sigmoid";
    const COST: usize = 40;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-4.0, 4.0).with_points(&[
        (0.0, -std::f64::consts::LN_2, 0.5),
        (1000.0, 0.0, 0.0),
        (-1000.0, -1000.0, 1.0),
        (f64::NEG_INFINITY, f64::NEG_INFINITY, 1.0),
        (f64::INFINITY, 0.0, 0.0),
        (40.0, -4.248_354_255_291_589e-18, 4.248_354_255_291_589e-18),
        (-40.0, -40.0, 1.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        -softplus(-x)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        (-x.clone()).sigmoid()
    }
}

/// y = ln(1 + eˣ),  dy/dx = σ(x)
#[derive(Clone, Debug, Default)]
pub(crate) struct Softplus;

impl Unary for Softplus {
    const NAME: &'static str = "softplus";
    const COST: usize = 15;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-4.0, 4.0).with_points(&[
        (0.0, std::f64::consts::LN_2, 0.5),
        (1000.0, 1000.0, 1.0),
        (-1000.0, 0.0, 0.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (f64::INFINITY, f64::INFINITY, 1.0),
        (-40.0, 4.248_354_255_291_589e-18, 4.248_354_255_291_589e-18),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        softplus(x)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.sigmoid()
    }
}

/// `ln(1 + eˣ)` without overflow.
#[inline(always)]
pub(crate) fn softplus<F: Float>(x: F) -> F {
    let positive = if x < F::zero() { F::zero() } else { x };
    positive + elementary::ln_1p(elementary::exp(-x.abs()))
}

/// y = x / (1 + |x|),  dy/dx = 1 / (1 + |x|)²
#[derive(Clone, Debug, Default)]
pub(crate) struct Softsign;

impl Unary for Softsign {
    const NAME: &'static str = "softsign";
    const COST: usize = 4;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 1.0),
        (1.0, 0.5, 0.25),
        (-3.0, -0.75, 0.0625),
        (f64::INFINITY, 1.0, 0.0),
        (f64::NEG_INFINITY, -1.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        if x.is_infinite() { x.signum() } else { x / (F::one() + x.abs()) }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(1.0) / (x.lit(1.0) + x.abs()).square()
    }
}

/// y = (x + √(x² + b)) / 2,  dy/dx = y / √(x² + b)
#[derive(Clone, Debug, Default)]
pub(crate) struct Squareplus {
    /// How round the corner is: the value at 0 is √b / 2.
    b: f64,
}

impl Unary for Squareplus {
    const NAME: &'static str = "squareplus";
    const COST: usize = 15;
    const NEEDS: Needs = Needs::input(0).and(Needs::OUTPUT);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0);

    fn value<F: Float>(&self, x: F) -> F {
        // The sum of opposite signs would lose the digits of a small difference.
        let (b, two) = (F::of(self.b), F::of(2.0));
        let root = x.hypot(b.sqrt());
        if x < F::zero() { b / (two * (root - x)) } else { x / two + root / two }
    }

    fn slope<V: Algebra>(&self, x: &V, y: &V) -> V {
        let slope = y.clone() / x.hypot(&x.lit(self.b.sqrt()));
        x.where_equal(&x.lit(f64::INFINITY), x.lit(1.0), slope)
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        let half = self.b.sqrt() / 2.0;
        vec![
            (0.0, half, 0.5),
            (1e9, 1e9, 1.0),
            (1e308, 1e308, 1.0),
            (f64::INFINITY, f64::INFINITY, 1.0),
            (-1e18, 0.0, 0.0),
            (-1e200, 0.0, 0.0),
            (f64::NEG_INFINITY, 0.0, 0.0),
        ]
    }

    fn variants() -> Vec<Self> {
        [4.0, 1.0].map(|b| Squareplus { b }).to_vec()
    }
}

impl Tensor {
    /// The logistic function `1 / (1 + e⁻ˣ)` of each element.
    ///
    /// # Gradient
    /// `dx = dy · y (1 - y)`, accurate where `y` is near 1.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).sigmoid().item(), 0.5);
    /// ```
    #[track_caller]
    pub fn sigmoid(&self) -> Tensor {
        apply(Sigmoid, [self])
    }

    /// The logarithm of the logistic function, accurate where that is near 0 or 1.
    ///
    /// # Gradient
    /// `dx = dy · σ(-x)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1000.0, 1000.0]).log_sigmoid().to_vec::<f32>(), [-1000.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn log_sigmoid(&self) -> Tensor {
        apply(LogSigmoid, [self])
    }

    /// `ln(1 + eˣ)` of each element: a smooth rectifier.
    ///
    /// # Gradient
    /// `dx = dy · σ(x)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1000.0, 1000.0]).softplus().to_vec::<f32>(), [0.0, 1000.0]);
    /// ```
    #[track_caller]
    pub fn softplus(&self) -> Tensor {
        apply(Softplus, [self])
    }

    /// `x / (1 + |x|)` of each element.
    ///
    /// # Gradient
    /// `dx = dy / (1 + |x|)²`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.0, 3.0]).softsign().to_vec::<f32>(), [-0.5, 0.75]);
    /// ```
    #[track_caller]
    pub fn softsign(&self) -> Tensor {
        apply(Softsign, [self])
    }

    /// `(x + √(x² + b)) / 2` of each element: a smooth rectifier without exponentials. Keras' `b` is 4.
    ///
    /// # Gradient
    /// `dx = dy · y / √(x² + b)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.5, 0.0, 1.5]).squareplus(4.0).to_vec::<f32>(), [0.5, 1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn squareplus(&self, b: f64) -> Tensor {
        apply(Squareplus { b }, [self])
    }
}
