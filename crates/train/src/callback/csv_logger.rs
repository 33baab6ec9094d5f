//! A table of epochs that grows while a model trains.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use super::{Callback, Run};
use crate::history::{csv_header, csv_line};

/// Writes the values of every epoch to a CSV file, a line after each epoch, so that a training can be followed and one that
/// broke off has its history.
///
/// The columns are `epoch`, the names of the history in their order, and `learning_rate`, as in
/// [`History::to_csv`](crate::History::to_csv). (Keras counts epochs from 0 here, sorts the names, and has no
/// rate unless a callback changes it.)
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::Tensor;
/// use wengert_train::{CSVLogger, Compile, Fit};
///
/// let file = tempfile::tempdir()?.keep().join("log.csv");
/// let x = Tensor::from([[0.0], [1.0]]);
/// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::default(), MeanSquaredError::new());
/// let history = model.fit(&x, &x, Fit::epochs(3).callback(CSVLogger::new(&file)).verbose(0))?;
/// assert_eq!(std::fs::read_to_string(&file)?, history.to_csv());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CSVLogger {
    path: PathBuf,
    separator: char,
    appends: bool,
}

impl CSVLogger {
    /// To a file of this name, which is replaced when the training begins.
    pub fn new(path: impl Into<PathBuf>) -> CSVLogger {
        CSVLogger { path: path.into(), separator: ',', appends: false }
    }

    /// Goes on with a file that is there, for a training that goes on: its columns must be the same.
    pub fn append(self) -> CSVLogger {
        CSVLogger { appends: true, ..self }
    }

    /// Another character between the cells than a comma.
    pub fn separator(self, separator: char) -> CSVLogger {
        CSVLogger { separator, ..self }
    }

    fn begin(&self, header: &str) -> io::Result<Result<(), String>> {
        let old = if self.appends { first_line(&self.path)? } else { None };
        match old {
            Some(old) if old == header => Ok(Ok(())),
            Some(old) => Ok(Err(format!(
                "the file has other columns\n  file     {}\n  columns  {old}   <- expected {header}",
                self.path.display()
            ))),
            None => {
                writeln!(File::create(&self.path)?, "{header}")?;
                Ok(Ok(()))
            }
        }
    }

    fn add(&self, line: &str) -> io::Result<()> {
        // Opened anew for each line: an epoch is long, and a file that was moved away is written again.
        writeln!(OpenOptions::new().append(true).create(true).open(&self.path)?, "{line}")
    }

    fn failed(&self, error: &io::Error) -> String {
        format!("the file cannot be written\n  file  {}\n  {error}", self.path.display())
    }
}

/// The first line of a file that is there and not empty.
fn first_line(path: &Path) -> io::Result<Option<String>> {
    if !path.exists() {
        return Ok(None);
    }
    let mut line = String::new();
    BufReader::new(File::open(path)?).read_line(&mut line)?;
    let line = line.trim_end_matches(['\r', '\n']);
    Ok(if line.is_empty() { None } else { Some(line.to_string()) })
}

impl Callback for CSVLogger {
    fn name(&self) -> &str {
        "csv_logger"
    }

    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.begin(&csv_header(run.names(), self.separator)).map_err(|error| self.failed(&error))?
    }

    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let rate = run.history().learning_rates().last().copied();
        let values = run.values().map(|(_, value)| value).chain(rate);
        let line = csv_line(run.epoch(), values, self.separator);
        self.add(&line).map_err(|error| self.failed(&error))
    }
}
