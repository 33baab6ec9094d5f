//! What is refused, in which words, and with which code; and that nothing is written then.

use crate::support::Place;

#[test]
fn what_is_in_the_way_of_writing_is_told_before_the_work() {
    let place = Place::with_tables();
    place.write("old.safetensors", "old");
    let train = "train wages.csv --target wage_per_hour";
    place.fails(
        &format!("{train} --out old.safetensors"),
        1,
        "there is a file already: `--out old.safetensors`\n  help: `--force` replaces it",
    );
    assert_eq!(place.read("old.safetensors"), "old");
    place.fails(&format!("{train} --out m.h5"), 2, "`--out m.h5`: expected a name that ends in .safetensors");
    place.fails(
        &format!("{train} --history h.txt"),
        2,
        "`--history h.txt`: expected a name that ends in .csv or .json",
    );
    place.fails(&format!("{train} --plot c.gif"), 2, "`--plot c.gif`: expected a name that ends in .svg");
    let ran = place.run(&format!("{train} --out nowhere/m.safetensors"));
    let start = "error: the folder of `--out nowhere/m.safetensors` cannot be written to\n  folder  nowhere\n  reason  ";
    assert!(ran.code == 1 && ran.stderr.starts_with(start), "{ran:?}");
    std::fs::create_dir(place.path("f.safetensors")).unwrap();
    place.fails(
        &format!("{train} --out f.safetensors"),
        1,
        "`--out f.safetensors` is a folder, expected a file",
    );
    place.fails(
        "predict old.safetensors wages.csv --out old.safetensors",
        1,
        "there is a file already: `--out old.safetensors`\n  help: `--force` replaces it",
    );
    place.ok(&format!("{train} --epochs 1 --out old.safetensors --force"));
    assert_ne!(std::fs::read(place.path("old.safetensors")).unwrap(), b"old");
}

#[test]
fn columns_that_are_not_there_are_named() {
    let place = Place::with_tables();
    let known = "<- expected one of wage_per_hour, education_yrs, experience_yrs";
    let message = |name: &str| {
        format!("csv: there is no such column\n  file    wages.csv\n  column  `{name}`   {known}")
    };
    place.fails("train wages.csv --target wage", 1, &message("wage"));
    place.fails("train wages.csv --target wage_per_hour --drop id", 1, &message("id"));
    place.fails("train wages.csv --target wage_per_hour --categorical id", 1, &message("id"));
    place.ok("train shots.csv --target shot_result --epochs 1 --hidden 2 --out m.safetensors");
    place.fails("predict m.safetensors wages.csv", 1, &message("id"));
    place.fails(
        "train wages.csv --target wage_per_hour --drop wage_per_hour",
        1,
        "prepare: a column is a target and dropped\n  column  wage_per_hour",
    );
    place.fails(
        "train wages.csv --target wage_per_hour --drop education_yrs,experience_yrs",
        1,
        "prepare: there is no column to predict from",
    );
}

#[test]
fn tables_that_are_damaged_are_refused() {
    let place = Place::new();
    place.fails(
        "describe none.csv",
        1,
        &format!("csv: the file cannot be read\n  file    none.csv\n  reason  {}", no_such_file()),
    );
    place.write("empty.csv", "");
    place.fails(
        "describe empty.csv",
        1,
        "csv: the file is empty\n  file   empty.csv\n  found  no line   <- expected a header or a row",
    );
    place.write("header.csv", "x,y\n");
    place.fails(
        "train header.csv --target y",
        1,
        "csv: the table has no rows\n  file  header.csv\n  rows  0   <- expected at least 1",
    );
    place.write("twice.csv", "x,x\n1,2\n");
    place.fails("describe twice.csv", 1, "csv: two columns have the same name\n  file    twice.csv\n  line    1\n  column  x   <- expected each name once");
    std::fs::create_dir(place.path("folder")).unwrap();
    place.fails(
        "describe folder",
        1,
        "csv: this is no file\n  file   folder\n  found  a folder   <- expected a file",
    );
    place.write("infinite.csv", "x,y\n1,1.5\ninf,2\n");
    place.fails(
        "train infinite.csv --target y",
        1,
        "csv: a cell is not finite\n  file    infinite.csv\n  line    3\n  column  x\n  value   inf   <- expected a finite number",
    );
    place.write("gone.csv", "x,y\n1,1.5\n2,\n");
    place.fails(
        "train gone.csv --target y",
        1,
        "csv: a cell is missing\n  file    gone.csv\n  line    3\n  column  y\n  value   empty   <- expected a number\n  help: \
         `--missing drop` leaves such rows out; `wengert train --missing mean` puts a value there",
    );
    place.write("comma.csv", "x;y\n1,5;2,5\n2,5;3,5\n");
    place.fails(
        "train comma.csv --separator ; --target y --task regression",
        1,
        "csv: a cell is no number\n  file    comma.csv\n  line    2\n  column  y\n  value   `2,5`   <- expected a number\n  \
         help: `--decimal-comma` reads a comma as the decimal point",
    );
}

/// What the system says, in the words of Rust.
fn no_such_file() -> String {
    std::fs::metadata("there is no such file").unwrap_err().to_string()
}

#[test]
fn targets_that_cannot_be_learned_are_refused() {
    let place = Place::new();
    place.write("a.csv", "x,y,z\n1,a,1\n2,a,1\n3,a,1\n");
    place.fails(
        "train a.csv --target y",
        1,
        "prepare: the target holds a single class\n  column  y\n  class   a   <- expected at least 2",
    );
    place.fails(
        "train a.csv --target x,z --task classification",
        1,
        "prepare: a classification has one target\n  targets  2   <- expected 1",
    );
    place.fails(
        "train a.csv --target x,y",
        1,
        "csv: a cell is no number\n  file    a.csv\n  line    2\n  column  y\n  value   `a`   <- expected a number\n  help: a column \
         of categories must be one when the model is trained; `wengert train --drop` leaves it out",
    );
    let rows: String = (0..1001).map(|i| format!("n{i},{i}.5\n")).collect();
    place.write("many.csv", &format!("name,y\n{rows}"));
    place.fails(
        "train many.csv --target y",
        1,
        "prepare: a column has too many categories\n  column      name\n  categories  1001   <- expected at most 1000\n  help: \
         `--drop` leaves the column out; `--categories codes` numbers them in one column",
    );
}

#[test]
fn settings_that_do_not_go_together_are_wrong_usage() {
    let place = Place::with_tables();
    let train = "train wages.csv --target wage_per_hour";
    for (more, message) in [
        (
            "--loss binary_crossentropy",
            "--loss binary_crossentropy is not one of regression, expected mean_squared_error for example",
        ),
        ("--stratified --validation-split 0.2", "--stratified divides by class, and this is a regression"),
        ("--momentum 0.9", "--momentum is that of `--optimizer sgd` alone"),
        (
            "--hidden 1000000,1000000",
            "the network would have 1000005000001 parameters, expected at most 250000000",
        ),
        (
            "--hidden 3 --activation glu",
            "--activation: glu needs rows with a last axis of even size\n  row  [3]",
        ),
        ("--out a.safetensors --history ./a.json --plot ./../x.svg --seed -1", ""),
    ] {
        if message.is_empty() {
            assert_eq!(place.run(&format!("{train} {more}")).code, 2);
        } else {
            place.fails(&format!("{train} {more}"), 2, message);
        }
    }
    place.fails(
        "train shots.csv --target side --loss binary_crossentropy",
        2,
        "--loss binary_crossentropy tells 2 classes apart, and the target has 3",
    );
    place.fails("train shots.csv --target side --loss mae", 2, "--loss mean_absolute_error is not one of classification, expected categorical_crossentropy for example");
    place.ok("train wages.csv --target wage_per_hour --epochs 1 --hidden 2 --out m.safetensors");
    place.fails(
        "predict m.safetensors wages.csv --probabilities",
        2,
        "--probabilities: the model predicts numbers, and no classes",
    );
    place.fails(
        "train wages.csv --target wage_per_hour --history a.csv --plot a.csv",
        2,
        "`--plot a.csv`: expected a name that ends in .svg",
    );
}

#[test]
fn values_outside_their_ranges_are_wrong_usage() {
    let place = Place::with_tables();
    for (more, message) in [
        ("--epochs 0", "expected a whole number from 1 on"),
        ("--learning-rate -1", "expected a number above 0"),
        ("--learning-rate nan", "expected a number above 0"),
        ("--validation-split 1", "expected a number from 0 to below 1"),
        ("--batch-size x", "expected a whole number from 1 on"),
        ("--hidden 100,0", "expected sizes from 1 to 1000000 such as `100,100`, or `none`"),
        ("--activation rellu", "expected one of linear, relu, relu6"),
        ("--missing often", "expected error, drop, mean, median, or a number"),
        ("--separator ab", "expected one ASCII character such as `;`, or `tab`"),
        ("--optimizer adams", "[possible values: sgd, adam, adamw"),
        ("--verbose 3", "3 is not in 0..=2"),
        ("--patience 0", "expected a whole number from 1 on"),
        ("--stratified", "--validation-split"),
        ("--colour", "unexpected argument '--colour' found"),
    ] {
        let ran = place.run(&format!("train wages.csv --target wage_per_hour {more}"));
        assert!(ran.code == 2 && ran.stdout.is_empty() && ran.stderr.contains(message), "{more}: {ran:?}");
    }
}

#[test]
fn a_training_that_explodes_fails_and_writes_nothing() {
    let place = Place::with_tables();
    let ran = place.run(
        "train wages.csv --target wage_per_hour --scale none --optimizer sgd --learning-rate 1e9 --verbose 0 --out m.safetensors",
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr.starts_with("error: fit: sgd: the gradient of `dense.weight` [2, 100] is not finite\n"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.ends_with("\n  help: a smaller `--learning-rate` may do, or `--scale standard`\n"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains(".rs:") && !place.has("m.safetensors"), "{}", ran.stderr);
}

#[test]
fn models_that_are_damaged_are_refused() {
    let place = Place::with_tables();
    place.ok("train wages.csv --target wage_per_hour --epochs 1 --hidden 2 --out m.safetensors");
    let bytes = std::fs::read(place.path("m.safetensors")).unwrap();
    for length in [0, 7, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(place.path("cut.safetensors"), &bytes[..length]).unwrap();
        for command in [
            "predict cut.safetensors wages.csv",
            "evaluate cut.safetensors wages.csv",
            "summary cut.safetensors",
        ] {
            let ran = place.run(command);
            let is_told = ran.stderr.starts_with("error: load: ") && ran.stderr.contains("cut.safetensors\n");
            assert!(ran.code == 1 && ran.stdout.is_empty() && is_told, "{length}: {ran:?}");
        }
    }
    let ran = place.run("predict wages.csv wages.csv");
    let start =
        "error: load: this is no valid safetensors file\n  file       wages.csv\n  begins as  a text ";
    assert!(ran.code == 1 && ran.stderr.starts_with(start), "{ran:?}");
}

#[test]
fn the_model_is_not_lost_unsaid() {
    let place = Place::with_tables();
    let ran = place.run("train wages.csv --target wage_per_hour --epochs 1 --hidden 2");
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (0, "note: the model will not be saved; `--out FILE` does\n")
    );
}
