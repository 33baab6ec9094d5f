//! Our own part of a file's metadata, as JSON: what a model is beside its tensors.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use wengert_array::Mismatch;

use crate::json::check;
use crate::rules::{self, Rules};
use crate::{IoError, IoErrorKind};

/// What a file says of the model beside its tensors.
#[derive(Default)]
pub(crate) struct Document {
    pub(crate) generators: BTreeMap<String, (u64, u64)>,
    /// The kinds of the scalers that are saved beside a model, by name.
    pub(crate) scalers: BTreeMap<String, String>,
    /// How the rows of a model are made of a raw table; `preparation.rs` knows what stands there.
    pub(crate) preparation: Option<Value>,
    /// Texts of the user, by name.
    pub(crate) notes: BTreeMap<String, String>,
    /// Of a whole model.
    pub(crate) model: Option<Description>,
    /// Of a checkpoint of training.
    pub(crate) training: Option<Training>,
}

/// What is needed to go on training, beside tensors.
pub(crate) struct Training {
    /// The name of the optimizer.
    pub(crate) optimizer: String,
    pub(crate) n_epochs: u64,
}

/// What is needed to build a whole model.
pub(crate) struct Description {
    pub(crate) kind: String,
    pub(crate) config: Value,
    pub(crate) frozen: BTreeSet<String>,
    pub(crate) rules: BTreeMap<String, Rules>,
}

/// The version that is written, and the latest that can be read.
const FORMAT: u64 = 1;

/// The most bytes of the text. A parsed JSON text takes many times its own length, which a file must not decide.
const MOST_BYTES: usize = 4 << 20;

/// The depth at which `serde_json` stops by itself.
const MOST_LEVELS: usize = 127;

const PLACE: &str = "metadata";

impl Document {
    /// # Errors
    /// If it is longer than what would be read again, or a rule is a function.
    pub(crate) fn to_text(&self) -> Result<String, IoError> {
        let mut generators = Map::new();
        for (name, (key, position)) in &self.generators {
            generators.insert(name.clone(), json!([key, position]));
        }
        let mut object = json!({ "format": FORMAT, "generators": generators });
        if let Some(Description { kind, config, frozen, rules }) = &self.model {
            object["model"] = json!({ "kind": kind, "config": config });
            object["frozen"] = json!(frozen);
            if !rules.is_empty() {
                let refused = |problem| IoError::saving(IoErrorKind::Unsupported, problem);
                object["rules"] = rules::to_json(rules).map_err(refused)?;
            }
        }
        if let Some(Training { optimizer, n_epochs }) = &self.training {
            object["training"] = json!({ "optimizer": optimizer, "epochs": n_epochs });
        }
        if !self.scalers.is_empty() {
            object["scalers"] = object_of(&self.scalers);
        }
        if let Some(preparation) = &self.preparation {
            object["preparation"] = preparation.clone();
        }
        if !self.notes.is_empty() {
            object["notes"] = object_of(&self.notes);
        }
        let text = object.to_string();
        if text.len() <= MOST_BYTES {
            return Ok(text);
        }
        let problem = Mismatch::new("the configuration of the model is too long");
        let problem = problem
            .row(PLACE, format!("{} bytes", text.len()))
            .note(format!("expected at most {MOST_BYTES}"));
        Err(IoError::saving(IoErrorKind::Unsupported, problem))
    }

    pub(crate) fn parse(text: &str) -> Result<Document, IoError> {
        if text.len() > MOST_BYTES {
            let expected = format!("expected at most {MOST_BYTES}");
            return Err(IoError::malformed(PLACE, format!("{} bytes", text.len()), &expected));
        }
        check(text, PLACE, MOST_LEVELS)?;
        let object: Value = serde_json::from_str(text)
            .map_err(|error| IoError::malformed(PLACE, error, "expected a JSON object"))?;
        check_format(&object)?;
        let model = object.get("model").map(|model| description(model, &object)).transpose()?;
        let training = object.get("training").map(training).transpose()?;
        let generators = generators(&object["generators"])?;
        let scalers = texts("scalers", &object["scalers"], "expected names with a kind each")?;
        let notes = texts("notes", &object["notes"], "expected names with a text each")?;
        let preparation = object.get("preparation").cloned();
        Ok(Document { generators, scalers, preparation, notes, model, training })
    }
}

fn check_format(object: &Value) -> Result<(), IoError> {
    match object["format"].as_u64() {
        Some(FORMAT) => Ok(()),
        Some(later) if later > FORMAT => {
            let problem = Mismatch::new("the file was written by a later version of wengert");
            let problem = problem.row("format", later).note(format!("expected {FORMAT}"));
            Err(IoError::loading(IoErrorKind::Unsupported, problem))
        }
        _ => Err(unexpected("format", &object["format"], "expected 1")),
    }
}

fn description(model: &Value, object: &Value) -> Result<Description, IoError> {
    let kind =
        model["kind"].as_str().ok_or_else(|| unexpected("model.kind", &model["kind"], "expected a text"))?;
    let frozen = names(&object["frozen"])
        .ok_or_else(|| unexpected("frozen", &object["frozen"], "expected a list of names"))?;
    let rules = object.get("rules").map_or(Some(BTreeMap::new()), rules::from_json);
    let expected = "expected names with a `constraint` or `regularizer` each";
    let rules = rules.ok_or_else(|| unexpected("rules", &object["rules"], expected))?;
    Ok(Description { kind: kind.to_string(), config: model["config"].clone(), frozen, rules })
}

fn names(list: &Value) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for name in list.as_array()? {
        names.insert(name.as_str()?.to_string());
    }
    Some(names)
}

fn training(value: &Value) -> Result<Training, IoError> {
    let (optimizer, n_epochs) = (&value["optimizer"], &value["epochs"]);
    let name =
        optimizer.as_str().ok_or_else(|| unexpected("training.optimizer", optimizer, "expected a text"))?;
    let n_epochs =
        n_epochs.as_u64().ok_or_else(|| unexpected("training.epochs", n_epochs, "expected a count"))?;
    Ok(Training { optimizer: name.to_string(), n_epochs })
}

fn generators(value: &Value) -> Result<BTreeMap<String, (u64, u64)>, IoError> {
    let expected = "expected names with a key and a position each";
    let mut states = BTreeMap::new();
    for (name, state) in value.as_object().ok_or_else(|| unexpected("generators", value, expected))? {
        let state = generator(state).ok_or_else(|| unexpected("generators", value, expected))?;
        states.insert(name.clone(), state);
    }
    Ok(states)
}

fn texts(key: &str, value: &Value, expected: &str) -> Result<BTreeMap<String, String>, IoError> {
    let mut texts = BTreeMap::new();
    if value.is_null() {
        return Ok(texts);
    }
    for (name, text) in value.as_object().ok_or_else(|| unexpected(key, value, expected))? {
        let text = text.as_str().ok_or_else(|| unexpected(key, value, expected))?;
        texts.insert(name.clone(), text.to_string());
    }
    Ok(texts)
}

fn generator(state: &Value) -> Option<(u64, u64)> {
    let [key, position] = &state.as_array()?[..] else { return None };
    Some((key.as_u64()?, position.as_u64()?))
}

fn object_of(texts: &BTreeMap<String, String>) -> Value {
    let mut object = Map::new();
    for (name, text) in texts {
        object.insert(name.clone(), Value::from(text.as_str()));
    }
    Value::Object(object)
}

fn unexpected(key: &str, found: &Value, expected: &str) -> IoError {
    let found = if found.is_null() { "missing".to_string() } else { found.to_string() };
    IoError::malformed(&format!("{PLACE}, {key}"), found, expected)
}
