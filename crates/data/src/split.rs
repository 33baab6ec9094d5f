//! The division of a data set into a part to learn from and a part to be judged by.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use wengert_array::Mismatch;
use wengert_tensor::{Indices, Rng};

use crate::{DataError, Rows};

/// The rows in random order, divided into a training and a test part: `(train, test)`.
///
/// The test part has `⌈test_fraction · n⌉` of the `n` rows, computed in `f64` as scikit-learn does, the training part
/// the rest.
///
/// # Errors
/// If the fraction does not lie between 0 and 1, or nothing would be left to train on.
///
/// # Examples
/// ```
/// use wengert_data::train_test_split;
/// use wengert_tensor::{Rng, Tensor};
///
/// let data = (Tensor::arange(10), Tensor::arange(10));
/// let ((train, _), (test, test_y)) = train_test_split(&data, 0.25, &mut Rng::seed(0))?;
/// assert_eq!((train.size(), test.size()), (7, 3));
/// assert_eq!(test.to_vec::<f32>(), test_y.to_vec::<f32>());
/// # Ok::<(), wengert_data::DataError>(())
/// ```
pub fn train_test_split<D: Rows>(data: &D, test_fraction: f64, rng: &mut Rng) -> Result<(D, D), DataError> {
    let n_rows = data.n_rows()?;
    let n_test = n_test(n_rows, test_fraction)?;
    let order = rng.permutation(n_rows);
    let (test, train) = order.split_at(n_test);
    let data = data.packed();
    Ok((data.select_rows(train), data.select_rows(test)))
}

/// The rows in their order, the last of which are the test part: `(train, test)`. For rows that come one after the
/// other in time, so that nothing is learned from later ones.
///
/// The test part has `⌈test_fraction · n⌉` of the `n` rows. (Keras' `validation_split` leaves `⌊n (1 - fraction)⌋` to
/// train on, which is the same but for rounding.)
///
/// # Errors
/// As for [`train_test_split`].
///
/// # Examples
/// ```
/// use wengert_data::split_in_order;
/// use wengert_tensor::Tensor;
/// let (train, test) = split_in_order(&Tensor::arange(5), 0.4)?;
/// assert_eq!((train.to_vec::<f32>(), test.to_vec::<f32>()), (vec![0.0, 1.0, 2.0], vec![3.0, 4.0]));
/// # Ok::<(), wengert_data::DataError>(())
/// ```
pub fn split_in_order<D: Rows>(data: &D, test_fraction: f64) -> Result<(D, D), DataError> {
    let n_rows = data.n_rows()?;
    let n_train = n_rows - n_test(n_rows, test_fraction)?;
    Ok((data.slice_rows(0..n_train), data.slice_rows(n_train..n_rows)))
}

/// The rows in random order, divided so that both parts have the shares of the classes that the whole has:
/// `(train, test)`.
///
/// The test part has `⌈test_fraction · n⌉` of the `n` rows. Of class `k` these are `n_test · n_k / n`, rounded down, and
/// one more for the classes with the largest remainders until the sum is right; among equal ones, the lower class.
///
/// # Errors
/// As for [`train_test_split`]; and if the labels are not as many as the rows, a class has a single row, or a part is to
/// have fewer rows than there are classes.
///
/// # Examples
/// ```
/// use wengert_data::stratified_split;
/// use wengert_tensor::{Indices, Rng, Tensor};
///
/// let labels = Indices::from([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
/// let data = (Tensor::arange(10), labels.clone());
/// let (_, (_, test)) = stratified_split(&data, &labels, 0.5, &mut Rng::seed(0))?;
/// assert_eq!(test.iter().filter(|&label| label == 1).count(), 2);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
pub fn stratified_split<D: Rows>(
    data: &D,
    labels: &Indices,
    test_fraction: f64,
    rng: &mut Rng,
) -> Result<(D, D), DataError> {
    const NAME: &str = "stratified_split";
    let n_rows = data.n_rows()?;
    let n_test = n_test(n_rows, test_fraction)?;
    let classes = classes(NAME, labels, n_rows)?;
    if let Some(class) = classes.iter().find(|class| class.rows.len() < 2) {
        let problem =
            Mismatch::new("a class cannot be in both parts").row(format!("class {}", class.label), "1 row");
        return Err(DataError::refused(NAME, problem.note("expected at least 2")));
    }
    for (part, n) in [("test", n_test), ("training", n_rows - n_test)] {
        if n < classes.len() {
            let problem =
                Mismatch::new("a part has no room for every class").row(format!("{part} part"), rows(n));
            return Err(DataError::refused(
                NAME,
                problem.note(format!("expected at least {}", classes.len())),
            ));
        }
    }
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (class, n) in classes.iter().zip(shares(&classes, n_test, n_rows)) {
        let order = rng.permutation(class.rows.len());
        let (of_test, of_train) = order.split_at(n);
        test.extend(of_test.iter().map(|&place| class.rows[place]));
        train.extend(of_train.iter().map(|&place| class.rows[place]));
    }
    let data = data.packed();
    let mut mixed = |rows: &[usize]| {
        let order = rng.permutation(rows.len());
        data.select_rows(&order.iter().map(|&place| rows[place]).collect::<Vec<_>>())
    };
    Ok((mixed(&train), mixed(&test)))
}

/// The rows of one class.
pub(crate) struct Class {
    pub(crate) label: usize,
    pub(crate) rows: Vec<usize>,
}

/// The classes that occur, in the order of their labels.
pub(crate) fn classes(name: &'static str, labels: &Indices, n_rows: usize) -> Result<Vec<Class>, DataError> {
    if *labels.shape() != [n_rows] {
        let problem = Mismatch::new("the labels are not those of the rows").row("labels", labels.shape());
        return Err(DataError::refused(name, problem.note(format!("expected [{n_rows}]"))));
    }
    let mut classes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, label) in labels.iter().enumerate() {
        classes.entry(label).or_default().push(row);
    }
    Ok(classes.into_iter().map(|(label, rows)| Class { label, rows }).collect())
}

/// How many rows of each class are in the test part.
fn shares(classes: &[Class], n_test: usize, n_rows: usize) -> Vec<usize> {
    let product = |class: &Class| n_test as u128 * class.rows.len() as u128;
    let mut shares: Vec<usize> =
        classes.iter().map(|class| (product(class) / n_rows as u128) as usize).collect();
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_unstable_by_key(|&place| (Reverse(product(&classes[place]) % n_rows as u128), place));
    let n_missing = n_test - shares.iter().sum::<usize>();
    for &place in &order[..n_missing] {
        shares[place] += 1;
    }
    shares
}

/// How many rows the test part has.
fn n_test(n_rows: usize, test_fraction: f64) -> Result<usize, DataError> {
    if !(test_fraction > 0.0 && test_fraction < 1.0) {
        return Err(DataError::TestFraction(test_fraction));
    }
    let n_test = (test_fraction * n_rows as f64).ceil() as usize;
    if n_test >= n_rows {
        return Err(DataError::NothingToTrainOn { fraction: test_fraction, n_rows });
    }
    Ok(n_test)
}

fn rows(n: usize) -> String {
    if n == 1 { "1 row".to_string() } else { format!("{n} rows") }
}
