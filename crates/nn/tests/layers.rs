//! Layers, start values and models: shapes, derivatives, and what is refused.

extern crate wengert_tensor as wengert;

use approx::assert_relative_eq;
use wengert_nn::{
    Activation, CategoricalCrossentropy, Dense, Initializer, Layer, Loss, MeanSquaredError, Output, Registry,
    Sequential, SparseCategoricalCrossentropy,
};
use wengert_tensor::{
    DType, Indices, Module, Rng, Shape, Target, Tensor, gradcheck, gradgradcheck, value_and_grad,
};

const ACTIVATIONS: [Activation; 5] =
    [Activation::Linear, Activation::Relu, Activation::Sigmoid, Activation::Softmax, Activation::Tanh];

fn data(shape: [usize; 2]) -> Tensor {
    Tensor::randn(shape, &mut Rng::seed(11))
}

#[test]
fn every_dense_layer_has_right_derivatives_of_both_orders() {
    for activation in ACTIVATIONS {
        let mut rng = Rng::seed(3);
        let layer = Dense::units(4).activation(activation).bias_init(Initializer::Ones).build(3, &mut rng);
        gradcheck(&(layer.clone(), data([5, 3])), |(layer, x)| layer.forward(x)).unwrap();
        gradgradcheck(&(layer, data([5, 3])), |(layer, x)| layer.forward(x)).unwrap();
    }
}

#[test]
fn a_dense_layer_takes_any_leading_axes() {
    let layer = Dense::new(3, 4, &mut Rng::seed(3)).tanh();
    let x = Tensor::randn([2, 5, 3], &mut Rng::seed(4));
    let y = layer.forward(&x);
    assert_eq!(*y.shape(), [2, 5, 4]);
    assert_eq!(y.reshape([10, 4]).to_vec::<f32>(), layer.forward(&x.reshape([10, 3])).to_vec::<f32>());
}

#[test]
fn a_layer_without_bias_has_one_parameter() {
    let layer = Dense::units(4).without_bias().build(3, &mut Rng::seed(0));
    assert_eq!(layer.parameters().len(), 1);
    assert_eq!(layer.forward(&Tensor::zeros([1, 3])).to_vec::<f32>(), [0.0; 4]);
}

/// Mean and variance of many samples of a rule, beside what it promises.
#[track_caller]
fn check_start(rule: Initializer, variance: f64, bound: f64) {
    let sample = rule.sample([300, 200], &mut Rng::seed(8)).to_vec::<f64>();
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let spread = sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    assert!(mean.abs() < 4.0 * (variance / n).sqrt(), "{rule:?}: mean {mean}");
    assert!((spread / variance - 1.0).abs() < 0.03, "{rule:?}: variance {spread}, promised {variance}");
    let largest = sample.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    assert!(largest <= bound && largest > 0.98 * bound, "{rule:?}: largest {largest}, bound {bound}");
}

#[test]
fn start_values_have_the_promised_spread_and_bounds() {
    let (n_in, both) = (300.0_f64, 500.0_f64);
    // A uniform variate within ±b has variance b²/3; a cut normal ends at two of its uncut deviations.
    let uniform = |variance: f64| (3.0 * variance).sqrt();
    let normal = |variance: f64| 2.0 * variance.sqrt() / 0.879_625_661_034_239_8;
    check_start(Initializer::GlorotUniform, 2.0 / both, uniform(2.0 / both));
    check_start(Initializer::GlorotNormal, 2.0 / both, normal(2.0 / both));
    check_start(Initializer::HeUniform, 2.0 / n_in, uniform(2.0 / n_in));
    check_start(Initializer::HeNormal, 2.0 / n_in, normal(2.0 / n_in));
    check_start(Initializer::LecunUniform, 1.0 / n_in, uniform(1.0 / n_in));
    check_start(Initializer::LecunNormal, 1.0 / n_in, normal(1.0 / n_in));
    assert_eq!(Initializer::Zeros.sample([2], &mut Rng::seed(0)).to_vec::<f32>(), [0.0, 0.0]);
    assert_eq!(Initializer::Ones.sample([2], &mut Rng::seed(0)).to_vec::<f32>(), [1.0, 1.0]);
}

#[test]
fn a_model_has_start_values_of_its_seed() {
    let build = |seed| Sequential::new([4]).seed(seed).add(Dense::units(3)).add(Dense::units(2));
    let first = |model: &Sequential| model.parameters()[0].1.to_vec::<f32>();
    assert_eq!(first(&build(1)), first(&build(1)));
    assert_ne!(first(&build(1)), first(&build(2)));
    let names: Vec<String> = build(1).parameters().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["dense.weight", "dense.bias", "dense_1.weight", "dense_1.bias"]);
}

/// A layer of a user, which only says what it does.
#[derive(Module, Clone, Debug)]
struct Doubling;

impl Layer for Doubling {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2.0
    }
}

#[test]
fn layers_of_users_and_models_stack_like_any_other() {
    let inner = Sequential::new([3]).add(Dense::units(4).relu());
    let model = Sequential::new([3]).add(inner).add(Doubling).add(Activation::Softmax).add(Dense::units(2));
    let names: Vec<&str> = model.layers().map(|(name, _)| name).collect();
    assert_eq!(names, ["sequential", "doubling", "activation", "dense"]);
    assert_eq!(*model.forward(&data([6, 3])).shape(), [6, 2]);
    gradcheck(&model, |model| model.forward(&data([6, 3]))).unwrap();
}

#[test]
fn boxed_layers_make_a_model_too() {
    #[derive(Module, Clone, Debug)]
    struct Stack {
        layers: Vec<Box<dyn Layer>>,
    }
    let mut rng = Rng::seed(2);
    let stack = Stack {
        layers: vec![Box::new(Dense::new(3, 4, &mut rng).tanh()), Box::new(Dense::new(4, 1, &mut rng))],
    };
    let (_, grads) = value_and_grad(&stack, |stack| {
        let mut y = data([5, 3]);
        for layer in &stack.layers {
            y = layer.forward(&y);
        }
        y.square().mean()
    });
    assert_eq!(grads.parameters().len(), 4);
    assert_eq!(grads.parameters()[0].0, "layers.0.weight");
}

#[test]
fn losses_on_logits_are_exact_and_those_on_probabilities_agree_where_they_can() {
    let logits = Tensor::new(vec![1.0, -0.5, 0.25, 2.0, 0.0, -1.0], [2, 3]);
    let labels = Indices::from([2, 0]);
    let one_hot = Target::from(Tensor::one_hot(&labels, 3));
    let labels = Target::from(labels);
    let softmax = Output { raw: logits.clone(), activation: Activation::Softmax };
    let probabilities = Output { raw: logits.softmax(-1), activation: Activation::Linear };
    let raw = Output { raw: logits.clone(), activation: Activation::Linear };
    // -Σ ln softmax at the true classes, by hand.
    let term = |row: [f64; 3], class: usize| row.iter().map(|x| x.exp()).sum::<f64>().ln() - row[class];
    let expected = (term([1.0, -0.5, 0.25], 2) + term([2.0, 0.0, -1.0], 0)) / 2.0;
    let values = [
        CategoricalCrossentropy::new().value(&softmax, &one_hot),
        CategoricalCrossentropy::new().value(&probabilities, &one_hot),
        CategoricalCrossentropy::new().from_logits().value(&raw, &one_hot),
        SparseCategoricalCrossentropy::new().value(&softmax, &labels),
        SparseCategoricalCrossentropy::new().value(&probabilities, &labels),
        SparseCategoricalCrossentropy::new().from_logits().value(&raw, &labels),
    ];
    for value in values {
        assert_relative_eq!(value.item(), expected, max_relative = 1e-12);
    }
}

#[test]
fn a_saturated_wrong_prediction_keeps_its_gradient() {
    let logits = Tensor::new(vec![500.0, -500.0], [1, 2]);
    let target = Target::from(Tensor::new(vec![0.0, 1.0], [1, 2]));
    let dx = wengert_tensor::grad(
        |x| {
            let output = Output { raw: x.clone(), activation: Activation::Softmax };
            CategoricalCrossentropy::new().value(&output, &target)
        },
        &logits,
    );
    assert_eq!(dx.to_vec::<f64>(), [1.0, -1.0]);
}

#[track_caller]
fn refused(expected: &str, f: impl FnOnce() + std::panic::UnwindSafe) {
    let payload = std::panic::catch_unwind(f).expect_err("it was not refused");
    let message = payload.downcast_ref::<String>().cloned();
    let message = message.or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string())).unwrap();
    assert_eq!(message, expected);
}

#[test]
fn mistakes_are_refused_in_words() {
    let mut rng = Rng::seed(0);
    let dense = Dense::new(3, 4, &mut rng);
    refused("sequential, layer 1: the layer takes other rows\n  row  [2]   <- expected [..., 3]", || {
        drop(Sequential::new([5]).add(Dense::units(2)).add(dense))
    });
    refused("sequential: the seed must be given before the first layer is added", || {
        drop(Sequential::new([5]).add(Dense::units(2)).seed(3));
    });
    refused("dense: at least one unit is needed", || drop(Sequential::new([5]).add(Dense::units(0))));
    refused("sequential, layer 0: a dense layer needs rows of at least one number\n  row  []", || {
        drop(Sequential::new(()).add(Dense::units(2)))
    });
    refused("dense: the bias must be [2], given [3]", || {
        drop(Dense::from_tensors(Tensor::zeros([4, 2]), Tensor::zeros([3])));
    });
    let output = Output { raw: Tensor::zeros([2, 3]), activation: Activation::Softmax };
    refused("categorical_crossentropy: the target [2] does not have the output's shape [2, 3]", move || {
        drop(CategoricalCrossentropy::new().value(&output, &Target::from(Tensor::zeros([2]))));
    });
}

#[test]
fn targets_that_do_not_fit_are_errors_of_the_check() {
    let output = Shape::from([2, 3]);
    let check = |loss: &dyn Loss, target: Target| loss.check(&output, &target).unwrap_err();
    let sparse = SparseCategoricalCrossentropy::new();
    assert_eq!(check(&sparse, Indices::from([0, 3]).into()), "label 3 in row 1 is not one of the 3 classes");
    assert_eq!(
        check(&sparse, Indices::from([0]).into()),
        "the labels [1] are not one for each row of the output [2, 3]"
    );
    assert_eq!(
        check(&sparse, Tensor::zeros([2, 3]).into()),
        "the target holds values, not labels; use CategoricalCrossentropy for probabilities, or `to_labels` for \
         class numbers"
    );
    assert_eq!(
        check(&CategoricalCrossentropy::new(), Indices::from([0, 1]).into()),
        "the target holds labels; use SparseCategoricalCrossentropy, or one-hot values"
    );
    assert_eq!(
        check(&MeanSquaredError::new(), Tensor::zeros([2, 2]).into()),
        "the target [2, 2] does not have the output's shape [2, 3]"
    );
}

#[test]
fn a_configuration_builds_the_same_model_and_a_wrong_one_is_an_error() {
    let model = Sequential::new([10])
        .add(Dense::units(4).relu())
        .add(Activation::Tanh)
        .add(Dense::units(2).softmax());
    let config = model.config().unwrap();
    let again = Sequential::from_config(&config, &Registry::default()).unwrap();
    assert_eq!(again.config().unwrap(), config);
    assert_eq!(again.summary().to_string(), model.summary().to_string());
    let cases = [
        (
            "units",
            serde_json::json!(0),
            "layer 0: `units` is 0, expected a whole number from 1 to 2147483647",
        ),
        (
            "units",
            serde_json::json!("x"),
            "layer 0: `units` is \"x\", expected a whole number from 1 to 2147483647",
        ),
        ("bias", serde_json::json!(null), "layer 0: `bias` is null, expected true or false"),
        (
            "activation",
            serde_json::json!("swish"),
            "layer 0: `activation` is `swish`, expected one of linear, relu, sigmoid, softmax, tanh",
        ),
    ];
    for (key, value, expected) in cases {
        let mut config = config.clone();
        config["layers"][0]["config"][key] = value;
        assert_eq!(Sequential::from_config(&config, &Registry::default()).unwrap_err().to_string(), expected);
    }
    let mut unknown = config.clone();
    unknown["layers"][1]["kind"] = serde_json::json!("Lambda");
    let error = Sequential::from_config(&unknown, &Registry::default()).unwrap_err().to_string();
    let kinds = "Activation, Add, BatchNorm, Concat, Dense, Dropout, Embedding, Flatten, GaussianNoise, GroupNorm, \
                 LayerNorm, Multiply, PRelu, Permute, Reshape, Residual, RmsNorm, Sequential, UnitNorm, UpSampling, \
                 ZeroPadding";
    let expected = "layer 1: there is no layer `Lambda`; see `Registry::register`; known are ";
    assert_eq!(error, format!("{expected}{kinds}"));
    let mut huge = config;
    huge["input"] = serde_json::json!([2_000_000_000_u64]);
    huge["layers"][0]["config"]["units"] = serde_json::json!(2_000_000_000_u64);
    assert!(Sequential::from_config(&huge, &Registry::default()).is_err());
}

#[test]
fn a_model_converts_to_double_precision_and_back() {
    let model = Sequential::new([3]).add(Dense::units(4).tanh()).add(Dense::units(2));
    let double = model.cast(DType::F64);
    assert_eq!(double.forward(&data([2, 3])).dtype(), DType::F64);
    let back = double.cast(DType::F32);
    assert_eq!(back.forward(&data([2, 3])).to_vec::<f32>(), model.forward(&data([2, 3])).to_vec::<f32>());
}

#[test]
fn the_summary_is_a_table() {
    let summary =
        Sequential::new([10]).add(Dense::units(100).relu()).add(Dense::units(2).softmax()).summary();
    let expected = "\
Layer (type)     Output shape  Param #
──────────────────────────────────────
dense (Dense)    (None, 100)     1,100
dense_1 (Dense)  (None, 2)         202
──────────────────────────────────────
Total parameters: 1,302 (5.09 KiB)
Trainable: 1,302
Non-trainable: 0";
    assert_eq!(summary.to_string(), expected);
}
