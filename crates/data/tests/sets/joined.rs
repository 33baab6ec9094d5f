//! Rows put together, and labels as rows.

use crate::support::{check_error, golden, matrix, numbers};
use wengert_data::{DataError, Rows, to_categorical};
use wengert_tensor::{DType, Indices, Target, Tensor};

#[test]
fn parts_are_put_together_in_order() {
    let joined = Rows::joined(&[
        (Tensor::from([[1.0, 2.0]]), Indices::from([1])),
        (Tensor::zeros([0, 2]), Indices::from([])),
        (Tensor::from([[3.0, 4.0], [5.0, 6.0]]).cast(DType::F64), Indices::from([2, 3])),
    ]);
    let (x, y) = joined.unwrap();
    assert_eq!((x.to_vec::<f64>(), x.dtype()), (vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], DType::F64));
    assert_eq!(y, Indices::from([1, 2, 3]));
    assert_eq!(*Tensor::joined(&[Tensor::zeros([2, 0]), Tensor::zeros([1, 0])]).unwrap().shape(), [3, 0]);
    let three = (Tensor::arange(2), Target::from(Tensor::arange(2)), Target::from(Indices::from([4, 5])));
    let (_, values, labels) = Rows::joined(&[three.clone(), three]).unwrap();
    assert_eq!((values.n_rows(), labels.n_rows()), (Ok(4), Ok(4)));
}

#[test]
fn parts_that_differ_are_refused() {
    assert_eq!(Tensor::joined(&[]).unwrap_err(), DataError::NoParts);
    check_error(Indices::joined(&[]), "joined: there are no parts, expected at least 1");
    check_error(
        Tensor::joined(&[Tensor::zeros([1, 2]), Tensor::zeros([1, 2]), Tensor::zeros([4, 3])]),
        "joined: the parts differ in the shape of their rows\n  part 0  [1, 2]\n  part 2  [4, 3]   \
         <- expected [1, 2] but for the number of rows",
    );
    check_error(Tensor::joined(&[Tensor::from(1.0)]), "rows: a tensor of shape [] has no axis of rows");
    let mixed = [Target::from(Tensor::arange(1)), Target::from(Indices::from([0]))];
    check_error(
        Target::joined(&mixed),
        "joined: some targets are numbers and some labels, expected one kind",
    );
}

#[test]
fn categories_are_those_of_keras() {
    let golden = golden("to_categorical_keras.json");
    for (case, labels, n_classes) in [
        ("to_categorical([0,2,1,2])", vec![0.0, 2.0, 1.0, 2.0], None),
        ("to_categorical([0,2],4)", vec![0.0, 2.0], Some(4)),
    ] {
        let n = labels.len();
        let expected = matrix(&golden[case]);
        for shape in [vec![n], vec![n, 1]] {
            let rows = to_categorical(&Tensor::new(labels.clone(), &shape[..]), n_classes).unwrap();
            assert_eq!(rows.shape(), expected.shape());
            assert_eq!(rows.to_vec::<f64>(), expected.to_vec::<f64>());
        }
    }
    assert_eq!(numbers(&golden["to_categorical([0,2],4)"][1])[2], 1.0);
    assert_eq!(*to_categorical(&Tensor::zeros([0]), None).unwrap().shape(), [0, 0]);
}

#[test]
fn numbers_that_are_no_categories_are_refused() {
    let expected = "is not a label, expected a whole number from 0 to 4294967295";
    for (number, shown) in [(-1.0, "-1"), (0.5, "0.5"), (f64::NAN, "NaN")] {
        let numbers = Tensor::new(vec![1.0, number], [2]);
        check_error(to_categorical(&numbers, None), &format!("to_labels: {shown} in row 1 {expected}"));
    }
    check_error(
        to_categorical(&Tensor::from([4.0]), 4),
        "one_hot: label 4 in row 0 is not below the number of classes, 4",
    );
    check_error(
        to_categorical(&Tensor::new(vec![4e9], [1]), None),
        "to_categorical: too many elements\n  shape  [1, 4000000001]   <- expected at most 2147483647 elements",
    );
}
