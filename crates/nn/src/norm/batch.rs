//! Batch normalisation, with the running statistics that it works with at rest.

use serde_json::{Value, json};
use wengert_tensor::{Buffer, IntoAxes, Mismatch, Module, Param, Rng, Shape, Tensor};

use super::{EPSILON, along, checked_epsilon, or_number};
use crate::axes::{other_rows, place_in_row};
use crate::config::{ConfigError, flag, integer, number};
use crate::{IntoLayer, Layer};

/// Each feature brought to mean 0 and variance 1, then scaled and shifted: `y = scale · (x - mean) / √(variance + ε) +
/// offset`.
///
/// In training, mean and variance (with correction 0) are those of the batch, over all axes but that of the features,
/// and the running statistics move: `running ← momentum · running + (1 - momentum) · batch`. They reach the model with
/// the optimizer's step. At rest, and where the layer is [frozen](Module::freeze), the running statistics are used.
///
/// The defaults are Keras': features on the last axis, ε 1e-3, momentum 0.99. PyTorch has them on axis 1, ε 1e-5, calls
/// `1 - momentum` the momentum (0.1), and keeps a running variance with correction 1.
///
/// # Shape
/// That of the input; parameters and statistics are `[n_features]`.
///
/// # Examples
/// ```
/// use wengert_nn::{BatchNorm, Layer};
/// use wengert_tensor::{value_and_grad, Module, Tensor};
///
/// let mut norm = BatchNorm::axis(-1).momentum(0.5).build(1);
/// let x = Tensor::from([[1.0], [3.0]]);
/// let (_, grads) = value_and_grad(&norm, |norm| norm.forward(&x).sum());
/// norm.adopt(&grads);
/// assert_eq!(norm.running_mean.value().item(), 1.0);
/// assert!((norm.forward(&x).mean().item() - 1.0).abs() < 1e-2);
/// ```
///
/// # References
/// S. Ioffe, C. Szegedy, "Batch normalization", 2015, algorithms 1 and 2.
#[doc(alias("BatchNormalization", "BatchNorm1d", "BatchNorm2d"))]
#[derive(Module, Clone, Debug)]
pub struct BatchNorm {
    /// What the features are multiplied by.
    pub scale: Option<Param>,
    /// What is added to them.
    pub offset: Option<Param>,
    /// The mean that is used at rest.
    pub running_mean: Buffer,
    /// The variance that is used at rest.
    pub running_variance: Buffer,
    axis: isize,
    momentum: f64,
    epsilon: f64,
}

impl BatchNorm {
    /// The layer for so many features on the last axis, with Keras' defaults.
    pub fn new(n_features: usize) -> BatchNorm {
        BatchNorm::axis(-1).build(n_features)
    }

    /// The description of a layer with features on an axis of the batch, whose axis 0 counts the rows; for
    /// [`Sequential`](crate::Sequential), which knows the number of features.
    pub fn axis(axis: isize) -> BatchNormAxis {
        BatchNormAxis { axis, momentum: 0.99, epsilon: EPSILON, has_scale: true, has_offset: true }
    }

    fn n_features(&self) -> usize {
        self.running_mean.value().size()
    }

    #[track_caller]
    fn at_rest(&self, x: &Tensor) -> Tensor {
        let aligned = |param: Param| along(&param, "batch_norm", &[self.axis], x);
        let [mean, variance] =
            [&self.running_mean, &self.running_variance].map(|buffer| buffer.value().into());
        let mut factor = (aligned(variance) + self.epsilon).rsqrt();
        if let Some(scale) = &self.scale {
            factor = factor * aligned(scale.clone());
        }
        let y = (x - aligned(mean)) * factor;
        match &self.offset {
            Some(offset) => y + aligned(offset.clone()),
            None => y,
        }
    }

    pub(crate) fn from_config(config: &Value, row: &Shape) -> Result<BatchNorm, ConfigError> {
        let description = BatchNormAxis {
            axis: integer(config, "axis")?,
            momentum: number(config, "momentum", 0.0..=1.0)?,
            epsilon: number(config, "epsilon", 0.0..=f64::MAX)?,
            has_scale: flag(config, "scale")?,
            has_offset: flag(config, "offset")?,
        };
        Ok(description.for_rows(row)?)
    }
}

impl Layer for BatchNorm {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        if !self.running_mean.is_training() {
            return self.at_rest(x);
        }
        let axes = self.axis.resolve("batch_norm", x.shape());
        let (n_features, expected) =
            (axes.iter().map(|axis| x.shape()[axis]).sum::<usize>(), self.n_features());
        assert!(
            n_features == expected,
            "batch_norm: axis {} has {n_features} features, expected {expected}\n  given   {}",
            self.axis,
            x.shape()
        );
        let (scale, offset) = (or_number(&self.scale, 1.0), or_number(&self.offset, 0.0));
        let (y, mean, variance) = x.batch_norm_with_moments(self.axis, scale, offset, self.epsilon);
        for (running, batch) in [(&self.running_mean, mean), (&self.running_variance, variance)] {
            running.stage(&(running.value() * self.momentum + batch * (1.0 - self.momentum)));
        }
        y
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        match row[place_in_row(self.axis, row)?] {
            n_features if n_features == self.n_features() => Ok(*row),
            _ => Err(other_rows(row, format!("{} features on axis {}", self.n_features(), self.axis))),
        }
    }

    fn config(&self) -> Option<Value> {
        Some(json!({
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "scale": self.scale.is_some(),
            "offset": self.offset.is_some(),
        }))
    }
}

/// A batch normalisation whose number of features is not known yet: what [`BatchNorm::axis`] gives.
#[derive(Clone, Copy, Debug)]
pub struct BatchNormAxis {
    axis: isize,
    momentum: f64,
    epsilon: f64,
    has_scale: bool,
    has_offset: bool,
}

impl BatchNormAxis {
    /// With another share of the running statistics that stays in each step.
    ///
    /// # Panics
    /// If it lies outside [0, 1].
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> BatchNormAxis {
        assert!((0.0..=1.0).contains(&momentum), "batch_norm: the momentum {momentum} lies outside [0, 1]");
        BatchNormAxis { momentum, ..self }
    }

    /// With another number under the root.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn epsilon(self, epsilon: f64) -> BatchNormAxis {
        BatchNormAxis { epsilon: checked_epsilon("batch_norm", epsilon), ..self }
    }

    /// Without a scale.
    pub fn without_scale(self) -> BatchNormAxis {
        BatchNormAxis { has_scale: false, ..self }
    }

    /// Without an offset.
    pub fn without_offset(self) -> BatchNormAxis {
        BatchNormAxis { has_offset: false, ..self }
    }

    /// The layer for so many features.
    pub fn build(self, n_features: usize) -> BatchNorm {
        BatchNorm {
            scale: self.has_scale.then(|| Tensor::ones([n_features]).into()),
            offset: self.has_offset.then(|| Tensor::zeros([n_features]).into()),
            running_mean: Buffer::new(Tensor::zeros([n_features])),
            running_variance: Buffer::new(Tensor::ones([n_features])),
            axis: self.axis,
            momentum: self.momentum,
            epsilon: self.epsilon,
        }
    }

    fn for_rows(self, row: &Shape) -> Result<BatchNorm, Mismatch> {
        Ok(self.build(row[place_in_row(self.axis, row)?]))
    }
}

impl IntoLayer for BatchNormAxis {
    fn into_layer(self, row: &Shape, _: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        Ok(Box::new(self.for_rows(row)?))
    }
}
