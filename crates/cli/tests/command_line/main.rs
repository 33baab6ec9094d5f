//! The program as a user of the shell meets it: built, run on small tables, and asked what it said and how it ended.

mod errors;
mod golden;
#[cfg(unix)]
mod interrupt;
mod plot;
mod predict;
mod shell;
mod support;
mod train;
