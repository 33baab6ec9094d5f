//! Records in a file, each with checksums: the framing of TensorFlow's TFRecord files. What is in a record stands in
//! `event.rs`.

/// A record: its length, the checksum of that, the bytes, and their checksum; numbers begin with their lowest byte.
///
/// # References
/// TensorFlow, "TFRecord and tf.train.Example", section "TFRecords format details".
pub(super) fn framed(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(bytes.len() + 16);
    record.extend(length);
    record.extend(masked(crc32c(&length)).to_le_bytes());
    record.extend(bytes);
    record.extend(masked(crc32c(bytes)).to_le_bytes());
    record
}

/// A checksum of bytes that hold checksums would be weak: it is turned and moved, as the format says.
fn masked(checksum: u32) -> u32 {
    checksum.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C: the polynomial of Castagnoli, bits reversed (RFC 3720, section 12.1 and appendix B.4).
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
}

/// What a byte does to the checksum.
const TABLE: [u32; 256] = {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut crc, mut bit) = (byte as u32, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3720, appendix B.4, "CRC examples"; the bytes of the checksums stand there in the order in which they are sent.
    #[test]
    fn checksums_are_those_of_the_rfc() {
        let upward: Vec<u8> = (0..32).collect();
        let downward: Vec<u8> = (0..32).rev().collect();
        let read = [
            0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0,
            0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
        ];
        for (bytes, expected) in [
            (&[0; 32][..], [0xaa, 0x36, 0x91, 0x8a]),
            (&[0xff; 32], [0x43, 0xab, 0xa8, 0x62]),
            (&upward, [0x4e, 0x79, 0xdd, 0x46]),
            (&downward, [0x5c, 0xdb, 0x3f, 0x11]),
            (&read, [0x56, 0x3a, 0x96, 0xd9]),
        ] {
            assert_eq!(crc32c(bytes).to_le_bytes(), expected, "{bytes:?}");
        }
        // The check value of the catalogue of parametrised CRC algorithms (G. Cook), CRC-32/ISCSI.
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    /// The mask, worked out by hand on the check value: e3069283 turned right by 15 is 2507c60d.
    #[test]
    fn a_record_is_length_checksum_bytes_checksum() {
        assert_eq!(masked(0xe306_9283), 0x2507_c60d_u32.wrapping_add(0xa282_ead8));
        let record = framed(b"123456789");
        assert_eq!(record[..8], [9, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(record[12..21], *b"123456789");
        assert_eq!(record[21..], 0xc78a_b0e5_u32.to_le_bytes());
        assert_eq!(record.len(), 25);
    }
}
