//! Exponentials and logarithms.

use wengert_array::{Float, elementary};

use crate::catalogue::catalogue;
use crate::{Algebra, Binary, Domain, Needs, Operand, Tensor, Unary, apply};

catalogue![Exp, Exp2, Expm1, Ln, Ln1p, Log2, Log10, Logaddexp];

/// y = eˣ,  dy/dx = y
#[derive(Clone, Debug, Default)]
pub(crate) struct Exp;

impl Unary for Exp {
    const NAME: &'static str = "exp";
    const COST: usize = 4;
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 1.0, 1.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (1000.0, f64::INFINITY, f64::INFINITY),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        elementary::exp(x)
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.clone()
    }
}

/// y = 2ˣ,  dy/dx = y ln 2
#[derive(Clone, Debug, Default)]
pub(crate) struct Exp2;

impl Unary for Exp2 {
    const NAME: &'static str = "exp2";
    const COST: usize = 15;
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 1.0, std::f64::consts::LN_2),
        (3.0, 8.0, 5.545_177_444_479_562),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (2000.0, f64::INFINITY, f64::INFINITY),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.exp2()
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.lit(std::f64::consts::LN_2) * y.clone()
    }
}

/// y = eˣ - 1,  dy/dx = eˣ
#[derive(Clone, Debug, Default)]
pub(crate) struct Expm1;

impl Unary for Expm1 {
    const NAME: &'static str = "expm1";
    const COST: usize = 20;
    // Not the output: y + 1 has lost its digits where x is far below 0.
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 1.0),
        (-1000.0, -1.0, 0.0),
        (1e-10, 1.000_000_000_05e-10, 1.000_000_000_1),
        (1000.0, f64::INFINITY, f64::INFINITY),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.exp_m1()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.exp()
    }
}

/// y = ln x,  dy/dx = 1 / x
#[derive(Clone, Debug, Default)]
pub(crate) struct Ln;

impl Unary for Ln {
    const NAME: &'static str = "ln";
    const COST: usize = 10;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain =
        Domain::interval(0.1, 3.0).with_points(&[(1.0, 0.0, 1.0), (0.0, f64::NEG_INFINITY, f64::INFINITY)]);

    fn value<F: Float>(&self, x: F) -> F {
        elementary::ln(x)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(1.0) / x.clone()
    }
}

/// y = ln(1 + x),  dy/dx = 1 / (1 + x)
#[derive(Clone, Debug, Default)]
pub(crate) struct Ln1p;

impl Unary for Ln1p {
    const NAME: &'static str = "ln_1p";
    const COST: usize = 20;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-0.7, 3.0).with_points(&[
        (0.0, 0.0, 1.0),
        (-1.0, f64::NEG_INFINITY, f64::INFINITY),
        (1e-10, 9.999_999_999_5e-11, 0.999_999_999_9),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.ln_1p()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(1.0) / (x.lit(1.0) + x.clone())
    }
}

/// y = log₂ x,  dy/dx = 1 / (x ln 2)
#[derive(Clone, Debug, Default)]
pub(crate) struct Log2;

impl Unary for Log2 {
    const NAME: &'static str = "log2";
    const COST: usize = 15;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(0.3, 3.0).with_points(&[
        (8.0, 3.0, 0.180_336_880_111_120_42),
        (0.25, -2.0, 5.770_780_163_555_853_5),
        (0.0, f64::NEG_INFINITY, f64::INFINITY),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.log2()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(std::f64::consts::LOG2_E) / x.clone()
    }
}

/// y = log₁₀ x,  dy/dx = 1 / (x ln 10)
#[derive(Clone, Debug, Default)]
pub(crate) struct Log10;

impl Unary for Log10 {
    const NAME: &'static str = "log10";
    const COST: usize = 15;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(0.3, 3.0).with_points(&[
        (1000.0, 3.0, 0.000_434_294_481_903_251_84),
        (1.0, 0.0, std::f64::consts::LOG10_E),
        (0.0, f64::NEG_INFINITY, f64::INFINITY),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.log10()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(std::f64::consts::LOG10_E) / x.clone()
    }
}

/// y = ln(eᵃ + eᵇ),  da = dy σ(a - b), db = dy σ(b - a), and 0 where y is minus infinity; two infinities share equally
#[derive(Clone, Debug, Default)]
pub(crate) struct Logaddexp;

impl Logaddexp {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for Logaddexp {
    const NAME: &'static str = "logaddexp";
    const COST: usize = 40;
    const NEEDS: [Needs; 2] = [
        Needs::input(0).and(Needs::input(1)).and(Needs::OUTPUT),
        Needs::input(0).and(Needs::input(1)).and(Needs::OUTPUT),
    ];
    const DOMAINS: [Domain; 2] = [Domain::interval(-2.0, 2.0), Domain::interval(-2.0, 2.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, [0.0, 0.0]),
        (f64::NEG_INFINITY, 0.0, 0.0, [0.0, 1.0]),
        (0.0, f64::NEG_INFINITY, 0.0, [1.0, 0.0]),
        (1000.0, 1000.0, 1_000.693_147_180_559_9, [0.5, 0.5]),
        (1000.0, -1000.0, 1000.0, [1.0, 0.0]),
        (f64::INFINITY, 0.0, f64::INFINITY, [1.0, 0.0]),
        (f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY, [0.0, 1.0]),
        (f64::INFINITY, f64::INFINITY, f64::INFINITY, [0.5, 0.5]),
        (-10_000.0, -10_000.0, -9_999.306_852_819_44, [0.5, 0.5]),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        // Also for two infinities, whose difference is NaN.
        if low == high { high + F::of(std::f64::consts::LN_2) } else { high + (low - high).exp().ln_1p() }
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, y: &V) -> V {
        let (own, other) = if arg == 0 { (a, b) } else { (b, a) };
        let slope = (own.clone() - other.clone()).sigmoid();
        // The difference of two infinities is NaN.
        let infinity = y.lit(f64::INFINITY);
        let share = other.where_equal(&infinity, y.lit(0.5), y.lit(1.0));
        let slope = own.where_equal(&infinity, share, slope);
        y.where_equal(&y.lit(f64::NEG_INFINITY), y.lit(0.0), slope)
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

    /// 2 to the power of each element.
    ///
    /// # Gradient
    /// `dx = dy · y ln 2`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(3.0).exp2().item(), 8.0);
    /// ```
    #[track_caller]
    pub fn exp2(&self) -> Tensor {
        apply(Exp2, [self])
    }

    /// `eˣ - 1` of each element, accurate near 0.
    ///
    /// # Gradient
    /// `dx = dy · eˣ`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(1e-20).expm1().to_vec::<f32>(), [1e-20]);
    /// ```
    #[track_caller]
    pub fn expm1(&self) -> Tensor {
        apply(Expm1, [self])
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

    /// `ln(1 + x)` of each element, accurate near 0.
    ///
    /// # Gradient
    /// `dx = dy / (1 + x)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(1e-20).ln_1p().to_vec::<f32>(), [1e-20]);
    /// ```
    #[track_caller]
    pub fn ln_1p(&self) -> Tensor {
        apply(Ln1p, [self])
    }

    /// The logarithm to base 2 of each element.
    ///
    /// # Gradient
    /// `dx = dy / (x ln 2)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(8.0).log2().item(), 3.0);
    /// ```
    #[track_caller]
    pub fn log2(&self) -> Tensor {
        apply(Log2, [self])
    }

    /// The logarithm to base 10 of each element.
    ///
    /// # Gradient
    /// `dx = dy / (x ln 10)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(100.0).log10().item(), 2.0);
    /// ```
    #[track_caller]
    pub fn log10(&self) -> Tensor {
        apply(Log10, [self])
    }

    /// `ln(eᵃ + eᵇ)` without overflow, element by element; both broadcast. Minus infinity is the logarithm of nothing.
    ///
    /// # Gradient
    /// `da = dy · σ(a - b)`, `db = dy · σ(b - a)`; both are 0 where both operands are minus infinity.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([1000.0, f32::NEG_INFINITY]).logaddexp(0.0);
    /// assert_eq!(x.to_vec::<f32>(), [1000.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn logaddexp<'a>(&self, other: impl Into<Operand<'a>>) -> Tensor {
        Logaddexp.of(self, &other.into().tensor(self.dtype()))
    }
}
