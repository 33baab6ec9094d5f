//! What is said of each dependency, and where its version stands.

use crate::manifest;
use crate::tidy::{Finding, Rule};
use crate::tree::{File, Tree};

pub(super) const RULE: Rule = Rule {
    name: "dependencies",
    reason: "one place has all versions and says what each package is for, so that none comes in unseen",
    find,
};

/// The manifests of the workspace and of the peers' one.
const ROOTS: [&str; 2] = ["Cargo.toml", "benches/peers/Cargo.toml"];

fn find(tree: &Tree) -> Vec<Finding> {
    let roots = tree.files().iter().filter(|file| ROOTS.contains(&file.path.as_str())).flat_map(find_in_root);
    let members =
        tree.manifests().filter(|file| !ROOTS.contains(&file.path.as_str())).flat_map(find_in_member);
    roots.chain(members).collect()
}

fn find_in_root(file: &File) -> Vec<Finding> {
    let all = manifest::dependencies(&file.text).into_iter();
    let unexplained =
        all.filter(|found| !found.rest.contains("path =") && manifest::comment(found.rest).is_none());
    unexplained
        .map(|found| {
            Finding::new(
                &file.path,
                found.line,
                format!("`{}` without a `# ` comment of what it is for", found.name),
            )
        })
        .collect()
}

fn find_in_member(file: &File) -> Vec<Finding> {
    let all = manifest::dependencies(&file.text).into_iter();
    // A package may name itself, to test with a feature of its own.
    let is_central = |rest: &str| rest.contains("workspace = true") || rest.contains("path = \".\"");
    all.filter(|found| !is_central(found.rest))
        .map(|found| {
            Finding::new(
                &file.path,
                found.line,
                format!("`{}` is not taken from the workspace in one line", found.name),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn an_unexplained_dependency_is_found() {
        let root =
            "[workspace.dependencies]\nwengert = { path = \"a\" }\nrand = \"1\" # numbers\nsyn = \"3\"\n";
        check(
            &RULE,
            &[("Cargo.toml", root)],
            &["Cargo.toml:4: `syn` without a `# ` comment of what it is for"],
        );
        check(
            &RULE,
            &[(
                "benches/peers/Cargo.toml",
                "[workspace.dependencies]\nburn = \"1\" # a peer\ndfdx = \"1\"\n",
            )],
            &["benches/peers/Cargo.toml:3: `dfdx` without a `# ` comment of what it is for"],
        );
    }

    #[test]
    fn a_version_in_a_member_is_found() {
        let member = "[dependencies]\nrand.workspace = true\nsyn = { workspace = true, features = [\"full\"] }\n\
                      itself = { path = \".\" }\nquote = \"1\"\n[dev-dependencies.approx]\nversion = \"1\"\n";
        check(
            &RULE,
            &[("crates/nn/Cargo.toml", member)],
            &[
                "crates/nn/Cargo.toml:5: `quote` is not taken from the workspace in one line",
                "crates/nn/Cargo.toml:6: `approx` is not taken from the workspace in one line",
            ],
        );
    }
}
