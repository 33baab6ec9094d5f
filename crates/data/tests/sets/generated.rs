//! Computed sets follow their formulas.

use crate::support::{golden, matrix, numbers};
use wengert_data::{make_blobs, make_circles, make_moons, make_regression, make_spirals};
use wengert_tensor::{Indices, Rng, Tensor};

/// Points with their classes in an order of their own, since the library shuffles them.
fn sorted(x: &Tensor, y: impl Iterator<Item = usize>) -> Vec<(usize, [f64; 2])> {
    let points: Vec<f64> = x.to_vec();
    let mut rows: Vec<_> = y.zip(points.as_chunks::<2>().0.iter().copied()).collect();
    let key =
        |&(class, [x, y]): &(usize, [f64; 2])| (class, (1e4 * x).round() as i64, (1e4 * y).round() as i64);
    rows.sort_by_key(key);
    rows
}

#[track_caller]
fn check_points((x, y): (Tensor, Indices), expected: &Tensor, classes: &[f64]) {
    let (given, expected) =
        (sorted(&x, y.iter()), sorted(expected, classes.iter().map(|&class| class as usize)));
    assert_eq!(given.len(), expected.len());
    for ((class, [x, y]), (expected_class, [expected_x, expected_y])) in given.into_iter().zip(expected) {
        assert_eq!(class, expected_class);
        assert!(
            (x - expected_x).abs() < 1e-6 && (y - expected_y).abs() < 1e-6,
            "{x} {y} {expected_x} {expected_y}"
        );
    }
}

#[test]
fn moons_and_circles_are_those_of_scikit_learn() {
    let golden = golden("sklearn.json");
    let moons = make_moons(7, 0.0, &mut Rng::seed(3));
    check_points(moons, &matrix(&golden["moons7"]), &numbers(&golden["moons7_y"]));
    let circles = make_circles(7, 0.5, 0.0, &mut Rng::seed(3));
    check_points(circles, &matrix(&golden["circles7"]), &numbers(&golden["circles7_y"]));
}

#[test]
fn spirals_make_one_turn() {
    // Two arms of three points: at radius 0, ½ and 1, after no, half a and a whole turn.
    let expected = Tensor::new(vec![0.0, 0.0, -0.5, 0.0, 1.0, 0.0, 0.0, 0.0, 0.5, 0.0, -1.0, 0.0], [6, 2]);
    check_points(make_spirals(6, 2, 0.0, &mut Rng::seed(0)), &expected, &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn noise_has_its_deviation() {
    for noise in [0.1, 2.0] {
        let (n, mut rng) = (20_000, Rng::seed(4));
        let (x, y) = make_circles(n, 0.999_999, noise, &mut rng);
        assert_eq!(y.iter().sum::<usize>(), n / 2);
        // E[x² + y²] = 1 + 2 σ², with a standard error below 2 % of that.
        let square = 2.0 * x.square().mean().item();
        assert!((square / (1.0 + 2.0 * noise * noise) - 1.0).abs() < 0.05, "{square}");
    }
}

#[test]
fn blobs_lie_around_their_centres() {
    let (x, y) = make_blobs(3_001, 3, 3, 0.5, &mut Rng::seed(5));
    assert_eq!((x.shape().to_vec(), y.len()), (vec![3_001, 3], 3_001));
    for class in 0..3 {
        let rows: Vec<usize> = (0..y.len()).filter(|&row| y.as_slice()[row] == class).collect();
        assert_eq!(rows.len(), 1_000 + usize::from(class == 0));
        let points = wengert_data::Rows::select_rows(&x, &rows);
        let center = points.mean_axes(0);
        assert!(center.abs().max().item() < 10.5);
        let std = (&points - &center).square().mean().item().sqrt();
        assert!((std - 0.5).abs() < 0.03, "{std}");
    }
}

#[test]
fn a_regression_has_its_weights_and_noise() {
    let data = make_regression(5_000, 4, 3.0, &mut Rng::seed(6));
    assert!(data.weights.to_vec::<f64>().iter().all(|weight| (0.0..100.0).contains(weight)));
    let errors = data.x.matmul(&data.weights.reshape([4, 1])).reshape([5_000]) + data.bias - &data.y;
    assert!(errors.mean().item().abs() < 0.2);
    assert!((errors.square().mean().item().sqrt() - 3.0).abs() < 0.15);
}

#[test]
fn sets_depend_on_the_seed_alone() {
    let sets = |seed| {
        let mut rng = Rng::seed(seed);
        let (moons, circles) = (make_moons(9, 0.1, &mut rng), make_circles(9, 0.5, 0.1, &mut rng));
        let (spirals, blobs) = (make_spirals(9, 2, 0.1, &mut rng), make_blobs(9, 2, 2, 0.1, &mut rng));
        [moons.0, circles.0, spirals.0, blobs.0, make_regression(9, 2, 0.1, &mut rng).x]
            .map(|x| x.to_vec::<f32>())
    };
    assert_eq!(sets(1), sets(1));
    assert!(sets(1).iter().zip(&sets(2)).all(|(a, b)| a != b));
}

#[test]
fn few_points_are_no_trouble() {
    let mut rng = Rng::seed(0);
    for n in [0, 1, 2, 3] {
        assert_eq!(*make_moons(n, 0.1, &mut rng).0.shape(), [n, 2]);
        assert_eq!(*make_circles(n, 0.5, 0.1, &mut rng).0.shape(), [n, 2]);
        assert_eq!(*make_spirals(n, 3, 0.1, &mut rng).0.shape(), [n, 2]);
        assert_eq!(*make_blobs(n, 4, 3, 0.1, &mut rng).0.shape(), [n, 4]);
        assert_eq!(*make_blobs(n, 0, 3, 0.1, &mut rng).0.shape(), [n, 0]);
        assert_eq!(*make_regression(n, 2, 0.1, &mut rng).y.shape(), [n]);
    }
}

#[track_caller]
fn check_panics(expected: &str, make: impl FnOnce(&mut Rng) + std::panic::UnwindSafe) {
    let panic = std::panic::catch_unwind(|| make(&mut Rng::seed(0))).unwrap_err();
    let message =
        panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    assert_eq!(message, Some(expected));
}

#[test]
fn impossible_sets_panic() {
    let noise = "expected a finite number from 0 on";
    check_panics(&format!("make_moons: the noise is -1, {noise}"), |rng| drop(make_moons(2, -1.0, rng)));
    check_panics(&format!("make_circles: the noise is NaN, {noise}"), |rng| {
        drop(make_circles(2, 0.5, f64::NAN, rng))
    });
    check_panics(&format!("make_spirals: the noise is inf, {noise}"), |rng| {
        drop(make_spirals(2, 2, f64::INFINITY, rng));
    });
    check_panics(&format!("make_blobs: the standard deviation is -1, {noise}"), |rng| {
        drop(make_blobs(2, 2, 2, -1.0, rng));
    });
    check_panics(&format!("make_regression: the noise is -1, {noise}"), |rng| {
        drop(make_regression(2, 2, -1.0, rng))
    });
    check_panics("make_circles: the factor is 1, expected more than 0 and less than 1", |rng| {
        drop(make_circles(2, 1.0, 0.0, rng));
    });
    check_panics("make_spirals: there are 0 classes, expected at least 1", |rng| {
        drop(make_spirals(2, 0, 0.0, rng))
    });
    check_panics("make_blobs: there are 0 classes, expected at least 1", |rng| {
        drop(make_blobs(2, 2, 0, 0.0, rng))
    });
}
