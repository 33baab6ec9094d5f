//! The scores of a search in a file, which is replaced whole at each score, so that it is never half a file.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::course::Scores;
use super::{Capacity, SearchError};

const HEADER: &str = "n_layers,n_units,score";
/// Of a line that is refused so much is shown.
const MOST_SHOWN: usize = 60;

pub(super) struct Record {
    scores: Scores,
    file: Option<PathBuf>,
}

impl Record {
    /// What stands in the file; nothing if there is no file, or none is wanted.
    pub(super) fn open(file: Option<PathBuf>) -> Result<Record, SearchError> {
        let scores = match &file {
            Some(path) => match fs::read_to_string(path) {
                Ok(text) => read(path, &text)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => Scores::new(),
                Err(source) => return Err(SearchError::File { path: path.clone(), source }),
            },
            None => Scores::new(),
        };
        Ok(Record { scores, file })
    }

    pub(super) fn scores(&self) -> &Scores {
        &self.scores
    }

    pub(super) fn add(&mut self, capacity: Capacity, score: f64) -> Result<(), SearchError> {
        self.scores.insert(capacity, score);
        let Some(path) = &self.file else { return Ok(()) };
        let mut text = format!("{HEADER}\n");
        for (Capacity { n_layers, n_units }, score) in &self.scores {
            // The shortest decimals that are read as the same number. A string can always be written to.
            let _ = writeln!(text, "{n_layers},{n_units},{score:?}");
        }
        let mut beside = path.clone().into_os_string();
        beside.push(".part");
        let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
        written.map_err(|source| SearchError::File { path: path.clone(), source })
    }
}

fn read(path: &Path, text: &str) -> Result<Scores, SearchError> {
    let mut scores = Scores::new();
    for (index, line) in text.lines().enumerate() {
        let is_header = index == 0 && line.trim() == HEADER;
        if is_header || line.trim().is_empty() {
            continue;
        }
        let Some((capacity, score)) = parsed(line) else {
            let found = line.chars().filter(|c| !c.is_control()).take(MOST_SHOWN).collect();
            return Err(SearchError::Malformed { path: path.to_path_buf(), line: index + 1, found });
        };
        scores.insert(capacity, score);
    }
    Ok(scores)
}

fn parsed(line: &str) -> Option<(Capacity, f64)> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let [n_layers, n_units, score] = cells[..] else { return None };
    let capacity = Capacity { n_layers: n_layers.parse().ok()?, n_units: n_units.parse().ok()? };
    (capacity.n_layers > 0 && capacity.n_units > 0).then_some((capacity, score.parse().ok()?))
}
