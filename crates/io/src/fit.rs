//! The tensors of a file in the place of those of a model: all of them, or none.

use std::collections::{BTreeMap, BTreeSet};

use wengert_array::{DType, Mismatch, shown};
use wengert_tensor::module::{Path, VisitorMut};
use wengert_tensor::{Buffer, Generator, Module, Param, Tensor};

use crate::inventory::Inventory;
use crate::{IoError, IoErrorKind};

/// What a model is to hold.
pub(crate) struct Filling {
    pub(crate) tensors: BTreeMap<String, Tensor>,
    pub(crate) generators: BTreeMap<String, (u64, u64)>,
    pub(crate) rule: Rule,
}

/// Who decides where the file and the model may differ.
pub(crate) enum Rule {
    /// The model was built by the program. Its dtypes and its frozen parameters stay, and a generator that the file
    /// does not have goes on as it is, because no prediction depends on it.
    Built,
    /// The model was built from the file and has the file's dtypes, generators, and frozen parameters: these.
    Described(BTreeSet<String>),
}

/// Fills the model, which is left alone unless all fits.
pub(crate) fn fill(model: &mut dyn Module, mut filling: Filling) -> Result<(), IoError> {
    let inventory = Inventory::of(model).map_err(|problem| IoError::loading(IoErrorKind::Fit, problem))?;
    let mut problems = Problems::default();
    compare_tensors(&inventory, &filling.tensors, &mut problems);
    match &filling.rule {
        Rule::Built => cast(&inventory, &mut filling.tensors, &mut problems),
        Rule::Described(frozen) => compare_rest(&inventory, frozen, &filling.generators, &mut problems),
    }
    problems.into_result()?;
    model.visit_mut(&Path::root(), &mut filling);
    Ok(())
}

fn compare_tensors(model: &Inventory, file: &BTreeMap<String, Tensor>, problems: &mut Problems) {
    for (name, expected) in &model.tensors {
        match file.get(name) {
            None => problems.push(name, "missing", format!("expected {}", described(expected))),
            Some(found) if found.shape() != expected.shape() => {
                problems.push(name, described(found), format!("expected {}", expected.shape()));
                problems.has_transposed |= is_transposed(found, expected);
            }
            Some(_) => {}
        }
    }
    for (name, found) in file {
        if !model.tensors.contains_key(name) {
            problems.push(name, described(found), "not in the model");
        }
    }
}

fn compare_rest(
    model: &Inventory,
    frozen: &BTreeSet<String>,
    generators: &BTreeMap<String, (u64, u64)>,
    problems: &mut Problems,
) {
    for name in frozen.iter().filter(|name| !model.tensors.contains_key(*name)) {
        problems.push(name, "frozen", "not in the model");
    }
    for name in model.generators.keys().filter(|name| !generators.contains_key(*name)) {
        problems.push(name, "missing", "expected a generator");
    }
    for name in generators.keys().filter(|name| !model.generators.contains_key(*name)) {
        problems.push(name, "a generator", "not in the model");
    }
}

/// Converts to the dtypes of the model.
fn cast(model: &Inventory, file: &mut BTreeMap<String, Tensor>, problems: &mut Problems) {
    for (name, tensor) in file {
        let dtype = model.tensors.get(name).map_or(tensor.dtype(), Tensor::dtype);
        if let Some(number) = too_large(tensor, dtype) {
            problems.push(name, format!("{number:e}"), format!("too large for the {dtype} of the model"));
        }
        *tensor = tensor.cast(dtype);
    }
}

/// A finite number of the tensor that another dtype could only hold as infinity.
fn too_large(tensor: &Tensor, dtype: DType) -> Option<f64> {
    if dtype >= tensor.dtype() {
        return None;
    }
    tensor.array().iter().find(|number| number.is_finite() && (*number as f32).is_infinite())
}

fn is_transposed(found: &Tensor, expected: &Tensor) -> bool {
    found.rank() == 2 && found.shape().iter().rev().eq(expected.shape().iter())
}

fn described(tensor: &Tensor) -> String {
    format!("{} {}", tensor.dtype(), tensor.shape())
}

/// What does not fit, of which a message shows the first.
#[derive(Default)]
struct Problems {
    rows: Vec<(String, String, Option<String>)>,
    n_more: usize,
    has_transposed: bool,
}

impl Problems {
    const MOST_ROWS: usize = 16;

    fn push(&mut self, name: &str, found: impl Into<String>, expected: impl Into<String>) {
        if self.rows.len() < Self::MOST_ROWS {
            self.rows.push((shown(name), found.into(), Some(expected.into())));
        } else {
            self.n_more += 1;
        }
    }

    fn into_result(mut self) -> Result<(), IoError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        if self.n_more > 0 {
            self.rows.push(("…".to_string(), format!("and {} more", self.n_more), None));
        }
        let mut problem = Mismatch::new("the file does not fit the model");
        problem.rows = self.rows;
        if self.has_transposed {
            let help = "PyTorch keeps weights as [n_out, n_in]: transpose what `read_tensors` gives";
            problem = problem.help(help);
        }
        Err(IoError::loading(IoErrorKind::Fit, problem))
    }
}

impl VisitorMut for Filling {
    fn param(&mut self, path: &Path<'_>, param: &mut Param) {
        let name = path.to_string();
        if let Some(tensor) = self.tensors.remove(&name) {
            param.set(tensor);
        }
        if let Rule::Described(frozen) = &self.rule
            && frozen.contains(&name)
        {
            *param = param.clone().frozen();
        }
    }

    fn buffer(&mut self, path: &Path<'_>, buffer: &mut Buffer) {
        if let Some(tensor) = self.tensors.remove(&path.to_string()) {
            buffer.set(tensor);
        }
    }

    fn generator(&mut self, path: &Path<'_>, generator: &mut Generator) {
        if let Some(state) = self.generators.remove(&path.to_string()) {
            *generator = Generator::from_state(state);
        }
    }
}
