//! Values, gradients and second derivatives beside those of PyTorch in `golden/ops_torch.json`.

#[path = "golden/movement.rs"]
mod movement;

use serde_json::Value;
use wengert_tensor::{DType, Indices, Tensor, grad, ops::Span};

const TOLERANCE: f64 = 1e-12;

/// Where the file is not float64 to the last digits: PyTorch's trigamma function is wrong by up to 5e-10
/// (`array/tests/special.rs` has the right values), and its hardsigmoid multiplies by ⅙ rounded to f32.
const INACCURATE: [(&str, &str, f64); 3] = [
    ("lgamma", "second derivative 0", 1e-9),
    ("digamma", "gradient 0", 1e-9),
    ("hardsigmoid", "gradient 0", 1e-7),
];

type Function = fn(&[Tensor], &Value) -> Tensor;

/// The cases of the file whose operation is in the catalogue, or made of those that are.
const CASES: &[(&str, Function)] = &[
    ("add", |x, _| &x[0] + &x[1]),
    ("sub", |x, _| &x[0] - &x[1]),
    ("mul", |x, _| &x[0] * &x[1]),
    ("div", |x, _| &x[0] / &x[1]),
    ("add_broadcast", |x, _| &x[0] + &x[1]),
    ("mul_broadcast_col", |x, _| &x[0] * &x[1]),
    ("neg", |x, _| -&x[0]),
    ("reciprocal", |x, _| 1.0 / &x[0]),
    ("reciprocal", |x, _| x[0].recip()),
    ("abs", |x, _| x[0].abs()),
    ("clamp", |x, _| x[0].clamp(-0.5, 0.8)),
    ("maximum", |x, _| x[0].maximum(&x[1])),
    ("minimum", |x, _| x[0].minimum(&x[1])),
    ("hypot", |x, _| x[0].hypot(&x[1])),
    ("pow", |x, _| x[0].pow(&x[1])),
    ("pow2", |x, _| x[0].square()),
    ("pow2", |x, _| x[0].powi(2)),
    ("pow2", |x, _| x[0].pow(&Tensor::scalar(2.0, DType::F64))),
    ("pow_neg1.5", |x, _| x[0].powf(-1.5)),
    ("rsqrt", |x, _| x[0].rsqrt()),
    ("expm1", |x, _| x[0].expm1()),
    ("exp2", |x, _| x[0].exp2()),
    ("log1p", |x, _| x[0].ln_1p()),
    ("log2", |x, _| x[0].log2()),
    ("log10", |x, _| x[0].log10()),
    ("logaddexp", |x, _| x[0].logaddexp(&x[1])),
    ("sin", |x, _| x[0].sin()),
    ("cos", |x, _| x[0].cos()),
    ("tan", |x, _| x[0].tan()),
    ("asin", |x, _| x[0].asin()),
    ("acos", |x, _| x[0].acos()),
    ("atan", |x, _| x[0].atan()),
    ("atan2", |x, _| x[0].atan2(&x[1])),
    ("sinh", |x, _| x[0].sinh()),
    ("cosh", |x, _| x[0].cosh()),
    ("atanh", |x, _| x[0].atanh()),
    ("erf", |x, _| x[0].erf()),
    ("erfc", |x, _| x[0].erfc()),
    ("lgamma", |x, _| x[0].lgamma()),
    ("digamma", |x, _| x[0].digamma()),
    ("exp", |x, _| x[0].exp()),
    ("log", |x, _| x[0].ln()),
    ("sqrt", |x, _| x[0].sqrt()),
    ("tanh", |x, _| x[0].tanh()),
    ("sigmoid", |x, _| x[0].sigmoid()),
    ("softplus", |x, _| x[0].softplus()),
    ("logsigmoid", |x, _| x[0].log_sigmoid()),
    ("relu", |x, _| x[0].relu()),
    ("leaky_relu_0.01", |x, _| x[0].leaky_relu(0.01)),
    ("elu", |x, _| x[0].elu(1.0)),
    ("selu", |x, _| x[0].selu()),
    ("gelu_erf", |x, _| x[0].gelu()),
    ("gelu_tanh", |x, _| x[0].gelu_tanh()),
    ("silu", |x, _| x[0].silu()),
    ("mish", |x, _| x[0].mish()),
    ("hardsigmoid", |x, _| x[0].hard_sigmoid()),
    ("hardswish", |x, _| x[0].hard_silu()),
    ("glu", |x, _| x[0].glu(-1)),
    ("where", |x, _| x[0].greater(0.0).select(&x[0], &x[1])),
    ("matmul", |x, _| x[0].matmul(&x[1])),
    ("bmm", |x, _| x[0].matmul(&x[1])),
    ("matmul_broadcast", |x, _| x[0].matmul(&x[1])),
    ("sum", |x, _| x[0].sum()),
    ("sum_axis0", |x, _| x[0].sum_axes(0)),
    ("sum_axis1_keep", |x, _| x[0].sum_keep(1)),
    ("mean", |x, _| x[0].mean()),
    ("mean_axis1", |x, _| x[0].mean_axes(1)),
    ("max_axis1", |x, _| x[0].max_axes(1)),
    ("softmax", |x, _| x[0].softmax(-1)),
    ("log_softmax", |x, _| x[0].log_softmax(-1)),
    ("reshape", |x, _| x[0].reshape([2, 6])),
    ("transpose", |x, _| x[0].t()),
    ("permute", |x, _| x[0].permute([2, 0, 1])),
    ("slice", |x, _| x[0].slice(0, 1..).slice(1, Span::new(0, 2, 2))),
    ("expand", |x, _| x[0].broadcast_to([3, 4])),
    ("mse_loss", |x, _| (&x[0] - &x[1]).square().mean()),
    ("cross_entropy", |x, case| x[0].cross_entropy(labels(&case["inputs"][1]))),
];

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    let text = include_str!("golden/ops_torch.json");
    let file: Value = serde_json::from_str(text).unwrap();
    for &(name, f) in CASES.iter().chain(movement::CASES) {
        check(name, &file["ops"][name], f);
    }
}

fn check(name: &str, case: &Value, f: Function) {
    let tensors = |key: &str| case[key].as_array().unwrap().iter().map(tensor).collect::<Vec<_>>();
    let inputs: Vec<Tensor> =
        case["inputs"].as_array().unwrap().iter().filter(|input| !is_indices(input)).map(tensor).collect();
    let gradients = tensors("grads");
    let cotangent = tensor(&case["cotangent"]);
    near(name, "value", &f(&inputs, case), &tensor(&case["output"]));
    let first =
        |xs: &[Tensor], arg: usize| grad(|x| (f(&with(xs, arg, x), case) * &cotangent).sum(), &xs[arg]);
    for (arg, expected) in gradients.iter().enumerate() {
        near(name, &format!("gradient {arg}"), &first(&inputs, arg), expected);
    }
    if case["second"].is_null() {
        return;
    }
    // d Σᵢ (gradientᵢ · cot2ᵢ) / d input
    let directions = tensors("cot2");
    for (arg, expected) in tensors("second").iter().enumerate() {
        let second = grad(
            |x| {
                let inputs = with(&inputs, arg, x);
                let products = (0..gradients.len()).map(|i| (first(&inputs, i) * &directions[i]).sum());
                products.reduce(|sum, product| sum + product).unwrap()
            },
            &inputs[arg],
        );
        near(name, &format!("second derivative {arg}"), &second, expected);
    }
}

fn with(xs: &[Tensor], arg: usize, x: &Tensor) -> Vec<Tensor> {
    let mut xs = xs.to_vec();
    xs[arg] = x.clone();
    xs
}

fn near(name: &str, what: &str, given: &Tensor, expected: &Tensor) {
    assert_eq!(given.shape(), expected.shape(), "{name}, {what}");
    let exception = INACCURATE.iter().find(|case| (case.0, case.1) == (name, what));
    let tolerance = exception.map_or(TOLERANCE, |case| case.2);
    for (given, expected) in given.to_vec::<f64>().into_iter().zip(expected.to_vec::<f64>()) {
        let is_near = approx::relative_eq!(given, expected, epsilon = 1e-15, max_relative = tolerance);
        assert!(is_near, "{name}, {what}: given {given:e}, expected {expected:e}");
    }
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
