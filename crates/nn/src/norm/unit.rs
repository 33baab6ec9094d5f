//! Rows of length 1.

use serde_json::{Value, json};
use wengert_tensor::{Mismatch, Module, Shape, Tensor};

use crate::Layer;
use crate::axes::in_row;
use crate::config::{ConfigError, integers};

/// Each row divided by its Euclidean norm over some axes; zeros stay zeros, with derivative 0.
///
/// `y = x / ‖x‖`. (Keras divides by at least 1e-12.)
///
/// # Shape
/// That of the input.
///
/// # Examples
/// ```
/// use wengert_nn::{Layer, UnitNorm};
/// use wengert_tensor::Tensor;
/// let y = UnitNorm::axes([-1]).forward(&Tensor::from([[3.0, 4.0], [0.0, 0.0]]));
/// assert_eq!(y.to_vec::<f32>(), [0.6, 0.8, 0.0, 0.0]);
/// ```
#[doc(alias("UnitNormalization"))]
#[derive(Module, Clone, Debug)]
pub struct UnitNorm {
    axes: Vec<isize>,
}

impl UnitNorm {
    /// The layer with norms over these axes of the batch, whose axis 0 counts the rows.
    pub fn axes(axes: impl Into<Vec<isize>>) -> UnitNorm {
        UnitNorm { axes: axes.into() }
    }

    pub(crate) fn from_config(config: &Value) -> Result<UnitNorm, ConfigError> {
        Ok(UnitNorm { axes: integers(config, "axes")? })
    }
}

impl Layer for UnitNorm {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        x.normalize(&self.axes[..])
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        in_row(&self.axes, row).map(|_| *row)
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "axes": self.axes }))
    }
}
