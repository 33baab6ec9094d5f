//! Products of a matrix by a vector, in loops for any machine: `matrixmultiply` would pad the vector to a tile.

use crate::dtype::Float;
use crate::lanes::{Sum, in_lanes};
use crate::product::matrix::Matrix;
use crate::threads::{Rows, for_each_piece};

/// Writes `a v` to `out` and says so, or does nothing if neither rows nor columns of `a` lie together in memory.
pub(crate) fn by_vector<T: Float>(a: Matrix<'_, T>, v: &[T], out: &mut [T]) -> bool {
    let [row, column] = a.strides;
    let is_by_rows = column == 1 && row >= 0;
    let is_by_columns = row == 1 && column >= 0;
    if !is_by_rows && !is_by_columns {
        return false;
    }
    for_each_piece([out], [1], Rows::of(a.rows, a.columns), &|first, n, [out]| {
        let a = a.part(first..first + n, 0..a.columns);
        if is_by_rows {
            by_rows(&a.data[a.first..], row as usize, v, out);
        } else {
            by_columns(&a.data[a.first..], column as usize, v, out);
        }
    });
    true
}

/// Each element is the scalar product of a row that lies together in memory.
fn by_rows<T: Float>(data: &[T], stride: usize, v: &[T], out: &mut [T]) {
    for (row, out) in out.iter_mut().enumerate() {
        let row = &data[row * stride..][..v.len()];
        *out = in_lanes::<T, Sum, 2>([row, v], |[x, y]| x * y);
    }
}

/// The result is the sum of columns that lie together in memory, each times an element of the vector.
fn by_columns<T: Float>(data: &[T], stride: usize, v: &[T], out: &mut [T]) {
    let n = out.len();
    out.fill(T::zero());
    let (fours, rest) = v.as_chunks::<4>();
    for (index, v) in fours.iter().enumerate() {
        // Four columns at a time, so that the result is read and written once for four of them.
        let column = |i: usize| &data[(4 * index + i) * stride..][..n];
        let (a, b, c, d) = (column(0), column(1), column(2), column(3));
        for (i, out) in out.iter_mut().enumerate() {
            *out += (a[i] * v[0] + b[i] * v[1]) + (c[i] * v[2] + d[i] * v[3]);
        }
    }
    for (index, &v) in rest.iter().enumerate() {
        let column = &data[(4 * fours.len() + index) * stride..][..n];
        for (out, &x) in out.iter_mut().zip(column) {
            *out += x * v;
        }
    }
}
