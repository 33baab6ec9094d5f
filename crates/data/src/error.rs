//! What can be wrong with data. Where it is found stands beside each check.

use std::fmt;

use wengert_array::Mismatch;

use crate::FileError;

/// What is wrong with data that came from outside: what was given and what was expected.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum DataError {
    /// Batches of no rows were asked for.
    BatchSize,
    /// A single number stands where rows were expected.
    NoRows,
    /// The parts of a data set have different numbers of rows.
    RowCounts {
        /// That of the first part.
        first: usize,
        /// That of the part that differs.
        other: usize,
        /// The number of that part, from 0.
        part: usize,
    },
    /// There are no parts to put together.
    NoParts,
    /// Targets that are to be put together are partly numbers and partly labels.
    MixedTargets,
    /// The share of the test part does not lie between 0 and 1.
    TestFraction(f64),
    /// A split leaves nothing for the training part.
    NothingToTrainOn {
        /// The share of the test part.
        fraction: f64,
        /// The number of rows that were to be divided.
        n_rows: usize,
    },
    /// A label is not one of the classes.
    Label {
        /// The label.
        label: usize,
        /// Its place among the labels.
        row: usize,
        /// The number of classes.
        n_classes: usize,
    },
    /// A number that was to become a label is not a whole one from 0 on.
    NotALabel {
        /// The number.
        value: f64,
        /// Where it stands.
        index: Vec<usize>,
    },
    /// A NaN or an infinity in the data.
    NotFinite {
        /// What the data are called.
        name: String,
        /// The number.
        value: f64,
        /// Where it stands.
        index: Vec<usize>,
    },
    /// Something that cannot be done with these data: what, with what was given and what was expected.
    Refused {
        /// What was to be done.
        operation: &'static str,
        /// What speaks against it.
        problem: Box<Mismatch>,
    },
    /// A file that cannot be read, or does not hold what was asked for.
    File(FileError),
}

impl DataError {
    pub(crate) fn refused(operation: &'static str, problem: Mismatch) -> DataError {
        DataError::Refused { operation, problem: Box::new(problem) }
    }
}

impl From<FileError> for DataError {
    fn from(error: FileError) -> DataError {
        DataError::File(error)
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataError::BatchSize => f.write_str("batches: the batch size is 0, expected at least 1"),
            DataError::NoRows => f.write_str("rows: a tensor of shape [] has no axis of rows"),
            DataError::RowCounts { first, other, part } => write!(
                f,
                "rows: the parts of a data set differ in their number of rows\n  part 0  {first}\n  \
                 part {part}  {other}   <- expected {first}"
            ),
            DataError::NoParts => f.write_str("joined: there are no parts, expected at least 1"),
            DataError::MixedTargets => {
                f.write_str("joined: some targets are numbers and some labels, expected one kind")
            }
            DataError::TestFraction(fraction) => {
                write!(
                    f,
                    "train_test_split: the fraction is {fraction}, expected more than 0 and less than 1"
                )
            }
            DataError::NothingToTrainOn { fraction, n_rows } => {
                write!(f, "train_test_split: a test part of {fraction} leaves no row of {n_rows} to train on")
            }
            DataError::Label { label, row, n_classes } => {
                write!(
                    f,
                    "one_hot: label {label} in row {row} is not below the number of classes, {n_classes}"
                )
            }
            DataError::NotALabel { value, index } => {
                let place = Place(index);
                write!(
                    f,
                    "to_labels: {value}{place} is not a label, expected a whole number from 0 to {}",
                    u32::MAX
                )
            }
            DataError::Refused { operation, problem } => f.write_str(&problem.report(operation)),
            DataError::File(error) => error.fmt(f),
            DataError::NotFinite { name, value, index } => {
                write!(f, "{name} holds {value}{}, expected finite numbers", Place(index))
            }
        }
    }
}

impl fmt::Debug for DataError {
    /// The message, because this is what a program shows whose `main` returns the error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for DataError {}

/// ` in row 3, column 2`
struct Place<'a>(&'a [usize]);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => Ok(()),
            [row] => write!(f, " in row {row}"),
            [row, column] => write!(f, " in row {row}, column {column}"),
            [row, place @ ..] => write!(f, " in row {row} at {place:?}"),
        }
    }
}
