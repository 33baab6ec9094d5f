//! The preparation of a table as JSON, and back. Its scaler stands among the tensors.

use serde_json::{Map, Value, json};
use wengert_data::{Encoding, FittedScaler, Predictor, Preparation, Task};

use crate::{IoError, IoErrorKind};

/// What stands for missing cells is written as a text, because not every reader of JSON keeps all digits of a number.
pub(crate) fn to_json(preparation: &Preparation) -> Value {
    let columns: Vec<Value> = preparation.columns().iter().map(column_to_json).collect();
    let task = match preparation.task() {
        Task::Regression { targets } => json!({ "kind": "regression", "targets": targets }),
        Task::Classification { target, classes, is_text } => {
            json!({ "kind": "classification", "targets": [target], "classes": classes, "is_text": is_text })
        }
    };
    json!({ "columns": columns, "task": task })
}

fn column_to_json(column: &Predictor) -> Value {
    let categories = |kind: &str, categories: &[String], fill: &Option<String>, is_text: bool| json!({ "name": column.name, "encoding": kind, "categories": categories, "fill": fill, "is_text": is_text });
    match &column.encoding {
        Encoding::Number { fill } => {
            let fill = fill.map(|number| format!("{number:?}"));
            json!({ "name": column.name, "encoding": "number", "fill": fill })
        }
        Encoding::OneHot { categories: all, fill, is_text } => categories("one_hot", all, fill, *is_text),
        Encoding::Codes { categories: all, fill, is_text } => categories("codes", all, fill, *is_text),
    }
}

/// # Errors
/// If it is not what [`to_json`] writes, or the parts do not fit.
pub(crate) fn from_json(value: &Value, scaler: Option<FittedScaler>) -> Result<Preparation, IoError> {
    let columns = value["columns"].as_array().ok_or_else(|| unexpected("columns", value, "a list"))?;
    let columns = columns
        .iter()
        .map(|entry| column(entry).ok_or_else(|| malformed("columns", entry, "a name with its encoding")));
    let task = task(&value["task"]).ok_or_else(|| unexpected("task", value, "a kind with its targets"))?;
    Preparation::new(columns.collect::<Result<_, _>>()?, task, scaler).map_err(|error| {
        let reason = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        let problem = wengert_array::Mismatch::new("no preparation can be built from what the file holds");
        IoError::loading(
            IoErrorKind::Configuration,
            problem.row("preparation", wengert_array::shown(&reason)),
        )
    })
}

fn column(entry: &Value) -> Option<Predictor> {
    let entry = entry.as_object()?;
    let fill = entry.get("fill").filter(|fill| !fill.is_null());
    let fill = fill.map_or(Some(None), |fill| Some(Some(fill.as_str()?.to_string())))?;
    let encoding = match entry.get("encoding")?.as_str()? {
        "number" => {
            Encoding::Number { fill: fill.map_or(Some(None), |fill| Some(Some(fill.parse().ok()?)))? }
        }
        "one_hot" => {
            Encoding::OneHot { categories: texts(entry, "categories")?, fill, is_text: flag(entry)? }
        }
        "codes" => Encoding::Codes { categories: texts(entry, "categories")?, fill, is_text: flag(entry)? },
        _ => return None,
    };
    Some(Predictor { name: entry.get("name")?.as_str()?.to_string(), encoding })
}

fn task(value: &Value) -> Option<Task> {
    let entry = value.as_object()?;
    let mut targets = texts(entry, "targets")?;
    match (entry.get("kind")?.as_str()?, targets.len()) {
        ("regression", _) => Some(Task::Regression { targets }),
        ("classification", 1) => {
            let (classes, is_text) = (texts(entry, "classes")?, flag(entry)?);
            Some(Task::Classification { target: targets.remove(0), classes, is_text })
        }
        _ => None,
    }
}

fn texts(entry: &Map<String, Value>, key: &str) -> Option<Vec<String>> {
    entry.get(key)?.as_array()?.iter().map(|text| Some(text.as_str()?.to_string())).collect()
}

fn flag(entry: &Map<String, Value>) -> Option<bool> {
    entry.get("is_text")?.as_bool()
}

fn unexpected(key: &str, object: &Value, expected: &str) -> IoError {
    malformed(key, &object[key], expected)
}

fn malformed(key: &str, found: &Value, expected: &str) -> IoError {
    let found = if found.is_null() { "missing".to_string() } else { found.to_string() };
    IoError::malformed(&format!("metadata, preparation.{key}"), found, &format!("expected {expected}"))
}
