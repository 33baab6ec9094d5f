//! Products on machines for which there is no kernel: `matrixmultiply`, split over the threads.

use crate::buffer::Strided;
use crate::dtype::Float;
use crate::product::matrix::{Matrix, Region};
use crate::product::vector::by_vector;
use crate::team::share;
use crate::threads::MIN_PARALLEL_FLOPS;

/// Products with fewer multiplications than this are plain loops: the setup of the packed kernel costs more.
const FEW_MULTIPLICATIONS: usize = 512;

/// Rows and columns of the result that the largest of the packed kernels computes at once.
const TILE: usize = 16;

/// Writes the product to `c`. Sizes are positive and agree.
pub(crate) fn multiply<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    let (m, k, n) = (a.rows, a.columns, b.columns);
    if m * k * n < FEW_MULTIPLICATIONS {
        multiply_few(a, b, c);
    } else if by_column_or_row(a, b, c) {
        // Done: one operand is a vector.
    } else if 2 * m * k * n < MIN_PARALLEL_FLOPS {
        multiply_packed(a, b, Region::whole(c, n));
    } else {
        multiply_split(a, b, c);
    }
}

/// Writes the product if it is one by a vector on either side that can be done as such.
fn by_column_or_row<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) -> bool {
    match (a.rows, b.columns) {
        (_, 1) => by_vector(a, &b.column(), c),
        (1, _) => by_vector(b.transpose(), &a.transpose().column(), c),
        _ => false,
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

fn multiply_packed<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: Region<'_, T>) {
    assert!(a.is_within() && b.is_within() && a.columns == b.rows, "the operands lie within their buffers");
    assert!(c.rows == a.rows && c.columns == b.columns, "the result has the product's size");
    let out = Strided { pointer: c.first, row: c.stride as isize, column: 1 };
    // SAFETY: both operands lie within their slices, as asserted; the region's elements are distinct, borrowed
    // exclusively, and as many as asserted.
    unsafe { T::gemm([a.rows, a.columns, b.columns], a.strided(), b.strided(), out) }
}

/// Splits the result into a grid of blocks for the threads at hand.
///
/// Every element is summed by the same kernel in the same order whatever block it is in, so how many blocks there are
/// changes no bit. Each block packs its own operands, which for one thread would be a loss, so one thread takes all.
fn multiply_split<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    let n = b.columns;
    let [rows, columns] = block_size([a.rows, a.columns, n], rayon::current_num_threads());
    if rows == a.rows && columns == n {
        return multiply_packed(a, b, Region::whole(c, n));
    }
    let out = Region::whole(c, n);
    let (n_down, n_across) = (a.rows.div_ceil(rows), n.div_ceil(columns));
    share(n_down * n_across, &|block| {
        let (down, across) = (block / n_across * rows, block % n_across * columns);
        let (bottom, right) = (a.rows.min(down + rows), n.min(across + columns));
        // SAFETY: the blocks of a grid do not overlap, and each is worked on once.
        let region = unsafe { out.part(down..bottom, across..right) };
        multiply_packed(a.part(down..bottom, 0..a.columns), b.part(0..b.rows, across..right), region);
    });
}

/// The size of the blocks: the longer side is halved until every thread has one, or they get too small to be worth
/// a thread. Whole kernel regions, so that only the last block in a row or column has a ragged edge.
fn block_size([m, k, n]: [usize; 3], n_threads: usize) -> [usize; 2] {
    let (mut rows, mut columns, mut blocks) = (m, n, 1);
    while blocks < n_threads && 2 * rows * k * columns >= MIN_PARALLEL_FLOPS {
        let longer = if rows >= columns { &mut rows } else { &mut columns };
        *longer = longer.div_ceil(2).next_multiple_of(TILE);
        blocks *= 2;
    }
    [rows.min(m), columns.min(n)]
}
