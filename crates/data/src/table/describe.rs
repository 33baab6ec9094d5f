//! What a table holds, at a glance: rows, columns, ranges, missing cells.

use std::collections::BTreeMap;
use std::fmt;

use wengert_array::shown;

use super::column::{Cells, Column};
use super::{ColumnKind, Table};

/// What the columns of a table hold: what [`Table::describe`] gives. It is printed as a table of at most 80 columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The name of the file, if there is one.
    pub file: Option<String>,
    /// The number of rows.
    pub n_rows: usize,
    /// The columns, in order.
    pub columns: Vec<ColumnSummary>,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnSummary {
    /// Its name.
    pub name: String,
    /// What its cells are.
    pub kind: ColumnKind,
    /// How many of them are missing.
    pub n_missing: usize,
    /// The least number; NaN if there is none. So with the next three.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// The greatest number.
    pub max: f64,
    /// The standard deviation, with n - 1 in the denominator as in pandas; NaN of a single number.
    pub std: f64,
    /// Of booleans and texts, each value and how often it stands there, the most frequent first.
    pub counts: Vec<(String, usize)>,
}

impl Table {
    /// What the columns hold.
    ///
    /// # Examples
    /// ```
    /// let table = wengert_data::Csv::new().parse("age,port,male\n22,S,True\n38,C,False\n,S,True\n")?;
    /// let text = "\
    /// 3 rows, 3 columns, 1 missing cell
    ///
    /// column               kind     missing       min      mean       max       std
    /// age                  number         1        22        30        38     11.31
    /// port                 text           -  2 values: S 2, C 1
    /// male                 boolean        -  2 values: true 2, false 1
    /// ";
    /// assert_eq!(table.describe().to_string(), text);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn describe(&self) -> Description {
        let file = self.file.as_ref().and_then(|file| file.file_name());
        Description {
            file: file.map(|name| name.to_string_lossy().into_owned()),
            n_rows: self.n_rows(),
            columns: self.columns.iter().map(|column| ColumnSummary::of(column)).collect(),
        }
    }
}

impl ColumnSummary {
    fn of(Column { name, cells }: &Column) -> ColumnSummary {
        let numbers: Vec<f64> = cells.numbers().into_iter().filter(|x| !x.is_nan()).collect();
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let squares = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        let variance = if numbers.is_empty() { f64::NAN } else { squares / (n - 1.0) };
        ColumnSummary {
            name: name.clone(),
            kind: cells.kind(),
            n_missing: cells.n_missing(),
            min: numbers.iter().copied().fold(f64::NAN, f64::min),
            mean,
            max: numbers.iter().copied().fold(f64::NAN, f64::max),
            std: variance.sqrt(),
            counts: counts(cells),
        }
    }
}

fn counts(cells: &Cells) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    match cells {
        Cells::Numbers(_) => {}
        Cells::Booleans(flags) => {
            for flag in flags.iter().flatten() {
                *counts.entry(if *flag { "true" } else { "false" }).or_default() += 1;
            }
        }
        Cells::Texts(texts) => {
            for text in texts.iter().flatten() {
                *counts.entry(text).or_default() += 1;
            }
        }
    }
    let mut counts: Vec<(String, usize)> =
        counts.into_iter().map(|(text, n)| (text.to_string(), n)).collect();
    counts.sort_unstable_by(|(a, n_a), (b, n_b)| n_b.cmp(n_a).then_with(|| a.cmp(b)));
    counts
}

/// The width of the column of names, and of what is right of it.
const NAME_WIDTH: usize = 20;
const WIDTH: usize = 79;

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", shown(file))?;
        }
        let n_missing: usize = self.columns.iter().map(|column| column.n_missing).sum();
        let missing =
            if n_missing == 0 { "nothing missing".to_string() } else { counted(n_missing, "missing cell") };
        writeln!(
            f,
            "{}, {}, {missing}\n",
            counted(self.n_rows, "row"),
            counted(self.columns.len(), "column")
        )?;
        let (name, w) = ("column", NAME_WIDTH);
        writeln!(f, "{name:w$} kind     missing {:>9} {:>9} {:>9} {:>9}", "min", "mean", "max", "std")?;
        self.columns.iter().try_for_each(|column| writeln!(f, "{column}"))
    }
}

impl fmt::Display for ColumnSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = format!("{:?}", self.kind).to_lowercase();
        let missing = if self.n_missing == 0 { "-".to_string() } else { self.n_missing.to_string() };
        let start = format!("{:NAME_WIDTH$} {kind:8} {missing:>7} ", cut(&shown(&self.name), NAME_WIDTH));
        if self.kind != ColumnKind::Number {
            let most: Vec<String> =
                self.counts.iter().take(20).map(|(text, n)| format!("{} {n}", shown(text))).collect();
            let line = format!("{start} {}: {}", counted(self.counts.len(), "value"), most.join(", "));
            return f.write_str(cut(&line, WIDTH).trim_end_matches([' ', ':']));
        }
        f.write_str(&start)?;
        let numbers = [self.min, self.mean, self.max, self.std].map(|x| format!("{:>9}", short(x)));
        f.write_str(&numbers.join(" "))
    }
}

fn counted(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}

/// The beginning of a text that is too long.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let start: String = text.chars().take(most - 1).collect();
    format!("{start}…")
}

/// A number in at most nine characters, with four digits that count.
fn short(x: f64) -> String {
    if x.is_nan() {
        return "-".to_string();
    }
    let size = x.abs();
    if size != 0.0 && !(1e-3..1e7).contains(&size) && x.is_finite() {
        return format!("{x:.2e}");
    }
    if x.fract() == 0.0 || x.is_infinite() {
        return format!("{x}");
    }
    let n_digits = (3 - size.log10().floor() as i32).max(0) as usize;
    format!("{x:.n_digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (x, expected) in [
            (0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.500"),
            (9.0239, "9.024"),
            (44.5, "44.50"),
            (32.20421, "32.20"),
            (512.3292, "512.3"),
            (0.001234, "0.001234"),
            (0.0001234, "1.23e-4"),
            (-9999999.0, "-9999999"),
            (1e7, "1.00e7"),
            (-1.2345e-300, "-1.23e-300"),
            (123456.7, "123457"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(short(x), expected);
        }
    }
}
