//! Where `unsafe` may stand.
//!
//! That each block says why it is sound is asked by clippy (`undocumented_unsafe_blocks`).

use crate::rust;
use crate::tidy::{Finding, Rule};
use crate::tree::{File, Tree};

pub(super) const RULE: Rule = Rule {
    name: "unsafe",
    reason: "only crates/array may contain `unsafe`, so that one crate is all there is to audit",
    find,
};

/// The packages that Wengert is compared with: no part of it, and some can only be called like this.
const PEERS: &str = "benches/peers/";

fn find(tree: &Tree) -> Vec<Finding> {
    let is_free = |file: &&File| file.crate_folder() == Some("array") || file.path.starts_with(PEERS);
    tree.rust().filter(|file| !is_free(file)).flat_map(find_in).collect()
}

fn find_in(file: &File) -> Vec<Finding> {
    let code = rust::code(&file.text);
    let uses = rust::tokens(&code).into_iter().filter(|token| token.text == "unsafe");
    let mut findings: Vec<Finding> =
        uses.map(|token| Finding::new(&file.path, token.line, "`unsafe` outside crates/array")).collect();
    if is_root(&file.path) && !code.contains("#![forbid(unsafe_code)]") {
        findings.push(Finding::new(&file.path, 1, "a crate's root without `#![forbid(unsafe_code)]`"));
    }
    findings
}

/// Whether a file is the root of a library, a program, an example or a benchmark.
fn is_root(path: &str) -> bool {
    let is_in_source =
        path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs") || path.contains("/src/bin/");
    let is_at_top = ["examples/", "benches/"].iter().any(|folder| {
        path.strip_prefix(folder).is_some_and(|name| !name.contains('/') || name.ends_with("/main.rs"))
    });
    is_in_source || is_at_top
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    const ROOT: &str = "//! A.\n#![forbid(unsafe_code)]\n";

    #[test]
    fn unsafe_code_is_found_where_it_must_not_be() {
        let text = "// unsafe\nfn f() {\n    unsafe { \"unsafe\" }\n}\n";
        check(
            &RULE,
            &[("crates/nn/src/a.rs", text)],
            &["crates/nn/src/a.rs:3: `unsafe` outside crates/array"],
        );
        check(&RULE, &[("crates/array/src/a.rs", text), ("crates/array/src/lib.rs", "")], &[]);
        check(&RULE, &[("benches/peers/gemm/src/main.rs", text)], &[]);
    }

    #[test]
    fn a_root_that_does_not_forbid_is_found() {
        let what = "a crate's root without `#![forbid(unsafe_code)]`";
        for path in [
            "crates/nn/src/lib.rs",
            "xtask/src/main.rs",
            "examples/digits.rs",
            "benches/ops.rs",
            "examples/a/main.rs",
        ] {
            check(&RULE, &[(path, "// #![forbid(unsafe_code)]")], &[&format!("{path}:1: {what}")]);
            check(&RULE, &[(path, ROOT)], &[]);
        }
        check(&RULE, &[("crates/nn/src/dense.rs", ""), ("crates/nn/tests/a.rs", "")], &[]);
    }
}
