//! Activations by name: what they compute, and how they get into layers, configurations and out of them again.

extern crate wengert_tensor as wengert;

#[path = "../../tensor/tests/golden/distance.rs"]
mod distance;
#[path = "../../tensor/tests/golden/keras.rs"]
mod keras;

use std::panic::catch_unwind;

use serde_json::{Value, json};
use wengert_nn::{Activation, Dense, DenseUnits, Initializer, Layer, Registry, Sequential};
use wengert_tensor::{DType, Rng, Shape, Tensor, gradcheck, gradgradcheck};

fn all() -> impl Iterator<Item = Activation> {
    Activation::NAMES.iter().map(|name| Activation::named(name).unwrap())
}

/// The name in Keras' file as ours, where they differ.
fn activation(name: &str) -> Activation {
    match name {
        "gelu(approximate=True)" => Activation::GeluTanh,
        "threshold{'threshold': 1.0, 'default_value': 0.5}" => {
            Activation::Threshold { threshold: 1.0, value: 0.5 }
        }
        name => Activation::named(name).unwrap(),
    }
}

#[test]
fn values_and_derivatives_are_those_of_keras() {
    let file = keras::file();
    // The file is compared with functions of tensors, which the activations must be to the last bit.
    for (name, _, ours) in keras::FUNCTIONS {
        let x = Tensor::new((0..50).map(|i| f64::from(i) / 5.0 - 5.0).collect(), [50]);
        let by_name = activation(name).apply(&x);
        assert!(by_name.array().bit_eq(ours(&x).array()), "{name}");
        for distance in keras::distances(&file, name, ours) {
            let is_near = distance.relative <= keras::tolerance(name, &distance.what);
            assert!(is_near, "{name}, {}: {:e}", distance.what, distance.relative);
        }
    }
    assert_eq!(keras::distances_of_rows(&file).len(), 5);
    let x = keras::rows(&file["rows"]["x"]);
    for (name, y) in
        [("softmax", x.softmax(-1)), ("log_softmax", x.log_softmax(-1)), ("sparsemax", x.sparsemax(-1))]
    {
        assert!(Activation::named(name).unwrap().apply(&x).array().bit_eq(y.array()), "{name}");
    }
}

#[test]
fn every_dense_layer_has_right_derivatives_of_both_orders() {
    for activation in all() {
        let mut rng = Rng::seed(3);
        let layer = Dense::units(4).activation(activation).bias_init(Initializer::Ones).build(3, &mut rng);
        let x = Tensor::randn([5, 3], &mut Rng::seed(11));
        let of = |what: &str| panic!("{activation}, {what}");
        gradcheck(&(layer.clone(), x.clone()), |(layer, x)| layer.forward(x))
            .unwrap_or_else(|e| of(&e.to_string()));
        gradgradcheck(&(layer, x), |(layer, x)| layer.forward(x)).unwrap_or_else(|e| of(&e.to_string()));
    }
}

#[test]
fn every_activation_is_a_layer_that_comes_back_from_its_configuration() {
    for activation in all() {
        let model = Sequential::new([6]).add(Dense::units(4).activation(activation)).add(activation);
        let config = model.config().unwrap();
        let again = Sequential::from_config(&config, &Registry::default()).unwrap();
        assert_eq!(again.config().unwrap(), config, "{activation}");
        assert_eq!(again.output(), model.output(), "{activation}");
        let x = Tensor::randn([3, 6], &mut Rng::seed(1));
        let y = model.forward(&x);
        assert_eq!(y.shape()[1..], model.output()[..], "{activation}");
        // What goes into the last activation, and that activation, are the same as the output.
        let output = model.forward_raw(&x);
        assert_eq!(output.raw.shape(), y.shape(), "{activation}");
        assert!(output.value().array().bit_eq(y.array()), "{activation}");
    }
}

#[test]
fn parameters_are_saved_with_the_name() {
    let layer = Dense::new(3, 2, &mut Rng::seed(0)).leaky_relu(0.1);
    assert_eq!(layer.activation, Activation::LeakyRelu { slope: 0.1 });
    assert_eq!(layer.config().unwrap()["activation"], json!({ "name": "leaky_relu", "slope": 0.1 }));
    assert_eq!(
        Activation::Threshold { threshold: 1.0, value: 0.5 }.parameters(),
        [("threshold", 1.0), ("value", 0.5)]
    );
    assert_eq!(Dense::new(3, 2, &mut Rng::seed(0)).gelu().config().unwrap()["activation"], json!("gelu"));
}

#[test]
fn a_layer_is_told_its_activation_by_method_value_or_name() {
    let named = |name: &str| Dense::units(4).activation(Activation::named(name).unwrap());
    let pairs: [(DenseUnits, DenseUnits); 4] = [
        (Dense::units(4).gelu(), named("gelu")),
        (Dense::units(4).elu(1.0), named("elu")),
        (Dense::units(4).silu(), named("swish")),
        (Dense::units(4).hard_silu(), named("hard_swish")),
    ];
    for (told, named) in pairs {
        let [told, named] = [told, named].map(|units| units.build(3, &mut Rng::seed(0)).activation);
        assert_eq!(told, named);
    }
}

#[track_caller]
fn check_config(activation: Value, expected: &str) {
    let config = json!({ "input": [4], "layers": [
        { "name": "a", "kind": "Activation", "config": { "activation": activation } }
    ] });
    let error = Sequential::from_config(&config, &Registry::default()).unwrap_err();
    assert_eq!(error.to_string(), format!("layer 0: {expected}"));
}

#[test]
fn a_configuration_that_names_no_activation_is_refused() {
    let known = Activation::NAMES.join(", ");
    let unknown = format!("`activation` is `rectifier`, expected one of {known}");
    assert_eq!(Activation::named("rectifier").unwrap_err().to_string(), unknown);
    check_config(json!("rectifier"), &unknown);
    check_config(json!({ "name": "rectifier" }), &unknown);
    check_config(json!(7), "`activation` is 7, expected a text");
    check_config(json!({ "slope": 0.1 }), "activation: `name` is missing, expected a text");
    check_config(json!({ "name": "leaky_relu" }), "activation: `slope` is missing, expected a number");
    check_config(json!({ "name": "elu", "alpha": "1" }), "activation: `alpha` is \"1\", expected a number");
    check_config(json!({ "name": "relu", "slope": 0.1 }), "activation: relu has no parameter `slope`");
}

#[test]
fn rows_that_an_activation_does_not_take_are_refused() {
    let refused = |activation: Activation, row: Shape| activation.output_shape(&row).unwrap_err().to_string();
    let scalar = Shape::from(());
    assert_eq!(refused(Activation::Softmax, scalar), "softmax needs rows with an axis\n  row  []");
    let odd = "glu needs rows with a last axis of even size\n  row  [2, 3]";
    assert_eq!(refused(Activation::Glu, Shape::from([2, 3])), odd);
    assert_eq!(Activation::Glu.output_shape(&Shape::from([2, 6])).unwrap(), Shape::from([2, 3]));
    let message = *catch_unwind(|| drop(Sequential::new([4]).add(Dense::units(3).glu())))
        .unwrap_err()
        .downcast::<String>()
        .unwrap();
    assert_eq!(message, "sequential, layer 0: glu needs rows with a last axis of even size\n  row  [3]");
}

#[test]
fn a_gated_layer_puts_out_half_its_units() {
    let layer = Dense::units(6).glu().build(3, &mut Rng::seed(0));
    let x = Tensor::randn([2, 3], &mut Rng::seed(4)).cast(DType::F64);
    assert_eq!(*layer.forward(&x).shape(), [2, 3]);
    assert_eq!(layer.output_shape(&Shape::from([3])).unwrap(), Shape::from([3]));
    assert_eq!(layer.forward_raw(&x).activation, Activation::Linear);
}
