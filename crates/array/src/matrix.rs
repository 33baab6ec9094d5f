//! One matrix product on strided operands: which algorithm, and the split over threads. Batches are in `matmul`.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::buffer::Strided;
use crate::dtype::Float;
use crate::threads::MIN_PARALLEL_FLOPS;

/// Products with fewer multiplications than this are plain loops: the setup of the packed kernel costs more.
const FEW_MULTIPLICATIONS: usize = 512;

/// A strided matrix within a slice.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    pub(crate) data: &'a [T],
    /// The place of the first element.
    pub(crate) first: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// The distances between rows and between columns.
    pub(crate) strides: [isize; 2],
}

impl<'a, T: Float> Matrix<'a, T> {
    fn at(&self, row: usize, column: usize) -> T {
        self.data[self.place(row, column)]
    }

    fn place(&self, row: usize, column: usize) -> usize {
        (self.first as isize + row as isize * self.strides[0] + column as isize * self.strides[1]) as usize
    }

    /// Whether all elements lie within the slice. The extremes of a linear function are at the corners.
    fn is_within(&self) -> bool {
        let reach = |n: usize, stride: isize| (n as i128 - 1) * stride as i128;
        let (down, right) = (reach(self.rows, self.strides[0]), reach(self.columns, self.strides[1]));
        let first = self.first as i128;
        let (least, most) = (first + down.min(0) + right.min(0), first + down.max(0) + right.max(0));
        self.rows == 0 || self.columns == 0 || (least >= 0 && most < self.data.len() as i128)
    }

    fn part(&self, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Matrix<'a, T> {
        Matrix {
            first: self.place(rows.start, columns.start),
            rows: rows.len(),
            columns: columns.len(),
            ..*self
        }
    }

    fn strided(&self) -> Strided<*const T> {
        Strided { pointer: self.data[self.first..].as_ptr(), row: self.strides[0], column: self.strides[1] }
    }
}

/// Writes the product of two matrices, row-major, to `c`.
pub(crate) fn multiply<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    assert_eq!((a.columns, a.rows * b.columns), (b.rows, c.len()), "the sizes of a product agree");
    let (m, k, n) = (a.rows, a.columns, b.columns);
    if m == 0 || n == 0 || k == 0 {
        c.fill(T::zero());
    } else if m * k * n < FEW_MULTIPLICATIONS {
        multiply_few(a, b, c);
    } else if 2 * m * k * n < MIN_PARALLEL_FLOPS {
        multiply_packed(a, b, c, n);
    } else {
        multiply_split(a, b, c);
    }
}

fn multiply_few<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    for (i, row) in c.chunks_exact_mut(b.columns).enumerate() {
        for (j, c) in row.iter_mut().enumerate() {
            let mut sum = T::zero();
            for k in 0..a.columns {
                sum += a.at(i, k) * b.at(k, j);
            }
            *c = sum;
        }
    }
}

/// `c` begins with the first row of the result; its rows are `row` apart and reach no further than `c` does.
fn multiply_packed<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], row: usize) {
    assert!(a.is_within() && b.is_within() && a.columns == b.rows, "the operands lie within their buffers");
    assert!(
        row >= b.columns && c.len() >= (a.rows - 1) * row + b.columns,
        "the result lies within its buffer"
    );
    let out = Strided { pointer: c.as_mut_ptr(), row: row as isize, column: 1 };
    // SAFETY: both operands lie within their slices and the result within `c`, as asserted; `c` is borrowed
    // exclusively, so it overlaps neither, and its rows do not overlap, being `row >= n` apart.
    unsafe { T::gemm([a.rows, a.columns, b.columns], a.strided(), b.strided(), out) }
}

/// Splits the result's rows among threads. Every element is summed by the same kernel in the same order as without a
/// split, so the pieces change no bit.
fn multiply_split<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    let n = b.columns;
    let piece = a.rows.div_ceil(4);
    c.par_chunks_mut(piece * n).enumerate().for_each(|(index, c)| {
        let rows = index * piece..(index * piece + c.len() / n);
        multiply_packed(a.part(rows, 0..a.columns), b, c, n);
    });
}
