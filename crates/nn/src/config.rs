//! Layers from their configuration, which comes from files and may say anything.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use serde_json::{Value, json};
use wengert_tensor::{Mismatch, Shape};

use crate::Layer;
use crate::kinds::register_all;

/// What is wrong with a configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    message: String,
}

impl ConfigError {
    /// An error with a message that says what was given and what was expected.
    pub fn new(message: impl Into<String>) -> ConfigError {
        ConfigError { message: message.into() }
    }

    /// The same, saying where.
    pub(crate) fn within(self, place: &str) -> ConfigError {
        ConfigError { message: format!("{place}: {}", self.message) }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for ConfigError {
    /// The message, because this is what a program shows whose `main` returns the error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}

impl From<Mismatch> for ConfigError {
    fn from(mismatch: Mismatch) -> ConfigError {
        ConfigError::new(mismatch.to_string())
    }
}

type Builder = fn(&Value, &Shape, &Registry) -> Result<Box<dyn Layer>, ConfigError>;

/// The kinds of layers that a configuration may name.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Registry};
/// use wengert_tensor::Shape;
///
/// let mut registry = Registry::default();
/// registry.register("Doubling", |_config, _row, _registry| Ok(Box::new(Activation::Linear)));
/// let layer = registry.build("Doubling", &serde_json::json!({}), &Shape::from([3])).unwrap();
/// assert!(registry.build("Unknown", &serde_json::json!({}), &Shape::from([3])).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Registry {
    builders: BTreeMap<String, Builder>,
}

impl Default for Registry {
    /// All layers of this crate.
    fn default() -> Self {
        let mut registry = Registry { builders: BTreeMap::new() };
        register_all(&mut registry);
        registry
    }
}

impl Registry {
    /// Adds a kind of layer, under the name that its [`Layer::kind`] gives. The builder gets the configuration and
    /// the shape of one row of the input; the parameters are filled in afterwards. A layer that comes from files should
    /// implement [`Layer::output_shape`]: the default tries a row of zeros, however large the file says a row is.
    pub fn register(&mut self, kind: &str, builder: Builder) {
        self.builders.insert(kind.to_string(), builder);
    }

    /// The names of all kinds, in the order of the alphabet.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.builders.keys().map(String::as_str)
    }

    /// A layer from its kind and configuration, with parameters that are still to be filled in.
    ///
    /// # Errors
    /// If the kind is not known, or the configuration is not what its builder expects.
    pub fn build(&self, kind: &str, config: &Value, row: &Shape) -> Result<Box<dyn Layer>, ConfigError> {
        match self.builders.get(kind) {
            Some(builder) => builder(config, row, self),
            None => {
                let known = self.builders.keys().cloned().collect::<Vec<_>>().join(", ");
                Err(ConfigError::new(format!(
                    "there is no layer `{kind}`; see `Registry::register`; known are {known}"
                )))
            }
        }
    }
}

/// A layer within another, as [`nested_config`] described it.
pub(crate) fn nested(entry: &Value, row: &Shape, registry: &Registry) -> Result<Box<dyn Layer>, ConfigError> {
    let layer = registry.build(text(entry, "kind")?, &entry["config"], row)?;
    // Whether it takes the rows at all.
    layer.output_shape(row)?;
    Ok(layer)
}

/// The description of a layer within another; `None` if it has none.
pub(crate) fn nested_config(layer: &dyn Layer) -> Option<Value> {
    Some(json!({ "kind": layer.kind(), "config": layer.config()? }))
}

/// A text in a configuration.
pub(crate) fn text<'a>(config: &'a Value, key: &str) -> Result<&'a str, ConfigError> {
    config[key].as_str().ok_or_else(|| unexpected(config, key, "a text"))
}

/// A size in a configuration: a whole number from 1 to the most elements that a tensor may have.
pub(crate) fn size(config: &Value, key: &str) -> Result<usize, ConfigError> {
    let sizes = 1..=i32::MAX as u64;
    let size = config[key].as_u64().filter(|size| sizes.contains(size));
    size.map(|size| size as usize)
        .ok_or_else(|| unexpected(config, key, "a whole number from 1 to 2147483647"))
}

pub(crate) fn flag(config: &Value, key: &str) -> Result<bool, ConfigError> {
    config[key].as_bool().ok_or_else(|| unexpected(config, key, "true or false"))
}

/// A number in a configuration, within bounds.
pub(crate) fn number(config: &Value, key: &str, bounds: RangeInclusive<f64>) -> Result<f64, ConfigError> {
    config[key].as_f64().filter(|number| bounds.contains(number)).ok_or_else(|| {
        let (low, high) = bounds.into_inner();
        let high = if high == f64::MAX { "on".to_string() } else { format!("to {high}") };
        unexpected(config, key, &format!("a number from {low} {high}"))
    })
}

/// A whole number in a configuration, such as an axis, which may be negative.
pub(crate) fn integer(config: &Value, key: &str) -> Result<isize, ConfigError> {
    as_integer(&config[key]).ok_or_else(|| unexpected(config, key, "a whole number"))
}

/// Whole numbers in a configuration.
pub(crate) fn integers(config: &Value, key: &str) -> Result<Vec<isize>, ConfigError> {
    list(config, key, "a list of whole numbers", as_integer)
}

/// Sizes of at least 1 in a configuration.
pub(crate) fn sizes(config: &Value, key: &str) -> Result<Vec<usize>, ConfigError> {
    let size = |value: &Value| usize::try_from(as_integer(value)?).ok().filter(|&size| size > 0);
    list(config, key, "a list of whole numbers from 1 on", size)
}

/// Pairs of sizes in a configuration.
pub(crate) fn pairs(config: &Value, key: &str) -> Result<Vec<(usize, usize)>, ConfigError> {
    let pair = |value: &Value| match &value.as_array()?[..] {
        [first, second] => {
            Some((usize::try_from(as_integer(first)?).ok()?, usize::try_from(as_integer(second)?).ok()?))
        }
        _ => None,
    };
    list(config, key, "a list of pairs of sizes", pair)
}

/// What is no larger than the most elements that a tensor may have.
fn as_integer(value: &Value) -> Option<isize> {
    let number = value.as_i64().filter(|number| number.unsigned_abs() <= i32::MAX as u64)?;
    isize::try_from(number).ok()
}

fn list<T>(
    config: &Value,
    key: &str,
    expected: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<T>, ConfigError> {
    let items = config[key].as_array().and_then(|list| list.iter().map(read).collect());
    items.ok_or_else(|| unexpected(config, key, expected))
}

/// A shape in a configuration.
pub(crate) fn shape(config: &Value, key: &str) -> Result<Shape, ConfigError> {
    let expected = || unexpected(config, key, "a list of sizes");
    let sizes = config[key].as_array().ok_or_else(expected)?;
    let sizes: Option<Vec<usize>> = sizes.iter().map(|size| usize::try_from(size.as_u64()?).ok()).collect();
    Shape::try_new(&sizes.ok_or_else(expected)?).map_err(|mismatch| ConfigError::new(mismatch.to_string()))
}

/// That something is missing in a configuration, or is something else.
pub(crate) fn unexpected(config: &Value, key: &str, expected: &str) -> ConfigError {
    match config.get(key) {
        Some(value) => ConfigError::new(format!("`{key}` is {value}, expected {expected}")),
        None => ConfigError::new(format!("`{key}` is missing, expected {expected}")),
    }
}
