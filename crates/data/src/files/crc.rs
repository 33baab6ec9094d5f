//! The checksum of gzip, zip and PNG.

/// CRC-32 with the reversed polynomial `0xedb88320`, of several pieces as if they were one.
///
/// Eight bytes at a time, each by a table of its own: byte by byte, the checksum would take as long as the unpacking.
///
/// # References
/// M. Kounavis, F. Berry, A systematic approach to building high performance software-based CRC generators, ISCC 2005.
pub(crate) fn crc32(pieces: &[&[u8]]) -> u32 {
    !pieces.iter().fold(!0, |crc, piece| updated(crc, piece))
}

fn updated(mut crc: u32, piece: &[u8]) -> u32 {
    let (eights, rest) = piece.as_chunks::<8>();
    for bytes in eights {
        let word = u64::from_le_bytes(*bytes) ^ u64::from(crc);
        crc = (0..8).fold(0, |sum, at| sum ^ TABLES[7 - at][(word >> (8 * at)) as usize & 255]);
    }
    rest.iter().fold(crc, |crc, byte| (crc >> 8) ^ TABLES[0][(crc as usize ^ usize::from(*byte)) & 255])
}

/// `TABLES[n][byte]`: what a byte with `n` zero bytes after it adds.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (0xedb8_8320 * (crc & 1));
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut n = 1;
    while n < 8 {
        byte = 0;
        while byte < 256 {
            let crc = tables[n - 1][byte];
            tables[n][byte] = (crc >> 8) ^ tables[0][crc as usize & 255];
            byte += 1;
        }
        n += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_catalogue() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(&[b"123456789"]), 0xcbf4_3926);
        assert_eq!(crc32(&[b"1234", b"", b"56789"]), 0xcbf4_3926);
        assert_eq!(crc32(&[]), 0);
    }

    #[test]
    fn eight_bytes_at_a_time_are_one_by_one() {
        let bytes: Vec<u8> = (0..100_u8).map(|byte| byte.wrapping_mul(37)).collect();
        for end in 0..bytes.len() {
            let single: Vec<&[u8]> = bytes[..end].chunks(1).collect();
            assert_eq!(crc32(&[&bytes[..end]]), crc32(&single));
        }
    }
}
