//! Sets of rows: computed, scaled, divided, and loaded piece by piece.

// The derive macro writes paths that begin with `::wengert`, as users of the facade know them.
extern crate wengert_tensor as wengert;

mod folds;
mod generated;
mod joined;
mod loader;
mod preparation;
mod scaling;
mod support;
