//! Rows, batches and splits keep every row once, and together with its target.

use wengert_data::{Batches, DataError, Rows, train_test_split};
use wengert_tensor::{DType, Indices, Rng, Target, Tensor};

/// `n` rows of two numbers, a label and a number that all tell the row.
fn numbered(n: usize) -> (Tensor, Indices, Target) {
    let rows: Vec<f32> = (0..n).flat_map(|row| [row as f32, row as f32 + 0.5]).collect();
    let labels: Vec<usize> = (0..n).collect();
    (Tensor::new(rows, [n, 2]), Indices::from(labels), Target::from(Tensor::arange(n)))
}

/// The numbers of the rows, which all parts must agree on.
#[track_caller]
fn row_numbers((x, labels, target): &(Tensor, Indices, Target)) -> Vec<usize> {
    let Target::Values(values) = target else { panic!("the target holds values") };
    for (row, label) in labels.iter().enumerate() {
        assert_eq!([x.at([row, 0]), x.at([row, 1])], [label as f64, label as f64 + 0.5]);
        assert_eq!(values.at([row]), label as f64);
    }
    labels.iter().collect()
}

#[test]
fn batches_in_order_are_views_and_the_last_is_smaller() {
    let data = numbered(70);
    let batches = Batches::new(&data, 32).unwrap();
    assert_eq!(batches.len(), 3);
    let parts: Vec<_> = batches.collect();
    assert_eq!(parts.iter().map(|(x, ..)| x.shape()[0]).collect::<Vec<_>>(), [32, 32, 6]);
    assert!(parts.iter().all(|(x, ..)| x.array().shares_buffer(data.0.array())));
    let rows: Vec<usize> = parts.iter().flat_map(row_numbers).collect();
    assert_eq!(rows, (0..70).collect::<Vec<_>>());
}

#[test]
fn shuffled_batches_hold_every_row_once() {
    let data = numbered(70);
    let mut rng = Rng::seed(3);
    let mut epoch = || -> Vec<usize> {
        let batches = Batches::new(&data, 32).unwrap().shuffled(&mut rng);
        assert_eq!(batches.len(), 3);
        batches.flat_map(|batch| row_numbers(&batch)).collect()
    };
    let (first, second) = (epoch(), epoch());
    assert_ne!(first, second);
    for mut rows in [first.clone(), second] {
        rows.sort_unstable();
        assert_eq!(rows, (0..70).collect::<Vec<_>>());
    }
    let again = Batches::new(&data, 32).unwrap().shuffled(&mut Rng::seed(3));
    assert_eq!(again.flat_map(|batch| row_numbers(&batch)).collect::<Vec<_>>(), first);
}

#[test]
fn a_batch_may_be_larger_than_the_data() {
    let sizes =
        |n, size| Batches::new(&numbered(n), size).unwrap().map(|(x, ..)| x.shape()[0]).collect::<Vec<_>>();
    assert_eq!(sizes(3, usize::MAX), [3]);
    assert_eq!(sizes(3, 3), [3]);
    assert_eq!(sizes(3, 1), [1, 1, 1]);
    assert!(sizes(0, 4).is_empty());
}

#[test]
fn selection_reads_any_layout() {
    let x = Tensor::new((0..12).map(f64::from).collect(), [3, 4]);
    let rows = x.t().select_rows(&[3, 0, 3]);
    assert_eq!(rows.dtype(), DType::F64);
    assert_eq!(rows.to_vec::<f64>(), [3.0, 7.0, 11.0, 0.0, 4.0, 8.0, 3.0, 7.0, 11.0]);
    assert_eq!(x.t().packed().select_rows(&[1]).to_vec::<f64>(), [1.0, 5.0, 9.0]);
    assert_eq!(*x.select_rows(&[]).shape(), [0, 4]);
    assert_eq!(*Tensor::zeros([3, 0]).select_rows(&[2, 2]).shape(), [2, 0]);
    assert_eq!(Tensor::ones([5, 2]).select_rows(&[4]).to_vec::<f32>(), [1.0, 1.0]);
    assert_eq!(Tensor::arange(3).select_rows(&[2]).to_vec::<f32>(), [2.0]);
}

#[test]
fn slices_of_labels_keep_their_shape() {
    let labels = Indices::new(vec![0, 1, 2, 3, 4, 5], [3, 2]);
    assert_eq!(labels.slice_rows(1..3), Indices::new(vec![2, 3, 4, 5], [2, 2]));
    assert_eq!(*labels.slice_rows(1..1).shape(), [0, 2]);
    let Target::Labels(target) = Target::from(&labels).slice_rows(0..1) else {
        panic!("the target holds labels")
    };
    assert_eq!(target, Indices::new(vec![0, 1], [1, 2]));
}

#[test]
fn a_split_has_the_sizes_of_scikit_learn() {
    for (n, fraction, n_test) in [(1797, 0.2, 360), (10, 0.25, 3), (3, 0.5, 2), (2, 0.01, 1), (100, 0.07, 8)]
    {
        let (train, test) = train_test_split(&numbered(n), fraction, &mut Rng::seed(0)).unwrap();
        assert_eq!((train.n_rows(), test.n_rows()), (Ok(n - n_test), Ok(n_test)), "{fraction} of {n}");
        let mut rows = [row_numbers(&train), row_numbers(&test)].concat();
        assert!(n < 10 || !rows.is_sorted(), "the rows are shuffled");
        rows.sort_unstable();
        assert_eq!(rows, (0..n).collect::<Vec<_>>());
    }
}

#[test]
fn a_split_depends_on_the_seed_alone() {
    let test_rows =
        |seed| row_numbers(&train_test_split(&numbered(50), 0.2, &mut Rng::seed(seed)).unwrap().1);
    assert_eq!(test_rows(1), test_rows(1));
    assert_ne!(test_rows(1), test_rows(2));
}

#[track_caller]
fn check_error<T>(result: Result<T, DataError>, message: &str) {
    assert_eq!(result.err().map(|error| error.to_string()).as_deref(), Some(message));
}

#[test]
fn wrong_sizes_are_errors() {
    let parts = "rows: the parts of a data set differ in their number of rows\n  part 0  5\n  part 1  4   <- expected 5";
    check_error(Batches::new(&numbered(5), 0), "batches: the batch size is 0, expected at least 1");
    check_error(Batches::new(&(numbered(5).0, numbered(4).1), 2), parts);
    check_error(Batches::new(&Tensor::from(1.0), 2), "rows: a tensor of shape [] has no axis of rows");
    let third = (Tensor::arange(5), Tensor::arange(5), Tensor::arange(6));
    check_error(third.n_rows(), &parts.replace("part 1  4", "part 2  6"));
    check_error(
        Target::from(Indices::new(vec![0], [])).n_rows(),
        "rows: a tensor of shape [] has no axis of rows",
    );
}

#[test]
fn wrong_splits_are_errors() {
    let split = |n, fraction| train_test_split(&numbered(n), fraction, &mut Rng::seed(0));
    for fraction in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
        let message =
            format!("train_test_split: the fraction is {fraction}, expected more than 0 and less than 1");
        check_error(split(10, fraction), &message);
    }
    check_error(split(2, 0.9), "train_test_split: a test part of 0.9 leaves no row of 2 to train on");
    check_error(split(0, 0.5), "train_test_split: a test part of 0.5 leaves no row of 0 to train on");
}

#[test]
#[should_panic(expected = "select_rows: row 3 is not one of 3")]
fn a_place_outside_panics() {
    Tensor::arange(3).select_rows(&[3]);
}
