//! Wengert's side of `cargo xtask compare`: steps of training, inference, and products of matrices.
#![forbid(unsafe_code)]

use std::hint::black_box;

use wengert_benches::{Inference, Product, Training};
use wengert_protocol::{Row, Work, answer};

fn main() {
    answer(env!("CARGO_PKG_VERSION"), work);
}

fn work(row: &Row) -> Option<Work<'static>> {
    if let Some(mut training) = Training::of(row) {
        return Some(Work::new(move || {
            black_box(training.step());
        }));
    }
    if let Some(inference) = Inference::of(row) {
        return Some(Work::new(move || {
            black_box(inference.step());
        }));
    }
    let product = Product::of(row)?;
    Some(Work::new(move || {
        black_box(product.step());
    }))
}
