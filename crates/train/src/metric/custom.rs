//! Metrics that are said by a closure.

use std::fmt;
use std::sync::Arc;

use wengert_nn::Output;
use wengert_tensor::{Target, Tensor};

use super::judged::{add_to_mean, mean};
use super::{Judged, Metric};

/// A metric of one's own that is a mean over rows. For any other, implement [`Metric`].
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{Custom, Metric};
///
/// let largest = Custom::rows("largest", |output, _| output.value().max_axes(-1));
/// let output = Output { raw: Tensor::from([[1.0, 2.0], [8.0, 5.0]]), activation: Activation::Linear };
/// assert_eq!(largest.value(&output, &Target::from(Tensor::zeros([2]))), 5.0);
/// ```
#[derive(Clone)]
pub struct Custom {
    name: String,
    formula: Formula,
    is_larger_better: Option<bool>,
}

/// What is computed of an output and its target.
type Closure<T> = dyn Fn(&Output, &Target) -> T + Send + Sync;

#[derive(Clone)]
enum Formula {
    /// A number for each row, or for each entry of a row.
    Rows(Arc<Closure<Tensor>>),
    /// The mean over a batch.
    Batch(Arc<Closure<f64>>),
}

impl Custom {
    /// The mean of a number for each row, or of as many in each: a tensor `[n_rows]` or `[n_rows, ...]`.
    pub fn rows(
        name: impl Into<String>,
        each: impl Fn(&Output, &Target) -> Tensor + Send + Sync + 'static,
    ) -> Custom {
        Custom { name: name.into(), formula: Formula::Rows(Arc::new(each)), is_larger_better: None }
    }

    /// The mean of a number for each batch, batches counting by their rows. Rows cannot have weights then.
    pub fn batches(
        name: impl Into<String>,
        mean: impl Fn(&Output, &Target) -> f64 + Send + Sync + 'static,
    ) -> Custom {
        Custom { name: name.into(), formula: Formula::Batch(Arc::new(mean)), is_larger_better: None }
    }

    /// The same, said to be better where it is larger. Callbacks ask it.
    pub fn larger_is_better(self) -> Custom {
        Custom { is_larger_better: Some(true), ..self }
    }

    /// The same, said to be better where it is smaller. Callbacks ask it.
    pub fn smaller_is_better(self) -> Custom {
        Custom { is_larger_better: Some(false), ..self }
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custom").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Metric for Custom {
    fn name(&self) -> &str {
        &self.name
    }

    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        match &self.formula {
            Formula::Rows(each) => {
                let entries = each(rows.output, rows.target).to_vec::<f64>();
                let (n, n_rows) = (entries.len(), rows.n_rows());
                assert!(
                    n > 0 && n.is_multiple_of(n_rows),
                    "{}: the closure gives {n} numbers for {n_rows} rows, expected as many for each",
                    self.name
                );
                add_to_mean(seen, rows, entries.into_iter());
            }
            Formula::Batch(mean) => {
                seen.resize(2, 0.0);
                seen[0] += rows.n_rows() as f64 * mean(rows.output, rows.target);
                seen[1] += rows.n_rows() as f64;
            }
        }
    }

    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen)
    }

    fn takes_weights(&self) -> bool {
        matches!(self.formula, Formula::Rows(_))
    }

    fn is_larger_better(&self) -> Option<bool> {
        self.is_larger_better
    }
}
