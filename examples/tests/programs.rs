//! The short programs: as short as is claimed, and running on a machine that has nothing but this repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const COURSE: [&str; 4] = ["course_classification", "course_rates", "course_regression", "course_save"];

fn n_lines(name: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{name}.rs"));
    std::fs::read_to_string(path).unwrap().lines().count()
}

/// Runs the program that `cargo test` has built beside this one.
fn run(name: &str, arguments: &[&str]) -> Output {
    let tests = std::env::current_exe().unwrap();
    let folder: PathBuf = tests.ancestors().nth(2).unwrap().join("examples");
    let program = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "{} is not built: `cargo test -p wengert-examples` does", program.display());
    Command::new(program).args(arguments).env_remove("WENGERT_DATA").output().unwrap()
}

#[test]
fn the_programs_are_as_short_as_is_claimed() {
    for name in COURSE {
        assert!(n_lines(name) <= 25, "{name} has {} lines", n_lines(name));
    }
    assert!(n_lines("mnist") <= 40, "mnist has {} lines", n_lines("mnist"));
}

#[test]
fn the_programs_of_the_course_run_on_their_own() {
    for (name, says) in [
        ("course_classification", "Epoch 10/10 - 7/7 - "),
        ("course_rates", "use 0.01"),
        ("course_regression", "what the model says: ["),
        ("course_save", "Total parameters: 11,402"),
    ] {
        let output = run(name, &[]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains(says), "{name}: {text}");
    }
}

#[test]
fn what_is_not_there_is_named() {
    for (name, arguments, says) in [
        ("course_regression", &["nowhere.csv"][..], "nowhere.csv"),
        ("mnist", &["nowhere"][..], "nowhere/train-images-idx3-ubyte.gz"),
        ("mnist", &[][..], "where is MNIST? say `mnist FOLDER`, or set WENGERT_DATA"),
    ] {
        let output = run(name, arguments);
        let text = String::from_utf8(output.stderr).unwrap().replace('\\', "/");
        assert!(!output.status.success() && text.contains(says), "{name}: {text}");
    }
}
