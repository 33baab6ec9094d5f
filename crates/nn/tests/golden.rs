//! Layers give what Keras' give: values, derivatives of inputs and weights, and running statistics. See
//! `golden/README.md` for where the values are from.

extern crate wengert_tensor as wengert;

use approx::relative_eq;
use serde_json::Value;
use wengert_nn::{
    BatchNorm, Dense, Dropout, Embedding, Flatten, GroupNorm, Layer, LayerNorm, PRelu, RmsNorm, UnitNorm,
    UpSampling, ZeroPadding,
};
use wengert_tensor::module::{Path, VisitorMut};
use wengert_tensor::{
    Buffer, DType, Module, Param, Rng, Tensor, value_and_grad, value_and_grad_allowing_unreached,
};

/// Numbers of a nested list.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

/// A nested list as an f64 tensor.
fn tensor(value: &Value) -> Tensor {
    let mut sizes = Vec::new();
    let mut inner = value;
    while let Value::Array(list) = inner {
        sizes.push(list.len());
        inner = &list[0];
    }
    Tensor::new(numbers(value), sizes)
}

#[track_caller]
fn check(what: &str, given: &Tensor, expected: &Value) {
    let expected = tensor(expected);
    assert_eq!(given.shape(), expected.shape(), "{what}");
    for (given, expected) in given.to_vec::<f64>().iter().zip(&expected.to_vec::<f64>()) {
        let is_near = relative_eq!(given, expected, max_relative = 1e-12, epsilon = 1e-14);
        assert!(is_near, "{what}: {given}, expected {expected}");
    }
}

/// Our names of Keras' weights.
fn our_name(theirs: &str) -> &str {
    match theirs.rsplit('/').next().unwrap() {
        "kernel" | "embeddings" => "weight",
        "gamma" => "scale",
        "beta" => "offset",
        "alpha" => "slope",
        "moving_mean" => "running_mean",
        "moving_variance" => "running_variance",
        same => same,
    }
}

/// The tensor among Keras' weights that belongs to a part of the layer.
fn among<'a>(weights: &'a Value, path: &Path<'_>) -> Option<&'a Value> {
    let (part, weights) = (path.to_string(), weights.as_object()?);
    weights.iter().find(|(name, _)| our_name(name) == part).map(|(_, value)| value)
}

/// Fills a layer with Keras' weights.
struct Fill<'a>(&'a Value);

impl VisitorMut for Fill<'_> {
    fn param(&mut self, path: &Path<'_>, param: &mut Param) {
        param.set(tensor(among(self.0, path).unwrap()));
    }
    fn buffer(&mut self, path: &Path<'_>, buffer: &mut Buffer) {
        buffer.set(tensor(among(self.0, path).unwrap()));
    }
}

/// Compares the running statistics with those after the batch.
struct Statistics<'a>(&'a str, &'a Value, usize);

impl VisitorMut for Statistics<'_> {
    fn param(&mut self, _: &Path<'_>, _: &mut Param) {}
    fn buffer(&mut self, path: &Path<'_>, buffer: &mut Buffer) {
        if let Some(expected) = among(self.1, path) {
            check(&format!("{}, {path}", self.0), &buffer.value(), expected);
            self.2 += 1;
        }
    }
}

fn file(name: &str) -> Value {
    let text = match name {
        "layers" => include_str!("golden/layers_keras.json"),
        _ => include_str!("../../tensor/tests/golden/normalization_keras.json"),
    };
    serde_json::from_str(text).unwrap()
}

#[track_caller]
fn check_case(file: &Value, name: &str, mut layer: Box<dyn Layer>) {
    let case = &file[name];
    let (x, cotangent) = (tensor(&case["inputs"][0]), tensor(&case["cotangents"][0]));
    layer.visit_mut(&Path::root(), &mut Fill(&case["weights"]));
    assert_eq!(
        layer.output_shape(&x.shape().without(0)).unwrap(),
        tensor(&case["outputs"][0]).shape().without(0)
    );
    let model = (layer, Param::new(x));
    let ((_, y), grads) = value_and_grad_allowing_unreached(&model, |(layer, x)| {
        let y = layer.forward(x);
        ((&y * &cotangent).sum(), y)
    });
    check(&format!("{name}, value"), &y, &case["outputs"][0]);
    match &case["d_inputs"][0] {
        Value::Null => assert!(grads.1.equal(0.0).all(), "{name}: the input has no derivative"),
        expected => check(&format!("{name}, input"), &grads.1, expected),
    }
    let parameters = grads.0.parameters();
    assert_eq!(parameters.len(), case["d_weights"].as_object().unwrap().len(), "{name}");
    for (theirs, expected) in case["d_weights"].as_object().unwrap() {
        let ours = grads.0.parameter(our_name(theirs)).unwrap();
        check(&format!("{name}, {theirs}"), ours, expected);
    }
    let mut statistics = Statistics(name, &case["weights_after"], 0);
    let mut after = grads.0.clone();
    after.visit_mut(&Path::root(), &mut statistics);
    assert_eq!(statistics.2, case["weights_after"].as_object().map_or(0, |after| after.len()), "{name}");
}

/// A case that is no layer's: it has a test of its own.
const DROPOUT: &str = "Dropout_scaling";

/// The layers of `golden/layers_keras.json`, by its names.
fn layers() -> Vec<(&'static str, Box<dyn Layer>)> {
    let rng = &mut Rng::seed(0);
    let mut at_rest = BatchNorm::new(3);
    at_rest.running_mean.freeze();
    at_rest.running_variance.freeze();
    vec![
        ("Dense_4_relu", Box::new(Dense::new(3, 4, rng).relu())),
        ("Dense_3d_input", Box::new(Dense::new(4, 2, rng))),
        ("RMSNorm", Box::new(RmsNorm::new(5))),
        ("UnitNorm", Box::new(UnitNorm::axes([-1]))),
        ("Flatten", Box::new(Flatten)),
        ("UpSampling2D_nearest", Box::new(UpSampling::nearest([2, 2]))),
        ("UpSampling2D_bilinear", Box::new(UpSampling::linear([2, 2]))),
        ("ZeroPadding2D", Box::new(ZeroPadding::new([(1, 2), (0, 1)]))),
        ("Embedding", Box::new(Embedding::new(7, 3, rng))),
        ("PReLU", Box::new(PRelu::new(Tensor::zeros([3])))),
        ("BatchNorm_infer", Box::new(at_rest)),
    ]
}

/// Those of `normalization_keras.json`.
fn norms() -> Vec<(&'static str, Box<dyn Layer>)> {
    vec![
        ("BatchNorm_train", Box::new(BatchNorm::new(3))),
        ("BatchNorm_4d_train_m0.9", Box::new(BatchNorm::axis(-1).momentum(0.9).build(2))),
        ("LayerNorm", Box::new(LayerNorm::new(5))),
        ("LayerNorm_axes12", Box::new(LayerNorm::axes([1, 2]).build(&[3, 4].into()))),
        ("GroupNorm_2", Box::new(GroupNorm::new(2, 4))),
    ]
}

#[test]
fn layers_are_those_of_keras() {
    for (name, cases) in [("layers", layers()), ("normalization", norms())] {
        let file = file(name);
        cases.into_iter().for_each(|(name, layer)| check_case(&file, name, layer));
    }
}

/// Keras' 17 cases, without convolutions, pooling, recurrence and attention.
#[test]
fn no_case_is_left_out() {
    let mut compared: Vec<&str> = layers().into_iter().chain(norms()).map(|(name, _)| name).collect();
    compared.push(DROPOUT);
    compared.sort_unstable();
    let files = ["layers", "normalization"].map(file);
    let mut there: Vec<&String> = files.iter().flat_map(|file| file.as_object().unwrap().keys()).collect();
    there.sort_unstable();
    assert_eq!(compared, there);
    assert_eq!(compared.len(), 17);
}

#[test]
fn a_dropout_scales_as_that_of_keras() {
    let case = &file("layers")[DROPOUT];
    let rate = case["rate"].as_f64().unwrap();
    let dropout = Dropout::new(rate, &mut Rng::seed(4));
    let x = Tensor::ones([200, 200]).cast(DType::F64);
    let ((_, y), _) = value_and_grad(&dropout, |dropout| (Tensor::from(0.0), dropout.forward(&x)));
    let expected = numbers(&case["expected"]);
    let y = y.to_vec::<f64>();
    assert!(y.iter().all(|y| expected.iter().any(|expected| relative_eq!(y, expected))));
    let zeros = y.iter().filter(|&&y| y == 0.0).count() as f64 / y.len() as f64;
    // Four deviations of a share of 40,000.
    assert!((zeros - rate).abs() < 4.0 * (rate * (1.0 - rate) / 40_000.0).sqrt(), "{zeros}");
    assert_eq!(dropout.forward(&x).to_vec::<f64>(), x.to_vec::<f64>());
}
