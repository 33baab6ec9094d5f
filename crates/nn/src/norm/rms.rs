//! Normalisation by the root of the mean square.

use serde_json::{Value, json};
use wengert_tensor::{Mismatch, Module, Param, Rng, Shape, Tensor};

use super::{along, checked_epsilon, sizes_at};
use crate::axes::{in_row, other_rows};
use crate::config::{ConfigError, integers, number};
use crate::{IntoLayer, Layer};

/// Each row divided by the root of its mean square over some axes, then scaled: `y = scale · x / √(mean x² + ε)`.
///
/// ε is Keras' 1e-6 unless said otherwise; PyTorch's is the distance from 1 to the next number of the dtype.
///
/// # Shape
/// That of the input; the scale has the sizes of the axes.
///
/// # Examples
/// ```
/// use wengert_nn::{Layer, RmsNorm};
/// use wengert_tensor::Tensor;
/// let y = RmsNorm::axes([-1]).epsilon(0.0).build(&[2].into()).forward(&Tensor::from([[7.0, -1.0]]));
/// assert_eq!(y.to_vec::<f32>(), [1.4, -0.2]);
/// ```
///
/// # References
/// B. Zhang, R. Sennrich, "Root mean square layer normalization", 2019, equation 4.
#[doc(alias("RMSNormalization"))]
#[derive(Module, Clone, Debug)]
pub struct RmsNorm {
    /// What the numbers are multiplied by.
    pub scale: Param,
    axes: Vec<isize>,
    epsilon: f64,
}

impl RmsNorm {
    /// The layer for so many features on the last axis, with Keras' defaults.
    pub fn new(n_features: usize) -> RmsNorm {
        RmsNorm::axes([-1]).build(&Shape::from([n_features]))
    }

    /// The description of a layer that normalises over these axes of the batch, whose axis 0 counts the rows; for
    /// [`Sequential`](crate::Sequential), which knows their sizes.
    pub fn axes(axes: impl Into<Vec<isize>>) -> RmsNormAxes {
        RmsNormAxes { axes: axes.into(), epsilon: 1e-6 }
    }

    pub(crate) fn from_config(config: &Value, row: &Shape) -> Result<RmsNorm, ConfigError> {
        let epsilon = number(config, "epsilon", 0.0..=f64::MAX)?;
        Ok(RmsNormAxes { axes: integers(config, "axes")?, epsilon }.for_rows(row)?)
    }
}

impl Layer for RmsNorm {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let scale = along(&self.scale, "rms_norm", &self.axes, x);
        x * (x.square().mean_keep(&self.axes[..]) + self.epsilon).rsqrt() * scale
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        match sizes_at(&in_row(&self.axes, row)?, row) {
            sizes if sizes == *self.scale.shape() => Ok(*row),
            _ => Err(other_rows(row, format!("{} on axes {:?}", self.scale.shape(), self.axes))),
        }
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "axes": self.axes, "epsilon": self.epsilon }))
    }
}

/// A normalisation by the root mean square whose sizes are not known yet: what [`RmsNorm::axes`] gives.
#[derive(Clone, Debug)]
pub struct RmsNormAxes {
    axes: Vec<isize>,
    epsilon: f64,
}

impl RmsNormAxes {
    /// With another number under the root.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn epsilon(self, epsilon: f64) -> RmsNormAxes {
        RmsNormAxes { epsilon: checked_epsilon("rms_norm", epsilon), ..self }
    }

    /// The layer for rows of this shape.
    ///
    /// # Panics
    /// If the rows do not have the axes.
    #[track_caller]
    pub fn build(self, row: &Shape) -> RmsNorm {
        match self.for_rows(row) {
            Ok(layer) => layer,
            Err(mismatch) => panic!("{}", mismatch.report("rms_norm")),
        }
    }

    fn for_rows(self, row: &Shape) -> Result<RmsNorm, Mismatch> {
        let places = in_row(&self.axes, row)?;
        if places.is_empty() {
            return Err(Mismatch::new("there is no axis to normalise over"));
        }
        let scale = Tensor::ones(sizes_at(&places, row)).into();
        Ok(RmsNorm { scale, axes: self.axes, epsilon: self.epsilon })
    }
}

impl IntoLayer for RmsNormAxes {
    fn into_layer(self, row: &Shape, _: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        Ok(Box::new(self.for_rows(row)?))
    }
}
