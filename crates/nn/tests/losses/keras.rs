//! The values of Keras: see `golden/README.md`.

use serde_json::Value;
use wengert_nn::*;
use wengert_tensor::{Indices, Target, Tensor, grad};

use crate::distance::Distance;

const TOLERANCE: f64 = 1e-12;

/// Differences as small as this are rounding.
const ROUNDING: f64 = 1e-15;

type Make = fn(Reduction) -> Box<dyn Loss>;

/// Losses as they are by default, for all cases in which Keras clips nothing, and the exact ones for the others.
#[rustfmt::skip]
const CASES: &[(&str, Make)] = &[
    ("mse", |r| Box::new(MeanSquaredError::new().reduce(r))),
    ("mae", |r| Box::new(MeanAbsoluteError::new().reduce(r))),
    ("mape", |r| Box::new(MeanAbsolutePercentageError::new().reduce(r))),
    ("msle", |r| Box::new(MeanSquaredLogarithmicError::new().reduce(r))),
    ("msle", |r| Box::new(MeanSquaredLogarithmicError::new().keras_exact().reduce(r))),
    ("huber_d1", |r| Box::new(Huber::new().reduce(r))),
    ("huber_d0.5", |r| Box::new(Huber::new().delta(0.5).reduce(r))),
    ("log_cosh", |r| Box::new(LogCosh::new().reduce(r))),
    ("log_cosh_large", |r| Box::new(LogCosh::new().reduce(r))),
    ("bce", |r| Box::new(BinaryCrossentropy::new().reduce(r))),
    ("bce", |r| Box::new(BinaryCrossentropy::new().keras_exact().reduce(r))),
    ("bce_logits", |r| Box::new(BinaryCrossentropy::new().from_logits().reduce(r))),
    ("bce_logits", |r| Box::new(BinaryCrossentropy::new().from_logits().keras_exact().reduce(r))),
    ("bce_logits_extreme", |r| Box::new(BinaryCrossentropy::new().from_logits().reduce(r))),
    ("bce_smooth0.1", |r| Box::new(BinaryCrossentropy::new().label_smoothing(0.1).reduce(r))),
    ("cce", |r| Box::new(CategoricalCrossentropy::new().reduce(r))),
    ("cce", |r| Box::new(CategoricalCrossentropy::new().keras_exact().reduce(r))),
    ("cce_hard_probs", |r| Box::new(CategoricalCrossentropy::new().keras_exact().reduce(r))),
    ("cce_unnormalised_probs", |r| Box::new(CategoricalCrossentropy::new().reduce(r))),
    ("cce_logits", |r| Box::new(CategoricalCrossentropy::new().from_logits().reduce(r))),
    ("cce_logits", |r| Box::new(CategoricalCrossentropy::new().from_logits().keras_exact().reduce(r))),
    ("cce_logits_extreme", |r| Box::new(CategoricalCrossentropy::new().from_logits().reduce(r))),
    ("cce_smooth0.1", |r| Box::new(CategoricalCrossentropy::new().label_smoothing(0.1).reduce(r))),
    ("cce_soft_targets", |r| Box::new(CategoricalCrossentropy::new().reduce(r))),
    ("kld", |r| Box::new(KlDivergence::new().reduce(r))),
    ("kld", |r| Box::new(KlDivergence::new().keras_exact().reduce(r))),
    ("hinge_pm1", |r| Box::new(Hinge::new().reduce(r))),
    ("hinge_01", |r| Box::new(Hinge::new().reduce(r))),
    ("squared_hinge", |r| Box::new(SquaredHinge::new().reduce(r))),
    ("categorical_hinge", |r| Box::new(CategoricalHinge::new().reduce(r))),
    ("cosine_similarity", |r| Box::new(CosineSimilarity::new().reduce(r))),
    ("poisson", |r| Box::new(Poisson::new().keras_exact().reduce(r))),
    ("binary_focal", |r| Box::new(BinaryFocalCrossentropy::new().reduce(r))),
    ("binary_focal", |r| Box::new(BinaryFocalCrossentropy::new().keras_exact().reduce(r))),
    ("categorical_focal", |r| Box::new(CategoricalFocalCrossentropy::new().reduce(r))),
    ("categorical_focal", |r| Box::new(CategoricalFocalCrossentropy::new().keras_exact().reduce(r))),
    ("scce", |r| Box::new(SparseCategoricalCrossentropy::new().reduce(r))),
    ("scce", |r| Box::new(SparseCategoricalCrossentropy::new().keras_exact().reduce(r))),
    ("scce_logits", |r| Box::new(SparseCategoricalCrossentropy::new().from_logits().reduce(r))),
    ("scce_hard_probs", |r| Box::new(SparseCategoricalCrossentropy::new().keras_exact().reduce(r))),
];

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

fn tensor(value: &Value) -> Tensor {
    let rows = value.as_array().unwrap();
    let numbers = numbers(value);
    let width = numbers.len() / rows.len();
    if rows[0].is_array() {
        Tensor::new(numbers, [rows.len(), width])
    } else {
        Tensor::new(numbers, [rows.len()])
    }
}

fn target(value: &Value) -> Target {
    if value[0].is_array() {
        return tensor(value).into();
    }
    let labels: Vec<usize> = numbers(value).into_iter().map(|label| label as usize).collect();
    Indices::from(labels).into()
}

#[track_caller]
fn check(name: &str, what: &str, given: &Tensor, expected: &Value) {
    let distance = Distance::between(what.to_string(), given, &numbers(expected), ROUNDING);
    assert!(
        distance.relative <= TOLERANCE,
        "{name}, {what}: the relative distance is {:e}",
        distance.relative
    );
}

#[test]
fn values_and_gradients_are_those_of_keras() {
    let file: Value = serde_json::from_str(include_str!("../golden/losses_keras.json")).unwrap();
    let weights = tensor(&file["sample_weight"]);
    for (name, case) in file["cases"].as_object().unwrap() {
        assert!(CASES.iter().any(|(known, _)| known == name), "{name} is not compared");
        let (y, t) = (tensor(&case["y_pred"]), target(&case["y_true"]));
        let output = |y: &Tensor| Output { raw: y.clone(), activation: Activation::Linear };
        for (_, make) in CASES.iter().filter(|(known, _)| known == name) {
            let mean = make(Reduction::Mean);
            mean.check(y.shape(), &t).unwrap();
            check(name, "each", &mean.each(&output(&y), &t), &case["per_sample"]);
            check(name, "mean", &mean.value(&output(&y), &t), &case["mean"]);
            check(name, "gradient", &grad(|y| mean.value(&output(y), &t), &y), &case["grad_mean"]);
            if case["weighted"].is_null() {
                continue;
            }
            check(name, "sum", &make(Reduction::Sum).value(&output(&y), &t), &case["sum"]);
            let weighted = |loss: &dyn Loss| loss.weighted_value(&output(&y), &t, &weights);
            check(name, "weighted", &weighted(&*mean), &case["weighted"]);
            let by_weight = weighted(&*make(Reduction::WeightedMean));
            check(name, "weighted mean", &by_weight, &case["weighted_mean_with_sample_weight"]);
        }
    }
    assert_eq!(file["cases"].as_object().unwrap().len(), 31);
}
