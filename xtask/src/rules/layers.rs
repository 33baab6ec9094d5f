//! Which crate may know which.
//!
//! Only what a crate needs to be built counts; its tests may use any.

use crate::manifest;
use crate::tidy::{Finding, Rule};
use crate::tree::Tree;

pub(super) const RULE: Rule = Rule {
    name: "layers",
    reason: "a crate knows only those below it (docs/architecture.md), so that each can be read and built alone",
    find,
};

/// A folder in `crates/`, and those that it may depend on.
const LAYERS: [(&str, &[&str]); 10] = [
    ("array", &[]),
    ("derive", &[]),
    ("tensor", &["array", "derive"]),
    ("nn", &["array", "tensor"]),
    ("optim", &["array", "tensor"]),
    ("data", &["array", "tensor"]),
    ("io", &["array", "tensor", "nn", "optim", "data"]),
    ("train", &["array", "derive", "tensor", "nn", "optim", "data", "io"]),
    ("wengert", &["array", "derive", "tensor", "nn", "optim", "data", "io", "train"]),
    ("cli", &["wengert"]),
];

fn find(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.manifests() {
        let Some(folder) = file.crate_folder() else { continue };
        let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == folder) else {
            findings.push(Finding::new(&file.path, 1, format!("`{folder}` has no place among the layers")));
            continue;
        };
        for dependency in manifest::dependencies(&file.text) {
            if let Some(other) = folder_of(dependency.name)
                && !dependency.section.contains("dev-")
                && !below.contains(&other)
            {
                let what = format!("`{folder}` must not depend on `{other}`");
                findings.push(Finding::new(&file.path, dependency.line, what));
            }
        }
    }
    findings
}

fn folder_of(package: &str) -> Option<&str> {
    if package == "wengert" { Some("wengert") } else { package.strip_prefix("wengert-") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn a_dependency_upwards_is_found() {
        let nn = "[dependencies]\nwengert-tensor.workspace = true\nwengert-optim.workspace = true\n";
        check(
            &RULE,
            &[("crates/nn/Cargo.toml", nn)],
            &["crates/nn/Cargo.toml:3: `nn` must not depend on `optim`"],
        );
        let io = "[target.'cfg(unix)'.dependencies]\nwengert = { workspace = true }\n[dependencies.wengert-train]\n";
        check(
            &RULE,
            &[("crates/io/Cargo.toml", io)],
            &[
                "crates/io/Cargo.toml:2: `io` must not depend on `wengert`",
                "crates/io/Cargo.toml:3: `io` must not depend on `train`",
            ],
        );
    }

    #[test]
    fn a_crate_without_a_layer_is_found() {
        check(
            &RULE,
            &[("crates/gpu/Cargo.toml", "")],
            &["crates/gpu/Cargo.toml:1: `gpu` has no place among the layers"],
        );
    }

    #[test]
    fn tests_and_packages_outside_may_use_any() {
        let any = "[dev-dependencies]\nwengert.workspace = true\n";
        check(&RULE, &[("crates/array/Cargo.toml", any)], &[]);
        check(&RULE, &[("examples/Cargo.toml", "[dependencies]\nwengert.workspace = true\n")], &[]);
    }

    #[test]
    fn the_layers_have_no_cycle() {
        for (at, (_, below)) in LAYERS.iter().enumerate() {
            let earlier: Vec<&str> = LAYERS[..at].iter().map(|(name, _)| *name).collect();
            assert!(below.iter().all(|other| earlier.contains(other)), "{below:?}");
        }
    }
}
