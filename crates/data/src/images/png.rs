//! PNG: the pieces of the file. How its lines become pixels stands in `scan`.
//!
//! Written here and not taken from a crate, because it needs nothing beside the unpacking that NPZ and gzip need too.

use std::path::Path;

use wengert_array::Mismatch;
use wengert_tensor::Tensor;

use super::scan::{self, Color, Header};
use crate::DataError;
use crate::files::{FileError, FileErrorKind, Limit, crc32, read_plain, too_large, zlib};

pub(crate) const FORMAT: &str = "png";

/// A PNG picture as numbers from 0 to 1, `f32`.
///
/// All colour types, depths (16 bits too) and interlacing. The channels are those of the file: 1 for grey, 3 for
/// colours and palettes, and one more for transparency. Gamma and colour profiles are left aside, and so is a single
/// colour that stands for transparency.
///
/// # Shape
/// `[height, width, channels]`
///
/// # Errors
/// If the file cannot be read, is no valid PNG file, or would take more memory than the default [`Limit`] allows.
///
/// # Examples
/// ```no_run
/// let picture = wengert_data::read_png("digit.png")?;
/// # Ok::<(), wengert_data::DataError>(())
/// ```
/// # References
/// W3C, Portable Network Graphics (PNG) Specification, third edition, 2025.
pub fn read_png(path: impl AsRef<Path>) -> Result<Tensor, DataError> {
    read_png_with(path, Limit::default())
}

/// [`read_png`] with another limit on the bytes of the tensor.
///
/// # Errors
/// As for [`read_png`].
pub fn read_png_with(path: impl AsRef<Path>, limit: Limit) -> Result<Tensor, DataError> {
    let path = path.as_ref();
    let picture = read_plain(FORMAT, path).and_then(|bytes| parse(&bytes, limit));
    Ok(picture.map_err(|error| error.of(path))?)
}

/// What [`read_png`] does, from bytes.
///
/// # Errors
/// As for [`read_png`].
pub fn png_from_bytes(bytes: &[u8]) -> Result<Tensor, DataError> {
    Ok(parse(bytes, Limit::default())?)
}

pub(crate) fn malformed(
    place: &str,
    found: impl std::fmt::Display,
    expected: impl Into<String>,
) -> FileError {
    FileError::malformed(FORMAT, place, found, expected)
}

fn parse(bytes: &[u8], limit: Limit) -> Result<Tensor, FileError> {
    let Chunks { mut header, palette, alphas, packed } = Chunks::read(bytes)?;
    header.palette_has_alpha = alphas.is_some();
    let sizes = [header.height as u64, header.width as u64, header.channels() as u64];
    let most = limit.of(bytes.len());
    if sizes.iter().product::<u64>().saturating_mul(size_of::<f32>() as u64) > most as u64 {
        return Err(too_large(FORMAT, most));
    }
    let n_expected = scan::n_bytes(&header);
    let lines = zlib(FORMAT, &packed, n_expected).map_err(|error| match error.kind() {
        FileErrorKind::Limit => {
            malformed("pixels", format!("more than {n_expected} bytes"), "expected as many")
        }
        _ => error,
    })?;
    if lines.len() != n_expected {
        return Err(malformed("pixels", format!("{} bytes", lines.len()), format!("expected {n_expected}")));
    }
    let pixels = scan::pixels(&header, &palette, &alphas.unwrap_or_default(), lines)?;
    let shape = sizes.map(|size| size as usize);
    Ok(Tensor::new(pixels, shape))
}

/// What of a file is needed.
#[derive(Default)]
struct Chunks {
    header: Header,
    palette: Vec<[u8; 3]>,
    /// How opaque the first colours of a palette are.
    alphas: Option<Vec<u8>>,
    packed: Vec<u8>,
}

impl Chunks {
    fn read(bytes: &[u8]) -> Result<Chunks, FileError> {
        const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
        let Some(mut rest) = bytes.strip_prefix(SIGNATURE) else {
            return Err(match SIGNATURE.starts_with(bytes) {
                true => FileError::cut_off(FORMAT, format!("{} bytes", bytes.len()), "expected at least 8"),
                false => {
                    let found = format!("`{}`", bytes[..8.min(bytes.len())].escape_ascii());
                    malformed("begins with", found, "expected the signature of PNG")
                }
            });
        };
        let (mut chunks, mut is_first) = (Chunks::default(), true);
        loop {
            let Chunk { name, data, after } = Chunk::read(rest)?;
            match &name {
                b"IHDR" if is_first => chunks.header = Header::parse(data)?,
                _ if is_first => return Err(malformed("first chunk", name.escape_ascii(), "expected IHDR")),
                b"PLTE" => chunks.palette = palette(data)?,
                b"tRNS" if chunks.header.color == Color::Palette => chunks.alphas = Some(data.to_vec()),
                b"IDAT" => chunks.packed.extend_from_slice(data),
                b"IEND" => return Ok(chunks),
                // A small first letter marks what may be left aside.
                _ if name[0].is_ascii_lowercase() => {}
                _ => {
                    return Err(FileError::unsupported(
                        FORMAT,
                        "chunk",
                        name.escape_ascii(),
                        "expected a known one",
                    ));
                }
            }
            (is_first, rest) = (false, after);
        }
    }
}

struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
    after: &'a [u8],
}

impl Chunk<'_> {
    fn read(bytes: &[u8]) -> Result<Chunk<'_>, FileError> {
        let whole = || {
            let (length, rest) = bytes.split_first_chunk::<4>()?;
            let (data, after) = rest.get(4..)?.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            let (crc, after) = after.split_first_chunk::<4>()?;
            Some((*rest.first_chunk::<4>()?, data, u32::from_be_bytes(*crc), after))
        };
        let Some((name, data, crc, after)) = whole() else {
            let problem = Mismatch::new("the file is cut off").row("pieces", "no IEND");
            return Err(FileError::new(FORMAT, FileErrorKind::Format, problem));
        };
        if crc32(&[&name, data]) != crc {
            let found = format!("another for {}", name.escape_ascii());
            return Err(malformed("checksum", found, "expected that of the data"));
        }
        Ok(Chunk { name, data, after })
    }
}

fn palette(data: &[u8]) -> Result<Vec<[u8; 3]>, FileError> {
    let (colors, rest) = data.as_chunks::<3>();
    if rest.is_empty() && (1..=256).contains(&colors.len()) {
        return Ok(colors.to_vec());
    }
    Err(malformed("palette", format!("{} bytes", data.len()), "expected 3 for each of 1 to 256 colours"))
}
