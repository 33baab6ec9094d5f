//! Which layer an operation on a tape belongs to: the one whose parameters it reads, or that its data come from.

use std::collections::HashMap;

use wengert_tensor::{Module, Operation, Tape};

/// The layers of a model that are on a tape, and the layer of each operation.
pub(super) struct Origins {
    /// Names, in the order in which the layers are applied.
    pub(super) layers: Vec<String>,
    /// For each layer the first operation that brings its parameters and the data together; one of its parameters, if
    /// they meet no data.
    pub(super) firsts: Vec<usize>,
    /// For each operation its layer, unless it only prepares parameters.
    pub(super) owners: Vec<Option<usize>>,
}

/// The part of a parameter's name that names its layer: `hidden` of `hidden.weight`.
pub(super) fn layer_of(parameter: &str) -> &str {
    parameter.rsplit_once('.').map_or(parameter, |(layer, _)| layer)
}

impl Origins {
    pub(super) fn of<M: Module>(model: &M, tape: &Tape<'_>, operations: &[Operation]) -> Origins {
        let mut origins = Origins { layers: Vec::new(), firsts: Vec::new(), owners: Vec::new() };
        // What comes from parameters alone, such as a leaf or its transpose, and the layer that it is for.
        let mut prepared: HashMap<usize, String> = HashMap::new();
        let mut leaves = Vec::new();
        for (name, param) in model.parameters() {
            if let Some(number) = tape.number_of(param) {
                prepared.insert(number, layer_of(&name).to_string());
                leaves.push((number, layer_of(&name).to_string()));
            }
        }
        for operation in operations {
            let owner = origins.owner(operation, &mut prepared);
            origins.owners.push(owner);
        }
        for (number, layer) in leaves {
            if !origins.layers.contains(&layer) {
                origins.layers.push(layer);
                origins.firsts.push(number);
            }
        }
        origins
    }

    fn owner(&mut self, operation: &Operation, prepared: &mut HashMap<usize, String>) -> Option<usize> {
        if prepared.contains_key(&operation.number) {
            return None;
        }
        let parameter = operation.inputs.iter().flatten().find_map(|input| prepared.get(input));
        let Some(layer) = parameter else {
            let before = operation.inputs.iter().flatten().filter(|&&input| self.owners[input].is_some());
            return before.max().and_then(|&input| self.owners[input]);
        };
        if operation.inputs.len() == 1 {
            let layer = layer.clone();
            prepared.insert(operation.number, layer);
            return None;
        }
        if let Some(place) = self.layers.iter().position(|other| other == layer) {
            return Some(place);
        }
        self.layers.push(layer.clone());
        self.firsts.push(operation.number);
        Some(self.layers.len() - 1)
    }
}
