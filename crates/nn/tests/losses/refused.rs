//! Targets and settings that are refused, and in what words.

use std::panic::{AssertUnwindSafe, catch_unwind};

use wengert_nn::*;
use wengert_tensor::{Indices, Shape, Target, Tensor};

use crate::table::cases;

#[track_caller]
fn message(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("it was not refused");
    *payload.downcast::<String>().expect("a message")
}

/// What a loss says to a target of shape `[2]`.
fn expected(name: &str) -> &'static str {
    match name {
        "sparse_categorical_crossentropy" => {
            "the target holds values, not labels; use CategoricalCrossentropy for probabilities, or `to_labels` for \
             class numbers"
        }
        "gaussian_nll" => "the output [5, 8] does not hold a mean and a variance for each of the target [2]",
        "margin_ranking" => "the output [5, 2] does not hold two scores for each of the target [2]",
        _ => "the target [2] does not have the output's shape [5, 4]",
    }
}

#[test]
fn every_loss_refuses_a_target_of_another_shape() {
    for case in cases() {
        let (loss, wrong) = (case.loss(Reduction::Mean), Target::from(Tensor::zeros([2])));
        let expected = expected(loss.name());
        assert_eq!(loss.check(case.raw.shape(), &wrong).unwrap_err(), expected, "{}", case.label);
        let output = case.output(&case.raw);
        let in_words = format!("{}: {expected}", loss.name());
        assert_eq!(message(|| drop(loss.each(&output, &wrong))), in_words, "{}", case.label);
        assert_eq!(message(|| drop(loss.value(&output, &wrong))), in_words, "{}", case.label);
        loss.check(case.raw.shape(), &case.target).unwrap();
    }
}

#[test]
fn every_loss_refuses_weights_of_other_rows() {
    for case in cases() {
        let (loss, output) = (case.loss(Reduction::Mean), case.output(&case.raw));
        let given = message(|| drop(loss.weighted_value(&output, &case.target, &Tensor::ones([4]))));
        let expected = "the weights [4] are not those of losses [5], nor of their first axes";
        assert_eq!(given, format!("{}: {expected}", loss.name()), "{}", case.label);
    }
    let given = message(|| drop(Reduction::Mean.weighted(&Tensor::ones([5]), &Tensor::ones([5, 1]), None)));
    assert_eq!(given, "reduction: the weights [5, 1] are not those of losses [5], nor of their first axes");
}

#[track_caller]
fn check(loss: impl Loss, output: &[usize], target: impl Into<Target>, expected: &str) {
    assert_eq!(loss.check(&Shape::from(output), &target.into()).unwrap_err(), expected);
}

#[test]
fn numbers_that_a_loss_cannot_work_with_are_refused() {
    let bad = |x: f32| Tensor::from([[0.0, 1.0], [1.0, x]]);
    let shares = |x: &str| format!("the target holds {x} in row 1, expected numbers from 0 to 1");
    check(BinaryCrossentropy::new(), &[2, 2], bad(2.0), &shares("2"));
    check(BinaryFocalCrossentropy::new(), &[2, 2], bad(-0.5), &shares("-0.5"));
    check(CategoricalCrossentropy::new(), &[2, 2], bad(f32::NAN), &shares("NaN"));
    check(CategoricalFocalCrossentropy::new(), &[2, 2], bad(1.5), &shares("1.5"));
    check(CategoricalHinge::new(), &[2, 2], bad(1.5), &shares("1.5"));
    check(KlDivergence::new(), &[2, 2], bad(1.5), &shares("1.5"));
    check(
        BinaryCrossentropy::new(),
        &[3, 1],
        Indices::from([0, 1, 2]),
        "the target holds 2 in row 2, expected numbers from 0 to 1",
    );
    let negative = "the target holds -1 in row 1, expected no negative numbers";
    check(Poisson::new(), &[2, 2], bad(-1.0), negative);
    check(MeanSquaredLogarithmicError::new(), &[2, 2], bad(-1.0), negative);
    let signs = "the target holds 0.5 in row 1, expected 0 and 1, or -1 and 1";
    check(Hinge::new(), &[2, 2], bad(0.5), signs);
    check(SquaredHinge::new(), &[2, 2], bad(0.5), signs);
    check(MarginRanking::new(), &[2, 2], Tensor::from([1.0, 0.5]), signs);
}

#[test]
fn labels_are_refused_where_they_mean_nothing() {
    let labels = || Indices::from([0, 1]);
    check(
        CategoricalCrossentropy::new(),
        &[2, 3],
        labels(),
        "the target holds labels; use SparseCategoricalCrossentropy, or one-hot values",
    );
    let values = "the target holds labels, expected values";
    check(GaussianNll::new(), &[2, 2], labels(), values);
    check(KlDivergence::new(), &[2, 3], labels(), values);
    check(CategoricalHinge::new(), &[2, 3], labels(), values);
    check(CategoricalFocalCrossentropy::new(), &[2, 3], labels(), values);
    check(Huber::new(), &[2, 3], labels(), "the target [2] is not that of an output [2, 3]");
    let sparse = SparseCategoricalCrossentropy::new;
    check(sparse(), &[2, 1], labels(), "label 1 in row 1 is not one of the 1 classes");
    check(sparse(), &[], Indices::new(vec![0], []), "the output has no axis of classes");
    check(CategoricalCrossentropy::new(), &[], Tensor::from(1.0), "the output has no axis of classes");
    let weights = "2 class weights were given, but the output [2, 3] has other classes";
    check(sparse().class_weights(&[1.0, 2.0]), &[2, 3], labels(), weights);
    check(CategoricalCrossentropy::new().class_weights(&[1.0, 2.0]), &[2, 3], Tensor::zeros([2, 3]), weights);
}

#[test]
fn labels_serve_as_numbers_where_there_is_one_for_each() {
    let output = Output { raw: Tensor::from([[0.5], [3.0]]), activation: Activation::Linear };
    let labels = Target::from(Indices::from([0, 1]));
    assert_eq!(MeanSquaredError::new().value(&output, &labels).item(), (0.25 + 4.0) / 2.0);
    assert_eq!(Hinge::new().value(&output, &labels).item(), 0.75);
}

/// Takes what would have been made.
fn make<T>(_: T) {}

#[test]
fn settings_that_make_no_loss_are_refused() {
    let weights = "class_weights: the weights are [1.0, -1.0], expected finite numbers of at least 0";
    let cases: [(fn(), &str); 9] = [
        (|| make(Huber::new().delta(0.0)), "huber: delta is 0, expected more than 0"),
        (
            || make(BinaryFocalCrossentropy::new().gamma(-1.0)),
            "gamma: the exponent is -1, expected at least 0",
        ),
        (
            || make(CategoricalFocalCrossentropy::new().gamma(f64::NAN)),
            "gamma: the exponent is NaN, expected at least 0",
        ),
        (|| make(BinaryFocalCrossentropy::new().alpha(1.5)), "alpha: the factor is 1.5, expected 0 to 1"),
        (
            || make(CategoricalFocalCrossentropy::new().alpha(-0.5)),
            "alpha: the factor is -0.5, expected at least 0",
        ),
        (
            || make(BinaryCrossentropy::new().label_smoothing(1.5)),
            "label_smoothing: the share is 1.5, expected 0 to 1",
        ),
        (
            || make(BinaryCrossentropy::new().positive_weight(-1.0)),
            "positive_weight: the weight is -1, expected at least 0",
        ),
        (|| make(CategoricalCrossentropy::new().class_weights(&[1.0, -1.0])), weights),
        (|| make(SparseCategoricalCrossentropy::new().class_weights(&[1.0, -1.0])), weights),
    ];
    for (f, expected) in cases {
        assert_eq!(message(f), expected);
    }
}
