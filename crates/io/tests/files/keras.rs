//! A model that Keras trained, from the tensors of a file that Python wrote.

use std::path::Path;

use serde_json::Value;
use wengert_io::read_tensors;
use wengert_nn::{Activation, Dense, Layer, Sequential};
use wengert_tensor::Tensor;

fn golden(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn matrix(value: &Value) -> Tensor {
    let rows = value.as_array().unwrap();
    let numbers = rows.iter().flat_map(|row| row.as_array().unwrap()).map(|x| x.as_f64().unwrap() as f32);
    let numbers: Vec<f32> = numbers.collect();
    let n_columns = numbers.len() / rows.len();
    Tensor::new(numbers, [rows.len(), n_columns])
}

#[test]
fn a_model_of_keras_predicts_what_it_did_there() {
    let tensors = read_tensors(golden("seed_mlp.safetensors")).unwrap();
    assert_eq!(tensors.len(), 8);
    let mut model = Sequential::new([10]);
    for number in 1..=4 {
        let tensor = |name| tensors[&format!("sequential/dense_{number}/{name}")].clone();
        let activation = if number < 4 { Activation::Relu } else { Activation::Softmax };
        model = model.add(Dense::from_tensors(tensor("kernel"), tensor("bias")).activation(activation));
    }
    let text = std::fs::read_to_string(golden("seed_mlp_predictions.json")).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let expected = matrix(&golden["predictions"]);
    let difference = (model.forward(&matrix(&golden["x"])) - &expected).square().max().item().sqrt();
    assert!(difference < 1e-6, "{difference:e}");
}
