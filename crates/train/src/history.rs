//! What training reported, epoch by epoch. How it is read from a file again stands in `history/reading.rs`.

mod reading;

use std::fmt::{self, Write};
use std::ops::Index;
use std::path::Path;

pub use reading::HistoryError;
use wengert_io::{IoError, write_whole};

use crate::number::number;

/// Loss, metrics and their `val_` counterparts for each epoch: what `fit` returns.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::Tensor;
/// use wengert_train::{Compile, Fit};
///
/// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::default(), MeanSquaredError::new());
/// let x = Tensor::from([[0.0], [1.0], [2.0], [3.0]]);
/// let history = model.fit(&x, &x, Fit::epochs(5).validation_split(0.25).verbose(0))?;
/// assert_eq!(history.names(), ["loss", "val_loss"]);
/// assert_eq!(history["val_loss"].len(), history.epochs());
/// assert_eq!(history.best("val_loss").epoch, 5);
/// assert!(history.to_csv().starts_with("epoch,loss,val_loss,learning_rate\n1,"));
/// # Ok::<(), wengert_train::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    names: Vec<String>,
    /// Whether larger is better, for each name.
    is_larger_better: Vec<Option<bool>>,
    /// For each name, a number for each epoch.
    values: Vec<Vec<f64>>,
    learning_rates: Vec<f64>,
    first_epoch: usize,
    stopped: Option<Stopped>,
    warnings: Vec<String>,
}

/// Where and why a callback ended a training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The number of the last epoch, from 1.
    pub epoch: usize,
    /// What ended it: the name of a callback, and what it says.
    pub reason: String,
}

/// The best epoch of a training by one of its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Best {
    /// The number of the epoch, from 1.
    pub epoch: usize,
    /// The value.
    pub value: f64,
}

impl History {
    /// A history of no epochs, the first of which will have the given number. Of each name it must be said whether larger
    /// is better, if that is known.
    pub(crate) fn new(names: Vec<(String, Option<bool>)>, first_epoch: usize) -> History {
        let (names, is_larger_better): (Vec<_>, Vec<_>) = names.into_iter().unzip();
        History {
            values: vec![Vec::new(); names.len()],
            names,
            is_larger_better,
            learning_rates: Vec::new(),
            first_epoch,
            stopped: None,
            warnings: Vec::new(),
        }
    }

    /// Adds an epoch: a number for each name, and the learning rate at its end.
    pub(crate) fn push(&mut self, epoch: &[f64], learning_rate: f64) {
        for (values, &value) in self.values.iter_mut().zip(epoch) {
            values.push(value);
        }
        self.learning_rates.push(learning_rate);
    }

    /// Says that the training ended after the last epoch, and why.
    pub(crate) fn stop(&mut self, reason: String) {
        self.stopped = Some(Stopped { epoch: self.first_epoch + self.epochs() - 1, reason });
    }

    pub(crate) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// What was reported: `loss`, the metrics, then the same with `val_` before it if there was validation.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of epochs.
    pub fn epochs(&self) -> usize {
        self.learning_rates.len()
    }

    /// The number of the first epoch: 1, or what follows the
    /// [`initial_epoch`](crate::Fit::initial_epoch).
    pub fn first_epoch(&self) -> usize {
        self.first_epoch
    }

    /// The values of one name, epoch by epoch, if there are any.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        let place = self.names.iter().position(|other| other == name)?;
        Some(&self.values[place])
    }

    /// The learning rate after the last step of each epoch, before callbacks change it.
    pub fn learning_rates(&self) -> &[f64] {
        &self.learning_rates
    }

    /// The value of the last epoch.
    ///
    /// # Panics
    /// If there is no such name; [`get`](History::get) does not.
    #[track_caller]
    pub fn last(&self, name: &str) -> f64 {
        match self[name].last() {
            Some(&value) => value,
            None => panic!("history: there is no epoch"),
        }
    }

    /// The epoch with the best value of a name, the first of equal ones: the largest of an accuracy, the smallest of a
    /// loss, and of what is not known to be either. A NaN is better than nothing alone.
    ///
    /// # Panics
    /// If there is no such name, or no epoch.
    #[track_caller]
    pub fn best(&self, name: &str) -> Best {
        let values = &self[name];
        let place = self.names.iter().position(|other| other == name);
        let is_larger_better = place.and_then(|place| self.is_larger_better[place]) == Some(true);
        let is_better = |a: f64, b: f64| if is_larger_better { a > b } else { a < b };
        assert!(!values.is_empty(), "history: there is no epoch");
        let mut best = 0;
        for (epoch, &value) in values.iter().enumerate() {
            if is_better(value, values[best]) || (values[best].is_nan() && !value.is_nan()) {
                best = epoch;
            }
        }
        Best { epoch: self.first_epoch + best, value: values[best] }
    }

    /// Where and why a callback ended the training, if one did; it may have been in the last epoch.
    pub fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    /// What should be looked at, such as a validation part with other classes than the training part. `fit` has printed it
    /// unless it was silent.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// A table in CSV: the columns `epoch`, the names in their order, and `learning_rate`; a line for each epoch. Numbers
    /// are written so that they are read back as the same; NaN and infinities are `nan`, `inf` and `-inf`.
    pub fn to_csv(&self) -> String {
        let mut text = csv_header(&self.names, ',') + "\n";
        for epoch in 0..self.epochs() {
            let values = self.values.iter().chain([&self.learning_rates]).map(|values| values[epoch]);
            text.push_str(&csv_line(self.first_epoch + epoch, values, ','));
            text.push('\n');
        }
        text
    }

    /// The same as a JSON object: `{"epoch": [1, 2], "loss": [0.5, 0.25], "learning_rate": [0.1, 0.1]}`. JSON has no
    /// word for NaN and infinities: they are `null`.
    pub fn to_json(&self) -> String {
        let epochs: Vec<String> =
            (0..self.epochs()).map(|epoch| (self.first_epoch + epoch).to_string()).collect();
        let mut text = format!("{{\"epoch\": [{}]", epochs.join(", "));
        let rates = [("learning_rate", &self.learning_rates)];
        for (name, values) in self.names.iter().map(String::as_str).zip(&self.values).chain(rates) {
            let values: Vec<String> = values.iter().map(|&value| json_number(value)).collect();
            let _ = write!(text, ", {}: [{}]", json_string(name), values.join(", "));
        }
        text.push('}');
        text
    }

    /// Writes [`to_csv`](History::to_csv) to a file, as a whole or not at all: see [`write_whole`].
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save_csv(&self, path: impl AsRef<Path>) -> Result<(), IoError> {
        write_whole(path, self.to_csv().as_bytes())
    }

    /// Writes [`to_json`](History::to_json) to a file, as a whole or not at all: see [`write_whole`].
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save_json(&self, path: impl AsRef<Path>) -> Result<(), IoError> {
        write_whole(path, (self.to_json() + "\n").as_bytes())
    }
}

/// The columns of a table of epochs. A name of a metric may be any text.
pub(crate) fn csv_header(names: &[String], separator: char) -> String {
    let mut line = "epoch".to_string();
    for name in names.iter().map(String::as_str).chain(["learning_rate"]) {
        line.push(separator);
        if name.contains([separator, '"', '\n', '\r']) {
            let _ = write!(line, "\"{}\"", name.replace('"', "\"\""));
        } else {
            line.push_str(name);
        }
    }
    line
}

/// The number of an epoch and its values, with as many digits as say them.
pub(crate) fn csv_line(epoch: usize, values: impl Iterator<Item = f64>, separator: char) -> String {
    let mut line = epoch.to_string();
    for value in values {
        line.push(separator);
        line.push_str(&format!("{value:?}").to_lowercase());
    }
    line
}

fn json_number(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { "null".to_string() }
}

/// A text as JSON quotes it.
fn json_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

impl Index<&str> for History {
    type Output = [f64];

    #[track_caller]
    fn index(&self, name: &str) -> &[f64] {
        match self.get(name) {
            Some(values) => values,
            None => panic!("history: there is no `{name}`, only {}", self.names.join(", ")),
        }
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("epoch")?;
        self.names.iter().try_for_each(|name| write!(f, "  {name:>10}"))?;
        for epoch in 0..self.epochs() {
            write!(f, "\n{:>5}", self.first_epoch + epoch)?;
            for (name, values) in self.names.iter().zip(&self.values) {
                let width = name.chars().count().max(10);
                write!(f, "  {:>width$}", number(values[epoch]))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> History {
        let names = [("loss", Some(false)), ("val_mean_error", Some(false)), ("accuracy", Some(true))];
        let mut history = History::new(names.map(|(name, better)| (name.to_string(), better)).to_vec(), 1);
        history.push(&[0.5, 0.00025, 0.5], 0.1);
        history.push(&[0.25, f64::NAN, 0.75], 0.1);
        history.push(&[0.25, f64::INFINITY, 0.75], 1e-7);
        history
    }

    #[test]
    fn values_are_found_by_name() {
        let history = example();
        assert_eq!(history["loss"], [0.5, 0.25, 0.25]);
        assert_eq!(history.last("loss"), 0.25);
        assert_eq!(history.get("val_loss"), None);
        assert_eq!((history.epochs(), history.first_epoch()), (3, 1));
        assert_eq!(history.learning_rates(), [0.1, 0.1, 1e-7]);
    }

    #[test]
    fn the_best_is_the_first_of_equal_ones_and_no_nan() {
        let history = example();
        assert_eq!(history.best("loss"), Best { epoch: 2, value: 0.25 });
        assert_eq!(history.best("accuracy"), Best { epoch: 2, value: 0.75 });
        assert_eq!(history.best("val_mean_error"), Best { epoch: 1, value: 0.00025 });
        let mut history = History::new(vec![("loss".to_string(), None)], 6);
        history.push(&[f64::NAN], 0.1);
        assert!(history.best("loss").value.is_nan());
        history.push(&[2.0], 0.1);
        assert_eq!(history.best("loss"), Best { epoch: 7, value: 2.0 });
    }

    #[test]
    fn the_table_has_a_row_for_each_epoch() {
        let table = "epoch        loss  val_mean_error    accuracy\n    1      0.5000      2.5000e-04      0.5000\n    \
                     2      0.2500             nan      0.7500\n    3      0.2500             inf      0.7500";
        assert_eq!(example().to_string(), table);
    }

    #[test]
    fn csv_and_json_hold_every_digit() {
        let csv = "epoch,loss,val_mean_error,accuracy,learning_rate\n1,0.5,0.00025,0.5,0.1\n2,0.25,nan,0.75,0.1\n\
                   3,0.25,inf,0.75,1e-7\n";
        assert_eq!(example().to_csv(), csv);
        let json: serde_json::Value = serde_json::from_str(&example().to_json()).expect("json");
        let expected = serde_json::json!({
            "epoch": [1, 2, 3], "loss": [0.5, 0.25, 0.25], "val_mean_error": [0.00025, null, null],
            "accuracy": [0.5, 0.75, 0.75], "learning_rate": [0.1, 0.1, 1e-7]
        });
        assert_eq!(json, expected);
        let mut history = History::new(vec![("a \"b\"\\\n".to_string(), None)], 4);
        history.push(&[1.0 / 3.0], 0.1);
        let json: serde_json::Value = serde_json::from_str(&history.to_json()).expect("json");
        assert_eq!(json["a \"b\"\\\n"][0].as_f64(), Some(1.0 / 3.0));
        assert_eq!(json["epoch"][0], 4);
        assert!(
            history
                .to_csv()
                .starts_with("epoch,\"a \"\"b\"\"\\\n\",learning_rate\n4,0.3333333333333333,0.1\n")
        );
    }

    #[test]
    fn files_hold_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let (csv, json) = (folder.path().join("a.csv"), folder.path().join("a.json"));
        example().save_csv(&csv).expect("written");
        example().save_json(&json).expect("written");
        assert_eq!(std::fs::read_to_string(csv).expect("a file"), example().to_csv());
        assert_eq!(std::fs::read_to_string(json).expect("a file").trim_end(), example().to_json());
    }

    #[test]
    fn a_file_that_cannot_be_replaced_stays_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        std::fs::create_dir(&path).expect("a folder");
        for saved in [example().save_csv(&path), example().save_json(&path)] {
            let message = saved.expect_err("there is a folder").to_string();
            assert!(message.contains("there is something else than a file"), "{message}");
        }
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            1,
            "no temporary file is left"
        );
    }

    #[test]
    #[should_panic(expected = "history: there is no `val_loss`, only loss, val_mean_error, accuracy")]
    fn a_name_that_is_not_there_panics() {
        let _ = &example()["val_loss"];
    }

    #[test]
    #[should_panic(expected = "history: there is no epoch")]
    fn the_last_of_no_epochs_panics() {
        History::new(vec![("loss".to_string(), None)], 1).last("loss");
    }

    #[test]
    #[should_panic(expected = "history: there is no epoch")]
    fn the_best_of_no_epochs_panics() {
        History::new(vec![("loss".to_string(), None)], 1).best("loss");
    }
}
