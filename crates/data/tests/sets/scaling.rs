//! Scalers: scikit-learn's values, and back again.

use crate::support::{check_error, golden, matrix};
use wengert_data::{MinMaxScaler, Scaler, StandardScaler};
use wengert_tensor::{DType, Module, Shape, Tensor};

fn largest_difference(a: &Tensor, b: &Tensor) -> f64 {
    (a - b).abs().max().item()
}

#[test]
fn scaled_columns_are_those_of_scikit_learn() {
    let golden = golden("sklearn.json");
    let x = matrix(&golden["x"]);
    let standard = StandardScaler::fit(&x).unwrap();
    // The second column lies 10⁴ deviations from 0, which costs four digits here and there.
    assert!(largest_difference(&standard.transform(&x), &matrix(&golden["standard"])) < 1e-11);
    let min_max = MinMaxScaler::fit_to(&x, -1.0, 2.0).unwrap();
    assert!(largest_difference(&min_max.transform(&x), &matrix(&golden["min_max"])) < 1e-11);
    assert_eq!((standard.constant(), min_max.constant()), (vec![2], vec![2]));
}

#[test]
fn what_was_scaled_comes_back() {
    let x = matrix(&golden("sklearn.json")["x"]);
    let check = |scaler: &dyn Scaler| {
        let back = scaler.inverse_transform(&scaler.transform(&x));
        assert!(((back - &x) / &x).abs().max().item() < 1e-14, "{}", scaler.kind());
    };
    check(&StandardScaler::fit(&x).unwrap());
    check(&MinMaxScaler::fit(&x).unwrap());
    check(&MinMaxScaler::fit_to(&x, -3.0, 0.5).unwrap());
    check(&StandardScaler::identity(Shape::from([3])));
    check(&MinMaxScaler::identity(Shape::from([3])));
}

#[test]
fn constant_columns_become_zero_exactly() {
    // The sum of 0.1 ten times is not 1: a mean and a deviation from that would be noise, divided by noise.
    let x = Tensor::new(vec![0.1; 10], [10, 1]);
    let scaler = StandardScaler::fit(&x).unwrap();
    assert_eq!((scaler.std().item(), scaler.mean().item()), (0.0, 0.1));
    assert!(scaler.transform(&x).to_vec::<f64>().iter().all(|&x| x == 0.0));
    let scaler = MinMaxScaler::fit_to(&x, 5.0, 6.0).unwrap();
    assert!(scaler.transform(&x).to_vec::<f64>().iter().all(|&x| x == 5.0));
    assert_eq!(scaler.inverse_transform(&Tensor::from([[5.0]])).item() as f32, 0.1);
}

#[test]
fn a_large_mean_leaves_the_deviation_its_digits() {
    let x = Tensor::new(vec![1e9, 1e9 + 1.0, 1e9 + 2.0], [3]);
    let scaler = StandardScaler::fit(&x).unwrap();
    assert!((scaler.std().item() - (2.0_f64 / 3.0).sqrt()).abs() < 1e-7);
}

#[test]
fn rows_of_any_rank_and_dtype_are_scaled() {
    for shape in [&[4][..], &[4, 3], &[4, 2, 3]] {
        let x = Tensor::randn(shape, &mut wengert_tensor::Rng::seed(1));
        let scaler = StandardScaler::fit(&x).unwrap();
        let scaled = scaler.transform(&x);
        assert_eq!((scaled.shape(), scaled.dtype()), (x.shape(), DType::F32));
        assert!(scaled.mean_axes(0).abs().max().item() < 1e-6);
        assert!((scaled.square().mean_axes(0) - 1.0).abs().max().item() < 1e-5);
        assert_eq!(scaler.transform(&x.cast(DType::F64)).dtype(), DType::F64);
    }
}

#[test]
fn a_scaler_is_a_module_without_parameters() {
    #[derive(Module, Clone, Debug)]
    struct Scaled {
        x: StandardScaler,
        y: Option<MinMaxScaler>,
    }
    let x = Tensor::arange(6).reshape([3, 2]);
    let model = Scaled { x: StandardScaler::fit(&x).unwrap(), y: Some(MinMaxScaler::fit(&x).unwrap()) };
    assert_eq!(model.count_parameters(), 0);
    assert_eq!(model.cast(DType::F32).x.mean().dtype(), DType::F32);
}

#[test]
fn what_has_no_scale_is_refused() {
    check_error(
        StandardScaler::fit(&Tensor::zeros([0, 2])),
        "fit: there are no rows to learn a scale from\n  x  [0, 2]   <- expected at least 1 row",
    );
    check_error(MinMaxScaler::fit(&Tensor::from(1.0)), "rows: a tensor of shape [] has no axis of rows");
    check_error(
        StandardScaler::fit(&Tensor::from([[1.0, f32::NAN]])),
        "x holds NaN in row 0, column 1, expected finite numbers",
    );
    let wide = "fit: the numbers of a column lie too far apart\n  column  1\n  range   -1e308 to 1e308   \
                <- expected a range whose square is finite";
    let x = Tensor::new(vec![0.0, 1e308, 0.0, -1e308], [2, 2]);
    check_error(StandardScaler::fit(&x), wide);
    check_error(MinMaxScaler::fit(&x), wide);
}

#[test]
#[should_panic(expected = "transform: the rows are not those that the scaler was fitted to
  x  [2, 3]   <- expected [n, ..] with rows of [2]")]
fn rows_of_another_shape_panic() {
    StandardScaler::fit(&Tensor::zeros([1, 2])).unwrap().transform(&Tensor::zeros([2, 3]));
}

#[test]
#[should_panic(expected = "fit_to: 1 to 1 is no range, expected a lower and a higher finite number")]
fn a_range_has_two_ends() {
    let _ = MinMaxScaler::fit_to(&Tensor::zeros([1, 2]), 1.0, 1.0);
}
