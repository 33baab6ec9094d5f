//! Logits of ±500, infinite ones, and probabilities of exactly 0 and 1: finite and right, where the mathematics is.

use wengert_nn::*;
use wengert_tensor::{DType, Indices, Target, Tensor, grad};

/// The loss of one row and its gradient, in both dtypes, to the last digits.
#[track_caller]
fn check(
    loss: &dyn Loss,
    activation: Activation,
    raw: &[f64],
    target: &Target,
    value: f64,
    gradient: &[f64],
) {
    for dtype in [DType::F64, DType::F32] {
        let raw = Tensor::new(raw.to_vec(), [1, raw.len()]).cast(dtype);
        let output = |x: &Tensor| Output { raw: x.clone(), activation };
        let given = loss.value(&output(&raw), target).item();
        let dx = grad(|x| loss.value(&output(x), target), &raw).to_vec::<f64>();
        let precision = if dtype == DType::F64 { 1e-14 } else { 1e-6 };
        let is_near = |a: f64, b: f64| (a - b).abs() <= precision * b.abs().max(1.0);
        assert!(is_near(given, value), "{loss:?}, {dtype}: {given}, expected {value}");
        let are_near = dx.iter().zip(gradient).all(|(&a, &b)| is_near(a, b));
        assert!(are_near && dx.len() == gradient.len(), "{loss:?}, {dtype}: {dx:?}, expected {gradient:?}");
    }
}

fn row<const N: usize>(t: [f32; N]) -> Target {
    Tensor::from([t]).into()
}

/// `e⁻ˢ` is infinite in `f32` there.
#[test]
fn a_mean_that_is_sure_and_right_has_a_finite_loss() {
    check(&GaussianNll::new(), Activation::Linear, &[3.0, -100.0], &row([3.0]), -50.0, &[0.0, 0.5]);
}

#[test]
fn logits_of_any_size_have_right_losses() {
    let binary = BinaryCrossentropy::new();
    check(&binary, Activation::Sigmoid, &[500.0], &row([1.0]), 0.0, &[0.0]);
    check(&binary, Activation::Sigmoid, &[500.0], &row([0.0]), 500.0, &[1.0]);
    check(&binary, Activation::Sigmoid, &[-500.0], &row([1.0]), 500.0, &[-1.0]);
    check(&binary, Activation::LogSigmoid, &[-500.0], &row([0.5]), 250.0, &[-0.5]);
    check(&binary, Activation::Sigmoid, &[f64::INFINITY], &row([1.0]), 0.0, &[0.0]);
    check(&binary.positive_weight(3.0), Activation::Sigmoid, &[-500.0], &row([1.0]), 1500.0, &[-3.0]);
    let focal = BinaryFocalCrossentropy::new();
    check(&focal, Activation::Sigmoid, &[500.0], &row([1.0]), 0.0, &[0.0]);
    check(&focal, Activation::Sigmoid, &[-500.0], &row([1.0]), 500.0, &[-1.0]);
    let categorical = CategoricalCrossentropy::new();
    check(&categorical, Activation::Softmax, &[500.0, -500.0], &row([0.0, 1.0]), 1000.0, &[1.0, -1.0]);
    check(&categorical, Activation::LogSoftmax, &[500.0, -500.0], &row([1.0, 0.0]), 0.0, &[0.0, 0.0]);
    let masked = [f64::NEG_INFINITY, 3.0];
    check(&categorical, Activation::Softmax, &masked, &row([0.0, 1.0]), 0.0, &[0.0, 0.0]);
    let sparse = SparseCategoricalCrossentropy::new();
    let label = Target::from(Indices::from([1]));
    check(&sparse, Activation::Softmax, &[500.0, -500.0], &label, 1000.0, &[1.0, -1.0]);
    let focal = CategoricalFocalCrossentropy::new();
    check(&focal, Activation::Softmax, &[500.0, -500.0], &row([0.0, 1.0]), 250.0, &[0.25, -0.25]);
    check(&focal, Activation::Softmax, &[500.0, -500.0], &row([1.0, 0.0]), 0.0, &[0.0, 0.0]);
    check(&focal, Activation::Softmax, &masked, &row([0.0, 1.0]), 0.0, &[0.0, 0.0]);
    let divergence = KlDivergence::new();
    check(&divergence, Activation::Softmax, &[500.0, -500.0], &row([0.0, 1.0]), 1000.0, &[1.0, -1.0]);
    check(&divergence, Activation::Softmax, &masked, &row([0.0, 1.0]), 0.0, &[0.0, 0.0]);
    check(&Poisson::new(), Activation::Exponential, &[-500.0], &row([2.0]), 1000.0, &[-2.0]);
}

#[test]
fn probabilities_of_0_and_1_have_right_losses() {
    let binary = BinaryCrossentropy::new();
    check(&binary, Activation::Linear, &[1.0], &row([1.0]), 0.0, &[-1.0]);
    check(&binary, Activation::Linear, &[0.0], &row([0.0]), 0.0, &[1.0]);
    check(&binary, Activation::Linear, &[1e-30], &row([1.0]), -(1e-30_f64.ln()), &[-1e30]);
    let categorical = CategoricalCrossentropy::new();
    // Divided by their sum, so that the gradient is 1 - 1 / p at the true class.
    check(&categorical, Activation::Linear, &[0.0, 1.0], &row([0.0, 1.0]), 0.0, &[1.0, 0.0]);
    let sparse = SparseCategoricalCrossentropy::new();
    check(&sparse, Activation::Linear, &[0.0, 1.0], &Indices::from([1]).into(), 0.0, &[1.0, 0.0]);
    check(&BinaryFocalCrossentropy::new(), Activation::Linear, &[1.0], &row([1.0]), 0.0, &[0.0]);
    check(
        &CategoricalFocalCrossentropy::new(),
        Activation::Linear,
        &[0.0, 1.0],
        &row([0.0, 1.0]),
        0.0,
        &[0.0, 0.0],
    );
    check(&KlDivergence::new(), Activation::Linear, &[0.0, 1.0], &row([0.0, 1.0]), 0.0, &[0.0, -1.0]);
    check(&Poisson::new(), Activation::Linear, &[0.0], &row([0.0]), 0.0, &[1.0]);
}

/// Where the loss is infinite, it is that of the smallest number, and has no gradient that could make NaN of a model.
#[test]
fn an_impossible_truth_has_a_finite_loss() {
    let smallest = -f64::MIN_POSITIVE.ln();
    let losses: [(&dyn Loss, f64); 3] = [
        (&BinaryCrossentropy::new(), 0.5),
        (&CategoricalCrossentropy::new(), 1.0),
        (&KlDivergence::new(), 1.0),
    ];
    for (loss, share) in losses {
        let output = |x: &Tensor| Output { raw: x.clone(), activation: Activation::Linear };
        let (raw, target) =
            (Tensor::new(vec![0.0, 1.0], [1, 2]), Target::from(Tensor::new(vec![1.0, 1.0], [1, 2])));
        let value = loss.value(&output(&raw), &target).item();
        assert!((value - share * smallest).abs() < 1e-12 * smallest, "{loss:?}: {value}");
        let dx = grad(|x| loss.value(&output(x), &target), &raw);
        assert!(dx.to_vec::<f64>().iter().all(|dx| dx.is_finite()), "{loss:?}: {dx:?}");
    }
}

#[test]
fn large_and_small_differences_keep_their_digits() {
    check(&LogCosh::new(), Activation::Linear, &[500.0], &row([0.0]), 500.0 - 2.0_f64.ln(), &[1.0]);
    check(&Huber::new(), Activation::Linear, &[-1e20], &row([0.0]), 1e20, &[-1.0]);
    let small = |x: f64| {
        LogCosh::new()
            .value(&Output { raw: Tensor::new(vec![x], [1, 1]), activation: Activation::Linear }, &row([0.0]))
            .item()
    };
    assert!((small(1e-9) - 5e-19).abs() < 1e-32);
    check(&CosineSimilarity::new(), Activation::Linear, &[0.0, 0.0], &row([1.0, 0.0]), 0.0, &[0.0, 0.0]);
    check(&MeanAbsoluteError::new(), Activation::Linear, &[2.0, 3.0], &row([2.0, 4.0]), 0.5, &[0.0, -0.5]);
    check(&MeanSquaredLogarithmicError::new(), Activation::Linear, &[-3.0], &row([0.0]), 0.0, &[0.0]);
}

#[test]
fn what_goes_into_a_last_activation_that_makes_no_probabilities_is_not_taken_for_logits() {
    let raw = Tensor::new(vec![3.0, -3.0], [1, 2]);
    let target = Target::from(Tensor::new(vec![1.0, 0.0], [1, 2]));
    let loss = CategoricalCrossentropy::new().from_logits();
    let given = loss.value(&Output { raw: raw.clone(), activation: Activation::Tanh }, &target).item();
    assert!((given - (1.0 + (-2.0 * 3.0_f64.tanh()).exp()).ln()).abs() < 1e-14);
}

#[test]
fn keras_exact_clips_where_keras_does() {
    let output = Output { raw: Tensor::new(vec![500.0], [1, 1]), activation: Activation::Sigmoid };
    let target = Target::from(Tensor::new(vec![0.0], [1, 1]));
    let loss = BinaryCrossentropy::new().keras_exact();
    assert!((loss.value(&output, &target).item() + 1e-7_f64.ln()).abs() < 1e-8);
    let dx = grad(|x| loss.value(&Output { raw: x.clone(), ..output.clone() }, &target), &output.raw);
    assert_eq!(dx.item(), 0.0);
}
