//! Metrics give what Keras gives, and the same however the rows come in batches: see `golden/README.md`.

use approx::{assert_relative_eq, relative_eq};
use serde_json::Value;
use wengert_nn::{
    Activation, BinaryCrossentropy, CategoricalCrossentropy, LogCosh, MeanAbsolutePercentageError,
    MeanSquaredError, Output,
};
use wengert_tensor::{Indices, Rng, Target, Tensor};
use wengert_train::{
    Accuracy, Auc, Average, BinaryAccuracy, CategoricalAccuracy, CosineSimilarity, Custom, F1Score,
    FalseNegatives, FalsePositives, Judged, MeanAbsoluteError, MeanOf, Metric, Precision, R2Score, Recall,
    RootMeanSquaredError, SparseCategoricalAccuracy, TopKCategoricalAccuracy, TrueNegatives, TruePositives,
};

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/metrics_keras.json")).unwrap()
}

/// A list of numbers, or of rows of numbers, in f64.
fn tensor(value: &Value) -> Tensor {
    let rows = value.as_array().unwrap();
    let numbers = |row: &Value| match row {
        Value::Array(row) => row.iter().map(|x| x.as_f64().unwrap()).collect(),
        number => vec![number.as_f64().unwrap()],
    };
    let numbers: Vec<f64> = rows.iter().flat_map(numbers).collect();
    let n_columns = numbers.len() / rows.len();
    Tensor::new(numbers, [rows.len(), n_columns])
}

/// Output and target of one of the three problems.
fn problem(name: &str) -> (Output, Target) {
    let problem = &golden()[name];
    let (raw, target) = match name {
        "cls" => {
            let labels = problem["labels"].as_array().unwrap().iter().map(|x| x.as_u64().unwrap() as usize);
            (tensor(&problem["probs"]), Target::from(Indices::from(labels.collect::<Vec<usize>>())))
        }
        _ => (tensor(&problem["p"]), Target::from(tensor(&problem["y"]))),
    };
    (Output { raw, activation: Activation::Linear }, target)
}

fn one_hot(target: &Target) -> Target {
    let Target::Labels(labels) = target else { panic!("labels") };
    Tensor::one_hot(labels, 4).into()
}

fn slice(x: &Tensor, from: usize, to: usize) -> Tensor {
    x.slice(0, from..to)
}

/// The metric of rows that come in batches of so many.
fn in_batches(metric: &dyn Metric, (output, target): &(Output, Target), size: usize) -> f64 {
    let n_rows = output.raw.shape()[0];
    let mut seen = Vec::new();
    for from in (0..n_rows).step_by(size) {
        let to = n_rows.min(from + size);
        let output = Output { raw: slice(&output.raw, from, to), ..output.clone() };
        let target = match target {
            Target::Values(values) => Target::from(slice(values, from, to)),
            Target::Labels(labels) => {
                Target::from(Indices::from(labels.iter().skip(from).take(to - from).collect::<Vec<usize>>()))
            }
        };
        metric.add(&mut seen, &Judged { output: &output, target: &target, weights: None });
    }
    metric.result(&seen)
}

/// The value of Keras, for the rows at once and in batches of every size.
#[track_caller]
fn check(name: &str, metric: &dyn Metric, rows: &(Output, Target), tolerance: f64) {
    let values = golden()["values"][name].clone();
    let expected = values.as_f64().or_else(|| values[0].as_f64()).unwrap();
    for size in 1..=rows.0.raw.shape()[0] {
        let given = in_batches(metric, rows, size);
        assert!(
            relative_eq!(given, expected, max_relative = tolerance),
            "{name} in batches of {size}: {given}, expected {expected}"
        );
    }
    assert_eq!(metric.value(&rows.0, &rows.1), in_batches(metric, rows, 100), "{name}");
}

#[test]
fn classes_are_judged_as_in_keras() {
    let labels = problem("cls");
    let rows = (labels.0.clone(), one_hot(&labels.1));
    check("CategoricalAccuracy", &CategoricalAccuracy, &rows, 0.0);
    check("CategoricalAccuracy", &Accuracy, &rows, 0.0);
    check("SparseCategoricalAccuracy", &SparseCategoricalAccuracy, &labels, 0.0);
    check("TopKCategoricalAccuracy(k=2)", &TopKCategoricalAccuracy::new(2), &rows, 0.0);
    check("TopKCategoricalAccuracy(k=2)", &TopKCategoricalAccuracy::new(2), &labels, 0.0);
    let weights = Tensor::from([1.0, 0.5, 0.0, 2.0, 1.0]);
    let mut seen = Vec::new();
    CategoricalAccuracy.add(&mut seen, &Judged { output: &rows.0, target: &rows.1, weights: Some(&weights) });
    let expected = golden()["values"]["CategoricalAccuracy(weights 1,.5,0,2,1)"].as_f64().unwrap();
    assert_relative_eq!(CategoricalAccuracy.result(&seen), expected, max_relative = 1e-15);
}

#[test]
fn yes_and_no_are_judged_as_in_keras() {
    let rows = problem("bin");
    check("BinaryAccuracy", &BinaryAccuracy::new(), &rows, 0.0);
    check("Precision", &Precision::new(), &rows, 1e-15);
    check("Recall", &Recall::new(), &rows, 1e-15);
    check("TruePositives", &TruePositives::new(), &rows, 0.0);
    check("FalsePositives", &FalsePositives::new(), &rows, 0.0);
    check("TrueNegatives", &TrueNegatives::new(), &rows, 0.0);
    check("FalseNegatives", &FalseNegatives::new(), &rows, 0.0);
    check("AUC_200_ROC", &Auc::roc(), &rows, 1e-14);
    check("AUC_PR", &Auc::precision_recall(), &rows, 1e-14);
    check("BinaryCrossentropy", &MeanOf(BinaryCrossentropy::new()), &rows, 1e-12);
    // Keras adds 1e-7 to both divisors.
    check("F1Score(threshold .5)", &F1Score::new().threshold(0.5), &rows, 2e-7);
    assert_eq!(F1Score::new().value(&rows.0, &rows.1), 4.0 / 7.0);
}

#[test]
fn numbers_are_judged_as_in_keras() {
    let rows = problem("reg");
    check("MeanSquaredError", &MeanOf(MeanSquaredError::new()), &rows, 1e-14);
    check("RootMeanSquaredError", &RootMeanSquaredError, &rows, 1e-14);
    check("MeanAbsoluteError", &MeanAbsoluteError, &rows, 1e-14);
    check("MeanAbsolutePercentageError", &MeanOf(MeanAbsolutePercentageError::new()), &rows, 1e-14);
    check("R2Score", &R2Score, &rows, 1e-13);
    check("CosineSimilarity", &CosineSimilarity, &rows, 1e-14);
    check("LogCoshError", &MeanOf(LogCosh::new()), &rows, 1e-13);
}

/// All values of the file are met above: 4 of classes, 11 of yes and no, 7 of numbers, one of them with weights.
#[test]
fn the_file_holds_no_other_value() {
    assert_eq!(golden()["values"].as_object().unwrap().len(), 22);
}

#[test]
fn the_area_tends_to_the_share_of_pairs_in_order() {
    let mut rng = Rng::seed(11);
    let truths: Vec<f64> = (0..300).map(|row| f64::from(row % 3 == 0)).collect();
    let noise = Tensor::uniform([300], 0.0, 1.0, &mut rng).to_vec::<f64>();
    let scores: Vec<f64> =
        noise.iter().zip(&truths).map(|(noise, truth)| 0.7 * noise + 0.3 * truth).collect();
    let mut in_order = 0.0;
    let mut n_pairs = 0.0;
    for (a, _) in scores.iter().zip(&truths).filter(|(_, truth)| **truth == 1.0) {
        for (b, _) in scores.iter().zip(&truths).filter(|(_, truth)| **truth == 0.0) {
            in_order += if a > b { 1.0 } else { 0.0 };
            n_pairs += 1.0;
        }
    }
    let output = Output { raw: Tensor::new(scores, [300, 1]), activation: Activation::Linear };
    let target = Target::from(Tensor::new(truths, [300, 1]));
    let exact: f64 = in_order / n_pairs;
    assert_relative_eq!(Auc::roc().thresholds(1_000_000).value(&output, &target), exact, max_relative = 1e-9);
    assert_relative_eq!(Auc::roc().value(&output, &target), exact, max_relative = 1e-2);
}

#[test]
fn areas_of_perfect_wrong_and_one_sided_rows() {
    let scores = |scores: &[f64]| Output {
        raw: Tensor::new(scores.to_vec(), [scores.len(), 1]),
        activation: Activation::Linear,
    };
    let truths = |truths: &[f64]| Target::from(Tensor::new(truths.to_vec(), [truths.len(), 1]));
    for (p, y, roc, pr) in [
        ([0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0], 1.0, 1.0),
        ([1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], 0.0, 0.5 * (1.0 - 2.0_f64.ln()) * 2.0),
        ([0.3, 0.3, 0.3, 0.3], [0.0, 1.0, 0.0, 1.0], 0.5, 0.5),
        ([0.3, 0.6, 0.3, 0.6], [0.0; 4], 0.0, 0.0),
        ([0.3, 0.6, 0.3, 0.6], [1.0; 4], 0.0, 1.0),
    ] {
        let (output, target) = (scores(&p), truths(&y));
        assert_relative_eq!(Auc::roc().value(&output, &target), roc, epsilon = 1e-12);
        assert_relative_eq!(Auc::precision_recall().value(&output, &target), pr, epsilon = 1e-12);
    }
}

#[test]
fn an_explained_share_loses_no_digits_far_from_zero() {
    let at = |offset: f64| {
        let output = Output {
            raw: Tensor::new([1.0, 2.0, 4.0].map(|x: f64| x + offset).to_vec(), [3, 1]),
            activation: Activation::Linear,
        };
        let target = Tensor::new([1.0, 2.0, 3.0].map(|x: f64| x + offset).to_vec(), [3, 1]);
        R2Score.value(&output, &target.into())
    };
    assert_eq!(at(0.0), 0.5);
    // The squares of the targets end before their differences begin.
    assert_relative_eq!(at(1e9), 0.5, max_relative = 1e-12);
}

#[test]
fn targets_that_are_all_the_same_are_met_or_not() {
    let value = |x: f64| {
        let output = Output { raw: Tensor::new(vec![2.0, x], [2, 1]), activation: Activation::Linear };
        R2Score.value(&output, &Target::from(Tensor::full([2, 1], 2.0)))
    };
    assert_eq!((value(2.0), value(3.0)), (1.0, 0.0));
}

/// Three classes by hand: right 0 0 1 1 2 2, said 0 1 1 1 2 0.
#[test]
fn scores_of_classes_are_averaged() {
    let scores = [
        [0.8, 0.1, 0.1],
        [0.2, 0.7, 0.1],
        [0.1, 0.6, 0.3],
        [0.0, 1.0, 0.0],
        [0.1, 0.1, 0.8],
        [0.6, 0.3, 0.1],
    ];
    let output = Output { raw: Tensor::from(scores), activation: Activation::Linear };
    let labels = Target::from(Indices::from([0, 0, 1, 1, 2, 2]));
    let classes = [2.0 / 4.0, 4.0 / 5.0, 2.0 / 3.0];
    let mean = classes.iter().sum::<f64>() / 3.0;
    let value = |metric: &dyn Metric| metric.value(&output, &labels);
    assert_relative_eq!(value(&F1Score::new()), mean, max_relative = 1e-15);
    // Every class has as many rows.
    assert_relative_eq!(value(&F1Score::new().average(Average::Weighted)), mean, max_relative = 1e-15);
    assert_relative_eq!(value(&F1Score::new().average(Average::Micro)), 4.0 / 6.0, max_relative = 1e-15);
    assert_eq!(value(&Precision::new().class(1)), 2.0 / 3.0);
    assert_eq!(value(&Recall::new().class(0)), 0.5);
    assert_eq!(value(&Precision::new()), 4.0 / 6.0);
    assert_eq!(value(&FalsePositives::new().class(0).threshold(0.65)), 0.0);
}

#[test]
fn thresholds_are_those_of_the_output_and_not_of_its_logits() {
    let logits = Tensor::from([[-1.0], [0.5], [3.0]]);
    let truths = Target::from(Tensor::from([[0.0], [1.0], [1.0]]));
    let says = |threshold: f64, activation: Activation| {
        TruePositives::new().threshold(threshold).value(&Output { raw: logits.clone(), activation }, &truths)
    };
    // σ(0.5) = 0.62 and σ(3) = 0.95
    for (threshold, expected) in [(0.5, 2.0), (0.6, 2.0), (0.7, 1.0), (0.99, 0.0)] {
        assert_eq!(says(threshold, Activation::Sigmoid), expected);
    }
    assert_eq!(says(0.7, Activation::Linear), 1.0);
    let output = Output { raw: Tensor::from([[9.0, 8.0]]), activation: Activation::Softmax };
    let count = TruePositives::new().value(&output, &Target::from(Tensor::from([[1.0, 1.0]])));
    assert_eq!(count, 1.0, "0.73 and 0.27");
}

#[test]
fn a_closure_is_a_mean_over_rows_or_batches() {
    let output =
        Output { raw: Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 9.0]]), activation: Activation::Linear };
    let rows = (output, Target::from(Tensor::zeros([3])));
    let by_rows = Custom::rows("largest", |output, _| output.value().max_axes(-1));
    let by_batches = Custom::batches("largest", |output, _| output.value().max().item());
    assert_eq!([1, 2, 3].map(|size| in_batches(&by_rows, &rows, size)), [5.0; 3]);
    // 2 rows of 4 and one of 9; 3 rows of 9.
    assert_eq!([2, 3].map(|size| in_batches(&by_batches, &rows, size)), [17.0 / 3.0, 9.0]);
    let weights = Tensor::from([0.0, 1.0, 3.0]);
    let mut seen = Vec::new();
    by_rows.add(&mut seen, &Judged { output: &rows.0, target: &rows.1, weights: Some(&weights) });
    assert_eq!(by_rows.result(&seen), 31.0 / 4.0);
}

#[test]
fn a_row_of_weight_0_does_not_count_even_if_it_is_nan() {
    let output = Output { raw: Tensor::from([[1.0], [f32::NAN]]), activation: Activation::Linear };
    let (target, weights) = (Target::from(Tensor::zeros([2, 1])), Tensor::from([1.0, 0.0]));
    let metrics: [&dyn Metric; 3] =
        [&MeanAbsoluteError, &MeanOf(MeanSquaredError::new()), &RootMeanSquaredError];
    for metric in metrics {
        let mut seen = Vec::new();
        metric.add(&mut seen, &Judged { output: &output, target: &target, weights: Some(&weights) });
        assert_eq!(metric.result(&seen), 1.0, "{}", metric.name());
    }
}

#[test]
fn every_metric_says_what_is_better() {
    let larger: [&dyn Metric; 6] =
        [&Accuracy, &BinaryAccuracy::new(), &Auc::roc(), &R2Score, &F1Score::new(), &CosineSimilarity];
    let smaller: [&dyn Metric; 4] = [
        &MeanAbsoluteError,
        &RootMeanSquaredError,
        &MeanOf(CategoricalCrossentropy::new()),
        &FalseNegatives::new(),
    ];
    assert!(larger.iter().all(|metric| metric.is_larger_better() == Some(true)));
    assert!(smaller.iter().all(|metric| metric.is_larger_better() == Some(false)));
    let custom = || Custom::batches("custom", |_, _| 0.0);
    assert_eq!(custom().is_larger_better(), None);
    assert_eq!(custom().larger_is_better().is_larger_better(), Some(true));
    assert_eq!(custom().smaller_is_better().is_larger_better(), Some(false));
}
