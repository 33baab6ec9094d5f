//! The course's tables from the folder that `WENGERT_DATA` names: without it these tests say so, and pass. What is
//! expected is Keras' (`crates/train/tests/golden`, whose README says where it is from).

use std::path::{Path, PathBuf};

use serde_json::Value;
use wengert::data::{Csv, Prepare, Scaling};
use wengert::io::Pipeline;
use wengert::prelude::*;

use crate::support::Place;

fn table(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("WENGERT_DATA").map(|folder| PathBuf::from(folder).join("course").join(name));
    let found = path.filter(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: WENGERT_DATA names no folder that holds course/{name}");
    }
    found
}

fn traces() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../train/tests/golden/real_data_traces.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(all) => all.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().unwrap()],
    }
}

/// A network of Keras' start weights, in `f64`.
fn start(weights: &Value, run: &Value) -> Sequential {
    let sizes: Vec<usize> = numbers(&run["sizes"]).iter().map(|&size| size as usize).collect();
    let mut model = Sequential::new([sizes[0]]);
    for (layer, pair) in sizes.windows(2).enumerate() {
        let weight = Tensor::new(numbers(&weights[2 * layer]), [pair[0], pair[1]]);
        let bias = Tensor::new(numbers(&weights[2 * layer + 1]), [pair[1]]);
        let activation = wengert::nn::Activation::named(run["acts"][layer].as_str().unwrap()).unwrap();
        model = model.add(Dense::from_tensors(weight, bias).activation(activation));
    }
    model
}

/// Trains on from Keras' start weights, and compares the whole history.
#[track_caller]
fn check(name: &str, csv: &Path, prepare: Prepare, arguments: &str) {
    let (place, traces) = (Place::new(), traces());
    let run = &traces["runs"][name];
    let model = start(&traces["weights"][run["start_weights"].as_str().unwrap()], run);
    let all = Csv::new().read(csv).unwrap().cast(DType::F64);
    // By all rows, which is what Keras was given.
    let preparation = prepare.fit(&all).unwrap();
    Pipeline::new(preparation, model).save(place.path("start.safetensors")).unwrap();

    let expected = run["history"].as_object().unwrap();
    let n_epochs = expected["loss"].as_array().unwrap().len();
    place.ok(&format!(
        "train {} --from start.safetensors --epochs {n_epochs} --no-shuffle --validation-split 0.3 --history h.csv \
         --verbose 0 {arguments}",
        csv.display()
    ));
    let history = History::load(place.path("h.csv")).unwrap();
    for (name, values) in expected {
        let (values, got) = (numbers(values), &history[name.as_str()]);
        assert_eq!(values.len(), got.len());
        for (epoch, (x, y)) in got.iter().zip(&values).enumerate() {
            assert!(
                (x - y).abs() <= 1e-9 * y.abs().max(1.0),
                "{name}, epoch {}: {x}, expected {y}",
                epoch + 1
            );
        }
    }
}

#[test]
fn wages_are_learned_as_in_keras() {
    let Some(csv) = table("hourly_wages.csv") else { return };
    check("wages_9-50-32-1_adam_mse", &csv, Prepare::target("wage_per_hour"), "--optimizer adam");
}

/// In the other runs Keras cuts off probabilities that are nearly 0: `crates/train/tests/real_data.rs` has them, with its
/// arithmetic.
#[test]
fn survival_is_learned_as_in_keras() {
    let Some(csv) = table("titanic.csv") else { return };
    let (rate, survived) = ("--optimizer sgd --learning-rate 1e-06", Prepare::target("survived"));
    check("titanic_lr_sweep_10-100-100-2_sgd_lr1e-06", &csv, survived, rate);
}

#[test]
fn survival_is_learned_from_scaled_columns_as_in_keras() {
    let Some(csv) = table("titanic.csv") else { return };
    let scaled = Prepare::target("survived").scaling(Scaling::Standard);
    check("titanic_10-100-100-2_adam_standardised", &csv, scaled, "--optimizer adam");
}

#[test]
fn columns_are_scaled_by_what_is_trained_on() {
    let Some(csv) = table("titanic.csv") else { return };
    let place = Place::new();
    place.ok(&format!(
        "train {} --target survived --epochs 10 --validation-split 0.3 --verbose 0 --out m.safetensors",
        csv.display()
    ));
    // What always guessing the more frequent class reaches is 0.616.
    let json = place.ok(&format!("evaluate m.safetensors {} --json", csv.display()));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert!(json["accuracy"].as_f64().unwrap() > 0.78, "{json}");
    let preparation = Pipeline::load(place.path("m.safetensors")).unwrap().preparation;
    let all = Csv::new().read(&csv).unwrap().cast(DType::F64);
    let rows: Vec<usize> = (0..623).collect();
    let by_hand = Prepare::target("survived").scaling(Scaling::Standard).fit_to(&all, &rows).unwrap();
    let [saved, expected] = [&preparation, &by_hand].map(|preparation| preparation.predictors(&all).unwrap());
    assert!(saved.array().bit_eq(expected.array()));
}
