//! The settings of a training run. The run itself stands in `training.rs`.

use wengert_tensor::{Target, Tensor};

use crate::Problem;
use crate::examples::Examples;

/// How to train: the number of epochs, and what else [`Compiled::fit`](crate::Compiled::fit) should know. What is not
/// said is as in Keras: batches of 32 rows, shuffled, no validation, progress on the standard output.
///
/// # Examples
/// ```
/// use wengert_train::Fit;
/// let fit = Fit::epochs(10).batch_size(16).validation_split(0.3).seed(7).verbose(2);
/// ```
#[derive(Clone, Debug)]
pub struct Fit {
    pub(crate) epochs: usize,
    pub(crate) batch_size: usize,
    pub(crate) validation: Validation,
    pub(crate) is_shuffled: bool,
    pub(crate) seed: u64,
    pub(crate) verbose: u8,
    pub(crate) weights: Option<Tensor>,
}

/// What the model is judged by after each epoch.
#[derive(Clone, Debug)]
pub(crate) enum Validation {
    /// The last share of the rows; nothing if it is 0.
    Split(f64),
    /// Rows of their own.
    Rows(Box<Examples>),
}

impl Fit {
    /// Training for so many passes over the data.
    pub fn epochs(epochs: usize) -> Fit {
        Fit {
            epochs,
            batch_size: 32,
            validation: Validation::Split(0.0),
            is_shuffled: true,
            seed: 0,
            verbose: 1,
            weights: None,
        }
    }

    /// So many rows in a step; the last batch of an epoch may be smaller.
    pub fn batch_size(self, batch_size: usize) -> Fit {
        Fit { batch_size, ..self }
    }

    /// Keeps the last rows, as they were given, out of training, and judges the model by them after each epoch.
    ///
    /// Of `n` rows, the first `⌊n (1 - fraction)⌋` are trained on, as in Keras. Rows that are sorted should be shuffled
    /// before. It replaces [`validation`](Fit::validation).
    pub fn validation_split(self, fraction: f64) -> Fit {
        Fit { validation: Validation::Split(fraction), ..self }
    }

    /// Judges the model by these rows after each epoch. It replaces [`validation_split`](Fit::validation_split).
    pub fn validation(self, x: &Tensor, y: impl Into<Target>) -> Fit {
        let rows = Examples { x: x.clone(), y: y.into(), weights: None };
        Fit { validation: Validation::Rows(Box::new(rows)), ..self }
    }

    /// How much each row counts in the loss: `[n_rows]` numbers. What they divide by says the loss: see
    /// [`Reduction`](wengert_nn::Reduction). With a [`validation_split`](Fit::validation_split) they count in its loss too, as
    /// in Keras; in metrics they do not.
    pub fn sample_weights(self, weights: &Tensor) -> Fit {
        Fit { weights: Some(weights.clone()), ..self }
    }

    /// Whether the rows get a new order in each epoch.
    pub fn shuffle(self, is_shuffled: bool) -> Fit {
        Fit { is_shuffled, ..self }
    }

    /// The seed of the orders. Each epoch of a compiled model, counted over all calls of `fit`, has a stream of its own,
    /// so that two calls of five epochs train as one of ten does.
    pub fn seed(self, seed: u64) -> Fit {
        Fit { seed, ..self }
    }

    /// 0 for no output; 1, the default, for a live bar in a terminal and a line per epoch elsewhere; 2 for a line per
    /// epoch everywhere. The lines have no times in them, so that the same training prints the same.
    pub fn verbose(self, verbose: u8) -> Fit {
        Fit { verbose, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), Problem> {
        match self.validation {
            _ if self.epochs == 0 => Err(Problem::Epochs),
            _ if self.batch_size == 0 => Err(Problem::BatchSize),
            _ if self.verbose > 2 => Err(Problem::Verbose(self.verbose)),
            Validation::Split(split) if !(0.0..1.0).contains(&split) => Err(Problem::ValidationSplit(split)),
            _ => Ok(()),
        }
    }
}

/// How many of `n_rows` come before a validation split that is not 0.
pub(crate) fn n_before_split(n_rows: usize, split: f64) -> Result<usize, Problem> {
    let n_train = (n_rows as f64 * (1.0 - split)).floor() as usize;
    let empty = |purpose| Err(Problem::Split { split, n_rows, purpose });
    match n_train {
        0 => empty("train on"),
        _ if n_train >= n_rows => empty("validate with"),
        _ => Ok(n_train),
    }
}

#[cfg(test)]
mod tests {
    use super::n_before_split;

    #[test]
    fn a_split_has_the_sizes_of_keras() {
        let sizes =
            [(128_069, 0.3, 89_648), (10, 0.25, 7), (100, 0.1, 90), (3, 0.5, 1), (2, 0.5, 1), (8, 0.99, 0)];
        for (n_rows, split, n_train) in sizes {
            assert_eq!(n_before_split(n_rows, split).unwrap_or(0), n_train, "{split} of {n_rows}");
        }
    }
}
