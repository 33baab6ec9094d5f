//! Rows of a table, picked by number.

use serde_json::{Value, json};
use wengert_tensor::{Constraint, DType, Indices, Mismatch, Module, Param, Regularizer, Rng, Shape, Tensor};

use crate::config::{ConfigError, size};
use crate::rules::Rules;
use crate::{Initializer, IntoLayer, Layer};

/// A vector that can be learnt for each of so many things: `y = weight[x]`.
///
/// [`pick`](Embedding::pick) takes [`Indices`]. As a [`Layer`] it takes a tensor of whole numbers, as Keras' does, so
/// that it can stand first in a model that is trained by `fit`: they are checked, and no derivative reaches them. An
/// `f32` holds no more than the first 16,777,216 of them, and those beyond are refused.
///
/// The start values are Keras': uniform within ±0.05. PyTorch's are normal with deviation 1.
///
/// # Shape
/// `[...]` → `[..., n_features]`; the weight is `[n_things, n_features]`.
///
/// # Examples
/// ```
/// use wengert_nn::{Embedding, Layer};
/// use wengert_tensor::{Indices, Rng, Tensor};
///
/// let words = Embedding::new(1000, 16, &mut Rng::seed(1));
/// assert_eq!(*words.pick(&Indices::from([7, 7, 3])).shape(), [3, 16]);
/// assert_eq!(*words.forward(&Tensor::from([[7.0, 7.0], [3.0, 999.0]])).shape(), [2, 2, 16]);
/// ```
#[derive(Module, Clone, Debug)]
pub struct Embedding {
    /// `[n_things, n_features]`
    pub weight: Param,
}

impl Embedding {
    /// A table with start values.
    ///
    /// # Panics
    /// If a size is 0.
    #[track_caller]
    pub fn new(n_things: usize, n_features: usize, rng: &mut Rng) -> Embedding {
        Embedding::size(n_things, n_features).build(rng)
    }

    /// A table of given vectors.
    ///
    /// # Panics
    /// If it is no matrix with at least one row.
    #[track_caller]
    pub fn from_tensor(weight: Tensor) -> Embedding {
        let is_table = weight.rank() == 2 && weight.shape()[0] > 0;
        assert!(is_table, "embedding: the weight must be [n_things, n_features], given {}", weight.shape());
        Embedding { weight: weight.into() }
    }

    /// The description of a table, for [`Sequential`](crate::Sequential), whose seed gives the start values.
    ///
    /// # Panics
    /// If a size is 0.
    #[track_caller]
    pub fn size(n_things: usize, n_features: usize) -> EmbeddingSize {
        let is_table = n_things > 0 && n_features > 0;
        assert!(is_table, "embedding: a table of [{n_things}, {n_features}] holds nothing");
        EmbeddingSize { n_things, n_features, start: None, rules: Rules::default() }
    }

    /// The number of things.
    pub fn n_things(&self) -> usize {
        self.weight.shape()[0]
    }

    /// The number of features of each.
    pub fn n_features(&self) -> usize {
        self.weight.shape()[1]
    }

    /// The vectors of things.
    ///
    /// # Panics
    /// If an index is not below the number of things.
    #[track_caller]
    pub fn pick(&self, things: &Indices) -> Tensor {
        self.weight.index_select(0, things)
    }

    /// Whole numbers as indices.
    fn indices(&self, x: &Tensor) -> Result<Indices, Mismatch> {
        // From 2²⁴ on, an f32 may be another number that was rounded.
        let n_exact = if x.dtype() == DType::F32 { 1 << 24 } else { usize::MAX };
        let n_things = self.n_things().min(n_exact);
        let mut things = Vec::with_capacity(x.size());
        for (place, number) in x.array().iter().enumerate() {
            if !(number.fract() == 0.0 && 0.0 <= number && number < n_things as f64) {
                return Err(Mismatch::new("the input holds what is no index of the table")
                    .row("x", x.shape())
                    .row(format!("element {place}"), number)
                    .note(format!("expected whole numbers from 0 to {}", n_things - 1)));
            }
            things.push(number as u64);
        }
        Ok(Indices::new(things, *x.shape()))
    }

    pub(crate) fn from_config(config: &Value) -> Result<Embedding, ConfigError> {
        let shape = Shape::try_new(&[size(config, "things")?, size(config, "features")?])
            .map_err(|mismatch| ConfigError::new(mismatch.to_string()))?;
        // No storage is taken here, however large a hostile file says the table is.
        Ok(Embedding { weight: Tensor::zeros(shape).into() })
    }
}

impl Layer for Embedding {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        match self.indices(x) {
            Ok(things) => self.pick(&things),
            Err(mismatch) => panic!("{}", mismatch.report("embedding")),
        }
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        Shape::try_new(&[&row[..], &[self.n_features()]].concat())
    }

    fn check_input(&self, x: &Tensor) -> Result<(), Mismatch> {
        self.indices(x).map(drop)
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "things": self.n_things(), "features": self.n_features() }))
    }
}

/// A table without start values: what [`Embedding::size`] gives.
#[derive(Clone, Debug)]
pub struct EmbeddingSize {
    n_things: usize,
    n_features: usize,
    start: Option<Initializer>,
    rules: Rules,
}

/// Keras' bound of the start values.
const BOUND: f64 = 0.05;

impl EmbeddingSize {
    /// The layer.
    ///
    /// # Panics
    /// If the weight does not have the axes of its constraint.
    #[track_caller]
    pub fn build(self, rng: &mut Rng) -> Embedding {
        let shape = [self.n_things, self.n_features];
        let weight = match self.start {
            Some(start) => start.sample(shape, rng),
            None => Tensor::uniform(shape, -BOUND, BOUND, rng),
        };
        Embedding { weight: self.rules.given_to(weight.into()) }
    }

    /// With other start values.
    pub fn weight_init(self, start: Initializer) -> EmbeddingSize {
        EmbeddingSize { start: Some(start), ..self }
    }

    /// With a constraint of the weight.
    pub fn weight_constraint(mut self, constraint: Constraint) -> EmbeddingSize {
        self.rules.constraint = Some(constraint);
        self
    }

    /// With a regularizer of the weight.
    pub fn weight_regularizer(mut self, regularizer: Regularizer) -> EmbeddingSize {
        self.rules.regularizer = Some(regularizer);
        self
    }
}

impl IntoLayer for EmbeddingSize {
    #[track_caller]
    fn into_layer(self, _: &Shape, rng: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        Ok(Box::new(self.build(rng)))
    }
}
