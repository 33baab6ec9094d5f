//! Layer and batch normalisation: beside Keras, beside the same written with single operations, and where they are
//! difficult numerically.

use std::panic::catch_unwind;

use serde_json::Value;
use wengert_tensor::{DType, Rng, Tape, Tensor, grad};

#[track_caller]
fn near(what: &str, given: &Tensor, expected: &Tensor, tolerance: f64) {
    assert_eq!(given.shape(), expected.shape(), "{what}");
    for (given, expected) in given.to_vec::<f64>().into_iter().zip(expected.to_vec::<f64>()) {
        let distance = (given - expected).abs() / expected.abs().max(1.0);
        assert!(distance <= tolerance, "{what}: {given:e} is not {expected:e}");
    }
}

fn normal(shape: &[usize], seed: u64) -> Tensor {
    Rng::seed(seed).normal(shape, 0.0, 1.0, DType::F64).into()
}

type Function = fn([&Tensor; 3]) -> Tensor;

/// An operation on an operand, a scale and an offset, and the same as a composition of others.
struct Pair {
    name: &'static str,
    shape: &'static [usize],
    features: &'static [usize],
    fused: Function,
    composed: Function,
}

fn standardised(x: &Tensor, axes: &[usize]) -> Tensor {
    (x - x.mean_keep(axes)) / (x.var_keep(axes, 0) + 0.01).sqrt()
}

const PAIRS: [Pair; 6] = [
    Pair {
        name: "layer norm of rows",
        shape: &[5, 7],
        features: &[7],
        fused: |[x, scale, offset]| x.layer_norm(-1, scale, offset, 0.01),
        composed: |[x, scale, offset]| standardised(x, &[1]) * scale + offset,
    },
    Pair {
        name: "layer norm over two axes",
        shape: &[3, 2, 4],
        features: &[2, 4],
        fused: |[x, scale, offset]| x.layer_norm([1, 2], scale, offset, 0.01),
        composed: |[x, scale, offset]| standardised(x, &[1, 2]) * scale + offset,
    },
    Pair {
        name: "layer norm of many long rows",
        shape: &[130, 4100],
        features: &[4100],
        fused: |[x, scale, offset]| x.layer_norm(1, scale, offset, 0.01),
        composed: |[x, scale, offset]| standardised(x, &[1]) * scale + offset,
    },
    Pair {
        name: "batch norm of columns",
        shape: &[150, 6],
        features: &[6],
        fused: |[x, scale, offset]| x.batch_norm(-1, scale, offset, 0.01),
        composed: |[x, scale, offset]| standardised(x, &[0]) * scale + offset,
    },
    Pair {
        name: "batch norm of channels first",
        shape: &[4, 3, 2, 5],
        features: &[3],
        fused: |[x, scale, offset]| x.batch_norm(1, scale, offset, 0.01),
        composed: |[x, scale, offset]| {
            standardised(x, &[0, 2, 3]) * scale.reshape([3, 1, 1]) + offset.reshape([3, 1, 1])
        },
    },
    Pair {
        name: "batch norm of many rows",
        shape: &[3000, 70],
        features: &[70],
        fused: |[x, scale, offset]| x.batch_norm(1, scale, offset, 0.01),
        composed: |[x, scale, offset]| standardised(x, &[0]) * scale + offset,
    },
];

/// A number made of all elements, none of which counts as much as another.
fn weighted(y: &Tensor) -> Tensor {
    (y * normal(y.shape(), 9).cast(y.dtype())).sum()
}

#[test]
fn the_operations_equal_their_composition() {
    for pair in PAIRS {
        let xs = [normal(pair.shape, 1), normal(pair.features, 2), normal(pair.features, 3)];
        let [fused, composed] = [pair.fused, pair.composed].map(|f| move |xs: &[Tensor; 3]| f(xs.each_ref()));
        near(pair.name, &fused(&xs), &composed(&xs), 1e-12);
        for arg in 0..3 {
            let with = |x: &Tensor| std::array::from_fn(|i| if i == arg { x.clone() } else { xs[i].clone() });
            let first = |f: &dyn Fn(&[Tensor; 3]) -> Tensor, x: &Tensor| grad(|x| weighted(&f(&with(x))), x);
            let what = format!("{}, derivative {arg}", pair.name);
            near(&what, &first(&fused, &xs[arg]), &first(&composed, &xs[arg]), 1e-12);
            let second = |f: &dyn Fn(&[Tensor; 3]) -> Tensor| {
                grad(|x| (grad(|x| weighted(&f(&with(x)).square()), x)).square().sum(), &xs[arg])
            };
            let (given, expected) = (second(&fused), second(&composed));
            let scale = 1.0 / expected.abs().max().item().max(1.0);
            near(&format!("{what}, second order"), &(given * scale), &(expected * scale), 1e-12);
        }
    }
}

fn tensor(value: &Value) -> Tensor {
    fn fill(value: &Value, depth: usize, shape: &mut Vec<usize>, elements: &mut Vec<f64>) {
        match value.as_array() {
            Some(parts) => {
                if shape.len() == depth {
                    shape.push(parts.len());
                }
                parts.iter().for_each(|part| fill(part, depth + 1, shape, elements));
            }
            None => elements.push(value.as_f64().unwrap()),
        }
    }
    let (mut shape, mut elements) = (Vec::new(), Vec::new());
    fill(value, 0, &mut shape, &mut elements);
    Tensor::new(elements, &shape[..])
}

/// The value under the key that ends with a name.
fn ending<'a>(of: &'a Value, name: &str) -> &'a Value {
    of.as_object().unwrap().iter().find(|(key, _)| key.ends_with(name)).map(|(_, value)| value).unwrap()
}

#[test]
fn values_derivatives_and_moments_are_those_of_keras() {
    let file: Value = serde_json::from_str(include_str!("golden/normalization_keras.json")).unwrap();
    let functions: [(&str, Function); 5] = [
        ("BatchNorm_train", |[x, gamma, beta]| x.batch_norm(-1, gamma, beta, 1e-3)),
        ("BatchNorm_4d_train_m0.9", |[x, gamma, beta]| x.batch_norm(-1, gamma, beta, 1e-3)),
        ("LayerNorm", |[x, gamma, beta]| x.layer_norm(-1, gamma, beta, 1e-3)),
        ("LayerNorm_axes12", |[x, gamma, beta]| x.layer_norm([1, 2], gamma, beta, 1e-3)),
        ("GroupNorm_2", |[x, gamma, beta]| {
            let groups = x.reshape([2, 3, 2, 2]).permute([0, 2, 1, 3]).layer_norm([2, 3], 1.0, 0.0, 1e-3);
            groups.permute([0, 2, 1, 3]).reshape([2, 3, 4]) * gamma + beta
        }),
    ];
    for (name, f) in functions {
        let case = &file[name];
        let weight = |key: &str| tensor(ending(&case["weights"], key));
        let xs = [tensor(&case["inputs"][0]), weight("/gamma"), weight("/beta")];
        near(name, &f(xs.each_ref()), &tensor(&case["outputs"][0]), 1e-12);
        let gradients = [
            tensor(&case["d_inputs"][0]),
            tensor(ending(&case["d_weights"], "/gamma")),
            tensor(ending(&case["d_weights"], "/beta")),
        ];
        let leaves = xs.each_ref().map(Tensor::tracked);
        let loss = (f(leaves.each_ref()) * tensor(&case["cotangents"][0])).sum();
        for (leaf, expected) in leaves.iter().zip(&gradients) {
            near(name, &Tape::of(&loss).gradient(leaf), expected, 1e-12);
        }
        if let Some(momentum) = case["config"]["momentum"].as_f64() {
            let (_, mean, variance) = xs[0].batch_norm_with_moments(-1, &xs[1], &xs[2], 1e-3);
            for (key, of_batch) in [("/moving_mean", mean), ("/moving_variance", variance)] {
                let moved = weight(key) * momentum + of_batch * (1.0 - momentum);
                near(key, &moved, &tensor(ending(&case["weights_after"], key)), 1e-12);
            }
        }
    }
}

/// In `f32` the numbers near 10,000 lie 0.001 apart, so that they are taken as they are, and compared in `f64`.
#[test]
fn a_large_offset_costs_no_precision() {
    let x = (normal(&[40, 30], 4) + 1e4).cast(DType::F32);
    let exact = x.cast(DType::F64);
    near("layer", &x.layer_norm(-1, 1.0, 0.0, 1e-5), &exact.layer_norm(-1, 1.0, 0.0, 1e-5), 2e-6);
    for axis in [0, 1] {
        near("batch", &x.batch_norm(axis, 1.0, 0.0, 1e-5), &exact.batch_norm(axis, 1.0, 0.0, 1e-5), 2e-6);
        let (_, mean, variance) = x.batch_norm_with_moments(axis, 1.0, 0.0, 1e-5);
        let other = [1 - axis];
        near("mean", &mean, &exact.mean_axes(other), 1e-7);
        near("variance", &variance, &exact.var_axes(other, 0), 1e-6);
    }
    let dx = |x: &Tensor| grad(|x| weighted(&x.layer_norm(-1, 1.0, 0.0, 1e-5)), x);
    near("derivative", &dx(&x), &dx(&exact), 2e-5);
}

#[test]
fn nan_stays_in_its_own_row_or_feature() {
    let mut elements = normal(&[6, 4], 5).to_vec::<f64>();
    elements[2 * 4 + 1] = f64::NAN;
    let x = Tensor::new(elements, [6, 4]);
    let check = |f: fn(&Tensor) -> Tensor, is_nan: fn(usize) -> bool| {
        for y in [f(&x), grad(|x| weighted(&f(x)), &x)] {
            let found: Vec<bool> = y.to_vec::<f64>().into_iter().map(f64::is_nan).collect();
            assert_eq!(found, (0..24).map(is_nan).collect::<Vec<_>>());
        }
    };
    check(|x| x.layer_norm(-1, 1.0, 0.0, 1e-5), |i| i / 4 == 2);
    check(|x| x.batch_norm(1, 1.0, 0.0, 1e-5), |i| i % 4 == 1);
    check(|x| x.t().batch_norm(0, 1.0, 0.0, 1e-5).t(), |i| i % 4 == 1);
}

#[test]
fn mixed_types_promote() {
    let (x, scale) = (normal(&[5, 3], 6).cast(DType::F32), normal(&[3], 7));
    let exact = x.cast(DType::F64);
    let functions: [fn(&Tensor, &Tensor) -> Tensor; 2] =
        [|x, s| x.layer_norm(-1, s, 0.5, 0.1), |x, s| x.batch_norm(-1, s, 0.5, 0.1)];
    for f in functions {
        assert_eq!(f(&x, &scale).dtype(), DType::F64);
        near("value", &f(&x, &scale), &f(&exact, &scale), 1e-15);
        let dx = |x: &Tensor| grad(|x| weighted(&f(x, &scale)), x);
        near("derivative", &dx(&x), &dx(&exact), 1e-15);
        let second = |x: &Tensor| grad(|x| grad(|x| weighted(&f(x, &scale)), x).square().sum(), x);
        near("second derivative", &second(&x), &second(&exact), 1e-6);
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let bits = |x: &Tensor| x.to_vec::<f32>().into_iter().map(f32::to_bits).collect::<Vec<_>>();
    let run = || {
        let mut all = Vec::new();
        for shape in [&[900, 400][..], &[40, 8, 30, 40], &[20, 20_000]] {
            let x = normal(shape, 8).cast(DType::F32);
            let last = normal(&shape[shape.len() - 1..], 2).cast(DType::F32);
            let second = normal(&shape[1..2], 2).cast(DType::F32);
            let leaves = [x, last, second].map(|x| x.tracked());
            let [x, last, second] = leaves.each_ref();
            let loss = weighted(&x.layer_norm(-1, last, last, 1e-5))
                + weighted(&x.batch_norm(1, second, second, 1e-5))
                + weighted(&x.batch_norm(-1, last, last, 1e-5));
            let tape = Tape::of(&loss);
            all.extend(leaves.iter().flat_map(|leaf| bits(&tape.gradient(leaf))));
        }
        all
    };
    let on =
        |threads: usize| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run);
    assert!(on(1) == on(3));
}

#[test]
fn axes_that_are_not_the_last_are_refused() {
    let message = catch_unwind(|| Tensor::ones([2, 3]).layer_norm(0, 1.0, 0.0, 1e-5)).unwrap_err();
    assert_eq!(
        message.downcast_ref::<String>().unwrap(),
        "layer_norm: 0 are not the last axes\n  given   [2, 3]\n  help: `permute` brings them there"
    );
    let message = catch_unwind(|| Tensor::ones([2, 3]).batch_norm(2, 1.0, 0.0, 1e-5)).unwrap_err();
    assert!(message.downcast_ref::<String>().unwrap().starts_with("batch_norm: axis 2 does not exist"));
}
