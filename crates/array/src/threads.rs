//! The split of work over threads: pieces of a size that depends on the shape alone, and the thresholds.
//!
//! The pieces of a result are written independently of each other, so how many threads there are, and which of them
//! takes which piece, changes no bit of it. Only the grid of a matrix product looks at the number of threads, since
//! each of its blocks packs operands anew; there too every element is summed in the same order in any block.

/// Work below this many additions' worth stays on the calling thread. On two cores, adding two arrays of `f32` took 22
/// microseconds on one thread and 24 on two at 2¹⁷ elements, 102 and 30 at 2¹⁸; Adam 57 and 30 at 2¹⁷.
pub(crate) const MIN_PARALLEL_ELEMENTS: usize = 1 << 17;

/// How many additions' worth of work a piece has.
pub(crate) const PIECE_ELEMENTS: usize = 1 << 15;

/// Matrix products below this many floating-point operations stay on the calling thread. On two cores 64x512x64, with
/// just as many, took 35 microseconds on one thread and on two; 128x784x512 took 750 and 590.
pub(crate) const MIN_PARALLEL_FLOPS: usize = 4_000_000;

/// What is done with a piece: its first row, its number of rows, and its parts of the results.
pub(crate) type PieceWork<'a, T, const K: usize> = dyn Fn(usize, usize, [&mut [T]; K]) + Sync + 'a;

/// Splits the rows of several results, `widths` elements in each row, into pieces, and does the work for each. If it
/// is worth it, the pieces are spread over rayon's threads.
pub(crate) fn for_each_piece<T: Send, const K: usize>(
    outs: [&mut [T]; K],
    widths: [usize; K],
    rows: Rows,
    work: &PieceWork<'_, T, K>,
) {
    if !rows.is_parallel || rows.count <= rows.piece {
        return work(0, rows.count, outs);
    }
    split(outs, widths, 0, rows, work);
}

/// How many rows there are, how many make a piece, and whether pieces are worth other threads.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    pub(crate) count: usize,
    pub(crate) piece: usize,
    pub(crate) is_parallel: bool,
}

impl Rows {
    /// The split for rows that are worth `cost` additions each.
    #[inline]
    pub(crate) fn of(count: usize, cost: usize) -> Rows {
        let is_parallel = count.saturating_mul(cost) >= MIN_PARALLEL_ELEMENTS;
        Rows { count, piece: (PIECE_ELEMENTS / cost.max(1)).max(1), is_parallel }
    }
}

fn split<T: Send, const K: usize>(
    outs: [&mut [T]; K],
    widths: [usize; K],
    first: usize,
    rows: Rows,
    work: &PieceWork<'_, T, K>,
) {
    if rows.count <= rows.piece {
        return work(first, rows.count, outs);
    }
    let n_pieces = rows.count.div_ceil(rows.piece);
    let middle = n_pieces / 2 * rows.piece;
    let mut widths_left = widths.iter();
    let halves =
        outs.map(|out| out.split_at_mut(middle * widths_left.next().expect("one width for each result")));
    let mut right_halves: [&mut [T]; K] = std::array::from_fn(|_| Default::default());
    let mut places = right_halves.iter_mut();
    let left_halves = halves.map(|(left, right)| {
        *places.next().expect("one place for each result") = right;
        left
    });
    rayon::join(
        || split(left_halves, widths, first, Rows { count: middle, ..rows }, work),
        || split(right_halves, widths, first + middle, Rows { count: rows.count - middle, ..rows }, work),
    );
}
