//! A model and its optimizer in one file, from which training goes on as if it had never stopped.

use std::collections::BTreeMap;
use std::path::Path;

use wengert_array::Mismatch;
use wengert_optim::{Optimizer, State, Train};
use wengert_tensor::{Module, Tensor};

use crate::container::{self, Contents};
use crate::document::{Document, Training};
use crate::fit::{self, Filling, Rule};
use crate::inventory::Inventory;
use crate::{IoError, IoErrorKind, tensors};

/// What stands before the names of the optimizer's tensors.
const PREFIX: &str = "optimizer/";

/// Writes a model, the state of its optimizer, and the number of epochs so far to a safetensors file.
///
/// An existing file is replaced when the new one is complete, so that there is a checkpoint at any time. The settings of
/// the optimizer (decays, schedules, groups) are the program's, and are not in the file.
///
/// # Errors
/// If the file cannot be written, or two parts of the model have the same name.
///
/// # Examples
/// ```
/// use wengert_io::{load_checkpoint, save_checkpoint};
/// use wengert_optim::{Adam, Train};
/// use wengert_tensor::{Param, Tensor, value_and_grad};
///
/// let step = |adam: &mut Adam, weights: &mut Vec<Param>| {
///     let (_, grads) = value_and_grad(weights, |w| w[0].square().sum());
///     adam.step(weights, &grads);
/// };
/// let (mut adam, mut weights) = (Adam::default(), vec![Param::new(Tensor::from([1.0, -2.0]))]);
/// step(&mut adam, &mut weights);
/// let file = tempfile::tempdir()?.keep().join("run.safetensors");
/// save_checkpoint(&weights, &adam, 1, &file)?;
///
/// let (mut again, mut copy) = (Adam::default(), vec![Param::new(Tensor::zeros([2]))]);
/// assert_eq!(load_checkpoint(&mut copy, &mut again, &file)?, 1);
/// step(&mut adam, &mut weights);
/// step(&mut again, &mut copy);
/// assert_eq!(weights[0].to_vec::<f32>(), copy[0].to_vec::<f32>());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn save_checkpoint(
    model: &dyn Module,
    optimizer: &dyn Optimizer,
    n_epochs: u64,
    path: impl AsRef<Path>,
) -> Result<(), IoError> {
    tensors::write(path.as_ref(), || checkpoint_to_bytes(model, optimizer, n_epochs))
}

/// Fills a model and its optimizer from a file that [`save_checkpoint`] wrote, and tells the number of epochs.
///
/// # Errors
/// If the file cannot be read, is no checkpoint, or is that of another model or of another kind of optimizer: what is
/// missing, left over, or of another shape is listed by name. Model and optimizer are then as they were.
pub fn load_checkpoint(
    model: &mut dyn Module,
    optimizer: &mut dyn Optimizer,
    path: impl AsRef<Path>,
) -> Result<u64, IoError> {
    let path = path.as_ref();
    fill(model, optimizer, container::read_file(path)?).map_err(|error| error.of(path))
}

/// What [`save_checkpoint`] writes, as bytes.
///
/// # Errors
/// If two parts of the model have the same name.
pub fn checkpoint_to_bytes(
    model: &dyn Module,
    optimizer: &dyn Optimizer,
    n_epochs: u64,
) -> Result<Vec<u8>, IoError> {
    let inventory =
        Inventory::of(model).map_err(|problem| IoError::saving(IoErrorKind::Unsupported, problem))?;
    let (mut tensors, state) = (inventory.tensors, optimizer.state());
    for (name, tensor) in state.tensors() {
        let name = format!("{PREFIX}{name}");
        if tensors.contains_key(&name) {
            let problem =
                Mismatch::new("a part of the model has a name that checkpoints keep").row("name", name);
            return Err(IoError::saving(IoErrorKind::Unsupported, problem));
        }
        tensors.insert(name, tensor.clone());
    }
    let training = Some(Training { optimizer: state.kind().to_string(), n_epochs });
    let document = Document { generators: inventory.generators, training, ..Document::default() };
    container::to_bytes(&tensors, Some(document.to_text()?))
}

/// What [`load_checkpoint`] does, from bytes.
///
/// # Errors
/// As for [`load_checkpoint`].
pub fn checkpoint_from_bytes(
    model: &mut dyn Module,
    optimizer: &mut dyn Optimizer,
    bytes: &[u8],
) -> Result<u64, IoError> {
    fill(model, optimizer, container::from_bytes(bytes)?)
}

/// Takes the optimizer's part out of the tensors of a checkpoint.
pub(crate) fn take_state(tensors: &mut BTreeMap<String, Tensor>) -> BTreeMap<String, Tensor> {
    let mut state = BTreeMap::new();
    for (name, tensor) in std::mem::take(tensors) {
        match name.strip_prefix(PREFIX) {
            Some(part) => state.insert(part.to_string(), tensor),
            None => tensors.insert(name, tensor),
        };
    }
    state
}

fn fill(
    model: &mut dyn Module,
    optimizer: &mut dyn Optimizer,
    Contents { mut tensors, document }: Contents,
) -> Result<u64, IoError> {
    let document = document.map(|text| Document::parse(&text)).transpose()?.unwrap_or_default();
    let training = document.training.ok_or_else(no_checkpoint)?;
    let state = State::new(training.optimizer, take_state(&mut tensors));
    let filling = Filling { tensors, generators: document.generators, rule: Rule::Built };
    // Both are looked at before either is changed.
    let filling = fit::fitting(model, filling)?;
    optimizer.restore(&state, model).map_err(|problem| IoError::loading(IoErrorKind::Fit, problem))?;
    fit::place(model, filling);
    Ok(training.n_epochs)
}

fn no_checkpoint() -> IoError {
    let problem = Mismatch::new("the file holds no checkpoint of training").row("metadata", "no optimizer");
    let problem = problem.note("expected that of a checkpoint");
    IoError::loading(IoErrorKind::Format, problem.help("`load_parameters` fills a model alone"))
}
