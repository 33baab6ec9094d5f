//! The split of work over threads: pieces of a size that depends on the shape alone, and the thresholds.
//!
//! The pieces of a result are written independently of each other, so how many threads there are, and which of them
//! takes which piece, changes no bit of it. Only the grid of a matrix product looks at the number of threads, since
//! each of its blocks packs operands anew; there too every element is summed in the same order in any block.

use std::marker::PhantomData;
use std::ops::Range;
use std::slice;

use crate::operands::list;
use crate::team::share;

/// Work below this many additions' worth stays on the calling thread. On two cores, adding two arrays of `f32` took 22
/// microseconds on one thread and 24 on two at 2¹⁷ elements, 102 and 30 at 2¹⁸; Adam 57 and 30 at 2¹⁷.
pub(crate) const MIN_PARALLEL_ELEMENTS: usize = 1 << 17;

/// How many additions' worth of work a piece has.
pub(crate) const PIECE_ELEMENTS: usize = 1 << 15;

/// Matrix products below this many floating-point operations stay on the calling thread. On two cores 64x512x64, with
/// just as many, took 35 microseconds on one thread and on two; 128x784x512 took 750 and 590.
pub(crate) const MIN_PARALLEL_FLOPS: usize = 4_000_000;

/// What is done with a piece: its rows, and its parts of the results.
pub(crate) type PieceWork<'a, T> = dyn Fn(Range<usize>, &mut [&mut [T]]) + Sync + 'a;

/// Splits the rows of several results, `widths` elements in each row, into pieces, and does the work for each. If it
/// is worth it, the pieces are spread over rayon's threads.
pub(crate) fn for_each_part<T: Send>(
    outs: &mut [&mut [T]],
    widths: &[usize],
    rows: Rows,
    work: &PieceWork<'_, T>,
) {
    if !rows.is_parallel || rows.count <= rows.piece {
        return work(0..rows.count, outs);
    }
    let places = list(outs.iter_mut().map(|out| Place::of(out)));
    share(rows.count.div_ceil(rows.piece), &|piece| {
        let first = piece * rows.piece;
        let n = rows.piece.min(rows.count - first);
        let parts = places.iter().zip(widths).map(|(place, width)| {
            // SAFETY: pieces do not overlap, and each is worked on once.
            unsafe { place.part(first * width, n * width) }
        });
        work(first..first + n, &mut list(parts)[..widths.len()]);
    });
}

/// What is done with a piece of one result: its first row, its number of rows, and its part.
pub(crate) type OneWork<'a, T> = dyn Fn(usize, usize, [&mut [T]; 1]) + Sync + 'a;

/// [`for_each_part`] of one result.
pub(crate) fn for_each_piece<T: Send>(
    mut out: [&mut [T]; 1],
    width: [usize; 1],
    rows: Rows,
    work: &OneWork<'_, T>,
) {
    for_each_part(&mut out, &width, rows, &|rows, outs| work(rows.start, rows.len(), [&mut *outs[0]]));
}

/// What two functions return, each perhaps on a thread of its own. Not generic over them: rayon's part is long, and would be
/// compiled for each pair.
pub(crate) fn both<R: Send>(left: &(dyn Fn() -> R + Sync), right: &(dyn Fn() -> R + Sync)) -> (R, R) {
    rayon::join(left, right)
}

/// A result of which every thread writes other parts.
struct Place<'a, T> {
    first: *mut T,
    len: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: a place stands for an exclusive borrow of elements that may be sent; one can only call `part`, whose caller
// promises that parts do not overlap.
unsafe impl<T: Send> Sync for Place<'_, T> {}

impl<T> Default for Place<'_, T> {
    fn default() -> Self {
        Place::of(&mut [])
    }
}

impl<'a, T> Place<'a, T> {
    fn of(out: &'a mut [T]) -> Place<'a, T> {
        Place { first: out.as_mut_ptr(), len: out.len(), borrow: PhantomData }
    }

    /// As many elements as there are, up to `n`.
    ///
    /// # Safety
    /// No other part that is in use may share an element with this one.
    #[expect(clippy::mut_from_ref, reason = "parts do not overlap")]
    unsafe fn part(&self, start: usize, n: usize) -> &mut [T] {
        let start = start.min(self.len);
        // SAFETY: the elements exist, and are borrowed by nobody else.
        unsafe { slice::from_raw_parts_mut(self.first.add(start), n.min(self.len - start)) }
    }
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
