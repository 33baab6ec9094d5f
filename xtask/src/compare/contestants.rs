//! Who takes part, and how each is built or found.

use std::path::{Path, PathBuf};
use std::process::Command;

use wengert_protocol::{Optimizer, Row};

use super::{Options, Part};

/// Somebody who is measured.
pub(super) struct Contestant {
    /// What it is called on the command line and in the files.
    pub(super) name: &'static str,
    /// What it is called in tables.
    pub(super) label: &'static str,
    program: Program,
    /// What is set in its environment beside the number of threads.
    variable: Option<(&'static str, &'static str)>,
    takes: fn(&Row) -> bool,
}

enum Program {
    /// A program of a package of this workspace.
    Own,
    /// A package of the peers' workspace.
    Peer(&'static str),
    /// A script, and the module that it needs.
    Script(&'static str, &'static str),
}

/// Who everything is compared with.
pub(super) const OWN: &str = "wengert";

/// Who measures the machine.
pub(super) const PEAK: &str = "fma";

const STEPS: [Contestant; 7] = [
    contestant(OWN, "Wengert", Program::Own),
    contestant("torch", "PyTorch", Program::Script("torch_peer.py", "torch")),
    Contestant {
        variable: Some(("WENGERT_TORCH_ADAM", "default")),
        takes: |row| matches!(row, Row::Train { optimizer: Optimizer::Adam, .. }),
        ..contestant("torch-default", "PyTorch, default Adam", Program::Script("torch_peer.py", "torch"))
    },
    contestant("jax", "JAX", Program::Script("jax_peer.py", "jax")),
    contestant("burn", "burn", Program::Peer("peer-burn")),
    contestant("candle", "candle", Program::Peer("peer-candle")),
    contestant("dfdx", "dfdx", Program::Peer("peer-dfdx")),
];

const PRODUCTS: [Contestant; 6] = [
    Contestant { takes: |row| *row == Row::Peak, ..contestant(PEAK, "peak", Program::Peer("peer-fma")) },
    contestant(OWN, "Wengert", Program::Own),
    contestant("matrixmultiply", "matrixmultiply", Program::Peer("peer-matrixmultiply")),
    contestant("gemm", "gemm", Program::Peer("peer-gemm")),
    contestant("numpy", "NumPy", Program::Script("numpy_peer.py", "numpy")),
    contestant("torch", "PyTorch", Program::Script("torch_peer.py", "torch")),
];

const fn contestant(name: &'static str, label: &'static str, program: Program) -> Contestant {
    Contestant { name, label, program, variable: None, takes: |row| *row != Row::Peak }
}

/// All contestants of a part.
pub(super) fn all(part: Part) -> &'static [Contestant] {
    match part {
        Part::Steps => &STEPS,
        Part::Products => &PRODUCTS,
    }
}

/// The variables by which the contestants' libraries know how many threads they may use.
const THREADS: [&str; 5] =
    ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MATMUL_NUM_THREADS"];

impl Contestant {
    /// Whether it is asked a row.
    pub(super) fn takes(&self, row: &Row) -> bool {
        (self.takes)(row)
    }

    /// Builds it, or looks whether it is installed.
    ///
    /// # Errors
    /// Why it cannot take part.
    pub(super) fn ready(&self, options: &Options) -> Result<(), String> {
        match self.program {
            Program::Own => {
                build(crate::root(), &["--package", "wengert-benches", "--bin", "contestant"], None)
            }
            Program::Peer(package) => {
                build(&peers(), &["--locked", "--package", package], Some(target().join("peers")))
            }
            Program::Script(_, module) => {
                let look =
                    format!("import importlib.util as u, sys; sys.exit(u.find_spec('{module}') is None)");
                let found = Command::new(&options.python).args(["-c", &look]).status();
                match found.is_ok_and(|status| status.success()) {
                    true => Ok(()),
                    false => Err(format!("{} has no module `{module}` (--python)", options.python)),
                }
            }
        }
    }

    /// The command that measures rows.
    pub(super) fn command(
        &self,
        options: &Options,
        n_threads: usize,
        seconds: f64,
        rows: &[&Row],
    ) -> Command {
        let mut command = match self.program {
            Program::Own => Command::new(target().join("release/contestant")),
            Program::Peer(package) => Command::new(target().join("peers/release").join(package)),
            Program::Script(script, _) => {
                let mut command = Command::new(&options.python);
                command.arg(peers().join("python").join(script));
                command
            }
        };
        command.arg(seconds.to_string()).args(rows.iter().map(ToString::to_string));
        command.envs(THREADS.map(|name| (name, n_threads.to_string()))).envs(self.variable);
        command
    }
}

/// Where cargo builds.
pub(super) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| crate::root().join("target"), PathBuf::from)
}

fn peers() -> PathBuf {
    crate::root().join("benches/peers")
}

/// Runs `cargo build --release` in a workspace. Its folder matters: there stands how it wants to be compiled.
fn build(workspace: &Path, arguments: &[&str], target: Option<PathBuf>) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--release"]).args(arguments).current_dir(workspace);
    command.envs(target.map(|target| ("CARGO_TARGET_DIR", target)));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("`cargo build --release {}` failed", arguments.join(" "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_all_peers_are_in_the_workspace() {
        let manifest = std::fs::read_to_string(peers().join("Cargo.toml")).expect("the peers' manifest");
        for part in [Part::Steps, Part::Products] {
            for (at, contestant) in all(part).iter().enumerate() {
                assert!(all(part)[..at].iter().all(|other| other.name != contestant.name));
                match contestant.program {
                    Program::Own => {}
                    Program::Peer(package) => {
                        let folder = package.strip_prefix("peer-").expect("a peer's name");
                        assert!(manifest.contains(&format!("\"{folder}\"")), "{package}");
                    }
                    Program::Script(script, _) => assert!(peers().join("python").join(script).exists()),
                }
            }
        }
    }

    #[test]
    fn the_default_adam_is_asked_only_where_there_is_one() {
        let takes = |name: &str, row: &str| {
            let contestant = STEPS.iter().find(|contestant| contestant.name == name).expect("a contestant");
            contestant.takes(&row.parse().expect("a row"))
        };
        assert!(takes("torch-default", "train 2-2-1 relu mse adam 1"));
        assert!(!takes("torch-default", "train 2-2-1 relu mse sgd 1"));
        assert!(takes("torch", "train 2-2-1 relu mse sgd 1") && !takes("torch", "peak"));
    }
}
