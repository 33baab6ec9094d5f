//! Labels and numbers that no model can learn from are refused, with their place.

use wengert_data::{DataError, check_finite, one_hot, to_labels};
use wengert_tensor::{Indices, Tensor};

#[track_caller]
fn check_error<T>(result: Result<T, DataError>, message: &str) {
    assert_eq!(result.err().map(|error| error.to_string()).as_deref(), Some(message));
}

#[test]
fn one_hot_marks_each_label() {
    let rows = one_hot(&Indices::new(vec![2, 0], [2, 1]), 3).unwrap();
    assert_eq!(*rows.shape(), [2, 1, 3]);
    assert_eq!(rows.to_vec::<f32>(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    assert_eq!(*one_hot(&Indices::from([]), 3).unwrap().shape(), [0, 3]);
}

#[test]
fn one_hot_refuses_what_is_no_class() {
    let labels = Indices::from([0, 9, 10, 11]);
    check_error(one_hot(&labels, 10), "one_hot: label 10 in row 2 is not below the number of classes, 10");
    check_error(one_hot(&labels, 0), "one_hot: label 0 in row 0 is not below the number of classes, 0");
}

#[test]
fn whole_numbers_become_labels() {
    assert_eq!(to_labels(&Tensor::from([3.0, 0.0, -0.0])), Ok(Indices::from([3, 0, 0])));
    let column = Tensor::new(vec![4_294_967_295.0, 1.0], [2, 1]);
    assert_eq!(to_labels(&column), Ok(Indices::new(vec![4_294_967_295_u32, 1], [2, 1])));
}

#[test]
fn other_numbers_do_not_become_labels() {
    let refused = [
        (-1.0, "-1"),
        (1.5, "1.5"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
        (4_294_967_296.0, "4294967296"),
    ];
    for (number, shown) in refused {
        let expected = "is not a label, expected a whole number from 0 to 4294967295";
        let list = Tensor::new(vec![0.0, number], [2]);
        check_error(to_labels(&list), &format!("to_labels: {shown} in row 1 {expected}"));
        check_error(
            to_labels(&list.reshape([2, 1])),
            &format!("to_labels: {shown} in row 1, column 0 {expected}"),
        );
    }
}

#[test]
fn what_is_not_finite_is_found_wherever_it_is() {
    let n = 3 * 257;
    for position in [0, 255, 256, n - 1] {
        for (value, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
            let mut numbers = vec![1.0; n];
            numbers[position] = value;
            let message = format!(
                "x holds {shown} in row {}, column {}, expected finite numbers",
                position / 3,
                position % 3
            );
            check_error(check_finite("x", &Tensor::new(numbers.clone(), [257, 3])), &message);
            let transposed = Tensor::new(numbers, [257, 3]).t();
            let message = format!(
                "x holds {shown} in row {}, column {}, expected finite numbers",
                position % 3,
                position / 3
            );
            check_error(check_finite("x", &transposed), &message);
        }
    }
}

#[test]
fn the_place_is_named_for_every_rank() {
    let nan = |shape: &[usize]| check_finite("the target", &Tensor::full(shape, f64::NAN));
    check_error(nan(&[]), "the target holds NaN, expected finite numbers");
    check_error(nan(&[2]), "the target holds NaN in row 0, expected finite numbers");
    check_error(nan(&[2, 3, 4]), "the target holds NaN in row 0 at [0, 0], expected finite numbers");
}

#[test]
fn finite_numbers_pass() {
    let extremes = vec![f64::MAX, f64::MIN, f64::MIN_POSITIVE / 2.0, -0.0];
    assert_eq!(check_finite("x", &Tensor::new(extremes, [4])), Ok(()));
    assert_eq!(check_finite("x", &Tensor::zeros([0, 3])), Ok(()));
    assert_eq!(check_finite("x", &Tensor::zeros([3, 0])), Ok(()));
}
