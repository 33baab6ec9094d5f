//! The confusion matrix and the report, against counts by hand and the layout of scikit-learn.

use wengert_nn::{
    Activation, BinaryCrossentropy, Dense, MeanSquaredError, Output, Sequential,
    SparseCategoricalCrossentropy,
};
use wengert_optim::Sgd;
use wengert_tensor::{Indices, Target, Tensor};
use wengert_train::{Compile, ConfusionMatrix};

/// The example of scikit-learn's documentation of `classification_report`.
fn example() -> ConfusionMatrix {
    let (right, said) = (Indices::from([0, 1, 2, 2, 2]), Indices::from([0, 0, 2, 2, 1]));
    ConfusionMatrix::of_labels(&right, &said).named(["class 0", "class 1", "class 2"])
}

#[test]
fn the_matrix_counts_pairs() {
    let matrix = example();
    assert_eq!((matrix.n_rows(), matrix.n_classes()), (5, 3));
    assert_eq!((matrix.count(1, 0), matrix.count(0, 1), matrix.count(2, 2)), (1, 0, 2));
    assert_eq!((matrix.n_right(2), matrix.n_predicted(2), matrix.n_predicted(0)), (3, 2, 2));
    assert_eq!(matrix.accuracy(), 0.6);
    let table = "true \\ said  class 0  class 1  class 2\nclass 0            1        0        0\n\
                 class 1            1        0        0\nclass 2            0        1        2";
    assert_eq!(matrix.to_string(), table);
}

#[test]
fn the_report_is_that_of_scikit_learn() {
    let expected = "              precision    recall  f1-score   support

     class 0       0.50      1.00      0.67         1
     class 1       0.00      0.00      0.00         1
     class 2       1.00      0.67      0.80         3

    accuracy                           0.60         5
   macro avg       0.50      0.56      0.49         5
weighted avg       0.70      0.60      0.61         5
";
    assert_eq!(example().report().to_string(), expected);
    let report = example().report();
    assert_eq!(report.class("class 2").map(|class| class.recall), Some(2.0 / 3.0));
    assert_eq!(report.class("class 3"), None);
    assert_eq!((report.accuracy, report.weighted_mean.n_rows), (0.6, 5));
}

#[test]
fn rows_come_in_parts_and_in_every_form() {
    let output = |raw: Tensor| Output { raw, activation: Activation::Linear };
    let mut parts = ConfusionMatrix::new(2);
    parts.add(&output(Tensor::from([[0.9, 0.1], [0.2, 0.8]])), &Indices::from([0, 0]).into()).unwrap();
    parts.add(&output(Tensor::from([[0.2], [0.7]])), &Tensor::from([[0.0], [1.0]]).into()).unwrap();
    parts.add(&output(Tensor::from([[0.3, 0.7]])), &Tensor::from([[0.0, 1.0]]).into()).unwrap();
    assert_eq!([(0, 0), (0, 1), (1, 0), (1, 1)].map(|(i, j)| parts.count(i, j)), [2, 1, 0, 2]);
    let refused =
        |raw: Tensor, target: Target| ConfusionMatrix::new(2).add(&output(raw), &target).unwrap_err();
    let rows = || Tensor::from([[0.9, 0.1], [0.2, 0.8]]);
    assert_eq!(
        refused(rows(), Indices::from([0, 2]).into()),
        "the target of row 1 is not one of the 2 classes"
    );
    assert_eq!(
        refused(rows(), Tensor::from([0.5, 1.0]).into()),
        "the target of row 0 is not one of the 2 classes"
    );
    let wide = Tensor::from([[0.1, 0.2, 0.9]]);
    assert_eq!(refused(wide, Indices::from([0]).into()), "the output of row 0 is not one of the 2 classes");
    let message = "the target [3] does not tell the classes of an output [2, 2]";
    assert_eq!(refused(rows(), Indices::from([0, 1, 0]).into()), message);
}

#[test]
fn a_model_is_asked_in_parts() {
    let n = 1000;
    let x: Vec<f32> = (0..n).map(|row| if row % 4 == 0 { 1.0 } else { -1.0 }).collect();
    let x = Tensor::new(x, [n, 1]);
    let y: Vec<usize> = (0..n).map(|row| usize::from(row % 2 == 0)).collect();
    let dense = Dense::from_tensors(Tensor::from([[-3.0, 3.0]]), Tensor::from([0.0, 0.0])).softmax();
    let model = Sequential::new([1]).add(dense).compile(Sgd::default(), SparseCategoricalCrossentropy::new());
    let matrix = model.confusion_matrix(&x, Indices::from(y.clone())).unwrap();
    assert_eq!([(0, 0), (0, 1), (1, 0), (1, 1)].map(|(i, j)| matrix.count(i, j)), [500, 0, 250, 250]);
    let dense = Dense::from_tensors(Tensor::from([[3.0]]), Tensor::from([0.0])).sigmoid();
    let model = Sequential::new([1]).add(dense).compile(Sgd::default(), BinaryCrossentropy::new());
    let column = Tensor::new(y.iter().map(|&y| y as f32).collect::<Vec<_>>(), [n]);
    assert_eq!(model.confusion_matrix(&x, column).unwrap(), matrix);
}

#[test]
fn targets_that_are_no_classes_are_refused() {
    let dense = Dense::from_tensors(Tensor::from([[1.0]]), Tensor::from([0.0]));
    let model = Sequential::new([1]).add(dense).compile(Sgd::default(), MeanSquaredError::new());
    let error = model.confusion_matrix(&Tensor::ones([2, 1]), Tensor::from([1.0, 7.0])).unwrap_err();
    let message = "confusion_matrix: confusion_matrix: the target of row 1 is not one of the 2 classes";
    assert_eq!(error.to_string(), message);
}

#[test]
#[should_panic(expected = "confusion_matrix: class 3 is not one of 3")]
fn a_class_that_is_not_there_panics() {
    example().recall(3);
}

#[test]
#[should_panic(expected = "confusion_matrix: 2 names, expected 3, one for each class")]
fn names_for_other_classes_panic() {
    let _ = example().named(["a", "b"]);
}

#[test]
#[should_panic(expected = "confusion_matrix: 1 labels were predicted, expected 2")]
fn labels_of_other_rows_panic() {
    ConfusionMatrix::of_labels(&Indices::from([0, 1]), &Indices::from([0]));
}
