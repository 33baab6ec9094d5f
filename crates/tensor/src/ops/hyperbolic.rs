//! Hyperbolic functions and their inverses.

use wengert_array::{Float, elementary};

use crate::catalogue::catalogue;
use crate::{Algebra, Domain, Needs, Tensor, Unary, apply};

catalogue![Sinh, Cosh, Tanh, Asinh, Acosh, Atanh];

/// y = sinh x,  dy/dx = cosh x
#[derive(Clone, Debug, Default)]
pub(crate) struct Sinh;

impl Unary for Sinh {
    const NAME: &'static str = "sinh";
    const COST: usize = 30;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 1.0),
        (1000.0, f64::INFINITY, f64::INFINITY),
        (-1000.0, f64::NEG_INFINITY, f64::INFINITY),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.sinh()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.cosh()
    }
}

/// y = cosh x,  dy/dx = sinh x
#[derive(Clone, Debug, Default)]
pub(crate) struct Cosh;

impl Unary for Cosh {
    const NAME: &'static str = "cosh";
    const COST: usize = 30;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 1.0, 0.0),
        (1000.0, f64::INFINITY, f64::INFINITY),
        (-1000.0, f64::INFINITY, f64::NEG_INFINITY),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.cosh()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.sinh()
    }
}

/// y = tanh x,  dy/dx = 1 - y²
#[derive(Clone, Debug, Default)]
pub(crate) struct Tanh;

impl Unary for Tanh {
    const NAME: &'static str = "tanh";
    const COST: usize = 6;
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain =
        Domain::interval(-3.0, 3.0).with_points(&[(0.0, 0.0, 1.0), (40.0, 1.0, 0.0), (-40.0, -1.0, 0.0)]);

    fn value<F: Float>(&self, x: F) -> F {
        elementary::tanh(x)
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.lit(1.0) - y.square()
    }
}

/// y = arsinh x,  dy/dx = 1 / √(1 + x²)
#[derive(Clone, Debug, Default)]
pub(crate) struct Asinh;

impl Unary for Asinh {
    const NAME: &'static str = "asinh";
    const COST: usize = 40;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 1.0),
        (1e-9, 1e-9, 1.0),
        (-1_000_000_000.0, -21.416_413_017_506_358, 1e-9),
        (0.75, std::f64::consts::LN_2, 0.8),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.asinh()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(1.0) / x.hypot(&x.lit(1.0))
    }
}

/// y = arcosh x,  dy/dx = 1 / √(x² - 1)
#[derive(Clone, Debug, Default)]
pub(crate) struct Acosh;

impl Unary for Acosh {
    const NAME: &'static str = "acosh";
    const COST: usize = 40;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(1.3, 4.0).with_points(&[
        (1.0, 0.0, f64::INFINITY),
        (1.25, std::f64::consts::LN_2, 1.333_333_333_333_333_3),
        (1_000_000_000.0, 21.416_413_017_506_358, 1e-9),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        // Near 1 the logarithm of a number near 1 would lose digits.
        let t = x - F::one();
        (t + t.sqrt() * (x + F::one()).sqrt()).ln_1p()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(1.0) / ((x.clone() - x.lit(1.0)).sqrt() * (x.clone() + x.lit(1.0)).sqrt())
    }
}

/// y = artanh x,  dy/dx = 1 / (1 - x²)
#[derive(Clone, Debug, Default)]
pub(crate) struct Atanh;

impl Unary for Atanh {
    const NAME: &'static str = "atanh";
    const COST: usize = 30;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-0.85, 0.85).with_points(&[
        (0.0, 0.0, 1.0),
        (1.0, f64::INFINITY, f64::INFINITY),
        (-1.0, f64::NEG_INFINITY, f64::INFINITY),
        (0.6, std::f64::consts::LN_2, 1.5625),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.atanh()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let one = x.lit(1.0);
        one.clone() / ((one.clone() - x.clone()) * (one + x.clone()))
    }
}

impl Tensor {
    /// The hyperbolic sine of each element.
    ///
    /// # Gradient
    /// `dx = dy · cosh x`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).sinh().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn sinh(&self) -> Tensor {
        apply(Sinh, [self])
    }

    /// The hyperbolic cosine of each element.
    ///
    /// # Gradient
    /// `dx = dy · sinh x`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).cosh().item(), 1.0);
    /// ```
    #[track_caller]
    pub fn cosh(&self) -> Tensor {
        apply(Cosh, [self])
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

    /// The number whose hyperbolic sine each element is.
    ///
    /// # Gradient
    /// `dx = dy / √(1 + x²)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).asinh().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn asinh(&self) -> Tensor {
        apply(Asinh, [self])
    }

    /// The number from 0 on whose hyperbolic cosine each element is; NaN below 1.
    ///
    /// # Gradient
    /// `dx = dy / √(x² - 1)`, infinite at 1.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(1.0).acosh().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn acosh(&self) -> Tensor {
        apply(Acosh, [self])
    }

    /// The number whose hyperbolic tangent each element is; NaN outside [-1, 1].
    ///
    /// # Gradient
    /// `dx = dy / (1 - x²)`, infinite at -1 and 1.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).atanh().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn atanh(&self) -> Tensor {
        apply(Atanh, [self])
    }
}
