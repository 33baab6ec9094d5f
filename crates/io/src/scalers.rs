//! Scalers in the file of a model: under names of their own beside its tensors.

use std::collections::BTreeMap;
use std::path::Path;

use wengert_array::{Mismatch, shown};
use wengert_data::Scaler;
use wengert_tensor::module::{self, Visitor};
use wengert_tensor::{Buffer, Param, Shape, Tensor};

use crate::container::{self, Contents};
use crate::document::Document;
use crate::fit::{self, Filling, Rule};
use crate::inventory::Inventory;
use crate::{IoError, IoErrorKind};

type Tensors = BTreeMap<String, Tensor>;

/// The scaler that [`save_with_scalers`](crate::save_with_scalers) wrote under this name.
///
/// # Errors
/// If the file cannot be read, or holds no scaler of this name and kind.
///
/// # Examples
/// See [`save_with_scalers`](crate::save_with_scalers).
pub fn load_scaler<S: Scaler>(name: &str, path: impl AsRef<Path>) -> Result<S, IoError> {
    let path = path.as_ref();
    build(name, container::read_file(path)?).map_err(|error| error.of(path))
}

/// What [`load_scaler`] does, from bytes, such as those of a file that the program contains.
///
/// # Errors
/// As for [`load_scaler`].
pub fn scaler_from_bytes<S: Scaler>(name: &str, bytes: &[u8]) -> Result<S, IoError> {
    build(name, container::from_bytes(bytes)?)
}

/// Puts the tensors of scalers beside those of a model, and gives their kinds by name.
pub(crate) fn insert(
    scalers: &[(&str, &dyn Scaler)],
    tensors: &mut Tensors,
) -> Result<BTreeMap<String, String>, Mismatch> {
    let mut kinds = BTreeMap::new();
    for (name, scaler) in scalers {
        let start = prefix(name);
        if let Some(taken) = tensors.keys().find(|tensor| tensor.starts_with(&start)) {
            return Err(Mismatch::new("a scaler has a name that is taken").row("name", taken));
        }
        for (part, tensor) in Inventory::of(*scaler)?.tensors {
            tensors.insert(format!("{start}{part}"), tensor);
        }
        kinds.insert(name.to_string(), scaler.kind().to_string());
    }
    Ok(kinds)
}

/// The tensors of the model alone.
pub(crate) fn without(tensors: Tensors, document: &Document) -> Tensors {
    let starts: Vec<String> = document.scalers.keys().map(|name| prefix(name)).collect();
    let mut rest = Tensors::new();
    for (name, tensor) in tensors {
        if !starts.iter().any(|start| name.starts_with(start)) {
            rest.insert(name, tensor);
        }
    }
    rest
}

fn prefix(name: &str) -> String {
    format!("scaler.{name}.")
}

pub(crate) fn build<S: Scaler>(name: &str, contents: Contents) -> Result<S, IoError> {
    let (row, tensors) = part(name, contents, &S::identity(Shape::from([])))?;
    let mut scaler = S::identity(row);
    fit::fill(&mut scaler, Filling { tensors, generators: BTreeMap::new(), rule: Rule::Built })?;
    Ok(scaler)
}

/// The tensors of a scaler of the kind of `any`, and the shape of the rows that it takes.
fn part(
    name: &str,
    Contents { tensors, document }: Contents,
    any: &dyn Scaler,
) -> Result<(Shape, Tensors), IoError> {
    let document = document.map(|text| Document::parse(&text)).transpose()?.unwrap_or_default();
    check_kind(name, any.kind(), &document)?;
    let start = prefix(name);
    let mut own = Tensors::new();
    for (tensor, value) in tensors {
        if let Some(part) = tensor.strip_prefix(&start) {
            own.insert(part.to_string(), value);
        }
    }
    // Of what shape a scaler is can be seen at the first of its tensors.
    let mut first = First(None);
    any.visit(&module::Path::root(), &mut first);
    let row = first.0.and_then(|first| own.get(&first)).map_or(Shape::from([]), |tensor| *tensor.shape());
    Ok((row, own))
}

fn check_kind(name: &str, expected: &str, document: &Document) -> Result<(), IoError> {
    let problem = match document.scalers.get(name) {
        Some(kind) if kind == expected => return Ok(()),
        Some(kind) => {
            let problem = Mismatch::new("the scaler is of another kind").row(shown(name), shown(kind));
            problem.note(format!("expected {expected}"))
        }
        None => {
            let names: Vec<String> = document.scalers.keys().map(|name| shown(name)).collect();
            let found = if names.is_empty() { "none".to_string() } else { names.join(", ") };
            let problem = Mismatch::new("the file holds no scaler of this name").row("scalers", found);
            problem.note(format!("expected {}", shown(name)))
        }
    };
    Err(IoError::loading(IoErrorKind::Fit, problem))
}

/// The name of the first buffer.
struct First(Option<String>);

impl<'m> Visitor<'m> for First {
    fn param(&mut self, _: &module::Path<'_>, _: &'m Param) {}

    fn buffer(&mut self, path: &module::Path<'_>, _: &'m Buffer) {
        self.0.get_or_insert_with(|| path.to_string());
    }
}
