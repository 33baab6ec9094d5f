//! Exponential linear units: linear above 0, an exponential below.

use wengert_array::Float;

use crate::catalogue::catalogue;
use crate::{Algebra, Domain, Needs, Tensor, Unary, apply};

catalogue![Elu, Selu, Celu];

/// y = x where x > 0, else α (eˣ - 1),  dy/dx = 1 where x > 0, else α eˣ
#[derive(Clone, Debug, Default)]
pub(crate) struct Elu {
    /// α, the limit far below 0 with the other sign.
    alpha: f64,
}

impl Unary for Elu {
    const NAME: &'static str = "elu";
    const COST: usize = 20;
    // Not the output: y + α has lost its digits where x is far below 0.
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0);

    fn value<F: Float>(&self, x: F) -> F {
        if x > F::zero() { x } else { F::of(self.alpha) * x.exp_m1() }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.where_positive(x.lit(1.0), x.lit(self.alpha) * x.exp())
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        let alpha = self.alpha;
        let below = [(0.0, 0.0, alpha), (-1000.0, -alpha, 0.0), (f64::NEG_INFINITY, -alpha, 0.0)];
        let above = [89.0, 1000.0, f64::INFINITY].map(|x| (x, x, 1.0));
        below.into_iter().chain(above).collect()
    }

    fn variants() -> Vec<Self> {
        [1.0, 0.5].map(|alpha| Elu { alpha }).to_vec()
    }
}

/// y = λ x where x > 0, else λ α (eˣ - 1),  dy/dx = λ where x > 0, else λ α eˣ
///
/// The constants keep mean 0 and variance 1 from layer to layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selu;

impl Unary for Selu {
    const NAME: &'static str = "selu";
    const COST: usize = 20;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 1.758_099_340_847_376_8),
        (-1000.0, -1.758_099_340_847_376_8, 0.0),
        (f64::NEG_INFINITY, -1.758_099_340_847_376_8, 0.0),
        (89.0, 93.512_387_874_637_77, 1.050_700_987_355_480_5),
        (1000.0, 1_050.700_987_355_480_5, 1.050_700_987_355_480_5),
        (f64::INFINITY, f64::INFINITY, 1.050_700_987_355_480_5),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        F::of(SELU_SCALE) * if x > F::zero() { x } else { F::of(SELU_ALPHA) * x.exp_m1() }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(SELU_SCALE) * x.where_positive(x.lit(1.0), x.lit(SELU_ALPHA) * x.exp())
    }
}

/// Klambauer, Unterthiner, Mayr, Hochreiter, Self-Normalizing Neural Networks, 2017, equation 14, to 17 digits.
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// y = x where x > 0, else α (exp(x/α) - 1),  dy/dx = 1 where x > 0, else exp(x/α)
#[derive(Clone, Debug, Default)]
pub(crate) struct Celu {
    /// α, the limit far below 0 with the other sign.
    alpha: f64,
}

impl Unary for Celu {
    const NAME: &'static str = "celu";
    const COST: usize = 20;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0);

    fn value<F: Float>(&self, x: F) -> F {
        let alpha = F::of(self.alpha);
        if x > F::zero() { x } else { alpha * (x / alpha).exp_m1() }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.where_positive(x.lit(1.0), (x.clone() / x.lit(self.alpha)).exp())
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        let below = [(0.0, 0.0, 1.0), (-1000.0, -self.alpha, 0.0), (f64::NEG_INFINITY, -self.alpha, 0.0)];
        let above = [89.0, 1000.0, f64::INFINITY].map(|x| (x, x, 1.0));
        below.into_iter().chain(above).collect()
    }

    fn variants() -> Vec<Self> {
        [1.0, 0.5].map(|alpha| Celu { alpha }).to_vec()
    }
}

impl Tensor {
    /// Each element where it is positive, `α (eˣ - 1)` elsewhere. The usual `alpha` is 1.
    ///
    /// # Gradient
    /// `dx = dy` where `x > 0`, else `dy · α eˣ`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1000.0, 3.0]).elu(1.0).to_vec::<f32>(), [-1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn elu(&self, alpha: f64) -> Tensor {
        apply(Elu { alpha }, [self])
    }

    /// [`elu`](Tensor::elu) with `α = 1.673…`, times `λ = 1.050…`: the constants with which layers keep mean 0 and variance 1.
    ///
    /// # Gradient
    /// `dx = dy · λ` where `x > 0`, else `dy · λ α eˣ`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert!((Tensor::from(1.0).selu().item() - 1.050_701).abs() < 1e-6);
    /// ```
    #[track_caller]
    pub fn selu(&self) -> Tensor {
        apply(Selu, [self])
    }

    /// Each element where it is positive, `α (exp(x/α) - 1)` elsewhere. The usual `alpha` is 1.
    ///
    /// # Gradient
    /// `dx = dy` where `x > 0`, else `dy · exp(x/α)`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1000.0, 3.0]).celu(2.0).to_vec::<f32>(), [-2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn celu(&self, alpha: f64) -> Tensor {
        apply(Celu { alpha }, [self])
    }
}
