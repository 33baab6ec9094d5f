//! NPY, NumPy's file of one array. Its header looks like Python; it is parsed as a list of three known keys, and
//! nothing in it is ever run.

use std::path::Path;

use super::header::counted;
use super::raw::Layout;
use crate::files::{FileError, Limit, is_gzip, read, unzip};
use crate::{DataError, Element, RawArray};

const FORMAT: &str = "npy";

/// The array of an NPY file: booleans, integers and floats of any size and byte order, in C or Fortran order.
///
/// # Errors
/// If the file cannot be read, is no valid NPY file, or holds something else than numbers. Arrays of Python objects
/// are pickles, which run code when they are read, and are refused.
///
/// # Examples
/// ```no_run
/// let weights = wengert_data::read_npy("weights.npy")?.to_tensor()?;
/// # Ok::<(), wengert_data::DataError>(())
/// ```
/// # References
/// NumPy Enhancement Proposal 1, A simple file format for NumPy arrays.
pub fn read_npy(path: impl AsRef<Path>) -> Result<RawArray, DataError> {
    read_npy_with(path, Limit::default())
}

/// [`read_npy`] with another limit on what the file may unpack to, if gzip has packed it.
///
/// # Errors
/// As for [`read_npy`].
pub fn read_npy_with(path: impl AsRef<Path>, limit: Limit) -> Result<RawArray, DataError> {
    let path = path.as_ref();
    let array = read(FORMAT, path, limit).and_then(parse);
    Ok(array.map_err(|error| error.of(path))?)
}

/// What [`read_npy`] does, from bytes.
///
/// # Errors
/// As for [`read_npy`].
pub fn npy_from_bytes(bytes: &[u8]) -> Result<RawArray, DataError> {
    let unpacked = if is_gzip(bytes) { unzip(FORMAT, bytes, Limit::default())? } else { bytes.to_vec() };
    Ok(parse(unpacked)?)
}

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// NumPy itself reads no longer header without being told to.
const MOST_HEADER_BYTES: usize = 10_000;

pub(crate) fn parse(bytes: Vec<u8>) -> Result<RawArray, FileError> {
    let (header, start) = header(&bytes)?;
    let Header { descr, is_fortran, sizes } = Header::parse(header)?;
    let (element, is_big_endian) = element(&descr)?;
    let shape = counted(FORMAT, &sizes, element, bytes.len() - start)?;
    RawArray::new(FORMAT, Layout { element, shape, is_big_endian, is_fortran }, bytes, start)
}

/// The text of the header, and where the numbers begin.
fn header(bytes: &[u8]) -> Result<(&str, usize), FileError> {
    if !bytes.starts_with(MAGIC) {
        let n = bytes.len().min(MAGIC.len());
        if MAGIC.starts_with(&bytes[..n]) {
            return Err(FileError::cut_off(FORMAT, format!("{} bytes", bytes.len()), "expected a header"));
        }
        let found = format!("`{}`", bytes[..n].escape_ascii());
        return Err(FileError::malformed(FORMAT, "begins with", found, "expected `\\x93NUMPY`"));
    }
    let cut_off = |expected: usize| {
        FileError::cut_off(
            FORMAT,
            format!("{} bytes", bytes.len()),
            format!("expected {expected} for the header"),
        )
    };
    let version = *bytes.get(6).ok_or_else(|| cut_off(10))?;
    let (n_header, start) = match version {
        1 => (bytes.get(8..10).map(|n| usize::from(u16::from_le_bytes([n[0], n[1]]))), 10),
        2 | 3 => (bytes.get(8..12).map(|n| u32::from_le_bytes([n[0], n[1], n[2], n[3]]) as usize), 12),
        _ => return Err(FileError::unsupported(FORMAT, "version", version, "expected 1, 2 or 3")),
    };
    let n_header = n_header.ok_or_else(|| cut_off(start))?;
    let Some(text) = bytes.get(start..start.saturating_add(n_header)) else {
        return Err(cut_off(start.saturating_add(n_header)));
    };
    if n_header > MOST_HEADER_BYTES {
        let expected = format!("expected at most {MOST_HEADER_BYTES}");
        return Err(FileError::unsupported(FORMAT, "header", format!("{n_header} bytes"), expected));
    }
    let text = std::str::from_utf8(text).map_err(|error| malformed(error, "expected a text"))?;
    Ok((text, start + n_header))
}

fn malformed(found: impl std::fmt::Display, expected: &str) -> FileError {
    FileError::malformed(FORMAT, "header", found, expected)
}

#[derive(Default)]
struct Header {
    descr: String,
    is_fortran: bool,
    sizes: Vec<u64>,
}

impl Header {
    fn parse(text: &str) -> Result<Header, FileError> {
        let refused = || {
            malformed(format!("`{}`", text.trim()), "expected {'descr': …, 'fortran_order': …, 'shape': …}")
        };
        let inner =
            text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}')).ok_or_else(refused)?;
        let (mut descr, mut is_fortran, mut sizes) = (None, None, None);
        let mut rest = inner.trim();
        while !rest.is_empty() {
            let (key, after) = quoted(rest).ok_or_else(refused)?;
            let value = after.trim_start().strip_prefix(':').ok_or_else(refused)?.trim_start();
            let after = match key {
                "descr" if value.starts_with('[') => {
                    return Err(FileError::unsupported(
                        FORMAT,
                        "numbers",
                        "records",
                        "expected a single type",
                    ));
                }
                "descr" if descr.is_none() => {
                    let (text, after) = quoted(value).ok_or_else(refused)?;
                    descr = Some(text.to_string());
                    after
                }
                "fortran_order" if is_fortran.is_none() => {
                    let (flag, after) = boolean(value).ok_or_else(refused)?;
                    is_fortran = Some(flag);
                    after
                }
                "shape" if sizes.is_none() => {
                    let (list, after) = tuple(value).ok_or_else(refused)?;
                    sizes = Some(list);
                    after
                }
                _ => return Err(refused()),
            };
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(after) => after.trim_start(),
                None if after.is_empty() => after,
                None => return Err(refused()),
            };
        }
        match (descr, is_fortran, sizes) {
            (Some(descr), Some(is_fortran), Some(sizes)) => Ok(Header { descr, is_fortran, sizes }),
            _ => Err(refused()),
        }
    }
}

/// `'text'`, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    text[1..].split_once(quote)
}

fn boolean(text: &str) -> Option<(bool, &str)> {
    let flag = |name, flag| text.strip_prefix(name).map(|rest| (flag, rest));
    flag("True", true).or_else(|| flag("False", false))
}

/// `(2, 3)`, and what follows. Python 2 wrote long integers as `2L`.
fn tuple(text: &str) -> Option<(Vec<u64>, &str)> {
    let (inner, rest) = text.strip_prefix('(')?.split_once(')')?;
    let inner = inner.trim();
    let inner = inner.strip_suffix(',').unwrap_or(inner);
    if inner.is_empty() {
        return Some((Vec::new(), rest));
    }
    let sizes = inner.split(',').map(|size| size.trim().trim_end_matches('L').parse().ok());
    Some((sizes.collect::<Option<_>>()?, rest))
}

/// The type that NumPy's code stands for, and whether the most significant byte comes first.
fn element(descr: &str) -> Result<(Element, bool), FileError> {
    let unsupported = |found: &str| {
        let found = format!("{found} ('{descr}')");
        FileError::unsupported(
            FORMAT,
            "numbers",
            found,
            "expected booleans, integers or floats of at most 64 bits",
        )
    };
    let order = descr.chars().next().filter(|order| "<>|=".contains(*order));
    let code = &descr[usize::from(order.is_some())..];
    let element = match code {
        "b1" | "?" => Element::Bool,
        "u1" | "B" => Element::U8,
        "i1" | "b" => Element::I8,
        "u2" => Element::U16,
        "i2" => Element::I16,
        "u4" => Element::U32,
        "i4" => Element::I32,
        "u8" => Element::U64,
        "i8" => Element::I64,
        "f2" => Element::F16,
        "f4" => Element::F32,
        "f8" => Element::F64,
        _ if code.starts_with('O') => {
            let error = unsupported("Python objects");
            return Err(error.help("objects are stored as a pickle, which can run code: save the numbers as an array of their own"));
        }
        _ if code.starts_with('c') => return Err(unsupported("complex numbers")),
        _ if code.starts_with(['U', 'S', 'a']) => return Err(unsupported("texts")),
        _ if code.starts_with(['M', 'm']) => return Err(unsupported("times")),
        _ => return Err(unsupported("another type")),
    };
    Ok((element, order == Some('>')))
}
