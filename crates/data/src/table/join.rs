//! The rows of tables: taken, and put together.

use std::ops::Range;
use std::sync::Arc;

use wengert_array::{Mismatch, shown};

use super::Table;
use super::column::{Cells, Column};
use crate::{DataError, Rows};

impl Rows for Table {
    fn n_rows(&self) -> Result<usize, DataError> {
        Ok(self.lines.len())
    }

    #[track_caller]
    fn select_rows(&self, places: &[usize]) -> Table {
        let n_rows = self.lines.len();
        if let Some(place) = places.iter().find(|&&place| place >= n_rows) {
            panic!("select_rows: row {place} is not one of {n_rows}");
        }
        self.taken(|| places.iter().copied())
    }

    #[track_caller]
    fn slice_rows(&self, range: Range<usize>) -> Table {
        let n_rows = self.lines.len();
        assert!(
            range.start <= range.end && range.end <= n_rows,
            "slice_rows: {range:?} is not within {n_rows} rows"
        );
        self.taken(|| range.clone())
    }

    fn joined(parts: &[Table]) -> Result<Table, DataError> {
        let [first, rest @ ..] = parts else { return Err(DataError::NoParts) };
        let mut columns: Vec<Column> = first.columns.iter().map(|column| (**column).clone()).collect();
        let mut lines = first.lines.to_vec();
        for part in rest {
            let is_alike = part.names().eq(first.names());
            if !is_alike {
                let problem = Mismatch::new("the tables have different columns");
                return Err(DataError::refused("joined", problem));
            }
            for (column, other) in columns.iter_mut().zip(&part.columns) {
                column.append(&other.cells)?;
            }
            lines.extend_from_slice(&part.lines);
        }
        Ok(Table {
            columns: columns.into_iter().map(Arc::new).collect(),
            lines: lines.into(),
            ..first.clone()
        })
    }
}

impl Table {
    fn taken<I: Iterator<Item = usize>>(&self, places: impl Fn() -> I) -> Table {
        let take = |column: &Arc<Column>| {
            Arc::new(Column { name: column.name.clone(), cells: column.cells.select(places()) })
        };
        let columns = self.columns.iter().map(take).collect();
        Table { columns, lines: places().map(|place| self.lines[place]).collect(), ..self.clone() }
    }
}

impl Column {
    fn append(&mut self, other: &Cells) -> Result<(), DataError> {
        match (&mut self.cells, other) {
            (Cells::Numbers(cells), Cells::Numbers(other)) => cells.extend_from_slice(other),
            (Cells::Booleans(cells), Cells::Booleans(other)) => cells.extend_from_slice(other),
            (Cells::Texts(cells), Cells::Texts(other)) => cells.extend_from_slice(other),
            (cells, other) => {
                let problem = Mismatch::new("a column is of another kind in another table");
                let problem =
                    problem.row("column", shown(&self.name)).row("kind", format!("{:?}", other.kind()));
                return Err(DataError::refused(
                    "joined",
                    problem.note(format!("expected {:?}", cells.kind())),
                ));
            }
        }
        Ok(())
    }
}
