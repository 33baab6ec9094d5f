//! Metrics: numbers that tell people how good an output is. Training does not differentiate them; see
//! [`Loss`](wengert_nn::Loss) for what it does. The metrics themselves stand in `metric/`, a file for each family.

mod accuracy;
mod auc;
mod classes;
mod custom;
mod f1;
mod judged;
mod mean;
mod r2;
mod threshold;

use std::fmt::Debug;

use wengert_nn::Output;
use wengert_tensor::{Shape, Target};

pub use accuracy::{
    Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy, TopKCategoricalAccuracy,
};
pub use auc::Auc;
pub use custom::Custom;
pub use f1::{Average, F1Score};
pub use judged::Judged;
pub use mean::{CosineSimilarity, MeanAbsoluteError, MeanOf, RootMeanSquaredError};
pub use r2::R2Score;
pub use threshold::{FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives};

pub(crate) use classes::predicted_and_true;

/// A number that tells how good the output for some rows is, however they come in batches.
///
/// A metric keeps nothing itself. What it has seen is a list of numbers, which it begins, adds to, and reads: counts or
/// sums of which the metric is a function. So a precision is that of all rows, not a mean of precisions. What is a mean
/// over rows anyway is said more briefly with [`Custom`].
///
/// # Examples
/// ```
/// use wengert_train::{Judged, Metric};
///
/// #[derive(Debug)]
/// struct LargestOutput;
///
/// impl Metric for LargestOutput {
///     fn name(&self) -> &str {
///         "largest_output"
///     }
///     fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
///         seen.push(rows.output.value().max().item());
///     }
///     fn result(&self, seen: &[f64]) -> f64 {
///         seen.iter().copied().fold(f64::NEG_INFINITY, f64::max)
///     }
/// }
/// ```
pub trait Metric: Debug + Send + Sync {
    /// The name in reports and in the history, as Keras spells it.
    fn name(&self) -> &str;

    /// Adds rows to what has been seen, which is empty at first. Neither output nor target is tracked.
    ///
    /// # Panics
    /// If the target does not fit the output: see [`check`](Metric::check).
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>);

    /// The metric of what has been seen, which is not nothing.
    fn result(&self, seen: &[f64]) -> f64;

    /// The metric of these rows alone.
    ///
    /// # Panics
    /// If the target does not fit the output: see [`check`](Metric::check).
    fn value(&self, output: &Output, target: &Target) -> f64 {
        let mut seen = Vec::new();
        self.add(&mut seen, &Judged { output, target, weights: None });
        self.result(&seen)
    }

    /// Whether the target fits an output of the given shape.
    ///
    /// # Errors
    /// What was given and what was expected.
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        let _ = (output, target);
        Ok(())
    }

    /// Whether rows may count by weights: see [`Compiled::weighted_metric`](crate::Compiled::weighted_metric).
    fn takes_weights(&self) -> bool {
        true
    }

    /// Whether more is better, as for an accuracy, or less, as for an error, if that is known. Callbacks that look for
    /// the best epoch ask it.
    fn is_larger_better(&self) -> Option<bool> {
        None
    }
}
