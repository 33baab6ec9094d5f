//! Elements in order of size.

use wengert_array::{Array, Indices, argsort};

use super::cumulative::axis_samples;
use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Composite, Sample, Tensor};

catalogue![Sort, TopK];

/// yᵢ = x[pᵢ] with the permutation p that sorts,  dx[pᵢ] = dyᵢ
#[derive(Clone, Debug)]
pub(crate) struct Sort {
    axis: usize,
    is_descending: bool,
}

impl Composite<1> for Sort {
    const NAME: &'static str = "sort";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        x.take_along(self.axis as isize, &argsort(&x.array, self.axis, self.is_descending))
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |x: &[f64], is_descending| {
            Sample::new(Sort { axis: 0, is_descending }, [Array::from_slice(x, [x.len()])])
        };
        let (low, nan) = (f64::NEG_INFINITY, f64::NAN);
        let ends = [
            of(&[3.0, 1.0, 2.0], false).gives(&[1.0, 2.0, 3.0]),
            of(&[3.0, 1.0, 2.0], true).gives(&[3.0, 2.0, 1.0]),
            of(&[2.0, 1.0, 2.0], false).gives(&[1.0, 2.0, 2.0]).with_derivatives([&[1.0; 3]]),
            of(&[nan, 1.0, low], false).gives(&[low, 1.0, nan]).with_derivatives([&[1.0; 3]]),
        ];
        let axes = axis_samples(|axis| Sort { axis, is_descending: axis == 1 });
        axes.into_iter().chain(ends).collect()
    }
}

/// yᵢ = x[pᵢ] for the k first of the permutation p that sorts from the greatest,  dx[pᵢ] = dyᵢ, elsewhere 0
#[derive(Clone, Debug)]
pub(crate) struct TopK {
    axis: usize,
    k: usize,
}

impl TopK {
    #[track_caller]
    fn indices(&self, x: &Tensor) -> Indices {
        let size = x.shape()[self.axis];
        assert!(
            self.k <= size,
            "topk: there are no {} greatest of {size}\n  given  {}   <- axis {} has size {size}",
            self.k,
            x.shape(),
            self.axis
        );
        first_along(&argsort(&x.array, self.axis, true), self.axis, self.k)
    }
}

/// The first `k` entries along an axis.
fn first_along(indices: &Indices, axis: usize, k: usize) -> Indices {
    let shape = indices.shape();
    let inner: usize = shape[axis + 1..].iter().product();
    let all: Vec<usize> = indices.iter().collect();
    let rows = all.chunks_exact((shape[axis] * inner).max(1));
    let first: Vec<usize> = rows.flat_map(|row| row[..k * inner].iter().copied()).collect();
    Indices::new(first, shape.with(axis, k))
}

impl Composite<1> for TopK {
    const NAME: &'static str = "topk";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        x.take_along(self.axis as isize, &self.indices(x))
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |axis, k, x: &[usize]| Sample::random(TopK { axis, k }, [x]);
        let ties = Sample::new(TopK { axis: 0, k: 2 }, [Array::from_vec(vec![1.0, 3.0, 3.0, 3.0], [4])]);
        vec![
            ties.gives(&[3.0, 3.0]).with_derivatives([&[0.0, 1.0, 1.0, 0.0]]),
            of(0, 1, &[1]),
            of(0, 0, &[1]),
            of(0, 1, &[5]),
            of(0, 3, &[5]),
            of(0, 5, &[5]),
            of(0, 0, &[0]),
            of(0, 2, &[3, 4]),
            of(1, 2, &[3, 4]),
            of(1, 4, &[3, 4]),
            of(1, 1, &[1, 4]),
            of(0, 1, &[1, 4]),
            of(0, 2, &[2, 0]),
            of(1, 2, &[0, 3]),
            of(1, 0, &[2, 3]),
            of(0, 1, &[2, 3, 2]),
            of(1, 2, &[2, 3, 2]),
            of(2, 1, &[2, 3, 2]),
            of(1, 3, &[2, 20]),
            of(3, 1, &[1, 2, 1, 2]),
            Sample::fails(TopK { axis: 0, k: 3 }, [&[2]], "there are no 3 greatest of 2"),
        ]
    }
}

impl Tensor {
    /// The elements along an axis in ascending order. Equal elements keep their order; a NaN is greater than all.
    ///
    /// # Gradient
    /// Each element takes its own along.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([3.0, 1.0, 2.0]);
    /// assert_eq!(x.sort(0).to_vec::<f32>(), [1.0, 2.0, 3.0]);
    /// assert_eq!(x.sort_descending(0).to_vec::<f32>(), [3.0, 2.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn sort(&self, axis: isize) -> Tensor {
        Sort { axis: resolve_axis("sort", axis, self.shape()), is_descending: false }.value([self])
    }

    /// The elements along an axis in descending order. Equal elements keep their order; a NaN is greater than all.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 3.0, 2.0]).sort_descending(0).to_vec::<f32>(), [3.0, 2.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn sort_descending(&self, axis: isize) -> Tensor {
        Sort { axis: resolve_axis("sort_descending", axis, self.shape()), is_descending: true }.value([self])
    }

    /// The indices that sort along an axis: `x.take_along(axis, &x.argsort(axis))` is `x.sort(axis)`.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// assert_eq!(Tensor::from([3.0, 1.0, 2.0]).argsort(0), Indices::from([1, 2, 0]));
    /// ```
    #[track_caller]
    pub fn argsort(&self, axis: isize) -> Indices {
        argsort(&self.array, resolve_axis("argsort", axis, self.shape()), false)
    }

    /// The `k` greatest elements along an axis from the greatest on, and their indices. Of equal elements the first
    /// come first.
    ///
    /// # Gradient
    /// The elements that are picked take theirs along; the others have 0.
    ///
    /// # Panics
    /// If the axis does not exist or has fewer than `k` elements.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let (values, indices) = Tensor::from([3.0, 1.0, 4.0]).topk(2, 0);
    /// assert_eq!((values.to_vec::<f32>(), indices), (vec![4.0, 3.0], Indices::from([2, 0])));
    /// ```
    #[track_caller]
    pub fn topk(&self, k: usize, axis: isize) -> (Tensor, Indices) {
        let axis = resolve_axis("topk", axis, self.shape());
        let indices = TopK { axis, k }.indices(self);
        (self.take_along(axis as isize, &indices), indices)
    }
}
