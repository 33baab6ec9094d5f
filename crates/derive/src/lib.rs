//! `#[derive(Module)]`: writes the walk over the parameters of a struct or an enum.
//!
//! The trait itself is in `wengert-tensor`; use the derive through the crate that you took the trait from.
#![forbid(unsafe_code)]

mod expand;
mod options;

use proc_macro::TokenStream;

/// Implements `Module` for a struct or an enum: every field is visited, in the order of declaration.
///
/// A named field is visited under its name (`hidden.weight`), a field of a tuple under its number (`0.weight`).
/// Of an enum, the fields of the live variant are visited; the variant's name is not part of the path.
///
/// Every visited field must be a `Module`; generic fields are required to be in a `where` clause. A field that has
/// nothing to train and is no `Module` is left out with `#[module(skip)]`.
///
/// # Examples
/// ```text
/// use wengert::prelude::*;
///
/// #[derive(Module, Clone, Debug)]
/// struct Residual<L> {
///     inner: L,                       // visited as `inner`, where L: Module
///     scale: Param,                   // visited as `scale`
///     #[module(skip)]
///     calls: Counter,                 // left out; Counter need not be a Module
/// }
/// ```
///
/// # Options
/// | written | on | means |
/// |---|---|---|
/// | `#[module(skip)]` | a field | the field is not visited |
/// | `#[module(crate = "some::path")]` | the type | the trait is `some::path::Module`, not `::wengert::Module` |
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    expand::derive(input.into()).unwrap_or_else(|error| error.to_compile_error()).into()
}
