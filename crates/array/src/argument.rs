//! Where along an axis the greatest or least element stands. Its value comes from `reduce`.

use crate::array::Array;
use crate::dispatch;
use crate::dtype::Float;
use crate::indices::Indices;

/// The index of the greatest (`max`) or least element along an axis: the first of equals, and the first NaN if any.
/// The result has the array's shape without the axis.
///
/// # Panics
/// If the axis does not exist or has size 0.
///
/// # Examples
/// ```
/// use wengert_array::{Array, arg_reduce_last};
/// let x = Array::from_vec(vec![1.0_f32, 5.0, 5.0, 4.0, 0.0, 3.0], [2, 3]);
/// assert_eq!(arg_reduce_last(&x, 1, true).as_slice(), [1, 0]);
/// assert_eq!(arg_reduce_last(&x, 0, false).as_slice(), [0, 1, 1]);
/// ```
#[track_caller]
pub fn arg_reduce_last(x: &Array, axis: usize, max: bool) -> Indices {
    let shape = *x.shape();
    assert!(axis < shape.len(), "argument: axis {axis} does not exist in {shape}");
    let width = shape[axis];
    assert!(width > 0 || shape.without(axis).size() == 0, "argument: axis {axis} of {shape} has no elements");
    let order: Vec<usize> = (0..shape.len()).filter(|&other| other != axis).chain([axis]).collect();
    let rows = x.permute(&order).contiguous();
    let found = dispatch!(x.dtype(), T => {
        let data = rows.as_slice::<T>().expect("contiguous and of this type");
        data.chunks_exact(width.max(1)).map(|row| first_extreme(row, max)).collect()
    });
    Indices::new::<usize>(found, shape.without(axis))
}

fn first_extreme<T: Float>(row: &[T], max: bool) -> usize {
    let is_better = |x: T, best: T| if max { x > best } else { x < best };
    let mut at = 0;
    for (i, &x) in row.iter().enumerate() {
        if is_better(x, row[at]) || (x.is_nan() && !row[at].is_nan()) {
            at = i;
        }
    }
    at
}
