//! How a product is cut into blocks that stay in the caches, and spread over threads. What is done with a block is in
//! `kernel`, who does it in `queue`.
//!
//! There are five loops, as in Goto and van de Geijn, Anatomy of high-performance matrix multiplication, ACM Trans.
//! Math. Softw. 34 (2008). From the outside in:
//!
//! 1. over cells, rectangles of the result, of which each thread has one;
//! 2. over blocks of the summed axis;
//! 3. over chunks of rows, so many that their block of the left operand stays in the second cache, where it is packed;
//! 4. over panels of the right operand, each of which is packed into the first cache;
//! 5. over tiles, which are computed in registers.
//!
//! Sums continue from block to block through the result. How long the blocks are depends on the length of the sums
//! alone, and nothing else that is chosen here changes the order of a sum. The second to the fourth loop make the tasks of a
//! cell, in `order`.

use crate::buffer::Strided;
use crate::dtype::Float;
use crate::product::finish::Finish;
use crate::product::kernel::{Ahead, Left, PANEL_VECTORS, Panel, tile_height, tile_rows};
use crate::product::matrix::{Matrix, Region};
use crate::product::order::{Order, Parts, Place};
use crate::product::pack::Copy;
use crate::product::queue::{MOST_CELLS, work_off};
use crate::product::scratch::Scratch;
use crate::product::vectors::Vector;
use crate::threads::MIN_PARALLEL_FLOPS;

/// Floating-point operations in a cell at least, where cells are made smaller to have one for each thread.
const MIN_CELL_FLOPS: usize = 1_500_000;

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
    let packs_left = !is_left_in_place::<V>(&a, n);
    let packs_right = !is_right_in_place::<V>(&b, m);
    let product = Product::<V> { a, b, c: Region::whole(c, n), finish, packs_left, packs_right };
    let is_parallel = 2 * m * k * n >= MIN_PARALLEL_FLOPS && rayon::current_num_threads() > 1;
    let n_threads = if is_parallel { rayon::current_num_threads().min(MOST_CELLS) } else { 1 };
    let [down, across] = cells::<V>([m, k, n], n_threads);
    let order =
        |cell: usize| Order::of::<V>(down.get(cell / across.count), across.get(cell % across.count), k);
    let n_cells = down.count * across.count;
    if n_cells == 1 {
        let (order, mut scratch) = (order(0), Scratch::take());
        for task in 0..order.n_tasks() {
            // SAFETY: the caller's promise, and one task after the other.
            unsafe { product.compute(&order, [0, task], &mut scratch, &|_| ()) };
        }
        return scratch.give_back();
    }
    work_off(n_cells, &|cell| order(cell).n_tasks(), &|tasks| {
        let mut scratch = Scratch::take();
        for task in tasks {
            let at = [task.cell, task.number];
            // SAFETY: the caller's promise. Cells do not overlap, nor do the tasks of a cell but for those that are waited for.
            unsafe { product.compute(&order(task.cell), at, &mut scratch, &|n| task.wait_for(n)) };
        }
        scratch.give_back();
    });
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

/// Rows and columns of the cells: one for each thread, fewer if they got too small. Of the ways to cut a rectangle into as
/// many, that which copies least is taken, since each cell copies the operands for itself.
fn cells<V: Vector>([m, k, n]: [usize; 3], n_threads: usize) -> [Parts; 2] {
    let n_cells = n_threads.min(2 * m * k * n / MIN_CELL_FLOPS).max(1);
    let sizes = (1..=n_cells).rev().filter(|down| n_cells.is_multiple_of(*down)).map(|down| {
        let rows = m.div_ceil(down).next_multiple_of(tile_rows::<V>());
        let columns = n.div_ceil(n_cells / down).next_multiple_of(V::N);
        [rows, columns]
    });
    let [rows, columns] = sizes.min_by_key(|[rows, columns]| rows + columns).unwrap_or([m, n]);
    [Parts::by(0..m, rows), Parts::by(0..n, columns)]
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
    /// Does a task, given as the number of its cell and its own. Calls `wait` with the number of tasks of the cell that must be
    /// done before it writes.
    ///
    /// # Safety
    /// The machine has `V::LEVEL`, and nobody else works on the result at the task's place after the wait.
    unsafe fn compute(
        &self,
        order: &Order,
        [cell, task]: [usize; 2],
        scratch: &mut Scratch,
        wait: &dyn Fn(usize),
    ) {
        let Some(place) = order.place(task) else { return };
        let Place { strip, ref block, ref chunk, panel, ref columns, n_before } = place;
        let mut a = Left::InPlace(self.a.part(chunk.clone(), block.clone()).strided());
        if self.packs_left {
            // The same for all strips.
            let part = [cell, 0, block.start, chunk.start];
            a = Left::ByTiles(scratch.left.get(0, chunk.len() * block.len(), part, |to| {
                // SAFETY: the caller's promise.
                unsafe { self.pack_left(&place, to) }
            }));
        }
        let (mut b, mut ahead) = (self.b.part(block.clone(), columns.clone()).strided(), Ahead::NOTHING);
        if self.packs_right {
            // What other chunks need again has a slot of its own; else all panels take the same, in the first cache.
            let slot = if order.uses_panels_again() { panel } else { 0 };
            let part = [cell, strip, block.start, columns.start];
            let row = columns.len().next_multiple_of(V::N);
            let pointer = scratch.right.get(slot, PANEL_VECTORS * V::N * block.len(), part, |to| {
                // SAFETY: the caller's promise.
                unsafe { pack_right::<V>(b, [block.len(), columns.len()], to) };
                ahead = self.after(order.place(task + 1));
            });
            b = Strided { pointer, row: row as isize, column: 1 };
        }
        wait(n_before);
        let is_last = block.end == self.a.columns;
        let kernel = Panel::<V> {
            rows: chunk.len(),
            columns: columns.len(),
            k: block.len(),
            a,
            b: b.pointer,
            b_row: b.row,
            b_is_whole: self.packs_right || columns.len().is_multiple_of(V::N),
            c: self.c.at(chunk.start, columns.start),
            c_row: self.c.stride,
            is_first: block.start == 0,
            finish: if is_last { self.finish.part(columns.clone()) } else { Finish::none() },
            ahead,
        };
        // SAFETY: the caller's promise; all lies within the operands, the packed copies and the cell.
        unsafe { kernel.multiply() };
    }

    /// The part of the right operand that a task packs.
    fn after(&self, task: Option<Place>) -> Ahead<V::Scalar> {
        let Some(Place { block, columns, .. }) = task else { return Ahead::NOTHING };
        let (height, width) = (block.len(), columns.len());
        let Strided { pointer: first, row, column } = self.b.part(block, columns).strided();
        match [row, column] {
            [_, 1] => Ahead { first, between: row, rows: height, columns: width },
            [1, _] => Ahead { first, between: column, rows: width, columns: height },
            _ => Ahead::NOTHING,
        }
    }

    /// Copies a block of the left operand, tile after tile.
    ///
    /// # Safety
    /// The machine has `V::LEVEL`, and there is room.
    unsafe fn pack_left(&self, Place { block, chunk, .. }: &Place, to: &mut [V::Scalar]) {
        let to = to.as_mut_ptr();
        let k = block.len();
        // Columns that lie together in memory are read a few at a time through all tiles, so that each page of memory is
        // come upon once.
        let step = if self.a.strides[0] == 1 { 8 } else { k };
        for first in (0..k).step_by(step) {
            let columns = block.start + first..block.end.min(block.start + first + step);
            let mut row = 0;
            while row < chunk.len() {
                let height = tile_height::<V>(chunk.len() - row);
                let tile = chunk.start + row..chunk.start + row + height;
                let from = self.a.part(tile, columns.clone()).transpose().strided();
                let to = to.wrapping_add(row * k + first * height);
                // SAFETY: the caller's promise.
                unsafe {
                    Copy::<V> { rows: columns.len(), columns: height, from, to, to_row: height }.copy();
                }
                row += height;
            }
        }
    }
}

/// Copies a panel of the right operand to rows of whole vectors, with zeros beyond the columns.
///
/// # Safety
/// The machine has `V::LEVEL`, the panel exists, and there is room.
unsafe fn pack_right<V: Vector>(
    from: Strided<*const V::Scalar>,
    [rows, columns]: [usize; 2],
    to: &mut [V::Scalar],
) {
    let to_row = columns.next_multiple_of(V::N);
    // SAFETY: the caller's promise.
    unsafe { Copy::<V> { rows, columns, from, to: to.as_mut_ptr(), to_row }.copy() };
}
