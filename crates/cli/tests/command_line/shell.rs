//! Pipes, help, completions.

use std::io::Read;
use std::process::Stdio;

use crate::support::Place;

#[test]
fn the_standard_input_is_a_table() {
    let place = Place::with_tables();
    let shots = place.read("shots.csv");
    let ran = place.run_on(&shots, "describe -");
    assert!(
        ran.code == 0 && ran.stdout.starts_with("standard input: 60 rows, 5 columns, nothing missing\n"),
        "{ran:?}"
    );
    let ran = place.run_on(&shots, "train - --target shot_result --epochs 1 --hidden 4 --out m.safetensors");
    assert_eq!(ran.code, 0, "{ran:?}");
    let from_file = place.ok("predict m.safetensors shots.csv");
    assert_eq!(place.run_on(&shots, "predict m.safetensors -").stdout, from_file);
    assert_eq!(place.run_on(&shots, "predict m.safetensors - --out -").stdout, from_file);
    let ran = place.run_on("a,b\n1\n", "describe -");
    let message = "error: csv: a row has another number of cells\n  file   standard input\n  line   2\n  cells  1   <- expected 2, \
                   as the header has\n  help: `--separator` sets what stands between cells\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (1, message));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    // More than a pipe holds.
    let header: Vec<String> = (0..20_000).map(|i| format!("column{i}")).collect();
    let row: Vec<String> = (0..20_000).map(|i| i.to_string()).collect();
    place.write("wide.csv", &format!("{}\n{}\n", header.join(","), row.join(",")));
    let mut child = place
        .command()
        .args(["describe", "wide.csv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice(), &first), (Some(0), &b""[..], b"wide.csv: "));
}

#[test]
fn every_command_has_help_with_examples() {
    let place = Place::new();
    let all = place.ok("--help");
    for command in ["train", "predict", "evaluate", "summary", "describe", "plot", "completions"] {
        assert!(all.contains(&format!("\n  {command} ")), "{command}: {all}");
        let help = place.ok(&format!("{command} --help"));
        assert!(help.contains(&format!("Usage: wengert {command}")), "{help}");
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("no examples: {help}"));
        assert!(examples.contains(&format!("wengert {command} ")), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 240), "{help}");
    }
    assert_eq!(place.ok("--version"), format!("wengert {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn no_command_is_wrong_usage() {
    let ran = Place::new().run("");
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("Usage: wengert <COMMAND>"), "{}", ran.stderr);
}

#[test]
fn shells_get_their_completions() {
    let place = Place::new();
    for (shell, word) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef wengert"),
        ("fish", "complete -c wengert"),
        ("elvish", "edit:"),
        ("powershell", "Register"),
    ] {
        let script = place.ok(&format!("completions {shell}"));
        assert!(script.contains(word) && script.contains("validation-split"), "{shell}");
    }
}

#[test]
fn a_table_is_described() {
    let place = Place::new();
    place.write("a.csv", "age,port,male\n22,S,True\n38,C,False\n,S,True\n");
    let text = "\
a.csv: 3 rows, 3 columns, 1 missing cell

column               kind     missing       min      mean       max       std
age                  number         1        22        30        38     11.31
port                 text           -  2 values: S 2, C 1
male                 boolean        -  2 values: true 2, false 1
";
    assert_eq!(place.ok("describe a.csv"), text);
}

#[test]
fn a_model_is_described() {
    let place = Place::with_tables();
    place.ok("train shots.csv --target shot_result --drop id --hidden 100,100 --epochs 1 --scale minmax --out m.safetensors");
    let text = place.ok("summary m.safetensors");
    let table = "\
dense (Dense)    (None, 100)       600
dense_1 (Dense)  (None, 100)    10,100
dense_2 (Dense)  (None, 2)         202
";
    assert!(text.contains(table) && text.contains("Total parameters: 10,902"), "{text}");
    let rest = "
Classification: shot_result, 2 classes: hit, miss
loss: categorical_crossentropy

Columns, 5 numbers in a row, brought to 0 to 1:
  distance  number
  side      one of left, middle, right
  home      number
";
    assert!(text.ends_with(rest), "{text}");
}

#[test]
fn a_model_that_a_program_saved_is_described_and_not_used() {
    use wengert::prelude::*;
    let place = Place::with_tables();
    Sequential::new([3]).add(Dense::units(2)).save(place.path("m.safetensors")).unwrap();
    let text = place.ok("summary m.safetensors");
    assert!(
        text.ends_with("\nThe file says nothing of the table that the model was trained on.\n"),
        "{text}"
    );
    place.fails(
        "predict m.safetensors shots.csv",
        1,
        "load: the file holds a model without the preparation of its rows\n  file      m.safetensors\n  \
         metadata  no preparation   <- expected that of a pipeline\n  help: `wengert train --out` writes files with both",
    );
}
