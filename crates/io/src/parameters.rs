//! The parameters and the state of any model. How the model is built stays with the program.

use std::path::Path;

use wengert_tensor::Module;

use crate::container::{self, Contents};
use crate::document::Document;
use crate::fit::{self, Filling, Rule};
use crate::inventory::Inventory;
use crate::{IoError, IoErrorKind, checkpoint, scalers, tensors};

/// Writes the parameters, the state and the positions of the generators of a model to a safetensors file.
///
/// An existing file is replaced when the new one is complete, and keeps its permissions. The name must end in
/// `.safetensors`.
///
/// # Errors
/// If the file cannot be written, or two parts of the model have the same name.
///
/// # Examples
/// ```
/// use wengert_io::{load_parameters, save_parameters};
/// use wengert_nn::Dense;
/// use wengert_tensor::Rng;
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("dense.safetensors");
/// let trained = Dense::new(2, 3, &mut Rng::seed(1));
/// save_parameters(&trained, &file)?;
///
/// let mut other = Dense::new(2, 3, &mut Rng::seed(2));
/// load_parameters(&mut other, &file)?;
/// assert_eq!(other.weight.to_vec::<f32>(), trained.weight.to_vec::<f32>());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn save_parameters(model: &dyn Module, path: impl AsRef<Path>) -> Result<(), IoError> {
    tensors::write(path.as_ref(), || parameters_to_bytes(model))
}

/// Fills a model with the parameters and the state of a safetensors file.
///
/// The file must hold every parameter and buffer of the model under its name and in its shape, and nothing else. The
/// model's dtypes stay: `f32` widens exactly, `f64` is rounded to the nearest `f32`, and a finite number that would
/// become infinite is an error. Frozen parameters stay frozen, and trainable ones trainable. A generator continues
/// where that of the file stood, if the file has one of its name. Of a [checkpoint](crate::save_checkpoint) the model is
/// taken, and the optimizer's part left.
///
/// # Errors
/// If the file cannot be read, is no valid safetensors file, or does not fit: what is missing, left over, or of
/// another shape is listed. The model is then as it was.
///
/// # Examples
/// ```
/// use wengert_io::{load_parameters, save_parameters};
/// use wengert_nn::Dense;
/// use wengert_tensor::Rng;
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("dense.safetensors");
/// save_parameters(&Dense::new(2, 3, &mut Rng::seed(1)), &file)?;
/// let error = load_parameters(&mut Dense::new(2, 4, &mut Rng::seed(1)), &file).unwrap_err();
/// assert!(error.to_string().contains("weight  f32 [2, 3]   <- expected [2, 4]"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn load_parameters(model: &mut dyn Module, path: impl AsRef<Path>) -> Result<(), IoError> {
    let path = path.as_ref();
    fill(model, container::read_file(path)?).map_err(|error| error.of(path))
}

/// What [`save_parameters`] writes, as bytes.
///
/// # Errors
/// If two parts of the model have the same name.
pub fn parameters_to_bytes(model: &dyn Module) -> Result<Vec<u8>, IoError> {
    let inventory =
        Inventory::of(model).map_err(|problem| IoError::saving(IoErrorKind::Unsupported, problem))?;
    let document = Document { generators: inventory.generators, ..Document::default() };
    container::to_bytes(&inventory.tensors, Some(document.to_text()?))
}

/// What [`load_parameters`] does, from bytes, such as those of a file that the program contains.
///
/// # Errors
/// As for [`load_parameters`].
///
/// # Examples
/// ```
/// use wengert_io::{parameters_from_bytes, parameters_to_bytes};
/// use wengert_tensor::{Param, Tensor};
///
/// let bytes = parameters_to_bytes(&Param::new(Tensor::from([1.0, 2.0])))?;
/// let mut param = Param::new(Tensor::zeros([2]));
/// parameters_from_bytes(&mut param, &bytes)?;
/// assert_eq!(param.to_vec::<f32>(), [1.0, 2.0]);
/// # Ok::<(), wengert_io::IoError>(())
/// ```
pub fn parameters_from_bytes(model: &mut dyn Module, bytes: &[u8]) -> Result<(), IoError> {
    fill(model, container::from_bytes(bytes)?)
}

fn fill(model: &mut dyn Module, Contents { mut tensors, document }: Contents) -> Result<(), IoError> {
    // A file that another program wrote has no document.
    let document = document.map(|text| Document::parse(&text)).transpose()?.unwrap_or_default();
    if document.training.is_some() {
        checkpoint::take_state(&mut tensors);
    }
    let tensors = scalers::without(tensors, &document);
    fit::fill(model, Filling { tensors, generators: document.generators, rule: Rule::Built })
}
