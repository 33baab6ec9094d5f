//! Losses: one table of them all (`table.rs`), what is checked of each, and the values of Keras and PyTorch.

extern crate wengert_tensor as wengert;

#[path = "../../../tensor/tests/golden/distance.rs"]
mod distance;
mod extremes;
mod keras;
mod refused;
mod table;
mod torch;

use approx::{assert_relative_eq, relative_eq};
use wengert_nn::*;
use wengert_tensor::{DType, Indices, Target, Tensor, gradcheck, gradgradcheck};

use table::{Case, cases};

const REDUCTIONS: [Reduction; 3] = [Reduction::Mean, Reduction::WeightedMean, Reduction::Sum];

/// A weight for each of five rows.
fn weights() -> Tensor {
    Tensor::new(vec![1.0, 0.5, 0.0, 2.0, 1.0], [5])
}

#[test]
fn derivatives_of_both_orders_are_right() {
    for case in cases() {
        let Case { label, raw, target, .. } = &case;
        let loss = case.loss(Reduction::Mean);
        let each = |x: &Tensor| loss.each(&case.output(x), target);
        gradcheck(raw, each).unwrap_or_else(|error| panic!("{label}: {error}"));
        gradgradcheck(raw, each).unwrap_or_else(|error| panic!("{label}, second order: {error}"));
        for reduction in REDUCTIONS {
            let loss = case.loss(reduction);
            let what = |error| panic!("{label}, {reduction:?}: {error}");
            gradcheck(raw, |x| loss.value(&case.output(x), target)).unwrap_or_else(what);
            gradcheck(raw, |x| loss.weighted_value(&case.output(x), target, &weights())).unwrap_or_else(what);
        }
    }
}

#[test]
fn reductions_are_what_they_say() {
    for case in cases() {
        let (output, target) = (case.output(&case.raw), &case.target);
        let each = case.loss(Reduction::Mean).each(&output, target).to_vec::<f64>();
        let weights = weights();
        let weight = weights.to_vec::<f64>();
        assert_eq!(each.len(), 5, "{}", case.label);
        let sum: f64 = each.iter().sum();
        let weighted: f64 = each.iter().zip(&weight).map(|(l, w)| l * w).sum();
        let expected = [
            (sum / 5.0, weighted / 5.0),
            (sum / 5.0, weighted / weight.iter().sum::<f64>()),
            (sum, weighted),
        ];
        for (reduction, (plain, weighted)) in REDUCTIONS.into_iter().zip(expected) {
            // Class weights count in a weighted mean: `counts` has a test of its own.
            let loss = case.loss(reduction);
            if reduction == Reduction::WeightedMean && loss.counts(target).is_some() {
                continue;
            }
            assert_eq!(*loss.value(&output, target).shape(), []);
            let given =
                (loss.value(&output, target).item(), loss.weighted_value(&output, target, &weights).item());
            let is_near = |a: f64, b: f64| relative_eq!(a, b, max_relative = 1e-13);
            assert!(is_near(given.0, plain) && is_near(given.1, weighted), "{}, {reduction:?}", case.label);
        }
    }
}

#[test]
fn single_precision_is_near_double() {
    for case in cases() {
        let double = case.loss(Reduction::Mean).value(&case.output(&case.raw), &case.target);
        let target = match &case.target {
            Target::Values(values) => values.cast(DType::F32).into(),
            labels => labels.clone(),
        };
        let output = case.output(&case.raw.cast(DType::F32));
        let single = case.loss(Reduction::Mean).weighted_value(&output, &target, &Tensor::ones([5]));
        assert_eq!(single.dtype(), DType::F32, "{}", case.label);
        let is_near = relative_eq!(single.item(), double.item(), max_relative = 2e-5, epsilon = 1e-6);
        assert!(is_near, "{}: {} and {}", case.label, single.item(), double.item());
    }
}

#[test]
fn losses_on_logits_and_on_their_probabilities_agree() {
    let logits = Tensor::new(vec![1.0, -0.5, 0.25, 2.0, 0.0, -1.0], [2, 3]);
    let labels = Indices::from([2, 0]);
    let one_hot = Target::from(Tensor::one_hot(&labels, 3));
    let labels = Target::from(labels);
    let agree = |losses: [&dyn Loss; 2], end: Activation, target: &Target| {
        let output = |raw: Tensor, activation| Output { raw, activation };
        let values = [
            losses[0].value(&output(logits.clone(), end), target),
            losses[0].value(&output(end.apply(&logits), Activation::Linear), target),
            losses[1].value(&output(logits.clone(), Activation::Linear), target),
        ];
        let value = values[0].item();
        values.iter().for_each(|other| assert_relative_eq!(other.item(), value, max_relative = 1e-12));
        value
    };
    let (softmax, sigmoid) = (Activation::Softmax, Activation::Sigmoid);
    // -Σ ln softmax at the true classes, by hand.
    let term = |row: [f64; 3], class: usize| row.iter().map(|x| x.exp()).sum::<f64>().ln() - row[class];
    let expected = (term([1.0, -0.5, 0.25], 2) + term([2.0, 0.0, -1.0], 0)) / 2.0;
    let categorical = CategoricalCrossentropy::new;
    let value = agree([&categorical(), &categorical().from_logits()], softmax, &one_hot);
    assert_relative_eq!(value, expected, max_relative = 1e-12);
    let sparse = SparseCategoricalCrossentropy::new;
    let value = agree([&sparse(), &sparse().from_logits()], softmax, &labels);
    assert_relative_eq!(value, expected, max_relative = 1e-12);
    let value = agree([&KlDivergence::new(), &KlDivergence::new().from_logits()], softmax, &one_hot);
    assert_relative_eq!(value, expected, max_relative = 1e-12);
    let focal = CategoricalFocalCrossentropy::new;
    agree([&focal(), &focal().from_logits()], softmax, &one_hot);
    let binary = BinaryCrossentropy::new;
    agree([&binary(), &binary().from_logits()], sigmoid, &one_hot);
    agree([&binary().positive_weight(3.0), &binary().positive_weight(3.0).from_logits()], sigmoid, &one_hot);
    agree([&binary().label_smoothing(0.3), &binary().label_smoothing(0.3).from_logits()], sigmoid, &one_hot);
    let focal = || BinaryFocalCrossentropy::new().alpha(0.3);
    agree([&focal(), &focal().from_logits()], sigmoid, &one_hot);
    agree([&Poisson::new(), &Poisson::new().from_log_rates()], Activation::Exponential, &one_hot);
}

#[test]
fn a_focal_loss_of_exponent_0_is_the_cross_entropy() {
    let output = Output { raw: Tensor::new(vec![1.0, -0.5, 0.25], [1, 3]), activation: Activation::Sigmoid };
    let target = Target::from(Tensor::from([[1.0, 0.0, 0.3]]));
    let [focal, plain]: [Tensor; 2] = [
        BinaryFocalCrossentropy::new().gamma(0.0).value(&output, &target),
        BinaryCrossentropy::new().value(&output, &target),
    ];
    assert_relative_eq!(focal.item(), plain.item(), max_relative = 1e-14);
    let output = Output { activation: Activation::Softmax, ..output };
    let focal = CategoricalFocalCrossentropy::new().gamma(0.0).alpha(1.0).value(&output, &target);
    let plain = CategoricalCrossentropy::new().value(&output, &target);
    assert_relative_eq!(focal.item(), plain.item(), max_relative = 1e-14);
}

/// `maximum(x, 1e-7)` is what Keras takes the logarithm of, for output and target.
#[test]
fn the_logarithms_of_keras_begin_above_0() {
    let output = Output { raw: Tensor::new(vec![-3.0, 0.0, 1.0], [3, 1]), activation: Activation::Linear };
    let target = Target::from(Tensor::new(vec![0.0, 3.0, 0.0], [3, 1]));
    let each = |loss: MeanSquaredLogarithmicError| loss.each(&output, &target).to_vec::<f64>();
    let (least, squared) = ((1.0_f64 + 1e-7).ln(), |x: f64| x * x);
    let (exact, keras) =
        (MeanSquaredLogarithmicError::new(), MeanSquaredLogarithmicError::new().keras_exact());
    let expected = [0.0, squared(least - 4.0_f64.ln()), squared(2.0_f64.ln() - least)];
    each(keras).iter().zip(expected).for_each(|(a, b)| assert_relative_eq!(*a, b, max_relative = 1e-12));
    let expected = [0.0, squared(4.0_f64.ln()), squared(2.0_f64.ln())];
    each(exact).iter().zip(expected).for_each(|(a, b)| assert_relative_eq!(*a, b, max_relative = 1e-12));
}

#[test]
fn a_row_of_weight_0_has_neither_value_nor_derivative() {
    let output = |x: &Tensor| Output { raw: x.clone(), activation: Activation::Linear };
    let raw = Tensor::from([[1.0], [f32::INFINITY], [f32::NAN]]);
    let (target, weights) = (Target::from(Tensor::zeros([3, 1])), Tensor::from([3.0, 0.0, 0.0]));
    let loss = MeanSquaredError::new();
    assert_eq!(loss.weighted_value(&output(&raw), &target, &weights).item(), 1.0);
    let dx = wengert_tensor::grad(|x| loss.weighted_value(&output(x), &target, &weights), &raw);
    assert_eq!(dx.to_vec::<f32>(), [2.0, 0.0, 0.0]);
    let none = MeanSquaredError::new().reduce(Reduction::WeightedMean);
    assert_eq!(none.weighted_value(&output(&raw), &target, &Tensor::zeros([3])).item(), 0.0);
}

#[test]
fn weights_are_of_rows_or_of_entries() {
    let output =
        Output { raw: Tensor::from([[[1.0], [2.0]], [[3.0], [4.0]]]), activation: Activation::Linear };
    let target = Target::from(Tensor::zeros([2, 2, 1]));
    let loss = MeanSquaredError::new().reduce(Reduction::WeightedMean);
    let of_rows = loss.weighted_value(&output, &target, &Tensor::from([1.0, 3.0]));
    assert_eq!(of_rows.item(), (1.0 + 4.0 + 3.0 * (9.0 + 16.0)) / 8.0);
    let of_entries = loss.weighted_value(&output, &target, &Tensor::from([[1.0, 0.0], [0.0, 1.0]]));
    assert_eq!(of_entries.item(), (1.0 + 16.0) / 2.0);
}

#[test]
fn class_weights_count_in_a_weighted_mean() {
    let raw = Tensor::new(vec![0.5, 0.25, 0.25, 0.5], [2, 2]);
    let output = Output { raw, activation: Activation::Linear };
    let target = Target::from(Tensor::new(vec![1.0, 0.0, 0.0, 1.0], [2, 2]));
    let loss = CategoricalCrossentropy::new().class_weights(&[3.0, 1.0]);
    let (first, second) = (-(2.0_f64 / 3.0).ln(), -(2.0_f64 / 3.0).ln());
    let check = |reduction: Reduction, plain: f64, weighted: f64| {
        let loss = loss.clone().reduce(reduction);
        assert_relative_eq!(loss.value(&output, &target).item(), plain, max_relative = 1e-14);
        let weights = Tensor::from([1.0, 5.0]);
        let given = loss.weighted_value(&output, &target, &weights).item();
        assert_relative_eq!(given, weighted, max_relative = 1e-14);
    };
    check(Reduction::Mean, (3.0 * first + second) / 2.0, (3.0 * first + 5.0 * second) / 2.0);
    check(Reduction::WeightedMean, (3.0 * first + second) / 4.0, (3.0 * first + 5.0 * second) / 8.0);
    check(Reduction::Sum, 3.0 * first + second, 3.0 * first + 5.0 * second);
}
