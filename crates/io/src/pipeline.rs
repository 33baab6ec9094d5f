//! A model with all that a raw table needs to be predicted from: in one file, which comes back without the program that
//! trained it.

use std::collections::BTreeMap;
use std::path::Path;

use wengert_array::Mismatch;
use wengert_data::{FittedScaler, Preparation, Scaler};
use wengert_nn::{Registry, Sequential};

use crate::container::{self, Contents};
use crate::document::Document;
use crate::{IoError, IoErrorKind, model, preparation, scalers, tensors};

/// A model and the preparation of its rows, with notes of your own: the loss that it was trained with, for example.
///
/// The file is that of a model with a scaler named `predictors`, and what the preparation knows beside: a
/// [`Sequential`] can be loaded from it alone.
///
/// # Examples
/// ```
/// use wengert_data::{Csv, Prepare, Scaling};
/// use wengert_io::Pipeline;
/// use wengert_nn::{Dense, Layer, Sequential};
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("survival.safetensors");
/// let table = Csv::new().parse("port,age,survived\nS,20,no\nC,30,yes\nS,40,no\n")?;
/// let preparation = Prepare::target("survived").scaling(Scaling::Standard).fit(&table)?;
/// let model = Sequential::new([preparation.width()]).add(Dense::units(2).softmax());
/// Pipeline::new(preparation, model).note("loss", "categorical_crossentropy").save(&file)?;
///
/// let pipeline = Pipeline::load(&file)?;
/// let rows = pipeline.preparation.csv(Csv::new()).parse("age,port\n50,C\n")?;
/// let output = pipeline.model.forward(&pipeline.preparation.predictors(&rows)?);
/// let class = pipeline.preparation.task().decided(&output)[0];
/// assert!(class == "no" || class == "yes");
/// assert_eq!(pipeline.notes["loss"], "categorical_crossentropy");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// From a raw table to rows of numbers.
    pub preparation: Preparation,
    /// From rows of numbers to predictions.
    pub model: Sequential,
    /// Texts of your own, by name.
    pub notes: BTreeMap<String, String>,
}

/// The name of the scaler in the file.
const SCALER: &str = "predictors";

impl Pipeline {
    /// A model for the rows of a preparation.
    ///
    /// # Panics
    /// If it takes other rows, or does not give one number for each target or class. (A model that tells two classes may also
    /// give one number, the probability of the second.)
    #[track_caller]
    pub fn new(preparation: Preparation, model: Sequential) -> Pipeline {
        if let Some(problem) = misfit(&preparation, &model) {
            panic!("{}", problem.report("pipeline"));
        }
        Pipeline { preparation, model, notes: BTreeMap::new() }
    }

    /// The same with a note more.
    pub fn note(mut self, name: impl Into<String>, text: impl Into<String>) -> Pipeline {
        self.notes.insert(name.into(), text.into());
        self
    }

    /// Writes model, preparation and notes to a safetensors file. An existing file is replaced when the new one is complete.
    ///
    /// # Errors
    /// As for [`save`](crate::save()).
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), IoError> {
        tensors::write(path.as_ref(), || self.to_bytes())
    }

    /// What [`save`](Pipeline::save) wrote.
    ///
    /// # Errors
    /// If the file cannot be read, holds no model or no preparation, or they do not fit.
    pub fn load(path: impl AsRef<Path>) -> Result<Pipeline, IoError> {
        let path = path.as_ref();
        build(container::read_file(path)?).map_err(|error| error.of(path))
    }

    /// The bytes of the file that [`save`](Pipeline::save) writes.
    ///
    /// # Errors
    /// If a layer has no configuration.
    pub fn to_bytes(&self) -> Result<Vec<u8>, IoError> {
        let scalers: Vec<(&str, &dyn Scaler)> =
            self.preparation.scaler().map(|scaler| (SCALER, scaler.as_scaler())).into_iter().collect();
        let preparation = Some(preparation::to_json(&self.preparation));
        let beside = Document { preparation, notes: self.notes.clone(), ..Document::default() };
        model::to_bytes(&self.model, &scalers, beside)
    }

    /// A pipeline from such bytes, for example from `include_bytes!`.
    ///
    /// # Errors
    /// As for [`load`](Pipeline::load).
    pub fn from_bytes(bytes: &[u8]) -> Result<Pipeline, IoError> {
        build(container::from_bytes(bytes)?)
    }
}

fn build(contents: Contents) -> Result<Pipeline, IoError> {
    let document = contents.document.as_deref().map(Document::parse).transpose()?.unwrap_or_default();
    let model = model::build(contents.clone(), &Registry::default())?;
    let written = document.preparation.as_ref().ok_or_else(no_preparation)?;
    let scaler = match document.scalers.get(SCALER).map(String::as_str) {
        None => None,
        Some("min_max") => Some(FittedScaler::MinMax(scalers::build(SCALER, contents)?)),
        // Of any other kind `build` says what is wrong.
        Some(_) => Some(FittedScaler::Standard(scalers::build(SCALER, contents)?)),
    };
    let preparation = preparation::from_json(written, scaler)?;
    if let Some(problem) = misfit(&preparation, &model) {
        return Err(IoError::loading(IoErrorKind::Fit, problem));
    }
    Ok(Pipeline { preparation, model, notes: document.notes })
}

/// What speaks against this model for the rows of this preparation.
fn misfit(preparation: &Preparation, model: &Sequential) -> Option<Mismatch> {
    let (width, task) = (preparation.width(), preparation.task());
    if *model.input() != [width] {
        let problem = Mismatch::new("the model takes other rows than those of the preparation");
        return Some(problem.row("model", model.input()).note(format!("expected [{width}]")));
    }
    let (n_outputs, output) = (task.n_outputs(), model.output());
    let is_probability = task.is_classification() && n_outputs == 2 && *output == [1];
    if *output == [n_outputs] || is_probability {
        return None;
    }
    let problem = Mismatch::new("the model gives other numbers than those of the targets");
    Some(problem.row("model", output).note(format!("expected [{n_outputs}]")))
}

fn no_preparation() -> IoError {
    let problem = Mismatch::new("the file holds a model without the preparation of its rows");
    let problem = problem.row("metadata", "no preparation").note("expected that of a pipeline");
    IoError::loading(IoErrorKind::Format, problem.help("`Sequential::load` gives the model alone"))
}
