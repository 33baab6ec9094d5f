//! Softmax and its logarithm, over the rows along an axis.

use std::f64::consts::LN_2;
use std::ops::Range;

use wengert_array::{Array, Blocks, Float, Mismatch, Per, Rows, Shape};
use wengert_array::{blocks, elementary, map_row, row_max, row_sum, rows};

use crate::algebra::guarded_product;
use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Needs, Op, Sample, Tensor, apply};

catalogue![Softmax, LogSoftmax];

/// yᵢ = exp xᵢ / Σⱼ exp xⱼ over the last axis,  dx = y (dy - Σ dy y)
///
/// A row of minus infinities has no mass: its softmax is 0.
#[derive(Clone, Debug)]
pub(crate) struct Softmax;

impl Op<1> for Softmax {
    const NAME: &'static str = "softmax";
    const NEEDS: [Needs; 1] = [Needs::OUTPUT];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        row_shape(x)
    }

    fn forward(&self, xs: [&Array; 1], shape: &Shape) -> Array {
        row_results(self, xs, *shape)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], y: &Tensor, dy: &Tensor) -> Tensor {
        (dy - dy.guarded_mul(y).sum_keep(-1)).guarded_mul(y)
    }

    fn vjp_kernel(
        &self,
        _: [bool; 1],
        _: [&Array; 1],
        y: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 1]> {
        let [dx] = rows(&SoftmaxRule, [y, dy], [width(y.shape())]);
        Some([Some(dx)])
    }

    /// The maximum, the difference from it, its exponential, the sum and the quotient.
    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        5 * x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let row = |x: [f64; 3]| Sample::new(Softmax, [Array::from_vec(x.to_vec(), [3])]);
        let exact = |x: [f64; 3], y: [f64; 3]| row(x).gives(&y).with_derivatives([&[0.0; 3]]);
        let none = f64::NEG_INFINITY;
        let exact = [
            exact([none; 3], [0.0; 3]),
            row([f64::NAN, 0.0, 1.0]).gives(&[f64::NAN; 3]).with_derivatives([&[f64::NAN; 3]]),
            exact([none, 0.0, 0.0], [0.0, 0.5, 0.5]),
            exact([none, 3.0, none], [0.0, 1.0, 0.0]),
            exact([1e4, 0.0, -1e4], [1.0, 0.0, 0.0]),
            exact([1e4, 1e4, -1e4], [0.5, 0.5, 0.0]),
            exact([-1e4; 3], [1.0 / 3.0; 3]),
            exact([0.0, LN_2, 3_f64.ln()], [1.0 / 6.0, 1.0 / 3.0, 0.5]),
        ];
        row_samples(Softmax).into_iter().chain(exact).collect()
    }
}

impl Blocks<1, 1> for Softmax {
    const COST: usize = 6;
    #[inline(always)]
    fn apply<T: Float>(&self, rows: Range<usize>, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        softmax_rows(x, y, x.len() / rows.len());
    }
}

struct SoftmaxRule;

impl Rows<2, 1> for SoftmaxRule {
    #[inline(always)]
    fn apply<T: Float>(&self, _: usize, [y, dy]: [&[T]; 2], [dx]: [&mut [T]; 1]) {
        let dot = row_sum([y, dy], |[y, dy]| guarded_product(dy, y));
        for ((dx, &y), &dy) in dx.iter_mut().zip(y).zip(dy) {
            *dx = guarded_product(dy - dot, y);
        }
    }
}

/// yᵢ = xᵢ - ln Σⱼ exp xⱼ over the last axis,  dx = dy - exp y Σ dy
///
/// A row of minus infinities stays one.
#[derive(Clone, Debug)]
pub(crate) struct LogSoftmax;

impl Op<1> for LogSoftmax {
    const NAME: &'static str = "log_softmax";
    const NEEDS: [Needs; 1] = [Needs::OUTPUT];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        row_shape(x)
    }

    fn forward(&self, xs: [&Array; 1], shape: &Shape) -> Array {
        row_results(self, xs, *shape)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], y: &Tensor, dy: &Tensor) -> Tensor {
        dy - dy.sum_keep(-1).guarded_mul(&y.exp())
    }

    fn vjp_kernel(
        &self,
        _: [bool; 1],
        _: [&Array; 1],
        y: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 1]> {
        Some([Some(row_results(&LogSoftmaxRule, [y, dy], *y.shape()))])
    }

    /// The maximum, the difference from it, its exponential, the sum and the difference.
    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        5 * x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let row = |x: [f64; 3]| Sample::new(LogSoftmax, [Array::from_vec(x.to_vec(), [3])]);
        let exact = |x: [f64; 3], y: [f64; 3], dx: [f64; 3]| row(x).gives(&y).with_derivatives([&dx]);
        let none = f64::NEG_INFINITY;
        let exact = [
            exact([none; 3], [none; 3], [1.0; 3]),
            exact([f64::NAN, 0.0, 1.0], [f64::NAN; 3], [f64::NAN; 3]),
            exact([none, 0.0, 0.0], [none, -LN_2, -LN_2], [1.0, -0.5, -0.5]),
            exact([none, 3.0, none], [none, 0.0, none], [1.0, -2.0, 1.0]),
            exact([1e4, 0.0, -1e4], [0.0, -1e4, -2e4], [-2.0, 1.0, 1.0]),
            exact([1e4, 1e4, -1e4], [-LN_2, -LN_2, -2e4 - LN_2], [-0.5, -0.5, 1.0]),
            exact([-1e4; 3], [-(3_f64.ln()); 3], [0.0; 3]),
            exact([0.0, LN_2, 3_f64.ln()], [-(6_f64.ln()), -(3_f64.ln()), -LN_2], [0.5, 0.0, -0.5]),
        ];
        row_samples(LogSoftmax).into_iter().chain(exact).collect()
    }
}

impl Blocks<1, 1> for LogSoftmax {
    const COST: usize = 6;
    #[inline(always)]
    fn apply<T: Float>(&self, rows: Range<usize>, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        let width = x.len() / rows.len();
        Mass::of_each(x, (rows.len(), width), |row, mass| {
            let place = row * width..(row + 1) * width;
            map_row(&mut y[place.clone()], [&x[place]], |[x]| mass.ln_share(x));
        });
    }
}

struct LogSoftmaxRule;

impl Blocks<2, 1> for LogSoftmaxRule {
    const COST: usize = 6;
    #[inline(always)]
    fn apply<T: Float>(&self, rows: Range<usize>, [y, dy]: [&[T]; 2], [dx]: [&mut [T]; 1]) {
        map_row(dx, [y], |[y]| elementary::exp(y));
        let width = (y.len() / rows.len()).max(1);
        for (dx, dy) in dx.chunks_mut(width).zip(dy.chunks(width)) {
            let sum = row_sum([dy], |[dy]| dy);
            dx.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx = dy - guarded_product(sum, *dx));
        }
    }
}

/// How many elements are worked on together: short rows fill vectors only with others.
const GROUP: usize = 512;

/// `y = exp(x) / Σ exp(x)` of each row, shifted by the largest so that nothing overflows.
#[inline(always)]
pub(super) fn softmax_rows<T: Float>(x: &[T], y: &mut [T], width: usize) {
    let width = width.max(1);
    let group = (GROUP / width).max(1) * width;
    for (x, y) in x.chunks(group).zip(y.chunks_mut(group)) {
        for (x, y) in x.chunks(width).zip(y.chunks_mut(width)) {
            let shift = finite_maximum(x);
            map_row(y, [x], |[x]| x - shift);
        }
        y.iter_mut().for_each(|y| *y = elementary::exp(*y));
        for y in y.chunks_mut(width) {
            let sum = row_sum([y], |[y]| y);
            let scale = if sum == T::zero() { T::zero() } else { sum.recip() };
            y.iter_mut().for_each(|y| *y *= scale);
        }
    }
}

/// The sum of the exponentials of a row, as `exp(shift + ln_sum)`. The two stay apart: to add them would round the
/// logarithm of the sum to the precision of the largest logit.
#[derive(Clone, Copy)]
pub(super) struct Mass<T> {
    shift: T,
    ln_sum: T,
}

impl<T: Float> Mass<T> {
    /// Those of some rows of the given width, with their places among them.
    #[inline(always)]
    pub(super) fn of_each(x: &[T], (n_rows, width): (usize, usize), mut each: impl FnMut(usize, Mass<T>)) {
        let height = (GROUP / width.max(1)).max(1);
        let [mut exponentials, mut shifts, mut sums] = [[T::zero(); GROUP]; 3];
        for first in (0..n_rows).step_by(height) {
            let n = height.min(n_rows - first);
            let x = &x[first * width..(first + n) * width];
            for row in 0..n {
                shifts[row] = finite_maximum(&x[row * width..(row + 1) * width]);
                sums[row] = T::zero();
            }
            // A row that is longer than a group comes in parts; it is alone in its group.
            for from in (0..width).step_by(GROUP) {
                let wide = GROUP.min(width - from);
                for row in 0..n {
                    let (part, shift) = (&x[row * width + from..][..wide], shifts[row]);
                    map_row(&mut exponentials[row * wide..][..wide], [part], |[x]| x - shift);
                }
                exponentials[..n * wide].iter_mut().for_each(|x| *x = elementary::exp(*x));
                for row in 0..n {
                    sums[row] += row_sum([&exponentials[row * wide..][..wide]], |[exp]| exp);
                }
            }
            sums[..n].iter_mut().for_each(|sum| *sum = elementary::ln(*sum));
            for row in 0..n {
                each(first + row, Mass { shift: shifts[row], ln_sum: sums[row] });
            }
        }
    }

    /// `ln(exp(x) / mass)`, where the share of nothing in nothing is nothing.
    #[inline(always)]
    pub(super) fn ln_share(self, x: T) -> T {
        if x == T::neg_infinity() { x } else { x - self.shift - self.ln_sum }
    }
}

/// The largest element, or 0 where all are minus infinity: what may be subtracted from each. NaN if there is one.
#[inline(always)]
pub(super) fn finite_maximum<T: Float>(x: &[T]) -> T {
    let maximum = row_max(x);
    if maximum == T::neg_infinity() { T::zero() } else { maximum }
}

pub(super) fn row_shape(x: &Shape) -> Result<Shape, Mismatch> {
    if x.is_empty() {
        return Err(Mismatch::new("a scalar has no axis to normalise over").row("given", x));
    }
    Ok(*x)
}

/// What a kernel over blocks makes of rows, as wide as they are.
fn row_results<const N: usize>(kernel: &impl Blocks<N, 1>, xs: [&Array; N], shape: Shape) -> Array {
    let [y] = blocks(kernel, xs.map(as_matrix).each_ref(), [Per::Row(width(&shape))]);
    y.reshape(shape)
}

/// The rows along the last axis, one below the other.
pub(super) fn as_matrix(x: &Array) -> Array {
    let leading: usize = x.shape()[..x.rank() - 1].iter().product();
    x.reshape(Shape::from([leading, width(x.shape())]))
}

pub(super) fn width(shape: &Shape) -> usize {
    shape[shape.len() - 1]
}

fn row_samples<O: Clone>(op: O) -> Vec<Sample<O, 1>> {
    let shapes: [&[usize]; 15] = [
        &[1],
        &[3],
        &[0],
        &[2, 4],
        &[3, 1],
        &[1, 1],
        &[0, 3],
        &[2, 0],
        &[2, 2, 3],
        &[2, 1, 4],
        &[3, 2, 1],
        &[2, 0, 3],
        &[1, 17],
        &[5, 2],
        &[1, 2, 2, 2],
    ];
    let smooth = shapes.map(|shape| Sample::random(op.clone(), [shape]));
    let fails = Sample::fails(op.clone(), [&[]], "a scalar has no axis");
    smooth.into_iter().chain([fails, Sample::timed(op, [&[128, 512]])]).collect()
}

impl Tensor {
    /// The softmax along an axis: positive numbers that add to 1, in the proportions of `exp x`.
    ///
    /// # Gradient
    /// `dx = y (dy - Σ dy y)`
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([[0.0, 0.0], [1000.0, 0.0]]).softmax(-1).to_vec::<f32>(), [0.5, 0.5, 1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn softmax(&self, axis: isize) -> Tensor {
        self.along_last("softmax", axis, |x| apply(Softmax, [x]))
    }

    /// The logarithm of the softmax along an axis, accurate where the softmax is near 0.
    ///
    /// # Gradient
    /// `dx = dy - exp y Σ dy`
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1000.0, 0.0]).log_softmax(-1).to_vec::<f32>(), [0.0, -1000.0]);
    /// ```
    #[track_caller]
    pub fn log_softmax(&self, axis: isize) -> Tensor {
        self.along_last("log_softmax", axis, |x| apply(LogSoftmax, [x]))
    }

    /// Applies `f`, which works along the last axis, along another.
    #[track_caller]
    pub(super) fn along_last(
        &self,
        operation: &str,
        axis: isize,
        f: impl FnOnce(&Tensor) -> Tensor,
    ) -> Tensor {
        let last = self.rank().saturating_sub(1);
        let axis = resolve_axis(operation, axis, self.shape());
        if axis == last {
            return f(self);
        }
        let (axis, last) = (axis as isize, last as isize);
        f(&self.transpose(axis, last)).transpose(axis, last)
    }
}
