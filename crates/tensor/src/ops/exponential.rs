//! Exponential, logarithm, square root and square.

use wengert_array::Float;

use crate::catalogue::catalogue;
use crate::{Algebra, Domain, Needs, Tensor, Unary, apply};

catalogue![Exp, Ln, Sqrt, Square];

/// y = eˣ,  dy/dx = y
#[derive(Clone, Debug, Default)]
pub(crate) struct Exp;

impl Unary for Exp {
    const NAME: &'static str = "exp";
    const COST: usize = 15;
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 1.0, 1.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (1000.0, f64::INFINITY, f64::INFINITY),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.exp()
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.clone()
    }
}

/// y = ln x,  dy/dx = 1 / x
#[derive(Clone, Debug, Default)]
pub(crate) struct Ln;

impl Unary for Ln {
    const NAME: &'static str = "ln";
    const COST: usize = 15;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain =
        Domain::interval(0.1, 3.0).with_points(&[(1.0, 0.0, 1.0), (0.0, f64::NEG_INFINITY, f64::INFINITY)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.ln()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(1.0) / x.clone()
    }
}

/// y = √x,  dy/dx = 1 / (2 y)
#[derive(Clone, Debug, Default)]
pub(crate) struct Sqrt;

impl Unary for Sqrt {
    const NAME: &'static str = "sqrt";
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain =
        Domain::interval(0.1, 3.0).with_points(&[(4.0, 2.0, 0.25), (0.0, 0.0, f64::INFINITY)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.sqrt()
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.lit(0.5) / y.clone()
    }
}

/// y = x²,  dy/dx = 2 x
#[derive(Clone, Debug, Default)]
pub(crate) struct Square;

impl Unary for Square {
    const NAME: &'static str = "square";
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-2.0, 2.0).with_points(&[(0.0, 0.0, 0.0), (-3.0, 9.0, -6.0)]);

    fn value<F: Float>(&self, x: F) -> F {
        x * x
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(2.0) * x.clone()
    }
}

impl Tensor {
    /// `e` to the power of each element.
    ///
    /// # Gradient
    /// `dx = dy · y`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).exp().item(), 1.0);
    /// ```
    #[track_caller]
    pub fn exp(&self) -> Tensor {
        apply(Exp, [self])
    }

    /// The natural logarithm of each element: NaN below 0, `-inf` at 0.
    ///
    /// # Gradient
    /// `dx = dy / x`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(1.0).ln().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn ln(&self) -> Tensor {
        apply(Ln, [self])
    }

    /// The square root of each element: NaN below 0.
    ///
    /// # Gradient
    /// `dx = dy / (2 y)`, which is infinite at 0, but 0 there where `dy` is 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(9.0).sqrt().item(), 3.0);
    /// ```
    #[track_caller]
    pub fn sqrt(&self) -> Tensor {
        apply(Sqrt, [self])
    }

    /// The square of each element.
    ///
    /// # Gradient
    /// `dx = dy · 2 x`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(-3.0).square().item(), 9.0);
    /// ```
    #[track_caller]
    pub fn square(&self) -> Tensor {
        apply(Square, [self])
    }
}
