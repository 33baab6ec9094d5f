//! Files, to the disk and back: what is saved, what is loaded, and what is refused.

// The derive macro writes paths that begin with `::wengert`, as users of the facade know them.
extern crate wengert_tensor as wengert;

mod atomic;
mod configuration;
mod hostile;
mod keras;
mod model;
mod parameters;
mod pipeline;
mod rules;
mod scalers;
mod support;
