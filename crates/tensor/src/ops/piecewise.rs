//! Activation functions made of straight pieces, and shrinking.

use wengert_array::Float;

use crate::algebra::guarded_product;
use crate::catalogue::catalogue;
use crate::{Algebra, Domain, Needs, Tensor, Unary, apply};

catalogue![HardSigmoid, HardSilu, HardTanh, SparsePlus, SparseSigmoid, SoftShrink, HardShrink, TanhShrink];

/// y = min(max(x + 3, 0), 6) / 6,  dy/dx = 1/6 where -3 < x < 3, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct HardSigmoid;

impl Unary for HardSigmoid {
    const NAME: &'static str = "hard_sigmoid";
    const COST: usize = 4;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-5.0, 5.0).with_points(&[
        (0.0, 0.5, 0.166_666_666_666_666_66),
        (-3.0, 0.0, 0.0),
        (3.0, 1.0, 0.0),
        (-1000.0, 0.0, 0.0),
        (f64::INFINITY, 1.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        let shifted = x + F::of(3.0);
        clamp(shifted, 0.0, 6.0) / F::of(6.0)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        inside(x, 3.0) * x.lit(1.0 / 6.0)
    }
}

/// `x` within bounds; NaN is neither lower nor higher: it passes.
#[inline(always)]
fn clamp<F: Float>(x: F, low: f64, high: f64) -> F {
    let (low, high) = (F::of(low), F::of(high));
    if x < low {
        low
    } else if x > high {
        high
    } else {
        x
    }
}

/// 1 where `|x| < bound`, else 0.
fn inside<V: Algebra>(x: &V, bound: f64) -> V {
    (x.lit(bound) - x.abs()).is_positive()
}

/// 1 where `|x| > bound`, else 0.
fn outside<V: Algebra>(x: &V, bound: f64) -> V {
    (x.abs() - x.lit(bound)).is_positive()
}

/// y = x min(max(x + 3, 0), 6) / 6,  dy/dx = (2 x + 3) / 6 where -3 < x < 3, else 0 below and 1 above
#[derive(Clone, Debug, Default)]
pub(crate) struct HardSilu;

impl Unary for HardSilu {
    const NAME: &'static str = "hard_silu";
    const COST: usize = 5;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-5.0, 5.0).with_points(&[
        (0.0, 0.0, 0.5),
        (-3.0, 0.0, 0.0),
        (3.0, 3.0, 1.0),
        (-1000.0, 0.0, 0.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (1000.0, 1000.0, 1.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        guarded_product(HardSigmoid.value(x), x)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let (low, high) = (x.lit(-3.0), x.lit(3.0));
        let between = (x.lit(2.0) * x.clone() + high.clone()) / x.lit(6.0);
        high.where_greater(x, x.where_greater(&low, between, x.lit(0.0)), x.lit(1.0))
    }
}

/// y = min(max(x, -1), 1),  dy/dx = 1 where -1 < x < 1, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct HardTanh;

impl Unary for HardTanh {
    const NAME: &'static str = "hard_tanh";
    const COST: usize = 2;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 1.0),
        (-1.0, -1.0, 0.0),
        (1.0, 1.0, 0.0),
        (1e30, 1.0, 0.0),
        (f64::NEG_INFINITY, -1.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        clamp(x, -1.0, 1.0)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        inside(x, 1.0)
    }
}

/// y = 0 below -1, x above 1, else (x + 1)² / 4,  dy/dx = 0, 1, else (x + 1) / 2
#[derive(Clone, Debug, Default)]
pub(crate) struct SparsePlus;

impl Unary for SparsePlus {
    const NAME: &'static str = "sparse_plus";
    const COST: usize = 4;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.25, 0.5),
        (-1.0, 0.0, 0.0),
        (1.0, 1.0, 1.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
        (f64::INFINITY, f64::INFINITY, 1.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        let half = (clamp(x, -1.0, 1.0) + F::one()) / F::of(2.0);
        if x > F::one() { x } else { half * half }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        let half = (x.clone() + x.lit(1.0)) / x.lit(2.0);
        let below_one = x.where_greater(&x.lit(-1.0), half, x.lit(0.0));
        x.where_greater(&x.lit(1.0), x.lit(1.0), below_one)
    }
}

/// y = min(max((x + 1) / 2, 0), 1),  dy/dx = ½ where -1 < x < 1, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct SparseSigmoid;

impl Unary for SparseSigmoid {
    const NAME: &'static str = "sparse_sigmoid";
    const COST: usize = 3;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.5, 0.5),
        (-1.0, 0.0, 0.0),
        (1.0, 1.0, 0.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        (clamp(x, -1.0, 1.0) + F::one()) / F::of(2.0)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        inside(x, 1.0) * x.lit(0.5)
    }
}

/// y = x - λ above λ, x + λ below -λ, else 0,  dy/dx = 1 where |x| > λ, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct SoftShrink {
    /// λ
    lambda: f64,
}

impl Unary for SoftShrink {
    const NAME: &'static str = "soft_shrink";
    const COST: usize = 3;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0);

    fn value<F: Float>(&self, x: F) -> F {
        x - clamp(x, -self.lambda, self.lambda)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        outside(x, self.lambda)
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        let lambda = self.lambda;
        vec![
            (0.0, 0.0, 0.0),
            (lambda, 0.0, 0.0),
            (-lambda, 0.0, 0.0),
            (4.0, 4.0 - lambda, 1.0),
            (-4.0, lambda - 4.0, 1.0),
        ]
    }

    fn variants() -> Vec<Self> {
        [0.5, 1.5].map(|lambda| SoftShrink { lambda }).to_vec()
    }
}

/// y = x where |x| > λ, else 0,  dy/dx = 1 where |x| > λ, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct HardShrink {
    /// λ
    lambda: f64,
}

impl Unary for HardShrink {
    const NAME: &'static str = "hard_shrink";
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0);

    fn value<F: Float>(&self, x: F) -> F {
        if x.abs() <= F::of(self.lambda) { F::zero() } else { x }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        outside(x, self.lambda)
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        let lambda = self.lambda;
        vec![(0.0, 0.0, 0.0), (lambda, 0.0, 0.0), (-lambda, 0.0, 0.0), (4.0, 4.0, 1.0), (-4.0, -4.0, 1.0)]
    }

    fn variants() -> Vec<Self> {
        [0.5, 1.5].map(|lambda| HardShrink { lambda }).to_vec()
    }
}

/// y = x - tanh x,  dy/dx = tanh² x
#[derive(Clone, Debug, Default)]
pub(crate) struct TanhShrink;

impl Unary for TanhShrink {
    const NAME: &'static str = "tanh_shrink";
    const COST: usize = 30;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 0.0),
        (40.0, 39.0, 1.0),
        (-1000.0, -999.0, 1.0),
        (f64::INFINITY, f64::INFINITY, 1.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x - x.tanh()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.tanh().square()
    }
}

impl Tensor {
    /// A logistic function of straight pieces: `min(max(x + 3, 0), 6) / 6`, as in Keras 3 and PyTorch.
    ///
    /// # Gradient
    /// `dx = dy / 6` where `-3 < x < 3`, else 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-4.0, 0.0, 3.0]).hard_sigmoid().to_vec::<f32>(), [0.0, 0.5, 1.0]);
    /// ```
    #[track_caller]
    pub fn hard_sigmoid(&self) -> Tensor {
        apply(HardSigmoid, [self])
    }

    /// `x · hard_sigmoid(x)` of each element, also known as hard swish.
    ///
    /// # Gradient
    /// `dx = dy · (2 x + 3) / 6` where `-3 < x < 3`; 0 from -3 down, `dy` from 3 up.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-4.0, 0.0, 5.0]).hard_silu().to_vec::<f32>(), [0.0, 0.0, 5.0]);
    /// ```
    #[track_caller]
    pub fn hard_silu(&self) -> Tensor {
        apply(HardSilu, [self])
    }

    /// A hyperbolic tangent of straight pieces: `min(max(x, -1), 1)`.
    ///
    /// # Gradient
    /// `dx = dy` where `-1 < x < 1`, else 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-4.0, 0.5, 3.0]).hard_tanh().to_vec::<f32>(), [-1.0, 0.5, 1.0]);
    /// ```
    #[track_caller]
    pub fn hard_tanh(&self) -> Tensor {
        apply(HardTanh, [self])
    }

    /// 0 below -1, `x` above 1, and `(x + 1)² / 4` between them, as in Keras.
    ///
    /// # Gradient
    /// `dx` is 0, `dy`, and `dy · (x + 1) / 2` there.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 0.0, 2.0]).sparse_plus().to_vec::<f32>(), [0.0, 0.25, 2.0]);
    /// ```
    #[track_caller]
    pub fn sparse_plus(&self) -> Tensor {
        apply(SparsePlus, [self])
    }

    /// 0 below -1, 1 above 1, and `(x + 1) / 2` between them, as in Keras.
    ///
    /// # Gradient
    /// `dx = dy / 2` where `-1 < x < 1`, else 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 0.5, 2.0]).sparse_sigmoid().to_vec::<f32>(), [0.0, 0.75, 1.0]);
    /// ```
    #[track_caller]
    pub fn sparse_sigmoid(&self) -> Tensor {
        apply(SparseSigmoid, [self])
    }

    /// Each element, nearer to 0 by `lambda`, and 0 where it would cross it. The usual `lambda` is ½.
    ///
    /// # Gradient
    /// `dx = dy` where `|x| > lambda`, else 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 0.3, 1.0]).soft_shrink(0.5).to_vec::<f32>(), [-1.5, 0.0, 0.5]);
    /// ```
    #[track_caller]
    pub fn soft_shrink(&self, lambda: f64) -> Tensor {
        apply(SoftShrink { lambda }, [self])
    }

    /// Each element, but 0 where `|x| <= lambda`. The usual `lambda` is ½.
    ///
    /// # Gradient
    /// `dx = dy` where `|x| > lambda`, else 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 0.3, 1.0]).hard_shrink(0.5).to_vec::<f32>(), [-2.0, 0.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn hard_shrink(&self, lambda: f64) -> Tensor {
        apply(HardShrink { lambda }, [self])
    }

    /// `x - tanh x` of each element.
    ///
    /// # Gradient
    /// `dx = dy · tanh² x`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0, 40.0]).tanh_shrink().to_vec::<f32>(), [0.0, 39.0]);
    /// ```
    #[track_caller]
    pub fn tanh_shrink(&self) -> Tensor {
        apply(TanhShrink, [self])
    }
}
