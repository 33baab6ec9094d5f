//! Rectifiers: linear functions with a kink at 0 and their kin.

use wengert_array::Float;

use crate::catalogue::catalogue;
use crate::{Algebra, Binary, Domain, Needs, Operand, Tensor, Unary, apply};

catalogue![Relu, Relu6, ReluSquared, LeakyRelu, Prelu, Threshold];

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

/// y = min(max(x, 0), 6),  dy/dx = 1 where 0 < x < 6, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Relu6;

impl Unary for Relu6 {
    const NAME: &'static str = "relu6";
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain = Domain::interval(-3.0, 9.0).with_points(&[
        (0.0, 0.0, 0.0),
        (6.0, 6.0, 0.0),
        (-5.0, 0.0, 0.0),
        (1e30, 6.0, 0.0),
        (f64::INFINITY, 6.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        // NaN is neither greater nor smaller: it passes.
        let six = F::of(6.0);
        if x < F::zero() {
            F::zero()
        } else if x > six {
            six
        } else {
            x
        }
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.is_positive() * (y.lit(6.0) - y.clone()).is_positive()
    }
}

/// y = max(x, 0)²,  dy/dx = 2 max(x, 0)
#[derive(Clone, Debug, Default)]
pub(crate) struct ReluSquared;

impl Unary for ReluSquared {
    const NAME: &'static str = "relu_squared";
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, 0.0),
        (-5.0, 0.0, 0.0),
        (3.0, 9.0, 6.0),
        (f64::NEG_INFINITY, 0.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        if x < F::zero() { F::zero() } else { x * x }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.where_positive(x.lit(2.0) * x.clone(), x.lit(0.0))
    }
}

/// y = x where x > 0, else s x,  dy/dx = 1 where x > 0, else s
#[derive(Clone, Debug, Default)]
pub(crate) struct LeakyRelu {
    /// s, the derivative below 0.
    slope: f64,
}

impl Unary for LeakyRelu {
    const NAME: &'static str = "leaky_relu";
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0);

    fn value<F: Float>(&self, x: F) -> F {
        if x > F::zero() { x } else { F::of(self.slope) * x }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.where_positive(x.lit(1.0), x.lit(self.slope))
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        vec![
            (0.0, 0.0, self.slope),
            (-10.0, -10.0 * self.slope, self.slope),
            (10.0, 10.0, 1.0),
            (f64::INFINITY, f64::INFINITY, 1.0),
        ]
    }

    fn variants() -> Vec<Self> {
        [0.2, 0.01].map(|slope| LeakyRelu { slope }).to_vec()
    }
}

/// y = x where x > 0, else a x,  dx = dy where x > 0, else dy a; da = dy x where x <= 0, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Prelu;

impl Prelu {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for Prelu {
    const NAME: &'static str = "prelu";
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::input(1)), Needs::input(0)];
    const DOMAINS: [Domain; 2] = [Domain::interval(-3.0, 3.0), Domain::interval(-1.0, 1.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (0.0, 0.25, 0.0, [0.25, 0.0]),
        (-0.0, 0.25, 0.0, [0.25, 0.0]),
        (-2.0, 0.25, -0.5, [0.25, -2.0]),
        (3.0, 0.25, 3.0, [1.0, 0.0]),
        (-1.0, 0.0, 0.0, [0.0, -1.0]),
        (-1.0, -1.0, 1.0, [-1.0, -1.0]),
        (1.0, -1.0, 1.0, [1.0, 0.0]),
        (0.0, 0.0, 0.0, [0.0, 0.0]),
        (f64::INFINITY, 0.5, f64::INFINITY, [1.0, 0.0]),
        (f64::NEG_INFINITY, 0.5, f64::NEG_INFINITY, [0.5, f64::NEG_INFINITY]),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        if a > F::zero() { a } else { a * b }
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, _y: &V) -> V {
        let zero = a.lit(0.0);
        if arg == 0 { a.where_positive(a.lit(1.0), b.clone()) } else { a.where_positive(zero, a.clone()) }
    }
}

/// y = x where x > t, else v,  dy/dx = 1 where x > t, else 0
#[derive(Clone, Debug, Default)]
pub(crate) struct Threshold {
    /// t
    threshold: f64,
    /// v
    value: f64,
}

impl Unary for Threshold {
    const NAME: &'static str = "threshold";
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0);

    fn value<F: Float>(&self, x: F) -> F {
        if x > F::of(self.threshold) { x } else { F::of(self.value) }
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.where_greater(&x.lit(self.threshold), x.lit(1.0), x.lit(0.0))
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        let Threshold { threshold, value } = *self;
        vec![
            (threshold, value, 0.0),
            (threshold + 1.0, threshold + 1.0, 1.0),
            (f64::NEG_INFINITY, value, 0.0),
        ]
    }

    fn variants() -> Vec<Self> {
        vec![Threshold { threshold: 1.0, value: 0.5 }, Threshold { threshold: -1.0, value: -2.0 }]
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

    /// Each element, but not below 0 nor above 6.
    ///
    /// # Gradient
    /// `dx = dy` where `0 < x < 6`, else 0; the derivative at 0 and 6 is 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.0, 2.0, 7.0]).relu6().to_vec::<f32>(), [0.0, 2.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn relu6(&self) -> Tensor {
        apply(Relu6, [self])
    }

    /// The square of the rectifier, `max(x, 0)²`.
    ///
    /// # Gradient
    /// `dx = dy · 2 max(x, 0)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.0, 3.0]).relu_squared().to_vec::<f32>(), [0.0, 9.0]);
    /// ```
    #[track_caller]
    pub fn relu_squared(&self) -> Tensor {
        apply(ReluSquared, [self])
    }

    /// Each element where it is positive, `slope` times it elsewhere. Keras' slope is 0.2, PyTorch's 0.01.
    ///
    /// # Gradient
    /// `dx = dy` where `x > 0`, else `dy · slope`; the derivative at 0 is `slope`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 3.0]).leaky_relu(0.5).to_vec::<f32>(), [-1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn leaky_relu(&self, slope: f64) -> Tensor {
        apply(LeakyRelu { slope }, [self])
    }

    /// Each element where it is positive, a slope that can be learnt times it elsewhere; both broadcast.
    ///
    /// # Gradient
    /// `dx = dy` where `x > 0`, else `dy · slope`; `dslope = dy · x` where `x <= 0`, else 0.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let slope = Tensor::from([0.5, 0.25]);
    /// assert_eq!(Tensor::from([[-2.0, 3.0], [4.0, -8.0]]).prelu(&slope).to_vec::<f32>(), [-1.0, 3.0, 4.0, -2.0]);
    /// ```
    #[track_caller]
    pub fn prelu<'a>(&self, slope: impl Into<Operand<'a>>) -> Tensor {
        Prelu.of(self, &slope.into().tensor(self.dtype()))
    }

    /// Each element where it is above a threshold, a constant elsewhere.
    ///
    /// # Gradient
    /// `dx = dy` where `x > threshold`, else 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 1.0, 3.0]).threshold(1.0, 0.5).to_vec::<f32>(), [0.5, 0.5, 3.0]);
    /// ```
    #[track_caller]
    pub fn threshold(&self, threshold: f64, value: f64) -> Tensor {
        apply(Threshold { threshold, value }, [self])
    }
}
