//! The rows that a metric looks at, and the running means that most metrics are.

use wengert_nn::Output;
use wengert_tensor::{Target, Tensor};

/// Rows that a [`Metric`](crate::Metric) looks at: what came out, what is right, and how much each row counts.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// What the model says.
    pub output: &'a Output,
    /// What is right.
    pub target: &'a Target,
    /// A number for each row, `[n_rows]`, if they do not count alike.
    pub weights: Option<&'a Tensor>,
}

impl Judged<'_> {
    /// The number of rows; a single number is one.
    pub fn n_rows(&self) -> usize {
        self.output.raw.shape().first().copied().unwrap_or(1)
    }

    /// How much each of `n` entries counts, as many in each row.
    pub fn entry_weights(&self, n: usize) -> impl Iterator<Item = f64> {
        let per_row = (n / self.n_rows().max(1)).max(1);
        let weights = self.weights.map(Tensor::to_vec::<f64>);
        (0..n).map(move |entry| weights.as_ref().map_or(1.0, |weights| weights[entry / per_row]))
    }
}

/// Adds entries to a running mean: their weighted sum, and the sum of the weights. An entry of weight 0 does not count,
/// even if it is NaN.
pub(super) fn add_to_mean(
    seen: &mut Vec<f64>,
    rows: &Judged<'_>,
    entries: impl ExactSizeIterator<Item = f64>,
) {
    seen.resize(2, 0.0);
    for (weight, entry) in rows.entry_weights(entries.len()).zip(entries) {
        if weight != 0.0 {
            seen[0] += weight * entry;
            seen[1] += weight;
        }
    }
}

/// That mean; 0 if the weights add to 0.
pub(super) fn mean(seen: &[f64]) -> f64 {
    ratio(seen[0], seen[1])
}

/// A quotient that is 0 where there is nothing to divide by, as in Keras.
pub(super) fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}
