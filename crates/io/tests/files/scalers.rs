//! Scalers in the file of a model, and back.

use crate::support::{check_message, file_with_document, mlp};
use wengert_data::{MinMaxScaler, Scaler, StandardScaler};
use wengert_io::{
    IoErrorKind, Persist, load_parameters, load_scaler, parameters_from_bytes, parameters_to_bytes,
    save_with_scalers, scaler_from_bytes,
};
use wengert_nn::{Dense, Sequential};
use wengert_tensor::{DType, Module, Rng, Shape, Tensor};

fn rows() -> Tensor {
    Tensor::randn([5, 4], &mut Rng::seed(2)).cast(DType::F64)
}

#[test]
fn a_model_and_its_scalers_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let (x, y) = (rows(), Tensor::arange(5));
    let x_scaler = StandardScaler::fit(&x).unwrap();
    let y_scaler = MinMaxScaler::fit_to(&y, -2.0, 3.0).unwrap();
    save_with_scalers(&mlp(1), &[("predictors", &x_scaler), ("target", &y_scaler)], &path).unwrap();

    assert_eq!(Sequential::load(&path).unwrap().to_bytes().unwrap(), mlp(1).to_bytes().unwrap());
    let mut other = mlp(2);
    load_parameters(&mut other, &path).unwrap();
    assert_eq!(other.to_bytes().unwrap(), mlp(1).to_bytes().unwrap());

    let loaded: StandardScaler = load_scaler("predictors", &path).unwrap();
    assert!(loaded.transform(&x).array().bit_eq(x_scaler.transform(&x).array()));
    assert_eq!(loaded.constant(), x_scaler.constant());
    let bytes = std::fs::read(&path).unwrap();
    let loaded: MinMaxScaler = scaler_from_bytes("target", &bytes).unwrap();
    assert!(loaded.inverse_transform(&y).array().bit_eq(y_scaler.inverse_transform(&y).array()));
}

#[test]
fn a_scaler_in_a_struct_is_saved_with_the_parameters() {
    #[derive(Module, Clone, Debug)]
    struct Wages {
        scaler: StandardScaler,
        layer: Dense,
    }
    let x = rows();
    let saved =
        Wages { scaler: StandardScaler::fit(&x).unwrap(), layer: Dense::new(4, 1, &mut Rng::seed(1)) };
    let mut loaded = Wages {
        scaler: StandardScaler::identity(Shape::from([4])),
        layer: Dense::new(4, 1, &mut Rng::seed(2)),
    };
    parameters_from_bytes(&mut loaded, &parameters_to_bytes(&saved).unwrap()).unwrap();
    assert!(loaded.scaler.transform(&x).array().bit_eq(saved.scaler.transform(&x).array()));
    assert!(loaded.layer.weight.array().bit_eq(saved.layer.weight.array()));
}

#[test]
fn a_scaler_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let scaler = StandardScaler::fit(&rows()).unwrap();
    save_with_scalers(&mlp(1), &[("predictors", &scaler)], &path).unwrap();
    check_message(
        load_scaler::<StandardScaler>("target", &path),
        "load: the file holds no scaler of this name\n  file     {}\n  scalers  predictors   <- expected target",
    );
    check_message(
        load_scaler::<MinMaxScaler>("predictors", &path),
        "load: the scaler is of another kind\n  file        {}\n  predictors  standard   <- expected min_max",
    );
    mlp(1).save(&path).unwrap();
    let error = load_scaler::<StandardScaler>("predictors", &path).unwrap_err();
    assert_eq!(error.kind(), IoErrorKind::Fit);
    check_message::<()>(
        Err(error),
        "load: the file holds no scaler of this name\n  file     {}\n  scalers  none   <- expected predictors",
    );
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let scaler = StandardScaler::fit(&rows()).unwrap();
    let result = save_with_scalers(&mlp(1), &[("x", &scaler), ("x", &scaler)], &path);
    check_message(result, "save: a scaler has a name that is taken\n  file  {}\n  name  scaler.x.mean");
    assert!(!path.exists());
}

#[test]
fn damaged_scalers_are_refused() {
    let document = |scalers: &str| {
        file_with_document(&format!(r#"{{"format":1,"generators":{{}},"scalers":{scalers}}}"#))
    };
    check_message(
        scaler_from_bytes::<StandardScaler>("x", &document("[1]")),
        "load: this is no valid safetensors file\n  metadata, scalers  [1]   <- expected names with a kind each",
    );
    check_message(
        scaler_from_bytes::<StandardScaler>("x", &document(r#"{"x":"standard"}"#)),
        "load: the file does not fit the model\n  mean  missing   <- expected f64 []\n  std   missing   <- expected f64 []",
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    save_with_scalers(&mlp(1), &[("x", &StandardScaler::fit(&rows()).unwrap())], &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for length in 0..bytes.len() {
        assert!(
            scaler_from_bytes::<StandardScaler>("x", &bytes[..length]).is_err(),
            "cut after {length} bytes"
        );
    }
}
