//! One matrix product on strided operands: which algorithm, and the split over threads. Batches are in `matmul`.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Range;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::buffer::Strided;
use crate::dtype::Float;
use crate::finish::Finish;
use crate::threads::MIN_PARALLEL_FLOPS;
use crate::vector::by_vector;

/// Products with fewer multiplications than this are plain loops: the setup of the packed kernel costs more.
const FEW_MULTIPLICATIONS: usize = 512;

/// Rows and columns of the result that the largest of the packed kernels computes at once.
const TILE: usize = 16;

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
    #[inline]
    fn at(&self, row: usize, column: usize) -> T {
        self.data[self.place(row, column)]
    }

    #[inline]
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

    pub(crate) fn part(&self, rows: Range<usize>, columns: Range<usize>) -> Matrix<'a, T> {
        Matrix {
            first: self.place(rows.start, columns.start),
            rows: rows.len(),
            columns: columns.len(),
            ..*self
        }
    }

    fn transpose(&self) -> Matrix<'a, T> {
        let [row, column] = self.strides;
        Matrix { rows: self.columns, columns: self.rows, strides: [column, row], ..*self }
    }

    /// The first column, copied unless its elements lie one after the other.
    fn column(&self) -> Cow<'a, [T]> {
        match self.strides[0] {
            1 => Cow::Borrowed(&self.data[self.first..self.first + self.rows]),
            _ => (0..self.rows).map(|row| self.at(row, 0)).collect(),
        }
    }

    fn strided(&self) -> Strided<*const T> {
        // Strides may be negative, so the pointer must be good for the whole slice, not only from `first` on.
        let pointer = self.data.as_ptr().wrapping_add(self.first);
        Strided { pointer, row: self.strides[0], column: self.strides[1] }
    }
}

/// Writes the product of two matrices, finished, in row-major order to `c`.
pub(crate) fn multiply<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], finish: Finish<'_, T>) {
    assert_eq!((a.columns, a.rows * b.columns), (b.rows, c.len()), "the sizes of a product agree");
    let (m, k, n) = (a.rows, a.columns, b.columns);
    if m == 0 || n == 0 || k == 0 {
        c.fill(T::zero());
    } else if m * k * n < FEW_MULTIPLICATIONS {
        multiply_few(a, b, c);
    } else if by_column_or_row(a, b, c) {
        // Done: one operand is a vector.
    } else if 2 * m * k * n < MIN_PARALLEL_FLOPS {
        multiply_packed(a, b, Tile::whole(c, n));
    } else {
        multiply_split(a, b, c);
    }
    if n > 0 {
        finish.apply(c, n);
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

fn multiply_packed<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: Tile<'_, T>) {
    assert!(a.is_within() && b.is_within() && a.columns == b.rows, "the operands lie within their buffers");
    assert!(c.rows == a.rows && c.columns == b.columns, "the result has the product's size");
    let out = Strided { pointer: c.first, row: c.stride as isize, column: 1 };
    // SAFETY: both operands lie within their slices, as asserted; the tile's elements are distinct, borrowed
    // exclusively, and as many as asserted.
    unsafe { T::gemm([a.rows, a.columns, b.columns], a.strided(), b.strided(), out) }
}

/// A rectangle of a row-major result, which is written by one thread.
struct Tile<'c, T> {
    first: *mut T,
    rows: usize,
    columns: usize,
    /// The distance between rows, at least `columns`.
    stride: usize,
    borrow: PhantomData<&'c mut [T]>,
}

// SAFETY: a tile stands for an exclusive borrow of its elements, which are themselves `Send`; through a shared tile
// one can only call `part`, whose caller promises that parts do not overlap.
unsafe impl<T: Float> Send for Tile<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Float> Sync for Tile<'_, T> {}

impl<'c, T: Float> Tile<'c, T> {
    fn whole(c: &'c mut [T], columns: usize) -> Tile<'c, T> {
        Tile { rows: c.len() / columns, columns, stride: columns, first: c.as_mut_ptr(), borrow: PhantomData }
    }

    /// # Safety
    /// No other part that is in use, nor the tile itself, may share an element with this one.
    unsafe fn part(&self, rows: Range<usize>, columns: Range<usize>) -> Tile<'_, T> {
        assert!(rows.start < rows.end && rows.end <= self.rows, "the part lies within the tile");
        assert!(columns.start < columns.end && columns.end <= self.columns, "the part lies within the tile");
        // SAFETY: the element exists, since the part is not empty and lies within the tile.
        let first = unsafe { self.first.add(rows.start * self.stride + columns.start) };
        Tile { first, rows: rows.len(), columns: columns.len(), stride: self.stride, borrow: PhantomData }
    }
}

/// Splits the result into a grid of blocks for the threads at hand.
///
/// Every element is summed by the same kernel in the same order whatever block it is in, so how many blocks there are
/// changes no bit. Each block packs its own operands, which for one thread would be a loss, so one thread takes all.
fn multiply_split<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) {
    let n = b.columns;
    let [rows, columns] = block_size([a.rows, a.columns, n], rayon::current_num_threads());
    if rows == a.rows && columns == n {
        return multiply_packed(a, b, Tile::whole(c, n));
    }
    let out = Tile::whole(c, n);
    let (n_down, n_across) = (a.rows.div_ceil(rows), n.div_ceil(columns));
    (0..n_down * n_across).into_par_iter().with_max_len(1).for_each(|block| {
        let (down, across) = (block / n_across * rows, block % n_across * columns);
        let (bottom, right) = (a.rows.min(down + rows), n.min(across + columns));
        // SAFETY: the blocks of a grid do not overlap, and each is worked on once.
        let tile = unsafe { out.part(down..bottom, across..right) };
        multiply_packed(a.part(down..bottom, 0..a.columns), b.part(0..b.rows, across..right), tile);
    });
}

/// The size of the blocks: the longer side is halved until every thread has one, or they get too small to be worth
/// a thread. Whole kernel tiles, so that only the last block in a row or column has a ragged edge.
fn block_size([m, k, n]: [usize; 3], n_threads: usize) -> [usize; 2] {
    let (mut rows, mut columns, mut blocks) = (m, n, 1);
    while blocks < n_threads && 2 * rows * k * columns >= MIN_PARALLEL_FLOPS {
        let longer = if rows >= columns { &mut rows } else { &mut columns };
        *longer = longer.div_ceil(2).next_multiple_of(TILE);
        blocks *= 2;
    }
    [rows.min(m), columns.min(n)]
}
