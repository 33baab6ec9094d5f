//! Constraints, regularizers and what is frozen, to a file and back.

use crate::support::{check_message, mlp};
use serde_json::{Value, json};
use wengert_io::{IoErrorKind, Persist, load_parameters, save_parameters};
use wengert_nn::{BatchNorm, Dense, Sequential};
use wengert_tensor::{Constraint, Module, Param, Regularizer};

fn with_rules() -> Sequential {
    let hidden = Dense::units(3)
        .weight_constraint(Constraint::min_max_norm(0.5, 1.0).rate(0.25).axes([0, 1]).keras_exact())
        .weight_regularizer(Regularizer::l1_l2(0.125, 0.25))
        .bias_constraint(Constraint::non_negative());
    Sequential::new([4]).add(hidden).add(BatchNorm::axis(-1)).add(Dense::units(2))
}

fn rules_of(model: &Sequential) -> Vec<String> {
    let describe = |(name, param): (String, &Param)| {
        format!("{name} {:?} {:?} {}", param.constraint(), param.regularizer(), param.is_trainable())
    };
    model.parameters().into_iter().map(describe).collect()
}

#[test]
fn rules_come_back() {
    let model = with_rules();
    let bytes = model.to_bytes().unwrap();
    let loaded = Sequential::from_bytes(&bytes).unwrap();
    assert_eq!(rules_of(&loaded), rules_of(&model));
    assert_eq!(loaded.to_bytes().unwrap(), bytes);
    assert!(rules_of(&loaded)[0].contains("max: 1.0, rate: 0.25, axes: [0, 1], epsilon: 1e-7"));
    assert!(rules_of(&loaded)[0].contains("L1L2 { l1: 0.125, l2: 0.25 }"));
    assert!(rules_of(&loaded)[1].contains("Some(NonNegative)"));
}

#[test]
fn what_is_frozen_comes_back_frozen_state_too() {
    let mut model = with_rules();
    model.layer_mut("dense").freeze();
    model.layer_mut("batch_norm").freeze();
    let loaded = Sequential::from_bytes(&model.to_bytes().unwrap()).unwrap();
    assert_eq!(rules_of(&loaded), rules_of(&model));
    assert_eq!(loaded.count_trainable(), 8);
    let text = String::from_utf8_lossy(&model.to_bytes().unwrap()).into_owned();
    let names = r#"\"batch_norm.offset\",\"batch_norm.running_mean\",\"batch_norm.running_variance\""#;
    assert!(text.contains(names), "{text}");
    assert_eq!(loaded.to_bytes().unwrap(), model.to_bytes().unwrap());
}

#[test]
fn parameters_that_are_loaded_alone_keep_the_rules_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut model = with_rules();
    model.layer_mut("batch_norm").freeze();
    let before = rules_of(&model);
    save_parameters(&with_rules(), &path).unwrap();
    load_parameters(&mut model, &path).unwrap();
    assert_eq!(rules_of(&model), before);
}

#[test]
fn a_rule_that_is_a_function_is_named() {
    let constraint = Constraint::custom("clip", |w| w.clamp(-1.0, 1.0));
    let model = Sequential::new([4]).add(Dense::units(3).weight_constraint(constraint));
    let expected = "save: a rule that is a function cannot be saved with the configuration
  dense.weight  clip
  help: `save_parameters` saves what any model has learned";
    check_message(model.to_bytes(), expected);
    let regularizer = Regularizer::custom("cubes", |w| w.powi(3).sum());
    let model = Sequential::new([4]).add(Dense::units(3).bias_regularizer(regularizer));
    assert_eq!(model.to_bytes().unwrap_err().kind(), IoErrorKind::Unsupported);
}

/// The file of a model whose rules say something else.
fn file_with_rules(rules: &Value) -> Vec<u8> {
    let model = mlp(1);
    let config = wengert_nn::Layer::config(&model).unwrap();
    let document = json!({ "format": 1, "generators": {}, "frozen": [], "rules": rules,
        "model": { "kind": "Sequential", "config": config } });
    let mut data = Vec::new();
    let mut header = json!({ "__metadata__": { "wengert": document.to_string() } });
    for (name, param) in model.parameters() {
        let start = data.len();
        data.extend(param.to_vec::<f32>().iter().flat_map(|number| number.to_le_bytes()));
        header[name] =
            json!({ "dtype": "F32", "shape": param.shape().to_vec(), "data_offsets": [start, data.len()] });
    }
    crate::support::file(&header.to_string(), &data)
}

#[test]
fn rules_that_are_none_are_refused() {
    let norm = |key: &str, value: Value| {
        let mut norm = json!({ "kind": "norm", "min": 0, "max": 1, "rate": 1, "axes": [0], "epsilon": 0 });
        norm[key] = value;
        json!({ "dense.weight": { "constraint": norm } })
    };
    assert!(Sequential::from_bytes(&file_with_rules(&norm("max", json!(2)))).is_ok());
    let mut cases = vec![
        json!(7),
        json!({ "dense.weight": [] }),
        json!({ "dense.weight": { "constraint": null } }),
        json!({ "dense.weight": { "constraints": 7 } }),
        json!({ "dense.weight": { "constraint": { "kind": "clip" } } }),
        json!({ "dense.weight": { "regularizer": { "kind": "l1_l2", "l1": -1, "l2": 0 } } }),
        json!({ "dense.weight": { "regularizer": { "kind": "l1_l2", "l1": 1 } } }),
        json!({ "dense.weight": { "regularizer": { "kind": "norm" } } }),
    ];
    cases.extend([
        norm("min", json!(2)),
        norm("max", json!("1")),
        norm("rate", json!(1.5)),
        norm("epsilon", json!(-1)),
        norm("axes", json!(0)),
        norm("axes", json!([0.5])),
    ]);
    for rules in cases {
        let expected = format!(
            "load: this is no valid safetensors file\n  metadata, rules  {rules}   <- expected names with a \
             `constraint` or `regularizer` each"
        );
        check_message(Sequential::from_bytes(&file_with_rules(&rules)), &expected);
    }
}

#[test]
fn rules_that_do_not_fit_the_model_are_listed() {
    let norm = |axes: &[i64]| {
        let norm = json!({ "kind": "norm", "min": 0, "max": 1, "rate": 1, "axes": axes, "epsilon": 0 });
        json!({ "constraint": norm })
    };
    let rules =
        json!({ "dense.weight": norm(&[0, -2]), "dense.bias": norm(&[i64::MIN]), "other": norm(&[]) });
    let expected = "load: the file does not fit the model
  dense.bias    axis -9223372036854775808 of the norms does not exist   <- the parameter is [5]
  dense.weight  axis -2 of the norms is named twice   <- the parameter is [4, 5]
  other         rules   <- no parameter of the model";
    check_message(Sequential::from_bytes(&file_with_rules(&rules)), expected);
}
