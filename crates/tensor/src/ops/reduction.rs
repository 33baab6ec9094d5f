//! Sum and mean over axes, and what all reductions share. Others stand in files of their own.

use wengert_array::{
    Array, Axes, Float, MAX_RANK, Mismatch, Pointwise, Reduce, Shape, pointwise, reduce, sum_to,
};

use crate::catalogue::catalogue;
use crate::{IntoAxes, Needs, Op, Sample, Tensor, apply};

catalogue![Sum, SumTo, Mean];

/// Over which axes, and whether they stay with size 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over {
    pub(super) axes: Axes,
    pub(super) keep: bool,
}

impl Over {
    pub(super) fn shape(self, x: &Shape) -> Shape {
        let (mut sizes, mut rank) = ([0; MAX_RANK], 0);
        for (axis, &size) in x.iter().enumerate() {
            let is_reduced = self.axes.contains(axis);
            if self.keep || !is_reduced {
                sizes[rank] = if is_reduced { 1 } else { size };
                rank += 1;
            }
        }
        Shape::from(&sizes[..rank])
    }

    /// How many elements become one.
    pub(super) fn count(self, x: &Shape) -> usize {
        self.axes.iter().map(|axis| x[axis]).product()
    }

    /// A tensor of the result's shape, with the reduced axes back at size 1.
    pub(super) fn expand(self, y: &Tensor, x: &Shape) -> Tensor {
        let kept = Over { keep: true, ..self }.shape(x);
        if *y.shape() == kept { y.clone() } else { y.reshape(kept) }
    }

    /// An array of the result's shape, repeated along the reduced axes.
    fn repeat(self, y: &Array, x: &Shape) -> Array {
        y.reshape(Over { keep: true, ..self }.shape(x)).broadcast_to(*x)
    }

    pub(super) fn samples<O: Clone>(op: impl Fn(Over) -> O) -> Vec<Sample<O, 1>> {
        let over =
            |axes: &[usize], keep, x: &[usize]| Sample::random(op(Over { axes: Axes::of(axes), keep }), [x]);
        vec![
            over(&[], false, &[]),
            over(&[0], false, &[1]),
            over(&[0], false, &[7]),
            over(&[0], false, &[3, 4]),
            over(&[1], false, &[3, 4]),
            over(&[1], true, &[3, 4]),
            over(&[0, 1], false, &[3, 4]),
            over(&[0, 2], true, &[2, 3, 2]),
            over(&[1], false, &[2, 3, 2]),
            over(&[1], false, &[0, 3]),
            over(&[1], false, &[2, 40]),
            over(&[], true, &[2, 2]),
            over(&[], false, &[3]),
            over(&[0], true, &[1]),
            over(&[1], true, &[2, 1, 3]),
            over(&[0, 1, 2], true, &[2, 3, 2]),
            over(&[0, 2], false, &[2, 1, 4]),
            over(&[1, 2], false, &[2, 2, 3]),
            over(&[2], false, &[1, 0, 3]),
            over(&[0], false, &[0, 0]),
            over(&[0], true, &[2, 0]),
            over(&[0, 3], false, &[2, 1, 2, 3]),
            over(&[1, 3], true, &[1, 2, 2, 2]),
        ]
    }

    /// The operand as a matrix, whose rows are what is reduced to one element each.
    pub(super) fn rows(self, x: &Tensor) -> Tensor {
        let n = self.count(x.shape());
        x.permute(self.order(x.rank())).reshape([self.shape(x.shape()).size(), n])
    }

    /// The reverse of [`rows`](Over::rows), for an operand of the given shape.
    pub(super) fn restored(self, rows: &Tensor, x: &Shape) -> Tensor {
        let order = self.order(x.len());
        let sizes: Vec<usize> = order.iter().map(|&axis| x[axis]).collect();
        let mut back = vec![0; order.len()];
        for (to, &from) in order.iter().enumerate() {
            back[from] = to;
        }
        rows.reshape(sizes).permute(back)
    }

    /// The axes that stay, then those that are reduced.
    fn order(self, rank: usize) -> Vec<usize> {
        let kept = (0..rank).filter(|&axis| !self.axes.contains(axis));
        kept.chain(self.axes.iter()).collect()
    }

    pub(super) fn timed<O>(op: impl Fn(Over) -> O) -> [Sample<O, 1>; 2] {
        [0, 1].map(|axis| Sample::timed(op(Over { axes: Axes::of(&[axis]), keep: false }), [&[128, 512]]))
    }
}

/// y = Σ x,  dx = dy
#[derive(Clone, Debug)]
pub(crate) struct Sum(pub(super) Over);

impl Sum {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

impl Op<1> for Sum {
    const NAME: &'static str = "sum";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(self.0.shape(x))
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        reduce(x, self.0.axes, Reduce::Sum).reshape(*shape)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        self.0.expand(dy, x.shape()).broadcast_to(*x.shape())
    }

    fn vjp_kernel(
        &self,
        _: [bool; 1],
        [x]: [&Array; 1],
        _: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 1]> {
        Some([Some(self.0.repeat(dy, x.shape()))])
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let exact = Sample::new(
            Sum(Over { axes: Axes::of(&[0]), keep: false }),
            [Array::from_vec(vec![1.0, 2.5], [2])],
        );
        Over::samples(Sum).into_iter().chain([exact.gives(&[3.5])]).chain(Over::timed(Sum)).collect()
    }
}

/// y = x summed to a shape that broadcasts to its own,  dx = dy broadcast
#[derive(Clone, Debug)]
pub(crate) struct SumTo(Shape);

impl Op<1> for SumTo {
    const NAME: &'static str = "sum_to";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        match Shape::broadcast(&[x, &self.0]) {
            Ok(shape) if shape == *x => Ok(self.0),
            _ => Err(Mismatch::new(format!("{} does not broadcast to {x}", self.0))
                .row("given", x)
                .row("wanted", self.0)),
        }
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        sum_to(x, shape)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.broadcast_to(*x.shape())
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let to = |shape: &[usize], x: &[usize]| Sample::random(SumTo(shape.into()), [x]);
        vec![
            to(&[3], &[2, 3]),
            to(&[2, 1], &[2, 3]),
            to(&[], &[2, 3]),
            to(&[1, 1], &[2, 3]),
            to(&[2, 3], &[2, 3]),
            to(&[3], &[0, 3]),
            to(&[2, 1, 2], &[3, 2, 4, 2]),
            to(&[], &[]),
            to(&[1], &[5]),
            to(&[], &[5]),
            to(&[1], &[0]),
            to(&[0], &[2, 0]),
            to(&[2, 1], &[2, 0]),
            to(&[1, 3], &[2, 3]),
            to(&[3], &[2, 2, 3]),
            to(&[2, 1, 3], &[2, 4, 3]),
            to(&[1, 2, 1], &[3, 2, 2]),
            to(&[1, 1, 1], &[1, 1, 1]),
            to(&[20], &[3, 20]),
            Sample::new(SumTo([2].into()), [Array::from_vec(vec![1.0, 2.0, 3.0, 5.0], [2, 2])])
                .gives(&[4.0, 7.0]),
            Sample::fails(SumTo([2].into()), [&[2, 3]], "[2] does not broadcast to [2, 3]"),
            Sample::timed(SumTo([512].into()), [&[128, 512]]),
        ]
    }
}

/// y = Σ x / n,  dx = dy / n
#[derive(Clone, Debug)]
pub(crate) struct Mean(Over);

impl Mean {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

impl Op<1> for Mean {
    const NAME: &'static str = "mean";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(self.0.shape(x))
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        let sum = reduce(x, self.0.axes, Reduce::Sum).reshape(*shape);
        pointwise(&DivideBy(self.0.count(x.shape())), [&sum])
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        let dy = self.0.expand(dy, x.shape()) / self.0.count(x.shape()) as f64;
        dy.broadcast_to(*x.shape())
    }

    fn vjp_kernel(
        &self,
        _: [bool; 1],
        [x]: [&Array; 1],
        _: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 1]> {
        let share = pointwise(&DivideBy(self.0.count(x.shape())), [dy]);
        Some([Some(self.0.repeat(&share, x.shape()))])
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let exact = Sample::new(
            Mean(Over { axes: Axes::of(&[0]), keep: false }),
            [Array::from_vec(vec![1.0, 2.5], [2])],
        );
        Over::samples(Mean).into_iter().chain([exact.gives(&[1.75])]).chain(Over::timed(Mean)).collect()
    }
}

struct DivideBy(usize);

impl Pointwise<1> for DivideBy {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        x / T::of(self.0 as f64)
    }
}

impl Tensor {
    /// The sum of all elements, of shape `[]`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).sum().item(), 6.0);
    /// ```
    #[track_caller]
    pub fn sum(&self) -> Tensor {
        apply(Sum(self.over_all()), [self])
    }

    /// The sum over some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum_axes(0).to_vec::<f32>(), [4.0, 6.0]);
    /// assert_eq!(x.sum_axes(-1).to_vec::<f32>(), [3.0, 7.0]);
    /// ```
    #[track_caller]
    pub fn sum_axes(&self, axes: impl IntoAxes) -> Tensor {
        Sum(Over { axes: axes.resolve("sum", self.shape()), keep: false }).of(self)
    }

    /// The sum over some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::ones([2, 3]).sum_keep(1).shape(), [2, 1]);
    /// ```
    #[track_caller]
    pub fn sum_keep(&self, axes: impl IntoAxes) -> Tensor {
        Sum(Over { axes: axes.resolve("sum", self.shape()), keep: true }).of(self)
    }

    /// The sum to a shape that broadcasts to this one: the reverse of broadcasting.
    ///
    /// # Panics
    /// If `shape` does not broadcast to the shape of `self`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let y = Tensor::ones([2, 3]).sum_to(&[1, 3].into());
    /// assert_eq!(y.to_vec::<f32>(), [2.0, 2.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn sum_to(&self, shape: &Shape) -> Tensor {
        if self.shape() == shape { self.clone() } else { apply(SumTo(*shape), [self]) }
    }

    /// The mean of all elements, of shape `[]`; NaN if there are none.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 6.0]).mean().item(), 3.0);
    /// ```
    #[track_caller]
    pub fn mean(&self) -> Tensor {
        apply(Mean(self.over_all()), [self])
    }

    /// The mean over some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.mean_axes(0).to_vec::<f32>(), [2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn mean_axes(&self, axes: impl IntoAxes) -> Tensor {
        Mean(Over { axes: axes.resolve("mean", self.shape()), keep: false }).of(self)
    }

    /// The mean over some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!((&x - x.mean_keep(1)).to_vec::<f32>(), [-0.5, 0.5, -0.5, 0.5]);
    /// ```
    #[track_caller]
    pub fn mean_keep(&self, axes: impl IntoAxes) -> Tensor {
        Mean(Over { axes: axes.resolve("mean", self.shape()), keep: true }).of(self)
    }

    pub(super) fn over_all(&self) -> Over {
        Over { axes: Axes::all(self.rank()), keep: false }
    }

    /// The named axes, which disappear (`keep: false`) or stay with size 1.
    #[track_caller]
    pub(super) fn over(&self, operation: &str, axes: impl IntoAxes, keep: bool) -> Over {
        Over { axes: axes.resolve(operation, self.shape()), keep }
    }
}
