//! Files of others: opened with care, unpacked within limits, and their errors. What they hold stands in `formats`.

mod crc;
mod error;
mod inflate;
mod source;

pub use error::{FileError, FileErrorKind};
pub use source::Limit;

pub(crate) use crc::crc32;
pub(crate) use error::system;
pub(crate) use inflate::{Inflated, inflate, is_gzip, too_large, unzip, zlib};
pub(crate) use source::{open, read, read_plain};
