//! Splits and folds keep every row once, and the shares of the classes where they are asked to.

use crate::support::{check_error, golden, numbers};
use wengert_data::{DataError, KFold, Rows, split_in_order, stratified_split};
use wengert_tensor::{Indices, Rng, Tensor};

/// Labels with these counts, class by class.
fn labels(counts: &[usize]) -> Indices {
    counts.iter().enumerate().flat_map(|(class, &n)| std::iter::repeat_n(class, n)).collect::<Vec<_>>().into()
}

fn counts(labels: &Indices, n_classes: usize) -> Vec<usize> {
    (0..n_classes).map(|class| labels.iter().filter(|&label| label == class).count()).collect()
}

fn rows(x: &Tensor) -> Vec<usize> {
    x.to_vec::<f64>().iter().map(|&row| row as usize).collect()
}

#[test]
fn a_split_in_order_takes_the_last_rows() {
    for (n, fraction, n_test) in [(10, 0.25, 3), (5, 0.2, 1), (3, 0.5, 2), (100, 0.07, 8)] {
        let (train, test) = split_in_order(&Tensor::arange(n), fraction).unwrap();
        assert_eq!(
            (rows(&train), rows(&test)),
            ((0..n - n_test).collect(), (n - n_test..n).collect::<Vec<_>>())
        );
    }
    check_error(
        split_in_order(&Tensor::arange(3), 1.0),
        "train_test_split: the fraction is 1, expected more than 0 and less than 1",
    );
}

#[test]
fn a_stratified_split_keeps_the_shares() {
    for (sizes, fraction, expected) in [
        (vec![60, 40], 0.25, vec![15, 10]),
        (vec![6, 4], 0.5, vec![3, 2]),
        // 0.3 · 10 rows = 3: 1.5, 0.9 and 0.6 rows, rounded down, and one more for 0.9 and 0.6.
        (vec![5, 3, 2], 0.3, vec![1, 1, 1]),
        // ⌈0.5 · 7⌉ = 4: 8/7, 8/7 and 12/7 rows, and one more for the last.
        (vec![2, 2, 3], 0.5, vec![1, 1, 2]),
    ] {
        let labels = labels(&sizes);
        let n = labels.len();
        let data = (Tensor::arange(n), labels.clone());
        let (train, test) = stratified_split(&data, &labels, fraction, &mut Rng::seed(2)).unwrap();
        assert_eq!(counts(&test.1, sizes.len()), expected);
        let mut all = [rows(&train.0), rows(&test.0)].concat();
        assert!(n < 50 || !rows(&train.0).is_sorted(), "the classes are mixed");
        all.sort_unstable();
        assert_eq!(all, (0..n).collect::<Vec<_>>());
        assert!(
            rows(&test.0)
                .iter()
                .zip(test.1.iter())
                .all(|(&row, label)| labels.as_slice()[row] as usize == label)
        );
    }
}

#[test]
fn impossible_strata_are_refused() {
    let split = |sizes: &[usize], fraction| {
        let labels = labels(sizes);
        stratified_split(&Tensor::arange(labels.len()), &labels, fraction, &mut Rng::seed(0))
    };
    check_error(
        split(&[5, 1], 0.5),
        "stratified_split: a class cannot be in both parts\n  class 1  1 row   <- expected at least 2",
    );
    check_error(
        split(&[5, 5], 0.1),
        "stratified_split: a part has no room for every class\n  test part  1 row   <- expected at least 2",
    );
    check_error(
        split(&[2, 2, 2], 0.6),
        "stratified_split: a part has no room for every class\n  training part  2 rows   <- expected at least 3",
    );
    check_error(
        stratified_split(&Tensor::arange(4), &labels(&[2, 3]), 0.5, &mut Rng::seed(0)),
        "stratified_split: the labels are not those of the rows\n  labels  [5]   <- expected [4]",
    );
    assert_eq!(split(&[5, 5], 0.0).unwrap_err(), DataError::TestFraction(0.0));
}

#[test]
fn folds_in_order_are_those_of_scikit_learn() {
    let expected: Vec<Vec<usize>> = golden("sklearn.json")["k_fold_10_3"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fold| numbers(fold).iter().map(|&row| row as usize).collect())
        .collect();
    let folds = KFold::new(10, 3).unwrap();
    assert_eq!((0..folds.k()).map(|fold| folds.places(fold).to_vec()).collect::<Vec<_>>(), expected);
}

#[test]
fn every_row_is_judged_by_once() {
    let classes = labels(&[13, 7, 5]);
    for folds in [
        KFold::new(25, 4).unwrap(),
        KFold::shuffled(25, 4, &mut Rng::seed(1)).unwrap(),
        KFold::stratified(&classes, 4, &mut Rng::seed(1)).unwrap(),
    ] {
        let data = (Tensor::arange(25), classes.clone());
        let pairs = folds.folds(&data).unwrap();
        assert_eq!(pairs.len(), 4);
        let mut judged = Vec::new();
        for (train, validation) in pairs {
            assert!((6..=7).contains(&validation.n_rows().unwrap()));
            let mut all = [rows(&train.0), rows(&validation.0)].concat();
            judged.extend(rows(&validation.0));
            all.sort_unstable();
            assert_eq!(all, (0..25).collect::<Vec<_>>());
        }
        judged.sort_unstable();
        assert_eq!(judged, (0..25).collect::<Vec<_>>());
    }
}

#[test]
fn stratified_folds_differ_by_one_row_of_a_class() {
    for sizes in [&[13, 7, 5][..], &[5, 5], &[100, 11, 6, 5]] {
        let labels = labels(sizes);
        let folds = KFold::stratified(&labels, 5, &mut Rng::seed(3)).unwrap();
        for fold in 0..5 {
            let counts = counts(&labels.select_rows(folds.places(fold)), sizes.len());
            let is_fair =
                counts.iter().zip(sizes).all(|(&count, &n)| count == n / 5 || count == n.div_ceil(5));
            assert!(is_fair, "{counts:?} of {sizes:?}");
        }
    }
}

#[test]
fn folds_depend_on_the_seed_alone() {
    let shuffled = |seed| KFold::shuffled(20, 3, &mut Rng::seed(seed)).unwrap();
    assert_eq!(shuffled(1), shuffled(1));
    assert_ne!(shuffled(1), shuffled(2));
    let stratified = |seed| KFold::stratified(&labels(&[10, 10]), 3, &mut Rng::seed(seed)).unwrap();
    assert_eq!(stratified(1), stratified(1));
    assert_ne!(stratified(1), stratified(2));
}

#[test]
fn impossible_folds_are_refused() {
    check_error(KFold::new(5, 1), "k_fold: the rows cannot be divided\n  folds  1   <- expected at least 2");
    check_error(
        KFold::new(5, 6),
        "k_fold: the rows cannot be divided\n  folds  6   <- expected at most 5, as there are rows",
    );
    check_error(
        KFold::stratified(&labels(&[5, 2]), 3, &mut Rng::seed(0)),
        "k_fold: a class has too few rows to be in every fold\n  class 1  2 rows   <- expected at least 3",
    );
    check_error(
        KFold::new(5, 2).unwrap().folds(&Tensor::arange(6)),
        "k_fold: the data are not those that the folds were made for\n  rows  6   <- expected 5",
    );
}

#[test]
#[should_panic(expected = "k_fold: fold 2 is not one of 2")]
fn a_fold_outside_panics() {
    KFold::new(5, 2).unwrap().places(2);
}
