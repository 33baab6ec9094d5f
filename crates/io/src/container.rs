//! A safetensors file as named tensors and our own part of its metadata. What the tensors mean is not known here.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use safetensors::{Dtype, View};
use wengert_array::{Array, DType, Float, Mismatch};
use wengert_tensor::Tensor;

use crate::header::{self, Entry};
use crate::{IoError, IoErrorKind};

/// The key of our part of a file's metadata. It is the only one that is written, because the order of several is
/// left open by the `safetensors` crate and the same model must give the same bytes.
pub(crate) const KEY: &str = "wengert";

/// Where safetensors keeps the metadata.
pub(crate) const METADATA: &str = "__metadata__";

/// What a file holds.
#[derive(Clone)]
pub(crate) struct Contents {
    pub(crate) tensors: BTreeMap<String, Tensor>,
    pub(crate) document: Option<String>,
}

pub(crate) fn read_file(path: &Path) -> Result<Contents, IoError> {
    open(path)
        .and_then(|(file, length)| read(&mut BufReader::new(file), length))
        .map_err(|error| error.of(path))
}

pub(crate) fn from_bytes(mut bytes: &[u8]) -> Result<Contents, IoError> {
    let length = bytes.len() as u64;
    read(&mut bytes, length)
}

pub(crate) fn to_bytes(
    tensors: &BTreeMap<String, Tensor>,
    document: Option<String>,
) -> Result<Vec<u8>, IoError> {
    if tensors.contains_key(METADATA) {
        return Err(unwritable(
            Mismatch::new("a tensor has a name that safetensors keeps").row("name", METADATA),
        ));
    }
    let stored = tensors.iter().map(|(name, tensor)| (name, Stored(tensor.array().contiguous())));
    let metadata = document.map(|document| HashMap::from([(KEY.to_string(), document)]));
    safetensors::serialize(stored, metadata)
        .map_err(|error| unwritable(Mismatch::new("the tensors cannot be written").row("reason", error)))
}

fn unwritable(problem: Mismatch) -> IoError {
    IoError::saving(IoErrorKind::Unsupported, problem)
}

/// The file and its length. Only a regular file has one to check against: a device or a pipe may never end.
fn open(path: &Path) -> Result<(File, u64), IoError> {
    let metadata = fs::metadata(path).map_err(IoError::unreadable)?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a folder" } else { "no regular file" };
        return Err(IoError::malformed("found", what, "expected a file"));
    }
    let file = File::open(path).map_err(IoError::unreadable)?;
    let length = file.metadata().map_err(IoError::unreadable)?.len();
    Ok((file, length))
}

fn read(reader: &mut dyn Read, length: u64) -> Result<Contents, IoError> {
    let header = header::read(reader, length)?;
    let mut tensors = BTreeMap::new();
    for entry in header.entries {
        let tensor = read_tensor(reader, &entry).map_err(IoError::unreadable)?;
        tensors.insert(entry.name, tensor);
    }
    Ok(Contents { tensors, document: header.document })
}

/// The header was checked against the length of the file, so that this takes no more memory than the file has bytes.
fn read_tensor(reader: &mut dyn Read, entry: &Entry) -> io::Result<Tensor> {
    let mut bytes = vec![0; entry.shape.size() * entry.dtype.size_of()];
    reader.read_exact(&mut bytes)?;
    Ok(match entry.dtype {
        DType::F32 => Tensor::new(numbers(&bytes, f32::from_le_bytes), entry.shape),
        DType::F64 => Tensor::new(numbers(&bytes, f64::from_le_bytes), entry.shape),
    })
}

fn numbers<T: Float, const N: usize>(bytes: &[u8], number: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|bytes| number(*bytes)).collect()
}

/// A contiguous array as the `safetensors` crate asks for it: its bytes are made when they are written.
struct Stored(Array);

impl View for Stored {
    fn dtype(&self) -> Dtype {
        match self.0.dtype() {
            DType::F32 => Dtype::F32,
            DType::F64 => Dtype::F64,
        }
    }

    fn shape(&self) -> &[usize] {
        self.0.shape()
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.0.dtype() {
            DType::F32 => bytes(&self.0, f32::to_le_bytes),
            DType::F64 => bytes(&self.0, f64::to_le_bytes),
        }
    }

    fn data_len(&self) -> usize {
        self.0.size() * self.0.dtype().size_of()
    }
}

fn bytes<T: Float, const N: usize>(array: &Array, bytes_of: fn(T) -> [u8; N]) -> Cow<'static, [u8]> {
    array.to_vec().into_iter().flat_map(bytes_of).collect()
}
