//! A stack of layers, each applied to the output of the one before.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wengert_tensor::module::{Path, Visitor, VisitorMut};
use wengert_tensor::{Mismatch, Module, Rng, Shape, Tensor};

use crate::config::{self, ConfigError, Registry};
use crate::{IntoLayer, Layer, Output, Summary};

/// Layers applied one after the other.
///
/// Each layer gets the shape of its input from those before it, and its start values from the model's seed. Layers are
/// named after their kind, as in Keras: `dense`, `dense_1`, …
///
/// # Shape
/// `[n_rows, ...input]` → `[n_rows, ...output]`
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, Layer, Sequential};
/// use wengert_tensor::{Module, Tensor};
///
/// let model = Sequential::new([10])
///     .add(Dense::units(100).relu())
///     .add(Dense::units(2).softmax());
/// assert_eq!(model.count_parameters(), 1_100 + 202);
/// assert_eq!(*model.forward(&Tensor::zeros([4, 10])).shape(), [4, 2]);
/// ```
#[derive(Clone, Debug)]
pub struct Sequential {
    input: Shape,
    layers: Vec<Named>,
    rng: Rng,
}

#[derive(Clone, Debug)]
struct Named {
    name: String,
    layer: Box<dyn Layer>,
    output: Shape,
}

impl Sequential {
    /// An empty model for rows of the given shape, with seed 0.
    #[track_caller]
    pub fn new(row: impl Into<Shape>) -> Sequential {
        Sequential { input: row.into(), layers: Vec::new(), rng: Rng::seed(0) }
    }

    /// The same model with another seed for the start values of its layers.
    ///
    /// # Panics
    /// If layers have been added: they have their start values.
    #[track_caller]
    pub fn seed(self, seed: u64) -> Sequential {
        assert!(self.layers.is_empty(), "sequential: the seed must be given before the first layer is added");
        Sequential { rng: Rng::seed(seed), ..self }
    }

    /// The model with one more layer.
    ///
    /// # Panics
    /// If the layer does not take what the model puts out so far.
    #[expect(clippy::should_implement_trait, reason = "`add` is the word that users of Keras know")]
    #[track_caller]
    pub fn add(mut self, layer: impl IntoLayer) -> Sequential {
        let row = *self.output();
        let built = layer.into_layer(&row, &mut self.rng).and_then(|layer| {
            let output = layer.output_shape(&row)?;
            Ok((layer, output))
        });
        match built {
            Ok((layer, output)) => {
                let name = self.free_name(layer.kind());
                self.layers.push(Named { name, layer, output });
                self
            }
            Err(mismatch) => {
                panic!("{}", mismatch.report(&format!("sequential, layer {}", self.layers.len())))
            }
        }
    }

    /// The shape of one row of the input.
    pub fn input(&self) -> &Shape {
        &self.input
    }

    /// The shape of one row of the output.
    pub fn output(&self) -> &Shape {
        self.layers.last().map_or(&self.input, |last| &last.output)
    }

    /// The layers with their names.
    pub fn layers(&self) -> impl Iterator<Item = (&str, &dyn Layer)> {
        self.layers.iter().map(|named| (named.name.as_str(), &*named.layer))
    }

    /// The layer of a name. Its `to_owned` is a clone that another model may have.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn layer(&self, name: &str) -> &(dyn Layer + 'static) {
        &*self.layers[self.place_of(name)].layer
    }

    /// The layer of a name, to be changed: `model.layer_mut("dense").freeze()`.
    ///
    /// # Panics
    /// If there is none.
    ///
    /// # Examples
    /// ```
    /// use wengert_nn::{Dense, Sequential};
    /// use wengert_tensor::Module;
    /// let mut model = Sequential::new([3]).add(Dense::units(4)).add(Dense::units(2));
    /// model.layer_mut("dense").freeze();
    /// assert_eq!((model.count_trainable(), model.count_frozen()), (10, 16));
    /// ```
    #[track_caller]
    pub fn layer_mut(&mut self, name: &str) -> &mut dyn Layer {
        let place = self.place_of(name);
        &mut *self.layers[place].layer
    }

    /// A table of the layers, the shapes of their outputs, and their numbers of parameters.
    pub fn summary(&self) -> Summary {
        let rows = self.layers.iter().map(|Named { name, layer, output }| (name.as_str(), &**layer, output));
        Summary::new(rows)
    }

    /// A model from its configuration, with all parameters zero.
    ///
    /// # Errors
    /// If the configuration is not that of a `Sequential`: what was found where, and what was expected.
    pub fn from_config(config: &Value, registry: &Registry) -> Result<Sequential, ConfigError> {
        let mut model =
            Sequential { input: config::shape(config, "input")?, layers: Vec::new(), rng: Rng::seed(0) };
        let layers = config["layers"].as_array();
        let layers = layers.ok_or_else(|| ConfigError::new("`layers` is missing, expected a list"))?;
        let mut names = BTreeSet::new();
        for (index, entry) in layers.iter().enumerate() {
            let named = model.layer_from_config(entry, registry, &mut names);
            model.layers.push(named.map_err(|e| e.within(&format!("layer {index}")))?);
        }
        Ok(model)
    }

    fn layer_from_config(
        &self,
        entry: &Value,
        registry: &Registry,
        names: &mut BTreeSet<String>,
    ) -> Result<Named, ConfigError> {
        let name = config::text(entry, "name")?.to_string();
        if !names.insert(name.clone()) {
            return Err(ConfigError::new(format!("the name `{name}` is given to two layers")));
        }
        let row = self.output();
        let layer = registry.build(config::text(entry, "kind")?, &entry["config"], row)?;
        let output = layer.output_shape(row)?;
        Ok(Named { name, layer, output })
    }

    /// An empty model within another, for what is there so far and with a seed of its own.
    pub(crate) fn within(row: &Shape, rng: &mut Rng) -> Sequential {
        Sequential { input: *row, layers: Vec::new(), rng: rng.split() }
    }

    #[track_caller]
    fn place_of(&self, name: &str) -> usize {
        match self.layers.iter().position(|named| named.name == name) {
            Some(place) => place,
            None => {
                let names: Vec<&str> = self.layers().map(|(name, _)| name).collect();
                panic!("sequential: there is no layer `{name}`, only {}", names.join(", "))
            }
        }
    }

    /// `dense`, `dense_1`, `dense_2`, … : the first that is free.
    fn free_name(&self, kind: &str) -> String {
        let base = snake_case(kind);
        let is_free = |name: &String| self.layers.iter().all(|named| named.name != *name);
        let numbered = (1..).map(|number| format!("{base}_{number}"));
        std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or(base)
    }
}

fn snake_case(kind: &str) -> String {
    let mut name = String::new();
    for (index, letter) in kind.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

impl Module for Sequential {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        for Named { name, layer, .. } in &self.layers {
            layer.visit(&path.field(name), visitor);
        }
    }

    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        for Named { name, layer, .. } in &mut self.layers {
            layer.visit_mut(&path.field(name), visitor);
        }
    }
}

impl Layer for Sequential {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.clone();
        // A loop, because a closure would lose the caller's line.
        for Named { layer, .. } in &self.layers {
            y = layer.forward(&y);
        }
        y
    }

    #[track_caller]
    fn forward_raw(&self, x: &Tensor) -> Output {
        let Some((last, before)) = self.layers.split_last() else {
            return Output { raw: x.clone(), activation: crate::Activation::Linear };
        };
        let mut y = x.clone();
        for Named { layer, .. } in before {
            y = layer.forward(&y);
        }
        last.layer.forward_raw(&y)
    }

    #[track_caller]
    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        if row == self.input() {
            return Ok(*self.output());
        }
        Err(Mismatch::new("the model takes other rows")
            .row("row", row)
            .note(format!("expected {}", self.input)))
    }

    /// All layers are asked that get numbers of the input: the first, and those after it as long as none computes others.
    fn check_input(&self, x: &Tensor) -> Result<(), Mismatch> {
        for Named { layer, .. } in &self.layers {
            layer.check_input(x)?;
            if !layer.is_rearrangement() {
                break;
            }
        }
        Ok(())
    }

    fn is_rearrangement(&self) -> bool {
        self.layers.iter().all(|named| named.layer.is_rearrangement())
    }

    fn config(&self) -> Option<Value> {
        let layers: Option<Vec<Value>> = self
            .layers
            .iter()
            .map(|Named { name, layer, .. }| {
                Some(json!({ "name": name, "kind": layer.kind(), "config": layer.config()? }))
            })
            .collect();
        Some(json!({ "input": self.input.to_vec(), "layers": layers? }))
    }
}
