//! Paths of the machine that a file was written on.
//!
//! This file is the only one that may contain them.

use crate::tidy::{Finding, Rule};
use crate::tree::Tree;

pub(super) const RULE: Rule =
    Rule { name: "paths", reason: "a path of one machine means nothing on another", find };

const OWN_FILE: &str = "xtask/src/rules/paths.rs";

/// The beginning of a path, and whether only a letter after it makes it one of a machine.
const REFUSED: [(&str, bool); 4] = [("/work/", false), ("/root/", false), ("/home/", false), ("/tmp/", true)];

fn find(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| file.path != OWN_FILE) {
        for (number, line) in file.lines() {
            let refused =
                REFUSED.iter().filter(|&&(start, needs_letter)| has_path(line, start, needs_letter));
            findings.extend(
                refused.map(|(start, _)| Finding::new(&file.path, number, format!("a path in `{start}`"))),
            );
        }
    }
    findings
}

/// Whether an absolute path that begins with `start` is in the line, not one like `crates/work/`.
fn has_path(line: &str, start: &str, needs_letter: bool) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + start.len()..].chars().next();
        let is_absolute = before.is_none_or(|c| c.is_whitespace() || "\"'`(<[{=,:|/".contains(c));
        is_absolute && (!needs_letter || after.is_some_and(char::is_alphabetic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn a_path_of_a_machine_is_found() {
        check(&RULE, &[("a.md", "See\n`/work/x`.")], &["a.md:2: a path in `/work/`"]);
        check(&RULE, &[("a.rs", "(\"/tmp/x\")")], &["a.rs:1: a path in `/tmp/`"]);
        check(&RULE, &[("run", "cd /root/x")], &["run:1: a path in `/root/`"]);
        check(&RULE, &[("a.toml", "a = file:///home/x")], &["a.toml:1: a path in `/home/`"]);
    }

    #[test]
    fn other_paths_are_left_alone() {
        check(&RULE, &[("a.md", "crates/work/x ./root/x https://a.org/home/ /tmp/{} network/")], &[]);
        check(&RULE, &[(OWN_FILE, "/work/x")], &[]);
    }
}
