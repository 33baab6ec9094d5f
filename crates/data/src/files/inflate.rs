//! Unpacking of deflate streams and of the gzip archives around them, within a limit.

use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
use miniz_oxide::inflate::{DecompressError, TINFLStatus, decompress_to_vec_zlib_with_limit};
use wengert_array::Mismatch;

use super::{FileError, FileErrorKind, Limit, crc32};

/// What a deflate stream unpacks to, and how many bytes of the input it took.
pub(crate) struct Inflated {
    pub(crate) bytes: Vec<u8>,
    pub(crate) n_consumed: usize,
}

/// Unpacks a deflate stream to at most `most` bytes.
pub(crate) fn inflate(format: &'static str, packed: &[u8], most: usize) -> Result<Inflated, FileError> {
    const FLAGS: u32 = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut bytes = vec![0; packed.len().saturating_mul(2).clamp(64, 1 << 20).min(most)];
    let (mut n_written, mut n_consumed) = (0, 0);
    let mut state = Box::<DecompressorOxide>::default();
    loop {
        let rest = packed.get(n_consumed..).unwrap_or_default();
        let (status, n_read, n_new) = decompress(&mut state, rest, &mut bytes, n_written, FLAGS);
        n_consumed += n_read;
        n_written += n_new;
        match status {
            TINFLStatus::Done => {
                bytes.truncate(n_written);
                return Ok(Inflated { bytes, n_consumed });
            }
            TINFLStatus::HasMoreOutput if bytes.len() < most => {
                let length = bytes.len().saturating_mul(2).min(most);
                // A vector that grows by itself would go beyond the limit.
                bytes.reserve_exact(length - bytes.len());
                bytes.resize(length, 0);
            }
            status => return Err(failed(format, status, most)),
        }
    }
}

/// Unpacks a zlib stream, whose checksum is checked, to at most `most` bytes.
pub(crate) fn zlib(format: &'static str, packed: &[u8], most: usize) -> Result<Vec<u8>, FileError> {
    decompress_to_vec_zlib_with_limit(packed, most)
        .map_err(|DecompressError { status, .. }| failed(format, status, most))
}

fn failed(format: &'static str, status: TINFLStatus, most: usize) -> FileError {
    match status {
        TINFLStatus::HasMoreOutput => too_large(format, most),
        TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput => {
            let problem = Mismatch::new("the file is cut off").row("packed data", "no end");
            FileError::new(format, FileErrorKind::Format, problem)
        }
        TINFLStatus::Adler32Mismatch => {
            FileError::malformed(format, "checksum", "another", "expected that of the data")
        }
        _ => FileError::malformed(format, "packed data", "damaged", "expected a deflate stream"),
    }
}

/// The error of a file that would unpack to more than is allowed.
pub(crate) fn too_large(format: &'static str, most: usize) -> FileError {
    let problem = Mismatch::new("the file unpacks to more than is allowed");
    let problem = problem.row("unpacked", format!("more than {most} bytes")).note("expected at most that");
    FileError::new(format, FileErrorKind::Limit, problem).help("`Limit::bytes` allows more")
}

const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Whether a file begins as a gzip archive does.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Unpacks a gzip archive (RFC 1952) of one or more members.
pub(crate) fn unzip(format: &'static str, archive: &[u8], limit: Limit) -> Result<Vec<u8>, FileError> {
    let most = limit.of(archive.len());
    let (mut rest, mut all) = (archive, Vec::new());
    while !rest.is_empty() {
        let header = header_length(rest).ok_or_else(|| no_member(format, rest, !all.is_empty()))?;
        let Inflated { bytes, n_consumed } = match inflate(format, &rest[header..], most - all.len()) {
            Err(error) if error.kind() == FileErrorKind::Limit => return Err(too_large(format, most)),
            inflated => inflated?,
        };
        let footer = rest.get(header + n_consumed..).and_then(|rest| rest.first_chunk::<8>());
        let footer = footer.ok_or_else(|| no_member(format, &[], false))?;
        check_footer(format, *footer, &bytes)?;
        rest = &rest[header + n_consumed + footer.len()..];
        if all.is_empty() { all = bytes } else { all.extend_from_slice(&bytes) }
    }
    Ok(all)
}

/// How many bytes the header of a member takes, if there is a whole one.
fn header_length(member: &[u8]) -> Option<usize> {
    const DEFLATE: u8 = 8;
    const HEADER: usize = 10;
    let (header, _) = member.split_first_chunk::<HEADER>()?;
    if header[..2] != MAGIC || header[2] != DEFLATE || header[3] & 0xe0 != 0 {
        return None;
    }
    let (has_checksum, has_extra) = (header[3] & 2 != 0, header[3] & 4 != 0);
    let mut at = HEADER;
    if has_extra {
        let length = member.get(at..)?.first_chunk::<2>()?;
        at += 2 + usize::from(u16::from_le_bytes(*length));
    }
    for has_text in [header[3] & 8 != 0, header[3] & 16 != 0] {
        if has_text {
            at += member.get(at..)?.iter().position(|&byte| byte == 0)? + 1;
        }
    }
    if has_checksum {
        at += 2;
    }
    (at <= member.len()).then_some(at)
}

fn no_member(format: &'static str, rest: &[u8], is_after_another: bool) -> FileError {
    if is_after_another && !is_gzip(rest) {
        let found = format!("{} bytes after the end", rest.len());
        return FileError::malformed(format, "gzip archive", found, "expected nothing more");
    }
    if rest.len() >= 4 && (rest[2] != 8 || rest[3] & 0xe0 != 0) {
        return FileError::malformed(format, "gzip archive", "an unknown header", "expected that of deflate");
    }
    let problem = Mismatch::new("the file is cut off").row("gzip archive", "no end");
    FileError::new(format, FileErrorKind::Format, problem)
}

fn check_footer(format: &'static str, footer: [u8; 8], bytes: &[u8]) -> Result<(), FileError> {
    let stated = u64::from_le_bytes(footer);
    let (crc, length) = (crc32(&[bytes]), bytes.len() as u32);
    if stated == u64::from(length) << 32 | u64::from(crc) {
        return Ok(());
    }
    Err(FileError::malformed(format, "gzip checksum", "another", "expected that of the data"))
}
