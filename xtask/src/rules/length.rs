//! How long a Rust file may be.

use crate::tidy::{Finding, Rule};
use crate::tree::Tree;

pub(super) const RULE: Rule = Rule {
    name: "length",
    reason: "a file is read in one sitting; divide it where its subject divides",
    find,
};

const MOST_LINES: usize = 500;

fn find(tree: &Tree) -> Vec<Finding> {
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
}
