//! Activation functions that act on each element. Those that act on rows stand in `softmax.rs`.

use wengert_array::Float;

use crate::catalogue::catalogue;
use crate::{Algebra, Domain, Needs, Tensor, Unary, apply};

catalogue![Relu, Sigmoid, Tanh];

/// y = max(x, 0),  dy/dx = 1 where x > 0, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Relu;

impl Unary for Relu {
    const NAME: &'static str = "relu";
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 0.0),
        (-0.0, 0.0, 0.0),
        (-1e300, 0.0, 0.0),
        (f64::INFINITY, f64::INFINITY, 1.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        // NaN is neither greater nor smaller: it passes.
        if x < F::zero() { F::zero() } else { x }
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.is_positive()
    }
}

/// y = 1 / (1 + e⁻ˣ),  dy/dx = y (1 - y)
#[derive(Clone, Debug, Default)]
pub(crate) struct Sigmoid;

impl Unary for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const COST: usize = 20;
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

/// y = tanh x,  dy/dx = 1 - y²
#[derive(Clone, Debug, Default)]
pub(crate) struct Tanh;

impl Unary for Tanh {
    const NAME: &'static str = "tanh";
    const COST: usize = 30;
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain =
        Domain::interval(-3.0, 3.0).with_points(&[(0.0, 0.0, 1.0), (40.0, 1.0, 0.0), (-40.0, -1.0, 0.0)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.tanh()
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.lit(1.0) - y.square()
    }
}

impl Tensor {
    /// The rectifier `max(x, 0)` of each element.
    ///
    /// # Gradient
    /// `dx = dy` where `x > 0`, else 0; the derivative at 0 is 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.0, 2.0]).relu().to_vec::<f32>(), [0.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn relu(&self) -> Tensor {
        apply(Relu, [self])
    }

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

    /// The hyperbolic tangent of each element.
    ///
    /// # Gradient
    /// `dx = dy · (1 - y²)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).tanh().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn tanh(&self) -> Tensor {
        apply(Tanh, [self])
    }
}
