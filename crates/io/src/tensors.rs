//! Named tensors, without a model.

use std::collections::BTreeMap;
use std::path::Path;

use wengert_array::Mismatch;
use wengert_tensor::Tensor;

use crate::{IoError, IoErrorKind, atomic, container};

/// All tensors of a safetensors file, under the names in the file.
///
/// # Errors
/// If the file cannot be read, is no valid safetensors file, or holds tensors of other numbers than `F32` and `F64`.
///
/// # Examples
/// ```
/// use std::collections::BTreeMap;
/// use wengert_io::{read_tensors, write_tensors};
/// use wengert_tensor::Tensor;
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("mean.safetensors");
/// write_tensors(&BTreeMap::from([("mean".to_string(), Tensor::from([0.5, 2.0]))]), &file)?;
/// assert_eq!(read_tensors(&file)?["mean"].to_vec::<f32>(), [0.5, 2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_tensors(path: impl AsRef<Path>) -> Result<BTreeMap<String, Tensor>, IoError> {
    Ok(container::read_file(path.as_ref())?.tensors)
}

/// Writes tensors under their names to a safetensors file, whose name must end in `.safetensors`.
///
/// # Errors
/// If the file cannot be written.
pub fn write_tensors(tensors: &BTreeMap<String, Tensor>, path: impl AsRef<Path>) -> Result<(), IoError> {
    write(path.as_ref(), || tensors_to_bytes(tensors))
}

/// What [`read_tensors`] does, from bytes.
///
/// # Errors
/// As for [`read_tensors`].
pub fn tensors_from_bytes(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, IoError> {
    Ok(container::from_bytes(bytes)?.tensors)
}

/// What [`write_tensors`] writes, as bytes.
///
/// # Errors
/// If a tensor is called `__metadata__`, which safetensors keeps for itself.
///
/// # Examples
/// ```
/// use std::collections::BTreeMap;
/// use wengert_io::{tensors_from_bytes, tensors_to_bytes};
/// use wengert_tensor::Tensor;
///
/// let bytes = tensors_to_bytes(&BTreeMap::from([("x".to_string(), Tensor::ones([3]))]))?;
/// assert_eq!(tensors_from_bytes(&bytes)?["x"].sum().item(), 3.0);
/// # Ok::<(), wengert_io::IoError>(())
/// ```
pub fn tensors_to_bytes(tensors: &BTreeMap<String, Tensor>) -> Result<Vec<u8>, IoError> {
    container::to_bytes(tensors, None)
}

/// Writes a file in the format that the ending of its name asks for, of which there is one.
pub(crate) fn write(path: &Path, bytes: impl FnOnce() -> Result<Vec<u8>, IoError>) -> Result<(), IoError> {
    check_ending(path)
        .and_then(|()| bytes())
        .map_err(|error| error.of(path))
        .and_then(|bytes| atomic::write_whole(path, &bytes))
}

fn check_ending(path: &Path) -> Result<(), IoError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy());
    if ending.as_ref().is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors")) {
        return Ok(());
    }
    let found = ending.map_or("none".to_string(), |ending| format!(".{ending}"));
    let problem = Mismatch::new("the ending of the file's name asks for no format that can be written");
    Err(IoError::saving(IoErrorKind::Unsupported, problem.row("ending", found).note("expected .safetensors")))
}
