//! Whether every op is in the catalogue.
//!
//! Impls that a macro writes are not seen here; nor are those in `#[cfg(test)]`, where wrong ops are planted.

use crate::rust::{self, Token};
use crate::tidy::{Finding, Rule};
use crate::tree::{File, Tree};

pub(super) const RULE: Rule = Rule {
    name: "catalogue",
    reason: "the catalogue drives the checks of derivatives and the benchmarks: an op that is not in it \
             is not checked",
    find,
};

const FOLDER: &str = "crates/tensor/src/ops/";

/// The traits that make a type an op.
const TRAITS: [&str; 5] = ["Op", "ListOp", "Composite", "Unary", "Binary"];

fn find(tree: &Tree) -> Vec<Finding> {
    tree.rust().filter(|file| file.path.starts_with(FOLDER)).flat_map(find_in).collect()
}

fn find_in(file: &File) -> Vec<Finding> {
    let code = rust::without_tests(&rust::code(&file.text));
    let tokens = rust::tokens(&code);
    let (ops, listed) = (implemented(&tokens), listed(&tokens));
    let finding =
        |name: &Token<'_>, what: &str| Finding::new(&file.path, name.line, format!("`{}` {what}", name.text));
    let has = |names: &[Token<'_>], name: &Token<'_>| names.iter().any(|other| other.text == name.text);
    let missing =
        ops.iter().filter(|op| !has(&listed, op)).map(|op| finding(op, "is not in `catalogue![..]`"));
    let foreign = listed
        .iter()
        .filter(|name| !has(&ops, name))
        .map(|name| finding(name, "is listed, but is no op of this file"));
    let twice = (0..listed.len())
        .filter(|&at| has(&listed[..at], &listed[at]))
        .map(|at| finding(&listed[at], "is listed twice"));
    missing.chain(foreign).chain(twice).collect()
}

/// The types that the file makes ops. A type parameter is none (`impl<U: Unary> Op<1> for U`).
fn implemented<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let starts = (0..tokens.len()).filter(|&at| tokens[at].text == "impl");
    starts.filter_map(|at| op_of_impl(&tokens[at + 1..])).collect()
}

fn op_of_impl<'a>(after_impl: &[Token<'a>]) -> Option<Token<'a>> {
    let generics = if after_impl.first()?.text == "<" { length_of_group(after_impl) } else { 0 };
    let (parameters, rest) = after_impl.split_at(generics);
    let end = rest.iter().position(|token| ["{", ";", "where"].contains(&token.text))?;
    let header = &rest[..end];
    let middle = header.iter().position(|token| token.text == "for")?;
    let (of, ty) = (path_name(&header[..middle])?, path_name(&header[middle + 1..])?);
    let is_parameter = parameters.iter().any(|token| token.text == ty.text);
    (TRAITS.contains(&of.text) && !is_parameter).then_some(ty)
}

/// The names in all `catalogue![..]` of the file.
fn listed<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let is_call = |three: &[Token<'_>]| {
        three[0].text == "catalogue" && three[1].text == "!" && ["[", "(", "{"].contains(&three[2].text)
    };
    let calls = (0..tokens.len().saturating_sub(2)).filter(|&at| is_call(&tokens[at..at + 3]));
    calls.flat_map(|at| names_in(&tokens[at + 2..])).collect()
}

fn names_in<'a>(group: &[Token<'a>]) -> Vec<Token<'a>> {
    let inside = &group[1..length_of_group(group).max(2) - 1];
    let mut depth = 0;
    let entries = inside.split(|token| {
        depth += depth_change(token);
        depth == 0 && token.text == ","
    });
    entries.filter_map(path_name).collect()
}

/// `Sum` of `reduce::Sum<N>`, `Sum::<N>` or `Sum { .. }`.
fn path_name<'a>(tokens: &[Token<'a>]) -> Option<Token<'a>> {
    let end = tokens.iter().position(|token| ["<", "(", "{"].contains(&token.text)).unwrap_or(tokens.len());
    tokens[..end].iter().rev().find(|token| token.text.starts_with(rust::is_word)).copied()
}

/// The tokens of the bracketed group that the tokens begin with.
fn length_of_group(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        depth += depth_change(token);
        depth == 0
    });
    end.map_or(tokens.len(), |end| end + 1)
}

fn depth_change(token: &Token<'_>) -> i32 {
    match token.text {
        "<" | "(" | "[" | "{" => 1,
        ">" | ")" | "]" | "}" => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let expected: Vec<String> = expected.iter().map(|what| format!("{FOLDER}a.rs:{what}")).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        tidy::check(&RULE, &[(&format!("{FOLDER}a.rs"), text)], &expected);
    }

    #[test]
    fn an_op_that_is_not_listed_is_found() {
        check(
            "catalogue![Tanh];\nimpl Unary for Tanh {}\nimpl Unary for Exp {}",
            &["3: `Exp` is not in `catalogue![..]`"],
        );
        check("impl Op<2> for MatMul {}", &["1: `MatMul` is not in `catalogue![..]`"]);
        check(
            "impl<const N: usize> crate::Op<N> for Concat<N> where X: Y {}",
            &["1: `Concat` is not in `catalogue![..]`"],
        );
        check("impl ListOp for Concat {}", &["1: `Concat` is not in `catalogue![..]`"]);
        check("impl Composite<1> for Std {}", &["1: `Std` is not in `catalogue![..]`"]);
        check("// catalogue![Add]\nimpl Binary for Add {}", &["2: `Add` is not in `catalogue![..]`"]);
    }

    #[test]
    fn a_name_that_is_no_op_is_found() {
        check(
            "catalogue![Tanh]; impl Unary for Tanh {}\ncatalogue![\n  Sum::<2>]",
            &["3: `Sum` is listed, but is no op of this file"],
        );
        check("catalogue![A, A]; impl Unary for A {}", &["1: `A` is listed twice"]);
        check("catalogue![A]; impl Display for A {}", &["1: `A` is listed, but is no op of this file"]);
    }

    #[test]
    fn an_honest_file_is_left_alone() {
        check(
            "catalogue![Sum<1>, max::Max { axis: 0, keep: f(1, 2) }, Add,];\nimpl Op<1> for Sum<1> {}\n\
             impl<'a> Op<1> for Max {}\nimpl Binary for Add {}\nimpl<U: Unary> Op<1> for U {}\n\
             fn f(x: impl Unary) {}\nimpl fmt::Display for Other {}\n\
             #[cfg(test)]\nmod tests {\n impl Unary for Wrong {}\n}",
            &[],
        );
        check("", &[]);
        tidy::check(&RULE, &[("crates/tensor/src/op.rs", "impl Unary for A {}")], &[]);
    }
}
