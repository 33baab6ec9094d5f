//! A table as tensors.

use wengert_array::{Float, Mismatch, dispatch, shown};
use wengert_tensor::{Indices, Shape, Tensor};

use super::Table;
use super::column::{Cells, number};
use crate::DataError;

impl Table {
    /// All columns as numbers, 1 and 0 for `true` and `false`.
    ///
    /// # Shape
    /// `[n_rows, n_columns]`
    ///
    /// # Errors
    /// If a cell is missing, a text, or not finite: its file, line, column and value are named.
    ///
    /// # Examples
    /// ```
    /// let table = wengert_data::Csv::new().parse("a,b\n1,true\n2,false\n")?;
    /// assert_eq!(table.values()?.to_vec::<f32>(), [1.0, 1.0, 2.0, 0.0]);
    ///
    /// let table = wengert_data::Csv::new().parse("a,b\n1,2\n,3\n")?;
    /// let message = "csv: a cell is missing
    ///   line    3
    ///   column  a
    ///   value   empty   <- expected a number
    ///   help: `fill` puts a value there, `drop_missing` leaves such rows out";
    /// assert_eq!(table.values().unwrap_err().to_string(), message);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn values(&self) -> Result<Tensor, DataError> {
        let shape =
            Shape::try_new(&[self.n_rows(), self.n_columns()]).map_err(|error| self.refused(error))?;
        let columns =
            (0..self.n_columns()).map(|place| self.checked(place)).collect::<Result<Vec<_>, _>>()?;
        dispatch!(self.dtype, T => {
            let mut values = Vec::with_capacity(shape.size());
            for row in 0..self.n_rows() {
                values.extend(columns.iter().map(|column| <T as Float>::of(column[row])));
            }
            Ok(Tensor::new(values, shape))
        })
    }

    /// The numbers of a column in `f64` as they stand there, 1 and 0 for `true` and `false`, and NaN for what is missing.
    ///
    /// # Errors
    /// If there is no such column, or a cell is a text.
    ///
    /// # Examples
    /// ```
    /// let table = wengert_data::Csv::new().parse("a,b\n0.1,1\n,2\n")?;
    /// let numbers = table.numbers("a")?;
    /// assert!(numbers[0] == 0.1 && numbers[1].is_nan());
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, DataError> {
        let place = self.place_of(name)?;
        match &self.columns[place].cells {
            Cells::Texts(texts) => Err(self.text_error(place, texts)),
            cells => Ok(cells.numbers()),
        }
    }

    /// A column as numbers.
    ///
    /// # Shape
    /// `[n_rows]`
    ///
    /// # Errors
    /// As for [`values`](Table::values), and if there is no such column.
    pub fn column(&self, name: &str) -> Result<Tensor, DataError> {
        Ok(self.select(&[name])?.values()?.reshape([self.n_rows()]))
    }

    /// A column as labels: whole numbers as they are, `false` and `true` as 0 and 1, and texts numbered in the order of
    /// the alphabet, as [`categories`](Table::categories) lists them.
    ///
    /// # Errors
    /// If a cell is missing, or a number that is negative or fractional.
    pub fn labels(&self, name: &str) -> Result<Indices, DataError> {
        let place = self.place_of(name)?;
        if let Cells::Texts(_) = self.columns[place].cells {
            return self.codes(name)?.labels(name);
        }
        let is_label = |x: f64| (0.0..=f64::from(u32::MAX)).contains(&x) && x.fract() == 0.0;
        let numbers = self.checked(place)?;
        if let Some(row) = numbers.iter().position(|&x| !is_label(x)) {
            let expected = "expected a whole number from 0 on";
            return Err(self.cell_error("a cell is no label", (row, place), numbers[row], expected).into());
        }
        Ok(Indices::new(numbers.iter().map(|&x| x as u32).collect(), [numbers.len()]))
    }

    /// The other columns and these: predictors and targets.
    ///
    /// # Shape
    /// `[n_rows, n_columns - n_targets]` and `[n_rows, n_targets]`
    ///
    /// # Errors
    /// As for [`values`](Table::values), and if there is no such column.
    pub fn split_target(&self, targets: &[&str]) -> Result<(Tensor, Tensor), DataError> {
        Ok((self.predictors(targets)?.values()?, self.select(targets)?.values()?))
    }

    /// The other columns as numbers and this one as labels: predictors and classes.
    ///
    /// # Shape
    /// `[n_rows, n_columns - 1]` and `[n_rows]`
    ///
    /// # Errors
    /// As for [`values`](Table::values) and [`labels`](Table::labels).
    pub fn split_labels(&self, target: &str) -> Result<(Tensor, Indices), DataError> {
        Ok((self.predictors(&[target])?.values()?, self.labels(target)?))
    }

    fn predictors(&self, targets: &[&str]) -> Result<Table, DataError> {
        let predictors = self.drop(targets)?;
        if targets.is_empty() || predictors.n_columns() == 0 {
            let problem = Mismatch::new("the columns cannot be divided into predictors and targets");
            let problem =
                problem.row("targets", format!("{} of {} columns", targets.len(), self.n_columns()));
            return Err(self.refused(problem.note("expected at least 1, and others beside")).into());
        }
        Ok(predictors)
    }

    /// The numbers of a column, all of which are finite.
    pub(super) fn checked(&self, place: usize) -> Result<Vec<f64>, DataError> {
        let numbers = match &self.columns[place].cells {
            Cells::Texts(texts) => return Err(self.text_error(place, texts)),
            cells => cells.numbers(),
        };
        match numbers.iter().position(|x| !x.is_finite()) {
            None => Ok(numbers),
            Some(row) if numbers[row].is_nan() => Err(self.missing_error(row, place, "expected a number")),
            Some(row) => {
                let error = self.cell_error(
                    "a cell is not finite",
                    (row, place),
                    numbers[row],
                    "expected a finite number",
                );
                Err(error.into())
            }
        }
    }

    pub(super) fn missing_error(&self, row: usize, place: usize, expected: &str) -> DataError {
        let help = "`fill` puts a value there, `drop_missing` leaves such rows out";
        self.cell_error("a cell is missing", (row, place), "empty", expected).help(help).into()
    }

    /// The error of a column of texts, which names the first that is no number.
    fn text_error(&self, place: usize, texts: &[Option<Box<str>>]) -> DataError {
        let is_text = |text: &Option<Box<str>>| text.as_ref().is_some_and(|text| number(text).is_none());
        let row = texts.iter().position(is_text).unwrap_or(0);
        let text = texts[row].as_deref().unwrap_or_default();
        let error = self.cell_error(
            "a cell is no number",
            (row, place),
            format!("`{}`", shown(text)),
            "expected a number",
        );
        let help = match number(&text.replacen(',', ".", 1)) {
            Some(_) => "`Csv::decimal_comma` reads a comma as the decimal point",
            None => "`one_hot` and `codes` make numbers of categories, `drop` leaves a column out",
        };
        error.help(help).into()
    }
}
