//! What training reported, epoch by epoch.

use std::fmt;
use std::ops::Index;

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
/// # Ok::<(), wengert_train::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    names: Vec<String>,
    /// For each name, a number for each epoch.
    values: Vec<Vec<f64>>,
}

impl History {
    pub(crate) fn new(names: Vec<String>) -> History {
        History { values: vec![Vec::new(); names.len()], names }
    }

    /// Adds an epoch: a number for each name.
    pub(crate) fn push(&mut self, epoch: &[f64]) {
        for (values, &value) in self.values.iter_mut().zip(epoch) {
            values.push(value);
        }
    }

    /// What was reported: `loss`, the metrics, then the same with `val_` before it if there was validation.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of epochs.
    pub fn epochs(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }

    /// The values of one name, epoch by epoch, if there are any.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        let place = self.names.iter().position(|other| other == name)?;
        Some(&self.values[place])
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
            write!(f, "\n{:>5}", epoch + 1)?;
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
    use super::History;

    fn example() -> History {
        let names = ["loss", "val_mean_error"].map(String::from).to_vec();
        let mut history = History::new(names);
        history.push(&[0.5, 0.00025]);
        history.push(&[0.25, f64::NAN]);
        history
    }

    #[test]
    fn values_are_found_by_name() {
        let history = example();
        assert_eq!(history["loss"], [0.5, 0.25]);
        assert_eq!(history.last("loss"), 0.25);
        assert_eq!(history.get("accuracy"), None);
        assert_eq!(history.epochs(), 2);
    }

    #[test]
    fn the_table_has_a_row_for_each_epoch() {
        let table = "epoch        loss  val_mean_error\n    1      0.5000      2.5000e-04\n    2      0.2500             nan";
        assert_eq!(example().to_string(), table);
    }

    #[test]
    #[should_panic(expected = "history: there is no `accuracy`, only loss, val_mean_error")]
    fn a_name_that_is_not_there_panics() {
        let _ = &example()["accuracy"];
    }

    #[test]
    #[should_panic(expected = "history: there is no epoch")]
    fn the_last_of_no_epochs_panics() {
        History::new(vec!["loss".to_string()]).last("loss");
    }
}
