//! Histories from files: those that a [`History`] writes, and logs of other programs in the same form.

use std::fmt;
use std::path::Path;

use serde_json::Value;
use wengert_array::{Mismatch, shown};
use wengert_data::{Csv, DataError, Table};

use super::History;

/// A history that could not be read: which file, where in it, what was found, and what would have been right.
#[derive(Clone, PartialEq)]
pub struct HistoryError(String);

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HistoryError {
    /// The message, because this is what a program shows whose `main` returns the error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for HistoryError {}

/// The column of the numbers of epochs, and that of the rates.
const EPOCH: &str = "epoch";
const LEARNING_RATE: &str = "learning_rate";

impl History {
    /// Reads what [`save_csv`](History::save_csv) or, if its name ends in `.json`, [`save_json`](History::save_json) wrote. A
    /// `CSVLogger`'s file is read as well, Keras' too.
    ///
    /// Why the training ended is not in the file. Which way a metric is better is guessed from its name.
    ///
    /// # Errors
    /// If the file cannot be read, or holds something else.
    ///
    /// # Examples
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("history.csv");
    /// # std::fs::write(&file, "epoch,loss,val_loss,learning_rate\n1,0.5,0.75,0.1\n2,0.25,0.5,0.1\n")?;
    /// let history = wengert_train::History::load(&file)?;
    /// assert_eq!(history["val_loss"], [0.75, 0.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<History, HistoryError> {
        let path = path.as_ref();
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
            let text = std::fs::read_to_string(path)
                .map_err(|error| refused(Mismatch::new("the file cannot be read").row("reason", error)));
            return text.and_then(|text| from_json(&text)).map_err(|error| error.of(path));
        }
        // What is wrong in a table names its file.
        let table = reader().read(path).map_err(|error| HistoryError(message(&error)))?;
        history(columns(&table)?).map_err(|error| error.of(path))
    }

    /// The history of a text that [`to_csv`](History::to_csv) gave.
    ///
    /// # Errors
    /// If it is something else.
    pub fn from_csv(text: &str) -> Result<History, HistoryError> {
        history(columns(&reader().parse(text).map_err(|error| HistoryError(message(&error)))?)?)
    }

    /// The history of a text that [`to_json`](History::to_json) gave. `null` is NaN.
    ///
    /// # Errors
    /// If it is something else.
    pub fn from_json(text: &str) -> Result<History, HistoryError> {
        from_json(text)
    }
}

impl HistoryError {
    fn of(self, path: &Path) -> HistoryError {
        let (title, rows) = self.0.split_once('\n').unwrap_or((&self.0, ""));
        let rest = if rows.is_empty() { String::new() } else { format!("\n{rows}") };
        HistoryError(format!("{title}\n  file  {}{rest}", shown(&path.display().to_string())))
    }
}

fn refused(problem: Mismatch) -> HistoryError {
    HistoryError(problem.report("history"))
}

/// NaN is a number here and no missing cell.
fn reader() -> Csv {
    Csv::new().missing(&[""])
}

fn columns(table: &Table) -> Result<Vec<(String, Vec<f64>)>, HistoryError> {
    let column = |name: &str| {
        let numbers = table.numbers(name);
        numbers.map(|numbers| (name.to_string(), numbers)).map_err(|error| HistoryError(message(&error)))
    };
    table.names().map(column).collect()
}

fn message(error: &DataError) -> String {
    error.to_string().replacen("csv:", "history:", 1)
}

fn from_json(text: &str) -> Result<History, HistoryError> {
    let malformed = |found: &str, expected: &str| {
        let problem = Mismatch::new("this is no history").row("found", shown(found));
        refused(problem.note(expected))
    };
    let value: Value =
        serde_json::from_str(text).map_err(|error| malformed(&error.to_string(), "expected JSON"))?;
    let expected = "expected an object of lists of numbers";
    let object = value.as_object().ok_or_else(|| malformed("no object", expected))?;
    let number = |value: &Value| if value.is_null() { Some(f64::NAN) } else { value.as_f64() };
    let column = |(name, values): (&String, &Value)| {
        let numbers: Option<Vec<f64>> = values.as_array().and_then(|all| all.iter().map(number).collect());
        numbers.map(|numbers| (name.clone(), numbers)).ok_or_else(|| malformed(name, expected))
    };
    history(object.iter().map(column).collect::<Result<_, _>>()?)
}

/// Columns of the same length, the epochs and rates among them.
fn history(mut columns: Vec<(String, Vec<f64>)>) -> Result<History, HistoryError> {
    let n_epochs = columns.first().map_or(0, |(_, numbers)| numbers.len());
    if let Some((name, numbers)) = columns.iter().find(|(_, numbers)| numbers.len() != n_epochs) {
        let problem =
            Mismatch::new("the values are not as many as the epochs").row(shown(name), numbers.len());
        return Err(refused(problem.note(format!("expected {n_epochs}"))));
    }
    let mut take = |name: &str| {
        let place = columns.iter().position(|(other, _)| other == name)?;
        Some(columns.remove(place).1)
    };
    let (epochs, rates) = (take(EPOCH), take(LEARNING_RATE));
    if columns.is_empty() || n_epochs == 0 {
        let found = if n_epochs == 0 { "no epoch" } else { "no values" };
        let problem = Mismatch::new("this is no history").row("found", found);
        return Err(refused(problem.note("expected names such as `loss`, and a row for each epoch")));
    }
    let first = epochs.as_ref().and_then(|epochs| epochs.first()).map_or(1, |&epoch| epoch.max(0.0) as usize);
    let names = columns.iter().map(|(name, _)| (name.clone(), is_larger_better(name))).collect();
    let mut history = History::new(names, first);
    for epoch in 0..n_epochs {
        let values: Vec<f64> = columns.iter().map(|(_, numbers)| numbers[epoch]).collect();
        history.push(&values, rates.as_ref().map_or(f64::NAN, |rates| rates[epoch]));
    }
    Ok(history)
}

/// As Keras guesses it of a name.
fn is_larger_better(name: &str) -> Option<bool> {
    const LARGER: [&str; 6] = ["accuracy", "auc", "precision", "recall", "f1_score", "r2_score"];
    if name.ends_with("loss") || name.ends_with("error") {
        return Some(false);
    }
    LARGER.iter().any(|ending| name.ends_with(ending)).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> History {
        let names = [("loss", Some(false)), ("val_loss", Some(false)), ("accuracy", Some(true))];
        let mut history = History::new(names.map(|(name, better)| (name.to_string(), better)).to_vec(), 3);
        history.push(&[0.1 + 0.2, 0.00025, 0.5], 0.1);
        history.push(&[0.25, 1e-300, 0.75], 1e-7);
        history
    }

    #[test]
    fn what_was_written_comes_back() {
        assert_eq!(History::from_csv(&example().to_csv()).unwrap(), example());
        let json = History::from_json(&example().to_json()).unwrap();
        assert_eq!(json["val_loss"], example()["val_loss"]);
        assert_eq!((json.first_epoch(), json.learning_rates()), (3, &[0.1, 1e-7][..]));
        assert_eq!(json.best("accuracy").epoch, 4);
    }

    #[test]
    fn what_is_no_number_comes_back() {
        let mut history = History::new(vec![("loss".to_string(), Some(false))], 1);
        history.push(&[f64::NAN], 0.1);
        history.push(&[f64::INFINITY], 0.1);
        let read = History::from_csv(&history.to_csv()).unwrap();
        assert!(read["loss"][0].is_nan() && read["loss"][1] == f64::INFINITY);
        assert!(History::from_json(&history.to_json()).unwrap()["loss"][0].is_nan());
    }

    #[test]
    fn a_log_of_keras_is_a_history() {
        let history = History::from_csv("epoch,accuracy,loss\r\n0,0.5,0.7\r\n1,0.75,0.6\r\n").unwrap();
        assert_eq!(history.names(), ["accuracy", "loss"]);
        assert_eq!((history.first_epoch(), history.epochs()), (0, 2));
        assert!(history.learning_rates()[0].is_nan());
    }

    #[track_caller]
    fn check(result: Result<History, HistoryError>, expected: &str) {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }

    #[test]
    fn what_is_no_history_is_refused() {
        let expected = "expected names such as `loss`, and a row for each epoch";
        check(
            History::from_csv("epoch\n1\n"),
            &format!("history: this is no history\n  found  no values   <- {expected}"),
        );
        check(
            History::from_csv("epoch,loss\n"),
            &format!("history: this is no history\n  found  no epoch   <- {expected}"),
        );
        check(
            History::from_csv("loss\nlow\n"),
            "history: a cell is no number\n  line    2\n  column  loss\n  value   `low`   <- expected a number\n  \
             help: `one_hot` and `codes` make numbers of categories, `drop` leaves a column out",
        );
        let expected = "expected an object of lists of numbers";
        check(
            History::from_json("[1]"),
            &format!("history: this is no history\n  found  no object   <- {expected}"),
        );
        check(
            History::from_json("{\"loss\": [\"a\"]}"),
            &format!("history: this is no history\n  found  loss   <- {expected}"),
        );
        check(
            History::from_json("{\"epoch\": [1], \"loss\": [1, 2]}"),
            "history: the values are not as many as the epochs\n  loss  2   <- expected 1",
        );
        let message = History::from_json("{").unwrap_err().to_string();
        assert!(message.starts_with("history: this is no history\n  found  EOF while parsing"), "{message}");
    }

    #[test]
    fn a_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        example().save_json(&file).unwrap();
        assert_eq!(History::load(&file).unwrap().epochs(), 2);
        std::fs::write(&file, "[]").unwrap();
        check(
            History::load(&file),
            &format!(
                "history: this is no history\n  file  {}\n  found  no object   <- expected an object of lists of \
                 numbers",
                file.display()
            ),
        );
        assert!(
            History::load(folder.path().join("b.csv"))
                .unwrap_err()
                .to_string()
                .starts_with("history: the file")
        );
    }
}
