//! Work that was left for later.

use crate::rust::{self, Token};
use crate::tidy::{Finding, Rule};
use crate::tree::{File, Tree};

pub(super) const RULE: Rule = Rule {
    name: "unfinished",
    reason: "what is here works and is tested; what does not yet belongs in an issue",
    find,
};

fn find(tree: &Tree) -> Vec<Finding> {
    tree.rust().flat_map(find_in).collect()
}

fn find_in(file: &File) -> Vec<Finding> {
    let code = rust::code(&file.text);
    let tokens = rust::tokens(&code);
    let found = tokens.windows(3).filter_map(|three| Some((three[0].line, unfinished(three)?)));
    found.map(|(line, what)| Finding::new(&file.path, line, format!("`{what}` in the code"))).collect()
}

fn unfinished(three: &[Token<'_>]) -> Option<&'static str> {
    match [three[0].text, three[1].text, three[2].text] {
        ["todo", "!", _] => Some("todo!"),
        ["unimplemented", "!", _] => Some("unimplemented!"),
        // Also as the last part of `#[cfg_attr(.., ignore)]`.
        ["[" | ",", "ignore", "]" | "=" | ")"] => Some("#[ignore]"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn unfinished_code_is_found() {
        check(&RULE, &[("a.rs", "fn f() {\n    todo!()\n}")], &["a.rs:2: `todo!` in the code"]);
        check(&RULE, &[("a.rs", "unimplemented!(\"x\")")], &["a.rs:1: `unimplemented!` in the code"]);
        check(&RULE, &[("a.rs", "#[test]\n#[ignore]\nfn f() {}")], &["a.rs:2: `#[ignore]` in the code"]);
        check(&RULE, &[("a.rs", "#[ignore = \"slow\"]")], &["a.rs:1: `#[ignore]` in the code"]);
        check(&RULE, &[("a.rs", "#[cfg_attr(debug, ignore)]")], &["a.rs:1: `#[ignore]` in the code"]);
    }

    #[test]
    fn words_about_it_are_left_alone() {
        check(
            &RULE,
            &[("a.rs", "// todo!()\nlet s = \"#[ignore]\";\nlet todo = !ignore;"), ("a.md", "todo!()")],
            &[],
        );
    }
}
