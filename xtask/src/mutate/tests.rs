//! What is planted in snippets, and what never is.

use super::places::{Mutant, Plant};
use super::schemata::Schema;
use super::trial::Verdict;
use super::*;

fn planted(text: &str) -> Vec<Mutant> {
    mutants(text).expect("the snippet is Rust").0
}

/// Asserts which pieces are replaced by which.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let found = planted(text);
    let found: Vec<(&str, &str)> = found.iter().map(|m| (m.original.as_str(), m.text.as_str())).collect();
    assert_eq!(found, expected);
}

/// Asserts what is planted in an expression.
#[track_caller]
fn check_expression(expression: &str, expected: &[(&str, &str)]) {
    check(&format!("fn f() {{ {expression}; }}"), expected);
}

#[test]
fn signs_and_factors() {
    check_expression("p + q", &[("p + q", "p"), ("+", "-")]);
    check_expression("-p", &[("-p", "p")]);
    check_expression("p * q", &[("p * q", "p"), ("p * q", "q"), ("*", "/")]);
    check_expression("p -= q", &[("-=", "+=")]);
    check("fn f() -> F { p }", &[("p", "-(p)")]);
}

#[test]
fn literals() {
    check_expression("x.lit(0.5)", &[("0.5", "1.0")]);
    check_expression(
        "f(0.0, 1.0_f32, 7, true)",
        &[("0.0", "1.0"), ("1.0_f32", "2.0f32"), ("7", "8"), ("true", "false")],
    );
}

#[test]
fn variables_of_the_same_type_are_taken_for_each_other() {
    let text = "fn f([x, t]: [&Tensor; 2], y: &Tensor, n: usize) { g(t); }";
    check(text, &[("g(t)", "t"), ("t", "x"), ("t", "y")]);
    check("fn f(x: F, n: usize) { g(x, n); }", &[("x, n", "n, x")]);
    check("fn f(x: F) { let (a, b) = c; h(a, a); }", &[("a", "b"), ("a", "b")]);
    check("fn f() { x.zip(|a, b| a); }", &[("a", "b")]);
}

#[test]
fn steps_and_functions() {
    check_expression("x.t()", &[("x.t()", "(x).clone()")]);
    check_expression("x.sinh()", &[("x.sinh()", "(x).clone()"), ("sinh", "cosh"), ("sinh", "tanh")]);
    check_expression("n.rev()", &[("n.rev()", "n")]);
    check_expression(
        "dy.guarded_mul(&y)",
        &[("dy.guarded_mul(&y)", "((dy).clone() * (&y).clone())"), ("dy.guarded_mul(&y)", "(dy).clone()")],
    );
    check_expression("guarded_product(p, q)", &[("guarded_product(p, q)", "((p) * (q))")]);
}

#[test]
fn comparisons_and_conditions() {
    check_expression("if p > q {}", &[("p > q", "!(p > q)"), (">", ">=")]);
    check_expression("if p == q {}", &[("==", "!=")]);
    check_expression("p && !q", &[("p && !q", "p"), ("p && !q", "!q"), ("&&", "||"), ("!q", "q")]);
    check_expression("p..q", &[("..", "..=")]);
    check_expression("if let Some(p) = q {}", &[]);
}

#[test]
fn needs_lose_one_value_each() {
    let text = "impl Op<2> for A {\n const NAME: &'static str = \"a\";\n\
                const NEEDS: [Needs; 2] = [Needs::NONE, Needs::input(0).and(Needs::OUTPUT)];\n}";
    let found = planted(text);
    let plant = |m: &Mutant| (m.original.clone(), m.line, m.plant.clone());
    let taken = Plant::Needs { operation: "a".to_string(), argument: 1 };
    let expected =
        [("Needs::input(0)".to_string(), 3, taken.clone()), ("Needs::OUTPUT".to_string(), 3, taken)];
    assert_eq!(found.iter().map(plant).collect::<Vec<_>>(), expected);
    assert_eq!(mutants(text).expect("the snippet is Rust").1, ["a"]);
}

#[test]
fn comments_strings_samples_tests_messages_and_macros_are_left_alone() {
    check("//! a + b\n/// c * d\nstruct A;", &[]);
    check("fn f() { /* a + b */ g(\"a + b\"); }", &[("g(\"a + b\")", "\"a + b\"")]);
    check("fn samples() -> Vec<Sample<Self, 1>> { vec(1 + 2) }", &[]);
    check("fn row_samples<O>(o: O) -> Vec<Sample<O, 1>> { 1 + 2 }", &[]);
    check("fn points() -> Vec<f64> { a + b }\nfn variants() -> Vec<f64> { a + b }", &[]);
    check("#[cfg(test)]\nmod tests { fn f() { a + b; } }", &[]);
    check("fn f() { Err(Mismatch::new(a + b).row(c + d)); panic!(\"{}\", a + b); }", &[]);
    check("const fn f() { a + b; }", &[]);
}

#[test]
fn a_schema_chooses_at_run_time() {
    let text = "fn f() { let y = p + q; g(|x| x * 2) }";
    let found = planted(text);
    let of = |original: &str, new: &str| {
        found.iter().find(|m| (m.original.as_str(), m.text.as_str()) == (original, new)).expect("planted")
    };
    let schema =
        Schema::new(text, &[(1, of("+", "-")), (2, of("*", "/")), (3, of("g(|x| x * 2)", "|x| x * 2"))]);
    let is = |id: usize| format!("if crate::mutation::is({id})");
    let expected = format!(
        "fn f() {{ let y = {} {{ p - q }} else {{ p + q }}; \
         {} {{ |x| x * 2 }} else {{ g(|x| {} {{ x / 2 }} else {{ x * 2 }}) }} }}",
        is(1),
        is(3),
        is(2)
    );
    assert_eq!(schema.text, expected);
}

#[test]
fn an_error_blames_the_mutant_that_it_is_in_or_those_around_it() {
    let text = "fn f() { p + q; }";
    let found = planted(text);
    let numbered: Vec<(usize, &Mutant)> = (1..).zip(&found).collect();
    let schema = Schema::new(text, &numbered);
    let at = |piece: &str| {
        let start = schema.text.find(piece).expect("it is there");
        start..start + piece.len()
    };
    assert_eq!(schema.blamed(at("p - q")), [2]);
    assert_eq!(schema.blamed(at("p + q")), [1, 2]);
    assert!(schema.blamed(at("fn f")).is_empty());
}

#[test]
fn a_report_counts_and_names_the_survivors() {
    let found = planted("fn f() { p * q; }");
    let planted: Vec<(String, Mutant)> =
        found.into_iter().map(|m| ("crates/tensor/src/ops/a.rs".to_string(), m)).collect();
    let caught = Verdict::Caught("golden".to_string());
    let verdicts = [(1, caught), (2, Verdict::Survived), (3, Verdict::Unreached)];
    let report = report(&planted, &verdicts, vec!["ops/a.rs: Factor in f: `p * q` -> `q`".to_string()]);
    assert_eq!(report.percent, 50.0);
    let text = &report.text;
    assert!(text.starts_with("ops/a.rs: Factor in f: `*` -> `/` (line 1) (never reached)\n"), "{text}");
    assert!(text.contains("3 mutants: 0 do not compile, 1 caught, 2 survived: 33.33 %\n"), "{text}");
    assert!(text.ends_with("without 1 that compute the same (docs/mutants.md): 50.00 %\n"), "{text}");
}

#[test]
fn options_are_read() {
    let parse = |arguments: &[&str]| {
        Options::parse(&arguments.iter().map(|argument| argument.to_string()).collect::<Vec<_>>())
    };
    let options = Options { file: Some("power.rs".to_string()), within: Some("slope".to_string()) };
    assert_eq!(parse(&["--file", "power.rs", "--in", "slope"]), Ok(options));
    assert_eq!(parse(&["--fil", "a"]), Err("mutate: unexpected `--fil a`; known: --file, --in".to_string()));
}
