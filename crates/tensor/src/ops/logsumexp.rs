//! The logarithm of sums of exponentials, over axes and along one.

use wengert_array::{
    Array, Axes, Float, Mismatch, Pointwise, Reduce, Rows, Shape, elementary, pointwise, reduce, rows,
};

use super::cumulative::{along, axis_samples, check_axis};
use super::reduction::{Over, Sum};
use super::slicing::Span;
use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{IntoAxes, Needs, Op, Sample, Tensor, apply};

catalogue![LogSumExp, LogCumSumExp];

/// y = ln Σ exp x,  dx = dy exp x / Σ exp x
///
/// The maximum is taken out of the sum, so that nothing overflows. Of minus infinities alone the result is one, and
/// the derivative 0.
#[derive(Clone, Debug)]
pub(crate) struct LogSumExp(Over);

impl LogSumExp {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

impl Op<1> for LogSumExp {
    const NAME: &'static str = "logsumexp";
    const NEEDS: [Needs; 1] = [Needs::input(0)];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(self.0.shape(x))
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        let max = reduce(x, self.0.axes, Reduce::Max);
        let sum = reduce(&pointwise(&ExpBelow, [x, &max]), self.0.axes, Reduce::Sum);
        pointwise(&LnAbove, [&sum, &max]).reshape(*shape)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        if x.size() == 0 {
            return x.clone();
        }
        // Not exp(x - y), which has the rounding of y: at logits of 1e4 that is 5e-4 in f32.
        let over = Over { keep: true, ..self.0 };
        let max = Tensor::from(reduce(&x.array, over.axes, Reduce::Max));
        let exp = (x - max.greater(f64::NEG_INFINITY).select(&max, 0.0)).exp();
        let total = apply(Sum(over), [&exp]);
        over.expand(dy, x.shape()).guarded_mul(&total.equal(0.0).select(0.0, &(exp / &total)))
    }

    /// The maximum, the difference from it, its exponential and the sum.
    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        4 * x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |x: &[f64]| {
            let op = LogSumExp(Over { axes: Axes::of(&[0]), keep: false });
            Sample::new(op, [Array::from_slice(x, [x.len()])])
        };
        let none = f64::NEG_INFINITY;
        let corners = [
            of(&[0.0, 0.0]).gives(&[std::f64::consts::LN_2]),
            of(&[none, none]).gives(&[none]).with_derivatives([&[0.0, 0.0]]),
            of(&[none, 2.0]).gives(&[2.0]).with_derivatives([&[0.0, 1.0]]),
            of(&[1e4, 0.0, -1e4]).gives(&[1e4]).with_derivatives([&[1.0, 0.0, 0.0]]),
            of(&[-1e4, -1e4]).with_derivatives([&[0.5, 0.5]]),
            of(&[f64::NAN, 0.0]).gives(&[f64::NAN]).with_derivatives([&[f64::NAN; 2]]),
            of(&[]).gives(&[none]),
        ];
        Over::samples(LogSumExp).into_iter().chain(corners).chain(Over::timed(LogSumExp)).collect()
    }
}

/// `exp(x - max)`, where nothing is taken out that is not finite.
struct ExpBelow;

impl Pointwise<2> for ExpBelow {
    const COST: usize = 4;
    #[inline(always)]
    fn apply<T: Float>(&self, [x, max]: [T; 2]) -> T {
        let max = if max.is_finite() { max } else { T::zero() };
        elementary::exp(x - max)
    }
}

/// `max + ln sum`, the other half of [`ExpBelow`].
struct LnAbove;

impl Pointwise<2> for LnAbove {
    #[inline(always)]
    fn apply<T: Float>(&self, [sum, max]: [T; 2]) -> T {
        let ln = elementary::ln(sum);
        if max.is_finite() { max + ln } else { ln }
    }
}

/// yᵢ = ln Σⱼ exp xⱼ over all j ≤ i,  dxⱼ = Σᵢ dyᵢ exp(xⱼ - yᵢ) over all i ≥ j
#[derive(Clone, Debug)]
pub(crate) struct LogCumSumExp {
    axis: usize,
}

impl Op<1> for LogCumSumExp {
    const NAME: &'static str = "logcumsumexp";
    const NEEDS: [Needs; 1] = [Needs::input(0).and(Needs::OUTPUT)];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        check_axis(self.axis, x)
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        along(self.axis, [x], |xs, width| rows(self, xs, [width]))
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], y: &Tensor, dy: &Tensor) -> Tensor {
        let Some(n_steps) = x.shape()[self.axis].checked_sub(1) else { return dy.clone() };
        // With zⱼ = Σᵢ dyᵢ exp(yⱼ - yᵢ) the derivative is zⱼ exp(xⱼ - yⱼ), and zⱼ = dyⱼ + exp(yⱼ - yⱼ₊₁) zⱼ₊₁: since
        // y grows, no exponential overflows.
        let axis = self.axis as isize;
        let (before, after) = (y.slice(axis, 0..n_steps), y.slice(axis, 1..));
        let decay = exp_or_zero(&before, &after).place(*y.shape(), self.axis, Span::new(0, n_steps, 1));
        exp_or_zero(x, y) * decay.linear_scan_from(dy, self.axis, true)
    }

    /// As for the whole sum.
    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        4 * x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |x: &[f64]| Sample::new(LogCumSumExp { axis: 0 }, [Array::from_slice(x, [x.len()])]);
        let none = f64::NEG_INFINITY;
        let corners = [
            of(&[0.0, 0.0]).gives(&[0.0, std::f64::consts::LN_2]),
            of(&[none, none]).gives(&[none, none]).with_derivatives([&[0.0, 0.0]]),
            of(&[none, 1.0]).gives(&[none, 1.0]).with_derivatives([&[0.0, 1.0]]),
            of(&[none, 0.0, 0.0, none])
                .gives(&[none, 0.0, std::f64::consts::LN_2, std::f64::consts::LN_2])
                .with_derivatives([&[0.0, 2.0, 1.0, 0.0]]),
            of(&[2.0, 1.0]).gives(&[2.0, 2.0 + (-1_f64).exp().ln_1p()]),
            of(&[1e4, 0.0]).gives(&[1e4, 1e4]).with_derivatives([&[2.0, 0.0]]),
            of(&[-1e4, 1e4]).gives(&[-1e4, 1e4]).with_derivatives([&[1.0, 1.0]]),
        ];
        axis_samples(|axis| LogCumSumExp { axis }).into_iter().chain(corners).collect()
    }
}

/// `exp(a - b)`, but 0 where `b` is minus infinity.
fn exp_or_zero(a: &Tensor, b: &Tensor) -> Tensor {
    b.not_equal(f64::NEG_INFINITY).select(&(a - b).exp(), 0.0)
}

impl Rows<1, 1> for LogCumSumExp {
    const COST: usize = 30;
    #[inline(always)]
    fn apply<T: Float>(&self, _: usize, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        let (mut max, mut sum) = (T::neg_infinity(), T::zero());
        for (y, &x) in y.iter_mut().zip(x) {
            if x > max {
                sum = sum * elementary::exp(max - x) + T::one();
                max = x;
            } else if x == max && x > T::neg_infinity() {
                sum += T::one();
            } else if x != T::neg_infinity() {
                sum += elementary::exp(x - max);
            }
            *y = max + elementary::ln(sum);
        }
    }
}

impl Tensor {
    /// The logarithm of the sum of the exponentials of all elements, of shape `[]`; minus infinity if there are none.
    ///
    /// # Gradient
    /// The softmax; 0 where all elements are minus infinity.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1e4, 0.0]).logsumexp().item(), 1e4);
    /// ```
    #[track_caller]
    pub fn logsumexp(&self) -> Tensor {
        apply(LogSumExp(self.over_all()), [self])
    }

    /// The logarithm of the sum of the exponentials over some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[0.0, 0.0], [1000.0, f32::NEG_INFINITY]]);
    /// assert_eq!(x.logsumexp_axes(1).to_vec::<f32>(), [2.0_f32.ln(), 1000.0]);
    /// ```
    #[track_caller]
    pub fn logsumexp_axes(&self, axes: impl IntoAxes) -> Tensor {
        LogSumExp(self.over("logsumexp", axes, false)).of(self)
    }

    /// The logarithm of the sum of the exponentials over some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::ones([2, 3]).logsumexp_keep(1).shape(), [2, 1]);
    /// ```
    #[track_caller]
    pub fn logsumexp_keep(&self, axes: impl IntoAxes) -> Tensor {
        LogSumExp(self.over("logsumexp", axes, true)).of(self)
    }

    /// The logarithms of the sums of the exponentials along an axis up to each element.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0, 1e4]).logcumsumexp(0).to_vec::<f32>(), [0.0, 1e4]);
    /// ```
    #[track_caller]
    pub fn logcumsumexp(&self, axis: isize) -> Tensor {
        apply(LogCumSumExp { axis: resolve_axis("logcumsumexp", axis, self.shape()) }, [self])
    }
}
