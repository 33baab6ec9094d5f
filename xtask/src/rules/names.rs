//! Names that say nothing.

use crate::rust;
use crate::tidy::{Finding, Rule};
use crate::tree::{File, Tree};

pub(super) const RULE: Rule = Rule {
    name: "names",
    reason: "such a name says nothing, so the file collects what nobody placed; name it after what it holds",
    find,
};

const REFUSED: [&str; 4] = ["utils", "common", "misc", "helpers"];

fn find(tree: &Tree) -> Vec<Finding> {
    tree.files().iter().flat_map(|file| [of_path(file), of_modules(file)].concat()).collect()
}

fn of_path(file: &File) -> Vec<Finding> {
    let is_refused = |part: &&str| REFUSED.contains(&part.split('.').next().unwrap_or(part));
    let parts = file.path.split('/').filter(is_refused);
    parts.map(|part| Finding::new(&file.path, 1, format!("a file or folder named `{part}`"))).collect()
}

/// Modules in the file itself; those in other files are found by their paths.
fn of_modules(file: &File) -> Vec<Finding> {
    if !file.path.ends_with(".rs") {
        return Vec::new();
    }
    let code = rust::code(&file.text);
    let pairs = rust::tokens(&code);
    let modules = pairs.windows(3).filter(|three| three[0].text == "mod" && three[2].text == "{");
    let refused = modules.map(|three| three[1]).filter(|name| REFUSED.contains(&name.text));
    refused
        .map(|name| Finding::new(&file.path, name.line, format!("a module named `{}`", name.text)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn a_name_that_says_nothing_is_found() {
        check(&RULE, &[("a/utils.rs", "")], &["a/utils.rs:1: a file or folder named `utils.rs`"]);
        check(
            &RULE,
            &[("a/tests/common/mod.rs", "")],
            &["a/tests/common/mod.rs:1: a file or folder named `common`"],
        );
        check(&RULE, &[("docs/misc.md", "")], &["docs/misc.md:1: a file or folder named `misc.md`"]);
        check(&RULE, &[("a.rs", "\nmod helpers {}")], &["a.rs:2: a module named `helpers`"]);
    }

    #[test]
    fn other_names_are_left_alone() {
        check(
            &RULE,
            &[("a/common_mistakes.md", "mod misc {"), ("a.rs", "// mod utils {}\nfn misc() {}")],
            &[],
        );
    }
}
