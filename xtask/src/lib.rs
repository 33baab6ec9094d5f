//! The routines of this repository: `cargo xtask check`, `tidy`, `ops`, `mutate` and `compare`.
//!
//! What a command is called and what its help says is in `main.rs`.
#![forbid(unsafe_code)]

pub mod check;
pub mod compare;
pub mod manifest;
pub mod mutate;
pub mod rules;
pub mod rust;
pub mod tidy;
pub mod tree;

use std::path::Path;

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands in the workspace")
}
