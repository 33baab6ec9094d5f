//! Activation functions, as values that layers hold and as layers of their own.

use std::fmt;

use serde_json::{Value, json};
use wengert_tensor::{Mismatch, Module, Shape, Tensor};

use crate::config::{ConfigError, text};
use crate::{Layer, Output};

/// The function between the affine maps of a network.
///
/// # Examples
/// ```
/// use wengert_nn::Activation;
/// use wengert_tensor::Tensor;
/// assert_eq!(Activation::Relu.apply(&Tensor::from([-1.0, 2.0])).to_vec::<f32>(), [0.0, 2.0]);
/// assert_eq!(Activation::named("softmax"), Some(Activation::Softmax));
/// ```
#[derive(Module, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// The identity.
    #[default]
    Linear,
    /// `max(x, 0)`
    Relu,
    /// The logistic function.
    Sigmoid,
    /// The softmax over the last axis.
    Softmax,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    const ALL: [Activation; 5] =
        [Activation::Linear, Activation::Relu, Activation::Sigmoid, Activation::Softmax, Activation::Tanh];

    /// The value of the function.
    #[track_caller]
    pub fn apply(&self, x: &Tensor) -> Tensor {
        match self {
            Activation::Linear => x.clone(),
            Activation::Relu => x.relu(),
            Activation::Sigmoid => x.sigmoid(),
            Activation::Softmax => x.softmax(-1),
            Activation::Tanh => x.tanh(),
        }
    }

    /// The name, as Keras spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Activation::Linear => "linear",
            Activation::Relu => "relu",
            Activation::Sigmoid => "sigmoid",
            Activation::Softmax => "softmax",
            Activation::Tanh => "tanh",
        }
    }

    /// The activation of a name, if there is one.
    pub fn named(name: &str) -> Option<Activation> {
        Activation::ALL.into_iter().find(|activation| activation.name() == name)
    }

    pub(crate) fn from_config(config: &Value) -> Result<Activation, ConfigError> {
        let name = text(config, "activation")?;
        Activation::named(name).ok_or_else(|| {
            let known = Activation::ALL.map(|activation| activation.name()).join(", ");
            ConfigError::new(format!("`activation` is `{name}`, expected one of {known}"))
        })
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Layer for Activation {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        self.apply(x)
    }

    fn forward_raw(&self, x: &Tensor) -> Output {
        Output { raw: x.clone(), activation: *self }
    }

    #[track_caller]
    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        Ok(*row)
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "activation": self.name() }))
    }
}
