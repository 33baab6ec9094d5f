//! Reductions over sets of axes. The loops over memory are in `sum`.

use crate::array::Array;
use crate::axes::Axes;
use crate::dispatch;
use crate::dtype::Float;
use crate::shape::{MAX_RANK, Shape};
use crate::sum::{Group, reduce_group};

/// How a reduction combines numbers. NaN in `Max` and `Min` gives NaN. Of no numbers: 0, 1, -infinity, infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reduce {
    /// The sum.
    Sum,
    /// The product.
    Product,
    /// The greatest.
    Max,
    /// The least.
    Min,
}

/// Reduces over the given axes, which stay with size 1.
///
/// The order of combination depends on the shape alone. Sums go by fixed lanes within blocks and by halves above
/// them, so that their error grows with the logarithm of the count.
///
/// # Panics
/// If an axis does not exist.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Axes, Reduce, reduce};
/// let x = Array::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3]);
/// let y = reduce(&x, Axes::of(&[0]), Reduce::Sum);
/// assert_eq!(y.shape(), [1, 3]);
/// assert_eq!(y.to_vec::<f32>(), [5.0, 7.0, 9.0]);
/// ```
/// # References
/// N. J. Higham, The accuracy of floating point summation, SIAM J. Sci. Comput. 14 (1993).
#[track_caller]
pub fn reduce(x: &Array, axes: Axes, how: Reduce) -> Array {
    let missing = axes.iter().find(|&axis| axis >= x.rank());
    assert!(missing.is_none(), "reduce: axes {axes} do not exist in {}", x.shape());
    if axes.iter().all(|axis| x.shape()[axis] == 1) {
        return x.clone();
    }
    if x.is_contiguous() {
        dispatch!(x.dtype(), T => reduce_contiguous::<T>(x, axes, how))
    } else {
        dispatch!(x.dtype(), T => reduce_contiguous::<T>(&x.contiguous(), axes, how))
    }
}

/// Undoes broadcasting: sums `x` over the axes along which `shape` was repeated, to an array of that shape.
///
/// # Panics
/// If `x` does not have the shape of a broadcast of `shape`.
///
/// # Examples
/// ```
/// use wengert_array::{Array, sum_to};
/// let x = Array::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3]);
/// assert_eq!(sum_to(&x, &[3].into()).to_vec::<f32>(), [5.0, 7.0, 9.0]);
/// assert_eq!(sum_to(&x, &[2, 1].into()).to_vec::<f32>(), [6.0, 15.0]);
/// ```
#[track_caller]
pub fn sum_to(x: &Array, shape: &Shape) -> Array {
    if x.shape() == shape {
        return x.clone();
    }
    let joined = Shape::broadcast(&[shape, x.shape()]);
    assert!(
        joined.is_ok_and(|joined| joined == *x.shape()),
        "sum_to: {shape} does not broadcast to {}",
        x.shape()
    );
    let lead = x.rank() - shape.len();
    let is_repeated = |axis: usize| axis < lead || (shape[axis - lead] == 1 && x.shape()[axis] != 1);
    let repeated: Axes = (0..x.rank()).filter(|&axis| is_repeated(axis)).collect();
    reduce(x, repeated, Reduce::Sum).reshape(*shape)
}

/// Reduces a contiguous array, one group of neighbouring axes after the other, the innermost first.
fn reduce_contiguous<T: Float>(x: &Array, axes: Axes, how: Reduce) -> Array {
    let (group, shape) = innermost_group(x.shape(), axes);
    let data = x.as_slice::<T>().expect("contiguous and of this type");
    let result = Array::build(shape, |out| reduce_group(data, out, group, how));
    match axes.iter().all(|axis| shape[axis] == 1) {
        true => result,
        false => reduce_contiguous::<T>(&result, axes, how),
    }
}

/// The last run of axes to reduce, with nothing between them that stays, and the shape once they are reduced.
fn innermost_group(shape: &Shape, axes: Axes) -> (Group, Shape) {
    if axes == Axes::all(shape.len()) {
        let all = Group { outer: 1, reduced: shape.size(), inner: 1 };
        return (all, Shape::from(&[1; MAX_RANK][..shape.len()]));
    }
    let is_reduced = |axis: &usize| axes.contains(*axis) && shape[*axis] != 1;
    let is_kept = |axis: &usize| !axes.contains(*axis) && shape[*axis] != 1;
    let last = (0..shape.len()).rev().find(is_reduced).expect("there is an axis to reduce");
    let first = (0..last).rev().find(is_kept).map_or(0, |axis| axis + 1);
    let group = Group {
        outer: shape[..first].iter().product(),
        reduced: shape[first..=last].iter().product(),
        inner: shape[last + 1..].iter().product(),
    };
    let done = (first..=last).filter(is_reduced);
    (group, done.fold(*shape, |shape, axis| shape.with(axis, 1)))
}
