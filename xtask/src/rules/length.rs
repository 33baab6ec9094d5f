//! How long a Rust file may be, and the files that one reads to know the core.

use crate::tidy::{Finding, Rule};
use crate::tree::Tree;

pub(super) const RULE: Rule = Rule {
    name: "length",
    reason: "a file is read in one sitting; divide it where its subject divides",
    find,
};

const MOST_LINES: usize = 500;

/// What one reads to know how differentiation works: the trait, one operation, the node, the tape and the sweep.
const CORE: [&str; 6] = ["op.rs", "ops/matmul.rs", "node.rs", "tape.rs", "tape/sweep.rs", "tape/adjoints.rs"];
const CORE_FOLDER: &str = "crates/tensor/src/";
const MOST_CORE_LINES: usize = 700;

fn find(tree: &Tree) -> Vec<Finding> {
    long_files(tree).into_iter().chain(long_core(tree)).collect()
}

fn long_core(tree: &Tree) -> Option<Finding> {
    let is_core = |path: &str| CORE.iter().any(|name| path.strip_prefix(CORE_FOLDER) == Some(name));
    let length: usize =
        tree.rust().filter(|file| is_core(&file.path)).map(|file| file.text.lines().count()).sum();
    let message =
        format!("the core's reading path has {length} lines; at most {MOST_CORE_LINES} are allowed");
    (length > MOST_CORE_LINES).then(|| Finding::new(&format!("{CORE_FOLDER}{}", CORE[0]), 1, message))
}

fn long_files(tree: &Tree) -> Vec<Finding> {
    let lengths = tree.rust().map(|file| (file, file.text.lines().count()));
    lengths
        .filter(|&(_, length)| length > MOST_LINES)
        .map(|(file, length)| {
            Finding::new(
                &file.path,
                MOST_LINES + 1,
                format!("{length} lines; at most {MOST_LINES} are allowed"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn a_file_over_500_lines_is_found() {
        check(&RULE, &[("a.rs", &"\n".repeat(500)), ("a.md", &"\n".repeat(501))], &[]);
        check(&RULE, &[("a.rs", &"\n".repeat(501))], &["a.rs:501: 501 lines; at most 500 are allowed"]);
    }

    #[test]
    fn a_core_over_700_lines_is_found() {
        let (op, node) = ("crates/tensor/src/op.rs", "crates/tensor/src/node.rs");
        let (long, short) = ("\n".repeat(400), "\n".repeat(300));
        check(&RULE, &[(op, &long), (node, &short)], &[]);
        let message =
            "crates/tensor/src/op.rs:1: the core's reading path has 800 lines; at most 700 are allowed";
        check(&RULE, &[(op, &long), (node, &long)], &[message]);
    }
}
