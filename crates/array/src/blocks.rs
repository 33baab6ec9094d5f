//! Kernels that work on blocks of rows of matrices, for what is combined over rows: each block leaves a row of results,
//! and those few are combined afterwards. Kernels whose rows have nothing to do with each other are in `rows`.

use std::ops::Range;

use crate::array::Array;
use crate::cpu::{Kernel, cost_in, vectorize};
use crate::dispatch;
use crate::dtype::Float;
use crate::pointwise::{at, common_dtype, first};
use crate::shape::Shape;
use crate::threads::{PIECE_ELEMENTS, Rows as Split, for_each_piece};

/// A function from blocks of rows of `N` matrices to rows of `K` results. Implementations should be `#[inline]`.
pub trait Blocks<const N: usize, const K: usize>: Sync {
    /// Roughly how many additions one element is worth, as [`Rows::COST`](crate::Rows::COST).
    const COST: usize = 1;

    /// Writes the results of the block of the rows numbered `rows`, whose content before is arbitrary.
    fn apply<T: Float>(&self, rows: Range<usize>, xs: [&[T]; N], outs: [&mut [T]; K]);
}

/// What a result of [`blocks`] has a row for, and how wide that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// Each row of the operands.
    Row(usize),
    /// Each block.
    Block(usize),
}

/// The most rows that a block has. What is summed over a block one row after the other loses little to rounding.
const MOST_ROWS: usize = 64;

/// The fewest, but in the last block.
const FEWEST_ROWS: usize = 16;

/// Applies a function to blocks of 16 to 64 rows, all as high but the last; how high depends on the shapes alone.
///
/// The operands are matrices with the same number of rows; mixed types promote. A result is a matrix with a row for each
/// row of the operands or for each block.
///
/// # Panics
/// If an operand is no matrix, or the numbers of rows differ.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Blocks, Float, Per, add_rows, blocks};
///
/// struct SumRows;
/// impl Blocks<1, 1> for SumRows {
///     fn apply<T: Float>(&self, _: std::ops::Range<usize>, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
///         y.fill(T::zero());
///         add_rows(y, [x], [], |[x], []| x);
///     }
/// }
///
/// let [sums] = blocks(&SumRows, [&Array::ones([100, 2], wengert_array::DType::F32)], [Per::Block(2)]);
/// assert_eq!(sums.shape(), [2, 2]);
/// assert_eq!(sums.to_vec::<f32>(), [64.0, 64.0, 36.0, 36.0]);
/// ```
#[track_caller]
pub fn blocks<const N: usize, const K: usize, B: Blocks<N, K>>(
    b: &B,
    xs: [&Array; N],
    outs: [Per; K],
) -> [Array; K] {
    let dtype = common_dtype(&xs);
    let ready = xs.map(|x| x.cast(dtype).contiguous());
    dispatch!(dtype, T => walk::<T, N, K>(B::COST, ready.each_ref(), outs, &|height, rows, xs, outs| {
        vectorize(Each { b, height, rows, xs, outs });
    }))
}

type PieceKernel<'a, T, const N: usize, const K: usize> =
    dyn Fn(usize, Range<usize>, [&[T]; N], [(&mut [T], Per); K]) + Sync + 'a;

/// The part that does not depend on the function, so that it is compiled once.
#[track_caller]
fn walk<T: Float, const N: usize, const K: usize>(
    cost: usize,
    xs: [&Array; N],
    pers: [Per; K],
    kernel: &PieceKernel<'_, T, N, K>,
) -> [Array; K] {
    let n_rows = xs.first().map_or(0, |x| x.shape().first().copied().unwrap_or(0));
    let is_matrices = xs.iter().all(|x| x.rank() == 2 && x.shape()[0] == n_rows);
    assert!(is_matrices, "blocks: the operands are not matrices with the same number of rows");
    let widest = xs.iter().map(|x| x.shape()[1]).max().unwrap_or(1);
    let height = (PIECE_ELEMENTS / widest.max(1)).clamp(FEWEST_ROWS, MOST_ROWS);
    let n_blocks = n_rows.div_ceil(height);
    let shapes = pers.map(|per| match per {
        Per::Row(width) => [n_rows, width],
        Per::Block(width) => [n_blocks, width],
    });
    // In elements of a whole block.
    let widths = pers.map(|per| match per {
        Per::Row(width) => height * width,
        Per::Block(width) => width,
    });
    let mut results = shapes.map(|shape| Array::build::<T>(Shape::from(shape), |_| ()));
    let outs = results.each_mut().map(Array::make_mut::<T>);
    let data = xs.map(|x| (x.as_slice::<T>().expect("contiguous and of this type"), x.shape()[1]));
    let split = Split::of(n_blocks, (height * widest).saturating_mul(cost));
    for_each_piece(outs, widths, split, &|first, n, outs| {
        let (from, to) = (first * height, n_rows.min((first + n) * height));
        let parts = data.map(|(data, width)| &data[from * width..to * width]);
        let mut pers = pers.iter();
        let outs = outs.map(|out| (out, *pers.next().expect("one for each result")));
        kernel(height, from..to, parts, outs);
    });
    results
}

/// Neighbouring blocks, all `height` rows high but perhaps the last.
struct Each<'a, B, T, const N: usize, const K: usize> {
    b: &'a B,
    height: usize,
    rows: Range<usize>,
    xs: [&'a [T]; N],
    outs: [(&'a mut [T], Per); K],
}

impl<B: Blocks<N, K>, T: Float, const N: usize, const K: usize> Kernel for Each<'_, B, T, N, K> {
    const COST: usize = cost_in::<T>(B::COST);

    #[inline(always)]
    fn run(mut self) {
        let n_rows = self.rows.len();
        for (block, first) in (0..n_rows).step_by(self.height).enumerate() {
            let (from, to) = (first, n_rows.min(first + self.height));
            let xs = rows_of(self.xs, (from, to), n_rows);
            let rows = self.rows.start + from..self.rows.start + to;
            self.b.apply(rows, xs, outs_of(&mut self.outs, block, (from, to)));
        }
    }
}

// As in `rows.rs`, apart from the kernel so that they are not compiled with each.

/// Rows `from..to` of `n_rows` of each.
#[inline(always)]
fn rows_of<T, const N: usize>(xs: [&[T]; N], (from, to): (usize, usize), n_rows: usize) -> [&[T]; N] {
    xs.map(|x| {
        let width = x.len() / n_rows;
        &x[from * width..to * width]
    })
}

#[inline(always)]
fn outs_of<'a, T, const K: usize>(
    outs: &'a mut [(&mut [T], Per); K],
    block: usize,
    (from, to): (usize, usize),
) -> [&'a mut [T]; K] {
    outs.each_mut().map(|(out, per)| match *per {
        Per::Row(width) => &mut out[from * width..to * width],
        Per::Block(width) => &mut out[block * width..(block + 1) * width],
    })
}

/// Adds `term` of each row of `xs`, and of the rows `columns` that stand beside every row, to `sums`.
///
/// All are as wide as `sums`; `xs` has as many rows as fit, and all of it the same.
#[inline(always)]
pub fn add_rows<T: Float, const N: usize, const P: usize>(
    sums: &mut [T],
    xs: [&[T]; N],
    columns: [&[T]; P],
    term: impl Fn([T; N], [T; P]) -> T,
) {
    let width = sums.len();
    if width == 0 {
        return;
    }
    let columns = first(columns, width);
    let n_rows = xs.first().map_or(0, |x| x.len()) / width;
    let row = |row: usize| xs.map(|x| &x[row * width..][..width]);
    // SAFETY: each row and each of the columns has been cut to `width` elements, and `i` is below that.
    let of = |xs: &[&[T]; N], i: usize| unsafe { term(at(xs, i), at(&columns, i)) };
    let mut next = 0;
    // Four rows at a time, so that the sums are read and written once for four additions.
    while next + 4 <= n_rows {
        let (a, b, c, d) = (row(next), row(next + 1), row(next + 2), row(next + 3));
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum += (of(&a, i) + of(&b, i)) + (of(&c, i) + of(&d, i));
        }
        next += 4;
    }
    for next in next..n_rows {
        let x = row(next);
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum += of(&x, i);
        }
    }
}
