//! Random tensors: their distributions, their seeds, and arguments that are refused.

use std::panic::catch_unwind;

use wengert_tensor::{Rng, Tensor, grad};

const N: usize = 40_000;

/// Mean and standard deviation, each to within four standard errors of the mean of `N` numbers of unit spread.
#[track_caller]
fn check(x: &Tensor, mean: f64, std: f64) {
    let within = 4.0 / (N as f64).sqrt();
    let (given_mean, given_std) = (x.mean().item(), x.std(1).item());
    assert!((given_mean - mean).abs() < within * std, "the mean is {given_mean}, not {mean}");
    assert!((given_std - std).abs() < within * std, "the standard deviation is {given_std}, not {std}");
}

#[test]
fn means_and_standard_deviations_are_those_of_the_distributions() {
    let rng = &mut Rng::seed(1);
    check(&Tensor::uniform([N], -1.0, 3.0, rng), 1.0, 4.0 / 12.0_f64.sqrt());
    check(&Tensor::randn([N], rng), 0.0, 1.0);
    check(&Tensor::normal([N], 5.0, 0.25, rng), 5.0, 0.25);
    // Of a normal distribution cut at 2 σ: σ² (1 - 4 φ(2) / (2 Φ(2) - 1)), computed with mpmath at 40 digits.
    check(&Tensor::truncated_normal([N], -1.0, 2.0, rng), -1.0, 2.0 * 0.879_625_661_034_239_8);
    check(&Tensor::bernoulli([N], 0.3, rng), 0.3, 0.21_f64.sqrt());
}

#[test]
fn ends_of_intervals_and_certain_events_are_exact() {
    let rng = &mut Rng::seed(2);
    let x = Tensor::truncated_normal([N], 0.0, 1.0, rng);
    assert!(x.abs().max().item() <= 2.0);
    assert_eq!(Tensor::bernoulli([100], 0.0, rng).sum().item(), 0.0);
    assert_eq!(Tensor::bernoulli([100], 1.0, rng).sum().item(), 100.0);
    assert_eq!(Tensor::uniform([3], 2.0, 2.0, rng).to_vec::<f32>(), [2.0; 3]);
    assert_eq!(Tensor::normal([3], 7.0, 0.0, rng).to_vec::<f32>(), [7.0; 3]);
}

#[test]
fn categories_come_with_the_probabilities_of_the_softmax() {
    let logits = Tensor::from([0.0, f32::NEG_INFINITY, 1.0, 2.0]);
    let rows = logits.broadcast_to([N, 4]);
    let drawn = Tensor::one_hot(&rows.categorical(&mut Rng::seed(3)), 4).mean_axes(0).to_vec::<f64>();
    for (drawn, expected) in drawn.into_iter().zip(logits.softmax(0).to_vec::<f64>()) {
        assert!((drawn - expected).abs() < 0.01, "{drawn}, expected {expected}");
    }
}

#[test]
fn a_permutation_has_every_number_once() {
    let mut order: Vec<usize> = Tensor::permutation(100, &mut Rng::seed(4)).iter().collect();
    assert!(!order.is_sorted());
    order.sort();
    assert_eq!(order, (0..100).collect::<Vec<_>>());
    assert!(Tensor::permutation(0, &mut Rng::seed(4)).is_empty());
}

#[test]
fn the_same_seed_gives_the_same_numbers_and_the_generator_moves_on() {
    let draw = |seed: u64| {
        let rng = &mut Rng::seed(seed);
        [Tensor::randn([4], rng), Tensor::bernoulli([4], 0.5, rng), Tensor::uniform([4], 0.0, 1.0, rng)]
            .map(|x| x.to_vec::<f32>())
            .concat()
    };
    assert_eq!(draw(5), draw(5));
    assert_ne!(draw(5), draw(6));
    let rng = &mut Rng::seed(5);
    assert_ne!(Tensor::randn([4], rng).to_vec::<f32>(), Tensor::randn([4], rng).to_vec::<f32>());
}

#[test]
fn random_numbers_are_constants_of_a_derivative() {
    let x = Tensor::from([1.0, 2.0]);
    let mask = Tensor::bernoulli([2], 0.5, &mut Rng::seed(9));
    let dx = grad(|x| (x * Tensor::bernoulli([2], 0.5, &mut Rng::seed(9))).sum(), &x);
    assert_eq!(dx.to_vec::<f32>(), mask.to_vec::<f32>());
}

#[track_caller]
fn refused(expected: &str, f: impl FnOnce() + std::panic::UnwindSafe) {
    let message = catch_unwind(f).expect_err("must be refused");
    assert_eq!(*message.downcast::<String>().unwrap(), expected);
}

#[test]
fn impossible_arguments_are_refused() {
    refused("uniform: the lower bound 2 is not below the upper bound 1", || {
        drop(Tensor::uniform([1], 2.0, 1.0, &mut Rng::seed(1)))
    });
    refused("normal: the standard deviation -1 is not at least 0", || {
        drop(Tensor::normal([1], 0.0, -1.0, &mut Rng::seed(1)))
    });
    refused("truncated_normal: the standard deviation NaN is not at least 0", || {
        drop(Tensor::truncated_normal([1], 0.0, f64::NAN, &mut Rng::seed(1)))
    });
    refused("bernoulli: 1.5 is no probability: it must be between 0 and 1", || {
        drop(Tensor::bernoulli([1], 1.5, &mut Rng::seed(1)))
    });
    refused("categorical: [2, 0] has no rows of logits", || {
        drop(Tensor::zeros([2, 0]).categorical(&mut Rng::seed(1)))
    });
}
