//! A model and the preparation of its rows in one file, and back.

use crate::support::{check_message, mlp};
use serde_json::{Value, json};
use wengert_data::{
    Categories, Csv, MinMaxScaler, Missing, Preparation, Prepare, Scaling, StandardScaler, Table,
};
use wengert_io::{IoErrorKind, Persist, Pipeline, load_scaler, write_whole};
use wengert_nn::{Dense, Layer, Sequential};
use wengert_tensor::DType;

fn table() -> Table {
    let text = "code,floor,flag,x,y\n01,3,true,0.1,no\n1b,1,false,,yes\n,3,true,0.7,no\n01,1,,1e-7,yes\n";
    Csv::new().parse(text).unwrap().cast(DType::F64)
}

fn pipeline(preparation: Preparation) -> Pipeline {
    let model = Sequential::new([preparation.width()]).seed(1).add(Dense::units(2).softmax());
    Pipeline::new(preparation, model)
}

/// All that there is to a preparation.
fn preparations() -> Vec<Preparation> {
    let all = table();
    let class = || Prepare::target("y").missing(Missing::Mean).categorical(&["floor"]);
    vec![
        class().fit(&all).unwrap(),
        class().scaling(Scaling::Standard).fit(&all).unwrap(),
        class().scaling(Scaling::MinMax).categories(Categories::Codes).fit(&all).unwrap(),
        Prepare::targets(["floor", "x"]).missing(Missing::Median).fit(&all.drop(&["y"]).unwrap()).unwrap(),
        Prepare::target("flag").drop(&["x", "code"]).fit(&all).unwrap(),
    ]
}

#[test]
fn what_was_saved_comes_back_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    for preparation in preparations() {
        let saved = pipeline(preparation).note("loss", "mean_squared_error").note("a", "");
        saved.save(&path).unwrap();
        let loaded = Pipeline::load(&path).unwrap();
        assert_eq!(loaded.preparation.columns(), saved.preparation.columns());
        assert_eq!(loaded.preparation.task(), saved.preparation.task());
        assert_eq!(loaded.notes, saved.notes);
        assert_eq!(loaded.to_bytes().unwrap(), std::fs::read(&path).unwrap());
        let table = loaded
            .preparation
            .csv(Csv::new())
            .parse("code,floor,flag,x,y\n01,3,true,,no\n,1,,2,yes\n")
            .unwrap();
        let table = loaded.preparation.complete(&table, false).unwrap().cast(DType::F64);
        let [x, expected] =
            [&loaded, &saved].map(|pipeline| pipeline.preparation.predictors(&table).unwrap());
        assert!(x.array().bit_eq(expected.array()));
        let [y, expected] = [&loaded, &saved].map(|pipeline| pipeline.model.forward(&x.cast(DType::F32)));
        assert!(y.array().bit_eq(expected.array()));
    }
}

#[test]
fn the_model_and_the_scaler_can_be_had_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let [_, standard, min_max, ..] = &preparations()[..] else { panic!("five preparations") };
    let saved = pipeline(standard.clone());
    saved.save(&path).unwrap();
    assert_eq!(Sequential::load(&path).unwrap().to_bytes().unwrap(), saved.model.to_bytes().unwrap());
    assert!(load_scaler::<StandardScaler>("predictors", &path).is_ok());
    pipeline(min_max.clone()).save(&path).unwrap();
    assert!(load_scaler::<MinMaxScaler>("predictors", &path).is_ok());
}

#[test]
fn a_model_without_a_preparation_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    mlp(1).save(&path).unwrap();
    check_message(
        Pipeline::load(&path),
        "load: the file holds a model without the preparation of its rows\n  file      {}\n  metadata  no preparation   <- \
         expected that of a pipeline\n  help: `Sequential::load` gives the model alone",
    );
}

/// The file of a pipeline whose metadata was changed.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let bytes = pipeline(preparations().remove(1)).to_bytes().unwrap();
    let n = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[8..8 + n]).unwrap();
    let mut document: Value =
        serde_json::from_str(header["__metadata__"]["wengert"].as_str().unwrap()).unwrap();
    change(&mut document);
    header["__metadata__"]["wengert"] = json!(document.to_string());
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &bytes[8 + n..]].concat()
}

#[test]
fn damaged_preparations_are_refused() {
    let at = |place: &str, row: &str| {
        format!("load: this is no valid safetensors file\n  metadata, preparation.{place}  {row}")
    };
    check_message(
        Pipeline::from_bytes(&changed(|document| document["preparation"] = json!([]))),
        &at("columns", "missing   <- expected a list"),
    );
    check_message(
        Pipeline::from_bytes(&changed(|document| {
            document["preparation"]["columns"][3] = json!({ "name": "x" })
        })),
        &at("columns", "{\"name\":\"x\"}   <- expected a name with its encoding"),
    );
    for (key, value) in
        [("encoding", json!("words")), ("fill", json!(1)), ("fill", json!("a lot")), ("name", json!(7))]
    {
        let bytes = changed(|document| document["preparation"]["columns"][3][key] = value);
        let error = Pipeline::from_bytes(&bytes).unwrap_err();
        assert!(error.to_string().ends_with("<- expected a name with its encoding"), "{error}");
    }
    check_message(
        Pipeline::from_bytes(&changed(|document| {
            document["preparation"]["task"]["kind"] = json!("clustering")
        })),
        &at(
            "task",
            "{\"classes\":[\"no\",\"yes\"],\"is_text\":true,\"kind\":\"clustering\",\"targets\":[\"y\"]}   <- expected a kind with its targets",
        ),
    );
    check_message(
        Pipeline::from_bytes(&changed(|document| {
            document["preparation"]["columns"][0]["categories"] = json!(["01", "01"])
        })),
        "load: no preparation can be built from what the file holds\n  preparation  prepare: a category stands twice column \
         code category 01",
    );
    check_message(
        Pipeline::from_bytes(&changed(|document| document["notes"] = json!(["a"]))),
        "load: this is no valid safetensors file\n  metadata, notes  [\"a\"]   <- expected names with a text each",
    );
    check_message(
        Pipeline::from_bytes(&changed(|document| document["scalers"] = json!({ "predictors": "robust" }))),
        "load: the scaler is of another kind\n  predictors  robust   <- expected standard",
    );
}

#[test]
fn a_model_of_other_rows_or_classes_is_refused() {
    let one_class_more =
        changed(|document| document["preparation"]["task"]["classes"] = json!(["a", "b", "c"]));
    let result = Pipeline::from_bytes(&one_class_more);
    assert_eq!(result.as_ref().unwrap_err().kind(), IoErrorKind::Fit);
    check_message(
        result,
        "load: the model gives other numbers than those of the targets\n  model  [2]   <- expected [3]",
    );
    let unscaled = changed(|document| {
        document["preparation"]["columns"].as_array_mut().unwrap().truncate(3);
        document["scalers"] = json!({});
    });
    // The tensors of the scaler are then none of anything.
    assert_eq!(Pipeline::from_bytes(&unscaled).unwrap_err().kind(), IoErrorKind::Fit);
}

#[test]
#[should_panic(
    expected = "pipeline: the model takes other rows than those of the preparation\n  model  [7]   <- expected [6]"
)]
fn a_model_of_other_rows_panics() {
    Pipeline::new(preparations().remove(0), Sequential::new([7]).add(Dense::units(2)));
}

#[test]
fn any_file_is_written_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    write_whole(&path, b"old").unwrap();
    write_whole(&path, b"new").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let error = write_whole(folder.path().join("nowhere/a.csv"), b"").unwrap_err();
    assert!(error.to_string().starts_with("save: the file cannot be written\n  file    "), "{error}");
}
