//! Training gives what Keras and PyTorch give: see `golden/README.md` for where the values are from.

use approx::relative_eq;
use serde_json::Value;
use wengert_nn::{Activation, CategoricalCrossentropy, Dense, Layer, Loss, MeanSquaredError, Sequential};
use wengert_optim::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Cosine, Exponential, Ftrl, Lamb, Lbfgs, Lion, Nadam, Optimizer,
    RAdam, RMSprop, Rprop, Sgd, Train, Tune,
};
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

fn golden(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The settings of Keras' traces.
fn of_keras() -> Vec<(&'static str, Box<dyn Optimizer>)> {
    let (sgd, adam) = (|| Sgd::new(0.1), || Adam::new(0.01));
    vec![
        ("sgd_lr0.1", Box::new(sgd())),
        ("sgd_default", Box::new(Sgd::default())),
        ("sgd_momentum0.9_lr0.05", Box::new(Sgd::new(0.05).momentum(0.9))),
        ("sgd_nesterov0.9_lr0.05", Box::new(Sgd::new(0.05).momentum(0.9).nesterov())),
        ("sgd_wd0.01_lr0.1", Box::new(sgd().weight_decay(0.01))),
        ("sgd_clipnorm0.5_lr0.1", Box::new(sgd().clip_norm(0.5))),
        ("sgd_clipvalue0.05_lr0.1", Box::new(sgd().clip_value(0.05))),
        ("sgd_globalclipnorm0.5_lr0.1", Box::new(sgd().clip_global_norm(0.5))),
        ("sgd_ema0.9_lr0.1", Box::new(sgd().average(0.9))),
        ("sgd_gradaccum2_lr0.1", Box::new(sgd().accumulate(2))),
        ("adam_default", Box::new(Adam::default())),
        ("adam_lr0.01", Box::new(adam())),
        ("adam_amsgrad_lr0.01", Box::new(adam().amsgrad())),
        ("adamw_default", Box::new(AdamW::default())),
        ("adamw_lr0.01_wd0.1", Box::new(AdamW::new(0.01).weight_decay(0.1))),
        ("rmsprop_default", Box::new(RMSprop::default())),
        ("rmsprop_lr0.01", Box::new(RMSprop::new(0.01))),
        ("rmsprop_momentum0.9_centered_lr0.01", Box::new(RMSprop::new(0.01).momentum(0.9).centered())),
        ("adagrad_default", Box::new(Adagrad::default())),
        ("adagrad_lr0.1", Box::new(Adagrad::new(0.1))),
        ("adadelta_lr1.0", Box::new(Adadelta::new(1.0))),
        ("adamax_lr0.01", Box::new(Adamax::new(0.01))),
        ("nadam_lr0.01", Box::new(Nadam::new(0.01))),
        ("lion_lr0.001", Box::new(Lion::new(0.001))),
        ("ftrl_lr0.05_l1_0.01_l2_0.01", Box::new(Ftrl::new(0.05).regularized(0.01, 0.01))),
        ("lamb_lr0.01", Box::new(Lamb::new(0.01))),
        ("adam_expdecay", Box::new(Adam::default().schedule(Exponential::new(0.02, 5.0, 0.8)))),
        ("sgd_cosine", Box::new(Sgd::default().schedule(Cosine::new(0.1, 20).alpha(0.01)))),
    ]
}

/// Those of PyTorch's, but for L-BFGS.
fn of_pytorch() -> Vec<(&'static str, Box<dyn Optimizer>)> {
    let momentum = || Sgd::pytorch(0.05).momentum(0.9);
    vec![
        ("sgd_lr0.1", Box::new(Sgd::pytorch(0.1))),
        ("sgd_momentum0.9_lr0.05", Box::new(momentum())),
        ("sgd_momentum0.9_damp0.5_lr0.05", Box::new(momentum().dampening(0.5))),
        ("sgd_nesterov0.9_lr0.05", Box::new(momentum().nesterov())),
        ("sgd_wd0.01_lr0.1", Box::new(Sgd::pytorch(0.1).l2(0.01))),
        ("adam_default", Box::new(Adam::pytorch(0.001))),
        ("adam_lr0.01", Box::new(Adam::pytorch(0.01))),
        ("adam_amsgrad_lr0.01", Box::new(Adam::pytorch(0.01).amsgrad())),
        ("adam_l2_0.1_lr0.01", Box::new(Adam::pytorch(0.01).l2(0.1))),
        ("adamw_default", Box::new(AdamW::pytorch(0.001))),
        ("adamw_lr0.01_wd0.1", Box::new(AdamW::pytorch(0.01).weight_decay(0.1))),
        ("rmsprop_default", Box::new(RMSprop::pytorch(0.01))),
        ("rmsprop_lr0.01_a0.9", Box::new(RMSprop::pytorch(0.01).rho(0.9))),
        ("rmsprop_momentum0.9_centered_lr0.01", Box::new(RMSprop::pytorch(0.01).momentum(0.9).centered())),
        ("adagrad_default", Box::new(Adagrad::pytorch(0.01))),
        ("adagrad_lr0.1", Box::new(Adagrad::pytorch(0.1))),
        ("adadelta_lr1.0", Box::new(Adadelta::pytorch(1.0))),
        ("adamax_lr0.01", Box::new(Adamax::pytorch(0.01))),
        ("nadam_lr0.01", Box::new(Nadam::pytorch(0.01))),
        ("radam_lr0.01", Box::new(RAdam::new(0.01))),
        ("rprop_lr0.01", Box::new(Rprop::new(0.01))),
    ]
}

#[test]
fn every_trace_of_keras_is_met() {
    let file = golden(include_str!("golden/train_traces_keras.json"));
    for name in ["cls", "reg"] {
        for (optimizer_name, optimizer) in of_keras() {
            let trace = &file["traces"][format!("{name}/{optimizer_name}")];
            let (x, y, mut model, metric) = compiled(name, optimizer);
            for epoch in 0..5 {
                let what = format!("{name}/{optimizer_name}, epoch {epoch}");
                let fit = Fit::epochs(1).batch_size(5).shuffle(false).verbose(0);
                let history = model.fit(&x, &y, fit).unwrap();
                check(&what, &history["loss"], &trace["loss"][epoch]);
                check(&what, &history[metric], &trace["metric"][epoch]);
                check(&what, &[model.evaluate(&x, &y).unwrap().loss()], &trace["eval_loss"][epoch]);
                check_parameters(&what, &model, &trace["weights"][epoch]);
            }
            if let Some(averages) = trace.get("weights_after_fit") {
                let what = format!("{name}/{optimizer_name}, averages");
                check_parameters(&what, &model.optimizer().averaged(model.model()), averages);
            }
        }
    }
    assert_eq!(file["traces"].as_object().unwrap().len(), 2 * of_keras().len());
}

#[test]
fn every_trace_of_pytorch_is_met() {
    let file = golden(include_str!("golden/train_traces_torch.json"));
    for name in ["cls", "reg"] {
        for (optimizer_name, optimizer) in of_pytorch() {
            let trace = &file["traces"][format!("{name}/{optimizer_name}")];
            let (x, y, mut model, _) = compiled(name, optimizer);
            let batch_size = if optimizer_name.starts_with("rprop") { x.shape()[0] } else { 5 };
            for epoch in 0..5 {
                let what = format!("{name}/{optimizer_name}, epoch {epoch}");
                let fit = Fit::epochs(1).batch_size(batch_size).shuffle(false).verbose(0);
                let history = model.fit(&x, &y, fit).unwrap();
                check(&what, &history["loss"], &trace["loss"][epoch]);
                check(&what, &[model.evaluate(&x, &y).unwrap().loss()], &trace["eval_loss"][epoch]);
                check_parameters(&what, &model, &transposed(&trace["weights"][epoch]));
            }
        }
    }
    // And L-BFGS, on its own.
    assert_eq!(file["traces"].as_object().unwrap().len(), 2 * (of_pytorch().len() + 1));
}

#[test]
fn lbfgs_is_that_of_pytorch() {
    let file = golden(include_str!("golden/train_traces_torch.json"));
    for name in ["cls", "reg"] {
        let trace = &file["traces"][format!("{name}/lbfgs_strongwolfe")];
        let Problem { x, y, mut model, loss } = problem(name);
        let y = Target::from(y);
        let mut lbfgs = Lbfgs::new().iterations(4);
        for epoch in 0..5 {
            let what = format!("{name}/lbfgs, epoch {epoch}");
            let minimum = lbfgs.minimize(&mut model, |m| loss.value(&m.forward_raw(&x), &y)).unwrap();
            check(&what, &[minimum.first_loss], &trace["loss"][epoch]);
            check(&what, &[minimum.loss], &trace["eval_loss"][epoch]);
            check_parameters(&what, &model, &transposed(&trace["weights"][epoch]));
        }
    }
}

/// PyTorch's weights, which are (out, in), in our order and orientation.
fn transposed(weights: &Value) -> Value {
    let transpose = |weight: &Value| match weight[0].as_array() {
        None => weight.clone(),
        Some(first) => {
            let column = |i: usize| weight.as_array().unwrap().iter().map(|row| row[i].clone()).collect();
            (0..first.len()).map(column).collect::<Vec<Value>>().into()
        }
    };
    weights.as_array().unwrap().iter().map(transpose).collect()
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
