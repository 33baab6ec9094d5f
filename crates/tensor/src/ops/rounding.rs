//! Rounding to integers, and the remainder of a division.

use wengert_array::Float;

use crate::catalogue::catalogue;
use crate::{Algebra, Binary, Domain, Needs, Operand, Tensor, Unary, apply};

catalogue![Floor, Ceil, Round, Trunc, Remainder];

/// y = the largest integer up to x,  dy/dx = 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Floor;

impl Unary for Floor {
    const NAME: &'static str = "floor";
    const NEEDS: Needs = Needs::NONE;
    const DOMAIN: Domain =
        Domain::interval(-3.0, 3.0).with_points(&[(2.0, 2.0, 0.0), (-0.5, -1.0, 0.0), (2.75, 2.0, 0.0)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.floor()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(0.0)
    }
}

/// y = the smallest integer from x on,  dy/dx = 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Ceil;

impl Unary for Ceil {
    const NAME: &'static str = "ceil";
    const NEEDS: Needs = Needs::NONE;
    const DOMAIN: Domain =
        Domain::interval(-3.0, 3.0).with_points(&[(2.0, 2.0, 0.0), (-1.5, -1.0, 0.0), (2.25, 3.0, 0.0)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.ceil()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(0.0)
    }
}

/// y = the integer nearest to x, of two the even one,  dy/dx = 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Round;

impl Unary for Round {
    const NAME: &'static str = "round";
    const NEEDS: Needs = Needs::NONE;
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.5, 0.0, 0.0),
        (1.5, 2.0, 0.0),
        (2.5, 2.0, 0.0),
        (-0.5, 0.0, 0.0),
        (-1.5, -2.0, 0.0),
        (-2.5, -2.0, 0.0),
        (2.25, 2.0, 0.0),
        (2.75, 3.0, 0.0),
        (-2.75, -3.0, 0.0),
        (3.5, 4.0, 0.0),
        (-3.5, -4.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        let (nearest, two) = (x.round(), F::of(2.0));
        if (x - x.trunc()).abs() == F::of(0.5) { (x / two).round() * two } else { nearest }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(0.0)
    }
}

/// y = x without what is behind the point,  dy/dx = 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Trunc;

impl Unary for Trunc {
    const NAME: &'static str = "trunc";
    const NEEDS: Needs = Needs::NONE;
    const DOMAIN: Domain =
        Domain::interval(-3.0, 3.0).with_points(&[(2.0, 2.0, 0.0), (-1.5, -1.0, 0.0), (2.75, 2.0, 0.0)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.trunc()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(0.0)
    }
}

/// y = a - b ⌊a / b⌋,  da = dy, db = -dy ⌊a / b⌋
#[derive(Clone, Debug, Default)]
pub(crate) struct Remainder;

impl Remainder {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for Remainder {
    const NAME: &'static str = "remainder";
    const COST: usize = 15;
    const NEEDS: [Needs; 2] = [Needs::NONE, Needs::input(0).and(Needs::input(1)).and(Needs::OUTPUT)];
    const DOMAINS: [Domain; 2] = [Domain::interval(-2.0, 2.0), Domain::interval(0.7, 1.5)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (5.0, 3.0, 2.0, [1.0, -1.0]),
        (-5.0, 3.0, 1.0, [1.0, 2.0]),
        (5.0, -3.0, -1.0, [1.0, 2.0]),
        (-5.0, -3.0, -2.0, [1.0, -1.0]),
        (4.0, 2.0, 0.0, [1.0, -2.0]),
        (4.0, -2.0, 0.0, [1.0, 2.0]),
        (1.0, -3.0, -2.0, [1.0, 1.0]),
        (-4.0, 2.0, 0.0, [1.0, 2.0]),
        (1.0, 0.1, 0.099_999_999_999_999_95, [1.0, -9.0]),
        (2.5, f64::INFINITY, 2.5, [1.0, 0.0]),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        let rest = a % b;
        if rest != F::zero() && (rest < F::zero()) != (b < F::zero()) { rest + b } else { rest }
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, y: &V) -> V {
        // The quotient that belongs to y: a / b itself may round to the next integer.
        if arg == 0 { y.lit(1.0) } else { ((y.clone() - a.clone()) / b.clone()).round() }
    }
}

impl Tensor {
    /// The largest integer up to each element.
    ///
    /// # Gradient
    /// Zero everywhere.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-0.5, 2.0]).floor().to_vec::<f32>(), [-1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn floor(&self) -> Tensor {
        apply(Floor, [self])
    }

    /// The smallest integer from each element on.
    ///
    /// # Gradient
    /// Zero everywhere.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.5, 2.1]).ceil().to_vec::<f32>(), [-1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn ceil(&self) -> Tensor {
        apply(Ceil, [self])
    }

    /// The nearest integer; from the middle of two to the even one, as in NumPy and PyTorch.
    ///
    /// # Gradient
    /// Zero everywhere.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.5, 1.5, 2.6]).round().to_vec::<f32>(), [0.0, 2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn round(&self) -> Tensor {
        apply(Round, [self])
    }

    /// Each element without what is behind the point.
    ///
    /// # Gradient
    /// Zero everywhere.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.5, 2.7]).trunc().to_vec::<f32>(), [-1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn trunc(&self) -> Tensor {
        apply(Trunc, [self])
    }

    /// The remainder of a division, with the sign of the divisor, as `%` in NumPy and PyTorch; both broadcast.
    ///
    /// `y = a - b ⌊a / b⌋`
    ///
    /// # Gradient
    /// `da = dy`, `db = -dy · ⌊a / b⌋`
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-5.0, 5.0]).remainder(3.0).to_vec::<f32>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn remainder<'a>(&self, other: impl Into<Operand<'a>>) -> Tensor {
        Remainder.of(self, &other.into().tensor(self.dtype()))
    }
}
