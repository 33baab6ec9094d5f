//! The header of a safetensors file: which tensors follow, checked before any of them is read.
//!
//! The `safetensors` crate parses each entry. What a file may not do (give a name twice, leave gaps, claim more than
//! it holds) is checked here, so that a message can say which tensor it is.

use std::fmt::Display;
use std::io::Read;

use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use wengert_array::{DType, Mismatch, Shape, shown};

use crate::container::{KEY, METADATA};
use crate::{IoError, IoErrorKind, json};

/// What a file says that it holds, in the order in which it does.
pub(crate) struct Header {
    pub(crate) entries: Vec<Entry>,
    /// Our own part of the metadata.
    pub(crate) document: Option<String>,
}

/// A tensor of the file.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) dtype: DType,
    pub(crate) shape: Shape,
}

/// The bytes of the number that says how long the header is.
const PREFIX: u64 = 8;

/// The format's own limit.
const MOST_BYTES: u64 = 100_000_000;

/// Reads the header from the beginning of a file of `length` bytes.
pub(crate) fn read(reader: &mut dyn Read, length: u64) -> Result<Header, IoError> {
    if length < PREFIX {
        let found = format!("{length} bytes");
        return Err(IoError::malformed("length", found, "expected 8 for the length of the header, and more"));
    }
    let mut prefix = [0; PREFIX as usize];
    reader.read_exact(&mut prefix).map_err(IoError::unreadable)?;
    let n = u64::from_le_bytes(prefix);
    if n > MOST_BYTES || n > length - PREFIX {
        return Err(wrong_length(prefix, length - PREFIX, reader));
    }
    let mut bytes = vec![0; n as usize];
    reader.read_exact(&mut bytes).map_err(IoError::unreadable)?;
    let Parsed { mut tensors, document } = parse(&bytes)?;
    tensors.sort_by_key(|(_, info)| info.data_offsets);
    check_data(&tensors, length - PREFIX - n)?;
    let entries = tensors.into_iter().map(|(name, info)| entry(name, &info)).collect::<Result<_, _>>()?;
    Ok(Header { entries, document })
}

/// The beginnings of files that are taken for ours most often.
const FOREIGN: [(&[u8], &str); 7] = [
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, such as Keras' .h5"),
    (b"PK\x03\x04", "a zip archive, such as .keras, .npz or PyTorch's .pt"),
    (b"\x80\x02", "a pickle of Python"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x1f\x8b", "a gzip archive"),
];

/// The error of a header that cannot be as long as the prefix says, of which only `rest` bytes follow.
fn wrong_length(prefix: [u8; 8], rest: u64, reader: &mut dyn Read) -> IoError {
    let n = u64::from_le_bytes(prefix);
    let mut start = Vec::new();
    if let Err(error) = reader.take(1).read_to_end(&mut start) {
        return IoError::unreadable(error);
    }
    // A foreign beginning may read as a likely length, but then no header follows.
    if n <= MOST_BYTES && (start.is_empty() || start == b"{") {
        let problem = Mismatch::new("the file is cut off").row(PLACE, format!("{n} bytes"));
        return IoError::loading(IoErrorKind::Format, problem.note(format!("only {rest} follow")));
    }
    let known = FOREIGN.iter().find(|(start, _)| prefix.starts_with(start));
    let is_text = prefix.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    if let Some(what) = known.map(|(_, what)| *what).or(is_text.then_some("a text")) {
        return IoError::malformed("begins as", what, "expected the length of a header");
    }
    let expected = match rest < MOST_BYTES {
        true => format!("expected at most {rest}, which follow"),
        false => format!("expected at most {MOST_BYTES}, the limit of the format"),
    };
    IoError::malformed(PLACE, format!("{n} bytes long"), &expected)
}

/// The header as it stands there.
#[derive(Default)]
struct Parsed {
    tensors: Vec<(String, TensorInfo)>,
    document: Option<String>,
}

/// One entry after the other, because a header parsed as a whole takes fifty times its length in memory.
fn parse(bytes: &[u8]) -> Result<Parsed, IoError> {
    let text = std::str::from_utf8(bytes).map_err(|error| malformed(error, "expected UTF-8"))?;
    let mut parsed = Parsed::default();
    json::for_each_member(text, PLACE, |name, value| {
        if name == METADATA {
            parsed.document = document(value)?;
            return Ok(());
        }
        match serde_json::from_str(value) {
            Ok(info) => parsed.tensors.push((name, info)),
            Err(error) => {
                return Err(malformed_tensor(&name, error, "expected dtype, shape and data_offsets"));
            }
        }
        Ok(())
    })?;
    Ok(parsed)
}

/// Our own part of the metadata, which is an object of texts.
fn document(metadata: &str) -> Result<Option<String>, IoError> {
    let mut document = None;
    json::for_each_member(metadata, METADATA, |name, value| {
        let text: String = serde_json::from_str(value)
            .map_err(|error| IoError::malformed(METADATA, error, "expected a text"))?;
        if name == KEY {
            document = Some(text);
        }
        Ok(())
    })?;
    Ok(document)
}

const PLACE: &str = "header";

fn malformed(found: impl Display, expected: &str) -> IoError {
    IoError::malformed(PLACE, found, expected)
}

fn malformed_tensor(name: &str, found: impl Display, expected: &str) -> IoError {
    IoError::malformed(&format!("tensor {}", shown(name)), found, expected)
}

/// The data must be the tensors, one after the other, and nothing else.
///
/// The `safetensors` crate has this check too, but it adds the length of the header to an offset from the file, which
/// may overflow, and does not say which tensor has the wrong size.
fn check_data(tensors: &[(String, TensorInfo)], n_bytes: u64) -> Result<(), IoError> {
    let mut expected_begin = 0;
    for (name, info) in tensors {
        let (begin, end) = info.data_offsets;
        if begin != expected_begin || end < begin {
            let expected = format!("expected to begin at {expected_begin} and to end no earlier");
            return Err(malformed_tensor(name, format!("bytes {begin} to {end}"), &expected));
        }
        let bytes = bytes_of(info);
        if bytes != Some(end - begin) {
            let found = format!("{} {:?} in {} bytes", info.dtype, info.shape, end - begin);
            let expected = bytes.map_or("a size that can be counted".to_string(), |bytes| bytes.to_string());
            return Err(malformed_tensor(name, found, &format!("expected {expected}")));
        }
        expected_begin = end;
    }
    if expected_begin as u64 == n_bytes {
        return Ok(());
    }
    let expected = format!("expected {expected_begin}, as the header says");
    Err(IoError::malformed("data", format!("{n_bytes} bytes"), &expected))
}

/// The bytes that a tensor needs, if that is a number.
fn bytes_of(info: &TensorInfo) -> Option<usize> {
    let n_elements = info.shape.iter().try_fold(1_usize, |n, &size| n.checked_mul(size))?;
    // A type may have fewer bits than a byte.
    let n_bits = n_elements.checked_mul(info.dtype.bitsize())?;
    n_bits.is_multiple_of(8).then_some(n_bits / 8)
}

fn entry(name: String, info: &TensorInfo) -> Result<Entry, IoError> {
    let refused = |what: &str, note: String| {
        let problem = Mismatch::new("the file holds a tensor that is not supported").row(shown(&name), what);
        IoError::loading(IoErrorKind::Unsupported, problem.note(note))
    };
    let dtype = match info.dtype {
        Dtype::F32 => DType::F32,
        Dtype::F64 => DType::F64,
        other => return Err(refused(&other.to_string(), "expected F32 or F64".to_string())),
    };
    let shape = Shape::try_new(&info.shape).map_err(|mismatch| {
        let note = mismatch.rows.into_iter().find_map(|(_, _, note)| note);
        refused(&shown(&format!("{:?}", info.shape)), note.unwrap_or(mismatch.title))
    })?;
    Ok(Entry { name, dtype, shape })
}
