//! Layers, start values and models: shapes, derivatives, and what is refused.

extern crate wengert_tensor as wengert;

use wengert_nn::{Activation, Dense, Layer, Registry, Sequential};
use wengert_tensor::{DType, Module, Rng, Tensor, gradcheck, value_and_grad};

fn data(shape: [usize; 2]) -> Tensor {
    Tensor::randn(shape, &mut Rng::seed(11))
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
        ("activation", serde_json::json!(7), "layer 0: `activation` is 7, expected a text"),
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
