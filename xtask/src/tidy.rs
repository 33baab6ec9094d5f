//! Rules about the files of the repository, and how what they find is told.
//!
//! The rules themselves are in `rules/`.

use crate::tree::Tree;

/// A rule that the compiler does not know.
pub struct Rule {
    /// A word or two.
    pub name: &'static str,
    /// Why it is worth having.
    pub reason: &'static str,
    /// What in a tree breaks it.
    pub find: fn(&Tree) -> Vec<Finding>,
}

/// A place that breaks a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The file, from the root.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl Finding {
    /// What is wrong at a line of a file.
    pub fn new(path: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: path.to_string(), line, what: what.into() }
    }
}

/// Everything in the tree that breaks one of the rules; empty if nothing does.
pub fn report(rules: &[Rule], tree: &Tree) -> String {
    let mut lines = Vec::new();
    for rule in rules {
        for Finding { path, line, what } in (rule.find)(tree) {
            lines.push(format!("{path}:{line}: {what}\n  rule `{}`: {}", rule.name, rule.reason));
        }
    }
    lines.join("\n")
}

/// Asserts that a rule finds in a tree of these files exactly the given `path:line: what`.
#[cfg(test)]
#[track_caller]
pub(crate) fn check(rule: &Rule, files: &[(&str, &str)], expected: &[&str]) {
    let found = (rule.find)(&Tree::of(files));
    let found: Vec<String> = found.iter().map(|f| format!("{}:{}: {}", f.path, f.line, f.what)).collect();
    assert_eq!(found, expected);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_place_fault_rule_and_reason() {
        let find =
            |tree: &Tree| tree.rust().map(|file| Finding::new(&file.path, 3, "too long")).collect::<Vec<_>>();
        let rule = Rule { name: "length", reason: "short is good", find };
        let tree = Tree::of(&[("a.rs", ""), ("b.rs", "")]);
        let expected = "a.rs:3: too long\n  rule `length`: short is good\n\
                        b.rs:3: too long\n  rule `length`: short is good";
        assert_eq!(report(&[rule], &tree), expected);
        assert_eq!(report(&[], &tree), "");
    }
}
