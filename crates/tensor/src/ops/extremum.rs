//! Maximum and minimum over axes, and where they stand; what masks say of all their elements.

use wengert_array::{Array, Axes, Indices, Mismatch, Reduce, Shape, arg_reduce_last, reduce};

use super::reduction::{Over, Sum};
use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{IntoAxes, Mask, Needs, Op, Sample, Tensor, apply};

catalogue![Max, Min];

/// y = max x,  dx = dy shared equally among the elements that are the maximum
#[derive(Clone, Debug)]
pub(crate) struct Max(Over);

impl Max {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

impl Op<1> for Max {
    const NAME: &'static str = "max";
    const NEEDS: [Needs; 1] = [Needs::input(0).and(Needs::OUTPUT)];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        let shape = self.0.shape(x);
        if shape.size() > 0 && self.0.count(x) == 0 {
            return Err(Mismatch::new("there is no maximum of no elements").row("given", x));
        }
        Ok(shape)
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        reduce(x, self.0.axes, Reduce::Max).reshape(*shape)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], y: &Tensor, dy: &Tensor) -> Tensor {
        shared(self.0, x, y, dy)
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let all = Max(Over { axes: Axes::of(&[0]), keep: false });
        let ties = Sample::new(all.clone(), [Array::from_vec(vec![1.0, 3.0, 3.0, 2.0], [4])]);
        let last = Sample::new(all.clone(), [Array::from_vec(vec![f64::NEG_INFINITY, -1.0], [2])]);
        let corners = [
            ties.gives(&[3.0]).with_derivatives([&[0.0, 0.5, 0.5, 0.0]]),
            last.gives(&[-1.0]).with_derivatives([&[0.0, 1.0]]),
            Sample::fails(all, [&[0]], "no maximum of no elements"),
        ];
        Over::samples(Max).into_iter().chain(corners).chain(Over::timed(Max)).collect()
    }
}

/// y = min x,  dx = dy shared equally among the elements that are the minimum
#[derive(Clone, Debug)]
pub(crate) struct Min(Over);

impl Min {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

impl Op<1> for Min {
    const NAME: &'static str = "min";
    const NEEDS: [Needs; 1] = [Needs::input(0).and(Needs::OUTPUT)];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        let shape = self.0.shape(x);
        if shape.size() > 0 && self.0.count(x) == 0 {
            return Err(Mismatch::new("there is no minimum of no elements").row("given", x));
        }
        Ok(shape)
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        reduce(x, self.0.axes, Reduce::Min).reshape(*shape)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], y: &Tensor, dy: &Tensor) -> Tensor {
        shared(self.0, x, y, dy)
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let all = Min(Over { axes: Axes::of(&[0]), keep: false });
        let ties = Sample::new(all.clone(), [Array::from_vec(vec![3.0, 1.0, 1.0, 2.0], [4])]);
        let last = Sample::new(all.clone(), [Array::from_vec(vec![f64::INFINITY, -1.0], [2])]);
        let corners = [
            ties.gives(&[1.0]).with_derivatives([&[0.0, 0.5, 0.5, 0.0]]),
            last.gives(&[-1.0]).with_derivatives([&[0.0, 1.0]]),
            Sample::fails(all, [&[0]], "no minimum of no elements"),
        ];
        Over::samples(Min).into_iter().chain(corners).chain(Over::timed(Min)).collect()
    }
}

/// `dy` at the elements that equal `y`, which share it.
fn shared(over: Over, x: &Tensor, y: &Tensor, dy: &Tensor) -> Tensor {
    let over = Over { keep: true, ..over };
    let is_extreme = x.equal(&over.expand(y, x.shape())).to_tensor(x.dtype());
    let n_ties = apply(Sum(over), [&is_extreme]);
    over.expand(dy, x.shape()).guarded_mul(&(is_extreme / n_ties))
}

impl Tensor {
    /// The largest element, of shape `[]`. A NaN is larger than all.
    ///
    /// # Gradient
    /// Elements that tie share `dy` equally.
    ///
    /// # Panics
    /// If there are no elements.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{grad, Tensor};
    /// let dx = grad(|x| x.max(), &Tensor::from([1.0, 3.0, 3.0]));
    /// assert_eq!(dx.to_vec::<f32>(), [0.0, 0.5, 0.5]);
    /// ```
    #[track_caller]
    pub fn max(&self) -> Tensor {
        apply(Max(self.over_all()), [self])
    }

    /// The largest element over some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist, or there are no elements along the axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 5.0], [4.0, 0.0]]);
    /// assert_eq!(x.max_axes(0).to_vec::<f32>(), [4.0, 5.0]);
    /// ```
    #[track_caller]
    pub fn max_axes(&self, axes: impl IntoAxes) -> Tensor {
        Max(self.over("max", axes, false)).of(self)
    }

    /// The largest element over some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist, or there are no elements along the axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::from([[1.0, 5.0]]).max_keep(1).shape(), [1, 1]);
    /// ```
    #[track_caller]
    pub fn max_keep(&self, axes: impl IntoAxes) -> Tensor {
        Max(self.over("max", axes, true)).of(self)
    }

    /// The smallest element, of shape `[]`. A NaN is smaller than all.
    ///
    /// # Gradient
    /// Elements that tie share `dy` equally.
    ///
    /// # Panics
    /// If there are no elements.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{grad, Tensor};
    /// let dx = grad(|x| x.min(), &Tensor::from([3.0, 1.0, 1.0]));
    /// assert_eq!(dx.to_vec::<f32>(), [0.0, 0.5, 0.5]);
    /// ```
    #[track_caller]
    pub fn min(&self) -> Tensor {
        apply(Min(self.over_all()), [self])
    }

    /// The smallest element over some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist, or there are no elements along the axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 5.0], [4.0, 0.0]]);
    /// assert_eq!(x.min_axes(1).to_vec::<f32>(), [1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn min_axes(&self, axes: impl IntoAxes) -> Tensor {
        Min(self.over("min", axes, false)).of(self)
    }

    /// The smallest element over some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist, or there are no elements along the axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::from([[1.0, 5.0]]).min_keep(1).shape(), [1, 1]);
    /// ```
    #[track_caller]
    pub fn min_keep(&self, axes: impl IntoAxes) -> Tensor {
        Min(self.over("min", axes, true)).of(self)
    }

    /// Where along an axis the largest element stands: the first of equals, and the first NaN if any.
    ///
    /// # Panics
    /// If the axis does not exist or has no elements.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let x = Tensor::from([[1.0, 5.0, 5.0], [4.0, 0.0, 3.0]]);
    /// assert_eq!(x.argmax(1), Indices::from([1, 0]));
    /// ```
    #[track_caller]
    pub fn argmax(&self, axis: isize) -> Indices {
        self.extreme_index("argmax", axis, true)
    }

    /// Where along an axis the smallest element stands: the first of equals, and the first NaN if any.
    ///
    /// # Panics
    /// If the axis does not exist or has no elements.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// assert_eq!(Tensor::from([[3.0, 1.0], [0.0, 1.0]]).argmin(0), Indices::from([1, 0]));
    /// ```
    #[track_caller]
    pub fn argmin(&self, axis: isize) -> Indices {
        self.extreme_index("argmin", axis, false)
    }

    /// [`argmax`](Tensor::argmax) with the axis kept at size 1, as [`take_along`](Tensor::take_along) needs it.
    ///
    /// # Panics
    /// If the axis does not exist or has no elements.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 5.0], [4.0, 0.0]]);
    /// assert_eq!(x.take_along(1, &x.argmax_keep(1)).to_vec::<f32>(), [5.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn argmax_keep(&self, axis: isize) -> Indices {
        self.kept(axis, self.extreme_index("argmax", axis, true))
    }

    /// [`argmin`](Tensor::argmin) with the axis kept at size 1, as [`take_along`](Tensor::take_along) needs it.
    ///
    /// # Panics
    /// If the axis does not exist or has no elements.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 5.0], [4.0, 0.0]]);
    /// assert_eq!(x.take_along(1, &x.argmin_keep(1)).to_vec::<f32>(), [1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn argmin_keep(&self, axis: isize) -> Indices {
        self.kept(axis, self.extreme_index("argmin", axis, false))
    }

    #[track_caller]
    fn kept(&self, axis: isize, found: Indices) -> Indices {
        let axis = resolve_axis("argmax", axis, self.shape());
        Indices::new(found.as_slice().to_vec(), self.shape().with(axis, 1))
    }

    #[track_caller]
    fn extreme_index(&self, name: &str, axis: isize, max: bool) -> Indices {
        let axis = resolve_axis(name, axis, self.shape());
        let is_empty = self.shape()[axis] == 0 && self.shape().without(axis).size() > 0;
        assert!(!is_empty, "{name}: axis {axis} of {} has no elements", self.shape());
        arg_reduce_last(&self.array, axis, max)
    }
}

impl Mask {
    /// Whether any element is true.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([1.0, -2.0]);
    /// assert!(x.less(0.0).any() && !x.less(0.0).all());
    /// ```
    pub fn any(&self) -> bool {
        self.reduced(Axes::all(self.shape().len()), Reduce::Max, false).to_vec() == [true]
    }

    /// Whether all elements are true; so it is if there are none.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([1.0, 2.0]);
    /// assert!(x.greater(0.0).all() && !x.greater(1.0).all());
    /// ```
    pub fn all(&self) -> bool {
        self.reduced(Axes::all(self.shape().len()), Reduce::Min, false).to_vec() == [true]
    }

    /// Whether any element is true along some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, -2.0], [3.0, 4.0]]);
    /// assert_eq!(x.less(0.0).any_axes(1).to_vec(), [true, false]);
    /// assert_eq!(x.greater(0.0).all_axes(0).to_vec(), [true, false]);
    /// ```
    #[track_caller]
    pub fn any_axes(&self, axes: impl IntoAxes) -> Mask {
        self.reduced(axes.resolve("any", self.shape()), Reduce::Max, false)
    }

    /// Whether any element is true along some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::ones([2, 3]).less(0.0).any_keep(1).shape(), [2, 1]);
    /// ```
    #[track_caller]
    pub fn any_keep(&self, axes: impl IntoAxes) -> Mask {
        self.reduced(axes.resolve("any", self.shape()), Reduce::Max, true)
    }

    /// Whether all elements are true along some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, -2.0], [3.0, 4.0]]);
    /// assert_eq!(x.greater(0.0).all_axes(1).to_vec(), [false, true]);
    /// ```
    #[track_caller]
    pub fn all_axes(&self, axes: impl IntoAxes) -> Mask {
        self.reduced(axes.resolve("all", self.shape()), Reduce::Min, false)
    }

    /// Whether all elements are true along some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, -2.0], [3.0, 4.0]]);
    /// let rows = x.greater(0.0).all_keep(1);
    /// assert_eq!(rows.select(&x, 0.0).to_vec::<f32>(), [0.0, 0.0, 3.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn all_keep(&self, axes: impl IntoAxes) -> Mask {
        self.reduced(axes.resolve("all", self.shape()), Reduce::Min, true)
    }

    fn reduced(&self, axes: Axes, how: Reduce, keep: bool) -> Mask {
        let shape = Over { axes, keep }.shape(self.shape());
        let found = reduce(&self.array, axes, how).reshape(shape);
        // Of no elements the greatest is -infinity and the least infinity: false and true.
        Mask { array: Tensor::from(found).greater(0.0).array }
    }
}
