//! What went wrong with a file: which one, where in it, what was found, and what would have been right.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use wengert_array::{Mismatch, shown};

/// A file that could not be written or read.
///
/// # Examples
/// ```
/// use wengert_io::{IoErrorKind, read_tensors};
/// let error = read_tensors("nowhere.safetensors").unwrap_err();
/// assert_eq!(error.kind(), IoErrorKind::System);
/// assert_eq!(error.file().unwrap().to_str(), Some("nowhere.safetensors"));
/// ```
pub struct IoError {
    // Behind a pointer, so that a `Result` stays small.
    details: Box<Details>,
}

struct Details {
    operation: &'static str,
    kind: IoErrorKind,
    file: Option<PathBuf>,
    problem: Mismatch,
    source: Option<io::Error>,
}

/// The kinds of errors that a caller may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IoErrorKind {
    /// The operating system could not do it; it is the [`source`](Error::source).
    System,
    /// The file is not what its format asks for: truncated, damaged, or of another format.
    Format,
    /// Nothing is wrong with it, but it cannot be held or written here.
    Unsupported,
    /// The tensors of the file are not those of the model.
    Fit,
    /// No model can be built from the configuration in the file.
    Configuration,
}

impl IoError {
    /// The kind of error.
    pub fn kind(&self) -> IoErrorKind {
        self.details.kind
    }

    /// The file, unless it was bytes in memory.
    pub fn file(&self) -> Option<&Path> {
        self.details.file.as_deref()
    }

    pub(crate) fn saving(kind: IoErrorKind, problem: Mismatch) -> IoError {
        IoError::new("save", kind, problem)
    }

    pub(crate) fn loading(kind: IoErrorKind, problem: Mismatch) -> IoError {
        IoError::new("load", kind, problem)
    }

    /// A part of the file that is not as it should be.
    pub(crate) fn malformed(place: &str, found: impl fmt::Display, expected: &str) -> IoError {
        let problem =
            Mismatch::new("this is no valid safetensors file").row(place, shown(&found.to_string()));
        IoError::loading(IoErrorKind::Format, problem.note(expected))
    }

    pub(crate) fn unwritable(source: io::Error) -> IoError {
        IoError::saving(IoErrorKind::System, Mismatch::new("the file cannot be written")).caused_by(source)
    }

    pub(crate) fn unreadable(source: io::Error) -> IoError {
        IoError::loading(IoErrorKind::System, Mismatch::new("the file cannot be read")).caused_by(source)
    }

    /// The same error, saying in which file.
    pub(crate) fn of(mut self, file: &Path) -> IoError {
        self.details.file = Some(file.to_path_buf());
        self
    }

    fn new(operation: &'static str, kind: IoErrorKind, problem: Mismatch) -> IoError {
        IoError { details: Box::new(Details { operation, kind, file: None, problem, source: None }) }
    }

    fn caused_by(mut self, source: io::Error) -> IoError {
        self.details.problem = self.details.problem.row("reason", &source);
        self.details.source = Some(source);
        self
    }
}

impl fmt::Display for IoError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { operation, file, problem, .. } = &*self.details;
        let mut problem = problem.clone();
        if let Some(file) = file {
            problem.rows.insert(0, ("file".to_string(), file.display().to_string(), None));
        }
        formatter.write_str(&problem.report(operation))
    }
}

impl fmt::Debug for IoError {
    /// The message itself: it is what a `main` that returns the error, and an `unwrap`, print.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for IoError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.details.source.as_ref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_small_and_can_cross_threads() {
        fn check<E: Error + Send + Sync + 'static>() {
            assert_eq!(size_of::<E>(), size_of::<usize>());
        }
        check::<IoError>();
    }
}
