//! What stands in the place of missing cells.

use wengert_array::{Mismatch, shown};

use super::column::{Cells, Column};
use super::{ColumnKind, Table};
use crate::{DataError, Rows};

/// What stands in the place of a missing cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill<'a> {
    /// The mean of the column's other numbers, 1 and 0 for booleans.
    Mean,
    /// Their median; of an even count, the mean of the two in the middle.
    Median,
    /// This number.
    Constant(f64),
    /// This text, in a column of texts.
    Text(&'a str),
}

impl Table {
    /// Fills the missing cells of a column.
    ///
    /// A mean or median is that of this table. To fill a test part with what the training part has, take
    /// [`mean`](Table::mean) of that and [`Fill::Constant`].
    ///
    /// # Errors
    /// If there is no such column, no number to compute from, or the column is of texts and the filling is not, or the
    /// other way round.
    ///
    /// # Examples
    /// ```
    /// use wengert_data::{Csv, Fill};
    /// let table = Csv::new().parse("age,port\n20,S\n,\n30,C\n")?;
    /// let filled = table.fill("age", Fill::Median)?.fill("port", Fill::Text("unknown"))?;
    /// assert_eq!(filled.column("age")?.to_vec::<f32>(), [20.0, 25.0, 30.0]);
    /// assert_eq!(filled.categories("port")?, ["C", "S", "unknown"]);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn fill(&self, name: &str, with: Fill<'_>) -> Result<Table, DataError> {
        let place = self.place_of(name)?;
        let column = &self.columns[place];
        if column.cells.n_missing() == 0 {
            return Ok(self.clone());
        }
        let cells = match (&column.cells, with) {
            (Cells::Texts(texts), Fill::Text(text)) => {
                Cells::Texts(texts.iter().map(|cell| cell.clone().or_else(|| Some(text.into()))).collect())
            }
            (Cells::Texts(_), _) | (_, Fill::Text(_)) => return Err(self.unfitting(name, with)),
            (cells, _) => {
                let number = match with {
                    Fill::Constant(number) => number,
                    Fill::Median => self.median(name)?,
                    _ => self.mean(name)?,
                };
                Cells::Numbers(cells.numbers().iter().map(|&x| if x.is_nan() { number } else { x }).collect())
            }
        };
        Ok(self.with_column(place, Column { name: column.name.clone(), cells }))
    }

    /// Fills the missing cells of all columns.
    ///
    /// # Errors
    /// As for [`fill`](Table::fill).
    pub fn fill_all(&self, with: Fill<'_>) -> Result<Table, DataError> {
        let mut filled = self.clone();
        for name in self.names() {
            filled = filled.fill(name, with)?;
        }
        Ok(filled)
    }

    /// The table without the rows that have a missing cell.
    ///
    /// # Examples
    /// ```
    /// let table = wengert_data::Csv::new().parse("a,b\n1,2\n,3\n4,NA\n5,6\n")?;
    /// assert_eq!(table.drop_missing().values()?.to_vec::<f32>(), [1.0, 2.0, 5.0, 6.0]);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn drop_missing(&self) -> Table {
        self.select_rows(&self.complete_rows())
    }

    /// The rows that have no missing cell.
    pub(crate) fn complete_rows(&self) -> Vec<usize> {
        let is_whole = |&row: &usize| !self.columns.iter().any(|column| column.cells.is_missing(row));
        (0..self.n_rows()).filter(is_whole).collect()
    }

    /// The mean of the numbers of a column, without the missing ones.
    ///
    /// # Errors
    /// If there is no such column, or it holds no number.
    pub fn mean(&self, name: &str) -> Result<f64, DataError> {
        let numbers = self.present(name)?;
        Ok(numbers.iter().sum::<f64>() / numbers.len() as f64)
    }

    /// The median of the numbers of a column, without the missing ones.
    ///
    /// # Errors
    /// If there is no such column, or it holds no number.
    pub fn median(&self, name: &str) -> Result<f64, DataError> {
        let mut numbers = self.present(name)?;
        numbers.sort_unstable_by(f64::total_cmp);
        let middle = numbers.len() / 2;
        Ok(if numbers.len() % 2 == 1 {
            numbers[middle]
        } else {
            (numbers[middle - 1] + numbers[middle]) / 2.0
        })
    }

    /// The numbers of a column that are there, of which there is at least one.
    fn present(&self, name: &str) -> Result<Vec<f64>, DataError> {
        let numbers = self.columns[self.place_of(name)?].cells.numbers();
        let numbers: Vec<f64> = numbers.into_iter().filter(|x| !x.is_nan()).collect();
        if numbers.is_empty() {
            let problem = Mismatch::new("a column holds no number").row("column", shown(name));
            return Err(self.refused(problem).into());
        }
        Ok(numbers)
    }

    fn unfitting(&self, name: &str, with: Fill<'_>) -> DataError {
        let problem = Mismatch::new("the filling does not fit the column").row("column", shown(name));
        let problem = problem.row("filling", format!("{with:?}"));
        let is_text = self.kind(name) == Ok(ColumnKind::Text);
        self.refused(problem.note(if is_text { "expected Text" } else { "expected a number" })).into()
    }
}
