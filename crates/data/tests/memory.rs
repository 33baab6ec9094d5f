//! What hostile files make the library ask the system for. One test alone, since it counts for all threads.

use std::path::Path;

use wengert_array::Counting;
use wengert_data::{idx_from_bytes, npy_from_bytes, npz_from_bytes, png_from_bytes};

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

#[track_caller]
fn check(name: &str, most: u64, read: impl FnOnce() -> bool) {
    let before = ALLOCATOR.counts().bytes;
    assert!(!read(), "{name} is refused");
    let asked = ALLOCATOR.counts().bytes - before;
    assert!(asked <= most, "{name}: {asked} bytes were asked for, expected at most {most}");
}

#[test]
fn a_small_file_takes_no_large_memory() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/hostile");
    let file = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (bomb, huge_idx, huge_npy) =
        (file("npz_zip_bomb_200MB.npz"), file("idx_huge_dims.gz"), file("npy_shape_huge.npy"));
    check("the bomb", 1 << 20, || npz_from_bytes(&bomb).is_ok());
    check("huge sizes", 1 << 20, || idx_from_bytes(&huge_idx).is_ok());
    check("a huge shape", 1 << 20, || npy_from_bytes(&huge_npy).is_ok());

    // The same bomb whose directory claims 1,000 bytes, or a megabyte: no more than that is unpacked.
    let at = bomb.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    let lying = |claim: u32| {
        let mut lying = bomb.clone();
        lying[at + 24..at + 28].copy_from_slice(&claim.to_le_bytes());
        lying
    };
    let modest = lying(1_000);
    check("a bomb that claims little", 1 << 20, || npz_from_bytes(&modest).unwrap().tensor("a").is_ok());
    let greedy = lying(1 << 20);
    check("a bomb that claims a megabyte", 6 << 20, || npz_from_bytes(&greedy).unwrap().tensor("a").is_ok());

    // The bomb's data as a gzip archive: at most the limit of 64 MiB is unpacked, in blocks that double. Together these
    // are less than three times the last of them.
    let start = bomb.windows(5).position(|bytes| bytes == b"a.npy").unwrap() + 5;
    let start = start + usize::from(u16::from_le_bytes([bomb[28], bomb[29]]));
    let gzip = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &bomb[start..at]].concat();
    let message = idx_from_bytes(&gzip).unwrap_err().to_string();
    assert!(message.starts_with("idx: the file unpacks to more than is allowed"), "{message}");
    check("a gzip bomb", 192 << 20, || idx_from_bytes(&gzip).is_ok());

    let header =
        [&[0, 0, 0, 13][..], b"IHDR", &[0x7f, 255, 255, 255, 0x7f, 255, 255, 255, 16, 6, 0, 0, 0]].concat();
    let picture = [b"\x89PNG\r\n\x1a\n", &header[..], &[0; 4]].concat();
    check("a huge picture", 1 << 20, || png_from_bytes(&picture).is_ok());
}
