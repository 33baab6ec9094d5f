//! How far our operations are from those of PyTorch in `ops_torch.json`.

mod composed;
mod movement;

use serde_json::Value;
use wengert_tensor::{DType, Indices, Tensor, grad, ops::Span};

use super::distance::Distance;

const TOLERANCE: f64 = 1e-12;

/// Where the file is not float64 to the last digits: PyTorch's trigamma function is wrong by up to 5e-10
/// (`array/tests/special.rs` has the right values), and its hardsigmoid multiplies by ⅙ rounded to f32.
const INACCURATE: [(&str, &str, f64); 3] = [
    ("lgamma", "second derivative 0", 1e-9),
    ("digamma", "gradient 0", 1e-9),
    ("hardsigmoid", "gradient 0", 1e-7),
];

/// Differences as small as this are rounding.
const ROUNDING: f64 = 1e-15;

type Function = fn(&[Tensor], &Value) -> Tensor;

/// A name in the file, the operation of the catalogue that it is a case of, and what that is in our words.
type Case = (&'static str, &'static str, Function);

/// The operation of a case that is made of several.
pub(crate) const SEVERAL: &str = "several";

/// The cases of the file whose operation is in the catalogue, or made of those that are.
const CASES: &[Case] = &[
    ("add", "add", |x, _| &x[0] + &x[1]),
    ("sub", "sub", |x, _| &x[0] - &x[1]),
    ("mul", "mul", |x, _| &x[0] * &x[1]),
    ("div", "div", |x, _| &x[0] / &x[1]),
    ("add_broadcast", "add", |x, _| &x[0] + &x[1]),
    ("mul_broadcast_col", "mul", |x, _| &x[0] * &x[1]),
    ("neg", "neg", |x, _| -&x[0]),
    ("reciprocal", "div", |x, _| 1.0 / &x[0]),
    ("reciprocal", "recip", |x, _| x[0].recip()),
    ("abs", "abs", |x, _| x[0].abs()),
    ("clamp", "clamp", |x, _| x[0].clamp(-0.5, 0.8)),
    ("maximum", "maximum", |x, _| x[0].maximum(&x[1])),
    ("minimum", "minimum", |x, _| x[0].minimum(&x[1])),
    ("hypot", "hypot", |x, _| x[0].hypot(&x[1])),
    ("pow", "pow", |x, _| x[0].pow(&x[1])),
    ("pow2", "square", |x, _| x[0].square()),
    ("pow2", "powf", |x, _| x[0].powi(2)),
    ("pow2", "pow", |x, _| x[0].pow(&Tensor::scalar(2.0, DType::F64))),
    ("pow_neg1.5", "powf", |x, _| x[0].powf(-1.5)),
    ("rsqrt", "rsqrt", |x, _| x[0].rsqrt()),
    ("expm1", "expm1", |x, _| x[0].expm1()),
    ("exp2", "exp2", |x, _| x[0].exp2()),
    ("log1p", "ln_1p", |x, _| x[0].ln_1p()),
    ("log2", "log2", |x, _| x[0].log2()),
    ("log10", "log10", |x, _| x[0].log10()),
    ("logaddexp", "logaddexp", |x, _| x[0].logaddexp(&x[1])),
    ("sin", "sin", |x, _| x[0].sin()),
    ("cos", "cos", |x, _| x[0].cos()),
    ("tan", "tan", |x, _| x[0].tan()),
    ("asin", "asin", |x, _| x[0].asin()),
    ("acos", "acos", |x, _| x[0].acos()),
    ("atan", "atan", |x, _| x[0].atan()),
    ("atan2", "atan2", |x, _| x[0].atan2(&x[1])),
    ("sinh", "sinh", |x, _| x[0].sinh()),
    ("cosh", "cosh", |x, _| x[0].cosh()),
    ("atanh", "atanh", |x, _| x[0].atanh()),
    ("erf", "erf", |x, _| x[0].erf()),
    ("erfc", "erfc", |x, _| x[0].erfc()),
    ("lgamma", "lgamma", |x, _| x[0].lgamma()),
    ("digamma", "digamma", |x, _| x[0].digamma()),
    ("exp", "exp", |x, _| x[0].exp()),
    ("log", "ln", |x, _| x[0].ln()),
    ("sqrt", "sqrt", |x, _| x[0].sqrt()),
    ("tanh", "tanh", |x, _| x[0].tanh()),
    ("sigmoid", "sigmoid", |x, _| x[0].sigmoid()),
    ("softplus", "softplus", |x, _| x[0].softplus()),
    ("logsigmoid", "log_sigmoid", |x, _| x[0].log_sigmoid()),
    ("relu", "relu", |x, _| x[0].relu()),
    ("leaky_relu_0.01", "leaky_relu", |x, _| x[0].leaky_relu(0.01)),
    ("elu", "elu", |x, _| x[0].elu(1.0)),
    ("selu", "selu", |x, _| x[0].selu()),
    ("gelu_erf", "gelu", |x, _| x[0].gelu()),
    ("gelu_tanh", "gelu_tanh", |x, _| x[0].gelu_tanh()),
    ("silu", "silu", |x, _| x[0].silu()),
    ("mish", "mish", |x, _| x[0].mish()),
    ("hardsigmoid", "hard_sigmoid", |x, _| x[0].hard_sigmoid()),
    ("hardswish", "hard_silu", |x, _| x[0].hard_silu()),
    ("glu", "glu", |x, _| x[0].glu(-1)),
    ("where", "where", |x, _| x[0].greater(0.0).select(&x[0], &x[1])),
    ("matmul", "matmul", |x, _| x[0].matmul(&x[1])),
    ("bmm", "matmul", |x, _| x[0].matmul(&x[1])),
    ("matmul_broadcast", "matmul", |x, _| x[0].matmul(&x[1])),
    ("sum", "sum", |x, _| x[0].sum()),
    ("sum_axis0", "sum", |x, _| x[0].sum_axes(0)),
    ("sum_axis1_keep", "sum", |x, _| x[0].sum_keep(1)),
    ("mean", "mean", |x, _| x[0].mean()),
    ("mean_axis1", "mean", |x, _| x[0].mean_axes(1)),
    ("max_axis1", "max", |x, _| x[0].max_axes(1)),
    ("softmax", "softmax", |x, _| x[0].softmax(-1)),
    ("log_softmax", "log_softmax", |x, _| x[0].log_softmax(-1)),
    ("reshape", "reshape", |x, _| x[0].reshape([2, 6])),
    ("transpose", "permute", |x, _| x[0].t()),
    ("permute", "permute", |x, _| x[0].permute([2, 0, 1])),
    ("slice", "slice", |x, _| x[0].slice(0, 1..).slice(1, Span::new(0, 2, 2))),
    ("expand", "broadcast_to", |x, _| x[0].broadcast_to([3, 4])),
    ("cross_entropy", "sparse_cross_entropy", |x, case| x[0].cross_entropy(labels(&case["inputs"][1]))),
];

/// The cases that are used, by their names in the file and in the catalogue.
pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    CASES.iter().chain(movement::CASES).chain(composed::CASES)
}

/// The whole file.
pub(crate) fn file() -> Value {
    serde_json::from_str(include_str!("ops_torch.json")).unwrap()
}

/// How far a result may be: as far as the file is right.
pub(crate) fn tolerance(name: &str, what: &str) -> f64 {
    let exception = INACCURATE.iter().find(|known| (known.0, known.1) == (name, what));
    exception.map_or(TOLERANCE, |known| known.2)
}

/// The distances of value, gradients and, where the file has them, second derivatives.
pub(crate) fn distances(file: &Value, &(name, _, f): &Case) -> Vec<Distance> {
    let case = &file["ops"][name];
    let tensors = |key: &str| case[key].as_array().unwrap().iter().map(tensor).collect::<Vec<_>>();
    let inputs: Vec<Tensor> =
        case["inputs"].as_array().unwrap().iter().filter(|input| !is_indices(input)).map(tensor).collect();
    let gradients = tensors("grads");
    let cotangent = tensor(&case["cotangent"]);
    let mut distances = vec![far("value".to_string(), &f(&inputs, case), &tensor(&case["output"]))];
    let first =
        |xs: &[Tensor], arg: usize| grad(|x| (f(&with(xs, arg, x), case) * &cotangent).sum(), &xs[arg]);
    for (arg, expected) in gradients.iter().enumerate() {
        distances.push(far(format!("gradient {arg}"), &first(&inputs, arg), expected));
    }
    if case["second"].is_null() {
        return distances;
    }
    // d Σᵢ (gradientᵢ · cot2ᵢ) / d input
    let directions = tensors("cot2");
    let seconds = case["second"].as_array().unwrap().iter().enumerate();
    for (arg, expected) in seconds {
        let zeros = || Tensor::zeros(*inputs[arg].shape());
        let expected = &if expected.is_null() { zeros() } else { tensor(expected) };
        let second = grad(
            |x| {
                let inputs = with(&inputs, arg, x);
                let products = (0..gradients.len()).map(|i| (first(&inputs, i) * &directions[i]).sum());
                products.reduce(|sum, product| sum + product).unwrap()
            },
            &inputs[arg],
        );
        distances.push(far(format!("second derivative {arg}"), &second, expected));
    }
    distances
}

fn far(what: String, given: &Tensor, expected: &Tensor) -> Distance {
    assert_eq!(given.shape(), expected.shape(), "{what}");
    Distance::between(what, given, &expected.to_vec(), ROUNDING)
}

fn with(xs: &[Tensor], arg: usize, x: &Tensor) -> Vec<Tensor> {
    let mut xs = xs.to_vec();
    xs[arg] = x.clone();
    xs
}

fn is_indices(value: &Value) -> bool {
    value.as_array().map_or(value.is_u64(), |list| list.first().is_some_and(is_indices))
}

fn tensor(value: &Value) -> Tensor {
    let (mut shape, mut inner) = (Vec::new(), value);
    while let Some(list) = inner.as_array() {
        shape.push(list.len());
        inner = &list[0];
    }
    let mut elements = Vec::new();
    flatten(value, &mut elements);
    let x = Tensor::new(elements, shape);
    assert_eq!(x.dtype(), DType::F64);
    x
}

fn flatten(value: &Value, into: &mut Vec<f64>) {
    match value.as_array() {
        Some(list) => list.iter().for_each(|value| flatten(value, into)),
        None => into.push(value.as_f64().unwrap()),
    }
}

fn labels(value: &Value) -> Indices {
    let labels: Vec<usize> =
        value.as_array().unwrap().iter().map(|label| label.as_u64().unwrap() as usize).collect();
    labels.into()
}
