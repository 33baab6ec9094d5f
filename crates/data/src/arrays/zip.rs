//! The archive around the arrays of an NPZ file. Only what NumPy and its like write is read: stored or deflated
//! entries, unencrypted, in one part, with 64-bit sizes or without.

use wengert_array::shown;

use crate::files::{FileError, FileErrorKind, Inflated, crc32, inflate, too_large};

const FORMAT: &str = "npz";

/// What the directory of an archive says of an entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    method: u16,
    is_encrypted: bool,
    crc: u32,
    n_packed: u64,
    pub(crate) n_unpacked: u64,
    start: u64,
}

/// The entries that the directory at the end of the archive lists.
pub(crate) fn entries(archive: &[u8]) -> Result<Vec<Entry>, FileError> {
    if !archive.starts_with(b"PK") && archive.len() >= 2 {
        let found = format!("`{}`", archive[..archive.len().min(6)].escape_ascii());
        return Err(malformed("begins with", found, "expected `PK`, a zip archive"));
    }
    let directory = Directory::find(archive)?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut at = directory.start;
    for _ in 0..directory.n_entries {
        let (entry, next) = entry(archive, at).ok_or_else(|| damaged("directory"))??;
        if entries.iter().any(|other| other.name == entry.name) {
            return Err(malformed(
                "directory",
                format!("`{}` stands twice", entry.name),
                "expected each name once",
            ));
        }
        entries.push(entry);
        at = next;
    }
    Ok(entries)
}

/// The bytes of an entry, of which there may be `most`.
pub(crate) fn unpacked(archive: &[u8], entry: &Entry, most: usize) -> Result<Vec<u8>, FileError> {
    const STORED: u16 = 0;
    const DEFLATED: u16 = 8;
    let packed = packed(archive, entry).ok_or_else(|| damaged("data"))?;
    if entry.is_encrypted {
        return Err(FileError::unsupported(FORMAT, "data", "encrypted", "expected plain data"));
    }
    if entry.n_unpacked > most as u64 {
        return Err(too_large(FORMAT, most));
    }
    // No more than the directory says is asked for, so that a wrong size is found before memory is taken.
    let n_unpacked = entry.n_unpacked as usize;
    let bytes = match entry.method {
        STORED => packed.to_vec(),
        DEFLATED => match inflate(FORMAT, packed, n_unpacked) {
            Ok(Inflated { bytes, n_consumed }) if n_consumed == packed.len() => bytes,
            Err(error) if error.kind() != FileErrorKind::Limit => return Err(error),
            _ => return Err(damaged("data")),
        },
        method => {
            return Err(FileError::unsupported(
                FORMAT,
                "packed by method",
                method,
                "expected 0 or 8 (deflate)",
            ));
        }
    };
    if bytes.len() != n_unpacked || crc32(&[&bytes]) != entry.crc {
        return Err(malformed("checksum", "another", "expected that of the data"));
    }
    Ok(bytes)
}

struct Directory {
    n_entries: u64,
    start: usize,
}

impl Directory {
    fn find(archive: &[u8]) -> Result<Directory, FileError> {
        const LONGEST_COMMENT: usize = u16::MAX as usize;
        const LENGTH: usize = 22;
        let last = archive.len().checked_sub(LENGTH).ok_or_else(no_end)?;
        let first = last.saturating_sub(LONGEST_COMMENT);
        let at =
            (first..=last).rev().find(|&at| archive[at..].starts_with(b"PK\x05\x06")).ok_or_else(no_end)?;
        let (n_entries, start) = (short(archive, at + 10), word(archive, at + 16));
        let directory = match (n_entries, start) {
            (Some(0xffff), Some(_)) | (Some(_), Some(0xffff_ffff)) => Directory::of_64_bits(archive, at),
            (Some(n_entries), Some(start)) => {
                Some(Directory { n_entries: u64::from(n_entries), start: start as usize })
            }
            _ => None,
        };
        // An entry takes 46 bytes at least: a directory of more entries than fit is damaged.
        let fits = |directory: &Directory| directory.n_entries.saturating_mul(46) <= archive.len() as u64;
        directory.filter(fits).ok_or_else(|| damaged("directory"))
    }

    fn of_64_bits(archive: &[u8], end: usize) -> Option<Directory> {
        let locator = end.checked_sub(20)?;
        archive.get(locator..)?.strip_prefix(b"PK\x06\x07")?;
        let at = usize::try_from(long(archive, locator + 8)?).ok()?;
        archive.get(at..)?.strip_prefix(b"PK\x06\x06")?;
        let n_entries = long(archive, at.checked_add(32)?)?;
        Some(Directory { n_entries, start: usize::try_from(long(archive, at.checked_add(48)?)?).ok()? })
    }
}

fn no_end() -> FileError {
    FileError::cut_off(FORMAT, "no directory at the end", "expected that of a zip archive")
}

fn damaged(place: &str) -> FileError {
    malformed(place, "damaged", "expected that of a zip archive")
}

fn malformed(place: &str, found: impl std::fmt::Display, expected: &str) -> FileError {
    FileError::malformed(FORMAT, place, found, expected)
}

/// The entry of the directory that begins at `at`, and where the next one does. Nothing if the archive ends before.
fn entry(archive: &[u8], at: usize) -> Option<Result<(Entry, usize), FileError>> {
    const LENGTH: usize = 46;
    archive.get(at..)?.strip_prefix(b"PK\x01\x02")?;
    let (n_name, n_extra, n_comment) =
        (short(archive, at + 28)?, short(archive, at + 30)?, short(archive, at + 32)?);
    let name_start = at + LENGTH;
    let extra_start = name_start + usize::from(n_name);
    let comment_start = extra_start + usize::from(n_extra);
    let name = archive.get(name_start..extra_start)?;
    let extra = archive.get(extra_start..comment_start)?;
    let Ok(name) = std::str::from_utf8(name) else {
        return Some(Err(malformed("directory", name.escape_ascii(), "expected a name in UTF-8")));
    };
    let mut entry = Entry {
        name: name.to_string(),
        is_encrypted: short(archive, at + 8)? & 1 != 0,
        method: short(archive, at + 10)?,
        crc: word(archive, at + 16)?,
        n_packed: word(archive, at + 20)?.into(),
        n_unpacked: word(archive, at + 24)?.into(),
        start: word(archive, at + 42)?.into(),
    };
    entry.widen(extra)?;
    Some(Ok((entry, comment_start + usize::from(n_comment))))
}

impl Entry {
    /// Takes the 64-bit sizes from the extra field, where the others are all ones.
    fn widen(&mut self, extra: &[u8]) -> Option<()> {
        const WIDE: u16 = 1;
        let mut at = 0;
        while let (Some(kind), Some(length)) = (short(extra, at), short(extra, at + 2)) {
            let field = extra.get(at + 4..at + 4 + usize::from(length))?;
            if kind == WIDE {
                let mut next = 0;
                for size in [&mut self.n_unpacked, &mut self.n_packed, &mut self.start] {
                    if *size == 0xffff_ffff {
                        *size = long(field, next)?;
                        next += 8;
                    }
                }
            }
            at += 4 + usize::from(length);
        }
        Some(())
    }

    /// The name as a message may show it.
    pub(crate) fn shown_name(&self) -> String {
        shown(&self.name)
    }
}

/// The packed bytes of an entry, which stand behind a header of their own.
fn packed<'a>(archive: &'a [u8], entry: &Entry) -> Option<&'a [u8]> {
    const LENGTH: usize = 30;
    let at = usize::try_from(entry.start).ok()?;
    archive.get(at..)?.strip_prefix(b"PK\x03\x04")?;
    let start = at + LENGTH + usize::from(short(archive, at + 26)?) + usize::from(short(archive, at + 28)?);
    archive.get(start..)?.get(..usize::try_from(entry.n_packed).ok()?)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}
