//! The matrixmultiply crate's side of the comparison of products, with its own threads.

use wengert_protocol::{Layout, Row, Work, answer, data};

fn main() {
    answer("0.3.11", |row| {
        let Row::Product { layout, m, k, n } = *row else { return None };
        let (left, right, mut result) = (data(m * k, 1), data(k * n, 2), vec![0.0_f32; m * n]);
        let (left_row, left_column) = if layout == Layout::LeftTransposed { (1, m) } else { (k, 1) };
        let (right_row, right_column) = if layout == Layout::RightTransposed { (1, k) } else { (n, 1) };
        Some(Work::new(move || {
            // SAFETY: the pointers are to m k, k n and m n elements, and the strides stay within them.
            unsafe {
                matrixmultiply::sgemm(
                    m,
                    k,
                    n,
                    1.0,
                    left.as_ptr(),
                    left_row as isize,
                    left_column as isize,
                    right.as_ptr(),
                    right_row as isize,
                    right_column as isize,
                    0.0,
                    result.as_mut_ptr(),
                    n as isize,
                    1,
                );
            }
        }))
    });
}
