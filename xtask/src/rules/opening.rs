//! How a Rust file begins.

use crate::tidy::{Finding, Rule};
use crate::tree::{File, Tree};

pub(super) const RULE: Rule = Rule {
    name: "opening",
    reason: "a file opens with a `//!` sentence of what it is, which is also its place in the documentation",
    find,
};

fn find(tree: &Tree) -> Vec<Finding> {
    tree.rust().filter_map(find_in).collect()
}

fn find_in(file: &File) -> Option<Finding> {
    let lines = file.text.lines().map_while(|line| line.strip_prefix("//! "));
    let sentence = lines.last().map(str::trim_end);
    let what = match sentence {
        None => "the first line is no `//! ` sentence",
        Some(end) if !end.ends_with(['.', ':', '?', '!']) => {
            "the first `//! ` paragraph does not end a sentence"
        }
        Some(_) => return None,
    };
    Some(Finding::new(&file.path, 1, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn a_file_without_a_sentence_is_found() {
        let none = "a.rs:1: the first line is no `//! ` sentence";
        for text in ["", "use a;\n//! A.", "// A.\n", "//!\n//! A.", "\n//! A."] {
            check(&RULE, &[("a.rs", text)], &[none]);
        }
        check(
            &RULE,
            &[("a.rs", "//! Things\n//!\n//! More.")],
            &["a.rs:1: the first `//! ` paragraph does not end a sentence"],
        );
    }

    #[test]
    fn a_sentence_of_several_lines_is_one() {
        check(&RULE, &[("a.rs", "//! A is\n//! b.\n//!\n//! | c |\nuse d;"), ("a.py", "")], &[]);
    }
}
