//! The share of the variance that a model explains.

use wengert_tensor::{Shape, Target};

use super::accuracy::require;
use super::classes::numbers;
use super::mean::has_shape_of;
use super::threshold::width;
use super::{Judged, Metric};

/// The coefficient of determination: 1 is perfect, 0 is as good as the mean of the targets.
///
/// `R² = 1 - Σ (y - t)² / Σ (t - t̄)²`, the mean over the columns of the output.
///
/// Where the targets of a column are all the same, it is 1 if they are met and 0 if not, as in scikit-learn (Keras gives NaN
/// where they are met). The sums are those of all rows, and are taken around a running mean, so that targets far from 0
/// lose no digits.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{Metric, R2Score};
///
/// let output = Output { raw: Tensor::from([[1.0], [2.0], [4.0]]), activation: Activation::Linear };
/// assert_eq!(R2Score.value(&output, &Target::from(Tensor::from([[1.0], [2.0], [3.0]]))), 0.5);
/// ```
///
/// # References
/// B. P. Welford, Note on a method for calculating corrected sums of squares and products, Technometrics 4 (1962).
#[derive(Clone, Copy, Debug, Default)]
pub struct R2Score;

/// What is kept of a column: the weights, the mean of the targets, the squares around it, the squares of the errors.
const PER_COLUMN: usize = 4;

impl Metric for R2Score {
    fn name(&self) -> &str {
        "r2_score"
    }

    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        require(self, rows);
        let n_columns = width(rows.output.raw.shape());
        seen.resize(PER_COLUMN * n_columns, 0.0);
        let (values, truths) = (rows.output.value().to_vec::<f64>(), numbers(rows.target));
        for (place, weight) in rows.entry_weights(values.len()).enumerate() {
            let column = &mut seen[PER_COLUMN * (place % n_columns)..][..PER_COLUMN];
            if weight != 0.0 {
                add_one(column, weight, truths[place], values[place]);
            }
        }
    }

    fn result(&self, seen: &[f64]) -> f64 {
        let columns = seen.chunks_exact(PER_COLUMN);
        let n_columns = columns.len() as f64;
        columns.map(|column| explained(column[2], column[3])).sum::<f64>() / n_columns
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        has_shape_of(output, target)
    }

    fn is_larger_better(&self) -> Option<bool> {
        Some(true)
    }
}

fn add_one(column: &mut [f64], weight: f64, truth: f64, value: f64) {
    column[0] += weight;
    let from_old_mean = truth - column[1];
    column[1] += from_old_mean * weight / column[0];
    column[2] += weight * from_old_mean * (truth - column[1]);
    column[3] += weight * (value - truth) * (value - truth);
}

fn explained(total: f64, errors: f64) -> f64 {
    match (total == 0.0, errors == 0.0) {
        (true, true) => 1.0,
        (true, false) => 0.0,
        _ => 1.0 - errors / total,
    }
}
