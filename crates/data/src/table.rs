//! Tables: columns of numbers, booleans and texts, from a CSV file to tensors.

mod categories;
mod chunks;
mod column;
mod csv;
mod describe;
mod fill;
mod join;
mod numbers;
mod records;

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use wengert_array::{DType, Mismatch, shown};

pub use chunks::CsvChunks;
pub use column::ColumnKind;
pub use csv::{Csv, read_csv};
pub use describe::{ColumnSummary, Description};
pub use fill::Fill;

use crate::DataError;
use crate::files::{FileError, FileErrorKind};
use column::Column;

/// A table with named columns, as a CSV file holds it. A clone shares the columns.
///
/// What the methods give is another table, so that they read one after the other. A table is
/// [`Rows`](crate::Rows), and can be
/// divided before it is filled, so that nothing of the test part is learned from.
///
/// # Examples
/// ```
/// use wengert_data::{Csv, Fill};
///
/// let table = Csv::new().parse("survived,age,male\n1,22,False\n0,,True\n1,30,False\n")?;
/// let (predictors, target) = table.fill("age", Fill::Mean)?.split_labels("survived")?;
/// assert_eq!(predictors.to_vec::<f32>(), [22.0, 0.0, 26.0, 1.0, 30.0, 0.0]);
/// assert_eq!(target.as_slice(), [1, 0, 1]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Arc<Column>>,
    /// The line of the file that each row begins in.
    lines: Arc<[u64]>,
    file: Option<Arc<Path>>,
    dtype: DType,
}

impl Table {
    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        self.lines.len()
    }

    /// The number of columns.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The names of the columns.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// What a column holds.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn kind(&self, name: &str) -> Result<ColumnKind, DataError> {
        Ok(self.columns[self.place_of(name)?].cells.kind())
    }

    /// The same table whose numbers come out as `f32`, which is the default, or `f64`.
    pub fn cast(&self, dtype: DType) -> Table {
        Table { dtype, ..self.clone() }
    }

    /// The table without these columns.
    ///
    /// # Errors
    /// If there is no such column.
    ///
    /// # Examples
    /// ```
    /// let table = wengert_data::Csv::new().parse("id,x\n7,1\n8,2\n")?.drop(&["id"])?;
    /// assert_eq!(table.names().collect::<Vec<_>>(), ["x"]);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn drop(&self, names: &[&str]) -> Result<Table, DataError> {
        let places = self.places_of(names)?;
        let kept = (0..self.n_columns()).filter(|place| !places.contains(place));
        Ok(self.with_columns(kept.map(|place| Arc::clone(&self.columns[place])).collect()))
    }

    /// The table of these columns alone, in this order.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn select(&self, names: &[&str]) -> Result<Table, DataError> {
        let places = self.places_of(names)?;
        Ok(self.with_columns(places.iter().map(|&place| Arc::clone(&self.columns[place])).collect()))
    }

    fn with_columns(&self, columns: Vec<Arc<Column>>) -> Table {
        Table { columns, ..self.clone() }
    }

    fn with_column(&self, place: usize, column: Column) -> Table {
        let mut columns = self.columns.clone();
        columns[place] = Arc::new(column);
        self.with_columns(columns)
    }

    fn places_of(&self, names: &[&str]) -> Result<Vec<usize>, DataError> {
        names.iter().map(|name| self.place_of(name)).collect()
    }

    fn place_of(&self, name: &str) -> Result<usize, DataError> {
        if let Some(place) = self.names().position(|other| other == name) {
            return Ok(place);
        }
        let problem = Mismatch::new("there is no such column").row("column", format!("`{}`", shown(name)));
        let names: Vec<&str> = self.names().collect();
        Err(self.refused(problem.note(format!("expected one of {}", listed(&names)))).into())
    }

    /// The error of a cell: where it stands, what it is, and what was expected.
    fn cell_error(
        &self,
        title: &str,
        place: (usize, usize),
        value: impl Display,
        expected: &str,
    ) -> FileError {
        let (row, column) = place;
        let problem = Mismatch::new(title)
            .row("line", self.lines[row])
            .row("column", shown(&self.columns[column].name))
            .row("value", value)
            .note(expected);
        self.refused(problem)
    }

    fn refused(&self, problem: Mismatch) -> FileError {
        let error = FileError::new(csv::FORMAT, FileErrorKind::Content, problem);
        match &self.file {
            Some(file) => error.of(file),
            None => error,
        }
    }
}

/// The first names, so that a message stays a message.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 12;
    let more = if names.len() > MOST { ", …" } else { "" };
    let names: Vec<String> = names.iter().take(MOST).map(|name| shown(name)).collect();
    format!("{}{more}", names.join(", "))
}
