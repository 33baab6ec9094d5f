//! Operations that move elements without changing them. All but `Place` are views: they copy nothing.

use std::ops::{Bound, RangeBounds};

use wengert_array::{Array, Mismatch, Shape};

use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Needs, Op, Sample, Tensor, apply};

catalogue![Reshape, Permute, BroadcastTo, Slice, Place];

/// y = x in another shape,  dx = dy in the shape of x
#[derive(Clone, Debug)]
pub(crate) struct Reshape(Shape);

impl Op<1> for Reshape {
    const NAME: &'static str = "reshape";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        if x.size() == self.0.size() {
            return Ok(self.0);
        }
        let title = format!("{} elements do not fill {}", x.size(), self.0);
        Err(Mismatch::new(&title)
            .row("given", x)
            .row("wanted", self.0)
            .note(format!("holds {}", self.0.size())))
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        x.reshape(*shape)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.reshape(*x.shape())
    }

    fn samples() -> Vec<Sample<Self, 1>> {
        let to = |shape: &[usize], x: &[usize]| Sample::random(Reshape(shape.into()), [x]);
        vec![
            to(&[6], &[2, 3]),
            to(&[3, 2], &[2, 3]).gives(&to(&[6], &[2, 3]).inputs[0].to_vec()),
            to(&[], &[1]),
            to(&[1, 1], &[]),
            to(&[2, 1, 3], &[6]),
            to(&[0, 5], &[0]),
            to(&[4, 3], &[2, 2, 3]),
            to(&[1], &[1]),
            Sample::fails(Reshape([4].into()), [&[2, 3]], "6 elements do not fill [4]"),
        ]
    }
}

/// y[i, j, …] = x[j, …, i],  dx = dy with the axes moved back
#[derive(Clone, Debug)]
pub(crate) struct Permute(Vec<usize>);

impl Permute {
    fn inverse(&self) -> Permute {
        let mut inverse = vec![0; self.0.len()];
        for (to, &from) in self.0.iter().enumerate() {
            inverse[from] = to;
        }
        Permute(inverse)
    }
}

impl Op<1> for Permute {
    const NAME: &'static str = "permute";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        let is_permutation = self.0.len() == x.len() && (0..x.len()).all(|axis| self.0.contains(&axis));
        if is_permutation {
            let sizes: Vec<usize> = self.0.iter().map(|&axis| x[axis]).collect();
            return Ok(sizes.into());
        }
        let title = format!("{:?} is not an order of the axes 0..{}", self.0, x.len());
        Err(Mismatch::new(&title).row("given", x))
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        x.permute(&self.0)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        apply(self.inverse(), [dy])
    }

    fn samples() -> Vec<Sample<Self, 1>> {
        let by = |axes: &[usize], x: &[usize]| Sample::random(Permute(axes.into()), [x]);
        let x = by(&[1, 0], &[2, 2]);
        let [a, b, c, d] = x.inputs[0].to_vec::<f64>()[..] else { unreachable!("four elements") };
        vec![
            x.gives(&[a, c, b, d]),
            by(&[], &[]),
            by(&[0], &[3]),
            by(&[1, 0], &[2, 3]),
            by(&[2, 0, 1], &[2, 3, 4]),
            by(&[0, 2, 1], &[2, 0, 3]),
            by(&[3, 1, 0, 2], &[1, 2, 3, 2]),
            by(&[1, 0], &[1, 5]),
            Sample::fails(Permute(vec![0, 0]), [&[2, 3]], "[0, 0] is not an order of the axes 0..2"),
        ]
    }
}

/// y = x repeated to a larger shape,  dx = dy summed over the repetitions (by the sweep)
#[derive(Clone, Debug)]
pub(crate) struct BroadcastTo(Shape);

impl Op<1> for BroadcastTo {
    const NAME: &'static str = "broadcast_to";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        match Shape::broadcast(&[x, &self.0]) {
            Ok(shape) if shape == self.0 => Ok(shape),
            _ => Err(Mismatch::new(format!("{x} does not broadcast to {}", self.0))
                .row("given", x)
                .row("wanted", self.0)),
        }
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        x.broadcast_to(*shape)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.clone()
    }

    fn samples() -> Vec<Sample<Self, 1>> {
        let to = |shape: &[usize], x: &[usize]| Sample::random(BroadcastTo(shape.into()), [x]);
        vec![
            to(&[2, 3], &[3]),
            to(&[2, 3], &[2, 1]),
            to(&[4], &[]),
            to(&[2, 3], &[2, 3]),
            to(&[0, 3], &[3]),
            to(&[2, 2, 3], &[2, 1, 1]),
            to(&[1, 1, 3], &[3]),
            to(&[5], &[1]),
            Sample::fails(BroadcastTo([3].into()), [&[2, 3]], "[2, 3] does not broadcast to [3]"),
            Sample::fails(BroadcastTo([2, 4].into()), [&[3]], "[3] does not broadcast to [2, 4]"),
        ]
    }
}

/// y = x[start], x[start + step], … along an axis,  dx = dy placed there in zeros
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    axis: usize,
    span: Span,
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
            Sample::fails(
                Place { into: [4].into(), axis: 0, span },
                [&[3]],
                "does not have the shape of the slice",
            ),
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
    /// `len` indices: `start`, `start + step`, `start + 2 step`, …; a negative step goes backward.
    pub fn new(start: usize, len: usize, step: isize) -> Span {
        Span { start, len, step }
    }

    fn check(self, x: &Shape, axis: usize) -> Result<(), Mismatch> {
        let Some(&size) = x.get(axis) else {
            return Err(Mismatch::new(format!("axis {axis} does not exist")).row("given", x));
        };
        let last = self.start as i128 + (self.len as i128 - 1) * self.step as i128;
        let furthest = if self.len == 0 { 0 } else { last.max(self.start as i128) };
        if (self.len == 0 && self.start <= size) || (last >= 0 && furthest < size as i128) {
            return Ok(());
        }
        let title =
            format!("the slice reaches index {} of axis {axis}", if last < 0 { last } else { furthest });
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
    /// Zeros of shape `into`, with this tensor at the places that a slice picks.
    #[track_caller]
    pub(super) fn place(&self, into: Shape, axis: usize, span: Span) -> Tensor {
        apply(Place { into, axis, span }, [self])
    }

    /// The same elements, in row-major order, in another shape. A view where the layout allows.
    ///
    /// # Panics
    /// If the new shape does not hold as many elements.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::arange(6).reshape([2, 3]).shape(), [2, 3]);
    /// ```
    #[track_caller]
    pub fn reshape(&self, shape: impl Into<Shape>) -> Tensor {
        apply(Reshape(shape.into()), [self])
    }

    /// A view with the axes in another order: axis `i` of the result is axis `axes[i]` of `self`.
    ///
    /// # Panics
    /// If `axes` does not name each axis once.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::zeros([2, 3, 4]).permute([2, 0, 1]).shape(), [4, 2, 3]);
    /// ```
    #[track_caller]
    pub fn permute(&self, axes: impl Into<Vec<usize>>) -> Tensor {
        apply(Permute(axes.into()), [self])
    }

    /// A view with two axes exchanged; negative numbers count from the end.
    ///
    /// # Panics
    /// If an axis does not exist.
    #[track_caller]
    pub fn transpose(&self, a: isize, b: isize) -> Tensor {
        let (a, b) = (resolve_axis("transpose", a, self.shape()), resolve_axis("transpose", b, self.shape()));
        let mut axes: Vec<usize> = (0..self.rank()).collect();
        axes.swap(a, b);
        self.permute(axes)
    }

    /// The transposed matrix, or matrices: a view with the last two axes exchanged.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.t().to_vec::<f32>(), [1.0, 3.0, 2.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn t(&self) -> Tensor {
        self.transpose(-2, -1)
    }

    /// A view that repeats axes of size 1, and adds axes in front, until it has the given shape.
    ///
    /// # Gradient
    /// `dx` is `dy` summed over the repetitions.
    ///
    /// # Panics
    /// If the shape does not broadcast to the given one.
    #[track_caller]
    pub fn broadcast_to(&self, shape: impl Into<Shape>) -> Tensor {
        apply(BroadcastTo(shape.into()), [self])
    }

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
        apply(Slice { axis, span: span.span(self.shape()[axis]) }, [self])
    }

    /// A view with an axis of size 1 put in before `axis`; negative numbers count from the end of the result.
    ///
    /// # Panics
    /// If the axis lies outside the result.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::zeros([2, 3]).unsqueeze(-1).shape(), [2, 3, 1]);
    /// ```
    #[track_caller]
    pub fn unsqueeze(&self, axis: isize) -> Tensor {
        let longer = self.shape().push(1);
        let axis = resolve_axis("unsqueeze", axis, &longer);
        self.reshape(self.shape().insert(axis, 1))
    }

    /// A view without the axis, which must have size 1.
    ///
    /// # Panics
    /// If the axis does not exist or its size is not 1.
    #[track_caller]
    pub fn squeeze(&self, axis: isize) -> Tensor {
        let axis = resolve_axis("squeeze", axis, self.shape());
        let size = self.shape()[axis];
        assert!(size == 1, "squeeze: axis {axis} of {} has size {size}, not 1", self.shape());
        self.reshape(self.shape().without(axis))
    }
}
