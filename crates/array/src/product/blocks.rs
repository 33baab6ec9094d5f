//! Large products: how the operands are cut into blocks that stay in the caches, and the blocks spread over threads.
//! What is done with a block is in `kernel`.
//!
//! There are five loops, as in Goto and van de Geijn, Anatomy of high-performance matrix multiplication, ACM Trans.
//! Math. Softw. 34 (2008). From the outside in:
//!
//! 1. over slabs, rows of the left operand that are packed once, by all threads;
//! 2. over cells, rectangles of the result, which are spread over the threads;
//! 3. over blocks of the summed axis;
//! 4. over panels of the right operand, each packed by its thread just before it is used, so that it is in the first
//!    cache;
//! 5. over tiles, which are computed in registers.
//!
//! Sums continue from block to block through the result. How long the blocks are depends on the length of the sums
//! alone, and all else that is chosen here changes no order of summation.

use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::slice;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::buffer::Strided;
use crate::dtype::Float;
use crate::product::finish::Finish;
use crate::product::kernel::{PANEL_VECTORS, Panel, tile_rows};
use crate::product::matrix::{Matrix, Region};
use crate::product::pack::Copy;
use crate::product::vectors::Vector;
use crate::threads::MIN_PARALLEL_FLOPS;

/// The longest block of the summed axis: a panel of three vectors of AVX-512 then takes 36 of the 48 or more KiB of a
/// first cache.
const MOST_K: usize = 192;

/// Elements of the left operand that are packed at once.
const SLAB: usize = 1 << 21;

/// Rows and columns of a cell at most: with the block of the left operand it fits half of a second cache of 1 MiB.
const CELL: [usize; 2] = [256, 480];

/// Floating-point operations in a cell at least, where cells are made smaller to have enough for all threads.
const MIN_CELL_FLOPS: usize = 4_000_000;

/// Rows of the left operand that one task packs.
const PACKED_ROWS: usize = 64;

/// Lines of a packed panel of the right operand.
const PANEL_LINES: usize = MOST_K * PANEL_VECTORS;

/// A right operand with no more bytes is read in place by all rows, since it stays in the first caches.
const IN_PLACE_BYTES: usize = 96 << 10;

/// Writes the finished product to `c`. Sizes are positive, agree, and lie within the slices.
///
/// # Safety
/// The machine has `V::LEVEL`.
pub(crate) unsafe fn multiply<V: Vector<Scalar: Float>>(
    a: Matrix<'_, V::Scalar>,
    b: Matrix<'_, V::Scalar>,
    c: &mut [V::Scalar],
    finish: Finish<'_, V::Scalar>,
) {
    let (m, k, n) = (a.rows, a.columns, b.columns);
    let c = Region::whole(c, n);
    let is_parallel = 2 * m * k * n >= MIN_PARALLEL_FLOPS && rayon::current_num_threads() > 1;
    let blocks = Blocks::of(k);
    if is_left_in_place::<V>(&a, n) {
        let left = Left { matrix: a.strided(), packed_rows: None };
        return Slab::<V> { left, b, c, finish, blocks }.multiply(is_parallel);
    }
    let mut scratch = SCRATCH.take();
    let n_rows = (SLAB / k).max(CELL[0]).min(m);
    let n_blocks = (SLAB / n_rows / blocks.size).max(1);
    for first in (0..m).step_by(n_rows) {
        let rows = first..m.min(first + n_rows);
        for blocks in blocks.groups(n_blocks) {
            let a = a.part(rows.clone(), blocks.range());
            // SAFETY: the caller's promise.
            let left = unsafe { pack_left::<V>(a, blocks, &mut scratch, is_parallel) };
            let b = b.part(blocks.range(), 0..n);
            // SAFETY: slabs do not overlap, and one is worked on at a time.
            let c = unsafe { c.part(rows.clone(), 0..n) };
            Slab::<V> { left, b, c, finish, blocks }.multiply(is_parallel);
        }
    }
    SCRATCH.set(scratch);
}

/// Whether the kernel reads the left operand where it lies. To copy it is a loss if it is small or is read only once,
/// and no gain if its rows lie together, unless powers of two between them crowd a few sets of the caches.
fn is_left_in_place<V: Vector<Scalar: Float>>(a: &Matrix<'_, V::Scalar>, n: usize) -> bool {
    let bytes = size_of::<V::Scalar>();
    let is_spread = a.strides[1] == 1 && !(a.strides[0].unsigned_abs() * bytes).is_multiple_of(512);
    is_spread || a.rows * a.columns * bytes <= IN_PLACE_BYTES || n <= PANEL_VECTORS * V::N
}

/// Blocks of the summed axis, all of the same length but the last.
#[derive(Clone, Copy)]
struct Blocks {
    size: usize,
    start: usize,
    end: usize,
    /// The length of the whole axis.
    k: usize,
}

impl Blocks {
    fn of(k: usize) -> Blocks {
        Blocks { size: k.div_ceil(k.div_ceil(MOST_K)), start: 0, end: k, k }
    }

    fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Groups of at most `n` blocks.
    fn groups(self, n: usize) -> impl Iterator<Item = Blocks> {
        let length = n * self.size;
        self.range().step_by(length).map(move |start| Blocks {
            start,
            end: self.end.min(start + length),
            ..self
        })
    }

    /// Each block, from where these begin.
    fn each(self) -> impl Iterator<Item = Range<usize>> {
        let length = self.end - self.start;
        (0..length).step_by(self.size).map(move |start| start..length.min(start + self.size))
    }
}

/// The left operand of a slab.
#[derive(Clone, Copy)]
struct Left<T> {
    /// As it lies, or the copy.
    matrix: Strided<*const T>,
    /// In the copy the rows of a block of the summed axis follow each other, and the blocks too.
    packed_rows: Option<usize>,
}

// SAFETY: it stands for a shared borrow of the operand or of the copy, which lives as long as the slab.
unsafe impl<T: Sync> Sync for Left<T> {}

impl<T> Left<T> {
    fn block(&self, row: usize, block: &Range<usize>) -> Strided<*const T> {
        let Strided { pointer, row: stride, column } = self.matrix;
        match self.packed_rows {
            None => {
                let place = row as isize * stride + block.start as isize * column;
                Strided { pointer: pointer.wrapping_offset(place), row: stride, column }
            }
            Some(rows) => {
                let place = block.start * rows + row * block.len();
                Strided { pointer: pointer.wrapping_add(place), row: block.len() as isize, column: 1 }
            }
        }
    }
}

/// Memory as the caches see it.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code, reason = "it is only room")] [u8; 64]);

thread_local! {
    /// Where this thread packs left operands. It is kept, and taken away while it is in use.
    static SCRATCH: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// # Safety
/// The machine has `V::LEVEL`.
unsafe fn pack_left<V: Vector<Scalar: Float>>(
    a: Matrix<'_, V::Scalar>,
    blocks: Blocks,
    scratch: &mut Vec<Line>,
    is_parallel: bool,
) -> Left<V::Scalar> {
    let n_lines = (a.rows * a.columns * size_of::<V::Scalar>()).div_ceil(size_of::<Line>());
    if scratch.len() < n_lines {
        scratch.resize(n_lines, Line([0; size_of::<Line>()]));
    }
    // SAFETY: there are as many lines, exclusively borrowed, aligned for any number, and all bits zero is one.
    let copy =
        unsafe { slice::from_raw_parts_mut(scratch.as_mut_ptr().cast::<V::Scalar>(), a.rows * a.columns) };
    let copy = Region::whole(copy, 1);
    let blocks: Vec<Range<usize>> = blocks.each().collect();
    let n_pieces = a.rows.div_ceil(PACKED_ROWS);
    spread(blocks.len() * n_pieces, is_parallel, &|piece| {
        let (block, first) = (&blocks[piece / n_pieces], piece % n_pieces * PACKED_ROWS);
        let part = a.part(first..a.rows.min(first + PACKED_ROWS), block.clone());
        let (rows, columns) = (part.rows, part.columns);
        // SAFETY: each piece is copied once, to its own place in the copy.
        unsafe {
            let to = copy.at(block.start * a.rows + first * block.len(), 0);
            Copy::<V> { rows, columns, from: part.strided(), to, to_row: block.len() }.copy();
        }
    });
    Left { matrix: Strided { pointer: copy.at(0, 0), row: 0, column: 0 }, packed_rows: Some(a.rows) }
}

/// Does a number of tasks in any order, on all threads if that is worth it.
fn spread(n: usize, is_parallel: bool, task: &(dyn Fn(usize) + Sync)) {
    if is_parallel {
        (0..n).into_par_iter().with_max_len(1).for_each(task);
    } else {
        (0..n).for_each(task);
    }
}

/// Rows of the left operand over a part of the summed axis, and all that they are multiplied by.
struct Slab<'a, V: Vector<Scalar: Float>> {
    left: Left<V::Scalar>,
    b: Matrix<'a, V::Scalar>,
    c: Region<'a, V::Scalar>,
    finish: Finish<'a, V::Scalar>,
    blocks: Blocks,
}

impl<V: Vector<Scalar: Float>> Slab<'_, V> {
    fn multiply(&self, is_parallel: bool) {
        let (m, n) = (self.c.rows, self.c.columns);
        let b_bytes = self.b.rows * n * size_of::<V::Scalar>();
        let is_b_in_place = self.b.strides[1] == 1 && (m <= tile_rows::<V>() || b_bytes <= IN_PLACE_BYTES);
        let [height, width] = cell_size::<V>([m, self.b.rows, n], is_parallel);
        let n_across = n.div_ceil(width);
        spread(m.div_ceil(height) * n_across, is_parallel, &|cell| {
            let (down, across) = (cell / n_across * height, cell % n_across * width);
            let (rows, columns) = (down..m.min(down + height), across..n.min(across + width));
            // SAFETY: cells do not overlap, and each is worked on once. The level is the promise of `multiply`.
            unsafe {
                if is_b_in_place {
                    self.multiply_cell(rows, columns, None);
                } else {
                    self.multiply_packing(rows, columns);
                }
            }
        });
    }

    /// Apart from [`Slab::multiply_cell`], so that small products do not pay for the large frame.
    #[inline(never)]
    unsafe fn multiply_packing(&self, rows: Range<usize>, columns: Range<usize>) {
        let mut panel = [const { MaybeUninit::<Line>::uninit() }; PANEL_LINES];
        // SAFETY: the caller's promise; the panel holds the widest panel of the longest block.
        unsafe { self.multiply_cell(rows, columns, Some(panel.as_mut_ptr().cast())) }
    }

    unsafe fn multiply_cell(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        packed: Option<*mut V::Scalar>,
    ) {
        for block in self.blocks.each() {
            let a = self.left.block(rows.start, &block);
            let is_first = self.blocks.start + block.start == 0;
            let is_last = self.blocks.start + block.end == self.blocks.k;
            let mut column = columns.start;
            while column < columns.end {
                let width = panel_width::<V>(columns.end - column);
                let mut b = self.b.part(block.clone(), column..column + width).strided();
                // SAFETY: the caller's promise; the cell lies within the result.
                unsafe {
                    if let Some(to) = packed {
                        let to_row = width.next_multiple_of(V::N);
                        Copy::<V> { rows: block.len(), columns: width, from: b, to, to_row }.copy();
                        b = Strided { pointer: to, row: to_row as isize, column: 1 };
                    }
                    Panel::<V> {
                        rows: rows.len(),
                        columns: width,
                        k: block.len(),
                        a,
                        b: b.pointer,
                        b_row: b.row,
                        c: self.c.at(rows.start, column),
                        c_row: self.c.stride,
                        is_first,
                        finish: if is_last {
                            self.finish.part(column..column + width)
                        } else {
                            Finish::none()
                        },
                    }
                    .multiply();
                }
                column += width;
            }
        }
    }
}

/// How many of the remaining columns the next panel takes: three vectors, but of four two.
fn panel_width<V: Vector>(remaining: usize) -> usize {
    match remaining.div_ceil(V::N) {
        0..=PANEL_VECTORS => remaining,
        4 => 2 * V::N,
        _ => PANEL_VECTORS * V::N,
    }
}

/// Rows and columns of the cells: the largest allowed, but enough cells to keep all threads busy to the end.
fn cell_size<V: Vector>([m, k, n]: [usize; 3], is_parallel: bool) -> [usize; 2] {
    let mut counts = [m.div_ceil(CELL[0]), n.div_ceil(CELL[1])];
    let wanted = if is_parallel { 4 * rayon::current_num_threads() } else { 1 };
    loop {
        let rows = m.div_ceil(counts[0]).next_multiple_of(tile_rows::<V>());
        let columns = n.div_ceil(counts[1]).next_multiple_of(V::N);
        if counts[0] * counts[1] >= wanted || 2 * rows * k * columns < 2 * MIN_CELL_FLOPS {
            return [rows, columns];
        }
        counts[usize::from(columns > rows)] *= 2;
    }
}
