//! All rules of `cargo xtask tidy`; each has a file, and a test in `tests/tidy.rs`.

mod catalogue;
mod dependencies;
mod layers;
mod length;
mod names;
mod opening;
mod paths;
mod unfinished;
mod unsafety;

use crate::tidy::Rule;

/// The rules, in the order in which they report.
pub const RULES: [Rule; 9] = [
    layers::RULE,
    unsafety::RULE,
    names::RULE,
    unfinished::RULE,
    dependencies::RULE,
    catalogue::RULE,
    opening::RULE,
    length::RULE,
    paths::RULE,
];
