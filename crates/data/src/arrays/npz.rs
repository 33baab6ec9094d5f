//! NPZ, NumPy's archive of named arrays: what `np.savez` and `np.savez_compressed` write.

use std::path::{Path, PathBuf};

use wengert_array::Mismatch;
use wengert_tensor::{Indices, Tensor};

use super::npy;
use super::zip::{self, Entry};
use crate::files::{FileError, FileErrorKind, Limit, read_plain, too_large};
use crate::{DataError, RawArray};

const FORMAT: &str = "npz";

/// The arrays of an NPZ file by name. Each is unpacked when it is asked for.
///
/// # Examples
/// ```no_run
/// let mnist = wengert_data::read_npz("mnist.npz")?;
/// let x_train = mnist.tensor("x_train")? / 255.0;
/// let y_train = mnist.indices("y_train")?;
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Npz {
    file: Option<PathBuf>,
    archive: Vec<u8>,
    entries: Vec<Entry>,
    most: usize,
}

/// The arrays of an NPZ file.
///
/// # Errors
/// If the file cannot be read or is no valid archive, or all its arrays together would unpack to more than the default
/// [`Limit`] allows.
pub fn read_npz(path: impl AsRef<Path>) -> Result<Npz, DataError> {
    read_npz_with(path, Limit::default())
}

/// [`read_npz`] with another limit on what all arrays together may unpack to.
///
/// # Errors
/// As for [`read_npz`].
pub fn read_npz_with(path: impl AsRef<Path>, limit: Limit) -> Result<Npz, DataError> {
    let path = path.as_ref();
    let npz = read_plain(FORMAT, path).and_then(|archive| parse(archive, limit));
    let npz = npz.map_err(|error| error.of(path))?;
    Ok(Npz { file: Some(path.to_path_buf()), ..npz })
}

/// What [`read_npz`] does, from bytes.
///
/// # Errors
/// As for [`read_npz`].
pub fn npz_from_bytes(bytes: &[u8]) -> Result<Npz, DataError> {
    Ok(parse(bytes.to_vec(), Limit::default())?)
}

fn parse(archive: Vec<u8>, limit: Limit) -> Result<Npz, FileError> {
    let (entries, most) = (zip::entries(&archive)?, limit.of(archive.len()));
    let total = entries.iter().fold(0_u64, |total, entry| total.saturating_add(entry.n_unpacked));
    if total > most as u64 {
        return Err(too_large(FORMAT, most));
    }
    Ok(Npz { file: None, archive, entries, most })
}

impl Npz {
    /// The names of the arrays, in the order of the file.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.iter().map(|entry| name_of(&entry.name))
    }

    /// The array of this name.
    ///
    /// # Errors
    /// If there is none, or what stands there is damaged or no array of numbers.
    pub fn array(&self, name: &str) -> Result<RawArray, DataError> {
        let array = self.find(name).and_then(|entry| {
            let bytes = zip::unpacked(&self.archive, entry, self.most).map_err(|error| error.inside(name))?;
            npy::parse(bytes).map_err(|error| error.inside(name))
        });
        Ok(array.map_err(|error| self.located(error))?)
    }

    /// The array of this name as a tensor: see [`RawArray::to_tensor`].
    ///
    /// # Errors
    /// As for [`Npz::array`] and [`RawArray::to_tensor`].
    pub fn tensor(&self, name: &str) -> Result<Tensor, DataError> {
        self.array(name)?.to_tensor()
    }

    /// The array of this name as indices: see [`RawArray::to_indices`].
    ///
    /// # Errors
    /// As for [`Npz::array`] and [`RawArray::to_indices`].
    pub fn indices(&self, name: &str) -> Result<Indices, DataError> {
        self.array(name)?.to_indices()
    }

    fn find(&self, name: &str) -> Result<&Entry, FileError> {
        self.entries.iter().find(|entry| name_of(&entry.name) == name).ok_or_else(|| {
            let names: Vec<String> = self.entries.iter().map(Entry::shown_name).collect();
            let problem = Mismatch::new("there is no such array").row("name", format!("`{name}`"));
            let problem = problem.note(format!("expected one of {}", listed(&names)));
            FileError::new(FORMAT, FileErrorKind::Content, problem)
        })
    }

    fn located(&self, error: FileError) -> FileError {
        match &self.file {
            Some(file) => error.of(file),
            None => error,
        }
    }
}

fn name_of(entry: &str) -> &str {
    entry.strip_suffix(".npy").unwrap_or(entry)
}

/// The first names, so that a message stays a message.
fn listed(names: &[String]) -> String {
    const MOST: usize = 10;
    let shown: Vec<&str> = names.iter().take(MOST).map(|name| name_of(name)).collect();
    let more = if names.len() > MOST { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
