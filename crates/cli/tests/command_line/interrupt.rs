//! Ctrl-C while a model is trained.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::support::{Place, cells};

/// What starts a program that does not ignore the signal, even if the tests do: shells start so what they do not wait for.
fn with_signals() -> Command {
    let mut env = Command::new("env");
    let option = "--default-signal=INT";
    let probe = env.args([option, "true"]).stderr(Stdio::null()).status();
    let mut env = Command::new("env");
    if probe.is_ok_and(|status| status.success()) {
        env.arg(option);
    }
    env
}

#[test]
fn it_ends_the_training_and_leaves_what_was_trained() {
    let place = Place::with_tables();
    let arguments = "train wages.csv --target wage_per_hour --hidden 4 --epochs 100000000 --verbose 2 \
                     --out model.safetensors --history history.csv";
    let mut child = with_signals()
        .arg(env!("CARGO_BIN_EXE_wengert"))
        .args(arguments.split_whitespace())
        .current_dir(place.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.starts_with("Epoch 2/")));
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    // All of it, or the program would wait for somebody to read on.
    let rest: Vec<String> = said.collect();
    let status = child.wait().unwrap();
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();

    assert_eq!(status.code(), Some(130), "{error}");
    let history = place.read("history.csv");
    let epoch = cells(&history).last().unwrap()[0];
    assert_eq!(error, format!("interrupted: the training ended in epoch {epoch}\n"));
    assert!(rest.iter().any(|line| line.contains("model.safetensors")), "{rest:?}");
    assert_eq!(place.ok("predict model.safetensors wages.csv").lines().count(), 61);
}
