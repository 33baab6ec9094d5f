//! Opening and reading files: only regular ones, and into no more memory than was allowed.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use wengert_array::Mismatch;

use super::{FileError, FileErrorKind, is_gzip, system, unzip};

/// How many bytes a packed file (gzip, NPZ, PNG) may unpack to. A small file can hold gigabytes of zeros.
///
/// The default is 64 MiB, or 100 times the size of the file where that is more. Packed numbers are rarely below a tenth
/// of their size, so that hardly a file of good will meets it.
///
/// # Examples
/// ```
/// use wengert_data::{Limit, read_npz_with};
/// let arrays = read_npz_with("nowhere.npz", Limit::bytes(8 << 30));      // 8 GiB
/// assert!(arrays.is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit(Option<u64>);

impl Limit {
    /// At most so many bytes.
    pub fn bytes(bytes: u64) -> Limit {
        Limit(Some(bytes))
    }

    /// What a file of this many bytes may unpack to.
    pub(crate) fn of(self, n_packed: usize) -> usize {
        const ALWAYS: u64 = 64 << 20;
        const TIMES: u64 = 100;
        let bytes = self.0.unwrap_or_else(|| ALWAYS.max(TIMES.saturating_mul(n_packed as u64)));
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }
}

/// The bytes of a file, unpacked if it is a gzip archive.
pub(crate) fn read(format: &'static str, path: &Path, limit: Limit) -> Result<Vec<u8>, FileError> {
    let bytes = read_plain(format, path)?;
    if !is_gzip(&bytes) {
        return Ok(bytes);
    }
    unzip(format, &bytes, limit)
}

/// The bytes of a file as they are.
pub(crate) fn read_plain(format: &'static str, path: &Path) -> Result<Vec<u8>, FileError> {
    let (file, length) = open(format, path)?;
    let mut bytes = reserved(format, length)?;
    // A file that grows meanwhile is read up to where it ended.
    file.take(length).read_to_end(&mut bytes).map_err(|error| system(format, &error))?;
    Ok(bytes)
}

fn reserved(format: &'static str, length: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let is_reserved = usize::try_from(length).is_ok_and(|length| bytes.try_reserve_exact(length).is_ok());
    if is_reserved {
        return Ok(bytes);
    }
    let problem = Mismatch::new("the file does not fit into memory").row("length", format!("{length} bytes"));
    Err(FileError::new(format, FileErrorKind::Limit, problem))
}

/// A regular file and its length. A folder, a pipe or a device may have no end.
pub(crate) fn open(format: &'static str, path: &Path) -> Result<(File, u64), FileError> {
    let metadata = std::fs::metadata(path).map_err(|error| system(format, &error))?;
    if !metadata.is_file() {
        let found = if metadata.is_dir() { "a folder" } else { "no regular file" };
        let problem = Mismatch::new("this is no file").row("found", found).note("expected a file");
        return Err(FileError::new(format, FileErrorKind::Format, problem));
    }
    let file = File::open(path).map_err(|error| system(format, &error))?;
    Ok((file, metadata.len()))
}
