//! Trigonometric functions and their inverses. Angles are in radians.

use wengert_array::Float;

use crate::catalogue::catalogue;
use crate::{Algebra, Binary, Domain, Needs, Operand, Tensor, Unary, apply};

catalogue![Sin, Cos, Tan, Asin, Acos, Atan, Atan2];

/// y = sin x,  dy/dx = cos x
#[derive(Clone, Debug, Default)]
pub(crate) struct Sin;

impl Unary for Sin {
    const NAME: &'static str = "sin";
    const COST: usize = 20;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0)
        .with_points(&[(0.0, 0.0, 1.0), (100.0, -0.506_365_641_109_758_8, 0.862_318_872_287_683_9)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.sin()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.cos()
    }
}

/// y = cos x,  dy/dx = -sin x
#[derive(Clone, Debug, Default)]
pub(crate) struct Cos;

impl Unary for Cos {
    const NAME: &'static str = "cos";
    const COST: usize = 20;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0)
        .with_points(&[(0.0, 1.0, 0.0), (100.0, 0.862_318_872_287_683_9, 0.506_365_641_109_758_8)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.cos()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        -x.sin()
    }
}

/// y = tan x,  dy/dx = 1 + y²
#[derive(Clone, Debug, Default)]
pub(crate) struct Tan;

impl Unary for Tan {
    const NAME: &'static str = "tan";
    const COST: usize = 30;
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain = Domain::interval(-1.2, 1.2)
        .with_points(&[(0.0, 0.0, 1.0), (100.0, -0.587_213_915_156_929_1, 1.344_820_182_153_929_2)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.tan()
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.lit(1.0) + y.square()
    }
}

/// y = arcsin x,  dy/dx = 1 / √(1 - x²)
#[derive(Clone, Debug, Default)]
pub(crate) struct Asin;

impl Unary for Asin {
    const NAME: &'static str = "asin";
    const COST: usize = 20;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-0.9, 0.9).with_points(&[
        (0.0, 0.0, 1.0),
        (1.0, std::f64::consts::FRAC_PI_2, f64::INFINITY),
        (-1.0, -std::f64::consts::FRAC_PI_2, f64::INFINITY),
        (0.6, 0.643_501_108_793_284_4, 1.25),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.asin()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let one = x.lit(1.0);
        one.clone() / ((one.clone() - x.clone()) * (one + x.clone())).sqrt()
    }
}

/// y = arccos x,  dy/dx = -1 / √(1 - x²)
#[derive(Clone, Debug, Default)]
pub(crate) struct Acos;

impl Unary for Acos {
    const NAME: &'static str = "acos";
    const COST: usize = 20;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-0.9, 0.9).with_points(&[
        (0.0, std::f64::consts::FRAC_PI_2, -1.0),
        (1.0, 0.0, f64::NEG_INFINITY),
        (-1.0, std::f64::consts::PI, f64::NEG_INFINITY),
        (0.6, 0.927_295_218_001_612_3, -1.25),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.acos()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let one = x.lit(1.0);
        -one.clone() / ((one.clone() - x.clone()) * (one + x.clone())).sqrt()
    }
}

/// y = arctan x,  dy/dx = 1 / (1 + x²)
#[derive(Clone, Debug, Default)]
pub(crate) struct Atan;

impl Unary for Atan {
    const NAME: &'static str = "atan";
    const COST: usize = 20;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 1.0),
        (1.0, std::f64::consts::FRAC_PI_4, 0.5),
        (f64::INFINITY, std::f64::consts::FRAC_PI_2, 0.0),
        (f64::NEG_INFINITY, -std::f64::consts::FRAC_PI_2, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.atan()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(1.0) / (x.lit(1.0) + x.square())
    }
}

/// y = the angle of the point (b, a),  da = dy b / (a² + b²), db = -dy a / (a² + b²), and 0 at the origin
#[derive(Clone, Debug, Default)]
pub(crate) struct Atan2;

impl Atan2 {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for Atan2 {
    const NAME: &'static str = "atan2";
    const COST: usize = 40;
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::input(1)), Needs::input(0).and(Needs::input(1))];
    const DOMAINS: [Domain; 2] = [Domain::interval(-2.0, 2.0), Domain::interval(0.5, 2.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (0.0, 0.0, 0.0, [0.0, 0.0]),
        (1.0, 0.0, std::f64::consts::FRAC_PI_2, [0.0, -1.0]),
        (0.0, -1.0, std::f64::consts::PI, [-1.0, 0.0]),
        (-1.0, 0.0, -std::f64::consts::FRAC_PI_2, [0.0, 1.0]),
        (0.0, 2.0, 0.0, [0.5, 0.0]),
        (-1.0, -1.0, -2.356_194_490_192_345, [-0.5, 0.5]),
        (0.0, 1e-150, 0.0, [1e150, 0.0]),
        (f64::INFINITY, 1.0, std::f64::consts::FRAC_PI_2, [0.0, 0.0]),
        (1.0, f64::INFINITY, 0.0, [0.0, 0.0]),
        (1e200, 0.0, std::f64::consts::FRAC_PI_2, [0.0, -1e-200]),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        a.atan2(b)
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, _y: &V) -> V {
        let per_length = a.hypot(b).recip_or_zero();
        let direction = if arg == 0 { per_length.guarded_mul(b) } else { -per_length.guarded_mul(a) };
        direction * per_length
    }
}

impl Tensor {
    /// The sine of each element.
    ///
    /// # Gradient
    /// `dx = dy · cos x`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).sin().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn sin(&self) -> Tensor {
        apply(Sin, [self])
    }

    /// The cosine of each element.
    ///
    /// # Gradient
    /// `dx = -dy · sin x`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).cos().item(), 1.0);
    /// ```
    #[track_caller]
    pub fn cos(&self) -> Tensor {
        apply(Cos, [self])
    }

    /// The tangent of each element.
    ///
    /// # Gradient
    /// `dx = dy · (1 + y²)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).tan().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn tan(&self) -> Tensor {
        apply(Tan, [self])
    }

    /// The angle from -π/2 to π/2 whose sine each element is; NaN outside [-1, 1].
    ///
    /// # Gradient
    /// `dx = dy / √(1 - x²)`, infinite at -1 and 1.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).asin().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn asin(&self) -> Tensor {
        apply(Asin, [self])
    }

    /// The angle from 0 to π whose cosine each element is; NaN outside [-1, 1].
    ///
    /// # Gradient
    /// `dx = -dy / √(1 - x²)`, infinite at -1 and 1.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(1.0).acos().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn acos(&self) -> Tensor {
        apply(Acos, [self])
    }

    /// The angle from -π/2 to π/2 whose tangent each element is.
    ///
    /// # Gradient
    /// `dx = dy / (1 + x²)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).atan().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn atan(&self) -> Tensor {
        apply(Atan, [self])
    }

    /// The angle from -π to π of the point `(x, y)`, with `y` in `self`; both broadcast.
    ///
    /// # Gradient
    /// `dy · x / (x² + y²)` for `self`, `-dy · y / (x² + y²)` for `x`; both are 0 at the origin.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let (y, x) = (Tensor::from([0.0, 1.0]), Tensor::from([1.0, 0.0]));
    /// assert_eq!(y.atan2(&x).to_vec::<f32>(), [0.0, std::f32::consts::FRAC_PI_2]);
    /// ```
    #[track_caller]
    pub fn atan2<'a>(&self, x: impl Into<Operand<'a>>) -> Tensor {
        Atan2.of(self, &x.into().tensor(self.dtype()))
    }
}
