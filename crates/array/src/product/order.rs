//! The order in which a cell of a product is computed, as numbered tasks.

use std::ops::Range;

use crate::product::kernel::{MOST_K, PANEL_VECTORS};
use crate::product::vectors::Vector;

/// Rows of a chunk: with the longest sums its block of the left operand takes 384 KiB of a second cache in `f32`.
const MOST_ROWS: usize = 512;

/// Columns of a strip: with the longest sums its block of the right operand takes 1.5 MiB in `f32`.
const MOST_COLUMNS: usize = 2048;

/// The parts of an axis: as few as may be, of the same length but the last.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    first: usize,
    end: usize,
    size: usize,
    /// How many there are.
    pub(crate) count: usize,
}

impl Parts {
    /// Parts of `most` numbers at most.
    #[inline]
    pub(crate) fn of(axis: Range<usize>, most: usize) -> Parts {
        Parts::by(axis.clone(), axis.len().div_ceil(axis.len().div_ceil(most)))
    }

    /// Parts of a size.
    #[inline]
    pub(crate) fn by(axis: Range<usize>, size: usize) -> Parts {
        Parts { first: axis.start, end: axis.end, size, count: axis.len().div_ceil(size) }
    }

    pub(crate) fn get(self, number: usize) -> Range<usize> {
        let start = self.first + number * self.size;
        start..self.end.min(start + self.size)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Range<usize>> {
        (0..self.count).map(move |number| self.get(number))
    }
}

/// The columns of a cell come in strips; for each strip the blocks of the summed axis, for each block the rows in chunks, and
/// for each chunk the panels of the strip. A panel of a chunk and a block is a task.
pub(crate) struct Order {
    strips: Parts,
    blocks: Parts,
    chunks: Parts,
    /// The width of a vector.
    lanes: usize,
    /// Tasks of a strip, but for the last.
    n_per_strip: usize,
}

/// What a task computes.
pub(crate) struct Place {
    pub(crate) strip: usize,
    pub(crate) block: Range<usize>,
    pub(crate) chunk: Range<usize>,
    /// The number of the panel within its strip.
    pub(crate) panel: usize,
    pub(crate) columns: Range<usize>,
    /// The tasks of the cell up to that on the same numbers in the block before.
    pub(crate) n_before: usize,
}

impl Order {
    pub(crate) fn of<V: Vector>(rows: Range<usize>, columns: Range<usize>, k: usize) -> Order {
        let strip = Parts::of(columns.clone(), MOST_COLUMNS).size.next_multiple_of(PANEL_VECTORS * V::N);
        let (strips, blocks, chunks) =
            (Parts::by(columns, strip), Parts::of(0..k, MOST_K), Parts::of(rows, MOST_ROWS));
        let n_per_strip = blocks.count * chunks.count * n_panels(&strips.get(0), V::N);
        Order { strips, blocks, chunks, lanes: V::N, n_per_strip }
    }

    /// Whether a panel is needed by several chunks.
    pub(crate) fn uses_panels_again(&self) -> bool {
        self.chunks.count > 1
    }

    pub(crate) fn n_tasks(&self) -> usize {
        let last = self.strips.count - 1;
        let n_panels = n_panels(&self.strips.get(last), self.lanes);
        last * self.n_per_strip + self.blocks.count * self.chunks.count * n_panels
    }

    /// What the task of a number computes, if there is one.
    pub(crate) fn place(&self, task: usize) -> Option<Place> {
        let strip = task / self.n_per_strip;
        if strip >= self.strips.count {
            return None;
        }
        let columns = self.strips.get(strip);
        let n_panels = n_panels(&columns, self.lanes);
        let in_strip = task - strip * self.n_per_strip;
        let (row, panel) = (in_strip / n_panels, in_strip % n_panels);
        let (block, chunk) = (row / self.chunks.count, row % self.chunks.count);
        if block >= self.blocks.count {
            return None;
        }
        Some(Place {
            strip,
            block: self.blocks.get(block),
            chunk: self.chunks.get(chunk),
            panel,
            columns: panel_columns(&columns, panel, self.lanes),
            n_before: if block == 0 { 0 } else { task - self.chunks.count * n_panels + 1 },
        })
    }
}

fn n_panels(columns: &Range<usize>, lanes: usize) -> usize {
    columns.len().div_ceil(lanes).div_ceil(PANEL_VECTORS)
}

/// The columns of a panel: three vectors, but the last four vectors are halved, since narrow panels are slow.
fn panel_columns(columns: &Range<usize>, panel: usize, lanes: usize) -> Range<usize> {
    let n_vectors = columns.len().div_ceil(lanes);
    let is_halved = n_vectors > PANEL_VECTORS && n_vectors % PANEL_VECTORS == 1;
    let edge = |panel: usize| match PANEL_VECTORS * panel {
        vectors if is_halved && vectors + 1 == n_vectors => vectors - 1,
        vectors => vectors,
    };
    let (first, end) = (edge(panel), edge(panel + 1));
    columns.start + first * lanes..columns.end.min(columns.start + end * lanes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_are_three_vectors_wide_and_the_last_four_are_halved() {
        let panels = |n: usize| {
            let columns = 100..100 + n;
            (0..n_panels(&columns, 16)).map(|panel| panel_columns(&columns, panel, 16)).collect::<Vec<_>>()
        };
        assert_eq!(panels(1)[0], 100..101);
        assert_eq!(panels(48)[0], 100..148);
        assert_eq!(panels(48).len(), 1);
        assert_eq!(panels(49), [100..132, 132..149]);
        assert_eq!(panels(112), [100..148, 148..180, 180..212]);
        assert_eq!(panels(100), [100..148, 148..180, 180..200]);
        assert_eq!(panels(130), [100..148, 148..196, 196..230]);
    }

    #[test]
    fn tasks_compute_every_block_of_every_element_once_and_in_order() {
        for [m, k, n] in [[1, 1, 1], [8, 192, 48], [700, 400, 130], [20, 500, 5000], [1100, 10, 2049]] {
            let order = Order {
                strips: Parts::by(0..n, 2064),
                blocks: Parts::of(0..k, MOST_K),
                chunks: Parts::of(0..m, MOST_ROWS),
                lanes: 16,
                n_per_strip: 0,
            };
            let n_per_strip =
                order.blocks.count * order.chunks.count * n_panels(&order.strips.get(0), order.lanes);
            let order = Order { n_per_strip, ..order };
            let mut ends = std::collections::HashMap::new();
            let mut n_products = 0;
            for task in 0..order.n_tasks() {
                let place = order.place(task).unwrap();
                let here = (place.chunk.clone(), place.columns.clone());
                let (end, after) = ends.insert(here, (place.block.end, task + 1)).unwrap_or((0, 0));
                assert_eq!((place.block.start, place.n_before), (end, after), "task {task} of {m}x{k}x{n}");
                n_products += place.chunk.len() * place.columns.len() * place.block.len();
            }
            assert_eq!(n_products, m * k * n);
            assert!(ends.values().all(|(end, _)| *end == k));
            assert!(order.place(order.n_tasks()).is_none());
        }
    }
}
