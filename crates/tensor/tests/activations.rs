//! Values and derivatives of activation functions beside those of Keras in `golden/activations_keras.json`.

use serde_json::Value;
use wengert_tensor::{Tensor, grad};

type Function = fn(&Tensor) -> Tensor;

/// Everything in the file, with Keras' default arguments.
const FUNCTIONS: [(&str, Function); 27] = [
    ("relu", |x| x.relu()),
    ("relu6", |x| x.relu6()),
    ("leaky_relu", |x| x.leaky_relu(0.2)),
    ("elu", |x| x.elu(1.0)),
    ("selu", |x| x.selu()),
    ("celu", |x| x.celu(1.0)),
    ("softplus", |x| x.softplus()),
    ("softsign", |x| x.softsign()),
    ("silu", |x| x.silu()),
    ("gelu", |x| x.gelu()),
    ("tanh", |x| x.tanh()),
    ("sigmoid", |x| x.sigmoid()),
    ("exponential", |x| x.exp()),
    ("hard_sigmoid", |x| x.hard_sigmoid()),
    ("hard_silu", |x| x.hard_silu()),
    ("hard_tanh", |x| x.hard_tanh()),
    ("hard_shrink", |x| x.hard_shrink(0.5)),
    ("soft_shrink", |x| x.soft_shrink(0.5)),
    ("tanh_shrink", |x| x.tanh_shrink()),
    ("threshold{'threshold': 1.0, 'default_value': 0.5}", |x| x.threshold(1.0, 0.5)),
    ("squareplus", |x| x.squareplus(4.0)),
    ("sparse_plus", |x| x.sparse_plus()),
    ("sparse_sigmoid", |x| x.sparse_sigmoid()),
    ("mish", |x| x.mish()),
    ("log_sigmoid", |x| x.log_sigmoid()),
    ("linear", |x| x * 1.0),
    ("gelu(approximate=True)", |x| x.gelu_tanh()),
];

fn file() -> Value {
    serde_json::from_str(include_str!("golden/activations_keras.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn rows(value: &Value) -> Tensor {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Tensor::new(rows.concat(), [rows.len(), rows[0].len()])
}

#[track_caller]
fn check(name: &str, given: &Tensor, expected: &[f64], relative: f64) {
    for (i, (given, &expected)) in given.to_vec::<f64>().into_iter().zip(expected).enumerate() {
        // Keras subtracts numbers near 1 or near 100, and so keeps that many digits behind the point.
        let is_near = approx::relative_eq!(given, expected, epsilon = 1e-14, max_relative = relative);
        assert!(is_near, "{name} at {i}: given {given:e}, expected {expected:e}");
    }
}

#[test]
fn activations_are_those_of_keras() {
    let file = file();
    let x = numbers(&file["x"]);
    let x = Tensor::new(x.clone(), [x.len()]);
    assert_eq!(file["f"].as_object().unwrap().len(), FUNCTIONS.len());
    for (name, f) in FUNCTIONS {
        let case = &file["f"][name];
        check(name, &f(&x), &numbers(&case["y"]), 1e-12);
        // Keras' derivative of hard_sigmoid is ⅙ rounded to f32.
        let relative = if name == "hard_sigmoid" { 1e-7 } else { 1e-12 };
        check(name, &grad(|x| f(x).sum(), &x), &numbers(&case["dy"]), relative);
    }
}

#[test]
fn rows_are_those_of_keras() {
    let file = file();
    let (x, cotangent) = (rows(&file["rows"]["x"]), rows(&file["rows"]["cotangent"]));
    for (name, f) in [("softmax", (|x| x.softmax(-1)) as Function), ("log_softmax", |x| x.log_softmax(-1))] {
        let case = &file["rows"][name];
        check(name, &f(&x), &rows(&case["y"]).to_vec(), 1e-12);
        let dx = grad(|x| (f(x) * &cotangent).sum(), &x);
        check(name, &dx, &rows(&case["dx"]).to_vec(), 1e-12);
    }
    let extreme = rows(&file["softmax_extreme"]["x"]);
    check("softmax", &extreme.softmax(-1), &rows(&file["softmax_extreme"]["y"]).to_vec(), 1e-12);
}

/// Keras 3.15 gives rows of zeros here, so the reference is the definition: τ by bisection.
#[test]
fn sparsemax_is_the_nearest_probability() {
    let x = rows(&file()["rows"]["x"]);
    for (x, y) in x.to_vec::<f64>().chunks(5).zip(x.sparsemax(-1).to_vec::<f64>().chunks(5)) {
        let mass = |bound: f64| x.iter().map(|x| (x - bound).max(0.0)).sum::<f64>();
        let (mut low, mut high) = (-10.0, 10.0);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if mass(middle) > 1.0 { low = middle } else { high = middle }
        }
        for (x, y) in x.iter().zip(y) {
            assert!(((x - low).max(0.0) - y).abs() < 1e-14, "{x}: {y}");
        }
    }
}
