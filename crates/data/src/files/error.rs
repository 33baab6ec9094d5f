//! What went wrong with a file: which one, where in it, what was found, and what would have been right.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use wengert_array::{Mismatch, shown};

/// A file that could not be read, or that holds something else than what was asked for.
///
/// # Examples
/// ```
/// use wengert_data::{DataError, FileErrorKind, read_npy};
/// let Err(DataError::File(error)) = read_npy("nowhere.npy") else { panic!("there is such a file") };
/// assert_eq!(error.kind(), FileErrorKind::System(std::io::ErrorKind::NotFound));
/// assert_eq!(error.file().unwrap().to_str(), Some("nowhere.npy"));
/// ```
#[derive(Clone, PartialEq)]
pub struct FileError {
    // Behind a pointer, so that a `Result` stays small.
    details: Box<Details>,
}

#[derive(Clone, PartialEq)]
struct Details {
    format: &'static str,
    kind: FileErrorKind,
    file: Option<PathBuf>,
    problem: Mismatch,
}

/// The kinds of errors that a caller may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileErrorKind {
    /// The operating system could not do it.
    System(io::ErrorKind),
    /// The file is not what its format asks for: truncated, damaged, or of another format.
    Format,
    /// Nothing is wrong with it, but it cannot be held here.
    Unsupported,
    /// It would take more memory than the [`Limit`](crate::Limit) allows.
    Limit,
    /// What it holds is not what was asked for: a text where numbers are needed, a name that is not there.
    Content,
}

impl FileError {
    /// The kind of error.
    pub fn kind(&self) -> FileErrorKind {
        self.details.kind
    }

    /// The file, unless it was bytes in memory.
    pub fn file(&self) -> Option<&Path> {
        self.details.file.as_deref()
    }

    pub(crate) fn new(format: &'static str, kind: FileErrorKind, problem: Mismatch) -> FileError {
        FileError { details: Box::new(Details { format, kind, file: None, problem }) }
    }

    /// A part of the file that is not as it should be.
    pub(crate) fn malformed(
        format: &'static str,
        place: &str,
        found: impl fmt::Display,
        expected: impl Into<String>,
    ) -> FileError {
        let title = format!("this is no valid {format} file");
        let problem = Mismatch::new(title).row(place, shown(&found.to_string())).note(expected);
        FileError::new(format, FileErrorKind::Format, problem)
    }

    /// A part of the file that is as it should be and that this library does not read.
    pub(crate) fn unsupported(
        format: &'static str,
        place: &str,
        found: impl fmt::Display,
        expected: impl Into<String>,
    ) -> FileError {
        let problem = Mismatch::new("what the file holds is not supported");
        let problem = problem.row(place, shown(&found.to_string())).note(expected);
        FileError::new(format, FileErrorKind::Unsupported, problem)
    }

    pub(crate) fn cut_off(
        format: &'static str,
        found: impl fmt::Display,
        expected: impl Into<String>,
    ) -> FileError {
        let problem = Mismatch::new("the file is cut off").row("length", found).note(expected);
        FileError::new(format, FileErrorKind::Format, problem)
    }

    /// The same error, saying in which file.
    pub(crate) fn of(mut self, file: &Path) -> FileError {
        self.details.file.get_or_insert_with(|| file.to_path_buf());
        self
    }

    /// The same error, saying in which part of an archive.
    pub(crate) fn inside(mut self, part: &str) -> FileError {
        self.details.problem.rows.insert(0, ("array".to_string(), shown(part), None));
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> FileError {
        self.details.problem.help = Some(help.into());
        self
    }
}

/// The error of a file that the system does not give.
pub(crate) fn system(format: &'static str, error: &io::Error) -> FileError {
    let problem = Mismatch::new("the file cannot be read").row("reason", error);
    FileError::new(format, FileErrorKind::System(error.kind()), problem)
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { format, file, problem, .. } = &*self.details;
        let mut problem = problem.clone();
        if let Some(file) = file {
            problem.rows.insert(0, ("file".to_string(), shown(&file.display().to_string()), None));
        }
        formatter.write_str(&problem.report(format))
    }
}

impl fmt::Debug for FileError {
    /// The message itself: it is what a `main` that returns the error, and an `unwrap`, print.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for FileError {}
