//! The course's tables, from the CSV file to the history: what Keras gives, epoch by epoch. See `golden/README.md` for where
//! the values are from. The tables are in the folder that `WENGERT_DATA` names; without it these tests say so, and pass.

use std::io::{self, Write};
use std::path::PathBuf;

use approx::relative_eq;
use serde_json::Value;
use wengert_data::{Rows, Scaler, StandardScaler, Table, read_csv, to_categorical};
use wengert_nn::{Activation, CategoricalCrossentropy, Dense, MeanSquaredError, Sequential};
use wengert_optim::{Adam, Optimizer, Sgd};
use wengert_tensor::{DType, Module, Tensor};
use wengert_train::{Accuracy, Compile, Compiled, Fit};

const TOLERANCE: f64 = 1e-9;

fn data(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("WENGERT_DATA").map(|folder| PathBuf::from(folder).join(name));
    let found = path.filter(|path| path.exists());
    if found.is_none() {
        // Not by `eprintln!`, which is not shown for a test that passes.
        let line = format!("skipped: WENGERT_DATA names no folder that holds {name}\n");
        let _ = io::stderr().write_all(line.as_bytes());
    }
    found
}

/// A table of the course in `f64`.
fn table(name: &str) -> Option<Table> {
    Some(read_csv(data(name)?).unwrap().cast(DType::F64))
}

/// All columns but the target, and the target.
fn wages() -> Option<(Tensor, Tensor)> {
    Some(table("course/hourly_wages.csv")?.split_target(&["wage_per_hour"]).unwrap())
}

fn titanic() -> Option<(Tensor, Tensor)> {
    let table = table("course/titanic.csv")?;
    let survived = to_categorical(&table.column("survived").unwrap(), None).unwrap();
    Some((table.drop(&["survived"]).unwrap().values().unwrap(), survived))
}

/// A training of Keras.
struct Run {
    name: &'static str,
    /// The start weights.
    weights: Value,
    expected: Value,
}

fn run(name: &'static str) -> Run {
    let file: Value = serde_json::from_str(include_str!("golden/real_data_traces.json")).unwrap();
    let expected = file["runs"][name].clone();
    Run { name, weights: file["weights"][expected["start_weights"].as_str().unwrap()].clone(), expected }
}

/// Numbers of a nested list.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

impl Run {
    fn model(&self) -> Sequential {
        let sizes: Vec<usize> = numbers(&self.expected["sizes"]).iter().map(|&size| size as usize).collect();
        let mut model = Sequential::new([sizes[0]]);
        for (layer, activation) in self.expected["acts"].as_array().unwrap().iter().enumerate() {
            let weight = Tensor::new(numbers(&self.weights[2 * layer]), [sizes[layer], sizes[layer + 1]]);
            let bias = Tensor::new(numbers(&self.weights[2 * layer + 1]), [sizes[layer + 1]]);
            let activation = Activation::named(activation.as_str().unwrap()).unwrap();
            model = model.add(Dense::from_tensors(weight, bias).activation(activation));
        }
        model
    }

    fn classifier(&self, optimizer: impl Optimizer + 'static) -> Compiled<Sequential> {
        // Keras clips probabilities, which shows at the rate 1.
        self.model().compile(optimizer, CategoricalCrossentropy::new().keras_exact()).metric(Accuracy)
    }

    /// Trains, and compares the whole history, the end of the first biases, and the first predictions.
    #[track_caller]
    fn check(&self, mut model: Compiled<Sequential>, x: &Tensor, y: &Tensor) {
        let expected = &self.expected["history"];
        let n_epochs = expected["loss"].as_array().unwrap().len();
        assert_eq!(x.n_rows().unwrap() as f64, self.expected["rows"].as_f64().unwrap());

        let fit = Fit::epochs(n_epochs).validation_split(0.3).shuffle(false).verbose(0);
        let history = model.fit(x, y, fit).unwrap();

        assert_eq!(history.names().len(), expected.as_object().unwrap().len());
        for name in history.names() {
            self.check_numbers(name, &history[name.as_str()], &expected[name.as_str()]);
        }
        let bias = model.parameters()[1].1.slice(0, 0..5).to_vec::<f64>();
        self.check_numbers("bias", &bias, &self.expected["final_first_layer_bias_5"]);
        let predictions = model.predict(&x.slice_rows(0..3)).unwrap().to_vec::<f64>();
        self.check_numbers("predictions", &predictions, &self.expected["predictions_first3"]);
    }

    #[track_caller]
    fn check_numbers(&self, what: &str, given: &[f64], expected: &Value) {
        let expected = numbers(expected);
        assert_eq!(given.len(), expected.len(), "{}, {what}", self.name);
        for (epoch, (given, expected)) in given.iter().zip(&expected).enumerate() {
            assert!(
                relative_eq!(given, expected, max_relative = TOLERANCE, epsilon = 1e-15),
                "{}, {what} at {epoch}: {given}, expected {expected}",
                self.name
            );
        }
    }
}

#[test]
fn wages_are_learned_as_by_keras() {
    let Some((x, y)) = wages() else { return };
    let run = run("wages_9-50-32-1_adam_mse");
    run.check(run.model().compile(Adam::default(), MeanSquaredError::new()), &x, &y);
}

#[test]
fn survival_is_learned_as_by_keras() {
    let Some((x, y)) = titanic() else { return };
    let run = run("titanic_10-32-2_sgd_cce");
    run.check(run.classifier(Sgd::default()), &x, &y);
}

#[test]
fn the_rates_of_the_course_give_what_they_give_in_keras() {
    let Some((x, y)) = titanic() else { return };
    for (name, rate) in [
        ("titanic_lr_sweep_10-100-100-2_sgd_lr1e-06", 1e-6),
        ("titanic_lr_sweep_10-100-100-2_sgd_lr0.01", 0.01),
        ("titanic_lr_sweep_10-100-100-2_sgd_lr1.0", 1.0),
    ] {
        let run = run(name);
        run.check(run.classifier(Sgd::new(rate)), &x, &y);
    }
}

#[test]
fn scaled_predictors_give_what_they_give_in_keras() {
    let Some((x, y)) = titanic() else { return };
    let run = run("titanic_10-100-100-2_adam_standardised");
    // By all rows, which were not yet divided: what Keras was given.
    let x = StandardScaler::fit(&x).unwrap().transform(&x);
    run.check(run.classifier(Adam::default()), &x, &y);
}
