//! The code that definitions become, and the errors that wrong ones get.
//!
//! That the code compiles and visits is tested in `tests/derive.rs`.

use std::str::FromStr;

use proc_macro2::TokenStream;

use super::derive;

/// The `impl` that is expected, from the parts that vary; `MUT` stands where `visit` and `visit_mut` differ.
#[track_caller]
fn check(definition: &str, header: &str, calls: &str) {
    let krate = if header.contains("::wengert") { "::wengert" } else { "tensor::inner" };
    let visit = calls.replace("METHOD", "visit").replace("MUT", "");
    let visit_mut = calls.replace("METHOD", "visit_mut").replace("MUT", "mut");
    let expected = format!(
        "#[automatically_derived]
        impl {header} {{
            fn visit<'__module>(&'__module self, __path: &{krate}::module::Path<'_>,
                __visitor: &mut dyn {krate}::module::Visitor<'__module>,) {{ {visit} }}
            fn visit_mut(&mut self, __path: &{krate}::module::Path<'_>,
                __visitor: &mut dyn {krate}::module::VisitorMut,) {{ {visit_mut} }}
        }}"
    );
    let found = derive(tokens(definition)).expect("the definition is right");
    assert_eq!(without_spaces(&found.to_string()), without_spaces(&expected));
}

/// Where a token stream puts spaces says nothing.
fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The message for a wrong definition, and the text that it points to.
#[track_caller]
fn check_error(definition: &str, message: &str, place: &str) {
    let error = derive(tokens(definition)).expect_err("the definition is wrong");
    assert_eq!(error.to_string(), message);
    assert_eq!(error.span().source_text().as_deref(), Some(place));
}

fn tokens(text: &str) -> TokenStream {
    TokenStream::from_str(text).expect("Rust tokens")
}

#[test]
fn named_fields_are_visited_in_order_under_their_names() {
    check(
        "pub struct Mlp { hidden: Dense, pub r#type: Dense }",
        "::wengert::Module for Mlp",
        r#"::wengert::Module::METHOD(&MUT self.hidden, &__path.field("hidden"), __visitor);
           ::wengert::Module::METHOD(&MUT self.r#type, &__path.field("type"), __visitor);"#,
    );
}

#[test]
fn tuple_fields_are_visited_under_their_numbers() {
    check(
        "struct Pair(Dense, #[module(skip)] usize, Dense);",
        "::wengert::Module for Pair",
        "::wengert::Module::METHOD(&MUT self.0, &__path.index(0), __visitor);
         ::wengert::Module::METHOD(&MUT self.2, &__path.index(2), __visitor);",
    );
}

#[test]
fn a_unit_struct_visits_nothing() {
    check("struct Relu;", "::wengert::Module for Relu", "");
}

#[test]
fn an_enum_visits_the_fields_of_its_variant() {
    check(
        "enum Head { One(Dense), Two { left: Dense, right: Dense, #[module(skip)] names: Names }, None }",
        "::wengert::Module for Head",
        r#"match self {
            Self::One { 0: __field_0 } => { ::wengert::Module::METHOD(__field_0, &__path.index(0), __visitor); }
            Self::Two { left: __field_0, right: __field_1, .. } => {
                ::wengert::Module::METHOD(__field_0, &__path.field("left"), __visitor);
                ::wengert::Module::METHOD(__field_1, &__path.field("right"), __visitor);
            }
            Self::None => {}
        }"#,
    );
}

#[test]
fn an_enum_without_variants_matches_nothing() {
    check("enum Never {}", "::wengert::Module for Never", "match *self {}");
}

#[test]
fn bounds_are_on_visited_generic_types_only() {
    check(
        "struct Stack<L: Clone, S = usize, const N: usize> where S: Copy {
            first: Dense, rest: Vec<L>, again: Vec<L>, #[module(skip)] state: S, array: [Dense; N],
        }",
        "<L: Clone, S, const N: usize> ::wengert::Module for Stack<L, S, N> where S: Copy, Vec<L>: ::wengert::Module",
        r#"::wengert::Module::METHOD(&MUT self.first, &__path.field("first"), __visitor);
           ::wengert::Module::METHOD(&MUT self.rest, &__path.field("rest"), __visitor);
           ::wengert::Module::METHOD(&MUT self.again, &__path.field("again"), __visitor);
           ::wengert::Module::METHOD(&MUT self.array, &__path.field("array"), __visitor);"#,
    );
}

#[test]
fn a_recursive_field_asks_for_no_bound() {
    check(
        "struct Chain<L>(L, Option<Box<Chain<L>>>);",
        "<L> ::wengert::Module for Chain<L> where L: ::wengert::Module",
        "::wengert::Module::METHOD(&MUT self.0, &__path.index(0), __visitor);
         ::wengert::Module::METHOD(&MUT self.1, &__path.index(1), __visitor);",
    );
}

#[test]
fn the_crate_can_be_named() {
    check(
        r#"#[module(crate = "tensor::inner")] struct Layer { weight: Param }"#,
        "tensor::inner::Module for Layer",
        r#"tensor::inner::Module::METHOD(&MUT self.weight, &__path.field("weight"), __visitor);"#,
    );
}

#[test]
fn attributes_of_others_are_left_alone() {
    check(
        r#"#[serde(skp)] struct Layer { #[serde(skip)] weight: Param }"#,
        "::wengert::Module for Layer",
        r#"::wengert::Module::METHOD(&MUT self.weight, &__path.field("weight"), __visitor);"#,
    );
}

#[test]
fn a_visit_stands_at_the_type_of_its_field() {
    let found = derive(tokens("struct Mlp { hidden: Vec<Dense> }")).unwrap();
    let places: Vec<_> = all_tokens(found).iter().filter_map(|token| token.span().source_text()).collect();
    assert_eq!(places.iter().filter(|place| *place == "Vec").count(), 0, "the span covers the whole type");
    assert!(places.iter().any(|place| place == "Vec<Dense>"), "{places:?}");
}

fn all_tokens(stream: TokenStream) -> Vec<proc_macro2::TokenTree> {
    let inner = |token: &proc_macro2::TokenTree| match token {
        proc_macro2::TokenTree::Group(group) => all_tokens(group.stream()),
        _ => Vec::new(),
    };
    stream.into_iter().flat_map(|token| [inner(&token), vec![token]].concat()).collect()
}

#[test]
fn an_unknown_option_is_named() {
    check_error(
        "struct A { #[module(skp)] x: usize }",
        "unknown option `skp` of a field; expected `skip`",
        "skp",
    );
    check_error(
        "#[module(krate = \"a\")] struct A;",
        "unknown option `krate` of a type; expected `crate = \"path\"`",
        "krate",
    );
    check_error(
        "enum A { B(#[module(a::b)] usize) }",
        "unknown option `a::b` of a field; expected `skip`",
        "a::b",
    );
}

#[test]
fn an_option_in_the_wrong_place_is_sent_to_the_right_one() {
    check_error("#[module(skip)] struct A;", "option `skip` belongs to a field, not to the type", "skip");
    check_error(
        "struct A(#[module(crate = \"a\")] usize);",
        "option `crate` belongs to the type, not to a field",
        "crate",
    );
    check_error(
        "enum A { #[module(skip)] B(usize) }",
        "a variant has no options; put them on the fields of `B`",
        "#[module(skip)]",
    );
}

#[test]
fn an_option_given_twice_is_refused() {
    check_error("struct A(#[module(skip, skip)] usize);", "option `skip` is given twice", "skip");
    check_error("struct A(#[module(skip)] #[module(skip)] usize);", "option `skip` is given twice", "skip");
    check_error(
        "#[module(crate = \"a\", crate = \"b\")] struct A;",
        "option `crate` is given twice",
        "crate",
    );
}

#[test]
fn a_malformed_option_is_refused() {
    check_error("struct A(#[module(skip = true)] usize);", "option `skip` takes no value", "skip");
    check_error(
        "#[module(crate = \"1 + 1\")] struct A;",
        "expected the path of a crate or module, such as \"wengert\"",
        "\"1 + 1\"",
    );
    check_error("#[module(crate = wengert)] struct A;", "expected string literal", "wengert");
    check_error("struct A(#[module()] usize);", "no option given between the parentheses", "#[module()]");
}

#[test]
fn a_union_is_refused() {
    check_error(
        "union A { x: f32, y: u32 }",
        "`Module` cannot be derived for a union: nobody knows which of its fields is live",
        "union",
    );
}
