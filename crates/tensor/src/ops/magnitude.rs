//! Sizes of numbers: absolute value, sign, bounds, the larger and the smaller of two, and the hypotenuse.

use wengert_array::Float;

use crate::catalogue::catalogue;
use crate::{Algebra, Binary, Domain, Needs, Operand, Tensor, Unary, apply};

catalogue![Abs, Sign, Clamp, Maximum, Minimum, Hypot];

/// y = |x|,  dy/dx = sign x
#[derive(Clone, Debug, Default)]
pub(crate) struct Abs;

impl Unary for Abs {
    const NAME: &'static str = "abs";
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 0.0),
        (-0.0, 0.0, 0.0),
        (f64::NEG_INFINITY, f64::INFINITY, -1.0),
        (2.0, 2.0, 1.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.abs()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.sign()
    }
}

/// y = -1, 0 or 1 as x is below, at or above 0,  dy/dx = 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Sign;

impl Unary for Sign {
    const NAME: &'static str = "sign";
    const NEEDS: Needs = Needs::NONE;
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 0.0),
        (-1e-30, -1.0, 0.0),
        (f64::INFINITY, 1.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        sign(x)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(0.0)
    }
}

/// The sign of a number; NaN and zeros are their own.
#[inline(always)]
pub(crate) fn sign<F: Float>(x: F) -> F {
    if x > F::zero() {
        F::one()
    } else if x < F::zero() {
        -F::one()
    } else {
        x
    }
}

/// y = x within [low, high], else the nearer bound,  dy/dx = 1 within and at the bounds, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Clamp {
    /// The least value.
    low: f64,
    /// The largest value.
    high: f64,
}

impl Unary for Clamp {
    const NAME: &'static str = "clamp";
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0);

    fn value<F: Float>(&self, x: F) -> F {
        // NaN is neither lower nor higher: it passes.
        let (low, high) = (F::of(self.low), F::of(self.high));
        if x < low {
            low
        } else if x > high {
            high
        } else {
            x
        }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let (zero, one) = (x.lit(0.0), x.lit(1.0));
        let below_high = x.where_greater(&x.lit(self.high), zero.clone(), one);
        x.lit(self.low).where_greater(x, zero, below_high)
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        let Clamp { low, high } = *self;
        vec![
            (low, low, 1.0),
            (high, high, 1.0),
            (low - 1.0, low, 0.0),
            (high + 1.0, high, if high.is_finite() { 0.0 } else { 1.0 }),
        ]
    }

    fn variants() -> Vec<Self> {
        vec![
            Clamp { low: -1.0, high: 1.0 },
            Clamp { low: -0.5, high: f64::INFINITY },
            Clamp { low: 2.0, high: 2.0 },
        ]
    }
}

/// y = max(a, b),  da = dy where a > b, half of it where they tie; db the reverse
#[derive(Clone, Debug, Default)]
pub(crate) struct Maximum;

impl Maximum {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for Maximum {
    const NAME: &'static str = "maximum";
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::input(1)), Needs::input(0).and(Needs::input(1))];
    const DOMAINS: [Domain; 2] = [Domain::interval(-2.0, 2.0), Domain::interval(-2.0, 2.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (1.0, 1.0, 1.0, [0.5, 0.5]),
        (-0.0, 0.0, 0.0, [0.5, 0.5]),
        (f64::INFINITY, f64::INFINITY, f64::INFINITY, [0.5, 0.5]),
        (2.0, -3.0, 2.0, [1.0, 0.0]),
        (f64::NEG_INFINITY, 1.0, 1.0, [0.0, 1.0]),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        // NaN wins on either side.
        if a > b || a.is_nan() { a } else { b }
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, _y: &V) -> V {
        let (own, other) = if arg == 0 { (a, b) } else { (b, a) };
        let one_or_zero = own.where_greater(other, own.lit(1.0), own.lit(0.0));
        own.where_equal(other, own.lit(0.5), one_or_zero)
    }
}

/// y = min(a, b),  da = dy where a < b, half of it where they tie; db the reverse
#[derive(Clone, Debug, Default)]
pub(crate) struct Minimum;

impl Minimum {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for Minimum {
    const NAME: &'static str = "minimum";
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::input(1)), Needs::input(0).and(Needs::input(1))];
    const DOMAINS: [Domain; 2] = [Domain::interval(-2.0, 2.0), Domain::interval(-2.0, 2.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (1.0, 1.0, 1.0, [0.5, 0.5]),
        (-0.0, 0.0, 0.0, [0.5, 0.5]),
        (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, [0.5, 0.5]),
        (2.0, -3.0, -3.0, [0.0, 1.0]),
        (f64::NEG_INFINITY, 1.0, f64::NEG_INFINITY, [1.0, 0.0]),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        // NaN wins on either side.
        if a < b || a.is_nan() { a } else { b }
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, _y: &V) -> V {
        let (own, other) = if arg == 0 { (a, b) } else { (b, a) };
        let one_or_zero = other.where_greater(own, own.lit(1.0), own.lit(0.0));
        own.where_equal(other, own.lit(0.5), one_or_zero)
    }
}

/// y = √(a² + b²),  da = dy a / y, db = dy b / y, and 0 at the origin
#[derive(Clone, Debug, Default)]
pub(crate) struct Hypot;

impl Hypot {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for Hypot {
    const NAME: &'static str = "hypot";
    const COST: usize = 10;
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::input(1)).and(Needs::OUTPUT); 2];
    const DOMAINS: [Domain; 2] = [Domain::interval(0.3, 2.0), Domain::interval(-2.0, 2.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (0.0, 0.0, 0.0, [0.0, 0.0]),
        (3.0, 4.0, 5.0, [0.6, 0.8]),
        (0.0, -2.0, 2.0, [0.0, -1.0]),
        (
            1e200,
            1e200,
            1.414_213_562_373_095e200,
            [std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::FRAC_1_SQRT_2],
        ),
        (-3.0, 0.0, 3.0, [-1.0, 0.0]),
        (f64::INFINITY, 3.0, f64::INFINITY, [1.0, 0.0]),
        (3.0, f64::NEG_INFINITY, f64::INFINITY, [0.0, -1.0]),
        (
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::INFINITY,
            [std::f64::consts::FRAC_1_SQRT_2, -std::f64::consts::FRAC_1_SQRT_2],
        ),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        a.hypot(b)
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, y: &V) -> V {
        let (own, other) = if arg == 0 { (a, b) } else { (b, a) };
        // The limit, along the diagonal where both are infinite.
        let infinity = y.lit(f64::INFINITY);
        let share = y.lit(std::f64::consts::FRAC_1_SQRT_2);
        let limit = own.sign() * other.abs().where_equal(&infinity, share, y.lit(1.0));
        own.abs().where_equal(&infinity, limit, y.recip_or_zero().guarded_mul(own))
    }
}

impl Tensor {
    /// The absolute value of each element.
    ///
    /// # Gradient
    /// `dx = dy · sign x`; the derivative at 0 is 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 3.0]).abs().to_vec::<f32>(), [2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn abs(&self) -> Tensor {
        apply(Abs, [self])
    }

    /// -1, 0 or 1 as each element is below, at or above 0.
    ///
    /// # Gradient
    /// Zero everywhere: the sign is constant but for a jump.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 0.0, 3.0]).sign().to_vec::<f32>(), [-1.0, 0.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn sign(&self) -> Tensor {
        apply(Sign, [self])
    }

    /// Each element, but not below `low` nor above `high`; either may be infinite.
    ///
    /// # Gradient
    /// `dx = dy` where `low <= x <= high`, else 0. At the bounds the derivative is 1, as in PyTorch and TensorFlow.
    ///
    /// # Panics
    /// If `low > high`, or either is NaN.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 0.5, 3.0]).clamp(0.0, 1.0).to_vec::<f32>(), [0.0, 0.5, 1.0]);
    /// ```
    #[track_caller]
    pub fn clamp(&self, low: f64, high: f64) -> Tensor {
        assert!(low <= high, "clamp: the lower bound {low} is not below the upper bound {high}");
        apply(Clamp { low, high }, [self])
    }

    /// The larger of two tensors, element by element; both broadcast.
    ///
    /// # Gradient
    /// `da = dy` where `a > b`, and half of it where they tie; `db` the reverse.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 3.0]).maximum(2.0).to_vec::<f32>(), [2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn maximum<'a>(&self, other: impl Into<Operand<'a>>) -> Tensor {
        Maximum.of(self, &other.into().tensor(self.dtype()))
    }

    /// The smaller of two tensors, element by element; both broadcast.
    ///
    /// # Gradient
    /// `da = dy` where `a < b`, and half of it where they tie; `db` the reverse.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 3.0]).minimum(2.0).to_vec::<f32>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn minimum<'a>(&self, other: impl Into<Operand<'a>>) -> Tensor {
        Minimum.of(self, &other.into().tensor(self.dtype()))
    }

    /// `√(a² + b²)` without overflow, element by element; both broadcast.
    ///
    /// # Gradient
    /// `da = dy · a / y`, `db = dy · b / y`; both are 0 at the origin.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(3.0).hypot(4.0).item(), 5.0);
    /// ```
    #[track_caller]
    pub fn hypot<'a>(&self, other: impl Into<Operand<'a>>) -> Tensor {
        Hypot.of(self, &other.into().tensor(self.dtype()))
    }
}
