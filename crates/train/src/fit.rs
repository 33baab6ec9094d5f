//! The settings of a training run. The run itself stands in `training.rs`.

use std::sync::Arc;

use wengert_data::{Dataset, Loader, Rows};
use wengert_tensor::{Target, Tensor};

use crate::examples::Examples;
use crate::source::Judging;
use crate::{Callback, FitError, Problem, Screen, Supervised, classes};

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
    pub(crate) initial_epoch: usize,
    pub(crate) steps_per_epoch: Option<usize>,
    pub(crate) batch_size: Option<usize>,
    pub(crate) validation: Validation,
    pub(crate) is_shuffled: bool,
    pub(crate) seed: u64,
    pub(crate) verbose: u8,
    /// The standard output, if nothing else is said.
    pub(crate) screen: Option<Screen>,
    pub(crate) weights: Option<Tensor>,
    pub(crate) class_weights: Vec<(usize, f64)>,
    pub(crate) is_stratified: bool,
    pub(crate) callbacks: Vec<Box<dyn Callback>>,
}

/// Rows of a batch, unless said otherwise.
const BATCH_SIZE: usize = 32;

/// What the model is judged by after each epoch.
#[derive(Clone, Debug)]
pub(crate) enum Validation {
    /// The last share of the rows; nothing if it is 0.
    Split(f64),
    /// Rows of their own.
    Rows(Box<Examples>),
    /// What a loader gives.
    Loader(Judging),
}

impl Fit {
    /// Training for so many passes over the data.
    pub fn epochs(epochs: usize) -> Fit {
        Fit {
            epochs,
            initial_epoch: 0,
            steps_per_epoch: None,
            batch_size: None,
            validation: Validation::Split(0.0),
            is_shuffled: true,
            seed: 0,
            verbose: 1,
            screen: None,
            weights: None,
            class_weights: Vec::new(),
            is_stratified: false,
            callbacks: Vec::new(),
        }
    }

    /// Numbers the epochs as if so many had been trained before: those up to [`epochs`](Fit::epochs) are left. For a
    /// training that goes on: output, history and callbacks count on from there.
    pub fn initial_epoch(self, initial_epoch: usize) -> Fit {
        Fit { initial_epoch, ..self }
    }

    /// Calls an epoch what is so many batches. The next epoch goes on in the rows where the last one ended, and rows are
    /// shuffled anew when all have been used. (Keras cuts the epoch short in which the rows end.)
    pub fn steps_per_epoch(self, n_steps: usize) -> Fit {
        Fit { steps_per_epoch: Some(n_steps), ..self }
    }

    /// So many rows in a step; the last batch of an epoch may be smaller.
    pub fn batch_size(self, batch_size: usize) -> Fit {
        Fit { batch_size: Some(batch_size), ..self }
    }

    /// Keeps the last rows, as they were given, out of training, and judges the model by them after each epoch.
    ///
    /// Of `n` rows, the first `⌊n (1 - fraction)⌋` are trained on, as in Keras. Rows that are sorted should be shuffled
    /// before, or divided by class with [`stratified`](Fit::stratified); where the classes of the two parts differ much, the
    /// history has a warning, which is also written to the standard error unless `fit` is silent. It replaces
    /// [`validation`](Fit::validation).
    pub fn validation_split(self, fraction: f64) -> Fit {
        Fit { validation: Validation::Split(fraction), ..self }
    }

    /// Takes the last rows of each class for the [`validation_split`](Fit::validation_split), as many as its share of all
    /// rows says, so that both parts have the same classes. Targets must tell classes: labels, one-hot rows, or 0 and 1.
    pub fn stratified(self) -> Fit {
        Fit { is_stratified: true, ..self }
    }

    /// Judges the model by these rows after each epoch. It replaces [`validation_split`](Fit::validation_split).
    pub fn validation(self, x: &Tensor, y: impl Into<Target>) -> Fit {
        let rows = Examples { x: x.clone(), y: y.into(), weights: None };
        Fit { validation: Validation::Rows(Box::new(rows)), ..self }
    }

    /// Judges the model by the batches of a loader after each epoch, always in the order of its first pass. If its data set gives
    /// weights, they count in the loss, and in metrics that are [weighted](crate::Compiled::weighted_metric). It replaces
    /// [`validation`](Fit::validation) and [`validation_split`](Fit::validation_split).
    pub fn validation_loader<D>(self, loader: &Loader<D>) -> Fit
    where
        D: Dataset<Piece: Supervised> + 'static,
    {
        Fit { validation: Validation::Loader(Judging(Arc::new(loader.clone()))), ..self }
    }

    /// How much each row counts in the loss: `[n_rows]` numbers. What they divide by says the loss: see
    /// [`Reduction`](wengert_nn::Reduction). With a [`validation_split`](Fit::validation_split) they count in its loss too, as
    /// in Keras; in metrics they do not.
    pub fn sample_weights(self, weights: &Tensor) -> Fit {
        Fit { weights: Some(weights.clone()), ..self }
    }

    /// How much the rows of a class count in the loss, by class; 1 for those that are not named. It multiplies
    /// [`sample_weights`](Fit::sample_weights), and as in Keras it does not count in validation. Targets are labels, rows
    /// whose largest number marks the class, or one whole number each.
    ///
    /// # Examples
    /// ```
    /// use wengert_train::Fit;
    /// let rare_class_counts_more = Fit::epochs(10).class_weights([(1, 8.0)]);
    /// ```
    pub fn class_weights(self, weights: impl IntoIterator<Item = (usize, f64)>) -> Fit {
        Fit { class_weights: weights.into_iter().collect(), ..self }
    }

    /// One callback more: see [`Callback`]. They are called in the order in which they are given.
    pub fn callback(mut self, callback: impl Callback + 'static) -> Fit {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Whether the rows get a new order in each epoch.
    pub fn shuffle(self, is_shuffled: bool) -> Fit {
        Fit { is_shuffled, ..self }
    }

    /// The seed of the orders. Each pass of a compiled model over the rows, counted over all calls of `fit`, has a stream of its own,
    /// so that two calls of five epochs train as one of ten does.
    pub fn seed(self, seed: u64) -> Fit {
        Fit { seed, ..self }
    }

    /// 0 for no output; 1, the default, for a live bar in a terminal and a line per epoch elsewhere; 2 for a line per
    /// epoch everywhere.
    ///
    /// A line tells the epoch, the steps, the time of the epoch and of a step in the mean, and the values:
    /// `Epoch 3/10 - 469/469 - 1.3s - 2.5ms/step - loss: 0.1234 - val_loss: 0.1432`. (Keras writes it in two lines, in whole
    /// seconds, and the values by the alphabet. Its bar comes everywhere.)
    pub fn verbose(self, verbose: u8) -> Fit {
        Fit { verbose, ..self }
    }

    /// Shows the progress elsewhere than on the standard output: see [`Screen`].
    pub fn screen(self, screen: Screen) -> Fit {
        Fit { screen: Some(screen), ..self }
    }

    /// Which rows of the target [`Compiled::fit`](crate::Compiled::fit) will train on, after the
    /// [`validation_split`](Fit::validation_split): those that a scaler may be fitted to.
    ///
    /// # Errors
    /// If the settings are wrong, or a part would have no rows.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::Indices;
    /// use wengert_train::Fit;
    /// let fit = Fit::epochs(10).validation_split(0.5);
    /// let y = Indices::from([0, 0, 1, 1]);
    /// assert_eq!(fit.training_rows(y.clone())?, [0, 1]);
    /// assert_eq!(fit.stratified().training_rows(y)?, [0, 2]);
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    pub fn training_rows(&self, y: impl Into<Target>) -> Result<Vec<usize>, FitError> {
        self.rows_before_split(&y.into()).map_err(|problem| problem.during("training_rows"))
    }

    fn rows_before_split(&self, y: &Target) -> Result<Vec<usize>, Problem> {
        self.check()?;
        let n_rows = y.n_rows()?;
        match self.validation {
            Validation::Split(split) if split > 0.0 => {
                let n_train = n_before_split(n_rows, split)?;
                if self.is_stratified {
                    return Ok(classes::stratified(y, n_rows - n_train)?.0);
                }
                Ok((0..n_train).collect())
            }
            _ => Ok((0..n_rows).collect()),
        }
    }

    /// The rows of a batch.
    pub(crate) fn n_rows_of_batch(&self) -> usize {
        self.batch_size.unwrap_or(BATCH_SIZE)
    }

    pub(crate) fn check(&self) -> Result<(), Problem> {
        let (initial, epochs) = (self.initial_epoch, self.epochs);
        classes::check_weights(&self.class_weights)?;
        match self.validation {
            _ if epochs == 0 => Err(Problem::Epochs),
            _ if initial >= epochs => Err(Problem::InitialEpoch { initial, epochs }),
            _ if self.steps_per_epoch == Some(0) => Err(Problem::Steps),
            _ if self.batch_size == Some(0) => Err(Problem::BatchSize),
            _ if self.verbose > 2 => Err(Problem::Verbose(self.verbose)),
            Validation::Split(split) if !(0.0..1.0).contains(&split) => Err(Problem::ValidationSplit(split)),
            Validation::Split(split) if split > 0.0 => Ok(()),
            _ if self.is_stratified => Err(Problem::Stratified),
            _ => Ok(()),
        }
    }

    /// What is the loader's, or needs all rows at once.
    pub(crate) fn check_with_loader(&self) -> Result<(), Problem> {
        let refused = |setting, help| Err(Problem::WithLoader { setting, help });
        match self.validation {
            _ if self.batch_size.is_some() => {
                refused("batch_size", "give the loader the size of its batches")
            }
            _ if self.weights.is_some() => {
                refused("sample_weights", "let the data set give them: (x, y, weights)")
            }
            Validation::Split(split) if split > 0.0 => refused(
                "validation_split",
                "validate with rows of their own: `.validation(&x, &y)` or `.validation_loader(&loader)`",
            ),
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
