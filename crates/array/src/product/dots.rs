//! A matrix whose rows lie together in memory by a vector: scalar products of the rows.

use crate::cpu::{Kernel, run_at};
use crate::product::vectors::Vector;

/// Rows that are multiplied at the same time.
const ROWS: usize = 8;

/// Some rows of a matrix by a vector.
pub(crate) struct Dots<V: Vector> {
    pub(crate) rows: usize,
    /// The length of the rows and of the vector.
    pub(crate) k: usize,
    pub(crate) a: *const V::Scalar,
    pub(crate) a_row: isize,
    pub(crate) v: *const V::Scalar,
    /// Where the products go, one after the other.
    pub(crate) out: *mut V::Scalar,
}

impl<V: Vector> Dots<V> {
    /// Does the work.
    ///
    /// # Safety
    /// The machine has `V::LEVEL`, and the pointers are good for what the sizes and the stride reach.
    pub(crate) unsafe fn multiply(self) {
        run_at(V::LEVEL, Products(self));
    }
}

/// Only [`Dots::multiply`] makes one.
struct Products<V: Vector>(Dots<V>);

impl<V: Vector> Kernel for Products<V> {
    #[inline(always)]
    fn run(self) {
        let mut row = 0;
        // SAFETY: the promise of whoever called `Dots::multiply`; the rows exist.
        unsafe {
            while row + ROWS <= self.0.rows {
                multiply_rows::<V, ROWS>(&self.0, row);
                row += ROWS;
            }
            while row < self.0.rows {
                multiply_rows::<V, 1>(&self.0, row);
                row += 1;
            }
        }
    }
}

/// `R` scalar products. Lane `i` sums every `V::N`th product from number `i` on, then the lanes are summed: an order that
/// the length decides.
#[inline(always)]
unsafe fn multiply_rows<V: Vector, const R: usize>(dots: &Dots<V>, row: usize) {
    // SAFETY: the caller's promise; what is left of the rows is masked.
    unsafe {
        let mut sums = [V::zero(); R];
        let a = dots.a.wrapping_offset(row as isize * dots.a_row);
        let n_whole = dots.k / V::N * V::N;
        let mut k = 0;
        while k < n_whole {
            let v = V::load(dots.v.add(k));
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(a.wrapping_offset(i as isize * dots.a_row).add(k)).multiply_add(v, *sum);
            }
            k += V::N;
        }
        if k < dots.k {
            let mask = V::first(dots.k - k);
            let v = V::load_masked(dots.v.add(k), mask);
            for (i, sum) in sums.iter_mut().enumerate() {
                let a = a.wrapping_offset(i as isize * dots.a_row).add(k);
                *sum = V::load_masked(a, mask).multiply_add(v, *sum);
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            *dots.out.add(row + i) = sum.sum();
        }
    }
}
