//! Parts of a tensor along an axis, and the adjoint of taking one.

use std::ops::{Bound, RangeBounds};

use wengert_array::{Array, Mismatch, Shape};

use super::picking::demand;
use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Composite, Needs, Op, Sample, Tensor, apply};

catalogue![Slice, Place, SliceAssign];

/// y = x[start], x[start + step], … along an axis,  dx = dy placed there in zeros
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    axis: usize,
    span: Span,
}

impl Slice {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

impl Op<1> for Slice {
    const NAME: &'static str = "slice";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        self.span.check(x, self.axis)?;
        Ok(x.with(self.axis, self.span.len))
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        let Span { start, len, step } = self.span;
        x.slice(self.axis, start, len, step)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.place(*x.shape(), self.axis, self.span)
    }

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |axis, span: Span, x: &[usize]| Sample::random(Slice { axis, span }, [x]);
        let x = of(0, Span { start: 1, len: 2, step: 1 }, &[4]);
        let value = x.inputs[0].to_vec::<f64>()[1..3].to_vec();
        vec![
            x.gives(&value),
            of(1, Span { start: 0, len: 2, step: 2 }, &[2, 4]),
            of(0, Span { start: 3, len: 4, step: -1 }, &[4, 2]),
            of(1, Span { start: 4, len: 2, step: -3 }, &[2, 5]),
            of(0, Span { start: 0, len: 0, step: 1 }, &[3, 2]),
            of(0, Span { start: 0, len: 0, step: 1 }, &[0]),
            of(2, Span { start: 1, len: 1, step: 1 }, &[2, 2, 3]),
            of(0, Span { start: 0, len: 1, step: 7 }, &[1]),
            of(0, Span { start: 0, len: 3, step: 1 }, &[3]),
            of(0, Span { start: 2, len: 3, step: -1 }, &[3]),
            of(0, Span { start: 3, len: 0, step: 1 }, &[3]),
            of(0, Span { start: 0, len: 0, step: -2 }, &[3]),
            of(0, Span { start: 1, len: 2, step: 3 }, &[5]),
            of(1, Span { start: 0, len: 1, step: 1 }, &[3, 1]),
            of(0, Span { start: 0, len: 2, step: 1 }, &[2, 0]),
            of(1, Span { start: 1, len: 2, step: 1 }, &[0, 3]),
            of(0, Span { start: 1, len: 1, step: 1 }, &[2, 3, 2]),
            of(1, Span { start: 2, len: 2, step: -2 }, &[2, 3, 2]),
            of(3, Span { start: 0, len: 2, step: 1 }, &[1, 2, 1, 3]),
            of(1, Span { start: 1, len: 9, step: 2 }, &[2, 20]),
            Sample::fails(
                Slice { axis: 0, span: Span { start: 2, len: 3, step: 1 } },
                [&[4]],
                "reaches index 4",
            ),
        ]
    }
}

/// y = zeros with x at the places that a slice picks,  dx = that slice of dy
#[derive(Clone, Debug)]
pub(crate) struct Place {
    into: Shape,
    axis: usize,
    span: Span,
}

impl Op<1> for Place {
    const NAME: &'static str = "place";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        self.span.check(&self.into, self.axis)?;
        let expected = self.into.with(self.axis, self.span.len);
        if *x == expected {
            return Ok(self.into);
        }
        Err(Mismatch::new("the piece does not have the shape of the slice")
            .row("given", x)
            .row("slice", expected))
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        x.place(*shape, self.axis, self.span.start, self.span.step)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        apply(Slice { axis: self.axis, span: self.span }, [dy])
    }

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |into: &[usize], axis, start, step, x: &[usize]| {
            let span = Span { start, len: x[axis], step };
            Sample::random(Place { into: into.into(), axis, span }, [x])
        };
        let x = of(&[4], 0, 1, 2, &[2]);
        let [a, b] = x.inputs[0].to_vec::<f64>()[..] else { unreachable!("two elements") };
        let span = Span { start: 0, len: 2, step: 1 };
        vec![
            x.gives(&[0.0, a, 0.0, b]),
            of(&[3, 4], 1, 0, 2, &[3, 2]),
            of(&[4, 2], 0, 3, -1, &[4, 2]),
            of(&[2, 5], 1, 4, -3, &[2, 2]),
            of(&[3, 2], 0, 0, 1, &[0, 2]),
            of(&[0], 0, 0, 1, &[0]),
            of(&[2, 2, 3], 2, 1, 1, &[2, 2, 1]),
            of(&[1], 0, 0, 7, &[1]),
            of(&[3], 0, 0, 1, &[3]),
            of(&[3], 0, 2, -1, &[3]),
            of(&[3], 0, 3, 1, &[0]),
            of(&[5], 0, 1, 3, &[2]),
            of(&[3, 1], 1, 0, 1, &[3, 1]),
            of(&[2, 0], 0, 0, 1, &[2, 0]),
            of(&[0, 3], 1, 1, 1, &[0, 2]),
            of(&[2, 3, 2], 0, 1, 1, &[1, 3, 2]),
            of(&[2, 3, 2], 1, 2, -2, &[2, 2, 2]),
            of(&[1, 2, 1, 3], 3, 0, 1, &[1, 2, 1, 2]),
            of(&[2, 20], 1, 1, 2, &[2, 9]),
            of(&[4], 0, 3, 1, &[1]),
            Sample::fails(
                Place { into: [4].into(), axis: 0, span },
                [&[3]],
                "does not have the shape of the slice",
            ),
        ]
    }
}

/// y = x with v at the places that a slice picks,  dx = dy, but 0 there, dv = that slice of dy
#[derive(Clone, Debug)]
pub(crate) struct SliceAssign {
    axis: usize,
    span: Span,
}

impl Composite<2> for SliceAssign {
    const NAME: &'static str = "slice_assign";

    #[track_caller]
    fn value(&self, [x, v]: [&Tensor; 2]) -> Tensor {
        demand(Self::NAME, self.span.check(x.shape(), self.axis));
        let slice = x.shape().with(self.axis, self.span.len);
        if Shape::broadcast(&[v.shape(), &slice]).ok() != Some(slice) {
            let mismatch = Mismatch::new("what is assigned does not fit").row("value", v.shape());
            panic!("{}", mismatch.row("slice", slice).report(Self::NAME));
        }
        let v = v.broadcast_to(slice);
        let is_written = Tensor::ones(*v.shape()).place(*x.shape(), self.axis, self.span);
        is_written.greater(0.0).select(&v.place(*x.shape(), self.axis, self.span), x)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let op = |axis, start, len, step| SliceAssign { axis, span: Span { start, len, step } };
        let of = |op: SliceAssign, x: &[usize], v: &[usize]| Sample::random(op, [x, v]);
        let exact = [vec![1.0, 2.0, 3.0], vec![8.0, 9.0]].map(|x| Array::from_slice(&x, [x.len()]));
        let exact = Sample::new(op(0, 2, 2, -2), exact);
        vec![
            exact.clone().gives(&[9.0, 2.0, 8.0]),
            exact.with_derivatives([&[0.0, 1.0, 0.0], &[1.0, 1.0]]),
            of(op(0, 0, 1, 1), &[1], &[1]),
            of(op(0, 0, 1, 1), &[1], &[]),
            of(op(0, 1, 2, 1), &[4], &[2]),
            of(op(0, 1, 2, 1), &[4], &[]),
            of(op(0, 1, 2, 1), &[4], &[1]),
            of(op(0, 0, 4, 1), &[4], &[4]),
            of(op(0, 0, 0, 1), &[4], &[0]),
            of(op(0, 0, 0, 1), &[0], &[0]),
            of(op(0, 0, 2, 2), &[4], &[2]),
            of(op(0, 1, 1, 1), &[2, 3], &[1, 3]),
            of(op(0, 1, 1, 1), &[2, 3], &[3]),
            of(op(1, 1, 2, 1), &[2, 3], &[2, 2]),
            of(op(1, 1, 2, 1), &[2, 3], &[2, 1]),
            of(op(1, 2, 3, -1), &[2, 3], &[2, 3]),
            of(op(1, 0, 1, 1), &[0, 3], &[0, 1]),
            of(op(1, 0, 2, 2), &[2, 3, 2], &[2, 2, 2]),
            of(op(2, 1, 1, 1), &[2, 3, 2], &[]),
            of(op(1, 0, 10, 2), &[2, 20], &[10]),
            Sample::fails(op(0, 3, 2, 1), [&[4], &[2]], "slice_assign: the slice reaches index 4"),
            Sample::fails(op(0, 0, 2, 1), [&[4], &[3]], "slice_assign: what is assigned does not fit"),
        ]
    }
}

/// Which indices along an axis: a range, or every `step`-th of one.
///
/// # Examples
/// ```
/// # use wengert_tensor::{ops::Span, Tensor};
/// let x = Tensor::arange(6);
/// assert_eq!(x.slice(0, 1..3).to_vec::<f32>(), [1.0, 2.0]);
/// assert_eq!(x.slice(0, Span::new(5, 3, -2)).to_vec::<f32>(), [5.0, 3.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: usize,
    len: usize,
    step: isize,
}

impl Span {
    /// `len` indices: `start`, `start + step`, `start + 2 step`, …; a negative step goes backward. Whether they lie inside
    /// an axis is known, and checked, when the span is used.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{ops::Span, Tensor};
    /// let every_second = Tensor::arange(5).slice(0, Span::new(0, 3, 2));
    /// assert_eq!(every_second.to_vec::<f32>(), [0.0, 2.0, 4.0]);
    /// ```
    pub fn new(start: usize, len: usize, step: isize) -> Span {
        Span { start, len, step }
    }

    fn check(self, x: &Shape, axis: usize) -> Result<(), Mismatch> {
        let Some(&size) = x.get(axis) else {
            return Err(Mismatch::new(format!("axis {axis} does not exist")).row("given", x));
        };
        let last = self.start as i128 + (self.len as i128 - 1) * self.step as i128;
        let furthest = last.max(self.start as i128);
        let is_inside = match self.len {
            0 => self.start <= size,
            _ => last >= 0 && furthest < size as i128,
        };
        if is_inside {
            return Ok(());
        }
        let reached = if last < 0 { last } else { furthest };
        let title = format!("the slice reaches index {reached} of axis {axis}");
        Err(Mismatch::new(&title).row("given", x).note(format!("axis {axis} has size {size}")))
    }
}

/// What [`Tensor::slice`] takes: any range of `usize`, or a [`Span`].
pub trait IntoSpan {
    /// The indices along an axis of the given size.
    fn span(self, size: usize) -> Span;
}

impl IntoSpan for Span {
    fn span(self, _: usize) -> Span {
        self
    }
}

impl<R: RangeBounds<usize>> IntoSpan for R {
    fn span(self, size: usize) -> Span {
        let start = match self.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before + 1,
            Bound::Unbounded => 0,
        };
        let end = match self.end_bound() {
            Bound::Included(&last) => last + 1,
            Bound::Excluded(&end) => end,
            Bound::Unbounded => size,
        };
        Span { start, len: end.saturating_sub(start), step: 1 }
    }
}

impl Tensor {
    /// A view of the elements that a range or a [`Span`] picks along an axis.
    ///
    /// # Gradient
    /// `dx` is `dy` at the picked places, and 0 elsewhere.
    ///
    /// # Panics
    /// If the axis does not exist or the range reaches beyond it.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.slice(1, 1..).to_vec::<f32>(), [2.0, 3.0, 5.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn slice(&self, axis: isize, span: impl IntoSpan) -> Tensor {
        let axis = resolve_axis("slice", axis, self.shape());
        Slice { axis, span: span.span(self.shape()[axis]) }.of(self)
    }

    /// The tensor with `value` at the places that a range or a [`Span`] picks along an axis. A tensor is a value: this
    /// is a new one.
    ///
    /// # Shape
    /// `value` broadcasts to the slice.
    ///
    /// # Gradient
    /// That of `self` is 0 where it was overwritten; that of `value` is `dy` there.
    ///
    /// # Panics
    /// If the axis does not exist, the range reaches beyond it, or `value` does not broadcast to the slice.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let y = Tensor::arange(4).slice_assign(0, 1..3, &Tensor::from(9.0));
    /// assert_eq!(y.to_vec::<f32>(), [0.0, 9.0, 9.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn slice_assign(&self, axis: isize, span: impl IntoSpan, value: &Tensor) -> Tensor {
        let axis = resolve_axis("slice_assign", axis, self.shape());
        SliceAssign { axis, span: span.span(self.shape()[axis]) }.value([self, value])
    }

    /// Zeros of shape `into`, with this tensor at the places that a slice picks.
    #[track_caller]
    pub(super) fn place(&self, into: Shape, axis: usize, span: Span) -> Tensor {
        apply(Place { into, axis, span }, [self])
    }
}
