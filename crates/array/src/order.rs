//! The order of elements along an axis, as indices: sorted, or the greatest so far.

use std::cmp::Ordering;

use crate::array::Array;
use crate::dispatch;
use crate::dtype::Float;
use crate::indices::Indices;

/// The indices that sort `x` along an axis. Equal elements keep their order; a NaN is greater than all.
///
/// # Panics
/// If the axis does not exist.
///
/// # Examples
/// ```
/// use wengert_array::{Array, argsort};
/// let x = Array::from_vec(vec![3.0_f32, 1.0, 2.0, 1.0], [4]);
/// assert_eq!(argsort(&x, 0, false).as_slice(), [1, 3, 2, 0]);
/// assert_eq!(argsort(&x, 0, true).as_slice(), [0, 2, 1, 3]);
/// ```
#[track_caller]
pub fn argsort(x: &Array, axis: usize, is_descending: bool) -> Indices {
    indices_of_rows(x, axis, &Sorted { is_descending })
}

/// For each element along an axis, the index of the greatest (`max`) or least so far: the first of equals, and the
/// first NaN if any.
///
/// # Panics
/// If the axis does not exist.
///
/// # Examples
/// ```
/// use wengert_array::{Array, arg_running};
/// let x = Array::from_vec(vec![1.0_f32, 3.0, 2.0, 3.0, 4.0], [5]);
/// assert_eq!(arg_running(&x, 0, true).as_slice(), [0, 1, 1, 1, 4]);
/// ```
#[track_caller]
pub fn arg_running(x: &Array, axis: usize, max: bool) -> Indices {
    indices_of_rows(x, axis, &Running { max })
}

/// Gives an index for each element of a row.
trait RowIndices {
    fn fill<T: Float>(&self, row: &[T], indices: &mut Vec<usize>);
}

struct Sorted {
    is_descending: bool,
}

impl RowIndices for Sorted {
    fn fill<T: Float>(&self, row: &[T], indices: &mut Vec<usize>) {
        indices.extend(0..row.len());
        match self.is_descending {
            false => indices.sort_by(|&a, &b| compare(row[a], row[b])),
            true => indices.sort_by(|&a, &b| compare(row[b], row[a])),
        }
    }
}

struct Running {
    max: bool,
}

impl RowIndices for Running {
    fn fill<T: Float>(&self, row: &[T], indices: &mut Vec<usize>) {
        let mut best = 0;
        indices.extend((0..row.len()).map(|i| {
            let is_better = if self.max { row[i] > row[best] } else { row[i] < row[best] };
            if is_better || (row[i].is_nan() && !row[best].is_nan()) {
                best = i;
            }
            best
        }));
    }
}

fn compare<T: Float>(a: T, b: T) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

#[track_caller]
fn indices_of_rows(x: &Array, axis: usize, function: &impl RowIndices) -> Indices {
    let shape = *x.shape();
    assert!(axis < shape.len(), "order: axis {axis} does not exist in {shape}");
    let (width, inner) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
    let order: Vec<usize> = (0..shape.len()).filter(|&other| other != axis).chain([axis]).collect();
    let rows = x.permute(&order).contiguous();
    let mut found = vec![0; shape.size()];
    let mut indices = Vec::with_capacity(width);
    dispatch!(x.dtype(), T => {
        let data = rows.as_slice::<T>().expect("contiguous and of this type");
        for (row, data) in data.chunks_exact(width.max(1)).enumerate() {
            indices.clear();
            function.fill(data, &mut indices);
            let start = row / inner * width * inner + row % inner;
            for (i, &index) in indices.iter().enumerate() {
                found[start + i * inner] = index;
            }
        }
    });
    Indices::new(found, shape)
}
