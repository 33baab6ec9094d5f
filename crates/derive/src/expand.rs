//! From the definition of a type to its `impl Module`.
//!
//! All generated names are hygienic (`mixed_site`), so that no field, constant or generic of the user meets them; each
//! visit is located at its field's type, so that "is not a `Module`" points there.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DataEnum, DeriveInput, Error, Fields, Generics, Ident, Index, Member, Path, Result, Type};

use crate::options;

/// The implementation of `Module` for the type defined in `input`.
pub(crate) fn derive(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let krate = options::of_type(&input.attrs)?;
    let (visited, bodies) = match &input.data {
        Data::Struct(data) => of_struct(&krate, &data.fields)?,
        Data::Enum(data) => of_enum(&krate, data)?,
        Data::Union(data) => {
            let message = "`Module` cannot be derived for a union: nobody knows which of its fields is live";
            return Err(Error::new(data.union_token.span, message));
        }
    };
    let generics = with_bounds(input.generics, &input.ident, &krate, &visited);
    Ok(implementation(&krate, &input.ident, &generics, &bodies))
}

/// A field that is visited.
struct Field<'a> {
    member: Member,
    index: usize,
    ty: &'a Type,
}

/// What stands in `visit` and in `visit_mut`.
struct Bodies {
    visit: TokenStream,
    visit_mut: TokenStream,
}

fn of_struct<'a>(krate: &Path, fields: &'a Fields) -> Result<(Vec<Field<'a>>, Bodies)> {
    let fields = visited_fields(fields)?;
    let body = |method: &str| -> TokenStream {
        let calls = fields.iter().map(|field| {
            let member = &field.member;
            let span = span_of(field.ty);
            let value = match method {
                "visit" => quote_spanned!(span=> &self.#member),
                _ => quote_spanned!(span=> &mut self.#member),
            };
            call(krate, method, field, &value)
        });
        calls.collect()
    };
    let bodies = Bodies { visit: body("visit"), visit_mut: body("visit_mut") };
    Ok((fields, bodies))
}

fn of_enum<'a>(krate: &Path, data: &'a DataEnum) -> Result<(Vec<Field<'a>>, Bodies)> {
    let mut all = Vec::new();
    let (mut visit, mut visit_mut) = (TokenStream::new(), TokenStream::new());
    for variant in &data.variants {
        options::refuse_on_variant(variant)?;
        let fields = visited_fields(&variant.fields)?;
        let pattern = pattern(&variant.ident, &variant.fields, &fields);
        for (method, arms) in [("visit", &mut visit), ("visit_mut", &mut visit_mut)] {
            let calls =
                fields.iter().map(|field| call(krate, method, field, &binding(field).to_token_stream()));
            arms.extend(quote_spanned!(here()=> #pattern => { #(#calls)* }));
        }
        all.extend(fields);
    }
    // A reference to a type without values must be looked through before its match may be empty.
    let subject =
        if data.variants.is_empty() { quote_spanned!(here()=> *self) } else { quote_spanned!(here()=> self) };
    let body = |arms| quote_spanned!(here()=> match #subject { #arms });
    Ok((all, Bodies { visit: body(visit), visit_mut: body(visit_mut) }))
}

/// `Self::Variant { hidden: __field_0, .. }`, a form that also serves tuples (`0: __field_0`).
fn pattern(variant: &Ident, fields: &Fields, visited: &[Field<'_>]) -> TokenStream {
    let members = visited.iter().map(|field| &field.member);
    let bindings = visited.iter().map(binding);
    match fields {
        Fields::Unit => quote_spanned!(here()=> Self::#variant),
        _ if visited.len() == fields.len() => {
            quote_spanned!(here()=> Self::#variant { #(#members: #bindings),* })
        }
        _ => quote_spanned!(here()=> Self::#variant { #(#members: #bindings,)* .. }),
    }
}

fn visited_fields(fields: &Fields) -> Result<Vec<Field<'_>>> {
    let mut visited = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        if !options::is_skipped(&field.attrs)? {
            let numbered = || Member::Unnamed(Index { index: index as u32, span: span_of(&field.ty) });
            let member = field.ident.clone().map_or_else(numbered, Member::Named);
            visited.push(Field { member, index, ty: &field.ty });
        }
    }
    Ok(visited)
}

/// `::wengert::Module::visit(value, &__path.field("hidden"), __visitor);`
fn call(krate: &Path, method: &str, field: &Field<'_>, value: &TokenStream) -> TokenStream {
    let span = span_of(field.ty);
    let method = Ident::new(method, span);
    let (path, visitor) = (path(), visitor());
    let step = match &field.member {
        Member::Named(name) => {
            let name = name.unraw().to_string();
            quote_spanned!(span=> #path.field(#name))
        }
        Member::Unnamed(_) => {
            let index = Index::from(field.index);
            quote_spanned!(span=> #path.index(#index))
        }
    };
    quote_spanned!(span=> #krate::Module::#method(#value, &#step, #visitor);)
}

fn implementation(krate: &Path, name: &Ident, generics: &Generics, bodies: &Bodies) -> TokenStream {
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let Bodies { visit, visit_mut } = bodies;
    let (path, visitor) = (path(), visitor());
    quote_spanned! {here()=>
        #[automatically_derived]
        impl #parameters #krate::Module for #name #arguments #conditions {
            fn visit<'__module>(
                &'__module self,
                #path: &#krate::module::Path<'_>,
                #visitor: &mut dyn #krate::module::Visitor<'__module>,
            ) {
                #visit
            }

            fn visit_mut(
                &mut self,
                #path: &#krate::module::Path<'_>,
                #visitor: &mut dyn #krate::module::VisitorMut,
            ) {
                #visit_mut
            }
        }
    }
}

/// Adds `FieldType: Module` for the types that mention a type parameter.
///
/// Not for a type that mentions the derived type itself: to prove the bound would need the bound, without end. What it
/// needs follows from the bounds of the other fields.
fn with_bounds(mut generics: Generics, own: &Ident, krate: &Path, visited: &[Field<'_>]) -> Generics {
    let parameters: Vec<Ident> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    let mut seen = BTreeSet::new();
    for ty in visited.iter().map(|field| field.ty) {
        let is_generic = parameters.iter().any(|parameter| mentions(ty.to_token_stream(), parameter));
        let is_recursive =
            mentions(ty.to_token_stream(), own) || mentions(ty.to_token_stream(), &format_ident!("Self"));
        if is_generic && !is_recursive && seen.insert(ty.to_token_stream().to_string()) {
            let span = span_of(ty);
            let bound = syn::parse2(quote_spanned!(span=> #ty: #krate::Module)).expect("a type and a path");
            generics.make_where_clause().predicates.push(bound);
        }
    }
    generics
}

fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn binding(field: &Field<'_>) -> Ident {
    Ident::new(&format!("__field_{}", field.index), span_of(field.ty))
}

fn path() -> Ident {
    Ident::new("__path", here())
}

fn visitor() -> Ident {
    Ident::new("__visitor", here())
}

fn here() -> Span {
    Span::mixed_site()
}

/// The place of a field's type, with the hygiene of generated code.
fn span_of(ty: &Type) -> Span {
    here().located_at(ty.span())
}

#[cfg(test)]
mod tests;
