//! How large a network should be: the loop that widens and deepens it until validation stops improving. What was tried is
//! kept in a file by `capacity/record.rs`; the loop itself stands in `capacity/course.rs`.

mod course;
mod record;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use course::Course;
use record::Record;

use crate::number::number;
use crate::parallel::{in_parallel, n_cores};
use crate::{FitError, Problem};

/// The size of a network: so many hidden layers of so many units each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capacity {
    /// Hidden layers.
    pub n_layers: usize,
    /// Units of each.
    pub n_units: usize,
}

/// The search for the capacity that validates best.
///
/// # Examples
/// ```
/// use wengert_train::{CapacitySearch, FitError};
///
/// // In earnest, the closure builds a network of that size, trains it, and returns its validation loss.
/// let search = CapacitySearch::new(1, 50).run(|capacity| {
///     Ok::<f64, FitError>(10.0 / capacity.n_units as f64 + capacity.n_units as f64 / 1000.0 + capacity.n_layers as f64)
/// })?;
/// println!("{search}");
/// assert_eq!((search.best().n_layers, search.best().n_units), (1, 100));
/// # Ok::<(), wengert_train::SearchError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CapacitySearch {
    start: Capacity,
    most: Capacity,
    tolerance: f64,
    n_workers: usize,
    file: Option<PathBuf>,
}

/// What a search tried, in the order of the loop. `Display` prints it as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityTable {
    rows: Vec<CapacityRow>,
}

/// A capacity that was tried.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CapacityRow {
    /// The size of the network.
    pub capacity: Capacity,
    /// Its validation loss; NaN if the training diverged.
    pub score: f64,
    /// What followed from it.
    pub next: NextStep,
}

/// What the loop does after a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// More units in each layer.
    Widen,
    /// One more layer.
    Deepen,
    /// Fewer units in each of more layers.
    Narrow,
    /// No more.
    Done,
}

/// Why a search ended without a result.
#[derive(Debug)]
#[non_exhaustive]
pub enum SearchError {
    /// A training refused its data or settings.
    Fit(FitError),
    /// The file of results could not be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds something else.
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
}

impl CapacitySearch {
    /// A search that begins with so many hidden layers of so many units.
    ///
    /// # Panics
    /// If one of the numbers is 0.
    #[track_caller]
    pub fn new(n_layers: usize, n_units: usize) -> CapacitySearch {
        assert!(
            n_layers > 0 && n_units > 0,
            "capacity: {n_layers} layers of {n_units} units, expected at least 1 of each"
        );
        let start = Capacity { n_layers, n_units };
        let most = Capacity { n_layers: n_layers.max(6), n_units: n_units.max(2048) };
        CapacitySearch { start, most, tolerance: 0.0, n_workers: n_cores(), file: None }
    }

    /// The largest network that may be tried: 6 layers of 2048 units if nothing is said.
    ///
    /// # Panics
    /// If that is less than what the search begins with.
    #[track_caller]
    pub fn at_most(self, n_layers: usize, n_units: usize) -> CapacitySearch {
        let most = Capacity { n_layers, n_units };
        assert!(
            n_layers >= self.start.n_layers && n_units >= self.start.n_units,
            "capacity: at most {most}, but it begins with {}",
            self.start
        );
        CapacitySearch { most, ..self }
    }

    /// The fraction of the best score by which another must be lower to be an improvement; 0 if nothing is said.
    ///
    /// # Panics
    /// If it does not lie in [0, 1).
    #[track_caller]
    pub fn tolerance(self, tolerance: f64) -> CapacitySearch {
        assert!(
            (0.0..1.0).contains(&tolerance),
            "capacity: the tolerance is {tolerance}, expected at least 0 and less than 1"
        );
        CapacitySearch { tolerance, ..self }
    }

    /// How many trainings run at a time; as many as there are cores if nothing is said. The table does not depend on it:
    /// with several, sizes are trained that the loop may come to next.
    pub fn workers(self, n_workers: usize) -> CapacitySearch {
        CapacitySearch { n_workers: n_workers.max(1), ..self }
    }

    /// Keeps every score in a file, and takes from it what an earlier search, on the same data, has found. It is CSV:
    /// `n_layers,n_units,score`.
    pub fn resume(self, path: impl AsRef<Path>) -> CapacitySearch {
        CapacitySearch { file: Some(path.as_ref().to_path_buf()), ..self }
    }

    /// Searches. `train` trains a network of the size that it is told and returns its validation loss, or whatever is to
    /// be low.
    ///
    /// First the units are doubled while the score improves, then layers are added; when one layer more is no
    /// improvement, it is tried with four fifths of the units, and so on while that improves. A training that a NaN ends
    /// counts as one that is no improvement.
    ///
    /// # Errors
    /// If a training refuses its data, or the file cannot be read or written or holds something else. What was trained
    /// before is in the file then.
    ///
    /// # Panics
    /// If the closure panics.
    pub fn run(
        self,
        train: impl Fn(Capacity) -> Result<f64, FitError> + Sync,
    ) -> Result<CapacityTable, SearchError> {
        let mut record = Record::open(self.file.clone())?;
        loop {
            let course = Course { start: self.start, most: self.most, tolerance: self.tolerance };
            let wanted = course.wanted(record.scores(), self.n_workers);
            if wanted.is_empty() {
                return Ok(CapacityTable { rows: course.walk(record.scores()).rows });
            }
            let shared = Mutex::new(&mut record);
            let results = in_parallel(wanted.len(), self.n_workers, |index| {
                let score = match train(wanted[index]) {
                    Err(error) if matches!(error.problem(), Problem::NonFinite(_)) => f64::NAN,
                    result => result.map_err(SearchError::Fit)?,
                };
                let mut record = shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                record.add(wanted[index], score)
            });
            results.into_iter().collect::<Result<(), SearchError>>()?;
        }
    }
}

impl CapacityTable {
    /// What was tried, in the order of the loop.
    pub fn rows(&self) -> &[CapacityRow] {
        &self.rows
    }

    /// The capacity with the lowest score: the first that was tried, if all diverged.
    pub fn best(&self) -> Capacity {
        let finite = self.rows.iter().filter(|row| !row.score.is_nan());
        let best = finite.min_by(|a, b| a.score.total_cmp(&b.score));
        // There is a row: the search begins with one.
        best.unwrap_or(&self.rows[0]).capacity
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.n_layers, self.n_units)
    }
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NextStep::Widen => "more units",
            NextStep::Deepen => "more layers",
            NextStep::Narrow => "fewer units",
            NextStep::Done => "done",
        })
    }
}

impl fmt::Display for CapacityTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hidden layers  units per layer  validation loss  next step")?;
        for CapacityRow { capacity, score, next } in &self.rows {
            let mark = if *capacity == self.best() { " *" } else { "" };
            let (n_layers, n_units) = (capacity.n_layers, capacity.n_units);
            write!(f, "\n{n_layers:>13}  {n_units:>15}  {:>15}  {next}{mark}", number(*score))?;
        }
        write!(f, "\n* the best")
    }
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SearchError::Fit(error) => error.fmt(f),
            SearchError::File { path, source } => write!(f, "capacity: {}: {source}", path.display()),
            SearchError::Malformed { path, line, found } => write!(
                f,
                "capacity: {}, line {line}: found `{found}`, expected `n_layers,n_units,score`",
                path.display()
            ),
        }
    }
}

impl std::error::Error for SearchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SearchError::Fit(error) => Some(error),
            SearchError::File { source, .. } => Some(source),
            SearchError::Malformed { .. } => None,
        }
    }
}
