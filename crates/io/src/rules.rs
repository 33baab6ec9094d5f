//! Constraints and regularizers of parameters, as JSON. They come from files, and may say anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use wengert_array::Mismatch;
use wengert_tensor::module::NormBounds;
use wengert_tensor::{Constraint, Param, Regularizer};

/// The rules of one parameter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) constraint: Option<Constraint>,
    pub(crate) regularizer: Option<Regularizer>,
}

impl Rules {
    /// Those of a parameter, if it has any.
    pub(crate) fn of(param: &Param) -> Option<Rules> {
        let rules =
            Rules { constraint: param.constraint().cloned(), regularizer: param.regularizer().cloned() };
        (rules.constraint.is_some() || rules.regularizer.is_some()).then_some(rules)
    }

    /// The parameter with these rules, which must fit it.
    pub(crate) fn given_to(self, mut param: Param) -> Param {
        if let Some(constraint) = self.constraint {
            param = param.constrained(constraint);
        }
        if let Some(regularizer) = self.regularizer {
            param = param.regularized(regularizer);
        }
        param
    }
}

/// # Errors
/// If a rule is a function: the parameter is named.
pub(crate) fn to_json(rules: &BTreeMap<String, Rules>) -> Result<Value, Mismatch> {
    let mut object = Map::new();
    for (name, rules) in rules {
        let mut entry = Map::new();
        if let Some(constraint) = &rules.constraint {
            entry.insert("constraint".to_string(), constraint_to_json(constraint, name)?);
        }
        if let Some(regularizer) = &rules.regularizer {
            entry.insert("regularizer".to_string(), regularizer_to_json(regularizer, name)?);
        }
        object.insert(name.clone(), Value::Object(entry));
    }
    Ok(Value::Object(object))
}

/// The rules by the names of their parameters; nothing if they are not what [`to_json`] gives.
pub(crate) fn from_json(value: &Value) -> Option<BTreeMap<String, Rules>> {
    let mut rules = BTreeMap::new();
    for (name, entry) in value.as_object()? {
        rules.insert(name.clone(), rules_from_json(entry)?);
    }
    Some(rules)
}

fn constraint_to_json(constraint: &Constraint, name: &str) -> Result<Value, Mismatch> {
    match constraint {
        Constraint::NonNegative => Ok(json!({ "kind": "non_negative" })),
        Constraint::Norm(NormBounds { min, max, rate, axes, epsilon }) => Ok(json!({
            "kind": "norm", "min": min, "max": max, "rate": rate, "axes": axes, "epsilon": epsilon,
        })),
        Constraint::Custom(rule) => Err(function(name, rule.name())),
    }
}

fn regularizer_to_json(regularizer: &Regularizer, name: &str) -> Result<Value, Mismatch> {
    match regularizer {
        Regularizer::L1L2 { l1, l2 } => Ok(json!({ "kind": "l1_l2", "l1": l1, "l2": l2 })),
        Regularizer::Custom(rule) => Err(function(name, rule.name())),
    }
}

fn function(parameter: &str, rule: &str) -> Mismatch {
    Mismatch::new("a rule that is a function cannot be saved with the configuration")
        .row(parameter, rule)
        .help("`save_parameters` saves what any model has learned")
}

fn rules_from_json(entry: &Value) -> Option<Rules> {
    let is_known = |key: &String| key == "constraint" || key == "regularizer";
    if !entry.as_object()?.keys().all(is_known) {
        return None;
    }
    let constraint = entry.get("constraint").map(constraint_from_json);
    let regularizer = entry.get("regularizer").map(regularizer_from_json);
    // What stands there must be right; what does not need not.
    Some(Rules {
        constraint: constraint.map_or(Some(None), |rule| rule.map(Some))?,
        regularizer: regularizer.map_or(Some(None), |rule| rule.map(Some))?,
    })
}

fn constraint_from_json(value: &Value) -> Option<Constraint> {
    match value["kind"].as_str()? {
        "non_negative" => Some(Constraint::NonNegative),
        "norm" => {
            let axes: Option<Vec<isize>> =
                value["axes"].as_array()?.iter().map(|axis| isize::try_from(axis.as_i64()?).ok()).collect();
            let [min, max, rate, epsilon] = ["min", "max", "rate", "epsilon"].map(|key| size(&value[key]));
            let bounds = NormBounds { min: min?, max: max?, rate: rate?, axes: axes?, epsilon: epsilon? };
            (bounds.min <= bounds.max && bounds.rate <= 1.0).then_some(Constraint::Norm(bounds))
        }
        _ => None,
    }
}

fn regularizer_from_json(value: &Value) -> Option<Regularizer> {
    match value["kind"].as_str()? {
        "l1_l2" => Some(Regularizer::L1L2 { l1: size(&value["l1"])?, l2: size(&value["l2"])? }),
        _ => None,
    }
}

/// A finite number of at least 0.
fn size(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| number.is_finite() && *number >= 0.0)
}
