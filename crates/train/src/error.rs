//! What can be wrong with settings and data. Where it is found stands beside each check.

use std::fmt;

use wengert_data::DataError;
use wengert_optim::NonFiniteGradient;
use wengert_tensor::{Mismatch, Shape};

/// Why `fit`, `evaluate` or `predict` refused what it was given.
#[derive(Clone, PartialEq)]
pub struct FitError {
    call: &'static str,
    problem: Problem,
}

impl FitError {
    /// What is wrong, to be matched on.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.call, self.problem)
    }
}

impl fmt::Debug for FitError {
    /// The message, because this is what a program shows whose `main` returns the error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for FitError {}

/// What is wrong with settings or data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// No epochs were asked for.
    Epochs,
    /// There are no epochs after the initial one.
    InitialEpoch {
        /// How many epochs were trained before.
        initial: usize,
        /// The number of the last one.
        epochs: usize,
    },
    /// Epochs of no batches were asked for.
    Steps,
    /// Batches of no rows were asked for.
    BatchSize,
    /// The verbosity is not 0, 1 or 2.
    Verbose(u8),
    /// The model has no parameters, or none that is trainable.
    Untrainable,
    /// The share of the validation rows does not lie in [0, 1).
    ValidationSplit(f64),
    /// A split by class was asked for without a split.
    Stratified,
    /// The targets tell no classes, or not the right ones.
    Classes {
        /// What needs them.
        purpose: &'static str,
        /// What was found and what was expected.
        message: String,
    },
    /// The weight of a class is not a finite number of at least 0.
    ClassWeight {
        /// The class.
        class: usize,
        /// Its weight.
        weight: f64,
    },
    /// A setting that is that of the loader, or needs all rows at once.
    WithLoader {
        /// The setting.
        setting: &'static str,
        /// What to do in its place.
        help: &'static str,
    },
    /// A callback ended the training.
    Callback {
        /// The callback.
        name: String,
        /// What it says.
        message: String,
    },
    /// The split leaves one part without rows.
    Split {
        /// The share of the validation rows.
        split: f64,
        /// The number of rows that were to be divided.
        n_rows: usize,
        /// What the rows of that part are for.
        purpose: &'static str,
    },
    /// A single number, where rows were expected.
    Scalar {
        /// What the data are called.
        name: &'static str,
    },
    /// A loader gives no batch.
    NoBatches,
    /// There are no rows, or nothing in them.
    Empty {
        /// The shape of `x`.
        shape: Shape,
    },
    /// `x` and the target differ in their number of rows.
    RowCounts {
        /// The rows of `x`.
        x: usize,
        /// The rows of the target.
        target: usize,
    },
    /// There is not one weight for each row.
    Weights {
        /// The shape of the weights.
        shape: Shape,
        /// The number of rows.
        n_rows: usize,
    },
    /// The model does not take such rows.
    Input(Mismatch),
    /// The predictions are more numbers than one tensor holds.
    Output(Mismatch),
    /// A NaN or an infinity.
    Data(DataError),
    /// The loss or a metric cannot compare the output with this target.
    Target {
        /// The loss or metric.
        name: String,
        /// What it says.
        message: String,
    },
    /// A NaN or an infinity in a gradient.
    NonFinite(NonFiniteGradient),
}

impl Problem {
    /// The error of the named call.
    pub(crate) fn during(self, call: &'static str) -> FitError {
        FitError { call, problem: self }
    }
}

impl From<DataError> for Problem {
    fn from(error: DataError) -> Problem {
        Problem::Data(error)
    }
}

impl From<NonFiniteGradient> for Problem {
    fn from(error: NonFiniteGradient) -> Problem {
        Problem::NonFinite(error)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Epochs => f.write_str("the number of epochs is 0, expected at least 1"),
            Problem::InitialEpoch { initial, epochs } => {
                write!(f, "initial_epoch is {initial}, expected less than the number of epochs, {epochs}")
            }
            Problem::NoBatches => f.write_str("the loader has no batches"),
            Problem::Steps => f.write_str("steps_per_epoch is 0, expected at least 1"),
            Problem::Stratified => f.write_str("stratified needs a validation_split above 0"),
            Problem::Classes { purpose, message } => write!(f, "{purpose}: {message}"),
            Problem::ClassWeight { class, weight } => write!(
                f,
                "class_weights: the weight of class {class} is {weight}, expected a finite number of at least 0"
            ),
            Problem::WithLoader { setting, help } => {
                write!(f, "{setting} does not go with a loader\n  help: {help}")
            }
            Problem::Callback { name, message } => write!(f, "{name}: {message}"),
            Problem::BatchSize => f.write_str("the batch size is 0, expected at least 1"),
            Problem::Verbose(verbose) => {
                write!(f, "verbose is {verbose}, expected 0 (silent), 1 (a live bar) or 2 (a line per epoch)")
            }
            Problem::Untrainable => f.write_str("the model has nothing to train"),
            Problem::ValidationSplit(split) => {
                write!(f, "validation_split is {split}, expected at least 0 and less than 1")
            }
            Problem::Split { split, n_rows, purpose } => {
                write!(f, "a validation_split of {split} leaves no row of {n_rows} to {purpose}")
            }
            Problem::Scalar { name } => write!(f, "{name} has the shape [], expected an axis of rows"),
            Problem::Empty { shape } => {
                write!(f, "x has the shape {shape}, expected at least one row of numbers")
            }
            Problem::RowCounts { x, target } => write!(
                f,
                "x and target differ in their number of rows\n  x       {x}\n  target  {target}   <- expected {x}"
            ),
            Problem::Weights { shape, n_rows } => {
                write!(f, "sample_weights has the shape {shape}, expected [{n_rows}], one for each row")
            }
            Problem::Input(mismatch) | Problem::Output(mismatch) => mismatch.fmt(f),
            Problem::Data(error) => error.fmt(f),
            Problem::NonFinite(error) => error.fmt(f),
            Problem::Target { name, message } => write!(f, "{name}: {message}"),
        }
    }
}
