//! Norms over axes, and vectors scaled by theirs.

use wengert_array::{Array, Axes, Float, Mismatch, Pointwise, Reduce, Shape, pointwise, reduce};

use super::reduction::{Over, Sum};
use crate::catalogue::catalogue;
use crate::{Composite, IntoAxes, Needs, Op, Sample, Tensor, apply};

catalogue![Norm, Normalize];

/// y = (Σ |x|ᵖ)^(1/p), or max |x| for p = ∞,  dx = dy sign x (|x| / y)ᵖ⁻¹, but 0 where y = 0
///
/// For p = ∞ the elements that are the maximum share dy equally.
#[derive(Clone, Debug)]
pub(crate) struct Norm {
    over: Over,
    p: f64,
}

impl Norm {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

impl Op<1> for Norm {
    const NAME: &'static str = "norm";
    const NEEDS: [Needs; 1] = [Needs::input(0).and(Needs::OUTPUT)];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        match self.p > 0.0 {
            true => Ok(self.over.shape(x)),
            false => Err(Mismatch::new(format!("there is no norm of order {}", self.p)).row("given", x)),
        }
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        let max = reduce(&pointwise(&Abs, [x]), self.over.axes, Reduce::Max);
        let norm = match self.p {
            f64::INFINITY => pointwise(&Abs, [&pointwise(&AtLeastZero, [&max])]),
            // Elements are taken relative to the greatest, so that no power overflows.
            p => {
                let sum = reduce(&pointwise(&Power(p), [x, &max]), self.over.axes, Reduce::Sum);
                pointwise(&Root(p), [&sum, &max])
            }
        };
        norm.reshape(*shape)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], y: &Tensor, dy: &Tensor) -> Tensor {
        let (y, dy) = (self.over.expand(y, x.shape()), self.over.expand(dy, x.shape()));
        let slope = match self.p {
            1.0 => sign(x),
            2.0 => y.equal(0.0).select(0.0, &(x / y)),
            f64::INFINITY => self.share_of_maximum(x, &y),
            p => {
                let ratio = y.equal(0.0).select(0.0, &(x * sign(x) / y));
                ratio.equal(0.0).select(0.0, &(sign(x) * (ratio.ln() * (p - 1.0)).exp()))
            }
        };
        dy.guarded_mul(&slope)
    }

    /// A power and a sum.
    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        2 * x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let row = |p, x: &[f64]| {
            let over = Over { axes: Axes::of(&[0]), keep: false };
            Sample::new(Norm { over, p }, [Array::from_slice(x, [x.len()])])
        };
        let infinity = f64::INFINITY;
        let mut samples = vec![
            row(2.0, &[3.0, -4.0]).gives(&[5.0]).with_derivatives([&[0.6, -0.8]]),
            row(1.0, &[3.0, -4.0, 0.0]).gives(&[7.0]).with_derivatives([&[1.0, -1.0, 0.0]]),
            row(infinity, &[3.0, -4.0]).gives(&[4.0]).with_derivatives([&[0.0, -1.0]]),
            row(infinity, &[4.0, -4.0, 1.0]).gives(&[4.0]).with_derivatives([&[0.5, -0.5, 0.0]]),
            row(2.0, &[3e200, -4e200]).gives(&[5e200]).with_derivatives([&[0.6, -0.8]]),
            row(2.0, &[3e-200, 0.0]).gives(&[3e-200]).with_derivatives([&[1.0, 0.0]]),
            row(2.0, &[infinity, 1.0]).gives(&[infinity]).with_derivatives([&[f64::NAN, 0.0]]),
            row(2.0, &[f64::NAN, 1.0]).gives(&[f64::NAN]).with_derivatives([&[f64::NAN; 2]]),
            row(2.0, &[1.0, 0.0]).gives(&[1.0]).with_derivatives([&[1.0, 0.0]]),
            row(3.0, &[2.0, 0.0]).gives(&[2.0]).with_derivatives([&[1.0, 0.0]]),
            Sample::fails(row(0.0, &[]).op, [&[2]], "there is no norm of order 0"),
        ];
        for p in [1.0, 1.5, 2.0, 3.0, infinity] {
            samples.push(row(p, &[0.0, 0.0]).gives(&[0.0]).with_derivatives([&[0.0, 0.0]]));
            samples.push(row(p, &[]).gives(&[0.0]));
            samples.extend(Over::samples(|over| Norm { over, p }));
        }
        samples.extend(Over::timed(|over| Norm { over, p: 2.0 }));
        samples
    }
}

impl Norm {
    fn share_of_maximum(&self, x: &Tensor, y: &Tensor) -> Tensor {
        let sign = sign(x);
        let is_maximum = (x * &sign).equal(y).to_tensor(x.dtype());
        let n_ties = apply(Sum(Over { keep: true, ..self.over }), [&is_maximum]);
        sign * is_maximum / n_ties
    }
}

/// 1, -1 or 0: a constant.
fn sign(x: &Tensor) -> Tensor {
    x.greater(0.0).to_tensor(x.dtype()) - x.less(0.0).to_tensor(x.dtype())
}

struct Abs;

impl Pointwise<1> for Abs {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        x.abs()
    }
}

/// Of no elements the maximum is minus infinity, and the norm 0.
struct AtLeastZero;

impl Pointwise<1> for AtLeastZero {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        if x < T::zero() { T::zero() } else { x }
    }
}

/// `(|x| / max)ᵖ`
struct Power(f64);

impl Pointwise<2> for Power {
    const COST: usize = 10;
    #[inline(always)]
    fn apply<T: Float>(&self, [x, max]: [T; 2]) -> T {
        if max == T::zero() {
            return T::zero();
        }
        let ratio = x.abs() / max;
        match self.0 {
            1.0 => ratio,
            2.0 => ratio * ratio,
            p => ratio.powf(T::of(p)),
        }
    }
}

/// `max · sum^(1/p)`
struct Root(f64);

impl Pointwise<2> for Root {
    #[inline(always)]
    fn apply<T: Float>(&self, [sum, max]: [T; 2]) -> T {
        if max <= T::zero() {
            return T::zero();
        }
        let root = match self.0 {
            1.0 => sum,
            2.0 => sum.sqrt(),
            p => sum.powf(T::of(1.0 / p)),
        };
        if max == T::infinity() { max } else { max * root }
    }
}

/// y = x / ‖x‖,  dx = (dy - y Σ dy y) / ‖x‖, but 0 where ‖x‖ = 0
#[derive(Clone, Debug)]
pub(crate) struct Normalize {
    axes: Axes,
}

impl Composite<1> for Normalize {
    const NAME: &'static str = "normalize";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        let norm = apply(Norm { over: Over { axes: self.axes, keep: true }, p: 2.0 }, [x]);
        norm.equal(0.0).select(0.0, &(x / &norm))
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let row =
            |x: &[f64]| Sample::new(Normalize { axes: Axes::of(&[0]) }, [Array::from_slice(x, [x.len()])]);
        let corners = [
            row(&[3.0, -4.0]).gives(&[0.6, -0.8]),
            row(&[0.0, 0.0]).gives(&[0.0, 0.0]).with_derivatives([&[0.0, 0.0]]),
        ];
        Over::samples(|over| Normalize { axes: over.axes }).into_iter().chain(corners).collect()
    }
}

impl Tensor {
    /// The norm of order `p` of all elements, of shape `[]`: 1 for the sum of their sizes, 2 for Euclid's length,
    /// infinity for the greatest size.
    ///
    /// # Gradient
    /// 0 where all elements are 0.
    ///
    /// # Panics
    /// If `p` is not positive.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{grad, Tensor};
    /// let x = Tensor::from([3.0, -4.0]);
    /// assert_eq!(x.norm(2.0).item(), 5.0);
    /// assert_eq!(x.norm(f64::INFINITY).item(), 4.0);
    /// assert_eq!(grad(|x| x.norm(2.0), &Tensor::zeros([2])).to_vec::<f32>(), [0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn norm(&self, p: f64) -> Tensor {
        apply(Norm { over: self.over_all(), p }, [self])
    }

    /// The norm of order `p` over some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist or `p` is not positive.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[3.0, -4.0], [0.0, 0.0]]);
    /// assert_eq!(x.norm_axes(1.0, 1).to_vec::<f32>(), [7.0, 0.0]);
    /// assert_eq!(x.norm_axes(2.0, 1).to_vec::<f32>(), [5.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn norm_axes(&self, p: f64, axes: impl IntoAxes) -> Tensor {
        Norm { over: self.over("norm", axes, false), p }.of(self)
    }

    /// The norm of order `p` over some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist or `p` is not positive.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::ones([2, 3]).norm_keep(2.0, 1).shape(), [2, 1]);
    /// ```
    #[track_caller]
    pub fn norm_keep(&self, p: f64, axes: impl IntoAxes) -> Tensor {
        Norm { over: self.over("norm", axes, true), p }.of(self)
    }

    /// The elements divided by their Euclidean norm over some axes; zeros stay zeros.
    ///
    /// # Gradient
    /// 0 where all elements are 0.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[3.0, 4.0], [0.0, 0.0]]);
    /// assert_eq!(x.normalize(-1).to_vec::<f32>(), [0.6, 0.8, 0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn normalize(&self, axes: impl IntoAxes) -> Tensor {
        Normalize { axes: axes.resolve("normalize", self.shape()) }.value([self])
    }
}
