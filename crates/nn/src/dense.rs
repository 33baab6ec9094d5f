//! The dense layer: an affine map and an activation.

use serde_json::{Value, json};
use wengert_tensor::{Constraint, Mismatch, Module, Param, Regularizer, Rng, Shape, Tensor};

use crate::activation::{activated, with_activations};
use crate::config::{ConfigError, flag, size};
use crate::rules::Rules;
use crate::{Activation, Initializer, IntoLayer, Layer, Output};

/// `y = activation(x W + b)`
///
/// # Shape
/// `[..., n_in]` → `[..., n_out]`; the weight is `[n_in, n_out]`, the bias `[n_out]`. (`glu` halves `n_out`.)
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, Layer};
/// use wengert_tensor::Tensor;
///
/// let layer = Dense::from_tensors(Tensor::from([[1.0], [-1.0]]), Tensor::from([0.5])).relu();
/// assert_eq!(layer.forward(&Tensor::from([[3.0, 1.0], [1.0, 3.0]])).to_vec::<f32>(), [2.5, 0.0]);
/// ```
#[doc(alias("Linear"))]
#[derive(Module, Clone, Debug)]
pub struct Dense {
    /// `[n_in, n_out]`
    pub weight: Param,
    /// `[n_out]`
    pub bias: Option<Param>,
    /// What follows the affine map.
    pub activation: Activation,
}

impl Dense {
    /// A linear layer with Keras' start values: weight Glorot uniform, bias zero.
    ///
    /// # Panics
    /// If a size is 0.
    #[track_caller]
    pub fn new(n_in: usize, n_out: usize, rng: &mut Rng) -> Dense {
        Dense::units(n_out).build(n_in, rng)
    }

    /// A linear layer with the given weight and bias.
    ///
    /// # Panics
    /// If the weight is no matrix, or the bias has not one number for each of its columns.
    #[track_caller]
    pub fn from_tensors(weight: Tensor, bias: Tensor) -> Dense {
        assert!(weight.rank() == 2, "dense: the weight must be [n_in, n_out], given {}", weight.shape());
        let n_out = weight.shape()[1];
        assert!(*bias.shape() == [n_out], "dense: the bias must be [{n_out}], given {}", bias.shape());
        Dense { weight: weight.into(), bias: Some(bias.into()), activation: Activation::Linear }
    }

    /// The description of a dense layer with `n_out` units, for [`Sequential`](crate::Sequential), which knows the
    /// number of inputs.
    ///
    /// # Panics
    /// If the number of units is 0.
    #[track_caller]
    pub fn units(n_out: usize) -> DenseUnits {
        assert!(n_out > 0, "dense: at least one unit is needed");
        DenseUnits {
            n_out,
            activation: Activation::Linear,
            weight: Initializer::GlorotUniform,
            bias: Some(Initializer::Zeros),
            weight_rules: Rules::default(),
            bias_rules: Rules::default(),
        }
    }

    /// The same layer with another activation.
    pub fn activation(self, activation: Activation) -> Dense {
        Dense { activation, ..self }
    }

    /// The number of inputs.
    pub fn n_in(&self) -> usize {
        self.weight.shape()[0]
    }

    /// The number of outputs.
    pub fn n_out(&self) -> usize {
        self.weight.shape()[1]
    }

    #[track_caller]
    fn affine(&self, x: &Tensor) -> Tensor {
        match &self.bias {
            Some(bias) => x.affine(&self.weight, bias),
            None => x.matmul(&self.weight),
        }
    }

    pub(crate) fn from_config(config: &Value, row: &Shape) -> Result<Dense, ConfigError> {
        let n_out = size(config, "units")?;
        let Some(&n_in) = row.last() else {
            return Err(ConfigError::new("a dense layer needs rows with an axis, given []"));
        };
        let shape =
            Shape::try_new(&[n_in, n_out]).map_err(|mismatch| ConfigError::new(mismatch.to_string()))?;
        // No storage is taken here, however large a hostile file says the layer is.
        let bias = flag(config, "bias")?.then(|| Tensor::zeros([n_out]).into());
        Ok(Dense { weight: Tensor::zeros(shape).into(), bias, activation: Activation::from_config(config)? })
    }
}

impl Layer for Dense {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        match (&self.bias, self.activation) {
            (Some(bias), Activation::Relu) => x.affine_relu(&self.weight, bias),
            _ => self.activation.apply(&self.affine(x)),
        }
    }

    #[track_caller]
    fn forward_raw(&self, x: &Tensor) -> Output {
        self.activation.output(self.affine(x))
    }

    #[track_caller]
    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        match row.last() {
            // Both may come from a file, and only together be too large for a shape.
            Some(&n_in) if n_in == self.n_in() => {
                let affine = Shape::try_new(&[&row[..row.len() - 1], &[self.n_out()]].concat())?;
                self.activation.output_row(&affine)
            }
            _ => Err(Mismatch::new("the layer takes other rows")
                .row("row", row)
                .note(format!("expected [..., {}]", self.n_in()))),
        }
    }

    fn config(&self) -> Option<Value> {
        let activation = self.activation.to_config();
        Some(json!({ "units": self.n_out(), "activation": activation, "bias": self.bias.is_some() }))
    }
}

/// A dense layer whose number of inputs is not known yet: what [`Dense::units`] gives.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, Initializer, Sequential};
/// let model = Sequential::new([10])
///     .add(Dense::units(100).relu().weight_init(Initializer::HeNormal))
///     .add(Dense::units(2).softmax());
/// ```
#[derive(Clone, Debug)]
pub struct DenseUnits {
    n_out: usize,
    activation: Activation,
    weight: Initializer,
    bias: Option<Initializer>,
    weight_rules: Rules,
    bias_rules: Rules,
}

impl DenseUnits {
    /// The layer for `n_in` inputs.
    ///
    /// # Panics
    /// If there are no inputs, or a parameter does not have the axes of its constraint.
    #[track_caller]
    pub fn build(self, n_in: usize, rng: &mut Rng) -> Dense {
        assert!(n_in > 0, "dense: at least one input is needed");
        let weight = self.weight_rules.given_to(self.weight.sample([n_in, self.n_out], rng).into());
        // No closure, which would lose the caller's line.
        let bias = match self.bias {
            Some(bias) => Some(self.bias_rules.given_to(bias.sample([self.n_out], rng).into())),
            None => None,
        };
        Dense { weight, bias, activation: self.activation }
    }

    /// With another activation.
    pub fn activation(self, activation: Activation) -> DenseUnits {
        DenseUnits { activation, ..self }
    }

    /// With other start values of the weight.
    pub fn weight_init(self, weight: Initializer) -> DenseUnits {
        DenseUnits { weight, ..self }
    }

    /// With other start values of the bias.
    pub fn bias_init(self, bias: Initializer) -> DenseUnits {
        DenseUnits { bias: Some(bias), ..self }
    }

    /// Without a bias.
    pub fn without_bias(self) -> DenseUnits {
        DenseUnits { bias: None, ..self }
    }

    /// With a constraint of the weight.
    pub fn weight_constraint(mut self, constraint: Constraint) -> DenseUnits {
        self.weight_rules.constraint = Some(constraint);
        self
    }

    /// With a regularizer of the weight.
    pub fn weight_regularizer(mut self, regularizer: Regularizer) -> DenseUnits {
        self.weight_rules.regularizer = Some(regularizer);
        self
    }

    /// With a constraint of the bias, if there is one.
    pub fn bias_constraint(mut self, constraint: Constraint) -> DenseUnits {
        self.bias_rules.constraint = Some(constraint);
        self
    }

    /// With a regularizer of the bias, if there is one.
    pub fn bias_regularizer(mut self, regularizer: Regularizer) -> DenseUnits {
        self.bias_rules.regularizer = Some(regularizer);
        self
    }
}

impl IntoLayer for DenseUnits {
    #[track_caller]
    fn into_layer(self, row: &Shape, rng: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        match row.last() {
            Some(&n_in) if n_in > 0 => Ok(Box::new(self.build(n_in, rng))),
            _ => Err(Mismatch::new("a dense layer needs rows of at least one number").row("row", row)),
        }
    }
}

// A layer and its description are told their activation in the same words.
with_activations!(activated!(Dense));
with_activations!(activated!(DenseUnits));
