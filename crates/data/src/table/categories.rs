//! Columns of categories as numbers: a column for each, or one of codes.

use std::collections::BTreeMap;
use std::sync::Arc;

use wengert_array::{Mismatch, shown};

use super::column::{Cells, Column};
use super::{Table, listed};
use crate::DataError;

/// A table with a column for each of thousands of names would take the memory of the machine.
const MOST_COLUMNS: usize = 1_000;

impl Table {
    /// The different values of a column: texts in the order of the alphabet, numbers in their own. Missing cells do not
    /// count.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn categories(&self, name: &str) -> Result<Vec<String>, DataError> {
        let cells = &self.columns[self.place_of(name)?].cells;
        let mut categories: Vec<String> = match cells {
            Cells::Texts(texts) => texts.iter().flatten().map(|text| text.to_string()).collect(),
            Cells::Booleans(_) => (0..cells.len()).filter_map(|row| category(cells, row)).collect(),
            Cells::Numbers(numbers) => {
                let mut numbers: Vec<f64> = numbers.iter().copied().filter(|x| !x.is_nan()).collect();
                numbers.sort_unstable_by(f64::total_cmp);
                numbers.dedup();
                return Ok(numbers.iter().map(f64::to_string).collect());
            }
        };
        categories.sort_unstable();
        categories.dedup();
        Ok(categories)
    }

    /// A column of 0 and 1 for each category in the place of the column, named `port_S` and so on, as pandas'
    /// `get_dummies` does.
    ///
    /// The categories are those of this table: for another part of the data, take
    /// [`one_hot_as`](Table::one_hot_as) with them.
    ///
    /// # Errors
    /// If there is no such column, a cell is missing, or there are more than 1,000 categories.
    ///
    /// # Examples
    /// ```
    /// let table = wengert_data::Csv::new().parse("port,x\nS,1\nC,2\nS,3\n")?.one_hot("port")?;
    /// assert_eq!(table.names().collect::<Vec<_>>(), ["port_C", "port_S", "x"]);
    /// assert_eq!(table.values()?.to_vec::<f32>(), [0.0, 1.0, 1.0, 1.0, 0.0, 2.0, 0.0, 1.0, 3.0]);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn one_hot(&self, name: &str) -> Result<Table, DataError> {
        let categories = self.categories(name)?;
        if categories.len() > MOST_COLUMNS {
            let problem = Mismatch::new("a column has too many categories").row("column", shown(name));
            let problem =
                problem.row("categories", categories.len()).note(format!("expected at most {MOST_COLUMNS}"));
            return Err(self.refused(problem).help("`codes` numbers them in one column").into());
        }
        self.one_hot_as(name, &categories)
    }

    /// [`one_hot`](Table::one_hot) with categories of your own, in this order: those of the training part.
    ///
    /// # Errors
    /// If there is no such column, or a cell is missing or none of the categories.
    pub fn one_hot_as(&self, name: &str, categories: &[impl AsRef<str>]) -> Result<Table, DataError> {
        self.indicators(name, &texts(categories))
    }

    fn indicators(&self, name: &str, categories: &[&str]) -> Result<Table, DataError> {
        let place = self.place_of(name)?;
        let codes = self.coded(place, categories)?;
        let columns = categories.iter().enumerate().map(|(category, text)| {
            let numbers = codes.iter().map(|&code| if code == category { 1.0 } else { 0.0 }).collect();
            Arc::new(Column { name: format!("{name}_{text}"), cells: Cells::Numbers(numbers) })
        });
        let mut all = self.columns.clone();
        all.splice(place..=place, columns);
        let table = self.with_columns(all);
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for name in table.names() {
            *known.entry(name).or_default() += 1;
        }
        let is_twice = |at: &usize| known[table.columns[*at].name.as_str()] > 1;
        if let Some(twice) = (place..place + categories.len()).find(is_twice) {
            let problem = Mismatch::new("two columns have the same name")
                .row("column", shown(&table.columns[twice].name));
            return Err(self.refused(problem.note("expected each name once")).into());
        }
        Ok(table)
    }

    /// The number of each category, from 0, in the place of the column.
    ///
    /// # Errors
    /// If there is no such column, or a cell is missing.
    ///
    /// # Examples
    /// ```
    /// let table = wengert_data::Csv::new().parse("size\nlarge\nsmall\nlarge\n")?;
    /// assert_eq!(table.codes("size")?.column("size")?.to_vec::<f32>(), [0.0, 1.0, 0.0]);
    /// let table = table.codes_as("size", &["small", "large"])?;
    /// assert_eq!(table.column("size")?.to_vec::<f32>(), [1.0, 0.0, 1.0]);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn codes(&self, name: &str) -> Result<Table, DataError> {
        self.codes_as(name, &self.categories(name)?)
    }

    /// [`codes`](Table::codes) with categories of your own, in this order.
    ///
    /// # Errors
    /// If there is no such column, or a cell is missing or none of the categories.
    pub fn codes_as(&self, name: &str, categories: &[impl AsRef<str>]) -> Result<Table, DataError> {
        let place = self.place_of(name)?;
        let codes = self.coded(place, &texts(categories))?;
        let cells = Cells::Numbers(codes.iter().map(|&code| code as f64).collect());
        Ok(self.with_column(place, Column { name: name.to_string(), cells }))
    }

    /// The category that the most rows are of, the first in order of equals; nothing if all cells are missing.
    pub(crate) fn most_frequent(&self, name: &str) -> Result<Option<String>, DataError> {
        let cells = &self.columns[self.place_of(name)?].cells;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for text in (0..cells.len()).filter_map(|row| category(cells, row)) {
            *counts.entry(text).or_default() += 1;
        }
        let most = counts.into_iter().rev().max_by_key(|&(_, n)| n);
        Ok(most.map(|(text, _)| text))
    }

    /// The column as texts, with this one in the place of those that are missing.
    pub(crate) fn fill_category(&self, name: &str, fill: &str) -> Result<Table, DataError> {
        let place = self.place_of(name)?;
        let cells = &self.columns[place].cells;
        let text = |row| Some(category(cells, row).map_or_else(|| fill.into(), String::into_boxed_str));
        let cells = Cells::Texts((0..cells.len()).map(text).collect());
        Ok(self.with_column(place, Column { name: name.to_string(), cells }))
    }

    /// The place of each cell among the categories.
    fn coded(&self, place: usize, categories: &[&str]) -> Result<Vec<usize>, DataError> {
        let mut codes = BTreeMap::new();
        for (code, &category) in categories.iter().enumerate() {
            codes.insert(category, code);
        }
        let cells = &self.columns[place].cells;
        let expected = || format!("expected one of {}", listed(categories));
        let code = |row: usize| {
            let Some(text) = category(cells, row) else {
                return Err(self.missing_error(row, place, &expected()));
            };
            codes.get(&text[..]).copied().ok_or_else(|| {
                let value = format!("`{}`", shown(&text));
                self.cell_error("a cell is none of the categories", (row, place), value, &expected()).into()
            })
        };
        (0..cells.len()).map(code).collect()
    }
}

fn texts(categories: &[impl AsRef<str>]) -> Vec<&str> {
    categories.iter().map(AsRef::as_ref).collect()
}

/// A cell as the name of a category.
fn category(cells: &Cells, row: usize) -> Option<String> {
    match cells {
        Cells::Numbers(numbers) => Some(numbers[row]).filter(|x| !x.is_nan()).map(|x| x.to_string()),
        Cells::Booleans(flags) => flags[row].map(|flag| flag.to_string()),
        Cells::Texts(texts) => texts[row].as_deref().map(str::to_string),
    }
}
