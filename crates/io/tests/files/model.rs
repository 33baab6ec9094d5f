//! A whole model, to a file and back.

use crate::support::{check_message, mlp};
use serde_json::{Value, json};
use wengert_io::{Persist, load_parameters, load_with, save_parameters};
use wengert_nn::{Activation, Dense, Layer, Registry, Sequential};
use wengert_tensor::module::{Path, VisitorMut};
use wengert_tensor::{Buffer, DType, Generator, Module, Param, Rng, Tensor};

/// A layer that the library does not know.
#[derive(Module, Clone, Debug)]
struct Shift {
    by: Buffer,
    noise: Generator,
}

impl Shift {
    fn new(by: f64) -> Shift {
        Shift { by: Buffer::new(Tensor::full([1], by)), noise: Generator::from_state((3, 4)) }
    }
}

impl Layer for Shift {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + &self.by.value()
    }
    fn config(&self) -> Option<Value> {
        Some(json!({}))
    }
}

/// A layer that cannot be saved with its configuration.
#[derive(Module, Clone, Debug)]
struct Halving;

impl Layer for Halving {
    fn forward(&self, x: &Tensor) -> Tensor {
        x / 2.0
    }
}

fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.register("Shift", |_, _, _| Ok(Box::new(Shift { noise: Generator::new(0), ..Shift::new(0.0) })));
    registry
}

fn input(model: &Sequential) -> Tensor {
    Tensor::randn(model.input().insert(0, 7), &mut Rng::seed(9))
}

#[track_caller]
fn check_comes_back(model: &Sequential) -> Sequential {
    let bytes = model.to_bytes().unwrap();
    let loaded = Sequential::from_bytes_with(&bytes, &registry()).unwrap();
    let x = input(model);
    assert!(loaded.forward(&x).array().bit_eq(model.forward(&x).array()));
    assert_eq!(loaded.summary().to_string(), model.summary().to_string());
    assert_eq!(loaded.to_bytes().unwrap(), bytes);
    loaded
}

#[test]
fn a_loaded_model_predicts_the_same_bits() {
    let mut rng = Rng::seed(5);
    let transposed = Dense::from_tensors(Tensor::randn([6, 4], &mut rng).t(), Tensor::randn([6], &mut rng));
    let inner = Sequential::new([5]).add(Dense::units(5).tanh()).add(Activation::Sigmoid);
    for model in [
        mlp(1),
        mlp(2).cast(DType::F64),
        Sequential::new([3]),
        Sequential::new([2, 3]).add(Dense::units(4).without_bias().tanh()).add(Activation::Softmax),
        Sequential::new([4]).add(Dense::units(5)).add(inner).add(Dense::units(2).sigmoid()),
        Sequential::new([4]).add(transposed),
        Sequential::new([4]).add(Dense::units(3)).add(Shift::new(0.25)).add(Activation::Relu),
    ] {
        check_comes_back(&model);
    }
}

#[test]
fn files_and_bytes_hold_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    mlp(1).save(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), mlp(1).to_bytes().unwrap());
    assert_eq!(Sequential::load(&path).unwrap().to_bytes().unwrap(), mlp(1).to_bytes().unwrap());
    assert_eq!(load_with(&path, &registry()).unwrap().to_bytes().unwrap(), mlp(1).to_bytes().unwrap());
    assert_ne!(mlp(2).to_bytes().unwrap(), mlp(1).to_bytes().unwrap());
}

#[test]
fn dtype_frozen_parameters_and_generators_come_back() {
    struct FreezeBiases;
    impl VisitorMut for FreezeBiases {
        fn param(&mut self, path: &Path<'_>, param: &mut Param) {
            if path.to_string().ends_with("bias") {
                *param = param.clone().frozen();
            }
        }
    }
    let mut model = mlp(1).cast(DType::F64).add(Shift::new(0.5));
    model.visit_mut(&Path::root(), &mut FreezeBiases);
    let loaded = check_comes_back(&model);
    let flags: Vec<(DType, bool)> =
        loaded.parameters().iter().map(|(_, param)| (param.dtype(), param.is_trainable())).collect();
    assert_eq!(flags, [(DType::F64, true), (DType::F64, false)].repeat(2));

    let text = String::from_utf8_lossy(&model.to_bytes().unwrap()).into_owned();
    assert!(text.contains(r#"\"generators\":{\"shift.noise\":[3,4]}"#), "{text}");
}

#[test]
fn the_parameters_of_a_whole_model_can_be_loaded_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    mlp(1).save(&path).unwrap();
    let mut model = mlp(2);
    load_parameters(&mut model, &path).unwrap();
    assert_eq!(model.to_bytes().unwrap(), mlp(1).to_bytes().unwrap());

    save_parameters(&mlp(1), &path).unwrap();
    let expected = "load: the file holds no model
  file      {}
  metadata  no configuration   <- expected that of a whole model
  help: `load_parameters` fills a model that the program has built; `read_tensors` gives what is there";
    check_message(Sequential::load(&path), expected);
}

#[test]
fn a_layer_without_configuration_is_named_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let expected = "save: the model cannot be saved with its configuration
  file       {}
  halving    Halving   <- expected a layer with `Layer::config`
  halving_1  Halving   <- expected a layer with `Layer::config`
  help: `save_parameters` saves what any model has learned";
    let model = mlp(1).add(Halving).add(Halving);
    check_message(model.save(&path), expected);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    mlp(1).save(&path).unwrap();
    check_message(model.save(&path), expected);
    assert_eq!(std::fs::read(&path).unwrap(), mlp(1).to_bytes().unwrap());
}

#[test]
fn an_unknown_layer_is_named() {
    let bytes = mlp(1).add(Shift::new(1.0)).to_bytes().unwrap();
    let expected = "load: no model can be built from the configuration in the file
  model  layer 2: there is no layer `Shift`; see `Registry::register`; known are Activation, Add, BatchNorm, ";
    let error = Sequential::from_bytes(&bytes).unwrap_err().to_string();
    assert!(error.starts_with(expected), "{error}");
}
