//! A whole model with its configuration, which comes back without the program that built it.

use std::path::Path;

use wengert_array::{Mismatch, shown};
use wengert_data::Scaler;
use wengert_nn::{ConfigError, Layer, Registry, Sequential};

use crate::container::{self, Contents};
use crate::document::{Description, Document};
use crate::fit::{self, Filling, Rule};
use crate::inventory::Inventory;
use crate::{IoError, IoErrorKind, scalers, tensors};

/// Writes a model with its configuration, parameters and state to a safetensors file.
///
/// An existing file is replaced when the new one is complete, and keeps its permissions. The name must end in
/// `.safetensors`.
///
/// # Errors
/// If a layer has no configuration, which is named before anything is written, a parameter's constraint or regularizer is
/// a function, or the file cannot be written.
pub fn save(model: &Sequential, path: impl AsRef<Path>) -> Result<(), IoError> {
    save_with_scalers(model, &[], path)
}

/// Writes a model and, under names of your choice, the scalers of its inputs and targets.
///
/// [`load`] gives the model and [`load_scaler`](crate::load_scaler) a scaler.
///
/// # Errors
/// As for [`save`](save()), and if a part of the model and a scaler have the same name.
///
/// # Examples
/// ```
/// use wengert_data::{Scaler, StandardScaler};
/// use wengert_io::{Persist, load_scaler, save_with_scalers};
/// use wengert_nn::{Dense, Sequential};
/// use wengert_tensor::Tensor;
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("wages.safetensors");
/// let x_train = Tensor::from([[1.0, 20.0], [3.0, 40.0]]);
/// let scaler = StandardScaler::fit(&x_train)?;
/// let model = Sequential::new([2]).add(Dense::units(1));
/// save_with_scalers(&model, &[("predictors", &scaler)], &file)?;
///
/// let model = Sequential::load(&file)?;
/// let scaler: StandardScaler = load_scaler("predictors", &file)?;
/// assert_eq!(scaler.transform(&x_train).to_vec::<f32>(), [-1.0, -1.0, 1.0, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn save_with_scalers(
    model: &Sequential,
    scalers: &[(&str, &dyn Scaler)],
    path: impl AsRef<Path>,
) -> Result<(), IoError> {
    tensors::write(path.as_ref(), || to_bytes(model, scalers, Document::default()))
}

/// A model from a file that [`save`] wrote: with the same parameters and their rules, dtypes, frozen parts, state and
/// positions of generators, and so with the same predictions to the last bit.
///
/// # Errors
/// If the file cannot be read, holds no whole model, or what it holds does not make one.
pub fn load(path: impl AsRef<Path>) -> Result<Sequential, IoError> {
    load_with(path, &Registry::default())
}

/// The same for a model with layers of your own, which the registry builds.
///
/// # Errors
/// As for [`load`].
pub fn load_with(path: impl AsRef<Path>, registry: &Registry) -> Result<Sequential, IoError> {
    let path = path.as_ref();
    build(container::read_file(path)?, registry).map_err(|error| error.of(path))
}

/// [`save`] and [`load`] as methods, and the same with bytes in the place of a file.
///
/// # Examples
/// ```
/// use wengert_io::Persist;
/// use wengert_nn::{Dense, Sequential};
/// use wengert_tensor::Module;
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("digits.safetensors");
/// let model = Sequential::new([64]).add(Dense::units(10).softmax());
/// model.save(&file)?;
/// assert_eq!(Sequential::load(&file)?.count_parameters(), 650);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Persist: Sized {
    /// Writes the model to a file: see [`save`](save()).
    ///
    /// # Errors
    /// As for [`save`](save()).
    fn save(&self, path: impl AsRef<Path>) -> Result<(), IoError>;

    /// A model from a file: see [`load`](load()).
    ///
    /// # Errors
    /// As for [`load`](load()).
    fn load(path: impl AsRef<Path>) -> Result<Self, IoError> {
        Self::load_with(path, &Registry::default())
    }

    /// A model with layers of your own from a file.
    ///
    /// # Errors
    /// As for [`load`](load()).
    fn load_with(path: impl AsRef<Path>, registry: &Registry) -> Result<Self, IoError>;

    /// The bytes of the file that [`save`](Persist::save) writes.
    ///
    /// # Errors
    /// If a layer has no configuration.
    fn to_bytes(&self) -> Result<Vec<u8>, IoError>;

    /// A model from such bytes, for example from `include_bytes!`.
    ///
    /// # Errors
    /// As for [`load`](load()).
    fn from_bytes(bytes: &[u8]) -> Result<Self, IoError> {
        Self::from_bytes_with(bytes, &Registry::default())
    }

    /// A model with layers of your own from such bytes.
    ///
    /// # Errors
    /// As for [`load`](load()).
    fn from_bytes_with(bytes: &[u8], registry: &Registry) -> Result<Self, IoError>;
}

impl Persist for Sequential {
    fn save(&self, path: impl AsRef<Path>) -> Result<(), IoError> {
        save(self, path)
    }

    fn load_with(path: impl AsRef<Path>, registry: &Registry) -> Result<Sequential, IoError> {
        load_with(path, registry)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, IoError> {
        to_bytes(self, &[], Document::default())
    }

    fn from_bytes_with(bytes: &[u8], registry: &Registry) -> Result<Sequential, IoError> {
        build(container::from_bytes(bytes)?, registry)
    }
}

const KIND: &str = "Sequential";

/// The file of a model with its scalers and what else stands beside it.
pub(crate) fn to_bytes(
    model: &Sequential,
    scalers: &[(&str, &dyn Scaler)],
    beside: Document,
) -> Result<Vec<u8>, IoError> {
    let refused = |problem| IoError::saving(IoErrorKind::Unsupported, problem);
    let config = model.config().ok_or_else(|| refused(without_config(model)))?;
    let Inventory { mut tensors, frozen, generators, rules, .. } = Inventory::of(model).map_err(refused)?;
    let scalers = scalers::insert(scalers, &mut tensors).map_err(refused)?;
    let model = Some(Description { kind: KIND.to_string(), config, frozen, rules });
    container::to_bytes(&tensors, Some(Document { generators, scalers, model, ..beside }.to_text()?))
}

/// Names the layers that cannot be saved.
fn without_config(model: &Sequential) -> Mismatch {
    let mut problem = Mismatch::new("the model cannot be saved with its configuration");
    for (name, layer) in model.layers().filter(|(_, layer)| layer.config().is_none()) {
        problem = problem.row(name, layer.kind()).note("expected a layer with `Layer::config`");
    }
    problem.help("`save_parameters` saves what any model has learned")
}

pub(crate) fn build(
    Contents { tensors, document }: Contents,
    registry: &Registry,
) -> Result<Sequential, IoError> {
    let document = document.map(|text| Document::parse(&text)).transpose()?.unwrap_or_default();
    let tensors = scalers::without(tensors, &document);
    let Document { generators, model, .. } = document;
    let description = model.ok_or_else(no_model)?;
    let mut model = from_description(&description, registry)?;
    let rule = Rule::Described { frozen: description.frozen, rules: description.rules };
    fit::fill(&mut model, Filling { tensors, generators, rule })?;
    Ok(model)
}

fn from_description(model: &Description, registry: &Registry) -> Result<Sequential, IoError> {
    if model.kind != KIND {
        return Err(IoError::malformed("metadata, model.kind", &model.kind, "expected Sequential"));
    }
    Sequential::from_config(&model.config, registry).map_err(|error| misconfigured(&error))
}

fn misconfigured(error: &ConfigError) -> IoError {
    // A reason of several lines becomes one, which is a row.
    let reason = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let problem = Mismatch::new("no model can be built from the configuration in the file");
    IoError::loading(IoErrorKind::Configuration, problem.row("model", shown(&reason)))
}

fn no_model() -> IoError {
    let problem = Mismatch::new("the file holds no model").row("metadata", "no configuration");
    let problem = problem.note("expected that of a whole model");
    let help =
        "`load_parameters` fills a model that the program has built; `read_tensors` gives what is there";
    IoError::loading(IoErrorKind::Format, problem.help(help))
}
