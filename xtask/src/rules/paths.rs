//! Paths of the machine that a file was written on.

use crate::tidy::{Finding, Rule};
use crate::tree::Tree;

pub(super) const RULE: Rule =
    Rule { name: "paths", reason: "a path of one machine means nothing on another", find };

/// The folder at the beginning of a path, and whether only a letter after it makes it one of a machine. Written without
/// slashes, so that this file obeys the rule too.
const REFUSED: [(&str, bool); 4] = [("work", false), ("root", false), ("home", false), ("tmp", true)];

fn find(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files() {
        for (number, line) in file.lines() {
            for (folder, needs_letter) in REFUSED {
                let start = format!("/{folder}/");
                if has_path(line, &start, needs_letter) {
                    findings.push(Finding::new(&file.path, number, format!("a path in `{start}`")));
                }
            }
        }
    }
    findings
}

/// Whether an absolute path that begins with `start` is in the line, not one inside a path.
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

    #[track_caller]
    fn check_line(line: &str, folder: Option<&str>) {
        // An underscore stands for the folder, so that this file obeys the rule too.
        let text = line.replace('_', folder.unwrap_or("work"));
        let finding = folder.map(|folder| format!("a.md:2: a path in `/{folder}/`"));
        let expected: Vec<&str> = finding.iter().map(String::as_str).collect();
        check(&RULE, &[("a.md", &format!("See\n{text}"))], &expected);
    }

    #[test]
    fn a_path_of_a_machine_is_found() {
        check_line("`/_/x`.", Some("work"));
        check_line("(\"/_/x\")", Some("tmp"));
        check_line("cd /_/x", Some("root"));
        check_line("a = file:///_/x", Some("home"));
    }

    #[test]
    fn other_paths_are_left_alone() {
        for line in ["crates/_/x", "./_/x", "https://a.org/_/", "net_/"] {
            check_line(line, None);
        }
        check(&RULE, &[("a.md", &format!("/{}/{{}}", "tmp"))], &[]);
    }
}
