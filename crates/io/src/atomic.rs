//! Writing a file as a whole or not at all.

use std::fs::{self, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::IoError;

/// Writes the bytes to a temporary file in the same folder, and moves it over the target when it is on the disk.
/// Whatever fails, the old file is as it was and the temporary one is gone.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    try_write(path, bytes).map_err(|error| IoError::unwritable(error).of(path))
}

fn try_write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = followed(path)?;
    let old = existing(&target)?;
    let mut file = temporary(folder(&target), old.as_ref())?;
    file.write_all(bytes)?;
    file.flush()?;
    if let Some(old) = &old {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
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
    // The system's own word on a folder that is not there, without the name of the temporary file.
    fs::metadata(folder)?;
    let mut builder = Builder::new();
    builder.prefix(".wengert-");
    if let Some(permissions) = permissions(old) {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder)
}

/// The permissions of a file that is created in the usual way, from which the system takes those that the user's
/// mask denies; or not more than those of the file that is replaced.
#[cfg(unix)]
fn permissions(old: Option<&Metadata>) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(old.map_or(0o666, |old| old.permissions().mode() & 0o777)))
}

#[cfg(not(unix))]
fn permissions(_: Option<&Metadata>) -> Option<Permissions> {
    None
}
