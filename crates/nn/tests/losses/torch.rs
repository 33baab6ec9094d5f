//! The losses of PyTorch in `golden/ops_torch.json` of the crate `tensor`. The file has inputs, but not the targets and
//! settings of these cases: they are those below, and the values, gradients and second derivatives say whether they are.

use serde_json::Value;
use wengert_nn::*;
use wengert_tensor::{Indices, Target, Tensor, grad};

use crate::distance::Distance;

const TOLERANCE: f64 = 1e-12;

/// PyTorch adds 1e-12 to p (1 - p) where it differentiates the loss on probabilities, and to the squares of lengths.
const INACCURATE: [(&str, &str, f64); 5] = [
    ("bce", "second derivative 0", 1e-9),
    ("cosine_embedding", "gradient 0", 1e-11),
    ("cosine_embedding", "gradient 1", 1e-11),
    ("cosine_embedding", "second derivative 0", 1e-10),
    ("cosine_embedding", "second derivative 1", 1e-10),
];

const ROUNDING: f64 = 1e-15;

type Function = fn(&[Tensor]) -> Tensor;

const CASES: [(&str, Function); 10] = [
    ("cross_entropy_ls_w", |x| {
        let loss = SparseCategoricalCrossentropy::new().from_logits().label_smoothing(0.1);
        let loss = loss.class_weights(&[1.0, 2.0, 0.5, 1.0]).reduce(Reduction::WeightedMean);
        loss.value(&linear(&x[0]), &Indices::from([0, 3, 1]).into())
    }),
    ("bce_logits_posw", |x| {
        let loss = BinaryCrossentropy::new().from_logits().positive_weight(2.0);
        loss.value(&linear(&x[0]), &answers())
    }),
    ("bce", |x| BinaryCrossentropy::new().value(&linear(&x[0].sigmoid()), &answers())),
    ("soft_margin", |x| {
        BinaryCrossentropy::new()
            .value(&Output { raw: x[0].clone(), activation: Activation::Sigmoid }, &answers())
    }),
    ("kl_div_batchmean", |x| {
        let loss = KlDivergence::new().from_logits();
        loss.value(&linear(&x[0]), &second_input("cosine_embedding").softmax(-1).into())
    }),
    ("cosine_embedding", |x| {
        let sign = Tensor::new(vec![1.0, -1.0, 1.0], [3]);
        cosine_embedding(&x[0], &x[1], &sign, 0.1).mean()
    }),
    ("poisson_nll", |x| {
        Poisson::new().from_log_rates().value(&linear(&x[0]), &second_input("gaussian_nll").into())
    }),
    ("gaussian_nll", |x| gaussian_nll(&x[0], &x[1], &second_input("cosine_embedding")).mean()),
    ("gaussian_nll", |x| {
        let output = linear(&Tensor::concat(&[&x[0], &x[1].ln()], -1));
        GaussianNll::new().value(&output, &second_input("cosine_embedding").into())
    }),
    ("margin_ranking", |x| {
        let signs = vec![-1.0, -1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0];
        let (signs, scores) = (Tensor::new(signs, [3, 4]), Tensor::stack(&[&x[0], &x[1]], -1));
        assert_eq!(margin_ranking(&x[0], &x[1], &signs, 0.2).mean().item(), {
            MarginRanking::new().margin(0.2).value(&linear(&scores), &(&signs).into()).item()
        });
        margin_ranking(&x[0], &x[1], &signs, 0.2).mean()
    }),
];

fn linear(raw: &Tensor) -> Output {
    Output { raw: raw.clone(), activation: Activation::Linear }
}

fn answers() -> Target {
    Tensor::new(vec![1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0], [3, 4]).into()
}

fn file() -> Value {
    serde_json::from_str(include_str!("../../../tensor/tests/golden/ops_torch.json")).unwrap()
}

/// The second input of another case, which is the target of this one.
fn second_input(case: &str) -> Tensor {
    tensor(&file()["ops"][case]["inputs"][1])
}

fn tensor(value: &Value) -> Tensor {
    let Some(rows) = value.as_array() else {
        return Tensor::new(vec![value.as_f64().unwrap()], ());
    };
    let numbers =
        |row: &Value| -> Vec<f64> { row.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect() };
    Tensor::new(rows.iter().flat_map(numbers).collect::<Vec<f64>>(), [rows.len(), numbers(&rows[0]).len()])
}

#[track_caller]
fn check(name: &str, what: String, given: &Tensor, expected: &Tensor) {
    let known = INACCURATE.iter().find(|known| (known.0, known.1) == (name, &*what));
    let tolerance = known.map_or(TOLERANCE, |known| known.2);
    let distance = Distance::between(what, given, &expected.to_vec(), ROUNDING);
    let is_near = distance.relative <= tolerance;
    assert!(is_near, "{name}, {}: the relative distance is {:e}", distance.what, distance.relative);
}

#[test]
fn values_and_derivatives_are_those_of_pytorch() {
    let file = file();
    for (name, f) in CASES {
        let case = &file["ops"][name];
        let list = |key: &str| -> Vec<Tensor> { case[key].as_array().unwrap().iter().map(tensor).collect() };
        let inputs: Vec<Tensor> = case["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|input| input[0].is_array())
            .map(tensor)
            .collect();
        let cotangent = tensor(&case["cotangent"]);
        let with = |arg: usize, x: &Tensor| {
            let mut inputs = inputs.clone();
            inputs[arg] = x.clone();
            inputs
        };
        let first = |xs: &[Tensor], arg: usize| {
            grad(
                |x| {
                    let mut xs = xs.to_vec();
                    xs[arg] = x.clone();
                    f(&xs) * &cotangent
                },
                &xs[arg],
            )
        };
        check(name, "value".to_string(), &f(&inputs), &tensor(&case["output"]));
        for (arg, expected) in list("grads").iter().enumerate() {
            check(name, format!("gradient {arg}"), &first(&inputs, arg), expected);
        }
        if case["second"].is_null() {
            continue;
        }
        let directions = list("cot2");
        for (arg, expected) in list("second").iter().enumerate() {
            let second = grad(
                |x| {
                    let inputs = with(arg, x);
                    let products = (0..directions.len()).map(|i| (first(&inputs, i) * &directions[i]).sum());
                    products.reduce(|sum, product| sum + product).unwrap()
                },
                &inputs[arg],
            );
            check(name, format!("second derivative {arg}"), &second, expected);
        }
    }
}
