//! What several tests need.

use serde_json::Value;
use wengert_data::DataError;
use wengert_tensor::Tensor;

pub(crate) fn golden(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn matrix(value: &Value) -> Tensor {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Tensor::new(rows.concat(), [rows.len(), rows[0].len()])
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[track_caller]
pub(crate) fn check_error<T>(result: Result<T, DataError>, message: &str) {
    assert_eq!(result.err().map(|error| error.to_string()).as_deref(), Some(message));
}
