//! Sparsemax: the projection of rows onto the probabilities. The softmax stands in `softmax.rs`.

use std::cmp::Ordering;

use wengert_array::{Array, Float, Mismatch, Rows, Shape, rows};

use super::softmax::{finite_maximum, row_shape, width};
use crate::catalogue::catalogue;
use crate::{Needs, Op, Sample, Tensor, apply};

catalogue![Sparsemax];

/// y = max(x - τ, 0) over the last axis, τ such that Σ y = 1,  dx = dy - mean of dy where y > 0, else 0
///
/// A row of minus infinities has no mass: its sparsemax is 0.
#[derive(Clone, Debug)]
pub(crate) struct Sparsemax;

impl Op<1> for Sparsemax {
    const NAME: &'static str = "sparsemax";
    const NEEDS: [Needs; 1] = [Needs::OUTPUT];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        row_shape(x)
    }

    fn forward(&self, xs: [&Array; 1], shape: &Shape) -> Array {
        let [y] = rows(self, xs, [width(shape)]);
        y
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], y: &Tensor, dy: &Tensor) -> Tensor {
        let support = y.greater(0.0);
        let inside = support.select(dy, 0.0);
        // A row without mass has no support, and nothing to divide.
        let size = support.to_tensor(y.dtype()).sum_keep(-1).maximum(1.0);
        support.select(&(&inside - inside.sum_keep(-1) / size), 0.0)
    }

    fn vjp_kernel(
        &self,
        _: [bool; 1],
        _: [&Array; 1],
        y: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 1]> {
        let [dx] = rows(&SparsemaxRule, [y, dy], [width(y.shape())]);
        Some([Some(dx)])
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let shapes: [&[usize]; 13] = [
            &[1],
            &[3],
            &[2, 4],
            &[3, 1],
            &[0, 3],
            &[2, 0],
            &[0],
            &[2, 2, 3],
            &[1, 17],
            &[5, 2],
            &[1, 1, 1],
            &[4, 3, 2],
            &[1, 300],
        ];
        let smooth = shapes.map(|shape| Sample::random(Sparsemax, [shape]));
        let row = |x: [f64; 3]| Sample::new(Sparsemax, [Array::from_vec(x.to_vec(), [3])]);
        let third = 1.0 / 3.0;
        let none = f64::NEG_INFINITY;
        // The sum of a row is 1 whatever the row is, so that its derivative is 0.
        let known = [
            ([0.0, 0.0, 0.0], [third; 3]),
            ([5.0, 5.0, 5.0], [third; 3]),
            ([1e4, 0.0, -1e4], [1.0, 0.0, 0.0]),
            ([1.0, 0.0, 0.0], [1.0, 0.0, 0.0]),
            ([0.5, 0.0, -0.5], [0.75, 0.25, 0.0]),
            ([2.0, 2.0, -3.0], [0.5, 0.5, 0.0]),
            ([none, 0.0, 0.25], [0.0, 0.375, 0.625]),
            ([none; 3], [0.0; 3]),
        ];
        let known = known.map(|(x, y)| row(x).gives(&y).with_derivatives([&[0.0; 3]]));
        let fails = Sample::fails(Sparsemax, [&[]], "a scalar has no axis");
        let timed = Sample::timed(Sparsemax, [&[128, 512]]);
        smooth.into_iter().chain(known).chain([fails, timed]).collect()
    }
}

impl Rows<1, 1> for Sparsemax {
    const COST: usize = 30;
    #[inline(always)]
    fn apply<T: Float>(&self, _: usize, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        let shift = finite_maximum(x);
        for (y, &x) in y.iter_mut().zip(x) {
            *y = x - shift;
        }
        let bound = threshold(y);
        for (y, &x) in y.iter_mut().zip(x) {
            // NaN is not smaller: it passes.
            let rest = x - shift - bound;
            *y = if rest < T::zero() { T::zero() } else { rest };
        }
    }
}

/// The τ with `Σ max(x - τ, 0) = 1`; infinite where no element is finite. Sorts `x`.
fn threshold<T: Float>(x: &mut [T]) -> T {
    x.sort_unstable_by(|a, b| b.partial_cmp(a).unwrap_or(Ordering::Equal));
    let (mut sum, mut bound, mut size) = (T::zero(), T::infinity(), T::zero());
    for &x in x.iter() {
        sum += x;
        size += T::one();
        if T::one() + size * x <= sum || x == T::neg_infinity() {
            break;
        }
        bound = (sum - T::one()) / size;
    }
    bound
}

struct SparsemaxRule;

impl Rows<2, 1> for SparsemaxRule {
    #[inline(always)]
    fn apply<T: Float>(&self, _: usize, [y, dy]: [&[T]; 2], [dx]: [&mut [T]; 1]) {
        let (mut sum, mut size) = (T::zero(), T::zero());
        for (&y, &dy) in y.iter().zip(dy) {
            if y > T::zero() {
                sum += dy;
                size += T::one();
            }
        }
        for ((dx, &y), &dy) in dx.iter_mut().zip(y).zip(dy) {
            *dx = if y > T::zero() { dy - sum / size } else { T::zero() };
        }
    }
}

impl Tensor {
    /// The sparsemax along an axis: the probabilities nearest to the elements, many of which are exactly 0.
    ///
    /// `y = max(x - τ, 0)` with the `τ` that makes the sum 1. Keras 3.15 gives rows that do not add to 1 here.
    ///
    /// # Gradient
    /// `dx = dy - mean of dy over the support` on the support, where `y > 0`; 0 elsewhere.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.5, 0.0, -0.5]).sparsemax(-1).to_vec::<f32>(), [0.75, 0.25, 0.0]);
    /// ```
    ///
    /// # References
    /// Martins, Astudillo, From Softmax to Sparsemax, 2016, algorithm 1 and equation 14.
    #[track_caller]
    pub fn sparsemax(&self, axis: isize) -> Tensor {
        self.along_last("sparsemax", axis, |x| apply(Sparsemax, [x]))
    }
}
