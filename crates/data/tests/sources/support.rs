//! What several tests need.

use std::path::PathBuf;

use serde_json::Value;
use wengert_data::DataError;

pub(crate) fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

pub(crate) fn golden_json(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(golden(name)).unwrap()).unwrap()
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

pub(crate) fn sizes(value: &Value) -> Vec<usize> {
    numbers(value).iter().map(|&size| size as usize).collect()
}

/// Compares the message, in which `{}` stands for the file's name.
#[track_caller]
pub(crate) fn check_message<T>(result: Result<T, DataError>, expected: &str) {
    let Err(error) = result else { panic!("no error, expected {expected}") };
    let file = match &error {
        DataError::File(error) => error.file().map(|file| file.display().to_string()),
        _ => None,
    };
    assert_eq!(error.to_string(), expected.replace("{}", &file.unwrap_or_default()));
}
