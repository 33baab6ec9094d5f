//! The rules of `cargo xtask tidy`, on this repository: one test each.
//!
//! That each rule can fail is tested beside the rule.

use xtask::rules::RULES;
use xtask::tidy::report;
use xtask::tree::Tree;

#[track_caller]
fn check(name: &str) {
    let tree = Tree::read(xtask::root()).expect("the repository can be read");
    let rules = RULES.into_iter().filter(|rule| rule.name == name).collect::<Vec<_>>();
    assert_eq!(rules.len(), 1, "no rule `{name}`");
    let report = report(&rules, &tree);
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn a_crate_depends_only_on_those_below() {
    check("layers");
}

#[test]
fn unsafe_is_only_in_array() {
    check("unsafe");
}

#[test]
fn names_say_what_is_in_a_file() {
    check("names");
}

#[test]
fn nothing_is_left_unfinished() {
    check("unfinished");
}

#[test]
fn dependencies_are_explained_in_one_place() {
    check("dependencies");
}

#[test]
fn the_catalogue_is_honest() {
    check("catalogue");
}

#[test]
fn files_open_with_a_sentence() {
    check("opening");
}

#[test]
fn files_are_not_long() {
    check("length");
}

#[test]
fn no_path_of_a_machine_is_left() {
    check("paths");
}

#[test]
fn every_rule_is_checked_here() {
    for rule in &RULES {
        assert!(include_str!("tidy.rs").contains(&format!("check(\"{}\")", rule.name)), "{}", rule.name);
    }
}
