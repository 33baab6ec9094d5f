//! Arrays of `f32` or `f64` on the CPU: shared buffers, views, and the kernels that run over them.
//!
//! Nothing here knows about tensors, tapes or derivatives; those stand in `wengert-tensor`. Shape rules that
//! a user can break come back as a [`Mismatch`]; the kernels themselves expect arguments that were checked and
//! panic otherwise. This is the only crate of the workspace that contains `unsafe`.

mod argument;
mod array;
mod axes;
mod blocks;
mod buffer;
mod census;
#[cfg(feature = "counting")]
mod counting;
mod cpu;
mod diagonal;
mod display;
mod dtype;
pub mod elementary;
mod indices;
mod joining;
mod lanes;
mod layout;
mod matmul;
mod memory;
mod mismatch;
mod operands;
mod order;
mod picking;
mod pointwise;
pub mod pool;
mod product;
mod random;
mod reduce;
mod rows;
mod shape;
mod source;
mod special;
mod sum;
mod team;
mod threads;
mod total;
mod update;
mod views;
mod windows;

pub use argument::arg_reduce_last;
pub use array::Array;
pub use axes::Axes;
pub use blocks::{Blocks, Per, add_rows, blocks};
pub use census::Census;
#[cfg(feature = "counting")]
pub use counting::{Counting, Counts};
pub use dtype::{DType, Float};
pub use indices::Indices;
pub use joining::concat;
pub use lanes::{row_max, row_sum};
pub use matmul::{Transposed, affine, matmul, matmul_transposed};
pub use mismatch::{Mismatch, shown};
pub use order::{arg_running, argsort};
pub use picking::{add_along, add_taken, last_along, take, take_along};
pub use pointwise::{Pointwise, map_row, pointwise};
pub use random::Rng;
pub use reduce::{Reduce, reduce, sum_to};
pub use rows::{Rows, rows};
pub use shape::{MAX_RANK, Shape};
pub use total::{Term, total};
pub use update::{Update, update};
