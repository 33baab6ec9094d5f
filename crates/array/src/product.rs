//! One matrix product on strided operands: which path takes it. Batches are in `matmul`.

#[cfg(target_arch = "x86_64")]
mod blocks;
mod finish;
mod general;
#[cfg(target_arch = "x86_64")]
mod kernel;
mod matrix;
#[cfg(target_arch = "x86_64")]
mod pack;
#[cfg(target_arch = "x86_64")]
mod row;
#[cfg(test)]
mod tests;
mod vector;
#[cfg(target_arch = "x86_64")]
pub(crate) mod vectors;

use crate::cpu::{Level, level};
use crate::dtype::Float;
pub(crate) use finish::Finish;
pub(crate) use matrix::Matrix;

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
    } else if by_column_or_row(level, a, b, c) {
        // Done: one operand is a vector.
    } else {
        match level {
            // SAFETY: the machine has the level.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => return unsafe { blocks::multiply::<T::Avx512>(a, b, c, finish) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => return unsafe { blocks::multiply::<T::Avx2>(a, b, c, finish) },
            _ => general::multiply(a, b, c),
        }
    }
    finish.apply(c, n);
}

/// Writes the product if it is one by a vector on either side that can be done as such.
fn by_column_or_row<T: Float>(level: Level, a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T]) -> bool {
    match (a.rows, b.columns) {
        (_, 1) => vector::by_vector(a, &b.column(), c),
        (1, _) if level == Level::Portable || b.strides[1] != 1 => {
            vector::by_vector(b.transpose(), &a.transpose().column(), c)
        }
        _ => false,
    }
}
