//! A column that is predicted from, and how its cells become numbers.

use wengert_array::{Mismatch, shown};

use crate::{DataError, Fill, Table};

/// A column for each of thousands of names would take the memory of the machine.
const MOST_COLUMNS: usize = 1_000;

/// A column that a prediction is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictor {
    /// Its name in the table.
    pub name: String,
    /// How its cells become numbers.
    pub encoding: Encoding,
}

/// How the cells of a column become numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Encoding {
    /// As they are, with 1 and 0 for `true` and `false`.
    Number {
        /// What stands in the place of a missing cell; nothing may be missing without it.
        fill: Option<f64>,
    },
    /// A column of 0 and 1 for each category.
    OneHot {
        /// The categories, in the order of their columns.
        categories: Vec<String>,
        /// The category that stands in the place of a missing cell.
        fill: Option<String>,
        /// Whether the cells are texts, and not numbers or truth values that mark categories.
        is_text: bool,
    },
    /// The number of the category, from 0.
    Codes {
        /// The categories, in the order of their numbers.
        categories: Vec<String>,
        /// The category that stands in the place of a missing cell.
        fill: Option<String>,
        /// Whether the cells are texts.
        is_text: bool,
    },
}

impl Predictor {
    /// The categories, in their order; none of a column of numbers.
    pub fn categories(&self) -> &[String] {
        match &self.encoding {
            Encoding::Number { .. } => &[],
            Encoding::OneHot { categories, .. } | Encoding::Codes { categories, .. } => categories,
        }
    }

    /// How many numbers of a row it makes.
    pub fn width(&self) -> usize {
        match &self.encoding {
            Encoding::OneHot { categories, .. } => categories.len(),
            _ => 1,
        }
    }

    /// Whether its cells are texts.
    pub fn is_text(&self) -> bool {
        match self.encoding {
            Encoding::Number { .. } => false,
            Encoding::OneHot { is_text, .. } | Encoding::Codes { is_text, .. } => is_text,
        }
    }

    /// Whether something stands in the place of missing cells.
    pub fn is_filled(&self) -> bool {
        match &self.encoding {
            Encoding::Number { fill } => fill.is_some(),
            Encoding::OneHot { fill, .. } | Encoding::Codes { fill, .. } => fill.is_some(),
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        match &self.encoding {
            Encoding::OneHot { categories, .. } => {
                categories.iter().map(|category| format!("{}_{category}", self.name)).collect()
            }
            _ => vec![self.name.clone()],
        }
    }

    /// The table with numbers in the place of the column.
    pub(super) fn encode(&self, table: &Table) -> Result<Table, DataError> {
        match &self.encoding {
            Encoding::Number { fill: None } => Ok(table.clone()),
            Encoding::Number { fill: Some(number) } => table.fill(&self.name, Fill::Constant(*number)),
            Encoding::OneHot { categories, fill, .. } => {
                self.filled(table, fill.as_deref())?.one_hot_as(&self.name, categories)
            }
            Encoding::Codes { categories, fill, .. } => {
                self.filled(table, fill.as_deref())?.codes_as(&self.name, categories)
            }
        }
    }

    fn filled(&self, table: &Table, fill: Option<&str>) -> Result<Table, DataError> {
        match fill {
            Some(fill) => table.fill_category(&self.name, fill),
            None => Ok(table.clone()),
        }
    }

    pub(super) fn problem(&self) -> Option<Mismatch> {
        let problem = |title: &str| Mismatch::new(title).row("column", shown(&self.name));
        match &self.encoding {
            Encoding::Number { fill } => {
                let number = fill.filter(|number| !number.is_finite())?;
                Some(problem("what stands for missing cells is no finite number").row("value", number))
            }
            Encoding::OneHot { categories, fill, .. } | Encoding::Codes { categories, fill, .. } => {
                if categories.is_empty() {
                    return Some(problem("a column has no categories"));
                }
                let is_wide =
                    matches!(self.encoding, Encoding::OneHot { .. }) && categories.len() > MOST_COLUMNS;
                if is_wide {
                    let problem =
                        problem("a column has too many categories").row("categories", categories.len());
                    let problem = problem.note(format!("expected at most {MOST_COLUMNS}"));
                    return Some(problem.help("`Categories::Codes` numbers them in one column"));
                }
                let fill = fill.as_ref().filter(|fill| !categories.contains(fill))?;
                Some(
                    problem("what stands for missing cells is none of the categories")
                        .row("value", shown(fill)),
                )
            }
        }
    }
}
