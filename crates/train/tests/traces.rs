//! Training gives what Keras and PyTorch give: see `golden/README.md` for where the values are from.

use approx::relative_eq;
use serde_json::Value;
use wengert_nn::{Activation, CategoricalCrossentropy, Dense, Layer, Loss, MeanSquaredError, Sequential};
use wengert_optim::{Adam, Optimizer, Sgd};
use wengert_tensor::{Module, Target, Tensor, value_and_grad};
use wengert_train::{Accuracy, Compile, Compiled, Fit, MeanAbsoluteError};

const TOLERANCE: f64 = 1e-10;

/// Numbers of a nested list.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

/// A nested list as an f64 tensor.
fn tensor(value: &Value) -> Tensor {
    let mut sizes = Vec::new();
    let mut inner = value;
    while let Value::Array(list) = inner {
        sizes.push(list.len());
        inner = &list[0];
    }
    Tensor::new(numbers(value), sizes)
}

#[track_caller]
fn check(what: &str, given: &[f64], expected: &Value) {
    let expected = numbers(expected);
    assert_eq!(given.len(), expected.len(), "{what}");
    for (given, expected) in given.iter().zip(&expected) {
        assert!(
            relative_eq!(given, expected, max_relative = TOLERANCE),
            "{what}: {given}, expected {expected}"
        );
    }
}

#[track_caller]
fn check_parameters(what: &str, model: &Sequential, expected: &Value) {
    let (parameters, expected) = (model.parameters(), expected.as_array().unwrap());
    assert_eq!(parameters.len(), expected.len());
    for ((name, param), expected) in parameters.iter().zip(expected) {
        check(&format!("{what}, {name}"), &param.to_vec::<f64>(), expected);
    }
}

struct Problem {
    x: Tensor,
    y: Tensor,
    model: Sequential,
    loss: Box<dyn Loss>,
}

fn problem(name: &str) -> Problem {
    let file: Value = serde_json::from_str(include_str!("golden/train_traces_keras.json")).unwrap();
    let problem = &file["problems"][name];
    let (x, y) = (tensor(&problem["X"]), tensor(&problem["Y"]));
    let weights: Vec<Tensor> = problem["W0"].as_array().unwrap().iter().map(tensor).collect();
    let mut model = Sequential::new([x.shape()[1]]);
    for (weights, activation) in weights.chunks(2).zip(problem["acts"].as_array().unwrap()) {
        let activation = Activation::named(activation.as_str().unwrap()).unwrap();
        model = model.add(Dense::from_tensors(weights[0].clone(), weights[1].clone()).activation(activation));
    }
    let loss: Box<dyn Loss> = match problem["loss"].as_str().unwrap() {
        "mean_squared_error" => Box::new(MeanSquaredError::new()),
        _ => Box::new(CategoricalCrossentropy::new()),
    };
    Problem { x, y, model, loss }
}

/// Data, model and the name of its metric.
fn compiled(
    name: &str,
    optimizer: impl Optimizer + 'static,
) -> (Tensor, Tensor, Compiled<Sequential>, &'static str) {
    let Problem { x, y, model, .. } = problem(name);
    match name {
        "cls" => {
            (x, y, model.compile(optimizer, CategoricalCrossentropy::new()).metric(Accuracy), "accuracy")
        }
        _ => {
            let model = model.compile(optimizer, MeanSquaredError::new()).metric(MeanAbsoluteError);
            (x, y, model, "mean_absolute_error")
        }
    }
}

#[track_caller]
fn check_trace(optimizer_name: &str, optimizer: impl Optimizer + Clone + 'static) {
    let file: Value = serde_json::from_str(include_str!("golden/train_traces_keras.json")).unwrap();
    for name in ["cls", "reg"] {
        let trace = &file["traces"][format!("{name}/{optimizer_name}")];
        let (x, y, mut model, metric) = compiled(name, optimizer.clone());
        for epoch in 0..5 {
            let what = format!("{name}/{optimizer_name}, epoch {epoch}");
            let fit = Fit::epochs(1).batch_size(5).shuffle(false).verbose(0);
            let history = model.fit(&x, &y, fit).unwrap();
            check(&what, &history["loss"], &trace["loss"][epoch]);
            check(&what, &history[metric], &trace["metric"][epoch]);
            check(&what, &[model.evaluate(&x, &y).unwrap().loss()], &trace["eval_loss"][epoch]);
            check_parameters(&what, &model, &trace["weights"][epoch]);
        }
    }
}

#[test]
fn plain_descent_is_that_of_keras() {
    check_trace("sgd_lr0.1", Sgd::new(0.1));
    check_trace("sgd_default", Sgd::default());
}

#[test]
fn momentum_is_that_of_keras() {
    check_trace("sgd_momentum0.9_lr0.05", Sgd::new(0.05).momentum(0.9));
}

#[test]
fn nesterov_is_that_of_keras() {
    check_trace("sgd_nesterov0.9_lr0.05", Sgd::new(0.05).momentum(0.9).nesterov());
}

#[test]
fn adam_is_that_of_keras() {
    check_trace("adam_default", Adam::default());
    check_trace("adam_lr0.01", Adam::new(0.01));
}

#[test]
fn one_call_trains_as_one_for_each_epoch() {
    let file: Value = serde_json::from_str(include_str!("golden/train_traces_keras.json")).unwrap();
    for name in ["cls", "reg"] {
        let trace = &file["traces"][format!("{name}/adam_lr0.01")];
        let (x, y, mut model, metric) = compiled(name, Adam::new(0.01));
        let fit = Fit::epochs(5).batch_size(5).shuffle(false).validation(&x, &y).verbose(0);
        let history = model.fit(&x, &y, fit).unwrap();
        check(name, &history["loss"], &trace["loss"]);
        check(name, &history[metric], &trace["metric"]);
        check(name, &history["val_loss"], &trace["eval_loss"]);
        check_parameters(name, &model, &trace["weights"][4]);
    }
}

#[test]
fn first_gradients_are_those_of_pytorch() {
    let file: Value = serde_json::from_str(include_str!("golden/first_batch_gradients_torch.json")).unwrap();
    for name in ["cls", "reg"] {
        let Problem { x, y, model, loss } = problem(name);
        let (x, y) = (x.slice(0, 0..5), Target::from(y.slice(0, 0..5)));
        let (value, grads) = value_and_grad(&model, |model| loss.value(&model.forward_raw(&x), &y));
        check(name, &[value.item()], &file[name]["loss"]);
        for ((part, gradient), expected) in
            grads.parameters().iter().zip(file[name]["grads"].as_array().unwrap())
        {
            let gradient = if gradient.rank() == 2 { gradient.t() } else { gradient.value().clone() };
            check(&format!("{name}, {part}"), &gradient.to_vec::<f64>(), expected);
        }
    }
}
