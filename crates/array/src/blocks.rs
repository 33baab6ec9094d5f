//! Kernels that work on blocks of rows of matrices, for what is combined over rows: each block leaves a row of results,
//! and those few are combined afterwards. Kernels whose rows have nothing to do with each other are in `rows`.

use std::mem::take;
use std::ops::Range;

use crate::array::Array;
use crate::cpu::{Kernel, cost_in, vectorize};
use crate::dtype::{DType, Float};
use crate::operands::{
    InEach, MOST, Ready, Work, all, all_mut, at, between, blank, elements, first, length, list,
};
use crate::pointwise::common_dtype;
use crate::shape::Shape;
use crate::threads::{PIECE_ELEMENTS, Rows as Split, for_each_part};

/// A function from blocks of rows of `N` matrices to rows of `K` results, at most 8 each. Implementations should be `#[inline]`.
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
    const { assert!(N <= MOST && K <= MOST, "a function of blocks has at most 8 operands and 8 results") };
    let cut = Cut::of(&xs);
    let mut results = blank();
    walk(&xs, cut, (&mut results, &outs), B::COST, InEach::of(&OnBlocks::<B, N, K> { b, cut, pers: &outs }));
    results
}

struct OnBlocks<'a, B, const N: usize, const K: usize> {
    b: &'a B,
    cut: Cut,
    pers: &'a [Per; K],
}

impl<T: Float, B: Blocks<N, K>, const N: usize, const K: usize> Work<T> for OnBlocks<'_, B, N, K> {
    fn run(&self, blocks: Range<usize>, xs: &[&[T]], outs: &mut [&mut [T]]) {
        let OnBlocks { b, cut, pers } = *self;
        vectorize(Each { b, cut, blocks, xs: all(xs), outs: all_mut(outs), pers });
    }
}

/// How matrices are split into blocks.
#[derive(Clone, Copy)]
struct Cut {
    n_rows: usize,
    /// How many rows a block has, but perhaps the last.
    height: usize,
    /// How many columns the widest matrix has.
    widest: usize,
}

impl Cut {
    #[track_caller]
    fn of(xs: &[&Array]) -> Cut {
        let n_rows = xs.first().map_or(0, |x| x.shape().first().copied().unwrap_or(0));
        let is_matrices = xs.iter().all(|x| x.rank() == 2 && x.shape()[0] == n_rows);
        assert!(is_matrices, "blocks: the operands are not matrices with the same number of rows");
        let widest = xs.iter().map(|x| x.shape()[1]).max().unwrap_or(1);
        let height = (PIECE_ELEMENTS / widest.max(1)).clamp(FEWEST_ROWS, MOST_ROWS);
        Cut { n_rows, height, widest }
    }

    fn n_blocks(&self) -> usize {
        self.n_rows.div_ceil(self.height)
    }

    /// The rows of neighbouring blocks.
    #[inline(always)]
    fn rows(&self, blocks: Range<usize>) -> Range<usize> {
        blocks.start * self.height..self.n_rows.min(blocks.end * self.height)
    }
}

/// The part that does not depend on the function, so that it is compiled once.
fn walk(xs: &[&Array], cut: Cut, results: (&mut [Array], &[Per]), cost: usize, work: InEach<'_>) {
    let dtype = common_dtype(xs);
    let ready = Ready::contiguous(xs, dtype);
    match dtype {
        DType::F32 => walk_in(&ready, cut, results, cost, work.f32),
        DType::F64 => walk_in(&ready, cut, results, cost, work.f64),
    }
}

fn walk_in<T: Float>(
    xs: &Ready<'_>,
    cut: Cut,
    (results, pers): (&mut [Array], &[Per]),
    cost: usize,
    work: &dyn Work<T>,
) {
    for (result, per) in results.iter_mut().zip(pers) {
        let shape = match *per {
            Per::Row(width) => [cut.n_rows, width],
            Per::Block(width) => [cut.n_blocks(), width],
        };
        *result = Array::build::<T>(Shape::from(shape), |_| ());
    }
    // In elements of a whole block.
    let widths = list(pers.iter().map(|per| match *per {
        Per::Row(width) => cut.height * width,
        Per::Block(width) => width,
    }));
    let data = list(xs.arrays().map(|x| elements::<T>(x)));
    let columns = list(xs.arrays().map(|x| x.shape()[1]));
    let split = Split::of(cut.n_blocks(), (cut.height * cut.widest).saturating_mul(cost));
    let mut outs = list(results.iter_mut().map(Array::make_mut::<T>));
    for_each_part(&mut outs[..pers.len()], &widths[..pers.len()], split, &|blocks, outs| {
        let rows = cut.rows(blocks.clone());
        let operands = data.iter().zip(columns).map(|(x, width)| &x[rows.start * width..rows.end * width]);
        work.run(blocks, &list(operands)[..xs.len()], outs);
    });
}

/// Neighbouring blocks, with their parts of the operands and of the results.
struct Each<'a, B, T, const N: usize, const K: usize> {
    b: &'a B,
    cut: Cut,
    blocks: Range<usize>,
    xs: [&'a [T]; N],
    outs: [&'a mut [T]; K],
    pers: &'a [Per; K],
}

impl<B: Blocks<N, K>, T: Float, const N: usize, const K: usize> Kernel for Each<'_, B, T, N, K> {
    const COST: usize = cost_in::<T>(B::COST);

    #[inline(always)]
    fn run(mut self) {
        let all = self.cut.rows(self.blocks.clone());
        for (i, block) in self.blocks.enumerate() {
            let rows = self.cut.rows(block..block + 1);
            let local = rows.start - all.start..rows.end - all.start;
            let outs = outs_of(&mut self.outs, self.pers, i, &local);
            self.b.apply(rows, rows_of(self.xs, &local, all.len()), outs);
        }
    }
}

// As in `rows.rs`, apart from the kernel so that they are not compiled with each.

/// Some of the `n_rows` rows of each.
#[inline(always)]
fn rows_of<'a, T, const N: usize>(mut xs: [&'a [T]; N], rows: &Range<usize>, n_rows: usize) -> [&'a [T]; N] {
    for x in &mut xs {
        let width = x.len() / n_rows;
        *x = &x[rows.start * width..rows.end * width];
    }
    xs
}

#[inline(always)]
fn outs_of<'a, T, const K: usize>(
    outs: &'a mut [&mut [T]; K],
    pers: &[Per; K],
    block: usize,
    rows: &Range<usize>,
) -> [&'a mut [T]; K] {
    let mut parts = all_mut(outs);
    for (part, per) in parts.iter_mut().zip(pers) {
        *part = match *per {
            Per::Row(width) => &mut take(part)[rows.start * width..rows.end * width],
            Per::Block(width) => &mut take(part)[block * width..(block + 1) * width],
        };
    }
    parts
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
    let n_rows = length(&xs) / width;
    let row = |row: usize| between(xs, row * width, (row + 1) * width);
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
