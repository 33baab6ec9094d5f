//! The options `#[module(..)]`, and what is said when one is wrong.
//!
//! What the options change in the code is in `expand.rs`.

use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Error, Ident, LitStr, Path, Result, Token, Variant};

/// The options of a type: the path of the crate that has `Module`.
pub(crate) fn of_type(attributes: &[Attribute]) -> Result<Path> {
    let mut krate = None;
    for_each_option(attributes, |option, name| match name.as_str() {
        "crate" if krate.is_some() => Err(option.error("option `crate` is given twice")),
        "crate" => {
            krate = Some(path_of(&option)?);
            Ok(())
        }
        "skip" => Err(option.error("option `skip` belongs to a field, not to the type")),
        name => Err(option.error(format!("unknown option `{name}` of a type; expected `crate = \"path\"`"))),
    })?;
    Ok(krate.unwrap_or_else(|| syn::parse_quote!(::wengert)))
}

/// The options of a field: whether it is left out.
pub(crate) fn is_skipped(attributes: &[Attribute]) -> Result<bool> {
    let mut skip = false;
    for_each_option(attributes, |option, name| match name.as_str() {
        "skip" if skip => Err(option.error("option `skip` is given twice")),
        "skip" if option.input.peek(Token![=]) => Err(option.error("option `skip` takes no value")),
        "skip" => {
            skip = true;
            Ok(())
        }
        "crate" => Err(option.error("option `crate` belongs to the type, not to a field")),
        name => Err(option.error(format!("unknown option `{name}` of a field; expected `skip`"))),
    })?;
    Ok(skip)
}

/// A variant has no options: what looks like one was meant for its fields.
pub(crate) fn refuse_on_variant(variant: &Variant) -> Result<()> {
    match variant.attrs.iter().find(|attribute| attribute.path().is_ident("module")) {
        Some(attribute) => Err(Error::new_spanned(
            attribute,
            format!("a variant has no options; put them on the fields of `{}`", variant.ident),
        )),
        None => Ok(()),
    }
}

/// Calls `read` with each option in the `#[module(..)]` among the attributes, and with its name.
fn for_each_option(
    attributes: &[Attribute],
    mut read: impl FnMut(ParseNestedMeta<'_>, String) -> Result<()>,
) -> Result<()> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("module")) {
        if attribute.meta.require_list().is_ok_and(|list| list.tokens.is_empty()) {
            return Err(Error::new_spanned(attribute, "no option given between the parentheses"));
        }
        attribute.parse_nested_meta(|option| {
            let name = name_of(&option);
            read(option, name)
        })?;
    }
    Ok(())
}

fn name_of(option: &ParseNestedMeta<'_>) -> String {
    let names: Vec<String> =
        option.path.segments.iter().map(|part| Ident::unraw(&part.ident).to_string()).collect();
    names.join("::")
}

fn path_of(option: &ParseNestedMeta<'_>) -> Result<Path> {
    let text: LitStr = option.value()?.parse()?;
    text.parse_with(Path::parse_mod_style)
        .map_err(|_| Error::new(text.span(), "expected the path of a crate or module, such as \"wengert\""))
}
