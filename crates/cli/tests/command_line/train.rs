//! From a table to a file, and what is said on the way.

use crate::support::Place;

#[test]
fn a_class_is_recognised_learned_saved_and_judged() {
    let place = Place::with_tables();
    let said = place.ok(
        "train shots.csv --target shot_result --drop id --hidden 16 --epochs 40 --learning-rate 0.05 --validation-split 0.25 --out m.safetensors",
    );
    let start = "\
task     classification of shot_result, 2 classes: hit, miss
         (`shot_result` holds texts; `--task` says otherwise)
rows     45 to train on, 15 to validate with
network  5 → 16 → 2, 130 parameters
loss     categorical_crossentropy

Epoch 1/40 - 2/2 - ";
    assert!(said.starts_with(start), "{said}");
    assert!(said.contains("- val_accuracy: ") && said.ends_with("\n\nmodel    m.safetensors\n"), "{said}");
    let judged = place.ok("evaluate m.safetensors later.csv");
    assert!(judged.starts_with("rows                 20\nloss                 "), "{judged}");
    assert!(judged.contains("\naccuracy             1.000000\n\ntrue \\ said  hit  miss\n"), "{judged}");
    assert!(judged.contains("precision    recall  f1-score   support"), "{judged}");
}

#[test]
fn numbers_are_recognised_and_learned() {
    let place = Place::with_tables();
    let said = place.ok(
        "train wages.csv --target wage_per_hour --hidden none --learning-rate 0.1 --epochs 300 --out m.safetensors",
    );
    let start = "\
task     regression of wage_per_hour
         (`wage_per_hour` holds numbers that are not whole; `--task` says otherwise)
rows     60 to train on
network  2 → 1, 3 parameters
loss     mean_squared_error
";
    assert!(said.starts_with(start), "{said}");
    let json: serde_json::Value =
        serde_json::from_str(&place.ok("evaluate m.safetensors wages.csv --json")).unwrap();
    assert!(json["r2_score"].as_f64().unwrap() > 0.99, "{json}");
    let names = ["loss", "mean_absolute_error", "root_mean_squared_error", "r2_score"];
    assert!(names.iter().all(|name| json[name].is_f64()), "{json}");
}

#[test]
fn large_targets_are_learned_scaled_and_predicted_in_their_unit() {
    let place = Place::with_tables();
    let wages = place.read("wages.csv");
    // 8.125 becomes 8125000.
    let large = |line: &str| {
        let (wage, rest) = line.split_once(',').unwrap();
        format!("{},{rest}\n", 1e6 * wage.parse::<f64>().unwrap() + 0.5)
    };
    let rows: String = wages.lines().skip(1).map(large).collect();
    place.write("large.csv", &format!("{}\n{rows}", wages.lines().next().unwrap()));
    let r2 = |more: &str| {
        let train =
            "train large.csv --target wage_per_hour --hidden none --learning-rate 0.05 --epochs 100 --force";
        let said = place.ok(&format!("{train} --out m.safetensors {more}"));
        assert_eq!(
            said.contains("loss     mean_squared_error, in standard deviations of the target\n"),
            !more.is_empty()
        );
        let json = place.ok("evaluate m.safetensors large.csv --json");
        serde_json::from_str::<serde_json::Value>(&json).unwrap()["r2_score"].as_f64().unwrap()
    };
    assert!(r2("") < 0.0);
    assert!(r2("--scale-target") > 0.99);
    assert!(r2("--scale-target --validation-split 0.2") > 0.99);
    place.fails(
        "train shots.csv --target shot_result --scale-target",
        2,
        "--scale-target: classes have no scale",
    );
    place.fails(
        "train wages.csv --target wage_per_hour --scale-target --loss mape",
        2,
        "--scale-target: the loss depends on the unit",
    );
}

#[test]
fn what_numbers_are_can_be_said() {
    let place = Place::new();
    let rows: String = (0..40).map(|i| format!("{i},{},{i}.5\n", i % 4)).collect();
    place.write("a.csv", &format!("x,y,z\n{rows}"));
    let said = |more: &str| place.ok(&format!("train a.csv --target y --epochs 1 --hidden 2 {more}"));
    let recognised = said("");
    assert!(recognised.contains("classification of y, 4 classes: 0, 1, 2, 3\n"), "{recognised}");
    assert!(recognised.contains("(`y` holds 4 different whole numbers in 40 rows; `--task` says otherwise)"));
    assert!(said("--task regression").contains("regression of y\n         (as was said)\n"));
    assert!(said("--target x").contains("there are 2 targets"));
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_does_not() {
    let place = Place::with_tables();
    for (seed, file) in [(1, "a"), (1, "b"), (2, "c")] {
        place.ok(&format!(
            "train shots.csv --target shot_result --epochs 2 --hidden 4 --dropout 0.2 --seed {seed} --out {file}.safetensors \
             --history {file}.csv --verbose 0"
        ));
    }
    let bytes = |name: &str| std::fs::read(place.path(name)).unwrap();
    assert_eq!(bytes("a.safetensors"), bytes("b.safetensors"));
    assert_ne!(bytes("a.safetensors"), bytes("c.safetensors"));
    assert_eq!(place.read("a.csv"), place.read("b.csv"));
}

#[test]
fn history_and_curves_are_written() {
    let place = Place::with_tables();
    let arguments = "train wages.csv --target wage_per_hour --epochs 3 --hidden 4 --validation-split 0.2 --out m.safetensors";
    place.ok(&format!("{arguments} --history h.csv --plot c.svg"));
    let history = place.read("h.csv");
    let header = "epoch,loss,mean_absolute_error,val_loss,val_mean_absolute_error,learning_rate\n1,";
    assert!(history.starts_with(header) && history.lines().count() == 4, "{history}");
    assert!(place.read("c.svg").starts_with("<svg"));
    place.ok(&format!("{arguments} --history h.json --force"));
    let json: serde_json::Value = serde_json::from_str(&place.read("h.json")).unwrap();
    assert_eq!(json["epoch"], serde_json::json!([1, 2, 3]));
    assert_eq!(place.files().len(), 7, "nothing else was left: {:?}", place.files());
}

/// What was said without how long it took, which is `2/2 - 0ms - 96us/step -` of an epoch's line.
fn without_times(said: &str) -> String {
    let line = |line: &str| {
        let parts = line.split(" - ").filter(|part| !part.ends_with("s/step") && !part.ends_with("ms"));
        parts.collect::<Vec<_>>().join(" - ")
    };
    said.lines().map(|said| line(said) + "\n").collect()
}

#[test]
fn verbosity_is_as_asked() {
    let place = Place::with_tables();
    let arguments =
        "train wages.csv --target wage_per_hour --epochs 2 --hidden 4 --out m.safetensors --force --verbose";
    let ran = place.run(&format!("{arguments} 0"));
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    // Without a terminal the bar is lines.
    let [one, two] = [1, 2].map(|verbose| without_times(&place.ok(&format!("{arguments} {verbose}"))));
    assert_eq!(one, two);
    assert_eq!(two.matches("\nEpoch ").count(), 2);
}

#[test]
fn patience_ends_the_training_and_keeps_the_best_epoch() {
    let place = Place::with_tables();
    let said = place.ok(
        "train wages.csv --target wage_per_hour --epochs 500 --hidden 8 --learning-rate 0.1 --patience 3 \
         --validation-split 0.2 --out m.safetensors --history h.csv",
    );
    assert!(
        said.contains("stopped after epoch ") && said.contains("early_stopping: `val_loss` was best"),
        "{said}"
    );
    let best = place
        .read("h.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(3).unwrap().parse::<f64>().unwrap())
        .fold(f64::INFINITY, f64::min);
    // The last fifth of the rows, which the training was judged by.
    let wages = place.read("wages.csv");
    let lines: Vec<&str> = wages.lines().collect();
    place.write("last.csv", &[&lines[..1], &lines[49..]].concat().join("\n"));
    let json = place.ok("evaluate m.safetensors last.csv --json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let loss = json["loss"].as_f64().unwrap();
    assert!((loss - best).abs() < 1e-6 * best, "{loss} {best}");
}

#[test]
fn a_saved_model_goes_on() {
    let place = Place::with_tables();
    place.ok("train wages.csv --target wage_per_hour --epochs 2 --hidden 8 --out a.safetensors --verbose 0");
    let loss = |model: &str| {
        let json: serde_json::Value =
            serde_json::from_str(&place.ok(&format!("evaluate {model} wages.csv --json"))).unwrap();
        json["loss"].as_f64().unwrap()
    };
    let said =
        place.ok("train wages.csv --from a.safetensors --epochs 30 --learning-rate 0.05 --out b.safetensors");
    assert!(
        said.starts_with("task     regression of wage_per_hour\n         (as the model does)\n"),
        "{said}"
    );
    assert!(loss("b.safetensors") < 0.5 * loss("a.safetensors"));
    place.fails(
        "train wages.csv --from a.safetensors --target education_yrs",
        2,
        "--target is `education_yrs`, but the model predicts `wage_per_hour`",
    );
    place.fails(
        "train wages.csv --from a.safetensors --missing mean",
        2,
        "--missing: what stands for missing cells is the model's, expected error or drop",
    );
    let ran = place.run("train wages.csv --from a.safetensors --hidden 3");
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.starts_with("error: the argument '--from <MODEL>' cannot be used with '--hidden"),
        "{}",
        ran.stderr
    );
}

#[test]
fn missing_cells_are_refused_filled_or_left_out() {
    let place = Place::new();
    let rows: String = (0..30).map(|i| format!("{i},{},{}.5\n", ["a", "b"][i % 2], 2 * i)).collect();
    place.write("a.csv", &format!("x,kind,y\n{rows},b,7.5\n5,,9.5\n"));
    let train = "train a.csv --target y --epochs 1 --hidden 2 --out m.safetensors --force";
    let message = "csv: a cell is missing
  file    a.csv
  line    33
  column  kind
  value   empty   <- expected one of a, b
  help: `--missing drop` leaves such rows out; `wengert train --missing mean` puts a value there";
    place.fails(train, 1, message);

    place.ok(&format!("{train} --missing -1"));
    let summary = place.ok("summary m.safetensors");
    assert!(
        summary.contains("  x     number, -1 where missing\n  kind  one of a, b, b where missing\n"),
        "{summary}"
    );
    place.write("new.csv", "kind,x\n,\n");
    assert_eq!(place.ok("predict m.safetensors new.csv").lines().count(), 2);

    let ran = place.run(&format!("{train} --missing drop"));
    assert_eq!(ran.stderr, "note: 2 of 32 rows are left out, because a cell is missing\n");
    assert!(ran.stdout.contains("rows     30 to train on"));
    assert_eq!(place.run("predict m.safetensors new.csv").code, 1);
    place.fails(
        "predict m.safetensors new.csv --missing drop",
        1,
        "csv: a cell is missing in each of the 1 rows",
    );
    let ran = place.run("evaluate m.safetensors a.csv --missing drop");
    assert!(ran.stdout.starts_with("rows                 30\n"), "{ran:?}");
}

#[test]
fn two_classes_can_be_one_probability() {
    let place = Place::with_tables();
    let said = place.ok(
        "train shots.csv --target shot_result --drop id --hidden 16 --epochs 30 --learning-rate 0.05 --loss binary_crossentropy --out m.safetensors",
    );
    assert!(said.contains("→ 16 → 1,"), "{said}");
    let judged = place.ok("evaluate m.safetensors later.csv");
    assert!(judged.contains("\naccuracy             1.000000\n"), "{judged}");
    let predicted = place.ok("predict m.safetensors later.csv --probabilities");
    assert!(predicted.starts_with("shot_result,probability_hit,probability_miss\nhit,"), "{predicted}");
    place.ok("train shots.csv --from m.safetensors --epochs 1");
}

#[test]
fn texts_that_tell_rows_apart_are_warned_of() {
    let place = Place::new();
    let rows: String = (0..30).map(|i| format!("name{i},{i},{}.5\n", 2 * i)).collect();
    place.write("a.csv", &format!("name,x,y\n{rows}"));
    let ran = place.run("train a.csv --target y --epochs 1 --hidden 2 --out m.safetensors");
    let warning = "warning: `name` holds 30 different texts in 30 rows: it tells rows apart, and predicts little\n  \
                   help: `--drop name` leaves it out\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (0, warning));
}
