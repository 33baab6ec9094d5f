//! Models and tensors in files: safetensors, written so that a failure leaves the old file as it was.
//!
//! A whole [`Sequential`](wengert_nn::Sequential) is saved with its configuration and comes back by itself, with the
//! same predictions to the last bit:
//!
//! ```
//! use wengert_io::Persist;
//! use wengert_nn::{Dense, Layer, Sequential};
//! use wengert_tensor::Tensor;
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("digits.safetensors");
//! let model = Sequential::new([4]).add(Dense::units(8).relu()).add(Dense::units(3).softmax());
//! model.save(&file)?;
//!
//! let x = Tensor::ones([2, 4]);
//! let loaded = Sequential::load(&file)?;
//! assert_eq!(loaded.forward(&x).to_vec::<f32>(), model.forward(&x).to_vec::<f32>());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Of any other [`Module`](wengert_tensor::Module) the parameters are saved: [`save_parameters`] and
//! [`load_parameters`], which fill in a model that the program has built. [`read_tensors`] gives what a file holds
//! under the names in the file, whoever wrote it.
//!
//! # The file
//! Parameters and state are tensors of the safetensors file, little-endian `F32` or `F64`, under the names that
//! [`Module::parameters`](wengert_tensor::Module::parameters) gives, such as `hidden.weight`. What is no tensor stands
//! in the file's `__metadata__`, under the key `wengert`, as the text of a JSON object:
//!
//! | key | holds |
//! |---|---|
//! | `format` | the version of this format, 1 |
//! | `generators` | the key and the position of each generator of random numbers: `{"dropout": [7, 120]}` |
//! | `model` | of a whole model, its kind and configuration: `{"kind": "Sequential", "config": {…}}` |
//! | `frozen` | of a whole model, the names of the parameters and of the state that training leaves alone |
//! | `rules` | of a whole model, the constraints and regularizers of those parameters that have any |
//! | `training` | of a checkpoint, the kind of the optimizer and the epochs so far: `{"optimizer": "adam", "epochs": 3}` |
//! | `scalers` | the kinds of the scalers beside a whole model, whose tensors are called `scaler.predictors.mean` and so on: `{"predictors": "standard"}` |
//! | `preparation` | of a [`Pipeline`], the columns with their encodings, and the targets with their classes; the scaler is called `predictors` |
//! | `notes` | of a pipeline, texts of the user: `{"loss": "mean_squared_error"}` |
//!
//! A checkpoint also has the optimizer's tensors, under the names of its state after `optimizer/`:
//! `optimizer/hidden.weight/m`.
//!
//! The same model gives the same bytes. Other programs that read safetensors read these files.
//!
//! # Files from elsewhere
//! Nothing in a file can make a function of this crate panic or run code. What is read is checked against the length
//! of the file before memory is taken for it. Numbers that are neither `F32` nor `F64` are refused for now.
//!
//! Of training only the state of an optimizer is known here: [`save_checkpoint`] and [`load_checkpoint`].
#![forbid(unsafe_code)]

mod atomic;
mod checkpoint;
mod container;
mod document;
mod error;
mod fit;
mod header;
mod inventory;
mod json;
mod model;
mod parameters;
mod pipeline;
mod preparation;
mod rules;
mod scalers;
mod tensors;

pub use atomic::write_whole;
pub use checkpoint::{checkpoint_from_bytes, checkpoint_to_bytes, load_checkpoint, save_checkpoint};
pub use error::{IoError, IoErrorKind};
pub use model::{Persist, load, load_with, save, save_with_scalers};
pub use parameters::{load_parameters, parameters_from_bytes, parameters_to_bytes, save_parameters};
pub use pipeline::Pipeline;
pub use scalers::{load_scaler, scaler_from_bytes};
pub use tensors::{read_tensors, tensors_from_bytes, tensors_to_bytes, write_tensors};
