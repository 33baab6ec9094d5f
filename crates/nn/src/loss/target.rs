//! Targets: whether they fit an output, and the numbers in them.

use wengert_tensor::{Shape, Target, Tensor};

use crate::Loss;

/// Whether values have the output's shape, or labels are as many as its elements.
pub(super) fn fits(output: &Shape, target: &Target) -> Result<(), String> {
    match target {
        Target::Values(values) => same_shape(output, values.shape()),
        Target::Labels(labels) if labels.len() == output.size() => Ok(()),
        Target::Labels(labels) => {
            Err(format!("the target {} is not that of an output {output}", labels.shape()))
        }
    }
}

pub(super) fn same_shape(output: &Shape, target: &Shape) -> Result<(), String> {
    if output == target {
        Ok(())
    } else {
        Err(format!("the target {target} does not have the output's shape {output}"))
    }
}

/// Whether the target holds values, and not labels.
pub(super) fn values(target: &Target) -> Result<&Tensor, String> {
    match target {
        Target::Values(values) => Ok(values),
        Target::Labels(_) => Err("the target holds labels, expected values".to_string()),
    }
}

/// What numbers a target may hold.
#[derive(Clone, Copy)]
pub(super) enum Allowed {
    /// Probabilities.
    Shares,
    /// Counts, and what is like them.
    NotNegative,
    /// The answers of a yes-or-no question.
    Signs,
}

impl Allowed {
    /// Whether all numbers are such; if not, which is the first that is none.
    pub(super) fn check(self, target: &Target) -> Result<(), String> {
        let (is_allowed, expected): (fn(f64) -> bool, _) = match self {
            Allowed::Shares => (|t| (0.0..=1.0).contains(&t), "numbers from 0 to 1"),
            Allowed::NotNegative => (|t| t >= 0.0, "no negative numbers"),
            Allowed::Signs => (|t| [-1.0, 0.0, 1.0].contains(&t), "0 and 1, or -1 and 1"),
        };
        let (first, n, shape) = match target {
            Target::Values(values) => {
                let mut numbers = values.array().iter();
                (numbers.by_ref().enumerate().find(|&(_, t)| !is_allowed(t)), values.size(), *values.shape())
            }
            Target::Labels(labels) => {
                let mut numbers = labels.iter().map(|label| label as f64).enumerate();
                (numbers.find(|&(_, t)| !is_allowed(t)), labels.len(), *labels.shape())
            }
        };
        match first {
            Some((index, t)) => {
                let row = index * shape.first().copied().unwrap_or(1) / n;
                Err(format!("the target holds {t} in row {row}, expected {expected}"))
            }
            None => Ok(()),
        }
    }
}

/// The target's numbers in the shape of an output that it was checked against, and at least in its dtype.
#[track_caller]
pub(super) fn numbers(loss: &dyn Loss, y: &Tensor, target: &Target) -> Tensor {
    if let Err(message) = fits(y.shape(), target) {
        panic!("{}: {message}", loss.name());
    }
    match target {
        Target::Values(values) => values.cast(values.dtype().max(y.dtype())),
        Target::Labels(labels) => {
            let numbers: Vec<f64> = labels.iter().map(|label| label as f64).collect();
            Tensor::new(numbers, *y.shape()).cast(y.dtype())
        }
    }
}

/// From a term for each element to a loss for each entry: the mean over the last axis, if there is one beside the rows.
#[track_caller]
pub(super) fn mean_of_entry(terms: &Tensor) -> Tensor {
    if terms.rank() < 2 { terms.clone() } else { terms.mean_axes(-1) }
}
