//! The classes of targets as data: weights of classes, and validation parts with the classes of the whole. What classes an
//! output says stands in `metric/classes.rs`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use wengert_tensor::{Target, Tensor};

use crate::Problem;
use crate::examples::Examples;

/// The class of each row, if the target tells it: labels, one-hot rows, or a column of 0 and 1.
fn told(target: &Target) -> Option<Vec<usize>> {
    match target {
        Target::Labels(labels) if labels.shape().size() == *labels.shape().first()? => {
            Some(labels.iter().collect())
        }
        Target::Labels(_) => None,
        Target::Values(values) => {
            let numbers = values.to_vec::<f64>();
            let width = numbers.len() / (*values.shape().first()?).max(1);
            let is_binary = numbers.iter().all(|&x| x == 0.0 || x == 1.0);
            let is_one_hot = |row: &[f64]| row.iter().filter(|&&x| x == 1.0).count() == 1;
            match width {
                _ if !is_binary || values.rank() > 2 => None,
                1 => Some(numbers.iter().map(|&x| x as usize).collect()),
                _ if numbers.chunks_exact(width).all(is_one_hot) => {
                    Some(numbers.chunks_exact(width).map(place_of_largest).collect())
                }
                _ => None,
            }
        }
    }
}

fn place_of_largest(row: &[f64]) -> usize {
    let mut place = 0;
    for (index, x) in row.iter().enumerate() {
        if *x > row[place] {
            place = index;
        }
    }
    place
}

/// The class of each row for weights of classes: as Keras, the largest number of a row, or one whole number each.
fn marked(target: &Target) -> Result<Vec<usize>, String> {
    let (shape, numbers) = match target {
        Target::Labels(labels) => (labels.shape(), labels.iter().map(|label| label as f64).collect()),
        Target::Values(values) => (values.shape(), values.to_vec::<f64>()),
    };
    let is_column = shape.size() == shape[0];
    if !is_column && (shape.len() > 2 || matches!(target, Target::Labels(_))) {
        return Err(format!("the target {shape} has not one class for each row"));
    }
    if !is_column {
        return Ok(numbers.chunks_exact(numbers.len() / shape[0]).map(place_of_largest).collect());
    }
    let class = |(row, &x): (usize, &f64)| {
        let is_class = x >= 0.0 && x.fract() == 0.0;
        is_class.then_some(x as usize).ok_or_else(|| format!("{x} in row {row} is no class"))
    };
    numbers.iter().enumerate().map(class).collect()
}

/// Whether weights of classes are such.
pub(crate) fn check_weights(by_class: &[(usize, f64)]) -> Result<(), Problem> {
    let is_weight = |weight: f64| weight.is_finite() && weight >= 0.0;
    match by_class.iter().find(|(_, weight)| !is_weight(*weight)) {
        Some(&(class, weight)) => Err(Problem::ClassWeight { class, weight }),
        None => Ok(()),
    }
}

/// Rows whose weights are multiplied by those of their classes.
pub(crate) fn weighted(rows: Examples, by_class: &[(usize, f64)]) -> Result<Examples, Problem> {
    if by_class.is_empty() {
        return Ok(rows);
    }
    let refused = |message| Problem::Classes { purpose: "class_weights", message };
    let mut weights_of = BTreeMap::new();
    for &(class, weight) in by_class {
        weights_of.insert(class, weight);
    }
    let of_class = |class: usize| weights_of.get(&class).copied().unwrap_or(1.0);
    let weights: Vec<f64> = marked(&rows.y).map_err(refused)?.into_iter().map(of_class).collect();
    let n_rows = weights.len();
    let weights = Tensor::new(weights, [n_rows]).cast(rows.x.dtype());
    let weights = match &rows.weights {
        Some(others) => others * &weights,
        None => weights,
    };
    Ok(Examples { weights: Some(weights), ..rows })
}

/// The rows to train on and those to validate with, each in their order: of each class the last, by its share, so that
/// there are `n_validation` of them.
pub(crate) fn stratified(target: &Target, n_validation: usize) -> Result<(Vec<usize>, Vec<usize>), Problem> {
    let message = || {
        let message =
            "the target does not tell classes, expected labels, one-hot rows, or 0 and 1".to_string();
        Problem::Classes { purpose: "stratified", message }
    };
    let classes = told(target).ok_or_else(message)?;
    let mut left = shares(&classes, n_validation);
    let mut is_validation = vec![false; classes.len()];
    for (row, class) in classes.iter().enumerate().rev() {
        if let Some(n) = left.get_mut(class).filter(|n| **n > 0) {
            *n -= 1;
            is_validation[row] = true;
        }
    }
    Ok((0..classes.len()).partition(|&row| !is_validation[row]))
}

/// How many rows of each class: its share of `n`, rounded down, and one more for the largest remainders.
fn shares(classes: &[usize], n: usize) -> BTreeMap<usize, usize> {
    let counts = counts(classes);
    let product = |count: usize| count as u128 * n as u128;
    let n_rows = classes.len() as u128;
    let mut shares = counts.clone();
    for share in shares.values_mut() {
        *share = (product(*share) / n_rows) as usize;
    }
    let n_missing = n - shares.values().sum::<usize>();
    let mut order: Vec<(&usize, &usize)> = counts.iter().collect();
    order.sort_unstable_by_key(|&(class, &count)| (Reverse(product(count) % n_rows), class));
    for (class, _) in order.into_iter().take(n_missing) {
        shares.entry(*class).and_modify(|share| *share += 1);
    }
    shares
}

fn counts(classes: &[usize]) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    for &class in classes {
        *counts.entry(class).or_insert(0) += 1;
    }
    counts
}

/// What to say if the classes of the validation rows are not those of the rows to train on: the shares of one differ by more
/// than a tenth of the rows, and by more than chance would have it (four standard deviations).
pub(crate) fn imbalance(train: &Target, validation: &Target) -> Option<String> {
    let (train, validation) = (told(train)?, told(validation)?);
    let (n_train, n_validation) = (train.len() as f64, validation.len() as f64);
    let (in_train, in_validation) = (counts(&train), counts(&validation));
    let share = |class: &usize| {
        let count = |counts: &BTreeMap<usize, usize>| *counts.get(class).unwrap_or(&0) as f64;
        (count(&in_train) / n_train, count(&in_validation) / n_validation)
    };
    let differs = |class: &usize| {
        let (a, b) = share(class);
        let both = (a * n_train + b * n_validation) / (n_train + n_validation);
        let deviation = (both * (1.0 - both) * (1.0 / n_train + 1.0 / n_validation)).sqrt();
        (a - b).abs() > f64::max(0.1, 4.0 * deviation)
    };
    let worst = in_train.keys().chain(in_validation.keys()).filter(|class| differs(class));
    let distance = |class: &&usize| (share(class).0 - share(class).1).abs();
    let class = worst.max_by(|a, b| distance(a).total_cmp(&distance(b)).then(b.cmp(a)))?;
    let (a, b) = share(class);
    Some(format!(
        "validation_split: the last rows have other classes than those before them\n  class {class}  {:.0} % of the \
         rows to train on, {:.0} % of those to validate with\n  help: `stratified` divides every class alike; or shuffle the rows before",
        100.0 * a,
        100.0 * b
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wengert_tensor::Indices;

    fn labels(classes: &[usize]) -> Target {
        Indices::from(classes.to_vec()).into()
    }

    #[test]
    fn classes_are_told_by_labels_one_hot_rows_and_columns() {
        let column = |numbers: Vec<f32>, shape: &[usize]| Target::from(Tensor::new(numbers, shape));
        for (target, expected) in [
            (labels(&[2, 0]), Some(vec![2, 0])),
            (column(vec![1.0, 0.0], &[2]), Some(vec![1, 0])),
            (column(vec![1.0, 0.0], &[2, 1]), Some(vec![1, 0])),
            (column(vec![0.0, 1.0, 1.0, 0.0], &[2, 2]), Some(vec![1, 0])),
            (column(vec![1.0, 1.0, 1.0, 0.0], &[2, 2]), None),
            (column(vec![0.5, 0.0], &[2]), None),
        ] {
            assert_eq!(told(&target), expected, "{target:?}");
        }
    }

    #[test]
    fn shares_add_up_to_what_is_asked_for() {
        let classes = [[0; 7].as_slice(), &[1; 2], &[2; 1]].concat();
        let of = |n: usize| shares(&classes, n).into_values().collect::<Vec<_>>();
        assert_eq!(of(5), [4, 1, 0]);
        assert_eq!(of(3), [2, 1, 0]);
        assert_eq!(of(10), [7, 2, 1]);
        assert_eq!(of(0), [0, 0, 0]);
    }

    #[test]
    fn a_difference_is_told_where_it_is_large_and_no_chance() {
        let is_told =
            |train: &[usize], validation: &[usize]| imbalance(&labels(train), &labels(validation)).is_some();
        let half = |n: usize| [vec![0; n / 2], vec![1; n / 2]].concat();
        assert!(!is_told(&half(100), &half(40)));
        assert!(is_told(&half(100), &[1; 40]));
        // Four rows say nothing.
        assert!(!is_told(&half(100), &[1; 4]));
        // A small difference is none, however sure.
        let sixty = [vec![0; 4_200], vec![1; 5_800]].concat();
        assert!(!is_told(&half(10_000), &sixty));
        assert!(imbalance(&Tensor::ones([3]).into(), &Tensor::full([3], 0.5).into()).is_none());
    }
}
