//! Tables and models that the program reads.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use wengert::data::{Csv, Preparation, Table};
use wengert::io::Pipeline;
use wengert::prelude::*;

use crate::failure::Failure;

/// A table, and how its file is to be read.
#[derive(Args, Debug)]
pub(crate) struct Input {
    /// The table: a CSV file, plain or packed by gzip; `-` for the standard input
    pub(crate) data: PathBuf,

    #[command(flatten)]
    pub(crate) format: Format,
}

/// How a CSV file is to be read.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "How the table is written")]
pub(crate) struct Format {
    /// What stands between cells: a character such as `;`, or `tab`
    #[arg(long, value_name = "CHAR", default_value = ",", value_parser = separator)]
    pub(crate) separator: char,

    /// The decimal point is a comma
    #[arg(long)]
    decimal_comma: bool,

    /// The first line holds cells; columns are called 0, 1, 2, …
    #[arg(long)]
    no_header: bool,

    /// What a missing cell looks like [default: nothing, NA, NaN, null and the like]
    #[arg(long, value_name = "TEXT,…", value_delimiter = ',')]
    na: Vec<String>,
}

impl Input {
    /// The table as it is.
    pub(crate) fn read(&self) -> Result<Table, Failure> {
        self.read_with(self.format.csv())
    }

    /// The table as a preparation takes it.
    pub(crate) fn read_for(&self, preparation: &Preparation) -> Result<Table, Failure> {
        self.read_with(preparation.csv(self.format.csv()))
    }

    fn read_with(&self, csv: Csv) -> Result<Table, Failure> {
        let table = if self.data.as_os_str() == "-" {
            csv.read_from("standard input", &mut io::stdin().lock())?
        } else {
            read(&csv, &self.data)?
        };
        if table.n_rows() == 0 {
            let file = self.data.display();
            return Err(Failure::Work(format!(
                "csv: the table has no rows\n  file  {file}\n  rows  0   <- expected at least 1"
            )));
        }
        // All digits are kept until the model takes them.
        Ok(table.cast(DType::F64))
    }
}

/// A file; or a pipe, such as the shell makes of `<(…)`.
fn read(csv: &Csv, path: &Path) -> Result<Table, Failure> {
    let is_stream = path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
    match File::open(path) {
        Ok(mut file) if is_stream => Ok(csv.read_from(path, &mut file)?),
        _ => Ok(csv.read(path)?),
    }
}

impl Format {
    fn csv(&self) -> Csv {
        let mut csv = Csv::new().separator(self.separator);
        if self.decimal_comma {
            csv = csv.decimal_comma();
        }
        if self.no_header {
            csv = csv.without_header();
        }
        if !self.na.is_empty() {
            csv = csv.missing(&self.na.iter().map(String::as_str).collect::<Vec<_>>());
        }
        csv
    }
}

fn separator(text: &str) -> Result<char, String> {
    let mut letters = text.chars();
    match (text, letters.next(), letters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(letter), None) if letter.is_ascii() && !matches!(letter, '"' | '\n' | '\r') => Ok(letter),
        _ => Err("expected one ASCII character such as `;`, or `tab`".to_string()),
    }
}

/// What becomes of rows in which a cell is missing that the model has nothing for.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Incomplete {
    /// They are errors
    Error,
    /// They are left out
    Drop,
}

impl Incomplete {
    /// The rows that remain; how many are left out is said.
    pub(crate) fn of(
        self,
        table: Table,
        preparation: &Preparation,
        with_targets: bool,
    ) -> Result<Table, Failure> {
        if self == Incomplete::Error {
            return Ok(table);
        }
        let complete = preparation.complete(&table, with_targets)?;
        left_out(table.n_rows(), complete.n_rows())?;
        Ok(complete)
    }
}

/// Says how many rows are left out, of which some must remain.
pub(crate) fn left_out(n_rows: usize, n_complete: usize) -> Result<(), Failure> {
    if n_complete == 0 {
        return Err(Failure::Work(format!("csv: a cell is missing in each of the {n_rows} rows")));
    }
    if n_complete < n_rows {
        let n = n_rows - n_complete;
        crate::output::remark(
            "note",
            &format!("{n} of {n_rows} rows are left out, because a cell is missing"),
        );
    }
    Ok(())
}

/// A model with the preparation of its rows.
pub(crate) fn pipeline(path: &Path) -> Result<Pipeline, Failure> {
    Ok(Pipeline::load(path)?)
}
