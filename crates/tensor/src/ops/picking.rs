//! Picking elements by indices, and the adjoint of each way. What writes by indices stands in `scattering.rs`.

use wengert_array::{Array, Indices, Mismatch, Shape, add_along, add_taken, take, take_along};

use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Needs, Op, Sample, Tensor, apply};

catalogue![IndexSelect, AddTaken, TakeAlong, AddAlong];

/// y[i, …] = x[pᵢ, …] along an axis,  dx = dy added at the pᵢ in zeros
#[derive(Clone, Debug)]
pub(crate) struct IndexSelect {
    axis: usize,
    picks: Indices,
}

impl Op<1> for IndexSelect {
    const NAME: &'static str = "index_select";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        check_inside(x, self.axis, &self.picks)?;
        Shape::try_new(&[&x[..self.axis], &self.picks.shape()[..], &x[self.axis + 1..]].concat())
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        take(x, &self.picks, self.axis)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.add_taken(*x.shape(), self.axis, &self.picks)
    }

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |axis, picks: &Indices| IndexSelect { axis, picks: picks.clone() };
        let picked =
            PICKS.iter().map(|&(x, axis, picks, of)| Sample::random(op(axis, &indices(picks, of)), [x]));
        let twice = Sample::new(op(0, &[0, 2, 2].into()), [Array::from_vec(vec![1.0, 2.0, 4.0], [3])]);
        let wrong = op(0, &[0, 3].into());
        picked
            .chain([
                twice.clone().gives(&[1.0, 4.0, 4.0]),
                twice.with_derivatives([&[1.0, 0.0, 2.0]]),
                Sample::fails(wrong.clone(), [&[3, 2]], "index 3 lies outside axis 0"),
                Sample::fails(wrong, [&[]], "axis 0 does not exist"),
                Sample::timed(op(0, &(0..128).collect::<Vec<_>>().into()), [&[512, 128]]),
            ])
            .collect()
    }
}

/// y = zeros with x[i, …] added at pᵢ along an axis,  dx[i, …] = dy[pᵢ, …]
#[derive(Clone, Debug)]
pub(crate) struct AddTaken {
    pub(super) into: Shape,
    pub(super) axis: usize,
    pub(super) picks: Indices,
}

impl Op<1> for AddTaken {
    const NAME: &'static str = "add_taken";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        let picked = IndexSelect { axis: self.axis, picks: self.picks.clone() }.shape([&self.into])?;
        fits(x, &picked, self.into)
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        add_taken(x, &self.picks, self.axis, *shape)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        apply(IndexSelect { axis: self.axis, picks: self.picks.clone() }, [dy])
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let picked = PICKS.iter().map(|&(into, axis, picks, of)| {
            let (into, picks) = (Shape::from(into), indices(picks, of));
            let x = [&into[..axis], of, &into[axis + 1..]].concat();
            Sample::random(AddTaken { into, axis, picks }, [&x])
        });
        let op = AddTaken { into: [3].into(), axis: 0, picks: [2, 0, 2].into() };
        let twice = Sample::new(op.clone(), [Array::from_vec(vec![1.0, 2.0, 4.0], [3])]);
        let fails = Sample::fails(op, [&[4]], "does not fit");
        picked.chain([twice.gives(&[2.0, 0.0, 5.0]), fails]).collect()
    }
}

/// y[i, …] = x[p[i, …], …] along an axis,  dx = dy added at the p in zeros
#[derive(Clone, Debug)]
pub(crate) struct TakeAlong {
    axis: usize,
    picks: Indices,
}

impl Op<1> for TakeAlong {
    const NAME: &'static str = "take_along";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        check_along(x, self.axis, &self.picks)?;
        Ok(*self.picks.shape())
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        take_along(x, &self.picks, self.axis)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.add_along(*x.shape(), self.axis, &self.picks)
    }

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |axis, picks: Indices| TakeAlong { axis, picks };
        let along =
            ALONG.iter().map(|&(x, axis, picks, of)| Sample::random(op(axis, indices(picks, of)), [x]));
        let x = Array::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2]);
        let twice = Sample::new(op(1, indices(&[1, 1, 0, 0], &[2, 2])), [x]);
        along
            .chain([
                twice.clone().gives(&[2.0, 2.0, 3.0, 3.0]),
                twice.with_derivatives([&[0.0, 2.0, 2.0, 0.0]]),
                Sample::fails(op(0, [0, 3].into()), [&[3]], "index 3 lies outside axis 0"),
                Sample::fails(op(0, [0, 1].into()), [&[3, 2]], "indices need as many axes"),
                Sample::fails(op(1, indices(&[0, 0], &[2, 1])), [&[1, 2]], "reach beyond"),
            ])
            .collect()
    }
}

/// y = zeros with x[i, …] added at p[i, …] along an axis,  dx[i, …] = dy[p[i, …], …]
#[derive(Clone, Debug)]
pub(crate) struct AddAlong {
    pub(super) into: Shape,
    pub(super) axis: usize,
    pub(super) picks: Indices,
}

impl Op<1> for AddAlong {
    const NAME: &'static str = "add_along";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        check_along(&self.into, self.axis, &self.picks)?;
        fits(x, self.picks.shape(), self.into)
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        add_along(x, &self.picks, self.axis, *shape)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        apply(TakeAlong { axis: self.axis, picks: self.picks.clone() }, [dy])
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let along = ALONG.iter().map(|&(into, axis, picks, of)| {
            Sample::random(AddAlong { into: into.into(), axis, picks: indices(picks, of) }, [of])
        });
        let op = AddAlong { into: [3].into(), axis: 0, picks: [2, 0, 2].into() };
        let twice = Sample::new(op.clone(), [Array::from_vec(vec![1.0, 2.0, 4.0], [3])]);
        along.chain([twice.gives(&[2.0, 0.0, 5.0]), Sample::fails(op, [&[4]], "does not fit")]).collect()
    }
}

type Picks = (&'static [usize], usize, &'static [usize], &'static [usize]);

/// Shape, axis, indices and their shape, for picking whole slices.
const PICKS: &[Picks] = &[
    (&[1], 0, &[0], &[1]),
    (&[3], 0, &[2], &[]),
    (&[3], 0, &[2, 0, 1], &[3]),
    (&[3], 0, &[1, 1, 1, 1], &[4]),
    (&[3], 0, &[], &[0]),
    (&[0], 0, &[], &[0]),
    (&[3, 2], 0, &[2, 0], &[2]),
    (&[3, 2], 0, &[1], &[]),
    (&[3, 2], 1, &[1, 0, 1], &[3]),
    (&[3, 2], 1, &[0], &[1]),
    (&[3, 0], 0, &[2, 1], &[2]),
    (&[0, 3], 1, &[2, 1], &[2]),
    (&[4, 3], 0, &[1, 0, 2, 2], &[2, 2]),
    (&[2, 4], 1, &[3, 3, 0, 1], &[2, 2]),
    (&[2, 3, 2], 1, &[2, 0], &[2]),
    (&[2, 3, 2], 2, &[1, 1, 0], &[3]),
    (&[2, 3, 2], 0, &[1], &[1, 1]),
    (&[1, 3], 0, &[0, 0, 0], &[3]),
    (&[5, 20], 0, &[4, 0, 4], &[3]),
    (&[2, 2, 1, 3], 3, &[2, 0], &[2]),
];

/// The same, for picking along an axis.
const ALONG: &[Picks] = &[
    (&[1], 0, &[0], &[1]),
    (&[3], 0, &[2, 0], &[2]),
    (&[3], 0, &[1, 1, 1, 1], &[4]),
    (&[3], 0, &[], &[0]),
    (&[0], 0, &[], &[0]),
    (&[3, 2], 0, &[2, 0], &[1, 2]),
    (&[3, 2], 0, &[2, 0, 0, 1, 1, 1], &[3, 2]),
    (&[3, 2], 1, &[1, 0, 1], &[3, 1]),
    (&[3, 2], 1, &[1, 1, 0, 0, 0, 1], &[3, 2]),
    (&[3, 2], 1, &[1, 1], &[1, 2]),
    (&[3, 2], 0, &[2, 1, 0, 2], &[4, 1]),
    (&[3, 2], 1, &[], &[0, 2]),
    (&[3, 0], 0, &[], &[2, 0]),
    (&[2, 3], 1, &[2, 2, 2, 2, 0, 1, 0, 1], &[2, 4]),
    (&[2, 2, 2], 0, &[1, 0, 1, 1], &[1, 2, 2]),
    (&[2, 2, 2], 1, &[1, 0, 1, 1], &[2, 1, 2]),
    (&[2, 2, 2], 2, &[0, 0, 1, 1], &[2, 2, 1]),
    (&[2, 3, 2], 1, &[2, 0, 1], &[1, 3, 1]),
    (&[1, 20], 1, &[19, 0, 19], &[1, 3]),
    (&[2, 1, 3, 1], 2, &[2, 0], &[2, 1, 1, 1]),
];

pub(super) fn indices(values: &[usize], shape: &[usize]) -> Indices {
    Indices::new(values.to_vec(), shape)
}

pub(super) fn check_inside(x: &Shape, axis: usize, picks: &Indices) -> Result<(), Mismatch> {
    let Some(&size) = x.get(axis) else {
        return Err(Mismatch::new(format!("axis {axis} does not exist")).row("given", x));
    };
    match picks.max() {
        Some(max) if max >= size => Err(Mismatch::new(format!("index {max} lies outside axis {axis}"))
            .row("given", x)
            .note(format!("axis {axis} has size {size}"))),
        _ => Ok(()),
    }
}

pub(super) fn check_along(x: &Shape, axis: usize, picks: &Indices) -> Result<(), Mismatch> {
    check_inside(x, axis, picks)?;
    let sizes = picks.shape();
    let rows = |title: &str| Mismatch::new(title).row("given", x).row("indices", sizes);
    if sizes.len() != x.len() {
        return Err(rows("indices need as many axes").note(format!("expected {} axes", x.len())));
    }
    match (0..x.len()).find(|&other| other != axis && sizes[other] > x[other]) {
        Some(other) => Err(rows("indices reach beyond the tensor")
            .note(format!("axis {other} is {}, expected at most {}", sizes[other], x[other]))),
        None => Ok(()),
    }
}

/// Panics in the name of the operation that was called, if the rule of one that it is made of refuses the operands.
#[track_caller]
pub(super) fn demand<T>(name: &str, rule: Result<T, Mismatch>) {
    if let Err(mismatch) = rule {
        panic!("{}", mismatch.report(name));
    }
}

fn fits(x: &Shape, expected: &Shape, into: Shape) -> Result<Shape, Mismatch> {
    match x == expected {
        true => Ok(into),
        false => Err(Mismatch::new("what is added does not fit").row("given", x).row("expected", expected)),
    }
}

impl Tensor {
    /// The slices at the given indices of an axis, which the axes of the indices replace: rows of a table, an
    /// embedding, a batch. (`take` of NumPy, `index_select` of PyTorch.)
    ///
    /// # Gradient
    /// A slice that is picked twice gets both derivatives.
    ///
    /// # Panics
    /// If the axis does not exist or an index lies outside it.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.index_select(0, &Indices::from([1])).to_vec::<f32>(), [3.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn index_select(&self, axis: isize, indices: &Indices) -> Tensor {
        let axis = resolve_axis("index_select", axis, self.shape());
        apply(IndexSelect { axis, picks: indices.clone() }, [self])
    }

    /// One element for each index: that at the same place, but at this index of the axis. (`take_along_axis` of
    /// NumPy, `gather` of PyTorch.)
    ///
    /// # Shape
    /// That of the indices, which may be shorter than the tensor along the other axes.
    ///
    /// # Gradient
    /// An element that is picked twice gets both derivatives.
    ///
    /// # Panics
    /// If the indices have another number of axes, reach beyond the tensor, or lie outside the axis.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// let best = x.take_along(1, &Indices::new(vec![1, 0], [2, 1]));
    /// assert_eq!(best.to_vec::<f32>(), [2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn take_along(&self, axis: isize, indices: &Indices) -> Tensor {
        let axis = resolve_axis("take_along", axis, self.shape());
        apply(TakeAlong { axis, picks: indices.clone() }, [self])
    }

    /// [`take_along`](Tensor::take_along), by PyTorch's name.
    ///
    /// # Panics
    /// As [`take_along`](Tensor::take_along).
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// let y = x.gather(1, &Indices::new(vec![1, 0], [2, 1]));
    /// assert_eq!(y.to_vec::<f32>(), [2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn gather(&self, axis: isize, indices: &Indices) -> Tensor {
        demand("gather", check_along(self.shape(), resolve_axis("gather", axis, self.shape()), indices));
        self.take_along(axis, indices)
    }

    /// The adjoint of [`index_select`](Tensor::index_select).
    #[track_caller]
    pub(super) fn add_taken(&self, into: Shape, axis: usize, indices: &Indices) -> Tensor {
        apply(AddTaken { into, axis, picks: indices.clone() }, [self])
    }

    /// The adjoint of [`take_along`](Tensor::take_along).
    #[track_caller]
    pub(super) fn add_along(&self, into: Shape, axis: usize, indices: &Indices) -> Tensor {
        apply(AddAlong { into, axis, picks: indices.clone() }, [self])
    }
}
