//! Random numbers against an independent implementation, and their distributions.
//!
//! The pinned numbers were computed in Python: ChaCha8 as Bernstein describes it (its 20-round form checked against the
//! published key stream of the zero key), the ziggurat of Marsaglia and Tsang (2000) with 256 layers, Lemire's bounded
//! integers and Durstenfeld's shuffle, each written from its description.

use wengert_array::{DType, Rng};

#[test]
fn the_first_uniform_numbers_of_a_seed_are_fixed() {
    let mut rng = Rng::seed(42);
    let expected = [0.3482544685480763, 0.28569857126296205, 0.4934724642416646, 0.36789229013703184];
    assert_eq!(rng.clone().uniform([4], 0.0, 1.0, DType::F64).to_vec::<f64>(), expected);
    assert_eq!([(); 4].map(|()| rng.next_f64()), expected);
}

#[test]
fn the_first_normal_numbers_of_a_seed_are_fixed() {
    let mut rng = Rng::seed(42);
    let found = rng.normal([6], 0.0, 1.0, DType::F64).to_vec::<f64>();
    let expected = [
        -0.4516282364694901,
        -0.9632313609364687,
        -0.006918009300419063,
        -0.21241046907347616,
        0.5236443304081884,
        -1.090062196185909,
    ];
    for (found, expected) in found.iter().zip(expected) {
        // The tables of the ziggurat are rounded in their last digit.
        approx::assert_relative_eq!(*found, expected, max_relative = 1e-12);
    }
    assert_eq!(rng.position(), 12);
}

#[test]
fn the_first_integers_and_permutations_of_a_seed_are_fixed() {
    let mut rng = Rng::seed(5);
    assert_eq!([(); 10].map(|()| rng.below(10)), [8, 3, 2, 2, 7, 4, 6, 1, 4, 3]);
    assert_eq!(Rng::seed(5).permutation(8), [0, 7, 4, 3, 5, 1, 2, 6]);
}

#[test]
fn a_split_generator_is_keyed_by_the_next_number() {
    let mut rng = Rng::seed(9);
    let mut split = rng.split();
    assert_eq!(split.next_f64(), 0.9748296917768323);
    assert_eq!((rng.position(), split.position()), (2, 2));
    assert_ne!(rng.next_f64(), split.next_f64());
}

#[test]
fn a_generator_goes_on_from_its_position() {
    for used in [0, 1, 7, 8, 9, 100] {
        let mut rng = Rng::seed(3);
        rng.uniform([used], 0.0, 1.0, DType::F32);
        let mut again = Rng::at(rng.key(), rng.position());
        let mut clone = rng.clone();
        let expected = rng.next_f64();
        assert_eq!((again.next_f64(), clone.next_f64()), (expected, expected), "after {used}");
    }
}

#[test]
fn single_precision_sees_the_same_numbers_rounded() {
    let draw = |dtype| Rng::seed(1).truncated_normal([100], 0.5, 2.0, dtype);
    assert!(draw(DType::F64).cast(DType::F32).bit_eq(&draw(DType::F32)));
}

#[track_caller]
fn check_moments(samples: &[f64], mean: f64, deviation: f64) {
    let n = samples.len() as f64;
    let found_mean = samples.iter().sum::<f64>() / n;
    let found_deviation = (samples.iter().map(|x| (x - found_mean).powi(2)).sum::<f64>() / n).sqrt();
    // Five standard errors.
    assert!((found_mean - mean).abs() < 5.0 * deviation / n.sqrt(), "mean {found_mean}");
    assert!(
        (found_deviation / deviation - 1.0).abs() < 5.0 / (2.0 * n).sqrt(),
        "deviation {found_deviation}"
    );
}

#[test]
fn samples_have_the_moments_and_bounds_of_their_distribution() {
    let n = 100_000;
    let mut rng = Rng::seed(2);
    let uniform = rng.uniform([n], -1.0, 3.0, DType::F64).to_vec::<f64>();
    check_moments(&uniform, 1.0, 4.0 / 12_f64.sqrt());
    assert!(uniform.iter().all(|x| (-1.0..3.0).contains(x)));
    check_moments(&rng.normal([n], 1.0, 2.0, DType::F64).to_vec::<f64>(), 1.0, 2.0);
    let truncated = rng.truncated_normal([n], 1.0, 2.0, DType::F64).to_vec::<f64>();
    // The deviation of a standard normal cut at 2: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)).
    check_moments(&truncated, 1.0, 2.0 * 0.879_625_661);
    assert!(truncated.iter().all(|x| (x - 1.0).abs() <= 4.0));
}

#[test]
fn bounded_integers_are_all_equally_likely() {
    let mut rng = Rng::seed(4);
    let mut counts = [0_i32; 7];
    for _ in 0..70_000 {
        counts[rng.below(7)] += 1;
    }
    assert!(counts.iter().all(|count| (count - 10_000).abs() < 500), "{counts:?}");
}

#[test]
fn a_permutation_has_every_number_once() {
    let mut order = Rng::seed(6).permutation(1000);
    assert!(!order.is_sorted());
    order.sort_unstable();
    assert!(order.into_iter().eq(0..1000));
    assert!(Rng::seed(6).permutation(0).is_empty());
}

#[test]
#[should_panic(expected = "below: there is no number below 0")]
fn nothing_is_below_zero() {
    Rng::seed(0).below(0);
}

#[test]
fn many_numbers_at_a_time_are_those_that_come_one_by_one() {
    for position in [0, 1, 63, 64] {
        for n in [0, 1, 127, 128, 129, 1000] {
            let (mut many, mut single) = (Rng::at(3, position), Rng::at(3, position));
            let drawn = many.uniform([n], 0.0, 1.0, DType::F64);
            assert!(drawn.iter().all(|x| x == single.next_f64()), "{n} from {position}");
            assert_eq!(many.position(), single.position());
        }
    }
}
