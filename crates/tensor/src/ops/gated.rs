//! Activation functions that multiply their argument by a gate: SiLU, GELU, Mish and the gated linear unit.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use wengert_array::{Array, Float, Mismatch};

use crate::algebra::guarded_product;
use crate::catalogue::catalogue;
use crate::ops::activation::softplus;
use crate::tensor::resolve_axis;
use crate::{Algebra, Composite, Domain, Needs, Sample, Tensor, Unary, apply};

catalogue![Silu, Mish, Gelu, GeluTanh, Glu];

/// y = x σ(x),  dy/dx = σ(x) (1 + x σ(-x))
#[derive(Clone, Debug, Default)]
pub(crate) struct Silu;

impl Unary for Silu {
    const NAME: &'static str = "silu";
    const COST: usize = 8;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-4.0, 4.0).with_points(&[
        (0.0, 0.0, 0.5),
        (1000.0, 1000.0, 1.0),
        (-1000.0, 0.0, 0.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (f64::INFINITY, f64::INFINITY, 1.0),
        (-30.0, -2.807_286_890_651_789_6e-12, -2.713_710_660_963_134e-12),
        (2.0, 1.761_594_155_955_764_9, 1.090_784_248_784_895_5),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        guarded_product(Algebra::sigmoid(&x), x)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let slope = x.lit(1.0) + (-x.clone()).sigmoid().guarded_mul(x);
        x.sigmoid().guarded_mul(&slope)
    }
}

/// y = x tanh(ln(1 + eˣ)),  dy/dx = ω + x (1 - ω²) σ(x), where y = x ω
#[derive(Clone, Debug, Default)]
pub(crate) struct Mish;

impl Unary for Mish {
    const NAME: &'static str = "mish";
    const COST: usize = 90;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-4.0, 4.0).with_points(&[
        (0.0, 0.0, 0.6),
        (1000.0, 1000.0, 1.0),
        (-1000.0, 0.0, 0.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (f64::INFINITY, f64::INFINITY, 1.0),
        (-30.0, -2.807_286_890_651_921e-12, -2.713_710_660_963_392e-12),
        (2.0, 1.943_958_959_533_994_6, 1.069_317_934_279_489_6),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        guarded_product(softplus(x).tanh(), x)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let gate = x.softplus().tanh();
        let growth = (x.lit(1.0) - gate.square()) * x.sigmoid();
        gate + growth.guarded_mul(x)
    }
}

/// y = x Φ(x),  dy/dx = Φ(x) + x φ(x), where φ and Φ are density and distribution of the standard normal
#[derive(Clone, Debug, Default)]
pub(crate) struct Gelu;

impl Unary for Gelu {
    const NAME: &'static str = "gelu";
    const COST: usize = 50;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-4.0, 4.0).with_points(&[
        (0.0, 0.0, 0.5),
        (1000.0, 1000.0, 1.0),
        (-1000.0, 0.0, 0.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (f64::INFINITY, f64::INFINITY, 1.0),
        (-8.0, -4.976_768_459_417_427e-15, -3.979_607_261_086_796e-14),
        (1.0, 0.841_344_746_068_542_9, 1.083_315_470_587_686_4),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        let distribution = F::of(0.5) * (-x * F::of(FRAC_1_SQRT_2)).erfc();
        guarded_product(distribution, x)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let distribution = x.lit(0.5) * (x.lit(-FRAC_1_SQRT_2) * x.clone()).erfc();
        let density = x.lit(0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2) * (x.lit(-0.5) * x.square()).exp();
        distribution + density.guarded_mul(x)
    }
}

/// y = x σ(2 u), u = √(2/π) (x + 0.044715 x³),  dy/dx = σ(2 u) + 2 x u' σ(2 u) σ(-2 u)
#[derive(Clone, Debug, Default)]
pub(crate) struct GeluTanh;

impl Unary for GeluTanh {
    const NAME: &'static str = "gelu_tanh";
    const COST: usize = 12;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-4.0, 4.0).with_points(&[
        (0.0, 0.0, 0.5),
        (1000.0, 1000.0, 1.0),
        (-1000.0, 0.0, 0.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (f64::INFINITY, f64::INFINITY, 1.0),
        (1e200, 1e200, 1.0),
        (-1e200, 0.0, 0.0),
        (-5.0, -2.291_796_196_629_506e-7, -1.546_361_987_532_594_6e-6),
        (1.0, 0.841_191_990_608_276_7, 1.082_964_083_845_782_6),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        // ½ (1 + tanh u) is σ(2 u), which keeps its digits far below 0.
        let inner = F::of(GELU_SCALE) * (x + F::of(GELU_CUBIC) * x * x * x);
        guarded_product(Algebra::sigmoid(&(inner + inner)), x)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let cubic = x.lit(GELU_CUBIC) * x.square();
        let inner = x.lit(2.0 * GELU_SCALE) * x.clone() * (x.lit(1.0) + cubic.clone());
        let growth = x.lit(2.0 * GELU_SCALE) * (x.lit(1.0) + x.lit(3.0) * cubic) * x.clone();
        let gate = inner.sigmoid();
        let curve = gate.clone() * (-inner).sigmoid();
        // Further out the gate is 0 or 1, and the cubic would overflow in the next derivative.
        let is_open = x.is_positive();
        x.abs().where_greater(&x.lit(GELU_OPEN), is_open, gate + curve.guarded_mul(&growth))
    }
}

/// √(2/π), and the coefficient that Hendrycks and Gimpel found.
const GELU_SCALE: f64 = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
const GELU_CUBIC: f64 = 0.044_715;

/// From here on `exp(-2 |u|)` is 0 in `f64` too.
const GELU_OPEN: f64 = 30.0;

/// y = a σ(b) for the halves a and b along an axis,  by the derivatives of its parts
#[derive(Clone, Debug)]
pub(crate) struct Glu {
    axis: isize,
}

impl Composite<1> for Glu {
    const NAME: &'static str = "glu";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        let axis = resolve_axis("glu", self.axis, x.shape());
        let size = x.shape()[axis];
        if !size.is_multiple_of(2) {
            let mismatch = Mismatch::new(format!("axis {axis} has no halves")).row("given", x.shape());
            panic!("{}", mismatch.note(format!("size {size} is odd")).report("glu"));
        }
        let (axis, half) = (axis as isize, size / 2);
        x.slice(axis, ..half) * x.slice(axis, half..).sigmoid()
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |axis: isize, shape: &[usize]| Sample::random(Glu { axis }, [shape]);
        let row = |x: [f64; 4]| Sample::new(Glu { axis: 0 }, [Array::from_vec(x.to_vec(), [4])]);
        vec![
            row([3.0, -2.0, 0.0, 0.0]).gives(&[1.5, -1.0]),
            row([3.0, 5.0, 1000.0, -1000.0]).gives(&[3.0, 0.0]).with_derivatives([&[1.0, 0.0, 0.0, 0.0]]),
            row([0.0; 4]).gives(&[0.0; 2]).with_derivatives([&[0.5, 0.5, 0.0, 0.0]]),
            row([1.0; 4]),
            of(0, &[2]),
            of(-1, &[6]),
            of(0, &[0]),
            of(-1, &[2, 0]),
            of(-1, &[0, 4]),
            of(0, &[0, 4]),
            of(0, &[2, 1]),
            of(1, &[1, 2]),
            of(0, &[4, 3]),
            of(1, &[3, 4]),
            of(-1, &[1, 1, 2]),
            of(0, &[2, 3, 5]),
            of(1, &[3, 2, 5]),
            of(2, &[2, 3, 8]),
            of(-2, &[2, 6, 3]),
            of(-1, &[1, 300]),
            of(0, &[10, 7]),
            Sample::fails(Glu { axis: 0 }, [&[3, 2]], "glu: axis 0 has no halves"),
            Sample::timed(Glu { axis: -1 }, [&[128, 1024]]),
        ]
    }
}

impl Tensor {
    /// `x · σ(x)` of each element, also known as swish.
    ///
    /// # Gradient
    /// `dx = dy · σ(x) (1 + x σ(-x))`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1000.0, 0.0, 1000.0]).silu().to_vec::<f32>(), [0.0, 0.0, 1000.0]);
    /// ```
    #[track_caller]
    pub fn silu(&self) -> Tensor {
        apply(Silu, [self])
    }

    /// `x · tanh(softplus(x))` of each element.
    ///
    /// # Gradient
    /// `dx = dy · (ω + x (1 - ω²) σ(x))`, where `ω = tanh(softplus(x))`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1000.0, 0.0, 1000.0]).mish().to_vec::<f32>(), [0.0, 0.0, 1000.0]);
    /// ```
    #[track_caller]
    pub fn mish(&self) -> Tensor {
        apply(Mish, [self])
    }

    /// The Gaussian error linear unit `x · Φ(x)`, where `Φ` is the distribution function of the standard normal.
    ///
    /// # Gradient
    /// `dx = dy · (Φ(x) + x φ(x))`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert!((Tensor::from(1.0).gelu().item() - 0.841_344_7).abs() < 1e-6);
    /// ```
    #[track_caller]
    pub fn gelu(&self) -> Tensor {
        apply(Gelu, [self])
    }

    /// The approximation `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))` of [`gelu`](Tensor::gelu), as in GPT-2.
    ///
    /// # Gradient
    /// `dx = dy · (σ(2 u) + 2 x u' σ(2 u) σ(-2 u))`, where `u` is the argument of `tanh`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert!((Tensor::from(1.0).gelu_tanh().item() - 0.841_192).abs() < 1e-6);
    /// ```
    #[track_caller]
    pub fn gelu_tanh(&self) -> Tensor {
        apply(GeluTanh, [self])
    }

    /// The gated linear unit: one half along an axis, times the logistic function of the other.
    ///
    /// `y = a · σ(b)`
    ///
    /// # Shape
    /// The axis comes out half as long.
    ///
    /// # Gradient
    /// `da = dy · σ(b)`, `db = dy · a σ(b) σ(-b)`
    ///
    /// # Panics
    /// If the axis does not exist, or its size is odd.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([3.0, -2.0, 0.0, 0.0]).glu(-1).to_vec::<f32>(), [1.5, -1.0]);
    /// ```
    ///
    /// # References
    /// Dauphin, Fan, Auli, Grangier, Language Modeling with Gated Convolutional Networks, 2017.
    #[track_caller]
    pub fn glu(&self, axis: isize) -> Tensor {
        Glu { axis }.value([self])
    }
}
