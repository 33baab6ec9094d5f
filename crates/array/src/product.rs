//! One matrix product on strided operands: which path takes it. Batches are in `matmul`.

#[cfg(target_arch = "x86_64")]
mod blocks;
#[cfg(target_arch = "x86_64")]
mod dots;
mod finish;
mod general;
#[cfg(target_arch = "x86_64")]
mod kernel;
mod matrix;
#[cfg(target_arch = "x86_64")]
mod narrow;
#[cfg(target_arch = "x86_64")]
mod order;
#[cfg(target_arch = "x86_64")]
mod pack;
#[cfg(target_arch = "x86_64")]
mod queue;
#[cfg(target_arch = "x86_64")]
mod row;
#[cfg(target_arch = "x86_64")]
mod scratch;
#[cfg(test)]
mod tests;
mod vector;
#[cfg(target_arch = "x86_64")]
pub(crate) mod vectors;

use crate::cpu::{Level, level};
use crate::dtype::Float;
pub(crate) use finish::Finish;
pub(crate) use matrix::Matrix;
#[cfg(target_arch = "x86_64")]
use vectors::Vector;

/// Writes the product of two matrices, finished, in row-major order to `c`.
pub(crate) fn multiply<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], finish: Finish<'_, T>) {
    multiply_at(level(), a, b, c, finish);
}

/// As [`multiply`], at a level that the machine has.
fn multiply_at<T: Float>(
    level: Level,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: &mut [T],
    finish: Finish<'_, T>,
) {
    assert_eq!((a.columns, a.rows * b.columns), (b.rows, c.len()), "the sizes of a product agree");
    assert!(a.is_within() && b.is_within(), "the operands lie within their buffers");
    let (m, k, n) = (a.rows, a.columns, b.columns);
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        c.fill(T::zero());
        return finish.apply(c, n);
    }
    match level {
        // SAFETY: the machine has the level.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { multiply_in::<T::Avx512>(a, b, c, finish) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { multiply_in::<T::Avx2>(a, b, c, finish) },
        _ => {
            general::multiply(a, b, c);
            finish.apply(c, n);
        }
    }
}

/// The product in registers of a kind.
///
/// # Safety
/// The machine has `V::LEVEL`.
#[cfg(target_arch = "x86_64")]
unsafe fn multiply_in<V: Vector<Scalar: Float>>(
    a: Matrix<'_, V::Scalar>,
    b: Matrix<'_, V::Scalar>,
    c: &mut [V::Scalar],
    finish: Finish<'_, V::Scalar>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        if !(a.rows == 1 || b.columns == 1) || !narrow::multiply::<V>(a, b, c, finish) {
            blocks::multiply::<V>(a, b, c, finish);
        }
    }
}
