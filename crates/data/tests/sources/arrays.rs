//! Arrays of NumPy and of IDX, of every type.

use crate::support::{check_message, golden, golden_json, numbers, sizes};
use wengert_data::{Element, idx_from_bytes, npy_from_bytes, npz_from_bytes, read_npy, read_npz};
use wengert_tensor::DType;

#[test]
fn arrays_of_numpy_have_its_values() {
    let expected = golden_json("numpy.json");
    let expected = expected.as_object().unwrap();
    for file in ["numpy.npz", "numpy_compressed.npz"] {
        let npz = read_npz(golden(file)).unwrap();
        assert_eq!(npz.names().len(), expected.len());
        for (name, expected) in expected {
            let tensor = npz.tensor(name).unwrap();
            assert_eq!(tensor.shape().to_vec(), sizes(&expected["shape"]), "{name}");
            // The JSON parser may be off by the last bit.
            let is_same = |(&a, b): (&f64, f64)| {
                a.is_sign_positive() == b.is_sign_positive() && (a - b).abs() <= 1e-15 * b.abs()
            };
            let values = tensor.to_vec::<f64>();
            assert!(values.iter().zip(numbers(&expected["values"])).all(is_same), "{name}: {values:?}");
        }
    }
}

#[test]
fn numbers_come_out_in_the_dtype_that_holds_them() {
    let npz = read_npz(golden("numpy.npz")).unwrap();
    for (name, element, dtype) in [
        ("le_b1", Element::Bool, DType::F32),
        ("le_u1", Element::U8, DType::F32),
        ("be_i2", Element::I16, DType::F32),
        ("le_f2", Element::F16, DType::F32),
        ("be_f4", Element::F32, DType::F32),
        ("le_i4", Element::I32, DType::F64),
        ("be_u8", Element::U64, DType::F64),
        ("le_f8", Element::F64, DType::F64),
    ] {
        let array = npz.array(name).unwrap();
        assert_eq!((array.element(), array.to_tensor().unwrap().dtype()), (element, dtype), "{name}");
    }
    let rounded = npz.array("le_i4").unwrap().to_tensor_of(DType::F32).unwrap();
    assert_eq!(rounded.at([1, 2]), 2147483648.0);
    assert_eq!(npz.indices("vector").unwrap().as_slice(), [0, 1, 2, 3, 4]);
    assert_eq!(npz.indices("le_b1").unwrap().as_slice(), [1, 0, 1, 0, 0, 1]);
    assert_eq!(npz.indices("fortran").unwrap().as_slice(), (0..24).collect::<Vec<u32>>());
}

#[test]
fn numbers_that_do_not_fit_are_named() {
    let npz = read_npz(golden("numpy.npz")).unwrap();
    let not_an_index = |place: &str, value: &str| {
        format!(
            "npy: the file holds what is not an index\n  {place}  {value}   \
             <- expected a whole number from 0 to 4294967295"
        )
    };
    check_message(npz.indices("be_i8"), &not_an_index("[0, 1]", "-1"));
    check_message(npz.indices("le_f4"), &not_an_index("[0, 0]", "0.5"));
    let not_a_number = |place: &str, value: &str| {
        format!(
            "npy: the file holds what is not a number\n  {place}  {value}   <- expected one that a float can hold"
        )
    };
    check_message(
        npz.array("le_f8").unwrap().to_tensor_of(DType::F32),
        &not_a_number("[1, 0]", &f64::MAX.to_string()),
    );
    let bytes = npy("<u8", "(2,)", &[[0, 0, 0, 0, 0, 0, 0, 1], [255; 8]].concat());
    check_message(npy_from_bytes(&bytes).unwrap().to_tensor(), &not_a_number("[1]", "18446744073709551615"));
    // The place in a file in Fortran order is still that of the array.
    let header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3)}";
    let bytes = with_header(header, &[1, 0, 1, 0, 1, 0, 255, 255, 1, 0, 1, 0]);
    check_message(npy_from_bytes(&bytes).unwrap().to_indices(), &not_an_index("[1, 1]", "-1"));
}

/// An NPY file of version 1 with this header.
pub(crate) fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), data].concat()
}

pub(crate) fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    with_header(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"), data)
}

#[test]
fn headers_are_read_as_python_writes_them() {
    for header in [
        "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }          \n",
        "{'shape': (2L,), 'fortran_order': False, 'descr': '<i2'}",
        r#"{"descr":"<i2","fortran_order":False,"shape":(2,)}"#,
    ] {
        let array = npy_from_bytes(&with_header(header, &[1, 0, 2, 0])).unwrap();
        assert_eq!(array.to_tensor().unwrap().to_vec::<f32>(), [1.0, 2.0], "{header}");
    }
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}";
    for version in [2, 3] {
        let length = (header.len() as u32).to_le_bytes();
        let bytes = [b"\x93NUMPY", &[version, 0][..], &length, header.as_bytes(), &[7]].concat();
        assert_eq!(npy_from_bytes(&bytes).unwrap().to_indices().unwrap().as_slice(), [7]);
    }
}

#[test]
fn headers_that_say_something_else_are_refused() {
    let malformed = |header: &str| {
        format!(
            "npy: this is no valid npy file\n  header  `{header}`   \
             <- expected {{'descr': …, 'fortran_order': …, 'shape': …}}"
        )
    };
    for header in [
        "",
        "{ }",
        "{'descr': '<i2', 'fortran_order': False}",
        "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<i2', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<i2' 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<i2', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<i2', 'fortran_order': False, 'shape': (2**3,)}",
        "{'descr': '<i2', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<i2', 'fortran_order': False, 'shape': [2]}",
    ] {
        check_message(npy_from_bytes(&with_header(header, &[0; 4])), &malformed(header));
    }
    let unsupported = |what: &str| {
        format!(
            "npy: what the file holds is not supported\n  numbers  {what}   \
             <- expected booleans, integers or floats of at most 64 bits"
        )
    };
    for (descr, what) in [
        ("<c8", "complex numbers"),
        ("<U5", "texts"),
        ("|S5", "texts"),
        ("<M8[s]", "times"),
        ("<f16", "another type"),
    ] {
        let bytes = npy(descr, "(1,)", &[0; 20]);
        check_message(npy_from_bytes(&bytes), &unsupported(&format!("{what} ('{descr}')")));
    }
    check_message(
        npy_from_bytes(&with_header(
            "{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (2,)}",
            &[0; 4],
        )),
        "npy: what the file holds is not supported\n  numbers  records   <- expected a single type",
    );
    check_message(
        npy_from_bytes(&npy("<f4", "(1, 1, 1, 1, 1, 1, 1, 1, 1)", &[0; 4])),
        "npy: what the file holds is not supported\n  shape  [1, 1, 1, 1, 1, 1, 1, 1, 1]   <- expected at most 8 axes",
    );
    check_message(
        npy_from_bytes(b"\x93NUMPY\x09\0\0\0"),
        "npy: what the file holds is not supported\n  version  9   <- expected 1, 2 or 3",
    );
    check_message(
        npy_from_bytes(b"\x89PNG\r\n"),
        "npy: this is no valid npy file\n  begins with  `\\x89PNG\\r\\n`   <- expected `\\x93NUMPY`",
    );
    check_message(
        npy_from_bytes(&npy("|u1", "(2,)", &[1, 2, 3])),
        "npy: this is no valid npy file\n  length  3 bytes of numbers   <- expected 2 for u8 [2]",
    );
}

#[test]
fn a_header_of_any_length_that_is_there_is_no_reason_for_work() {
    let bytes = with_header(&" ".repeat(10_001), &[]);
    check_message(
        npy_from_bytes(&bytes),
        "npy: what the file holds is not supported\n  header  10001 bytes   <- expected at most 10000",
    );
}

#[test]
fn idx_has_six_types() {
    for (code, bytes, expected) in [
        (0x08, vec![200], 200.0),
        (0x09, vec![200], -56.0),
        (0x0b, vec![0xff, 0xfe], -2.0),
        (0x0c, vec![0, 1, 0, 0], 65536.0),
        (0x0d, vec![0x3f, 0xc0, 0, 0], 1.5),
        (0x0e, vec![0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5),
    ] {
        let array = idx_from_bytes(&[vec![0, 0, code, 1, 0, 0, 0, 1], bytes].concat()).unwrap();
        assert_eq!(array.to_tensor().unwrap().to_vec::<f64>(), [expected], "{code:#x}");
    }
    let scalar = idx_from_bytes(&[0, 0, 8, 0, 7]).unwrap().to_tensor().unwrap();
    assert_eq!((scalar.rank(), scalar.item()), (0, 7.0));
    let matrix = idx_from_bytes(&[0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 5, 6]).unwrap();
    assert_eq!(*matrix.to_indices().unwrap().shape(), [2, 1]);
}

#[test]
fn wrong_idx_files_are_refused() {
    check_message(
        idx_from_bytes(&[0, 0, 8]),
        "idx: the file is cut off\n  length  3 bytes   <- expected at least 4",
    );
    check_message(
        idx_from_bytes(&[0x89, 0x50, 8, 1]),
        "idx: this is no valid idx file\n  begins with  the bytes 137 80   <- expected 0 0",
    );
    check_message(
        idx_from_bytes(&[0, 0, 8, 2, 0, 0, 0, 1]),
        "idx: the file is cut off\n  length  8 bytes   <- expected 12 for 2 sizes",
    );
    check_message(
        idx_from_bytes(&[0, 0, 8, 1, 0, 0, 0, 1, 5, 6]),
        "idx: this is no valid idx file\n  length  2 bytes of numbers   <- expected 1 for u8 [1]",
    );
}

#[test]
fn an_array_that_is_not_there_is_named() {
    let npz = read_npz(golden("numpy.npz")).unwrap();
    let expected = "npz: there is no such array
  file  {}
  name  `weights`   <- expected one of le_b1, le_u1, le_i1, le_u2, be_u2, le_i2, be_i2, le_u4, be_u4, le_i4, …";
    check_message(npz.array("weights"), expected);
    check_message(
        npz_from_bytes(&std::fs::read(golden("numpy.npz")).unwrap()).unwrap().tensor("weights"),
        &expected.replace("  file  {}\n", ""),
    );
}

#[test]
fn a_missing_file_is_the_systems_error() {
    let folder = tempfile::tempdir().unwrap();
    let system = std::io::Error::from_raw_os_error(2);
    check_message(
        read_npy(folder.path().join("no.npy")),
        &format!("npy: the file cannot be read\n  file    {{}}\n  reason  {system}"),
    );
    check_message(
        read_npz(folder.path()),
        "npz: this is no file\n  file   {}\n  found  a folder   <- expected a file",
    );
}
