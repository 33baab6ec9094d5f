//! Metrics against their definitions, and the rule by which accuracy reads shapes.

use wengert_nn::{Activation, Output, Sequential};
use wengert_optim::Sgd;
use wengert_tensor::{DType, Indices, Shape, Target, Tensor};
use wengert_train::{
    Accuracy, Auc, BinaryAccuracy, CategoricalAccuracy, Compile, Custom, MeanAbsoluteError, Metric,
    Precision, SparseCategoricalAccuracy, TopKCategoricalAccuracy,
};

fn linear(raw: impl Into<Tensor>) -> Output {
    Output { raw: raw.into(), activation: Activation::Linear }
}

#[test]
fn accuracy_counts_the_largest_score() {
    let output = linear([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.4, 0.4, 0.2]]);
    let rows = Tensor::from([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.1, 0.2, 0.7], [1.0, 0.0, 0.0]]);
    assert_eq!(Accuracy.value(&output, &Target::from(rows)), 0.75);
    for labels in [Indices::from([1, 2, 2, 0]), Indices::new(vec![1, 2, 2, 0], [4, 1])] {
        assert_eq!(Accuracy.value(&output, &Target::from(labels)), 0.75);
    }
    let numbers = Tensor::from([1.0, 2.0, 2.0, 0.0]);
    assert_eq!(Accuracy.value(&output, &Target::from(&numbers)), 0.75);
    assert_eq!(Accuracy.value(&output, &Target::from(numbers.reshape([4, 1]))), 0.75);
}

#[test]
fn accuracy_of_one_score_has_a_threshold() {
    let probabilities = Tensor::from([[0.2], [0.5], [0.51], [0.9]]);
    let truths = Target::from(Tensor::from([[0.0], [0.0], [1.0], [0.0]]));
    assert_eq!(Accuracy.value(&linear(probabilities.clone()), &truths), 0.75);
    let logits =
        Output { raw: Tensor::from([[-1.0], [0.0], [1e-12], [4.0]]), activation: Activation::Sigmoid };
    assert_eq!(Accuracy.value(&logits, &truths), 0.75);
    let logits = Output { activation: Activation::LogSigmoid, ..logits };
    assert_eq!(Accuracy.value(&logits, &truths), 0.75);
    assert_eq!(Accuracy.value(&linear(probabilities), &Target::from(Indices::from([0, 1, 1, 1]))), 0.75);
    let certain = Output { raw: Tensor::from([[-5.0]]), activation: Activation::Softmax };
    assert_eq!(Accuracy.value(&certain, &Target::from(Tensor::from([[1.0]]))), 1.0);
}

#[test]
fn accuracy_is_that_of_the_output_not_of_what_goes_into_it() {
    // Both are 0 after the relu, so that the first counts as the largest.
    let raw = Tensor::from([[-2.0, -1.0]]);
    let truth = Target::from(Indices::from([0]));
    assert_eq!(Accuracy.value(&Output { raw: raw.clone(), activation: Activation::Relu }, &truth), 1.0);
    assert_eq!(Accuracy.value(&linear(raw), &truth), 0.0);
    // In f32 both probabilities are 1 to all digits, and the logits still differ.
    let saturated = Output { raw: Tensor::from([[-90.0, 90.0, 90.00001]]), activation: Activation::Softmax };
    assert_eq!(Accuracy.value(&saturated, &Target::from(Indices::from([2]))), 1.0);
}

#[test]
fn accuracy_averages_over_all_leading_axes() {
    let scores = Tensor::from([[[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]]]);
    let labels = Target::from(Indices::new(vec![1, 0, 0, 0], [2, 2]));
    assert_eq!(Accuracy.value(&linear(scores), &labels), 0.75);
}

#[test]
fn the_mean_absolute_error_is_over_all_numbers() {
    let output = Output {
        raw: Tensor::from([[-1.0, 2.0], [3.0, 4.0]]).cast(DType::F64),
        activation: Activation::Relu,
    };
    let values = Target::from(Tensor::from([[1.0, 2.0], [0.0, 6.0]]));
    assert_eq!(MeanAbsoluteError.value(&output, &values), 1.5);
    let labels = Target::from(Indices::from([1, 2, 0, 6]));
    assert_eq!(MeanAbsoluteError.value(&output, &labels), 1.5);
}

#[test]
fn targets_that_do_not_fit_are_refused() {
    let output = Shape::from([4, 3]);
    let (values, labels) = (
        |shape: &[usize]| Target::from(Tensor::zeros(shape)),
        |n: usize| Target::from(Indices::from(vec![0; n])),
    );
    let accuracy = |target: Target| Accuracy.check(&output, &target);
    let refused =
        |shape: &str| Err(format!("the target {shape} does not tell the classes of an output [4, 3]"));
    assert_eq!(accuracy(values(&[4, 3])), Ok(()));
    assert_eq!(accuracy(labels(4)), Ok(()));
    assert_eq!(accuracy(values(&[4, 2])), refused("[4, 2]"));
    assert_eq!(accuracy(values(&[3])), refused("[3]"));
    assert_eq!(accuracy(labels(12)), refused("[12]"));
    let error = |target: Target| MeanAbsoluteError.check(&output, &target);
    assert_eq!(error(labels(12)), Ok(()));
    assert_eq!(
        error(values(&[12])),
        Err("the target [12] does not have the output's shape [4, 3]".to_string())
    );
}

#[test]
#[should_panic(expected = "accuracy: the target [1] does not tell the classes of an output [2, 2]")]
fn accuracy_of_other_shapes_panics() {
    Accuracy.value(&linear([[0.0, 1.0], [1.0, 0.0]]), &Target::from(Indices::from([1])));
}

#[test]
#[should_panic(expected = "mean_absolute_error: the target [1] does not have the output's shape [2, 2]")]
fn an_error_of_other_shapes_panics() {
    MeanAbsoluteError.value(&linear([[0.0, 1.0], [1.0, 0.0]]), &Target::from(Tensor::from([1.0])));
}

#[test]
#[should_panic(expected = "metric: there is a `accuracy` already")]
fn two_metrics_of_one_name_panic() {
    let model = Sequential::new([1]).compile(Sgd::default(), wengert_nn::MeanSquaredError::new());
    let _ = model.metric(Accuracy).metric(Accuracy);
}

#[test]
fn every_metric_says_what_it_expects() {
    let (wide, narrow) = (Shape::from([4, 3]), Shape::from([4, 1]));
    let (values, labels) = (Target::from(Tensor::zeros([4, 3])), Target::from(Indices::from([0, 1, 2, 0])));
    let check = |metric: &dyn Metric, output: &Shape, target: &Target, message: &str| {
        assert_eq!(metric.check(output, target), Err(message.to_string()), "{}", metric.name());
    };
    let message = "the target [4] does not mark the classes of an output [4, 3]";
    check(&CategoricalAccuracy, &wide, &labels, message);
    let message = "the target [4, 3] holds no labels for an output [4, 3]";
    check(&SparseCategoricalAccuracy, &wide, &values, message);
    let message = "the target [4] does not have the output's shape [4, 3]";
    check(&BinaryAccuracy::new(), &wide, &labels, message);
    let message = "the output [4, 1] has one number per row, expected several";
    check(&TopKCategoricalAccuracy::new(2), &narrow, &labels, message);
    let message = "class 3 is not one of the 3 of an output [4, 3]";
    check(&Precision::new().class(3), &wide, &labels, message);
    let message = "the target [4, 3] does not tell the classes of an output [4, 1]";
    check(&Auc::roc(), &narrow, &values, message);
    assert_eq!(Precision::new().class(2).check(&wide, &labels), Ok(()));
}

#[test]
#[should_panic(expected = "top_k_categorical_accuracy: k is 0, expected at least 1")]
fn the_largest_0_panic() {
    let _ = TopKCategoricalAccuracy::new(0);
}

#[test]
#[should_panic(expected = "auc: 1 thresholds, expected at least 2")]
fn a_single_threshold_panics() {
    let _ = Auc::roc().thresholds(1);
}

#[test]
#[should_panic(expected = "odd: the closure gives 3 numbers for 2 rows, expected as many for each")]
fn a_closure_that_leaves_rows_out_panics() {
    let odd = Custom::rows("odd", |_, _| Tensor::zeros([3]));
    odd.value(&linear([[0.0], [1.0]]), &Target::from(Tensor::zeros([2])));
}

#[test]
#[should_panic(expected = "weighted_metric: `mean` takes no weights; see `Custom::rows`")]
fn weights_of_a_metric_that_knows_no_rows_panic() {
    let model = Sequential::new([1]).compile(Sgd::default(), wengert_nn::MeanSquaredError::new());
    let _ = model.weighted_metric(Custom::batches("mean", |_, _| 0.0));
}
