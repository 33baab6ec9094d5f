//! Writing a file as a whole or not at all.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::IoError;

/// Writes a file of any kind as a whole or not at all: to a temporary one in the same folder, which is moved over the target
/// when it is on the disk. Whatever fails, the old file is as it was and the temporary one is gone. An existing file keeps
/// its permissions.
///
/// # Errors
/// If the file cannot be written.
///
/// # Examples
/// ```
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("predictions.csv");
/// wengert_io::write_whole(&file, b"wage\n8.5\n")?;
/// assert_eq!(std::fs::read(&file)?, b"wage\n8.5\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_whole(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), IoError> {
    let path = path.as_ref();
    try_write(path, bytes).map_err(|error| IoError::unwritable(error).of(path))
}

fn try_write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = followed(path)?;
    let old = existing(&target)?;
    let temporary = temporary(folder(&target), old.as_ref())?;
    // The file itself: the errors of `NamedTempFile` would show the temporary's name to a user who never gave it.
    let mut file = temporary.as_file();
    file.write_all(bytes)?;
    file.flush()?;
    if let Some(old) = &old {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()?;
    temporary.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// The file that a symbolic link leads to, which is to be replaced, not the link.
fn followed(path: &Path) -> io::Result<PathBuf> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => fs::canonicalize(path),
        _ => Ok(path.to_path_buf()),
    }
}

/// What stands at the target, if it may be replaced.
fn existing(target: &Path) -> io::Result<Option<Metadata>> {
    let Ok(old) = fs::metadata(target) else { return Ok(None) };
    if !old.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "there is something else than a file"));
    }
    // The folder alone decides whether a file can be moved over another, so this must be asked.
    if old.permissions().readonly() {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "the file is write-protected"));
    }
    Ok(Some(old))
}

fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn temporary(folder: &Path, old: Option<&Metadata>) -> io::Result<NamedTempFile> {
    // The system's own word on a folder that is not there.
    fs::metadata(folder)?;
    // Opened here and not by `tempfile`, again for the sake of its errors.
    Builder::new().prefix(".wengert-").make_in(folder, |path| create(path, old))
}

/// A new file with the permissions of one that is created in the usual way, from which the system takes those that the
/// user's mask denies; or not more than those of the file that is replaced.
#[cfg(unix)]
fn create(path: &Path, old: Option<&Metadata>) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mode = old.map_or(0o666, |old| old.permissions().mode() & 0o777);
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _: Option<&Metadata>) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
