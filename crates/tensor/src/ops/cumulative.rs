//! What runs along an axis and keeps every intermediate result: sums, products, extremes, linear recurrences.

use wengert_array::{Array, Float, Mismatch, Rows, Shape, arg_running, rows};

use super::slicing::Span;
use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Composite, Needs, Op, Sample, Tensor, apply};

catalogue![CumSum, LinearScan, CumProd, CumMax, CumMin];

/// yᵢ = Σⱼ xⱼ over all j ≤ i,  dx = the same of dy from the end
#[derive(Clone, Debug)]
pub(crate) struct CumSum {
    axis: usize,
    from_end: bool,
}

impl Op<1> for CumSum {
    const NAME: &'static str = "cumsum";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        check_axis(self.axis, x)
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        along(self.axis, [x], |xs, width| rows(self, xs, [width]))
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        apply(CumSum { axis: self.axis, from_end: !self.from_end }, [dy])
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let exact = |from_end| {
            Sample::new(CumSum { axis: 0, from_end }, [Array::from_vec(vec![1.0, 2.5, -1.0], [3])])
        };
        let exact = [exact(false).gives(&[1.0, 3.5, 2.5]), exact(true).gives(&[2.5, 1.5, -1.0])];
        axis_samples(|axis| CumSum { axis, from_end: axis == 1 }).into_iter().chain(exact).collect()
    }
}

impl Rows<1, 1> for CumSum {
    #[inline(always)]
    fn apply<T: Float>(&self, _: usize, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        scan(x.len(), self.from_end, T::zero(), |sum, i| {
            y[i] = sum + x[i];
            y[i]
        });
    }
}

/// yᵢ = aᵢ yᵢ₋₁ + xᵢ,  dxᵢ = dyᵢ + aᵢ₊₁ dxᵢ₊₁, daᵢ = dxᵢ yᵢ₋₁
///
/// Its derivatives are recurrences of the same kind, so it can be differentiated any number of times.
#[derive(Clone, Debug)]
pub(crate) struct LinearScan {
    axis: usize,
    from_end: bool,
}

impl Op<2> for LinearScan {
    const NAME: &'static str = "linear_scan";
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::OUTPUT), Needs::input(0)];

    fn shape(&self, xs: [&Shape; 2]) -> Result<Shape, Mismatch> {
        check_axis(self.axis, &Shape::broadcast(&xs)?)
    }

    fn forward(&self, xs: [&Array; 2], shape: &Shape) -> Array {
        let xs = xs.map(|x| x.broadcast_to(*shape));
        along(self.axis, xs.each_ref(), |xs, width| rows(self, xs, [width]))
    }

    fn vjp(&self, arg: usize, [a, _]: [&Tensor; 2], y: &Tensor, dy: &Tensor) -> Tensor {
        let to_next = if self.from_end { 1 } else { -1 };
        let a = a.broadcast_to(*dy.shape()).shifted(self.axis, to_next);
        let dx = a.linear_scan_from(dy, self.axis, !self.from_end);
        if arg == 0 { dx * y.shifted(self.axis, -to_next) } else { dx }
    }

    /// A product and a sum.
    fn flops(&self, _: [&Shape; 2], y: &Shape) -> u64 {
        2 * y.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let op = |axis, from_end| LinearScan { axis, from_end };
        let exact = |from_end| {
            let [a, x] = [[9.0, 2.0, 0.5], [1.0, 3.0, 4.0]];
            Sample::new(op(0, from_end), [a, x].map(|x| Array::from_slice(&x, [3])))
        };
        let broadcast = |a: &[usize], x: &[usize], axis| Sample::random(op(axis, axis == 1), [a, x]);
        let same = AXIS_SHAPES.iter().map(|&(shape, axis)| broadcast(shape, shape, axis));
        same.chain([
            exact(false).gives(&[1.0, 5.0, 6.5]),
            exact(true).gives(&[100.0, 11.0, 4.0]),
            Sample::new(op(0, false), [[f64::INFINITY, 2.0], [1.0, 3.0]].map(|x| Array::from_slice(&x, [2])))
                .gives(&[1.0, 5.0])
                .with_derivatives([&[0.0, 1.0], &[3.0, 1.0]]),
            broadcast(&[], &[3], 0),
            broadcast(&[3], &[2, 3], 1),
            broadcast(&[2, 1], &[2, 3], 1),
            broadcast(&[2, 3], &[3], 0),
            Sample::fails(op(0, false), [&[2], &[3]], "do not broadcast"),
            Sample::fails(op(1, false), [&[3], &[3]], "axis 1 does not exist"),
        ])
        .collect()
    }
}

impl Rows<2, 1> for LinearScan {
    #[inline(always)]
    fn apply<T: Float>(&self, _: usize, [a, x]: [&[T]; 2], [y]: [&mut [T]; 1]) {
        let mut is_first = true;
        scan(x.len(), self.from_end, T::zero(), |last, i| {
            // The first coefficient multiplies nothing, not even by being infinite.
            y[i] = if std::mem::take(&mut is_first) { x[i] } else { a[i] * last + x[i] };
            y[i]
        });
    }
}

/// yᵢ = Πⱼ xⱼ over all j ≤ i,  dxᵢ = Σₖ dyₖ Πⱼ xⱼ over all k ≥ i, j ≤ k, j ≠ i
#[derive(Clone, Debug)]
pub(crate) struct CumProd {
    axis: usize,
}

impl Composite<1> for CumProd {
    const NAME: &'static str = "cumprod";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        if x.size() == 0 {
            return x.clone();
        }
        let first = Span::new(0, 1, 1);
        let start = x.slice(self.axis as isize, first).place(*x.shape(), self.axis, first);
        x.linear_scan_from(&start, self.axis, false)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |x: &[f64]| Sample::new(CumProd { axis: 0 }, [Array::from_slice(x, [x.len()])]);
        let zeros = [
            of(&[2.0, 3.0, -1.0]).gives(&[2.0, 6.0, -6.0]),
            of(&[2.0, 0.0, 3.0]).gives(&[2.0, 0.0, 0.0]).with_derivatives([&[1.0, 8.0, 0.0]]),
            of(&[2.0, 0.0, 3.0, 5.0]),
            of(&[0.0, 2.0, 0.0, 3.0]),
            of(&[0.0, 0.0]),
        ];
        axis_samples(|axis| CumProd { axis }).into_iter().chain(zeros).collect()
    }
}

/// yᵢ = max xⱼ over all j ≤ i,  dx = dy added where the maximum first stood
#[derive(Clone, Debug)]
pub(crate) struct CumMax {
    axis: usize,
}

impl Composite<1> for CumMax {
    const NAME: &'static str = "cummax";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        x.take_along(self.axis as isize, &arg_running(&x.array, self.axis, true))
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |x: &[f64]| Sample::new(CumMax { axis: 0 }, [Array::from_slice(x, [x.len()])]);
        let ties = [
            of(&[1.0, 3.0, 2.0, 4.0]).gives(&[1.0, 3.0, 3.0, 4.0]),
            of(&[2.0, 2.0, 1.0]).gives(&[2.0; 3]).with_derivatives([&[3.0, 0.0, 0.0]]),
            of(&[f64::NEG_INFINITY, 0.0]).gives(&[f64::NEG_INFINITY, 0.0]).with_derivatives([&[1.0, 1.0]]),
        ];
        axis_samples(|axis| CumMax { axis }).into_iter().chain(ties).collect()
    }
}

/// yᵢ = min xⱼ over all j ≤ i,  dx = dy added where the minimum first stood
#[derive(Clone, Debug)]
pub(crate) struct CumMin {
    axis: usize,
}

impl Composite<1> for CumMin {
    const NAME: &'static str = "cummin";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        x.take_along(self.axis as isize, &arg_running(&x.array, self.axis, false))
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |x: &[f64]| Sample::new(CumMin { axis: 0 }, [Array::from_slice(x, [x.len()])]);
        let ties = [
            of(&[4.0, 1.0, 2.0, 0.0]).gives(&[4.0, 1.0, 1.0, 0.0]),
            of(&[2.0, 2.0, 3.0]).gives(&[2.0; 3]).with_derivatives([&[3.0, 0.0, 0.0]]),
        ];
        axis_samples(|axis| CumMin { axis }).into_iter().chain(ties).collect()
    }
}

/// Calls `step` with the last result and each index in turn.
#[inline(always)]
fn scan<T: Float>(n: usize, from_end: bool, start: T, mut step: impl FnMut(T, usize) -> T) {
    match from_end {
        false => (0..n).fold(start, &mut step),
        true => (0..n).rev().fold(start, &mut step),
    };
}

/// Runs a kernel for rows along any axis.
pub(super) fn along<const N: usize>(
    axis: usize,
    xs: [&Array; N],
    kernel: impl FnOnce([&Array; N], usize) -> [Array; 1],
) -> Array {
    let last = xs[0].rank() - 1;
    let mut order: Vec<usize> = (0..=last).collect();
    order.swap(axis, last);
    let moved = xs.map(|x| x.permute(&order));
    let [y] = kernel(moved.each_ref(), xs[0].shape()[axis]);
    y.permute(&order)
}

pub(super) fn check_axis(axis: usize, x: &Shape) -> Result<Shape, Mismatch> {
    match axis < x.len() {
        true => Ok(*x),
        false => Err(Mismatch::new(format!("axis {axis} does not exist")).row("given", x)),
    }
}

/// Shapes and axes that everything along an axis is tried on.
const AXIS_SHAPES: &[(&[usize], usize)] = &[
    (&[1], 0),
    (&[2], 0),
    (&[7], 0),
    (&[0], 0),
    (&[3, 4], 0),
    (&[3, 4], 1),
    (&[1, 4], 0),
    (&[4, 1], 0),
    (&[1, 4], 1),
    (&[0, 3], 0),
    (&[0, 3], 1),
    (&[3, 0], 1),
    (&[2, 3, 2], 0),
    (&[2, 3, 2], 1),
    (&[2, 3, 2], 2),
    (&[1, 1, 3], 2),
    (&[2, 1, 3], 1),
    (&[2, 0, 3], 1),
    (&[2, 2, 1, 3], 1),
    (&[2, 20], 1),
    (&[9, 2], 0),
];

pub(super) fn axis_samples<O: Clone>(op: impl Fn(usize) -> O) -> Vec<Sample<O, 1>> {
    AXIS_SHAPES.iter().map(|&(shape, axis)| Sample::random(op(axis), [shape])).collect()
}

impl Tensor {
    /// The sums of the elements along an axis up to each.
    ///
    /// `yᵢ = Σⱼ xⱼ` over all `j ≤ i`
    ///
    /// # Gradient
    /// `dxᵢ = Σⱼ dyⱼ` over all `j ≥ i`
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).cumsum(0).to_vec::<f32>(), [1.0, 3.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn cumsum(&self, axis: isize) -> Tensor {
        apply(CumSum { axis: resolve_axis("cumsum", axis, self.shape()), from_end: false }, [self])
    }

    /// The products of the elements along an axis up to each.
    ///
    /// # Gradient
    /// That of each product, as [`prod`](Tensor::prod): right where elements are 0, and differentiable again.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([2.0, 0.0, 3.0]).cumprod(0).to_vec::<f32>(), [2.0, 0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn cumprod(&self, axis: isize) -> Tensor {
        CumProd { axis: resolve_axis("cumprod", axis, self.shape()) }.value([self])
    }

    /// The largest element along an axis up to each. A NaN is larger than all.
    ///
    /// # Gradient
    /// Goes to the element that is the maximum, the first of equals.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 3.0, 2.0]).cummax(0).to_vec::<f32>(), [1.0, 3.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn cummax(&self, axis: isize) -> Tensor {
        CumMax { axis: resolve_axis("cummax", axis, self.shape()) }.value([self])
    }

    /// The smallest element along an axis up to each. A NaN is smaller than all.
    ///
    /// # Gradient
    /// Goes to the element that is the minimum, the first of equals.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([2.0, 3.0, 1.0]).cummin(0).to_vec::<f32>(), [2.0, 2.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn cummin(&self, axis: isize) -> Tensor {
        CumMin { axis: resolve_axis("cummin", axis, self.shape()) }.value([self])
    }

    /// The linear recurrence `yᵢ = aᵢ yᵢ₋₁ + xᵢ` along an axis, where `self` is `x` and `y₋₁ = 0`: discounted sums,
    /// moving averages, state spaces.
    ///
    /// # Shape
    /// `a` and `x` broadcast.
    ///
    /// # Gradient
    /// `dxᵢ = dyᵢ + aᵢ₊₁ dxᵢ₊₁`, `daᵢ = dxᵢ yᵢ₋₁`
    ///
    /// # Panics
    /// If the shapes do not broadcast or the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([1.0, 1.0, 1.0]);
    /// assert_eq!(x.linear_scan(&Tensor::from(0.5), 0).to_vec::<f32>(), [1.0, 1.5, 1.75]);
    /// ```
    /// # References
    /// G. Blelloch, Prefix sums and their applications, 1990, section 1.4.
    #[track_caller]
    pub fn linear_scan(&self, a: &Tensor, axis: isize) -> Tensor {
        a.linear_scan_from(self, resolve_axis("linear_scan", axis, self.shape()), false)
    }

    /// [`linear_scan`](Tensor::linear_scan) with coefficients `self`, perhaps from the end.
    #[track_caller]
    pub(super) fn linear_scan_from(&self, x: &Tensor, axis: usize, from_end: bool) -> Tensor {
        apply(LinearScan { axis, from_end }, [self, x])
    }

    /// The elements moved along an axis by 1 or -1, with 0 where none comes from.
    pub(super) fn shifted(&self, axis: usize, by: isize) -> Tensor {
        let Some(len) = self.shape()[axis].checked_sub(1) else { return self.clone() };
        let (from, to) = if by > 0 { (0, 1) } else { (1, 0) };
        let moved = self.slice(axis as isize, Span::new(from, len, 1));
        moved.place(*self.shape(), axis, Span::new(to, len, 1))
    }
}
