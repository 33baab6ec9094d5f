//! How a CSV file is to be read, and its reading.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use wengert_array::{DType, Mismatch};

use super::column::{Column, Reading, Texts};
use super::records::{Lines, Record, Records};
use super::{CsvChunks, Table};
use crate::DataError;
use crate::files::{FileError, FileErrorKind, Limit, is_gzip, read, system, unzip};

pub(super) const FORMAT: &str = "csv";

/// The table of a CSV file with a header and commas: see [`Csv`] for others.
///
/// # Errors
/// As for [`Csv::read`].
///
/// # Examples
/// What a course does with pandas (`read_csv`, `drop`, `values`):
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("hourly_wages.csv");
/// # std::fs::write(&file, "wage_per_hour,union,education_yrs\n8.75,0,12\n11.35,1,12\n")?;
/// use wengert_data::read_csv;
///
/// let (predictors, target) = read_csv(&file)?.split_target(&["wage_per_hour"])?;
/// assert_eq!(predictors.to_vec::<f32>(), [0.0, 12.0, 1.0, 12.0]);
/// assert_eq!(*target.shape(), [2, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_csv(path: impl AsRef<Path>) -> Result<Table, DataError> {
    Csv::new().read(path)
}

/// How a CSV file is to be read. What is not said is as in pandas: a header, commas, and empty cells or `NA`, `NaN`,
/// `null` and the like for missing ones.
///
/// A column is of numbers if every cell that is not missing is one, of booleans if every one is `true` or `false`, and
/// of texts otherwise. Quoted cells may hold separators, line ends, and quotes that are doubled. Lines end with `\n`,
/// `\r\n` or `\r`, the last one also without; empty lines and a byte order mark are left aside. The text is UTF-8.
/// A file that gzip has packed is unpacked.
///
/// # Examples
/// ```
/// use wengert_data::Csv;
/// let table = Csv::new().separator(';').decimal_comma().parse("price;sold\n1,50;true\n2,25;false\n")?;
/// assert_eq!(table.column("price")?.to_vec::<f32>(), [1.5, 2.25]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Csv {
    pub(super) separator: u8,
    pub(super) has_header: bool,
    reading: Reading,
    /// The columns whose cells are texts, whatever they look like.
    texts: Vec<String>,
    limit: Limit,
}

impl Default for Csv {
    fn default() -> Csv {
        Csv::new()
    }
}

impl Csv {
    /// A file with a header and commas.
    pub fn new() -> Csv {
        const MISSING: [&str; 12] =
            ["", "NA", "N/A", "n/a", "<NA>", "NaN", "nan", "-nan", "NULL", "null", "None", "#N/A"];
        let reading = Reading { missing: MISSING.map(String::from).to_vec(), has_decimal_comma: false };
        Csv { separator: b',', has_header: true, reading, texts: Vec::new(), limit: Limit::default() }
    }

    /// Another character between the cells: `;` or `\t`, for example.
    ///
    /// # Panics
    /// If it is no ASCII character, or one that has another meaning: a quote or a line end.
    #[track_caller]
    pub fn separator(self, separator: char) -> Csv {
        let is_possible = separator.is_ascii() && !matches!(separator, '"' | '\n' | '\r');
        assert!(
            is_possible,
            "csv: {separator:?} cannot separate cells, expected an ASCII character such as ';'"
        );
        Csv { separator: separator as u8, ..self }
    }

    /// The first line holds cells and no names. The columns are called `0`, `1` and so on.
    pub fn without_header(self) -> Csv {
        Csv { has_header: false, ..self }
    }

    /// `1,5` is one and a half.
    pub fn decimal_comma(self) -> Csv {
        Csv { reading: Reading { has_decimal_comma: true, ..self.reading }, ..self }
    }

    /// What a missing cell looks like, instead of the usual: `&["", "?"]`, for example. Spaces around are left aside.
    pub fn missing(self, texts: &[&str]) -> Csv {
        let missing = texts.iter().map(|text| text.to_string()).collect();
        Csv { reading: Reading { missing, ..self.reading }, ..self }
    }

    /// Takes the cells of these columns for texts, whatever they look like: `01` is no number then. A name that there is
    /// none of in the file does not matter.
    ///
    /// # Examples
    /// ```
    /// use wengert_data::Csv;
    /// let table = Csv::new().texts(&["code"]).parse("code,x\n01,1\n1,2\n")?;
    /// assert_eq!(table.categories("code")?, ["01", "1"]);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn texts(self, names: &[&str]) -> Csv {
        Csv { texts: names.iter().map(|name| name.to_string()).collect(), ..self }
    }

    /// Another limit on what a packed file may unpack to.
    pub fn limit(self, limit: Limit) -> Csv {
        Csv { limit, ..self }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If the file cannot be read, is not UTF-8, or has rows of different lengths or two columns of the same name. The
    /// line is named.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table, DataError> {
        let path = path.as_ref();
        let table = read(FORMAT, path, self.limit).and_then(|bytes| self.table(&bytes));
        let table = table.map_err(|error| error.of(path))?;
        Ok(Table { file: Some(path.into()), ..table })
    }

    /// Reads a text, or bytes such as those of a file that the program contains.
    ///
    /// # Errors
    /// As for [`Csv::read`].
    pub fn parse(&self, text: impl AsRef<[u8]>) -> Result<Table, DataError> {
        let bytes = text.as_ref();
        if is_gzip(bytes) {
            return Ok(self.table(&unzip(FORMAT, bytes, self.limit)?)?);
        }
        Ok(self.table(bytes)?)
    }

    /// Reads what comes from elsewhere than a file, such as the standard input, to its end. The name stands in messages.
    ///
    /// # Errors
    /// As for [`Csv::read`].
    ///
    /// # Examples
    /// ```
    /// use wengert_data::Csv;
    /// let mut input = "a,b\n1,2\n3\n".as_bytes();                    // std::io::stdin() in a program
    /// let message = "csv: a row has another number of cells
    ///   file   standard input
    ///   line   3
    ///   cells  1   <- expected 2, as the header has
    ///   help: `Csv::separator` sets what stands between cells";
    /// assert_eq!(Csv::new().read_from("standard input", &mut input).unwrap_err().to_string(), message);
    /// ```
    pub fn read_from(&self, name: impl AsRef<Path>, input: &mut dyn Read) -> Result<Table, DataError> {
        let name = name.as_ref();
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes).map_err(|error| system(FORMAT, &error).of(name))?;
        match self.parse(bytes) {
            Ok(table) => Ok(Table { file: Some(name.into()), ..table }),
            Err(DataError::File(error)) => Err(error.of(name).into()),
            Err(error) => Err(error),
        }
    }

    /// A file that may be larger than memory, in pieces of so many rows: a [`Dataset`](crate::Dataset).
    ///
    /// The file is gone through once, to find where the pieces begin.
    ///
    /// # Errors
    /// If the file cannot be read, or is packed.
    ///
    /// # Examples
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("large.csv");
    /// # std::fs::write(&file, "x,y\n".to_string() + &"1,2\n".repeat(100))?;
    /// use wengert_data::{Csv, Dataset, Loader};
    /// let pieces = Csv::new().chunks(&file, 30)?.map(|table| table.split_target(&["y"]));
    /// for batch in Loader::new(pieces, 32)?.shuffled(7, 60).epoch(0) {
    ///     let (x, y) = batch?;
    ///     assert_eq!(x.shape(), y.shape());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn chunks(&self, path: impl AsRef<Path>, n_rows: usize) -> Result<CsvChunks, DataError> {
        CsvChunks::open(self, path.as_ref(), n_rows)
    }

    fn table(&self, bytes: &[u8]) -> Result<Table, FileError> {
        let mut records = Records::new(bytes, self.separator, Lines::first());
        if self.has_header {
            let names = names(&records.next().ok_or_else(empty)?)?;
            return self.rows(records, Some(names));
        }
        self.rows(records, None)
    }

    /// The table of the records that follow.
    pub(super) fn rows(
        &self,
        mut records: Records<'_>,
        names: Option<Vec<String>>,
    ) -> Result<Table, FileError> {
        let expected = if self.has_header { "as the header has" } else { "as the first row has" };
        let mut columns: Vec<Texts> = Vec::new();
        columns.resize_with(names.as_ref().map_or(0, Vec::len), Texts::default);
        let mut lines = Vec::new();
        while let Some(record) = records.next() {
            if lines.is_empty() && names.is_none() {
                check_count(record.len())?;
                columns.resize_with(record.len(), Texts::default);
            }
            if record.len() != columns.len() {
                return Err(ragged(&record, columns.len(), expected));
            }
            for (column, cell) in columns.iter_mut().zip(record.cells()) {
                column.push(text(cell, record.line)?);
            }
            lines.push(record.line);
        }
        if columns.is_empty() {
            return Err(empty());
        }
        let names = names.unwrap_or_else(|| (0..columns.len()).map(|place| place.to_string()).collect());
        let columns = names.into_iter().zip(columns);
        let columns = columns.map(|(name, texts)| {
            let is_text = self.texts.contains(&name);
            let cells = if is_text { self.reading.texts(&texts) } else { self.reading.cells(&texts) };
            Arc::new(Column { name, cells })
        });
        Ok(Table { columns: columns.collect(), lines: lines.into(), file: None, dtype: DType::F32 })
    }
}

/// The names of a header. An empty one, as pandas writes above the index, becomes `unnamed_0`.
pub(super) fn names(header: &Record<'_>) -> Result<Vec<String>, FileError> {
    check_count(header.len())?;
    let (mut names, mut known) = (Vec::new(), BTreeSet::new());
    for (place, cell) in header.cells().enumerate() {
        let name = match text(cell, header.line)?.trim() {
            "" => format!("unnamed_{place}"),
            name => name.to_string(),
        };
        if !known.insert(name.clone()) {
            let problem = Mismatch::new("two columns have the same name").row("line", header.line);
            let problem = problem.row("column", wengert_array::shown(&name)).note("expected each name once");
            return Err(FileError::new(FORMAT, FileErrorKind::Format, problem));
        }
        names.push(name);
    }
    Ok(names)
}

/// A column takes a hundred times the byte that a file needs for it.
fn check_count(n_columns: usize) -> Result<(), FileError> {
    const MOST_COLUMNS: usize = 1_000_000;
    if n_columns <= MOST_COLUMNS {
        return Ok(());
    }
    Err(FileError::unsupported(FORMAT, "columns", n_columns, format!("expected at most {MOST_COLUMNS}")))
}

fn text(cell: &[u8], line: u64) -> Result<&str, FileError> {
    std::str::from_utf8(cell).map_err(|_| {
        let problem = Mismatch::new("the text is not UTF-8").row("line", line);
        let problem =
            problem.row("value", format!("`{}`", wengert_array::shown(&cell.escape_ascii().to_string())));
        FileError::new(FORMAT, FileErrorKind::Format, problem).help("save the file as UTF-8")
    })
}

fn ragged(record: &Record<'_>, n_expected: usize, expected: &str) -> FileError {
    let problem = Mismatch::new("a row has another number of cells").row("line", record.line);
    let problem = problem.row("cells", record.len()).note(format!("expected {n_expected}, {expected}"));
    let error = FileError::new(FORMAT, FileErrorKind::Format, problem);
    let is_one = n_expected == 1 || record.len() == 1;
    if is_one { error.help("`Csv::separator` sets what stands between cells") } else { error }
}

pub(super) fn empty() -> FileError {
    let problem =
        Mismatch::new("the file is empty").row("found", "no line").note("expected a header or a row");
    FileError::new(FORMAT, FileErrorKind::Format, problem)
}
