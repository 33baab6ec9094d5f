//! Files cut off anywhere, and with any byte changed: refused or read, without a panic.

use std::fs;

use crate::support::golden;
use wengert_data::{Csv, DataError, idx_from_bytes, npy_from_bytes, npz_from_bytes, png_from_bytes};

type Read = fn(&[u8]) -> Result<(), DataError>;

fn idx(bytes: &[u8]) -> Result<(), DataError> {
    let array = idx_from_bytes(bytes)?;
    let _ = array.to_indices();
    array.to_tensor().map(drop)
}

fn npy(bytes: &[u8]) -> Result<(), DataError> {
    let array = npy_from_bytes(bytes)?;
    let _ = array.to_indices();
    array.to_tensor().map(drop)
}

fn npz(bytes: &[u8]) -> Result<(), DataError> {
    let npz = npz_from_bytes(bytes)?;
    npz.names().try_for_each(|name| npz.tensor(name).map(drop))
}

fn png(bytes: &[u8]) -> Result<(), DataError> {
    png_from_bytes(bytes).map(drop)
}

fn csv(bytes: &[u8]) -> Result<(), DataError> {
    for csv in [Csv::new(), Csv::new().without_header().separator(';').decimal_comma()] {
        let table = csv.parse(bytes)?;
        let _ = (table.values(), table.describe().to_string());
    }
    Ok(())
}

/// A gzip archive as `gzip -n` makes it, of `0 0 8 1, 0 0 0 3, 7 8 9`, stored without packing; the checksum is
/// zlib's.
const STORED: [u8; 34] = [
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 11, 0, 0xf4, 0xff, 0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9, 0xad, 0x98,
    0x0a, 0xba, 11, 0, 0, 0,
];

fn small_npz() -> Vec<u8> {
    fs::read(golden("small.npz")).unwrap()
}

/// Each valid file, and whether a file with anything missing at its end must be refused.
fn files() -> Vec<(&'static str, Vec<u8>, Read, bool)> {
    let picture = |name: &str| fs::read(golden("pictures").join(name)).unwrap();
    vec![
        ("idx", vec![0, 0, 0x0d, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0x40, 0, 0, 0], idx, true),
        ("gzip", STORED.to_vec(), idx, true),
        ("npy", fs::read(golden("hostile/npy_OK_fortran_be.npy")).unwrap(), npy, true),
        ("npz", small_npz(), npz, true),
        ("png", picture("gray1.png"), png, true),
        ("interlaced", picture("gray2_interlaced.png"), png, true),
        ("palette", picture("palette2.png"), png, true),
        ("csv", "\u{feff}a,\"b\"\r\n\"1,5\",ü\r\ntrue,\"x\"\"y\"\n".into(), csv, false),
    ]
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for (name, bytes, read, must_fail) in files() {
        read(&bytes).unwrap();
        for length in 0..bytes.len() {
            let result = read(&bytes[..length]);
            assert!(!must_fail || result.is_err(), "{name} cut after {length} bytes");
        }
    }
}

#[test]
fn a_file_with_any_byte_changed_is_refused_or_read() {
    for (name, bytes, read, _) in files() {
        let mut n_refused = 0;
        for at in 0..bytes.len() {
            for flip in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                let mut damaged = bytes.clone();
                damaged[at] ^= flip;
                n_refused += usize::from(read(&damaged).is_err());
            }
        }
        assert!(n_refused > 0, "{name}");
    }
}

#[test]
fn a_packed_file_with_its_data_changed_is_refused() {
    // Checksums stand for the data: of the stored archive from byte 10 on, and of the pieces of a picture.
    for at in 10..STORED.len() {
        let mut damaged = STORED;
        damaged[at] ^= 1;
        assert!(idx(&damaged).is_err(), "byte {at}");
    }
    let picture = fs::read(golden("pictures/rgb8.png")).unwrap();
    for at in 0..picture.len() {
        let mut damaged = picture.clone();
        damaged[at] ^= 1;
        assert!(png(&damaged).is_err(), "byte {at}");
    }
}

#[test]
fn gzip_archives_of_several_members_and_with_names_are_read() {
    let [first, second] = [&[0, 0, 8, 1, 0, 0][..], &[0, 3, 7, 8, 9][..]].map(stored);
    idx(&[first.clone(), second].concat()).unwrap();
    let mut named = STORED[..10].to_vec();
    named[3] = 4 | 8 | 16 | 2;
    named.extend([2, 0, 1, 2]);
    named.extend(b"name\0comment\0\0\0");
    named.extend(&STORED[10..]);
    idx(&named).unwrap();

    let error = idx(&[&STORED[..], b"more"].concat()).unwrap_err().to_string();
    assert_eq!(
        error,
        "idx: this is no valid idx file\n  gzip archive  4 bytes after the end   <- expected nothing more"
    );
    let mut wrong = STORED;
    wrong[26] ^= 1;
    let error = idx(&wrong).unwrap_err().to_string();
    assert_eq!(
        error,
        "idx: this is no valid idx file\n  gzip checksum  another   <- expected that of the data"
    );
    let mut unknown = STORED;
    unknown[2] = 7;
    let error = idx(&unknown).unwrap_err().to_string();
    assert_eq!(
        error,
        "idx: this is no valid idx file\n  gzip archive  an unknown header   <- expected that of deflate"
    );
}

/// A gzip member that holds these bytes as they are. The checksum is computed bit by bit.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let n = bytes.len() as u16;
    let crc = !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    });
    let length = u32::from(n).to_le_bytes();
    [&STORED[..11], &n.to_le_bytes(), &(!n).to_le_bytes(), bytes, &crc.to_le_bytes(), &length].concat()
}
