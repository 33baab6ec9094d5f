//! The gemm crate's side of the comparison of products.

use wengert_protocol::{Layout, Row, Work, answer, data, threads};

fn main() {
    answer("0.19.0", |row| {
        let Row::Product { layout, m, k, n } = *row else { return None };
        let (left, right, mut result) = (data(m * k, 1), data(k * n, 2), vec![0.0_f32; m * n]);
        let parallelism =
            if threads() > 1 { gemm::Parallelism::Rayon(threads()) } else { gemm::Parallelism::None };
        let (left_row, left_column) = if layout == Layout::LeftTransposed { (1, m) } else { (k, 1) };
        let (right_row, right_column) = if layout == Layout::RightTransposed { (1, k) } else { (n, 1) };
        Some(Work::new(move || {
            // SAFETY: the pointers are to m k, k n and m n elements, and the strides stay within them.
            unsafe {
                gemm::gemm(
                    m,
                    n,
                    k,
                    result.as_mut_ptr(),
                    1,
                    n as isize,
                    false,
                    left.as_ptr(),
                    left_column as isize,
                    left_row as isize,
                    right.as_ptr(),
                    right_column as isize,
                    right_row as isize,
                    0.0,
                    1.0,
                    false,
                    false,
                    false,
                    parallelism,
                );
            }
        }))
    });
}
