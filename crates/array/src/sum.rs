//! The loops of reductions over contiguous memory: along rows in lanes, and down columns row by row.
//!
//! Both combine in an order that the sizes alone decide: sequentially within a leaf, by halves above it, so that
//! the error of a sum of `n` numbers grows with `log n`, and so that halves can go to other threads.

use crate::cpu::{Kernel, vectorize};
use crate::dtype::Float;
use crate::lanes::{Combine, LANES, Max, Min, Product, ROW_LEAF, Sum, in_lanes};
use crate::reduce::Reduce;
use crate::threads::{MIN_PARALLEL_ELEMENTS, Rows, both, for_each_piece};

/// Columns that are reduced together, so that their partial results stay in the first cache.
const COLUMNS: usize = 512;

/// Rows that make a leaf when columns are reduced.
const COLUMN_LEAF: usize = 64;

/// The three sizes that a reduction over neighbouring axes of a contiguous array comes down to.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    pub(crate) outer: usize,
    pub(crate) reduced: usize,
    pub(crate) inner: usize,
}

/// `out[o, i]` = the combination of `x[o, r, i]` over all `r`.
pub(crate) fn reduce_group<T: Float>(x: &[T], out: &mut [T], group: Group, how: Reduce) {
    match how {
        Reduce::Sum => combine_group::<T, Sum>(x, out, group),
        Reduce::Product => combine_group::<T, Product>(x, out, group),
        Reduce::Max => combine_group::<T, Max>(x, out, group),
        Reduce::Min => combine_group::<T, Min>(x, out, group),
    }
}

fn combine_group<T: Float, C: Combine>(x: &[T], out: &mut [T], group: Group) {
    let Group { outer, reduced, inner } = group;
    if x.is_empty() || out.is_empty() {
        out.fill(C::identity());
        return;
    }
    if outer * inner == 1 && reduced < LANES {
        out[0] = in_lanes::<T, C, 1>([x], |[x]| x);
    } else if inner == 1 {
        for_each_piece([out], [1], Rows::of(outer, reduced), &|first, n, [out]| {
            reduce_rows::<T, C>(&x[first * reduced..(first + n) * reduced], out, reduced);
        });
    } else {
        for_each_piece([out], [inner], Rows::of(outer, reduced * inner), &|first, n, [out]| {
            for (block, out) in
                x[first * reduced * inner..].chunks(reduced * inner).zip(out.chunks_mut(inner)).take(n)
            {
                reduce_columns::<T, C>(block, out);
            }
        });
    }
}

fn reduce_rows<T: Float, C: Combine>(x: &[T], out: &mut [T], width: usize) {
    if width <= ROW_LEAF {
        return vectorize(ShortRows { x, out, width, how: std::marker::PhantomData::<C> });
    }
    for (row, out) in x.chunks(width).zip(out) {
        *out = reduce_long_row::<T, C>(row);
    }
}

fn reduce_long_row<T: Float, C: Combine>(row: &[T]) -> T {
    if row.len() <= ROW_LEAF {
        let mut result = [T::zero()];
        vectorize(ShortRows {
            x: row,
            out: &mut result,
            width: row.len(),
            how: std::marker::PhantomData::<C>,
        });
        return result[0];
    }
    let (left, right) = row.split_at(half(row.len(), ROW_LEAF));
    let (left, right) = if row.len() >= MIN_PARALLEL_ELEMENTS {
        both(&|| reduce_long_row::<T, C>(left), &|| reduce_long_row::<T, C>(right))
    } else {
        (reduce_long_row::<T, C>(left), reduce_long_row::<T, C>(right))
    };
    C::combine(left, right)
}

/// About half of `n`, in whole leaves.
fn half(n: usize, leaf: usize) -> usize {
    n.div_ceil(leaf) / 2 * leaf
}

struct ShortRows<'a, T, C> {
    x: &'a [T],
    out: &'a mut [T],
    width: usize,
    how: std::marker::PhantomData<C>,
}

impl<T: Float, C: Combine> Kernel for ShortRows<'_, T, C> {
    #[inline(always)]
    fn run(self) {
        for (row, out) in self.x.chunks_exact(self.width).zip(self.out) {
            *out = in_lanes::<T, C, 1>([row], |[x]| x);
        }
    }
}

/// Reduces the rows of `x`, each as wide as `out`, into `out`.
fn reduce_columns<T: Float, C: Combine>(x: &[T], out: &mut [T]) {
    let width = out.len();
    let n_rows = x.len() / width;
    let blocks = Rows::of(width.div_ceil(COLUMNS), n_rows * COLUMNS);
    // The last block may be narrower, so blocks are counted in columns here.
    let columns = Rows { count: width, piece: blocks.piece * COLUMNS, is_parallel: blocks.is_parallel };
    for_each_piece([out], [1], columns, &|first, _, [out]| {
        for (index, out) in out.chunks_mut(COLUMNS).enumerate() {
            let place = Columns { x, width, first: first + index * COLUMNS, count: out.len() };
            out.copy_from_slice(&reduce_column_block::<T, C>(place, 0..n_rows)[..out.len()]);
        }
    });
}

#[derive(Clone, Copy)]
struct Columns<'a, T> {
    x: &'a [T],
    width: usize,
    first: usize,
    count: usize,
}

fn reduce_column_block<T: Float, C: Combine>(
    columns: Columns<'_, T>,
    rows: std::ops::Range<usize>,
) -> [T; COLUMNS] {
    if rows.len() <= COLUMN_LEAF {
        let mut result = [C::identity::<T>(); COLUMNS];
        vectorize(ColumnLeaf { columns, rows, result: &mut result, how: std::marker::PhantomData::<C> });
        return result;
    }
    let middle = rows.start + half(rows.len(), COLUMN_LEAF);
    let upper = || reduce_column_block::<T, C>(columns, rows.start..middle);
    let lower = || reduce_column_block::<T, C>(columns, middle..rows.end);
    let (mut upper, lower) = if rows.len() * columns.count >= MIN_PARALLEL_ELEMENTS {
        both(&upper, &lower)
    } else {
        (upper(), lower())
    };
    for (upper, lower) in upper.iter_mut().zip(lower).take(columns.count) {
        *upper = C::combine(*upper, lower);
    }
    upper
}

struct ColumnLeaf<'a, T, C> {
    columns: Columns<'a, T>,
    rows: std::ops::Range<usize>,
    result: &'a mut [T; COLUMNS],
    how: std::marker::PhantomData<C>,
}

impl<T: Float, C: Combine> Kernel for ColumnLeaf<'_, T, C> {
    #[inline(always)]
    fn run(self) {
        let Columns { x, width, first, count } = self.columns;
        let result = &mut self.result[..count];
        let row = |row: usize| &x[row * width + first..][..count];
        let mut at = self.rows.start;
        // Four rows at a time, so that the partial results are read and written once for four additions.
        while at + 4 <= self.rows.end {
            let (a, b, c, d) = (row(at), row(at + 1), row(at + 2), row(at + 3));
            for (i, result) in result.iter_mut().enumerate() {
                let four = C::combine(C::combine(a[i], b[i]), C::combine(c[i], d[i]));
                *result = C::combine(*result, four);
            }
            at += 4;
        }
        for at in at..self.rows.end {
            for (result, &x) in result.iter_mut().zip(row(at)) {
                *result = C::combine(*result, x);
            }
        }
    }
}
