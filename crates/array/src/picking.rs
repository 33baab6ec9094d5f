//! Picking elements by indices, and the adjoint of each way: adding elements where the indices say. Indices that
//! occur twice are added twice, in the order of the indices.

use crate::array::Array;
use crate::dispatch;
use crate::dtype::Float;
use crate::indices::Indices;
use crate::shape::{MAX_RANK, Shape};
use crate::threads::{Rows, for_each_piece};

/// The slices of `x` at the given indices of `axis`, which the axes of `indices` replace.
///
/// # Panics
/// If the axis does not exist or an index lies outside it.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Indices, take};
/// let x = Array::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [3, 2]);
/// let y = take(&x, &Indices::from([2, 0, 2]), 0);
/// assert_eq!(y.to_vec::<f32>(), [5.0, 6.0, 1.0, 2.0, 5.0, 6.0]);
/// ```
#[track_caller]
pub fn take(x: &Array, indices: &Indices, axis: usize) -> Array {
    check_inside("take", x.shape(), indices, axis);
    let shape = taken_shape(x.shape(), indices, axis);
    let x = x.contiguous();
    let (size, inner) = (x.shape()[axis], x.shape()[axis + 1..].iter().product::<usize>());
    let picks = indices.as_slice();
    let n_rows = shape.size().checked_div(inner).unwrap_or(0);
    dispatch!(x.dtype(), T => Array::build(shape, |out: &mut [T]| {
        let from = x.as_slice::<T>().expect("contiguous and of this type");
        for_each_piece([out], [inner], Rows::of(n_rows, inner), &|first, n, [out]| {
            for (row, out) in (first..first + n).zip(out.chunks_exact_mut(inner.max(1))) {
                let place = row / picks.len() * size + picks[row % picks.len()] as usize;
                out.copy_from_slice(&from[place * inner..][..inner]);
            }
        });
    }))
}

/// The adjoint of [`take`]: zeros of shape `into`, with the slices of `x` added at the indices of `axis`.
///
/// # Panics
/// If `x` does not have the shape of what [`take`] would pick, or an index lies outside the axis.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Indices, add_taken};
/// let x = Array::from_vec(vec![1.0_f32, 2.0, 4.0], [3]);
/// assert_eq!(add_taken(&x, &Indices::from([1, 0, 1]), 0, [3].into()).to_vec::<f32>(), [2.0, 5.0, 0.0]);
/// ```
#[track_caller]
pub fn add_taken(x: &Array, indices: &Indices, axis: usize, into: Shape) -> Array {
    check_inside("add_taken", &into, indices, axis);
    let expected = taken_shape(&into, indices, axis);
    assert!(*x.shape() == expected, "add_taken: {} is not {expected}", x.shape());
    let x = x.contiguous();
    let (size, inner) = (into[axis], into[axis + 1..].iter().product::<usize>());
    dispatch!(x.dtype(), T => Array::build(into, |out: &mut [T]| {
        out.fill(T::default());
        let from = x.as_slice::<T>().expect("contiguous and of this type");
        if inner > 0 && !indices.is_empty() {
            for (row, from) in from.chunks_exact(inner).enumerate() {
                let pick = indices.as_slice()[row % indices.len()] as usize;
                let place = row / indices.len() * size + pick;
                add(&mut out[place * inner..][..inner], from);
            }
        }
    }))
}

fn add<T: Float>(to: &mut [T], from: &[T]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

fn taken_shape(x: &Shape, indices: &Indices, axis: usize) -> Shape {
    [&x[..axis], &indices.shape()[..], &x[axis + 1..]].concat().into()
}

/// One element for each index: the element of `x` at the same place, but at that index of `axis`.
///
/// Along the other axes `indices` may be shorter than `x`.
///
/// # Panics
/// If the ranks differ, `indices` is longer along another axis, or an index lies outside `axis`.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Indices, take_along};
/// let x = Array::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [2, 2]);
/// assert_eq!(take_along(&x, &Indices::new(vec![1, 0], [2, 1]), 1).to_vec::<f32>(), [2.0, 3.0]);
/// ```
#[track_caller]
pub fn take_along(x: &Array, indices: &Indices, axis: usize) -> Array {
    let places = places_along("take_along", indices, axis, x.shape());
    let x = x.contiguous();
    dispatch!(x.dtype(), T => Array::build(*indices.shape(), |out: &mut [T]| {
        let from = x.as_slice::<T>().expect("contiguous and of this type");
        for (out, place) in out.iter_mut().zip(places) {
            *out = from[place];
        }
    }))
}

/// The adjoint of [`take_along`]: zeros of shape `into`, with each element of `x` added where [`take_along`] would
/// take it from.
///
/// # Panics
/// If the shapes do not fit or an index lies outside the axis.
#[track_caller]
pub fn add_along(x: &Array, indices: &Indices, axis: usize, into: Shape) -> Array {
    assert!(x.shape() == indices.shape(), "add_along: {} for indices {}", x.shape(), indices.shape());
    let places = places_along("add_along", indices, axis, &into);
    let x = x.contiguous();
    dispatch!(x.dtype(), T => Array::build(into, |out: &mut [T]| {
        out.fill(T::default());
        let from = x.as_slice::<T>().expect("contiguous and of this type");
        for (&x, place) in from.iter().zip(places) {
            out[place] += x;
        }
    }))
}

/// Where values that are written along an axis end up, if later ones replace earlier ones: 1 for each index that is
/// the last to name its place, and 1 for each place of shape `into` that is written. Both are `f32`.
///
/// # Panics
/// If the shapes do not fit or an index lies outside the axis.
#[track_caller]
pub fn last_along(indices: &Indices, axis: usize, into: Shape) -> [Array; 2] {
    let places: Vec<usize> = places_along("last_along", indices, axis, &into).collect();
    let mut is_written = vec![0.0_f32; into.size()];
    let mut is_last = vec![0.0_f32; places.len()];
    for (is_last, &place) in is_last.iter_mut().zip(&places).rev() {
        *is_last = 1.0 - is_written[place];
        is_written[place] = 1.0;
    }
    [Array::from_vec(is_last, *indices.shape()), Array::from_vec(is_written, into)]
}

/// The place in row-major order in `shape` that each index names.
#[track_caller]
fn places_along<'a>(
    name: &str,
    indices: &'a Indices,
    axis: usize,
    shape: &'a Shape,
) -> impl Iterator<Item = usize> + 'a {
    check_inside(name, shape, indices, axis);
    let sizes = indices.shape();
    let fits = sizes.len() == shape.len() && (0..shape.len()).all(|i| i == axis || sizes[i] <= shape[i]);
    assert!(fits, "{name}: indices {sizes} reach beyond {shape}");
    let mut at = [0; MAX_RANK];
    indices.iter().map(move |index| {
        let places = (0..shape.len()).map(|i| (if i == axis { index } else { at[i] }, shape[i]));
        let place = places.fold(0, |place, (at, size)| place * size + at);
        advance(&mut at, sizes);
        place
    })
}

/// The next index in row-major order.
fn advance(at: &mut [usize; MAX_RANK], sizes: &Shape) {
    for axis in (0..sizes.len()).rev() {
        at[axis] += 1;
        if at[axis] < sizes[axis] {
            return;
        }
        at[axis] = 0;
    }
}

#[track_caller]
fn check_inside(name: &str, shape: &Shape, indices: &Indices, axis: usize) {
    assert!(axis < shape.len(), "{name}: axis {axis} does not exist in {shape}");
    let is_inside = indices.max().is_none_or(|max| max < shape[axis]);
    assert!(is_inside, "{name}: index {} lies outside axis {axis} of {shape}", indices.max().unwrap_or(0));
}
