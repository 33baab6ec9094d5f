//! Parameters and state of any model, to a file and back.

use std::collections::BTreeMap;

use crate::support::{Parts, check_message, mlp, parts};
use wengert_io::{
    load_parameters, parameters_from_bytes, parameters_to_bytes, read_tensors, save_parameters,
    tensors_from_bytes, tensors_to_bytes,
};
use wengert_nn::Layer;
use wengert_tensor::module::{Path, Visitor, VisitorMut};
use wengert_tensor::{DType, Generator, Module, Param, Tensor};

fn is_equal(a: &Parts, b: &Parts) -> bool {
    let pairs = a.parameters().into_iter().zip(b.parameters());
    let mut parameters = pairs.map(|((name, a), (other, b))| name == other && a.array().bit_eq(b.array()));
    let state =
        a.mean.value().array().bit_eq(b.mean.value().array()) && a.dropout.state() == b.dropout.state();
    parameters.all(|is_equal| is_equal) && state
}

#[test]
fn every_part_comes_back_in_both_dtypes() {
    let folder = tempfile::tempdir().unwrap();
    for dtype in [DType::F32, DType::F64] {
        let path = folder.path().join(format!("{dtype}.safetensors"));
        let saved = parts(1).cast(dtype);
        let mut loaded = parts(2).cast(dtype);
        save_parameters(&saved, &path).unwrap();
        assert!(!is_equal(&saved, &loaded));
        load_parameters(&mut loaded, &path).unwrap();
        assert!(is_equal(&saved, &loaded), "{dtype}");
    }
}

#[test]
fn tensors_have_the_names_of_the_parts() {
    let tensors = tensors_from_bytes(&parameters_to_bytes(&parts(1)).unwrap()).unwrap();
    let names: Vec<&str> = tensors.keys().map(String::as_str).collect();
    let expected = ["layers.0.bias", "layers.0.weight", "layers.1.bias", "layers.1.weight", "mean", "scale"];
    assert_eq!(names, expected);
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let bytes = parameters_to_bytes(&parts(3)).unwrap();
    assert_eq!(parameters_to_bytes(&parts(3)).unwrap(), bytes);
    let mut loaded = parts(4);
    parameters_from_bytes(&mut loaded, &bytes).unwrap();
    assert_eq!(parameters_to_bytes(&loaded).unwrap(), bytes);
}

#[test]
fn a_model_behind_a_trait_object_is_saved_and_loaded() {
    let boxed: Box<dyn Layer> = Box::new(mlp(1));
    let mut other: Box<dyn Layer> = Box::new(mlp(2));
    parameters_from_bytes(&mut other, &parameters_to_bytes(&boxed).unwrap()).unwrap();
    let x = Tensor::ones([2, 4]);
    assert!(boxed.forward(&x).array().bit_eq(other.forward(&x).array()));

    let borrowed: &mut dyn Module = &mut *other;
    parameters_from_bytes(borrowed, &parameters_to_bytes(&*boxed).unwrap()).unwrap();
}

#[test]
fn special_numbers_and_shapes_survive() {
    let special = [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 5e-324, 1e-45, f64::MAX];
    let single: Vec<f32> = special[..7].iter().map(|&number| number as f32).collect();
    let matrix = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let tensors = BTreeMap::from(
        [
            ("f64", Tensor::new(special.to_vec(), [2, 4])),
            ("f32", Tensor::from(single)),
            ("a scalar", Tensor::scalar(2.5, DType::F64)),
            ("nothing", Tensor::zeros([3, 0, 2])),
            ("repeated", Tensor::full([3, 2], 7.0)),
            ("transposed", matrix.t()),
            ("name: \"ü\"\n\\", Tensor::ones([1, 1, 1, 1, 1, 1, 1, 1])),
            ("", Tensor::ones([1])),
        ]
        .map(|(name, tensor)| (name.to_string(), tensor)),
    );
    let read = tensors_from_bytes(&tensors_to_bytes(&tensors).unwrap()).unwrap();
    assert_eq!(read.len(), tensors.len());
    for (name, tensor) in &tensors {
        assert!(read[name].array().bit_eq(tensor.array()), "{name}: {tensor:?} became {:?}", read[name]);
    }
    assert_eq!(read["transposed"].to_vec::<f32>(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
}

#[test]
fn the_dtype_of_the_model_stays() {
    let third = |dtype| Param::new(Tensor::new(vec![1.0 / 3.0, 1e-60], [2]).cast(dtype));
    let mut single = third(DType::F32);
    parameters_from_bytes(&mut single, &parameters_to_bytes(&third(DType::F64)).unwrap()).unwrap();
    assert_eq!(single.dtype(), DType::F32);
    assert_eq!(single.to_vec::<f32>(), [1.0_f32 / 3.0, 0.0]);

    let mut double = third(DType::F64);
    parameters_from_bytes(&mut double, &parameters_to_bytes(&third(DType::F32)).unwrap()).unwrap();
    assert_eq!(double.to_vec::<f64>(), [f64::from(1.0_f32 / 3.0), 0.0]);
}

#[test]
fn a_number_that_would_become_infinite_is_refused() {
    #[derive(Module, Clone, Debug)]
    struct Pair(Param, Param);
    let pair =
        |value: f64| Pair(Tensor::ones([1]).into(), Tensor::new(vec![f64::INFINITY, value], [2]).into());
    let mut model = pair(0.0).cast(DType::F32);
    let expected =
        "load: the file does not fit the model\n  1  -1e300   <- too large for the f32 of the model";
    check_message(parameters_from_bytes(&mut model, &parameters_to_bytes(&pair(-1e300)).unwrap()), expected);
    assert_eq!(model.1.to_vec::<f32>(), [f32::INFINITY, 0.0]);
    parameters_from_bytes(&mut model, &parameters_to_bytes(&pair(3.4e38)).unwrap()).unwrap();
    assert_eq!(model.1.to_vec::<f32>(), [f32::INFINITY, 3.4e38]);
}

#[test]
fn frozen_parameters_are_the_programs_choice() {
    let mut model = parts(2);
    model.layers[0].weight = model.layers[0].weight.clone().frozen();
    model.scale = model.scale.map(Param::unfrozen);
    parameters_from_bytes(&mut model, &parameters_to_bytes(&parts(1)).unwrap()).unwrap();
    let trainable: Vec<bool> = model.parameters().iter().map(|(_, param)| param.is_trainable()).collect();
    assert_eq!(trainable, [false, true, true, true, true]);
}

#[test]
fn a_generator_that_the_file_does_not_have_goes_on() {
    #[derive(Module, Clone, Debug)]
    struct Noisy {
        weight: Param,
        first: Option<Generator>,
        second: Option<Generator>,
    }
    let noisy = |first: Option<u64>, second: Option<u64>| Noisy {
        weight: Tensor::ones([1]).into(),
        first: first.map(|key| Generator::from_state((key, 5))),
        second: second.map(|key| Generator::from_state((key, 6))),
    };
    let mut model = noisy(None, Some(2));
    parameters_from_bytes(&mut model, &parameters_to_bytes(&noisy(Some(3), None)).unwrap()).unwrap();
    assert_eq!(model.second.as_ref().map(Generator::state), Some((2, 6)));
    parameters_from_bytes(&mut model, &parameters_to_bytes(&noisy(None, Some(4))).unwrap()).unwrap();
    assert_eq!(model.second.as_ref().map(Generator::state), Some((4, 6)));
}

#[test]
fn what_does_not_fit_is_listed_and_nothing_is_loaded() {
    #[derive(Module, Clone, Debug)]
    struct Old {
        layers: Vec<Param>,
        mean: Param,
        scale: Param,
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.safetensors");
    let old = Old {
        layers: vec![Tensor::ones([1]).into()],
        mean: Tensor::ones([2]).into(),
        scale: Tensor::new(vec![1.0_f64], [1, 1]).into(),
    };
    save_parameters(&old, &path).unwrap();
    let mut model = parts(1);
    let expected = "load: the file does not fit the model
  file             {}
  layers.0.bias    missing   <- expected f32 [3]
  layers.0.weight  missing   <- expected f32 [2, 3]
  layers.1.bias    missing   <- expected f32 [1]
  layers.1.weight  missing   <- expected f32 [3, 1]
  scale            f64 [1, 1]   <- expected [3]
  layers.0         f32 [1]   <- not in the model";
    check_message(load_parameters(&mut model, &path), expected);
    assert!(is_equal(&model, &parts(1)));
}

#[test]
fn transposed_weights_are_recognized() {
    let file = parameters_to_bytes(&Param::new(Tensor::ones([3, 2]))).unwrap();
    let expected = "load: the file does not fit the model
    f32 [3, 2]   <- expected [2, 3]
  help: PyTorch keeps weights as [n_out, n_in]: transpose what `read_tensors` gives";
    check_message(parameters_from_bytes(&mut Param::new(Tensor::ones([2, 3])), &file), expected);
}

#[test]
fn a_long_list_is_cut() {
    let many: Vec<Param> = (0..100).map(|_| Tensor::ones([1]).into()).collect();
    let error =
        parameters_from_bytes(&mut Vec::<Param>::new(), &parameters_to_bytes(&many).unwrap()).unwrap_err();
    let message = error.to_string();
    assert_eq!(message.lines().count(), 1 + 16 + 1);
    assert!(message.ends_with("\n  …   and 84 more"), "{message}");
}

/// Calls all its parts by one name.
struct SameName(Vec<Param>, &'static str);

impl Module for SameName {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        self.0.iter().for_each(|param| visitor.param(&path.field(self.1), param));
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        self.0.iter_mut().for_each(|param| visitor.param(&path.field(self.1), param));
    }
}

#[test]
fn a_name_that_stands_twice_or_is_reserved_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    let param = || Param::new(Tensor::ones([1]));
    let mut twice = SameName(vec![param(), param()], "w");
    let expected = "two parts of the model have the same name\n  file  {}\n  name  w";
    check_message(save_parameters(&twice, &path), &format!("save: {expected}"));
    let reserved = SameName(vec![param()], "__metadata__");
    let expected_of_reserved =
        "save: a tensor has a name that safetensors keeps\n  file  {}\n  name  __metadata__";
    check_message(save_parameters(&reserved, &path), expected_of_reserved);
    assert!(!path.exists());

    save_parameters(&SameName(vec![param()], "w"), &path).unwrap();
    check_message(load_parameters(&mut twice, &path), &format!("load: {expected}"));
    assert_eq!(read_tensors(&path).unwrap().len(), 1);
}
