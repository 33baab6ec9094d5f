//! Operations that move elements without changing them: views, which copy nothing where strides allow it.

use wengert_array::{Array, Mismatch, Shape};

use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Needs, Op, Sample, Tensor, apply};

catalogue![Reshape, Permute, BroadcastTo];

/// y = x in another shape,  dx = dy in the shape of x
#[derive(Clone, Debug)]
pub(crate) struct Reshape(Shape);

impl Reshape {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

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

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
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
            to(&[], &[]),
            to(&[3], &[3]),
            to(&[1, 3, 1], &[3]),
            to(&[2, 3], &[3, 2]),
            to(&[3, 0], &[0, 2]),
            to(&[1, 0], &[2, 0, 3]),
            to(&[2, 2, 2], &[8]),
            to(&[8], &[2, 2, 2]),
            to(&[2, 6], &[2, 3, 2]),
            to(&[6, 2], &[2, 3, 2]),
            to(&[1, 1, 1, 1], &[1, 1]),
            to(&[5, 8], &[2, 20]),
            Sample::timed(Reshape([512, 128].into()), [&[128, 512]]),
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

impl Permute {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
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

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
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
            by(&[0], &[0]),
            by(&[0], &[1]),
            by(&[0, 1], &[2, 3]),
            by(&[1, 0], &[3, 1]),
            by(&[1, 0], &[0, 2]),
            by(&[0, 1, 2], &[2, 1, 3]),
            by(&[1, 0, 2], &[2, 3, 2]),
            by(&[2, 1, 0], &[2, 3, 2]),
            by(&[1, 2, 0], &[1, 1, 4]),
            by(&[0, 2, 1, 3], &[2, 2, 1, 2]),
            by(&[1, 0, 3, 2], &[2, 1, 2, 3]),
            by(&[1, 0], &[9, 20]),
            Sample::fails(Permute(vec![1, 0, 1]), [&[2, 3]], "is not an order of the axes 0..2"),
            Sample::fails(Permute(vec![1]), [&[3]], "[1] is not an order of the axes 0..1"),
            Sample::timed(Permute(vec![1, 0]), [&[128, 512]]),
            Sample::fails(Permute(vec![0, 0]), [&[2, 3]], "[0, 0] is not an order of the axes 0..2"),
        ]
    }
}

/// y = x repeated to a larger shape,  dx = dy summed over the repetitions (by the sweep)
#[derive(Clone, Debug)]
pub(crate) struct BroadcastTo(Shape);

impl BroadcastTo {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

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

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
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
            to(&[], &[]),
            to(&[1], &[]),
            to(&[0], &[1]),
            to(&[0], &[0]),
            to(&[1, 3], &[3]),
            to(&[3, 3], &[3]),
            to(&[3, 3], &[3, 1]),
            to(&[2, 0], &[2, 1]),
            to(&[2, 3, 2], &[3, 1]),
            to(&[2, 3, 2], &[1, 1, 2]),
            to(&[2, 1, 2, 1], &[1, 2, 1]),
            to(&[4, 20], &[20]),
            Sample::timed(BroadcastTo([128, 512].into()), [&[512]]),
            Sample::fails(BroadcastTo([3].into()), [&[2, 3]], "[2, 3] does not broadcast to [3]"),
            Sample::fails(BroadcastTo([2, 4].into()), [&[3]], "[3] does not broadcast to [2, 4]"),
        ]
    }
}

impl Tensor {
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
        Reshape(shape.into()).of(self)
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
        Permute(axes.into()).of(self)
    }

    /// A view with two axes exchanged; negative numbers count from the end.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::zeros([2, 3, 4]).transpose(0, -1).shape(), [4, 3, 2]);
    /// ```
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
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let y = Tensor::from([1.0, 2.0]).broadcast_to([2, 2]);
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 2.0, 1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn broadcast_to(&self, shape: impl Into<Shape>) -> Tensor {
        BroadcastTo(shape.into()).of(self)
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
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::zeros([2, 1, 3]).squeeze(1).shape(), [2, 3]);
    /// ```
    #[track_caller]
    pub fn squeeze(&self, axis: isize) -> Tensor {
        let axis = resolve_axis("squeeze", axis, self.shape());
        let size = self.shape()[axis];
        assert!(size == 1, "squeeze: axis {axis} of {} has size {size}, not 1", self.shape());
        self.reshape(self.shape().without(axis))
    }
}
