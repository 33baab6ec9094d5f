//! Files that are damaged, foreign or made to do harm: each is refused with its name and the reason, without a panic.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{check_message, file, mlp, parts};
use wengert_io::{
    IoErrorKind, Persist, parameters_from_bytes, parameters_to_bytes, read_tensors, tensors_from_bytes,
};
use wengert_nn::{Dense, Sequential};

fn hostile(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/hostile").join(format!("st_{name}.safetensors"))
}

/// What is wrong with each golden file: the row of the message.
const REFUSED: [(&str, &str); 17] = [
    ("bad_utf8", "header  invalid utf-8 sequence of 1 bytes from index 2   <- expected UTF-8"),
    ("deep_json", "header  `[[[[[[[[[[` … `[[[[[[[[[[`   <- expected `{` … `}`"),
    ("duplicate_key", "header  `a` stands twice   <- expected each name once"),
    ("empty", "length  0 bytes   <- expected 8 for the length of the header, and more"),
    ("end_before_begin", "tensor a  bytes 4 to 0   <- expected to begin at 0 and to end no earlier"),
    ("headerlen_100MB", "header  100000001 bytes long   <- expected at most 2, which follow"),
    ("headerlen_max", "header  18446744073709551615 bytes long   <- expected at most 2, which follow"),
    ("hole", "tensor b  bytes 8 to 12   <- expected to begin at 4 and to end no earlier"),
    (
        "negative_offset",
        "tensor a  invalid value: integer `-4`, expected usize at line 1 column 45   <- expected dtype, shape and data_offsets",
    ),
    ("not_json", "header  `not json`   <- expected `{` … `}`"),
    ("offsets_past_end", "data  8 bytes   <- expected 16, as the header says"),
    ("overlap", "tensor b  bytes 4 to 12   <- expected to begin at 8 and to end no earlier"),
    ("shape_mismatch", "tensor a  F32 [3] in 8 bytes   <- expected 12"),
    (
        "shape_overflow",
        "tensor a  F32 [1099511627776, 1099511627776] in 4 bytes   <- expected a size that can be counted",
    ),
    ("short", "length  3 bytes   <- expected 8 for the length of the header, and more"),
    ("trailing", "data  16 bytes   <- expected 4, as the header says"),
    (
        "unknown_dtype",
        "tensor a  unknown variant `Q7`, expected one of `BOOL`, `F4`, `F6_E2M3`, `F6_E3M2`, `U8`, `I8`, `F8_E5M2`, \
         `F8_E4M3`, `F8_E8M0`, `F8_E4M3FNUZ`, `F8_E5M2FNUZ`, `I16`, `U16`, `F16`, `BF16`, `I32`, `U32`, `F32`, `…   \
         <- expected dtype, shape and data_offsets",
    ),
];

#[test]
fn hostile_files_are_refused_with_name_and_reason() {
    for (name, row) in REFUSED {
        check_message(read_tensors(hostile(name)), &refused_with(row));
    }
    let n_files = fs::read_dir(hostile("empty").parent().unwrap()).unwrap().count();
    assert_eq!(n_files, REFUSED.len() + 2 + 1, "the valid files and the README are the only others");
}

/// The message about a malformed file.
fn refused_with(row: &str) -> String {
    let (label, _) = row.split_once("  ").unwrap();
    let width = label.len().max(4);
    let (_, rest) = row.split_at(label.len());
    format!("load: this is no valid safetensors file\n  {:width$}  {{}}\n  {label:width$}{rest}", "file")
}

#[test]
fn unusual_files_are_read() {
    let special = &read_tensors(hostile("OK_nan_inf")).unwrap()["a"];
    let numbers = special.to_vec::<f32>();
    assert!(numbers[0].is_nan() && numbers[1..].iter().all(|number| number.is_infinite()), "{numbers:?}");

    let tensors = read_tensors(hostile("OK_zero_and_scalar")).unwrap();
    assert_eq!(*tensors["e"].shape(), [0, 5]);
    assert_eq!((tensors["s"].rank(), tensors["s"].size()), (0, 1));
}

/// Our own files are read as tensors, as parameters and as a model.
fn read_in_every_way(bytes: &[u8]) -> [bool; 3] {
    let is_valid = tensors_from_bytes(bytes).is_ok();
    let mut model = mlp(2);
    let has_loaded = parameters_from_bytes(&mut model, bytes).is_ok();
    let is_changed = parameters_to_bytes(&model).unwrap() != parameters_to_bytes(&mlp(2)).unwrap();
    assert_eq!(has_loaded, is_changed, "an error leaves the model alone");
    [is_valid, has_loaded, Sequential::from_bytes(bytes).is_ok()]
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes = mlp(1).to_bytes().unwrap();
    assert_eq!(read_in_every_way(&bytes), [true; 3]);
    for length in 0..bytes.len() {
        assert_eq!(read_in_every_way(&bytes[..length]), [false; 3], "cut after {length} bytes");
    }
    assert_eq!(read_in_every_way(&[&bytes[..], &[0]].concat()), [false; 3]);
}

#[test]
fn a_file_cut_off_says_so() {
    // 640 bytes of header: the number begins as a pickle of Python does.
    let model = Sequential::new([4]).add(Dense::units(8).relu()).add(Dense::units(3).softmax());
    let bytes = model.to_bytes().unwrap();
    assert_eq!(bytes[..8], 640_u64.to_le_bytes());
    for length in [8, 20, 200, 647] {
        let expected =
            format!("load: the file is cut off\n  header  640 bytes   <- only {} follow", length - 8);
        check_bytes(&bytes[..length], &expected);
    }
}

#[test]
fn a_file_with_any_byte_changed_is_refused_or_loaded() {
    let bytes = mlp(1).to_bytes().unwrap();
    let n_header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for at in 0..bytes.len() {
        for flip in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            let read = read_in_every_way(&damaged);
            assert!(at < n_header || read == [true; 3], "a number is a number, whatever its bits: byte {at}");
        }
    }
}

#[test]
fn foreign_files_are_recognized() {
    let folder = tempfile::tempdir().unwrap();
    let begins = |what: &str| format!("begins as  {what}   <- expected the length of a header");
    for (name, bytes, row) in [
        ("a.png", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], begins("a PNG image")),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0", begins("a JPEG image")),
        ("a.h5", b"\x89HDF\r\n\x1a\n\0\0\0\0", begins("an HDF5 file, such as Keras' .h5")),
        (
            "a.keras",
            b"PK\x03\x04\x14\0\0\0\0\0",
            begins("a zip archive, such as .keras, .npz or PyTorch's .pt"),
        ),
        ("a.npy", b"\x93NUMPY\x01\0v\0{'descr'", begins("an array of NumPy")),
        ("a.pkl", b"\x80\x02}q\0(X\x06\0", begins("a pickle of Python")),
        ("a.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\0", begins("a gzip archive")),
        ("a.csv", b"wage,age\n5.1,20\n", begins("a text")),
        ("a", &[0; 64], "header  ``   <- expected `{` … `}`".to_string()),
        (
            "b",
            &[1; 64],
            "header  72340172838076673 bytes long   <- expected at most 56, which follow".to_string(),
        ),
        ("empty", b"", "length  0 bytes   <- expected 8 for the length of the header, and more".to_string()),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        check_message(Sequential::load(&path), &refused_with(&row));
    }
    check_message(Sequential::load(folder.path()), &refused_with("found  a folder   <- expected a file"));
}

#[test]
fn a_missing_file_is_the_systems_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = Sequential::load(folder.path().join("no.safetensors")).unwrap_err();
    assert_eq!(error.kind(), IoErrorKind::System);
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref::<std::io::Error>().unwrap().kind(), std::io::ErrorKind::NotFound);
    check_message::<()>(
        Err(error),
        &format!("load: the file cannot be read\n  file    {{}}\n  reason  {}", system(2)),
    );
}

/// What the system says for an error number.
fn system(number: i32) -> std::io::Error {
    std::io::Error::from_raw_os_error(number)
}

#[cfg(unix)]
#[test]
fn an_endless_device_is_refused() {
    check_message(read_tensors("/dev/zero"), &refused_with("found  no regular file   <- expected a file"));
}

#[test]
fn a_header_beyond_the_formats_limit_is_refused_although_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    fs::write(&path, 100_000_001_u64.to_le_bytes()).unwrap();
    // A file with a hole: long, but not on the disk.
    fs::File::options().write(true).open(&path).unwrap().set_len(200_000_000).unwrap();
    let row = "header  100000001 bytes long   <- expected at most 100000000, the limit of the format";
    check_message(read_tensors(&path), &refused_with(row));
}

#[test]
fn offsets_that_overflow_are_refused() {
    // Nine tensors of u8 whose sizes add up to 2⁶⁴ - 1: adding the header's length to that overflows.
    let most = (1_u64 << 61) - 1;
    let mut at = 0_u64;
    let tensor = |index| {
        let size = most.min(u64::MAX - at);
        at += size;
        format!(r#""t{index}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{},{at}]}}"#, at - size)
    };
    let header = format!("{{{}}}", (0..9).map(tensor).collect::<Vec<_>>().join(","));
    assert!(header.contains(&u64::MAX.to_string()));
    let expected = "data  0 bytes   <- expected 18446744073709551615, as the header says";
    check_bytes(&file(&header, &[]), &format!("load: this is no valid safetensors file\n  {expected}"));
}

#[track_caller]
fn check_bytes(bytes: &[u8], expected: &str) {
    check_message(tensors_from_bytes(bytes), expected);
}

#[test]
fn tensors_that_cannot_be_held_are_named() {
    let unsupported = "load: the file holds a tensor that is not supported\n";
    for (dtype, n_bytes) in [("F16", 2), ("BF16", 2), ("I64", 8), ("BOOL", 1), ("F8_E4M3", 1)] {
        let header =
            format!(r#"{{"layer.w":{{"dtype":"{dtype}","shape":[1],"data_offsets":[0,{n_bytes}]}}}}"#);
        let expected = format!("{unsupported}  layer.w  {dtype}   <- expected F32 or F64");
        check_bytes(&file(&header, &vec![0; n_bytes]), &expected);
    }
    for (shape, expected) in [
        ("[1, 1, 1, 1, 1, 1, 1, 1, 0]", "expected at most 8 axes"),
        ("[0, 2147483648]", "expected at most 2147483647 elements"),
    ] {
        let header = format!(r#"{{"w":{{"dtype":"F32","shape":{shape},"data_offsets":[0,0]}}}}"#);
        check_bytes(&file(&header, &[]), &format!("{unsupported}  w  {shape}   <- {expected}"));
    }
}

#[test]
fn other_malformed_headers_are_refused() {
    let tensor = r#"{"dtype":"F32","shape":[],"data_offsets":[0,4]}"#;
    for (header, place) in [
        ("{}x", "header"),
        ("null", "header"),
        (" {}", "header"),
        (r#"{"a":null}"#, "tensor a"),
        (r#"{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}"#, "tensor a"),
        (r#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, "tensor a"),
        (r#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, "tensor a"),
        (r#"{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}"#, "tensor a"),
        (r#"{"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}}"#, "tensor a"),
        (r#"{"a":{"dtype":"F32","shape":[],"data_offsets":[0]}}"#, "tensor a"),
        (r#"{"a":{"dtype":"F4","shape":[9],"data_offsets":[0,4]}}"#, "tensor a"),
        (r#"{"a":{"shape":[],"data_offsets":[0,4]}}"#, "tensor a"),
        (&format!(r#"{{"__metadata__":{{"k":1}},"a":{tensor}}}"#), "__metadata__"),
        (&format!(r#"{{"__metadata__":{{"k":{{}}}},"a":{tensor}}}"#), "__metadata__"),
        (&format!(r#"{{"__metadata__":{{}},"__metadata__":{{}},"a":{tensor}}}"#), "header"),
        (&format!(r#"{{"a":{tensor},"\u0061":{tensor}}}"#), "header"),
        (
            &format!(r#"{{"a":{tensor},"b":{{"dtype":"F32","shape":[[[1]]],"data_offsets":[4,8]}}}}"#),
            "tensor b",
        ),
    ] {
        let error = tensors_from_bytes(&file(header, &[0; 4])).expect_err(header);
        assert_eq!(error.kind(), IoErrorKind::Format, "{header}");
        let expected = format!("load: this is no valid safetensors file\n  {place}  ");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    let valid = format!(r#"{{"__metadata__":{{"wengert":"no JSON","format":"pt"}},"a":{tensor}}}   "#);
    assert_eq!(tensors_from_bytes(&file(&valid, &[0; 4])).unwrap().len(), 1);
    let spaced = format!(r#"{{ "__metadata__" : {{ "format" : "pt" }} , "a" : {tensor} }}"#);
    assert_eq!(tensors_from_bytes(&file(&spaced, &[0; 4])).unwrap().len(), 1);
}

#[test]
fn a_file_that_fits_another_model_leaves_this_one_alone() {
    let bytes = parameters_to_bytes(&parts(1)).unwrap();
    let mut dense = Dense::new(2, 3, &mut wengert_tensor::Rng::seed(0));
    let before = parameters_to_bytes(&dense).unwrap();
    assert_eq!(parameters_from_bytes(&mut dense, &bytes).unwrap_err().kind(), IoErrorKind::Fit);
    assert_eq!(parameters_to_bytes(&dense).unwrap(), before);
}
