//! Products with one row or one column: each number of the matrix is needed once, so that nothing is packed. The loops
//! are in `row` and `dots`.

use crate::dtype::Float;
use crate::product::dots::Dots;
use crate::product::finish::Finish;
use crate::product::matrix::Matrix;
use crate::product::row::Row;
use crate::product::vectors::Vector;
use crate::threads::{Rows, for_each_piece};

/// Matrices with fewer elements are read by the calling thread: 784x512, which stays in a second cache, takes 20
/// microseconds, and waking another thread takes ten.
const MIN_PARALLEL: usize = 1 << 18;

/// Elements of the result that a thread takes at least.
const MIN_PIECE: usize = 128;

/// Writes the finished product to `c` and says so, or does nothing if neither operand is a vector or the other lies
/// neither by rows nor by columns. Sizes are positive, agree, and lie within the slices.
///
/// # Safety
/// The machine has `V::LEVEL`.
pub(crate) unsafe fn multiply<V: Vector<Scalar: Float>>(
    a: Matrix<'_, V::Scalar>,
    b: Matrix<'_, V::Scalar>,
    c: &mut [V::Scalar],
    finish: Finish<'_, V::Scalar>,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        match (a.rows, b.columns) {
            (_, 1) if a.strides[1] == 1 => by_rows::<V>(a, &b.column(), c),
            (_, 1) if a.strides[0] == 1 => by_columns::<V>(b.transpose(), a.transpose(), c, Finish::none()),
            (1, _) if b.strides[1] == 1 => {
                by_columns::<V>(a, b, c, finish);
                return true;
            }
            (1, _) if b.strides[0] == 1 => by_rows::<V>(b.transpose(), &a.transpose().column(), c),
            _ => return false,
        }
    }
    finish.apply(c, b.columns);
    true
}

/// The split of a result whose elements are sums of `k` products. How it is split changes no bit.
fn pieces(n: usize, k: usize) -> Rows {
    let is_parallel = n * k >= MIN_PARALLEL && rayon::current_num_threads() > 1;
    let share = if is_parallel { n.div_ceil(rayon::current_num_threads()) } else { n };
    Rows { count: n, piece: share.next_multiple_of(MIN_PIECE), is_parallel }
}

/// A matrix whose rows lie together, by a vector.
unsafe fn by_rows<V: Vector<Scalar: Float>>(a: Matrix<'_, V::Scalar>, v: &[V::Scalar], c: &mut [V::Scalar]) {
    for_each_piece([c], [1], pieces(a.rows, a.columns), &|first, rows, [c]| {
        let part = a.part(first..first + rows, 0..a.columns).strided();
        let (k, v, out) = (a.columns, v.as_ptr(), c.as_mut_ptr());
        // SAFETY: the caller's promise; the rows exist, and the piece of the result has an element for each.
        unsafe { Dots::<V> { rows, k, a: part.pointer, a_row: part.row, v, out }.multiply() };
    });
}

/// A row by a matrix whose rows lie together.
unsafe fn by_columns<V: Vector<Scalar: Float>>(
    a: Matrix<'_, V::Scalar>,
    b: Matrix<'_, V::Scalar>,
    c: &mut [V::Scalar],
    finish: Finish<'_, V::Scalar>,
) {
    for_each_piece([c], [1], pieces(b.columns, b.rows), &|first, columns, [c]| {
        let range = first..first + columns;
        let row = Row::<V> {
            k: b.rows,
            columns,
            a: a.strided().pointer,
            a_step: a.strides[1],
            b: b.part(0..b.rows, range.clone()).strided(),
            c: c.as_mut_ptr(),
            finish: finish.part(range),
        };
        // SAFETY: the caller's promise; the columns exist, and the piece of the result has an element for each.
        unsafe { row.multiply() };
    });
}
