//! How far our activation functions are from those of Keras in `activations_keras.json`.

use serde_json::Value;
use wengert_tensor::{Tensor, grad};

use super::distance::Distance;

const TOLERANCE: f64 = 1e-12;

/// Keras subtracts numbers near 1 or near 100, and so keeps that many digits behind the point.
const ROUNDING: f64 = 1e-14;

type Function = fn(&Tensor) -> Tensor;

/// Everything in the file: its name there, the operation of the catalogue, and what that is in our words with Keras' default arguments.
pub(crate) const FUNCTIONS: [(&str, &str, Function); 27] = [
    ("relu", "relu", |x| x.relu()),
    ("relu6", "relu6", |x| x.relu6()),
    ("leaky_relu", "leaky_relu", |x| x.leaky_relu(0.2)),
    ("elu", "elu", |x| x.elu(1.0)),
    ("selu", "selu", |x| x.selu()),
    ("celu", "celu", |x| x.celu(1.0)),
    ("softplus", "softplus", |x| x.softplus()),
    ("softsign", "softsign", |x| x.softsign()),
    ("silu", "silu", |x| x.silu()),
    ("gelu", "gelu", |x| x.gelu()),
    ("tanh", "tanh", |x| x.tanh()),
    ("sigmoid", "sigmoid", |x| x.sigmoid()),
    ("exponential", "exp", |x| x.exp()),
    ("hard_sigmoid", "hard_sigmoid", |x| x.hard_sigmoid()),
    ("hard_silu", "hard_silu", |x| x.hard_silu()),
    ("hard_tanh", "hard_tanh", |x| x.hard_tanh()),
    ("hard_shrink", "hard_shrink", |x| x.hard_shrink(0.5)),
    ("soft_shrink", "soft_shrink", |x| x.soft_shrink(0.5)),
    ("tanh_shrink", "tanh_shrink", |x| x.tanh_shrink()),
    ("threshold{'threshold': 1.0, 'default_value': 0.5}", "threshold", |x| x.threshold(1.0, 0.5)),
    ("squareplus", "squareplus", |x| x.squareplus(4.0)),
    ("sparse_plus", "sparse_plus", |x| x.sparse_plus()),
    ("sparse_sigmoid", "sparse_sigmoid", |x| x.sparse_sigmoid()),
    ("mish", "mish", |x| x.mish()),
    ("log_sigmoid", "log_sigmoid", |x| x.log_sigmoid()),
    ("linear", "mul", |x| x * 1.0),
    ("gelu(approximate=True)", "gelu_tanh", |x| x.gelu_tanh()),
];

const ROWS: [(&str, Function); 2] = [("softmax", |x| x.softmax(-1)), ("log_softmax", |x| x.log_softmax(-1))];

/// The whole file.
pub(crate) fn file() -> Value {
    serde_json::from_str(include_str!("activations_keras.json")).unwrap()
}

/// How far a result may be: Keras' derivative of hard_sigmoid is ⅙ rounded to f32.
pub(crate) fn tolerance(name: &str, what: &str) -> f64 {
    if (name, what) == ("hard_sigmoid", "derivative") { 1e-7 } else { TOLERANCE }
}

/// The distances of value and derivative of a function of the file.
pub(crate) fn distances(file: &Value, name: &str, f: Function) -> [Distance; 2] {
    let x = numbers(&file["x"]);
    let x = Tensor::new(x.clone(), [x.len()]);
    let case = &file["f"][name];
    [
        Distance::between("value".to_string(), &f(&x), &numbers(&case["y"]), ROUNDING),
        Distance::between(
            "derivative".to_string(),
            &grad(|x| f(x).sum(), &x),
            &numbers(&case["dy"]),
            ROUNDING,
        ),
    ]
}

/// The distances of functions of rows: their names, which are also those of the catalogue, and value and derivative.
pub(crate) fn distances_of_rows(file: &Value) -> Vec<(&'static str, Distance)> {
    let (x, cotangent) = (rows(&file["rows"]["x"]), rows(&file["rows"]["cotangent"]));
    let mut distances = Vec::new();
    for (name, f) in ROWS {
        let case = &file["rows"][name];
        let dx = grad(|x| (f(x) * &cotangent).sum(), &x);
        for (what, given, expected) in [("value", f(&x), &case["y"]), ("derivative", dx, &case["dx"])] {
            let expected = rows(expected).to_vec::<f64>();
            distances.push((name, Distance::between(what.to_string(), &given, &expected, ROUNDING)));
        }
    }
    let extreme = &file["softmax_extreme"];
    let (given, expected) = (rows(&extreme["x"]).softmax(-1), rows(&extreme["y"]).to_vec::<f64>());
    distances.push(("softmax", Distance::between("value".to_string(), &given, &expected, ROUNDING)));
    distances
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Rows of numbers as a matrix.
pub(crate) fn rows(value: &Value) -> Tensor {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Tensor::new(rows.concat(), [rows.len(), rows[0].len()])
}
