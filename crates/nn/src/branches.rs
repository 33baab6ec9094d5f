//! Layers side by side, and what becomes of their outputs.

use std::fmt;

use serde_json::{Value, json};
use wengert_tensor::{Mismatch, Module, Rng, Shape, Tensor};

use crate::axes::place_in_row;
use crate::config::{ConfigError, Registry, integer, nested, nested_config};
use crate::{IntoLayer, Layer, Sequential};

/// Layers that all get the same input, and whose outputs are joined: the nodes of a graph that is no chain.
///
/// What they are joined by is Keras' `Concatenate`, `Add` or `Multiply`; [`kind`](Layer::kind) says which. Graphs with
/// several inputs or outputs are structs of one's own.
///
/// # Shape
/// Of a sum or a product, that to which the outputs of the branches broadcast. Of a concatenation, that of the
/// branches, which may differ on its axis only.
///
/// # Examples
/// A wide and a deep way through a network:
/// ```
/// use wengert_nn::{Branches, Dense, Sequential};
/// use wengert_tensor::Module;
///
/// let model = Sequential::new([8])
///     .add(Branches::concat(-1)
///         .branch(|wide| wide)
///         .branch(|deep| deep.add(Dense::units(16).relu()).add(Dense::units(4).relu())))
///     .add(Dense::units(1));
/// assert_eq!(*model.output(), [1]);
/// assert_eq!(model.parameters()[0].0, "concat.branches.1.dense.weight");
/// ```
#[doc(alias("Concatenate", "Add", "Multiply"))]
#[derive(Module, Clone, Debug)]
pub struct Branches {
    /// The layers.
    pub branches: Vec<Box<dyn Layer>>,
    #[module(skip)]
    join: Join,
}

/// What becomes of the outputs of [`Branches`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// They are put together along an axis of the batch, whose axis 0 counts the rows.
    Concat(isize),
    /// They are added.
    Add,
    /// They are multiplied.
    Multiply,
}

impl Join {
    fn kind(self) -> &'static str {
        match self {
            Join::Concat(_) => "Concat",
            Join::Add => "Add",
            Join::Multiply => "Multiply",
        }
    }

    pub(crate) fn concat_from(config: &Value) -> Result<Join, ConfigError> {
        Ok(Join::Concat(integer(config, "axis")?))
    }
}

impl Branches {
    /// Layers side by side.
    ///
    /// # Panics
    /// If there are none.
    #[track_caller]
    pub fn new(join: Join, branches: Vec<Box<dyn Layer>>) -> Branches {
        assert!(!branches.is_empty(), "branches: at least one is needed");
        Branches { branches, join }
    }

    /// The description of branches whose outputs are put together along an axis of the batch, whose axis 0 counts the
    /// rows.
    pub fn concat(axis: isize) -> BranchesOf {
        BranchesOf { join: Join::Concat(axis), builds: Vec::new() }
    }

    /// The description of branches whose outputs are added.
    pub fn add() -> BranchesOf {
        BranchesOf { join: Join::Add, builds: Vec::new() }
    }

    /// The description of branches whose outputs are multiplied.
    pub fn multiply() -> BranchesOf {
        BranchesOf { join: Join::Multiply, builds: Vec::new() }
    }

    pub(crate) fn from_config(
        join: Join,
        config: &Value,
        row: &Shape,
        registry: &Registry,
    ) -> Result<Branches, ConfigError> {
        let list = config["branches"].as_array().filter(|list| !list.is_empty());
        let list = list.ok_or_else(|| ConfigError::new("`branches` is no list of at least one layer"))?;
        let mut branches = Vec::new();
        for (index, branch) in list.iter().enumerate() {
            let branch = nested(branch, row, registry);
            branches.push(branch.map_err(|error| error.within(&format!("branch {index}")))?);
        }
        Ok(Branches { branches, join })
    }

    fn joined_shape(&self, outputs: &[Shape]) -> Result<Shape, Mismatch> {
        let Join::Concat(axis) = self.join else {
            return Shape::broadcast(&outputs.iter().collect::<Vec<_>>());
        };
        let place = place_in_row(axis, &outputs[0])?;
        let mut size = 0_usize;
        for output in outputs {
            let is_same =
                output.len() == outputs[0].len() && output.without(place) == outputs[0].without(place);
            if !is_same {
                return Err(Mismatch::new(
                    "the branches differ on more than the axis that they are joined along",
                )
                .row("first", outputs[0])
                .row("other", output)
                .note(format!("only axis {axis} may differ")));
            }
            size = size.saturating_add(output[place]);
        }
        let mut sizes = outputs[0].to_vec();
        sizes[place] = size;
        Shape::try_new(&sizes)
    }
}

impl Layer for Branches {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut outputs = Vec::with_capacity(self.branches.len());
        // Loops, because closures would lose the caller's line.
        for branch in &self.branches {
            outputs.push(branch.forward(x));
        }
        if let Join::Concat(axis) = self.join {
            return Tensor::concat(&outputs.iter().collect::<Vec<_>>(), axis);
        }
        let mut y = outputs[0].clone();
        for output in &outputs[1..] {
            y = if self.join == Join::Add { y + output } else { y * output };
        }
        y
    }

    #[track_caller]
    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        let mut outputs = Vec::with_capacity(self.branches.len());
        for branch in &self.branches {
            outputs.push(branch.output_shape(row)?);
        }
        self.joined_shape(&outputs)
    }

    fn check_input(&self, x: &Tensor) -> Result<(), Mismatch> {
        self.branches.iter().try_for_each(|branch| branch.check_input(x))
    }

    fn kind(&self) -> &'static str {
        self.join.kind()
    }

    fn config(&self) -> Option<Value> {
        let branches: Option<Vec<Value>> =
            self.branches.iter().map(|branch| nested_config(&**branch)).collect();
        let mut config = json!({ "branches": branches? });
        if let Join::Concat(axis) = self.join {
            config["axis"] = json!(axis);
        }
        Some(config)
    }
}

type Build = Box<dyn FnOnce(Sequential) -> Sequential>;

/// Branches that are not built yet: what [`Branches::concat`], [`add`](Branches::add) and
/// [`multiply`](Branches::multiply) give.
pub struct BranchesOf {
    join: Join,
    builds: Vec<Build>,
}

impl BranchesOf {
    /// With one more branch: the layers that `build` adds to the empty [`Sequential`] that it is given, which knows the
    /// shape of its input. One that adds none passes the input on.
    pub fn branch(mut self, build: impl FnOnce(Sequential) -> Sequential + 'static) -> BranchesOf {
        self.builds.push(Box::new(build));
        self
    }
}

impl fmt::Debug for BranchesOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BranchesOf({:?}, {} branches)", self.join, self.builds.len())
    }
}

impl IntoLayer for BranchesOf {
    fn into_layer(self, row: &Shape, rng: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        if self.builds.is_empty() {
            return Err(Mismatch::new("at least one branch is needed"));
        }
        let mut branches: Vec<Box<dyn Layer>> = Vec::new();
        for build in self.builds {
            branches.push(Box::new(build(Sequential::within(row, rng))));
        }
        Ok(Box::new(Branches { branches, join: self.join }))
    }
}
