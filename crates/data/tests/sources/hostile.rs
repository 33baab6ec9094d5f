//! The golden files that are made to do harm: each is refused with its name and the reason.

use std::fs;

use crate::support::{check_message, golden};
use wengert_data::{
    Csv, DataError, FileErrorKind, Limit, npy_from_bytes, read_csv, read_idx, read_idx_with, read_npy,
    read_npz, read_npz_with,
};

/// Reads a file by its ending, as far as its numbers.
fn read(name: &str) -> Result<(), DataError> {
    let path = golden("hostile").join(name);
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => read_csv(&path)?.values().map(drop),
        Some("npy") => read_npy(&path)?.to_tensor().map(drop),
        Some("npz") => read_npz(&path)?.tensor("a").map(drop),
        _ => read_idx(&path)?.to_tensor().map(drop),
    }
}

const REFUSED: [(&str, &str); 11] = [
    (
        "csv_nan_inf_text.csv",
        "csv: a cell is no number
  file    {}
  line    4
  column  a
  value   `abc`   <- expected a number
  help: `one_hot` and `codes` make numbers of categories, `drop` leaves a column out",
    ),
    (
        "csv_ragged.csv",
        "csv: a row has another number of cells
  file   {}
  line   3
  cells  1   <- expected 2, as the header has
  help: `Csv::separator` sets what stands between cells",
    ),
    ("gz_truncated.gz", "idx: the file is cut off\n  file         {}\n  packed data  no end"),
    (
        "idx_bad_type.idx",
        "idx: this is no valid idx file\n  file                 {}\n  type of the numbers  7   \
         <- expected 8, 9, 11, 12, 13 or 14",
    ),
    (
        "idx_huge_dims.gz",
        "idx: the file is cut off\n  file    {}\n  length  100 bytes of numbers   \
         <- expected 3367254359280 for u8 [4294967295, 28, 28]",
    ),
    (
        "npy_bad_header.npy",
        "npy: this is no valid npy file\n  file    {}\n  header  `__import__('os').system('echo PWNED')`   \
         <- expected {'descr': …, 'fortran_order': …, 'shape': …}",
    ),
    (
        "npy_header_len.npy",
        "npy: the file is cut off\n  file    {}\n  length  10 bytes   <- expected 65545 for the header",
    ),
    (
        "npy_object_pickle.npy",
        "npy: what the file holds is not supported\n  file     {}\n  numbers  Python objects ('|O')   \
         <- expected booleans, integers or floats of at most 64 bits\n  \
         help: objects are stored as a pickle, which can run code: save the numbers as an array of their own",
    ),
    (
        "npy_shape_huge.npy",
        "npy: the file is cut off\n  file    {}\n  length  8 bytes of numbers   \
         <- expected more than can be counted for f64 [4611686018427387904]",
    ),
    (
        "npz_zip_bomb_200MB.npz",
        "npz: the file unpacks to more than is allowed\n  file      {}\n  unpacked  more than 67108864 bytes   \
         <- expected at most that\n  help: `Limit::bytes` allows more",
    ),
    (
        "csv_no_newline_bool_OK.csv",
        "csv: a cell is missing\n  file    {}\n  line    3\n  column  age\n  value   empty   <- expected a number\n  \
         help: `fill` puts a value there, `drop_missing` leaves such rows out",
    ),
];

#[test]
fn hostile_files_are_refused_with_name_and_reason() {
    for (name, expected) in REFUSED {
        check_message(read(name), expected);
    }
    let n_files = fs::read_dir(golden("hostile")).unwrap().count();
    assert_eq!(n_files, REFUSED.len() + 2, "the other two are valid");
}

#[test]
fn unusual_files_are_read() {
    let array = read_npy(golden("hostile/npy_OK_fortran_be.npy")).unwrap().to_tensor().unwrap();
    assert_eq!(*array.shape(), [2, 3]);
    assert_eq!(array.to_vec::<f32>(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);

    let table = Csv::new().decimal_comma().read(golden("hostile/csv_bom_crlf_quotes_OK.csv")).unwrap();
    assert_eq!(table.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(table.values().unwrap().to_vec::<f32>(), [1.5, 2.0]);

    let table = read_csv(golden("hostile/csv_no_newline_bool_OK.csv")).unwrap();
    assert_eq!(table.drop_missing().values().unwrap().to_vec::<f32>(), [1.0, 22.0, 0.0]);
    assert_eq!(table.column("miss").unwrap().to_vec::<f32>(), [0.0, 1.0]);
}

#[test]
fn a_decimal_comma_is_recognised() {
    let expected = "csv: a cell is no number
  file    {}
  line    2
  column  a
  value   `1,5`   <- expected a number
  help: `Csv::decimal_comma` reads a comma as the decimal point";
    check_message(read("csv_bom_crlf_quotes_OK.csv"), expected);
}

#[test]
fn the_limit_can_be_raised() {
    // The bomb turns out to be one number, and many zeros after it.
    let bomb = read_npz_with(golden("hostile/npz_zip_bomb_200MB.npz"), Limit::bytes(1 << 28)).unwrap();
    let expected = "npy: this is no valid npy file
  file    {}
  array   a
  length  209715208 bytes of numbers   <- expected 8 for f64 [1]";
    check_message(bomb.array("a"), expected);

    let packed = golden("numpy_compressed.npz");
    assert!(read_npz_with(&packed, Limit::bytes(1 << 20)).unwrap().tensor("le_f8").is_ok());
    assert!(read_npz_with(&packed, Limit::bytes(1 << 10)).is_err());
    let error = read_idx_with(golden("hostile/idx_huge_dims.gz"), Limit::bytes(50)).unwrap_err();
    let DataError::File(error) = error else { panic!("{error}") };
    assert_eq!(error.kind(), FileErrorKind::Limit);
}

#[test]
fn a_claim_of_nothing_is_no_claim() {
    // Sizes that cannot be held, whose product is 0.
    let header =
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 18446744073709551615, 18446744073709551615)}";
    let bytes = [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header].concat();
    let error = npy_from_bytes(&bytes).unwrap_err().to_string();
    assert!(error.starts_with("npy: "), "{error}");
}
