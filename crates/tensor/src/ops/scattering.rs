//! Writing into a tensor by indices or a mask. A tensor is a value: each gives a new one.

use wengert_array::{Array, Indices, Shape, last_along};

use super::picking::{AddAlong, AddTaken, demand, indices};
use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Composite, Mask, Op, Operand, Sample, Tensor, apply};

catalogue![IndexAdd, ScatterAdd, Scatter, MaskedFill];

/// y = x with s[i, …] added at pᵢ along an axis,  dx = dy, ds[i, …] = dy[pᵢ, …]
#[derive(Clone, Debug)]
pub(crate) struct IndexAdd {
    axis: usize,
    picks: Indices,
}

impl Composite<2> for IndexAdd {
    const NAME: &'static str = "index_add";

    #[track_caller]
    fn value(&self, [x, source]: [&Tensor; 2]) -> Tensor {
        let op = AddTaken { into: *x.shape(), axis: self.axis, picks: self.picks.clone() };
        demand(Self::NAME, op.shape([source.shape()]));
        x + apply(op, [source])
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let of = |axis, picks: &[usize], x: &[usize]| {
            let mut source = x.to_vec();
            source[axis] = picks.len();
            Sample::random(IndexAdd { axis, picks: picks.to_vec().into() }, [x, &source])
        };
        let op = IndexAdd { axis: 0, picks: [1, 1].into() };
        let exact = [vec![1.0, 2.0], vec![3.0, 4.0]].map(|x| Array::from_vec(x, [2]));
        let exact = Sample::new(op.clone(), exact);
        vec![
            exact.clone().gives(&[1.0, 9.0]),
            exact.with_derivatives([&[1.0, 1.0], &[1.0, 1.0]]),
            of(0, &[0], &[1]),
            of(0, &[], &[3]),
            of(0, &[2, 0, 2], &[3]),
            of(0, &[1, 1, 1, 1, 1], &[3]),
            of(0, &[], &[0]),
            of(0, &[2, 0], &[3, 2]),
            of(1, &[0], &[3, 2]),
            of(1, &[1, 0, 1], &[3, 2]),
            of(0, &[1], &[3, 0]),
            of(1, &[1, 1], &[0, 3]),
            of(0, &[0, 0], &[1, 4]),
            of(1, &[0, 0], &[4, 1]),
            of(0, &[1, 0], &[2, 3, 2]),
            of(1, &[2, 2, 0], &[2, 3, 2]),
            of(2, &[1, 1, 0], &[2, 3, 2]),
            of(0, &[4, 0, 4], &[5, 9]),
            of(3, &[0], &[1, 2, 1, 2]),
            of(1, &[], &[2, 2]),
            of(0, &[0, 1, 2, 0], &[3, 3]),
            Sample::fails(op.clone(), [&[2], &[3]], "index_add: what is added does not fit"),
            Sample::fails(op, [&[1], &[2]], "index 1 lies outside axis 0"),
        ]
    }
}

/// y = x with s[i, …] added at p[i, …] along an axis,  dx = dy, ds[i, …] = dy[p[i, …], …]
#[derive(Clone, Debug)]
pub(crate) struct ScatterAdd {
    axis: usize,
    picks: Indices,
}

impl Composite<2> for ScatterAdd {
    const NAME: &'static str = "scatter_add";

    #[track_caller]
    fn value(&self, [x, source]: [&Tensor; 2]) -> Tensor {
        let op = AddAlong { into: *x.shape(), axis: self.axis, picks: self.picks.clone() };
        demand(Self::NAME, op.shape([source.shape()]));
        x + apply(op, [source])
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let op = |axis, picks: Indices| ScatterAdd { axis, picks };
        let exact = Sample::new(op(0, [1, 1].into()), pair());
        scatter_samples(op)
            .into_iter()
            .chain([
                exact.clone().gives(&[1.0, 9.0]),
                exact.with_derivatives([&[1.0, 1.0], &[1.0, 1.0]]),
                Sample::fails(op(0, [1, 1].into()), [&[2], &[3]], "scatter_add: what is added does not fit"),
                Sample::fails(op(0, [1, 2].into()), [&[2], &[2]], "index 2 lies outside axis 0"),
            ])
            .collect()
    }
}

/// y = x with s[i, …] in the place of p[i, …] along an axis,  dx = dy, but 0 where written, ds[i, …] = dy[p[i, …], …]
///
/// Where indices are equal the last is written, and it alone has a derivative.
#[derive(Clone, Debug)]
pub(crate) struct Scatter {
    axis: usize,
    picks: Indices,
}

impl Composite<2> for Scatter {
    const NAME: &'static str = "scatter";

    #[track_caller]
    fn value(&self, [x, source]: [&Tensor; 2]) -> Tensor {
        let op = AddAlong { into: *x.shape(), axis: self.axis, picks: self.picks.clone() };
        demand(Self::NAME, op.shape([source.shape()]));
        let [is_last, is_written] = last_along(&self.picks, self.axis, *x.shape());
        let last = Tensor::from(is_last).greater(0.0).select(source, 0.0);
        Tensor::from(is_written).greater(0.0).select(&apply(op, [&last]), x)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let op = |axis, picks: Indices| Scatter { axis, picks };
        let exact = Sample::new(op(0, [1, 1].into()), pair());
        scatter_samples(op)
            .into_iter()
            .chain([
                exact.clone().gives(&[1.0, 4.0]),
                exact.with_derivatives([&[1.0, 0.0], &[0.0, 1.0]]),
                Sample::fails(op(0, [1, 1].into()), [&[2], &[3]], "scatter: what is added does not fit"),
                Sample::fails(op(0, [1, 2].into()), [&[2], &[2]], "index 2 lies outside axis 0"),
            ])
            .collect()
    }
}

fn pair() -> [Array; 2] {
    [vec![1.0, 2.0], vec![3.0, 4.0]].map(|x| Array::from_vec(x, [2]))
}

/// Indices without and with duplicates, shorter and longer than the target.
fn scatter_samples<O>(op: impl Fn(usize, Indices) -> O) -> Vec<Sample<O, 2>> {
    let of = |axis, x: &[usize], picks: &[usize], of: &[usize]| {
        Sample::random(op(axis, indices(picks, of)), [x, of])
    };
    vec![
        of(0, &[1], &[0], &[1]),
        of(0, &[3], &[2, 0], &[2]),
        of(0, &[3], &[1, 1, 1, 1], &[4]),
        of(0, &[3], &[], &[0]),
        of(0, &[0], &[], &[0]),
        of(0, &[3, 2], &[2, 0], &[1, 2]),
        of(0, &[3, 2], &[2, 0, 0, 1, 1, 1], &[3, 2]),
        of(1, &[3, 2], &[1, 0, 1], &[3, 1]),
        of(1, &[3, 2], &[1, 1, 0, 0, 0, 1], &[3, 2]),
        of(1, &[3, 2], &[0, 1], &[1, 2]),
        of(0, &[3, 2], &[2, 1, 0, 2], &[4, 1]),
        of(1, &[3, 2], &[], &[0, 2]),
        of(0, &[3, 0], &[], &[2, 0]),
        of(1, &[2, 3], &[2, 2, 2, 2, 0, 1, 0, 1], &[2, 4]),
        of(0, &[2, 2, 2], &[1, 0, 1, 1], &[1, 2, 2]),
        of(1, &[2, 2, 2], &[1, 0, 1, 1], &[2, 1, 2]),
        of(2, &[2, 2, 2], &[0, 0, 1, 1], &[2, 2, 1]),
        of(1, &[2, 3, 2], &[2, 0, 1], &[1, 3, 1]),
        of(1, &[1, 20], &[19, 0, 19], &[1, 3]),
        of(2, &[2, 1, 3, 1], &[2, 0], &[2, 1, 1, 1]),
    ]
}

/// y = v where the mask is true, else x,  dx = dy, but 0 where the mask is true
#[derive(Clone, Debug)]
pub(crate) struct MaskedFill {
    mask: Mask,
    with: f64,
}

impl Composite<1> for MaskedFill {
    const NAME: &'static str = "masked_fill";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        demand(Self::NAME, Shape::broadcast(&[x.shape(), self.mask.shape()]));
        self.mask.select(self.with, x)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |mask: &[usize], of: &[usize], with| {
            let mask = Tensor::new(mask.iter().map(|&x| x as f32).collect(), of).greater(0.0);
            MaskedFill { mask, with }
        };
        let of = |x: &[usize], mask: &[usize], of: &[usize]| Sample::random(op(mask, of, 9.0), [x]);
        let x = |x: &[f64]| [Array::from_slice(x, [x.len()])];
        let nan = Sample::new(op(&[1, 0], &[2], -1.0), x(&[f64::NAN, 2.0]));
        let infinite = Sample::new(op(&[0, 1], &[2], f64::NEG_INFINITY), x(&[3.0, 2.0]));
        vec![
            nan.gives(&[-1.0, 2.0]).with_derivatives([&[0.0, 1.0]]),
            infinite.gives(&[3.0, f64::NEG_INFINITY]).with_derivatives([&[1.0, 0.0]]),
            of(&[], &[0], &[]),
            of(&[], &[1], &[]),
            of(&[3], &[1, 0, 1], &[3]),
            of(&[3], &[1], &[]),
            of(&[3], &[0], &[1]),
            of(&[0], &[], &[0]),
            of(&[2, 3], &[1, 0, 1], &[3]),
            of(&[2, 3], &[1, 0], &[2, 1]),
            of(&[2, 3], &[1, 0, 0, 1, 1, 0], &[2, 3]),
            of(&[3], &[1, 0], &[2, 1]),
            of(&[1, 3], &[1, 0], &[2, 1]),
            of(&[2, 1], &[1, 0], &[1, 2]),
            of(&[2, 0], &[1, 0], &[2, 1]),
            of(&[0, 2], &[1, 0], &[2]),
            of(&[2, 2, 2], &[1, 0], &[2]),
            of(&[2, 2, 2], &[1, 0, 0, 1], &[2, 2]),
            of(&[2, 2, 2], &[0, 1], &[2, 1, 1]),
            of(&[1, 1], &[1], &[1, 1]),
            Sample::fails(op(&[1, 0], &[2], 0.0), [&[3]], "masked_fill: shapes do not broadcast"),
        ]
    }
}

impl Tensor {
    /// Adds slices of `source` at the given indices of an axis.
    ///
    /// # Gradient
    /// That of `self` passes; slices that are added at one place all get the derivative there.
    ///
    /// # Panics
    /// If the axis does not exist, an index lies outside it, or `source` does not fit.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let y = Tensor::zeros([3]).index_add(0, &Indices::from([2, 2]), &Tensor::from([1.0, 4.0]));
    /// assert_eq!(y.to_vec::<f32>(), [0.0, 0.0, 5.0]);
    /// ```
    #[track_caller]
    pub fn index_add(&self, axis: isize, indices: &Indices, source: &Tensor) -> Tensor {
        let axis = resolve_axis("index_add", axis, self.shape());
        IndexAdd { axis, picks: indices.clone() }.value([self, source])
    }

    /// Adds each element of `source` where [`take_along`](Tensor::take_along) with these indices would take it from.
    ///
    /// # Gradient
    /// That of `self` passes; elements that are added at one place all get the derivative there.
    ///
    /// # Panics
    /// If the shapes of indices and source differ, or the indices do not fit.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let (x, source) = (Tensor::ones([3]), Tensor::from([1.0, 4.0]));
    /// assert_eq!(x.scatter_add(0, &Indices::from([2, 2]), &source).to_vec::<f32>(), [1.0, 1.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn scatter_add(&self, axis: isize, indices: &Indices, source: &Tensor) -> Tensor {
        let axis = resolve_axis("scatter_add", axis, self.shape());
        ScatterAdd { axis, picks: indices.clone() }.value([self, source])
    }

    /// Writes each element of `source` where [`take_along`](Tensor::take_along) with these indices would take it
    /// from. Where indices are equal the last is written.
    ///
    /// # Gradient
    /// That of `self` is 0 where it was overwritten; an element of `source` that was overwritten gets 0.
    ///
    /// # Panics
    /// If the shapes of indices and source differ, or the indices do not fit.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let (x, source) = (Tensor::ones([3]), Tensor::from([3.0, 4.0]));
    /// assert_eq!(x.scatter(0, &Indices::from([2, 0]), &source).to_vec::<f32>(), [4.0, 1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn scatter(&self, axis: isize, indices: &Indices, source: &Tensor) -> Tensor {
        let axis = resolve_axis("scatter", axis, self.shape());
        Scatter { axis, picks: indices.clone() }.value([self, source])
    }

    /// `value` where the mask is true, the tensor's own elements elsewhere.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([1.0, -2.0]);
    /// assert_eq!(x.masked_fill(&x.less(0.0), 0.0).to_vec::<f32>(), [1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn masked_fill<'a>(&self, mask: &Mask, value: impl Into<Operand<'a>>) -> Tensor {
        match value.into() {
            Operand::Scalar(with) => MaskedFill { mask: mask.clone(), with }.value([self]),
            Operand::Tensor(value) => mask.select(value, self),
        }
    }
}
