//! All that a model holds, by name.

use std::collections::{BTreeMap, BTreeSet};

use wengert_array::Mismatch;
use wengert_tensor::module::{Path, Visitor};
use wengert_tensor::{Buffer, Generator, Module, Param, Tensor};

use crate::rules::Rules;

/// The parameters, state and generators of a model.
#[derive(Default)]
pub(crate) struct Inventory {
    /// Parameters and buffers; names that safetensors gives to tensors.
    pub(crate) tensors: BTreeMap<String, Tensor>,
    /// The names of the buffers.
    pub(crate) buffers: BTreeSet<String>,
    /// The names of the parameters and buffers that training leaves alone.
    pub(crate) frozen: BTreeSet<String>,
    /// What rules the parameters have, those that have any.
    pub(crate) rules: BTreeMap<String, Rules>,
    /// The key and position of each generator.
    pub(crate) generators: BTreeMap<String, (u64, u64)>,
    twice: Option<String>,
}

impl Inventory {
    /// # Errors
    /// If two parts have the same name, so that one would hide the other.
    pub(crate) fn of(model: &dyn Module) -> Result<Inventory, Mismatch> {
        let mut inventory = Inventory::default();
        model.visit(&Path::root(), &mut inventory);
        match inventory.twice {
            None => Ok(inventory),
            Some(name) => Err(Mismatch::new("two parts of the model have the same name").row("name", name)),
        }
    }

    fn insert(&mut self, path: &Path<'_>, tensor: Tensor) {
        if self.tensors.insert(path.to_string(), tensor).is_some() {
            self.twice.get_or_insert(path.to_string());
        }
    }
}

impl<'m> Visitor<'m> for Inventory {
    fn param(&mut self, path: &Path<'_>, param: &'m Param) {
        self.insert(path, param.value().detach());
        if !param.is_trainable() {
            self.frozen.insert(path.to_string());
        }
        if let Some(rules) = Rules::of(param) {
            self.rules.insert(path.to_string(), rules);
        }
    }

    fn buffer(&mut self, path: &Path<'_>, buffer: &'m Buffer) {
        self.insert(path, buffer.value());
        self.buffers.insert(path.to_string());
        if buffer.is_frozen() {
            self.frozen.insert(path.to_string());
        }
    }

    fn generator(&mut self, path: &Path<'_>, generator: &'m Generator) {
        if self.generators.insert(path.to_string(), generator.state()).is_some() {
            self.twice.get_or_insert(path.to_string());
        }
    }
}
