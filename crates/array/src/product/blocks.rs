//! How a product is cut into blocks that stay in the caches, and spread over threads. What is done with a block is in
//! `kernel`.
//!
//! There are five loops, as in Goto and van de Geijn, Anatomy of high-performance matrix multiplication, ACM Trans.
//! Math. Softw. 34 (2008). From the outside in:
//!
//! 1. over cells, rectangles of the result, which are spread over the threads;
//! 2. over blocks of the summed axis; that of the right operand is packed;
//! 3. over rows, so many that their block of the left operand stays in the second cache, where it is packed;
//! 4. over panels of the right operand, each of which stays near the first cache;
//! 5. over tiles, which are computed in registers.
//!
//! Sums continue from block to block through the result. How long the blocks are depends on the length of the sums
//! alone, and nothing else that is chosen here changes the order of a sum.

use std::cell::Cell;
use std::ops::Range;
use std::slice;

use crate::buffer::Strided;
use crate::dtype::Float;
use crate::product::finish::Finish;
use crate::product::kernel::{PANEL_VECTORS, Panel, blocks, parts, tile_rows};
use crate::product::matrix::{Matrix, Region};
use crate::product::pack::Copy;
use crate::product::vectors::Vector;
use crate::team::share;
use crate::threads::MIN_PARALLEL_FLOPS;

/// Rows of a block of the left operand: with the longest sums it takes 512 KiB of a second cache in `f32`.
const MOST_ROWS: usize = 512;

/// Columns of a block of the right operand: with the longest sums it takes 2 MiB in `f32`.
const MOST_COLUMNS: usize = 2048;

/// Floating-point operations in a cell at least, where cells are made smaller to have one for each thread.
const MIN_CELL_FLOPS: usize = 1_500_000;

/// The same where they are made smaller to have several for each thread: to copy operands once more takes little of it.
const MIN_SPARE_CELL_FLOPS: usize = 200_000_000;

/// Cells for each thread at most. A thread that is held up for a while, as on a machine that others use too, then does fewer.
const CELLS_PER_THREAD: usize = 4;

/// A right operand with no more bytes is read in place by all rows, since it stays in the first caches.
const IN_PLACE_BYTES: usize = 96 << 10;

/// A left operand with no more bytes is read in place, since it stays in the second cache.
const LEFT_IN_PLACE_BYTES: usize = 256 << 10;

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
    let packs_left = !is_left_in_place::<V>(&a, n);
    let packs_right = !is_right_in_place::<V>(&b, m);
    let product = Product::<V> { a, b, c, finish, packs_left, packs_right };
    let is_parallel = 2 * m * k * n >= MIN_PARALLEL_FLOPS && rayon::current_num_threads() > 1;
    let n_threads = if is_parallel { rayon::current_num_threads() } else { 1 };
    let [height, width] = cell_size::<V>([m, k, n], n_threads);
    let n_across = n.div_ceil(width);
    let n_cells = m.div_ceil(height) * n_across;
    let cell = |cell: usize| {
        let (down, across) = (cell / n_across * height, cell % n_across * width);
        let (rows, columns) = (down..m.min(down + height), across..n.min(across + width));
        // SAFETY: cells do not overlap, and each is worked on once. The level is the caller's promise.
        unsafe { product.multiply_cell(rows, columns) };
    };
    if is_parallel {
        share(n_cells, &cell);
    } else {
        (0..n_cells).for_each(cell);
    }
}

/// Whether the kernel reads the left operand where it lies. To copy it is a loss if it is small or is read only once,
/// and no gain if its rows lie together, unless powers of two between them crowd a few sets of the caches.
fn is_left_in_place<V: Vector<Scalar: Float>>(a: &Matrix<'_, V::Scalar>, n: usize) -> bool {
    let bytes = size_of::<V::Scalar>();
    let is_spread = a.strides[1] == 1 && !(a.strides[0].unsigned_abs() * bytes).is_multiple_of(512);
    is_spread || a.rows * a.columns * bytes <= LEFT_IN_PLACE_BYTES || n <= PANEL_VECTORS * V::N
}

/// Whether the kernel reads the right operand where it lies: if it can, and either does so once or from a cache.
fn is_right_in_place<V: Vector<Scalar: Float>>(b: &Matrix<'_, V::Scalar>, m: usize) -> bool {
    let bytes = b.rows * b.columns * size_of::<V::Scalar>();
    b.strides[1] == 1 && (m <= tile_rows::<V>() || bytes <= IN_PLACE_BYTES)
}

/// Rows and columns of the cells: one for each thread, fewer if they got too small, several if they are large. Of the ways to
/// cut a rectangle into as many, that which copies least is taken, since each cell copies the operands for itself.
fn cell_size<V: Vector>([m, k, n]: [usize; 3], n_threads: usize) -> [usize; 2] {
    let flops = 2 * m * k * n;
    let n_rounds = match n_threads {
        1 => 1,
        _ => (flops / (n_threads * MIN_SPARE_CELL_FLOPS)).clamp(1, CELLS_PER_THREAD),
    };
    let n_cells = (n_rounds * n_threads).min(flops / MIN_CELL_FLOPS).max(1);
    let sizes = (1..=n_cells).rev().filter(|down| n_cells.is_multiple_of(*down)).map(|down| {
        let rows = m.div_ceil(down).next_multiple_of(tile_rows::<V>());
        let columns = n.div_ceil(n_cells / down).next_multiple_of(V::N);
        [rows, columns]
    });
    sizes.min_by_key(|[rows, columns]| rows + columns).unwrap_or([m, n])
}

/// A product that is cut into cells.
struct Product<'a, V: Vector<Scalar: Float>> {
    a: Matrix<'a, V::Scalar>,
    b: Matrix<'a, V::Scalar>,
    c: Region<'a, V::Scalar>,
    finish: Finish<'a, V::Scalar>,
    packs_left: bool,
    packs_right: bool,
}

impl<V: Vector<Scalar: Float>> Product<'_, V> {
    /// # Safety
    /// The machine has `V::LEVEL`, and nobody else works on an element of the cell.
    unsafe fn multiply_cell(&self, rows: Range<usize>, columns: Range<usize>) {
        let mut scratch = (Vec::new(), Vec::new());
        if self.packs_left || self.packs_right {
            scratch = SCRATCH.take();
        }
        for strip in parts(columns.len(), MOST_COLUMNS) {
            let strip = columns.start + strip.start..columns.start + strip.end;
            // SAFETY: the caller's promise.
            unsafe { self.multiply_strip(&rows, &strip, &mut scratch) };
        }
        if self.packs_left || self.packs_right {
            SCRATCH.set(scratch);
        }
    }

    /// # Safety
    /// As [`multiply_cell`](Self::multiply_cell).
    unsafe fn multiply_strip(
        &self,
        rows: &Range<usize>,
        columns: &Range<usize>,
        scratch: &mut (Vec<Line>, Vec<Line>),
    ) {
        let k = self.a.columns;
        for block in blocks(k) {
            if self.packs_right {
                let n = columns.len().next_multiple_of(V::N) * block.len();
                // SAFETY: the caller's promise.
                unsafe { self.pack_right(&block, columns, room(&mut scratch.1, n)) };
            }
            for chunk in parts(rows.len(), MOST_ROWS) {
                let chunk = rows.start + chunk.start..rows.start + chunk.end;
                let mut a = self.a.part(chunk.clone(), block.clone()).strided();
                if self.packs_left {
                    let (rows, columns) = (chunk.len(), block.len());
                    let to = room::<V::Scalar>(&mut scratch.0, rows * columns).as_mut_ptr();
                    // SAFETY: the caller's promise; there is room.
                    unsafe { Copy::<V> { rows, columns, from: a, to, to_row: columns }.copy() };
                    a = Strided { pointer: to, row: columns as isize, column: 1 };
                }
                for panel in panels::<V>(columns) {
                    let b = match self.packs_right {
                        true => {
                            packed_panel::<V>(scratch.1.as_mut_ptr().cast(), columns, &panel, block.len())
                        }
                        false => self.b.part(block.clone(), panel.clone()).strided(),
                    };
                    let is_last = block.end == k;
                    let kernel = Panel::<V> {
                        rows: chunk.len(),
                        columns: panel.len(),
                        k: block.len(),
                        a,
                        b: b.pointer,
                        b_row: b.row,
                        c: self.c.at(chunk.start, panel.start),
                        c_row: self.c.stride,
                        is_first: block.start == 0,
                        finish: if is_last { self.finish.part(panel) } else { Finish::none() },
                    };
                    // SAFETY: the caller's promise; all lies within the operands, the packed copies and the cell.
                    unsafe { kernel.multiply() };
                }
            }
        }
    }

    /// Copies a block of the right operand, panel after panel. Rows that lie together in memory are read a few at a
    /// time through all panels, so that each page of memory is come upon once.
    ///
    /// # Safety
    /// The machine has `V::LEVEL`, and there is room for whole vectors.
    unsafe fn pack_right(&self, block: &Range<usize>, columns: &Range<usize>, to: &mut [V::Scalar]) {
        let to = to.as_mut_ptr();
        let step = if self.b.strides[1] == 1 { 8 } else { block.len() };
        for first in (0..block.len()).step_by(step) {
            let rows = block.start + first..block.end.min(block.start + first + step);
            for panel in panels::<V>(columns) {
                let from = self.b.part(rows.clone(), panel.clone()).strided();
                let packed = packed_panel::<V>(to, columns, &panel, block.len());
                let to_row = packed.row as usize;
                let to = packed.pointer.cast_mut().wrapping_add(first * to_row);
                // SAFETY: the caller's promise.
                unsafe { Copy::<V> { rows: rows.len(), columns: panel.len(), from, to, to_row }.copy() };
            }
        }
    }
}

/// The panels of some columns: three vectors each, but the last four vectors are halved, since narrow panels are slow.
fn panels<V: Vector>(columns: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let Range { mut start, end } = *columns;
    std::iter::from_fn(move || {
        let panel = match (end - start).div_ceil(V::N) {
            0 => return None,
            1..=PANEL_VECTORS => start..end,
            4 => start..start + 2 * V::N,
            _ => start..start + PANEL_VECTORS * V::N,
        };
        start = panel.end;
        Some(panel)
    })
}

/// Where a panel of a packed block begins, and how it lies.
fn packed_panel<V: Vector>(
    first: *mut V::Scalar,
    columns: &Range<usize>,
    panel: &Range<usize>,
    k: usize,
) -> Strided<*const V::Scalar> {
    let pointer = first.wrapping_add((panel.start - columns.start) * k).cast_const();
    Strided { pointer, row: panel.len().next_multiple_of(V::N) as isize, column: 1 }
}

/// Memory as the caches see it.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code, reason = "it is only room")] [u8; 64]);

thread_local! {
    /// Where this thread packs blocks of the left and of the right operand. Both are kept, and taken away in use.
    static SCRATCH: Cell<(Vec<Line>, Vec<Line>)> = const { Cell::new((Vec::new(), Vec::new())) };
}

/// The beginning of a buffer, made long enough, as numbers.
fn room<T: Float>(scratch: &mut Vec<Line>, n: usize) -> &mut [T] {
    let n_lines = (n * size_of::<T>()).div_ceil(size_of::<Line>());
    if scratch.len() < n_lines {
        scratch.resize(n_lines, Line([0; size_of::<Line>()]));
    }
    // SAFETY: there are as many lines, exclusively borrowed and aligned for any number. They began as zeros and were
    // written as numbers only, and every pattern of bits is a number.
    unsafe { slice::from_raw_parts_mut(scratch.as_mut_ptr().cast::<T>(), n) }
}
