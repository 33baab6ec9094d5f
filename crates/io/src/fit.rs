//! The tensors of a file in the place of those of a model: all of them, or none.

use std::collections::{BTreeMap, BTreeSet};

use wengert_array::{DType, Mismatch, shown};
use wengert_tensor::module::{Path, VisitorMut};
use wengert_tensor::{Buffer, Generator, Module, Param, Tensor};

use crate::inventory::Inventory;
use crate::rules::Rules;
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
    /// The model was built from the file and has the file's dtypes and generators, these frozen parameters and
    /// buffers, and these constraints and regularizers.
    Described { frozen: BTreeSet<String>, rules: BTreeMap<String, Rules> },
}

/// Fills the model, which is left alone unless all fits.
pub(crate) fn fill(model: &mut dyn Module, filling: Filling) -> Result<(), IoError> {
    let filling = fitting(model, filling)?;
    place(model, filling);
    Ok(())
}

/// The filling in the dtypes of the model, if it fits.
pub(crate) fn fitting(model: &dyn Module, mut filling: Filling) -> Result<Filling, IoError> {
    let inventory = Inventory::of(model).map_err(|problem| IoError::loading(IoErrorKind::Fit, problem))?;
    let mut problems = Problems::default();
    compare_tensors(&inventory, &filling.tensors, &mut problems);
    match &filling.rule {
        Rule::Built => cast(&inventory, &mut filling.tensors, &mut problems),
        Rule::Described { frozen, rules } => {
            compare_rest(&inventory, frozen, &filling.generators, &mut problems);
            compare_rules(&inventory, rules, &mut problems);
        }
    }
    problems.into_result()?;
    Ok(filling)
}

/// Fills the model with what fits it.
pub(crate) fn place(model: &mut dyn Module, mut filling: Filling) {
    model.visit_mut(&Path::root(), &mut filling);
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

/// Whether each rule belongs to a parameter of the model that it fits.
fn compare_rules(model: &Inventory, rules: &BTreeMap<String, Rules>, problems: &mut Problems) {
    for (name, rules) in rules {
        let Some(param) = model.tensors.get(name).filter(|_| !model.buffers.contains(name)) else {
            problems.push(name, "rules", "no parameter of the model");
            continue;
        };
        let problem = rules.constraint.as_ref().and_then(|constraint| constraint.check(param.shape()).err());
        if let Some(problem) = problem {
            problems.push(name, problem.title, format!("the parameter is {}", param.shape()));
        }
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
        if let Some(tensor) = self.tensors.get(&name) {
            param.set(tensor.clone());
        }
        if let Rule::Described { frozen, rules } = &self.rule {
            if let Some(rules) = rules.get(&name) {
                *param = rules.clone().given_to(param.clone());
            }
            if frozen.contains(&name) {
                param.freeze();
            }
        }
    }

    fn buffer(&mut self, path: &Path<'_>, buffer: &mut Buffer) {
        let name = path.to_string();
        if let Some(tensor) = self.tensors.get(&name) {
            buffer.set(tensor.clone());
        }
        if let Rule::Described { frozen, .. } = &self.rule
            && frozen.contains(&name)
        {
            buffer.freeze();
        }
    }

    fn generator(&mut self, path: &Path<'_>, generator: &mut Generator) {
        if let Some(state) = self.generators.get(&path.to_string()) {
            *generator = Generator::from_state(*state);
        }
    }
}
