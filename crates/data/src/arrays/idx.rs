//! IDX, the format of MNIST: a type, the sizes, and the numbers.

use std::path::Path;

use wengert_tensor::Shape;

use super::header::counted;
use super::raw::Layout;
use crate::files::{FileError, Limit, is_gzip, read, unzip};
use crate::{DataError, Element, RawArray};

const FORMAT: &str = "idx";

/// The array of an IDX file, which may be packed by gzip.
///
/// # Errors
/// If the file cannot be read, is no valid IDX file, or would unpack to more than the default [`Limit`] allows.
///
/// # Examples
/// ```no_run
/// use wengert_data::read_idx;
/// let images = read_idx("train-images-idx3-ubyte.gz")?.to_tensor()? / 255.0;
/// let labels = read_idx("train-labels-idx1-ubyte.gz")?.to_indices()?;
/// # Ok::<(), wengert_data::DataError>(())
/// ```
/// # References
/// The format: Y. LeCun, C. Cortes, C. Burges, the page of the MNIST database, "FILE FORMATS".
pub fn read_idx(path: impl AsRef<Path>) -> Result<RawArray, DataError> {
    read_idx_with(path, Limit::default())
}

/// [`read_idx`] with another limit on what the file may unpack to.
///
/// # Errors
/// As for [`read_idx`].
pub fn read_idx_with(path: impl AsRef<Path>, limit: Limit) -> Result<RawArray, DataError> {
    let path = path.as_ref();
    let array = read(FORMAT, path, limit).and_then(parse);
    Ok(array.map_err(|error| error.of(path))?)
}

/// What [`read_idx`] does, from bytes.
///
/// # Errors
/// As for [`read_idx`].
pub fn idx_from_bytes(bytes: &[u8]) -> Result<RawArray, DataError> {
    let unpacked = if is_gzip(bytes) { unzip(FORMAT, bytes, Limit::default())? } else { bytes.to_vec() };
    Ok(parse(unpacked)?)
}

fn parse(bytes: Vec<u8>) -> Result<RawArray, FileError> {
    let Some((&[zero, also_zero, code, rank], rest)) = bytes.split_first_chunk::<4>() else {
        return Err(FileError::cut_off(FORMAT, format!("{} bytes", bytes.len()), "expected at least 4"));
    };
    if (zero, also_zero) != (0, 0) {
        let found = format!("the bytes {zero} {also_zero}");
        return Err(FileError::malformed(FORMAT, "begins with", found, "expected 0 0"));
    }
    let element = element(code)?;
    let rank = usize::from(rank);
    let Some(sizes) = rest.get(..4 * rank) else {
        let expected = format!("expected {} for {rank} sizes", 4 + 4 * rank);
        return Err(FileError::cut_off(FORMAT, format!("{} bytes", bytes.len()), expected));
    };
    let sizes: Vec<u64> =
        sizes.as_chunks::<4>().0.iter().map(|&size| u32::from_be_bytes(size).into()).collect();
    let start = 4 + 4 * rank;
    let shape: Shape = counted(FORMAT, &sizes, element, bytes.len() - start)?;
    RawArray::new(FORMAT, Layout { element, shape, is_big_endian: true, is_fortran: false }, bytes, start)
}

fn element(code: u8) -> Result<Element, FileError> {
    Ok(match code {
        0x08 => Element::U8,
        0x09 => Element::I8,
        0x0b => Element::I16,
        0x0c => Element::I32,
        0x0d => Element::F32,
        0x0e => Element::F64,
        _ => {
            let expected = "expected 8, 9, 11, 12, 13 or 14";
            return Err(FileError::malformed(FORMAT, "type of the numbers", code, expected));
        }
    })
}
