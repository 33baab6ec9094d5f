//! Start values: their spread and bounds, their fans, orthogonality, and what is refused.

use std::panic::catch_unwind;

use wengert_nn::{Distribution, Fan, Initializer};
use wengert_tensor::{DType, Rng, Tensor};

const NAMES: [&str; 15] = [
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "variance_scaling",
    "orthogonal",
    "truncated_normal",
    "random_normal",
    "random_uniform",
    "identity",
    "constant",
    "zeros",
    "ones",
];

fn scaling(scale: f64, fan: Fan, distribution: Distribution) -> Initializer {
    Initializer::VarianceScaling { scale, fan, distribution }
}

/// Mean, variance and largest size of many samples of a rule, beside what it promises.
#[track_caller]
fn check(rule: Initializer, shape: &[usize], variance: f64, bound: Option<f64>) {
    let sample = rule.sample(shape, &mut Rng::seed(8)).to_vec::<f64>();
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let spread = sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    assert!(mean.abs() < 4.0 * (variance / n).sqrt(), "{rule:?}: mean {mean}");
    assert!((spread / variance - 1.0).abs() < 0.03, "{rule:?}: variance {spread}, promised {variance}");
    let largest = sample.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    match bound {
        Some(bound) => {
            assert!(
                largest <= bound * (1.0 + 1e-6) && largest > 0.98 * bound,
                "{rule:?}: {largest} of {bound}"
            );
        }
        // A normal variate that is not cut goes beyond three deviations in so many draws.
        None => assert!(largest > 3.0 * variance.sqrt(), "{rule:?}: largest {largest}"),
    }
}

/// A uniform variate within ±b has variance b²/3.
fn uniform(variance: f64) -> Option<f64> {
    Some((3.0 * variance).sqrt())
}

/// A cut normal ends at two of its uncut deviations.
fn cut(variance: f64) -> Option<f64> {
    Some(2.0 * variance.sqrt() / 0.879_625_661_034_239_8)
}

#[test]
fn start_values_have_the_promised_spread_and_bounds() {
    let shape = &[300, 200];
    let (n_in, n_out, both) = (300.0, 200.0, 500.0);
    check(Initializer::GlorotUniform, shape, 2.0 / both, uniform(2.0 / both));
    check(Initializer::GlorotNormal, shape, 2.0 / both, cut(2.0 / both));
    check(Initializer::HeUniform, shape, 2.0 / n_in, uniform(2.0 / n_in));
    check(Initializer::HeNormal, shape, 2.0 / n_in, cut(2.0 / n_in));
    check(Initializer::LecunUniform, shape, 1.0 / n_in, uniform(1.0 / n_in));
    check(Initializer::LecunNormal, shape, 1.0 / n_in, cut(1.0 / n_in));
    check(scaling(3.0, Fan::Out, Distribution::Uniform), shape, 3.0 / n_out, uniform(3.0 / n_out));
    check(scaling(3.0, Fan::Mean, Distribution::TruncatedNormal), shape, 6.0 / both, cut(6.0 / both));
    check(scaling(0.5, Fan::In, Distribution::Normal), shape, 0.5 / n_in, None);
    check(Initializer::RandomNormal { mean: 0.0, std: 0.5 }, shape, 0.25, None);
    check(Initializer::RandomUniform { low: -0.5, high: 0.5 }, shape, 1.0 / 12.0, Some(0.5));
    let variance_of_cut = 0.879_625_661_034_239_8_f64.powi(2);
    check(Initializer::TruncatedNormal { mean: 0.0, std: 1.0 }, shape, variance_of_cut, Some(2.0));
    let moved = Initializer::TruncatedNormal { mean: 5.0, std: 0.1 }.sample([1000], &mut Rng::seed(1));
    assert!((moved.mean().item() - 5.0).abs() < 0.02 && moved.greater_equal(4.8).all());
}

#[test]
fn fans_count_the_field_of_a_kernel_and_the_size_of_a_vector() {
    let he = |variance: f64| (Initializer::HeNormal, variance);
    // [3, 3, 16, 32]: 144 numbers reach one of 32 channels, and one of 16 reaches 288.
    for (shape, (rule, variance)) in [
        (&[3, 3, 16, 32][..], he(2.0 / 144.0)),
        (&[3, 3, 16, 32], (Initializer::GlorotNormal, 2.0 / (144.0 + 288.0))),
        (&[5, 40, 60], he(2.0 / 200.0)),
        (&[4096], he(2.0 / 4096.0)),
    ] {
        check(rule, shape, variance, cut(variance));
    }
}

#[test]
fn the_default_of_pytorch_is_a_variance_scaling() {
    let rule = scaling(1.0 / 3.0, Fan::In, Distribution::Uniform);
    check(rule, &[400, 100], 1.0 / 1200.0, Some(1.0 / 20.0));
}

/// The largest deviation of a product from the identity.
fn deviation(a: &Tensor, b: &Tensor) -> f64 {
    let product = a.matmul(b);
    let identity = Tensor::eye(product.shape()[0]).cast(product.dtype());
    (product - identity).abs().max().item()
}

#[test]
fn orthogonal_matrices_are_orthogonal() {
    let rule = Initializer::Orthogonal { gain: 1.0 };
    for (dtype, bound) in [(DType::F64, 1e-14), (DType::F32, 1e-6)] {
        for (n_rows, n_cols) in [(1, 1), (4, 4), (5, 3), (3, 5), (1, 7), (100, 100), (200, 30)] {
            let q = rule.sample_as([n_rows, n_cols], dtype, &mut Rng::seed(5));
            assert_eq!(q.dtype(), dtype);
            let deviation = if n_rows < n_cols { deviation(&q, &q.t()) } else { deviation(&q.t(), &q) };
            assert!(deviation < bound, "{n_rows}x{n_cols}, {dtype}: {deviation:e}");
        }
    }
    let kernel = Initializer::Orthogonal { gain: 2.0 }.sample_as([3, 3, 4, 8], DType::F64, &mut Rng::seed(5));
    let matrix = kernel.reshape([36, 8]) / 2.0;
    assert!(deviation(&matrix.t(), &matrix) < 1e-14);
    assert_eq!(rule.sample([0, 3], &mut Rng::seed(0)).size(), 0);
}

/// Of a matrix that is uniformly distributed, each number has mean 0 and variance 1/n; and the trace, which is where a
/// wrong choice of signs shows, has mean 0 and variance 1.
#[test]
fn orthogonal_matrices_are_uniformly_distributed() {
    let (rule, rng, n_draws) = (Initializer::Orthogonal { gain: 1.0 }, &mut Rng::seed(6), 4000);
    let draws: Vec<Tensor> = (0..n_draws).map(|_| rule.sample_as([3, 3], DType::F64, rng)).collect();
    let mean = |f: &dyn Fn(&Tensor) -> f64| draws.iter().map(f).sum::<f64>() / f64::from(n_draws);
    for (row, col) in [(0, 0), (1, 2), (2, 2)] {
        assert!(mean(&|q| q.at([row, col])).abs() < 0.04, "{row}, {col}");
        assert!((mean(&|q| q.at([row, col]).powi(2)) - 1.0 / 3.0).abs() < 0.02, "{row}, {col}");
    }
    let trace = |q: &Tensor| q.diagonal(0).sum().item();
    assert!(mean(&trace).abs() < 0.07, "{}", mean(&trace));
    assert!((mean(&|q| trace(q).powi(2)) - 1.0).abs() < 0.1);
}

#[test]
fn constants_are_what_they_say() {
    let sample = |rule: Initializer, shape: [usize; 2]| rule.sample(shape, &mut Rng::seed(0)).to_vec::<f32>();
    assert_eq!(sample(Initializer::Zeros, [1, 2]), [0.0, 0.0]);
    assert_eq!(sample(Initializer::Ones, [1, 2]), [1.0, 1.0]);
    assert_eq!(sample(Initializer::Constant(-0.5), [1, 2]), [-0.5, -0.5]);
    assert_eq!(sample(Initializer::Identity { gain: 2.0 }, [2, 2]), [2.0, 0.0, 0.0, 2.0]);
    assert_eq!(sample(Initializer::Identity { gain: 1.0 }, [3, 2]), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(sample(Initializer::Identity { gain: 1.0 }, [2, 3]), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn a_seed_gives_the_same_values_in_both_dtypes() {
    for name in NAMES {
        let rule = Initializer::named(name).unwrap();
        let sample = |seed, dtype| rule.sample_as([4, 4], dtype, &mut Rng::seed(seed));
        assert!(sample(1, DType::F32).array().bit_eq(sample(1, DType::F32).array()), "{name}");
        assert!(
            sample(1, DType::F64).cast(DType::F32).array().bit_eq(sample(1, DType::F32).array()),
            "{name}"
        );
        let is_random = !["identity", "constant", "zeros", "ones"].contains(&name);
        let differs = !sample(1, DType::F64).array().bit_eq(sample(2, DType::F64).array());
        assert_eq!(differs, is_random, "{name}");
    }
}

#[track_caller]
fn refused(rule: Initializer, shape: &[usize], expected: &str) {
    let payload =
        catch_unwind(|| drop(rule.sample(shape, &mut Rng::seed(0)))).expect_err("it was not refused");
    assert_eq!(*payload.downcast::<String>().unwrap(), expected);
}

#[test]
fn rules_that_make_no_start_values_are_refused() {
    refused(
        Initializer::Orthogonal { gain: 1.0 },
        &[3],
        "orthogonal: the shape [3] has fewer axes than a matrix, expected at least 2",
    );
    refused(
        Initializer::Identity { gain: 1.0 },
        &[2, 2, 2],
        "identity: the shape [2, 2, 2] is no matrix, expected 2 axes",
    );
    refused(
        Initializer::TruncatedNormal { mean: 0.0, std: -1.0 },
        &[3],
        "truncated_normal: the standard deviation is -1, expected at least 0",
    );
    refused(
        Initializer::RandomNormal { mean: 0.0, std: f64::NAN },
        &[3],
        "random_normal: the standard deviation is NaN, expected at least 0",
    );
    refused(
        Initializer::RandomUniform { low: 1.0, high: 0.0 },
        &[3],
        "random_uniform: the lower bound 1 is above the upper bound 0",
    );
    let scale = scaling(0.0, Fan::In, Distribution::Uniform);
    refused(scale, &[3], "variance_scaling: the scale is 0, expected more than 0");
    let unknown = format!("the initializer is `xavier`, expected one of {}", NAMES.join(", "));
    assert_eq!(Initializer::named("xavier").unwrap_err().to_string(), unknown);
}
