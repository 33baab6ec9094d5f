//! Early stopping and the reduction of learning rates do what Keras does: see `golden/README.md`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use approx::assert_relative_eq;
use serde_json::Value;
use wengert_nn::{Dense, MeanSquaredError, Sequential};
use wengert_optim::Sgd;
use wengert_tensor::{Module, Tensor};
use wengert_train::{
    Callback, Compile, Compiled, Custom, EarlyStopping, Fit, History, Mode, On, ReduceLROnPlateau,
};

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/callbacks_keras.json")).unwrap()
}

fn sequence(name: &Value) -> Vec<f64> {
    let values = &golden()["sequences"][name.as_str().unwrap()];
    values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

/// A model whose metric `watched` takes the values of a sequence, an epoch each.
fn model(sequence: Vec<f64>) -> Compiled<Sequential> {
    let next = AtomicUsize::new(0);
    let watched = Custom::batches("watched", move |_, _| sequence[next.fetch_add(1, Ordering::Relaxed)]);
    let model = Sequential::new([1]).add(Dense::units(1));
    model.compile(Sgd::new(0.1), MeanSquaredError::new()).metric(watched)
}

/// What came of a training with a callback: the history, the learning rate and the weights after each epoch.
struct Trained {
    history: History,
    rates: Vec<f64>,
    weights: Vec<Vec<f32>>,
    model: Compiled<Sequential>,
}

fn train(sequence: Vec<f64>, callback: impl Callback + 'static) -> Trained {
    let after_epochs = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&after_epochs);
    let record = On::epoch_end(move |run| {
        let weights = run.model().parameters()[0].1.to_vec::<f32>();
        seen.lock().unwrap().push((run.optimizer().learning_rate(), weights));
    });
    let n_epochs = sequence.len();
    let mut model = model(sequence);
    let fit = Fit::epochs(n_epochs).callback(callback).callback(record).verbose(0);
    let history = model.fit(&Tensor::ones([1, 1]), Tensor::full([1, 1], 50.0), fit).unwrap();
    let (rates, weights) = after_epochs.lock().unwrap().drain(..).unzip();
    Trained { history, rates, weights, model }
}

/// A setting as an index or number, if it is there.
fn setting(case: &Value, name: &str) -> Option<f64> {
    case["args"][name].as_f64()
}

fn mode(case: &Value) -> Mode {
    if case["args"]["mode"] == "max" { Mode::Max } else { Mode::Min }
}

fn early_stopping(case: &Value) -> EarlyStopping {
    let mut stopping = EarlyStopping::new().monitor("watched").mode(mode(case));
    stopping = stopping.patience(setting(case, "patience").unwrap_or(0.0) as usize);
    stopping = stopping.min_delta(setting(case, "min_delta").unwrap_or(0.0));
    stopping = stopping.start_from_epoch(setting(case, "start_from_epoch").unwrap_or(0.0) as usize);
    if let Some(baseline) = setting(case, "baseline") {
        stopping = stopping.baseline(baseline);
    }
    if case["args"]["restore_best_weights"] == true { stopping.restore_best_weights() } else { stopping }
}

#[test]
fn early_stopping_is_that_of_keras() {
    let file = golden();
    let cases = file["early_stopping"].as_array().unwrap();
    assert_eq!(cases.len(), 35);
    for case in cases {
        let index = |name: &str| case[name].as_u64().map(|index| index as usize);
        let trained = train(sequence(&case["seq"]), early_stopping(case));
        let stopped = trained.history.stopped();
        if case["best"] == "nan" {
            // Keras takes the NaN of epoch 3, counted from 0, for the best. It is an epoch without progress.
            assert_eq!(trained.history.epochs(), 4, "{case}");
            assert!(stopped.unwrap().reason.contains("was never a number, 1 epochs"), "{case}");
            continue;
        }
        assert_eq!(Some(trained.history.epochs()), index("epochs_run"), "{case}");
        // Keras says 0 where the training was not stopped.
        assert_eq!(Some(stopped.map_or(0, |stopped| stopped.epoch - 1)), index("stopped_epoch"), "{case}");
        let best =
            format!("epoch {}, {:.4},", index("best_epoch").unwrap() + 1, case["best"].as_f64().unwrap());
        assert!(stopped.is_none_or(|stopped| stopped.reason.contains(&best)), "{case}: {stopped:?}");
        let last = trained.weights.len() - 1;
        let expected = &trained.weights[index("restored_weights_of_epoch").unwrap_or(last)];
        assert_eq!(&trained.model.parameters()[0].1.to_vec::<f32>(), expected, "{case}");
    }
}

#[test]
fn reduced_learning_rates_are_those_of_keras() {
    let file = golden();
    let cases = file["reduce_lr_on_plateau_start_0.1"].as_array().unwrap();
    assert_eq!(cases.len(), 20);
    for case in cases {
        let mut reduce = ReduceLROnPlateau::new().monitor("watched").mode(mode(case));
        reduce = reduce.factor(setting(case, "factor").unwrap());
        reduce = reduce.patience(setting(case, "patience").unwrap() as usize);
        reduce = reduce.cooldown(setting(case, "cooldown").unwrap_or(0.0) as usize);
        reduce = reduce.min_rate(setting(case, "min_lr").unwrap_or(0.0));
        reduce = reduce.min_delta(setting(case, "min_delta").unwrap_or(1e-4));
        let trained = train(sequence(&case["seq"]), reduce);
        let expected = case["lr_after_epoch"].as_array().unwrap();
        assert_eq!(trained.rates.len(), expected.len());
        for (rate, expected) in trained.rates.iter().zip(expected) {
            // Keras holds the rate in float32.
            assert_relative_eq!(*rate, expected.as_f64().unwrap(), max_relative = 1e-6);
        }
    }
}

#[test]
fn splits_have_the_sizes_of_keras() {
    for case in golden()["validation_split"].as_array().unwrap() {
        let number = |name: &str| case[name].as_u64().unwrap() as usize;
        let n = number("n");
        let counted = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&counted);
        let sizes = Custom::batches("sizes", move |output, _| {
            seen.lock().unwrap().push(output.raw.shape()[0]);
            0.0
        });
        let model = Sequential::new([1]).add(Dense::units(1));
        let mut model = model.compile(Sgd::default(), MeanSquaredError::new()).metric(sizes);
        let n_steps = Arc::new(AtomicUsize::new(0));
        let steps = Arc::clone(&n_steps);
        let count = On::batch_end(move |_| {
            steps.fetch_add(1, Ordering::Relaxed);
        });
        let fit = Fit::epochs(1).validation_split(case["validation_split"].as_f64().unwrap()).callback(count);
        model.fit(&Tensor::zeros([n, 1]), Tensor::zeros([n, 1]), fit.verbose(0)).unwrap();
        let n_steps = n_steps.load(Ordering::Relaxed);
        assert_eq!(n_steps, number("steps_batch32"), "{case}");
        let sizes = counted.lock().unwrap();
        assert_eq!(sizes[..n_steps].iter().sum::<usize>(), number("train"), "{case}");
        assert_eq!(sizes[n_steps..].iter().sum::<usize>(), number("val"), "{case}");
    }
}
