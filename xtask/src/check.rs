//! The steps that every change must pass, one after the other.
//!
//! `.ci/run` has the same ones; a test below holds the two together.

use std::fmt;
use std::path::Path;
use std::process::Command;

/// One run of cargo.
pub struct Step {
    /// What the step is called when it fails.
    pub name: &'static str,
    /// The arguments of cargo, separated by spaces.
    pub arguments: &'static str,
    /// A variable that is set for it, and its value.
    pub variable: Option<(&'static str, &'static str)>,
}

/// All steps, the quick ones first.
pub const STEPS: [Step; 5] = [
    Step { name: "format", arguments: "fmt --all --check", variable: None },
    Step { name: "clippy", arguments: "clippy --workspace --all-targets -- -D warnings", variable: None },
    Step { name: "tests", arguments: "test --workspace", variable: None },
    Step {
        name: "pictures as PNG",
        arguments: "test --package wengert-train --features png --lib pictures",
        variable: None,
    },
    Step {
        name: "documentation",
        arguments: "doc --workspace --all-features --no-deps",
        variable: Some(("RUSTDOCFLAGS", "-D warnings")),
    },
];

/// The test that compares `docs/ops.md` with the sources, told to write it.
pub const OPS_PAGE: Step = Step {
    name: "ops",
    arguments: "test --quiet --package wengert-tensor --test ops_page",
    variable: Some(("WENGERT_WRITE_OPS_PAGE", "1")),
};

/// Runs the steps up to the first that fails, whose name is in the error.
pub fn run(steps: &[Step], mut succeeds: impl FnMut(&Step) -> bool) -> Result<(), String> {
    match steps.iter().find(|step| !succeeds(step)) {
        Some(failed) => Err(format!("check: {} failed ({failed})", failed.name)),
        None => Ok(()),
    }
}

impl Step {
    /// Runs the step in a folder, with the cargo that runs this program.
    pub fn succeeds_in(&self, folder: &Path) -> bool {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(self.arguments.split(' ')).envs(self.variable).current_dir(folder);
        command.status().is_ok_and(|status| status.success())
    }
}

/// As one would type it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, value)) = self.variable {
            write!(f, "{name}=\"{value}\" ")?;
        }
        write!(f, "cargo {}", self.arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_stops_and_is_named() {
        let mut seen = Vec::new();
        let result = run(&STEPS, |step| {
            seen.push(step.name);
            step.name != "clippy"
        });
        assert_eq!(seen, ["format", "clippy"]);
        let message = "check: clippy failed (cargo clippy --workspace --all-targets -- -D warnings)";
        assert_eq!(result, Err(message.to_string()));
    }

    #[test]
    fn all_steps_run_when_none_fails() {
        let mut count = 0;
        let result = run(&STEPS, |_| {
            count += 1;
            true
        });
        assert_eq!((result, count), (Ok(()), STEPS.len()));
    }

    #[test]
    fn a_variable_stands_before_the_command() {
        assert_eq!(
            STEPS[STEPS.len() - 1].to_string(),
            "RUSTDOCFLAGS=\"-D warnings\" cargo doc --workspace --all-features --no-deps"
        );
    }

    #[test]
    fn ci_runs_the_same_steps() {
        let script = std::fs::read_to_string(crate::root().join(".ci/run")).expect(".ci/run is there");
        for step in &STEPS {
            assert!(script.lines().any(|line| line.ends_with(&step.to_string())), "not in .ci/run: {step}");
        }
    }
}
