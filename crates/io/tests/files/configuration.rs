//! Configurations that make no model, and metadata that is not ours.

use crate::support::{check_message, file, file_with_config, file_with_document, mlp};
use serde_json::{Value, json};
use wengert_io::{IoErrorKind, Persist, parameters_from_bytes, read_tensors};
use wengert_nn::Sequential;

fn dense(config: Value) -> Value {
    json!({ "input": [3], "layers": [{ "name": "dense", "kind": "Dense", "config": config }] })
}

#[track_caller]
fn check(config: &Value, expected: &str) {
    let title = "load: no model can be built from the configuration in the file\n  model  ";
    check_message(Sequential::from_bytes(&file_with_config(config)), &format!("{title}{expected}"));
}

#[test]
fn a_configuration_that_makes_no_model_is_refused() {
    let units = |units: Value| dense(json!({ "units": units, "activation": "relu", "bias": true }));
    let sizes = "a whole number from 1 to 2147483647";
    for number in
        [json!(1_u64 << 40), json!(0), json!(-1), json!(1.5), json!("3"), json!(null), json!(u64::MAX)]
    {
        check(&units(number.clone()), &format!("layer 0: `units` is {number}, expected {sizes}"));
    }
    check(
        &dense(json!({ "units": 2, "activation": "rm -rf", "bias": true })),
        "layer 0: `activation` is `rm -rf`, expected one of linear, relu, relu6, relu_squared, leaky_relu, threshold, elu, \
         selu, celu, silu, gelu, gelu_tanh, mish, glu, sigmoid, log_sigmoid, softplus, softsign…",
    );
    for (config, expected) in [
        (json!({ "activation": "relu", "bias": true }), format!("`units` is missing, expected {sizes}")),
        (json!({ "units": 2, "bias": true }), "`activation` is missing, expected a text".to_string()),
        (
            json!({ "units": 2, "activation": "relu" }),
            "`bias` is missing, expected true or false".to_string(),
        ),
        (json!([1]), format!("`units` is missing, expected {sizes}")),
    ] {
        check(&dense(config), &format!("layer 0: {expected}"));
    }
    for (config, expected) in [
        (json!(null), "`input` is missing, expected a list of sizes"),
        (json!({ "input": [1, -2], "layers": [] }), "`input` is [1,-2], expected a list of sizes"),
        (json!({ "input": [3] }), "`layers` is missing, expected a list"),
        (json!({ "input": [3], "layers": [7] }), "layer 0: `name` is missing, expected a text"),
        (json!({ "input": [3], "layers": [{ "name": "a" }] }), "layer 0: `kind` is missing, expected a text"),
    ] {
        check(&config, expected);
    }
}

#[test]
fn sizes_that_only_overflow_together_are_refused() {
    let wide = |input: Value| {
        let config = json!({ "units": i32::MAX, "activation": "relu", "bias": false });
        json!({ "input": input, "layers": [{ "name": "dense", "kind": "Dense", "config": config }] })
    };
    let bound = "<- expected at most 2147483647 elements";
    for (input, shape) in [(json!([2]), "[2, 2147483647]"), (json!([65536, 1]), "[65536, 2147483647]")] {
        check(&wide(input), &format!("layer 0: too many elements shape {shape} {bound}"));
    }
}

#[test]
fn a_layer_may_be_larger_than_memory_as_long_as_its_parameters_are_missing() {
    let config = json!({ "units": i32::MAX, "activation": "relu", "bias": true });
    let config = json!({ "input": [1], "layers": [{ "name": "huge", "kind": "Dense", "config": config }] });
    let expected = "load: the file does not fit the model
  huge.bias    missing   <- expected f32 [2147483647]
  huge.weight  missing   <- expected f32 [1, 2147483647]";
    check_message(Sequential::from_bytes(&file_with_config(&config)), expected);
}

#[test]
fn names_that_collide_are_refused() {
    let layer =
        json!({ "name": "b", "kind": "Dense", "config": { "units": 1, "activation": "relu", "bias": true } });
    let inner = json!({ "input": [3], "layers": [layer.clone()] });
    let mut outer = layer.clone();
    outer["name"] = json!("a.b");
    let config =
        json!({ "input": [3], "layers": [{ "name": "a", "kind": "Sequential", "config": inner }, outer] });
    let config_of_outer_input = config.to_string().replacen("\"units\":1", "\"units\":3", 1);
    let config: Value = serde_json::from_str(&config_of_outer_input).unwrap();
    let expected = "load: two parts of the model have the same name\n  name  a.b.weight";
    check_message(Sequential::from_bytes(&file_with_config(&config)), expected);
    check(
        &json!({ "input": [3], "layers": [layer, { "name": "b", "kind": "Dense", "config": {} }] }),
        "layer 1: the name `b` is given to two layers",
    );
}

#[test]
fn metadata_that_is_not_ours_is_refused() {
    let malformed = "load: this is no valid safetensors file\n  ";
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (text, row) in [
        ("", "metadata  EOF while parsing a value at line 1 column 0   <- expected a JSON object"),
        ("{\"format\":NaN}", "metadata  expected value at line 1 column 11   <- expected a JSON object"),
        (&deep, "metadata  more than 127 levels of brackets   <- expected at most 127"),
        (r#"{"format":1,"format":1}"#, "metadata  `format` stands twice   <- expected each name once"),
        ("[]", "metadata, format  missing   <- expected 1"),
        (r#"{"format":"1"}"#, "metadata, format  \"1\"   <- expected 1"),
        (r#"{"format":0}"#, "metadata, format  0   <- expected 1"),
        (
            r#"{"format":1,"generators":{"a":[1,-2]}}"#,
            "metadata, generators  {\"a\":[1,-2]}   <- expected names with a key and a position each",
        ),
        (
            r#"{"format":1}"#,
            "metadata, generators  missing   <- expected names with a key and a position each",
        ),
    ] {
        let bytes = file_with_document(text);
        check_message(Sequential::from_bytes(&bytes), &format!("{malformed}{row}"));
        check_message(parameters_from_bytes(&mut mlp(1), &bytes), &format!("{malformed}{row}"));
    }
    for (model, row) in [
        (r#""model":7,"frozen":[]"#, "metadata, model.kind  missing   <- expected a text"),
        (
            r#""model":{"kind":"Graph","config":{}},"frozen":[]"#,
            "metadata, model.kind  Graph   <- expected Sequential",
        ),
        (
            r#""model":{"kind":"Sequential"},"frozen":[1]"#,
            "metadata, frozen  [1]   <- expected a list of names",
        ),
        (r#""model":{"kind":"Sequential"}"#, "metadata, frozen  missing   <- expected a list of names"),
    ] {
        let bytes = file_with_document(&format!(r#"{{"format":1,"generators":{{}},{model}}}"#));
        check_message(Sequential::from_bytes(&bytes), &format!("{malformed}{row}"));
    }
    let later = "load: the file was written by a later version of wengert\n  format  2   <- expected 1";
    check_message(Sequential::from_bytes(&file_with_document(r#"{"format":2,"new":[]}"#)), later);
}

#[test]
fn what_the_metadata_names_must_exist() {
    let text = r#"{"format":1,"generators":{"noise":[1,2]},"frozen":["w"],
                   "model":{"kind":"Sequential","config":{"input":[3],"layers":[]}}}"#;
    let expected = "load: the file does not fit the model
  w      frozen   <- not in the model
  noise  a generator   <- not in the model";
    check_message(Sequential::from_bytes(&file_with_document(text)), expected);
}

#[test]
fn long_metadata_is_refused() {
    let text = format!("{{\"format\":1,\"x\":\"{}\"}}", "x".repeat(4 << 20));
    let error = Sequential::from_bytes(&file_with_document(&text)).unwrap_err();
    assert_eq!(error.kind(), IoErrorKind::Format);
    let expected =
        "load: this is no valid safetensors file\n  metadata  4194323 bytes   <- expected at most 4194304";
    check_message::<()>(Err(error), expected);
}

#[test]
fn a_configuration_changed_anywhere_never_panics() {
    let hostile = [
        json!(null),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!("x"),
        json!([]),
        json!([[]]),
        json!({}),
    ];
    let config = wengert_nn::Layer::config(&mlp(1)).unwrap();
    assert!(Sequential::from_bytes(&mlp_with_config(&config)).is_ok());
    let mut pointers = Vec::new();
    collect_pointers(&config, String::new(), &mut pointers);
    assert!(pointers.len() > 10, "{pointers:?}");
    for pointer in pointers {
        for value in &hostile {
            let mut config = config.clone();
            *config.pointer_mut(&pointer).unwrap() = value.clone();
            let error = Sequential::from_bytes(&mlp_with_config(&config)).unwrap_err();
            let is_explained = matches!(error.kind(), IoErrorKind::Configuration | IoErrorKind::Fit);
            assert!(is_explained, "{pointer} = {value}: {error}");
        }
    }
}

/// The file of a model with another configuration in it.
fn mlp_with_config(config: &Value) -> Vec<u8> {
    let bytes = mlp(1).to_bytes().unwrap();
    let (length, rest) = bytes.split_at(8);
    let (header, data) = rest.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
    let mut header: Value = serde_json::from_slice(header).unwrap();
    let mut document: Value =
        serde_json::from_str(header["__metadata__"]["wengert"].as_str().unwrap()).unwrap();
    document["model"]["config"] = config.clone();
    header["__metadata__"]["wengert"] = json!(document.to_string());
    file(&header.to_string(), data)
}

fn collect_pointers(value: &Value, at: String, all: &mut Vec<String>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (key, part) in parts {
        collect_pointers(part, format!("{at}/{key}"), all);
    }
    all.push(at);
}

#[test]
fn metadata_of_other_programs_does_not_matter_to_their_tensors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    std::fs::write(&path, file_with_document("not ours")).unwrap();
    assert!(read_tensors(&path).unwrap().is_empty());
}
