//! Nothing but a home for the example programs beside this file: `cargo run --release --example digits`.
#![forbid(unsafe_code)]
