//! One row by a matrix whose rows lie together in memory: each number of that matrix is needed once, so that reading
//! it in its order, as fast as the caches give it, is all that counts.

use crate::buffer::Strided;
use crate::cpu::{Kernel, run_at};
use crate::product::finish::Finish;
use crate::product::kernel::blocks;
use crate::product::vectors::Vector;

/// Vectors of the result that are summed at a time: two KiB of each row of the matrix, and of the first cache.
const STRIP: usize = 32;

/// One row by a matrix, or by some columns of it.
pub(crate) struct Row<'a, V: Vector> {
    /// The length of the sums.
    pub(crate) k: usize,
    pub(crate) columns: usize,
    /// The row, with `a_step` between its elements.
    pub(crate) a: *const V::Scalar,
    pub(crate) a_step: isize,
    /// The matrix. Its neighbouring columns lie together.
    pub(crate) b: Strided<*const V::Scalar>,
    pub(crate) c: *mut V::Scalar,
    pub(crate) finish: Finish<'a, V::Scalar>,
}

impl<V: Vector> Row<'_, V> {
    /// Writes the finished product to `c`, with the bits that the kernel of `kernel` gives.
    ///
    /// # Safety
    /// The machine has `V::LEVEL`, and the pointers are good for what the sizes and strides reach.
    pub(crate) unsafe fn multiply(self) {
        run_at(V::LEVEL, Strips(self));
    }
}

/// Only [`Row::multiply`] makes one.
struct Strips<'a, V: Vector>(Row<'a, V>);

impl<V: Vector> Kernel for Strips<'_, V> {
    #[inline(always)]
    fn run(self) {
        let row = self.0;
        for first in (0..row.columns).step_by(STRIP * V::N) {
            let columns = (row.columns - first).min(STRIP * V::N);
            for block in blocks(row.k) {
                // SAFETY: the promise of whoever called `Row::multiply`; the strip lies within the columns.
                unsafe {
                    let mut sums = [V::zero(); STRIP];
                    let mut k = block.start;
                    while k + 8 <= block.end {
                        add_rows::<V, 8>(&row, k, first, columns, &mut sums);
                        k += 8;
                    }
                    while k < block.end {
                        add_rows::<V, 1>(&row, k, first, columns, &mut sums);
                        k += 1;
                    }
                    write(&row, [block.start == 0, block.end == row.k], first, columns, &sums);
                }
            }
        }
    }
}

/// Adds `N` rows of the matrix, each times an element of the row, to the sums of a strip, one after the other.
#[inline(always)]
unsafe fn add_rows<V: Vector, const N: usize>(
    row: &Row<'_, V>,
    k: usize,
    first: usize,
    columns: usize,
    sums: &mut [V; STRIP],
) {
    // SAFETY: the caller's promise; the last vector is masked.
    unsafe {
        let mut xs = [V::zero(); N];
        for (i, x) in xs.iter_mut().enumerate() {
            *x = V::splat(*row.a.wrapping_offset((k + i) as isize * row.a_step));
        }
        let b = row.b.pointer.wrapping_offset(k as isize * row.b.row).wrapping_add(first);
        let n_whole = columns / V::N;
        for (j, sum) in sums.iter_mut().enumerate().take(n_whole) {
            for (i, x) in xs.iter().enumerate() {
                let y = V::load(b.wrapping_offset(i as isize * row.b.row).wrapping_add(j * V::N));
                *sum = x.multiply_add(y, *sum);
            }
        }
        if !columns.is_multiple_of(V::N) {
            let mask = V::first(columns % V::N);
            for (i, x) in xs.iter().enumerate() {
                let y = b.wrapping_offset(i as isize * row.b.row).wrapping_add(n_whole * V::N);
                sums[n_whole] = x.multiply_add(V::load_masked(y, mask), sums[n_whole]);
            }
        }
    }
}

/// Writes a strip of the result, or adds to it; `at` says whether the sums begin and whether they end here.
#[inline(always)]
unsafe fn write<V: Vector>(
    row: &Row<'_, V>,
    [is_first, is_last]: [bool; 2],
    first: usize,
    columns: usize,
    sums: &[V; STRIP],
) {
    for (j, &sum) in sums.iter().enumerate().take(columns.div_ceil(V::N)) {
        let column = first + j * V::N;
        // SAFETY: the caller's promise; the mask ends with the columns. A bias has an element for each column.
        unsafe {
            let mask = V::first((first + columns - column).min(V::N));
            let mut sum = sum;
            if !is_first {
                sum = V::load_masked(row.c.add(column), mask).add(sum);
            }
            if let (true, Some(bias)) = (is_last, row.finish.bias) {
                sum = sum.add(V::load_masked(bias.as_ptr().add(column), mask));
            }
            if is_last && row.finish.rectify {
                sum = sum.rectify();
            }
            sum.store_masked(row.c.add(column), mask);
        }
    }
}
