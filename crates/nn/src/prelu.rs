//! The rectifier whose slope below 0 is learnt.

use serde_json::{Value, json};
use wengert_tensor::{Mismatch, Module, Param, Rng, Shape, Tensor};

use crate::axes::{in_row, other_rows};
use crate::config::{self, ConfigError};
use crate::{IntoLayer, Layer};

/// `y = x` where `x > 0`, else `slope · x`.
///
/// The slopes are Keras' unless said otherwise: one for each number of a row, 0 at first. PyTorch has one for all or for
/// each channel, 0.25 at first: `PRelu::start(0.25).shared([1, 2])` for images whose channels come last.
///
/// # Shape
/// That of the input; the slopes have the shape of a row, with 1 on the axes that share them.
///
/// # Examples
/// ```
/// use wengert_nn::{Layer, PRelu};
/// use wengert_tensor::Tensor;
/// let layer = PRelu::new(Tensor::from([0.5, 0.1]));
/// assert_eq!(layer.forward(&Tensor::from([[-2.0, 3.0], [4.0, -1.0]])).to_vec::<f32>(), [-1.0, 3.0, 4.0, -0.1]);
/// ```
///
/// # References
/// K. He et al., "Delving deep into rectifiers", 2015, equation 1.
#[derive(Module, Clone, Debug)]
pub struct PRelu {
    /// What numbers below 0 are multiplied by.
    pub slope: Param,
}

impl PRelu {
    /// The layer with these slopes, which broadcast to a row.
    pub fn new(slope: Tensor) -> PRelu {
        PRelu { slope: slope.into() }
    }

    /// The description of a layer with slopes that are all `slope` at first, for [`Sequential`](crate::Sequential), which
    /// knows the shape of a row.
    ///
    /// # Panics
    /// If the slope is not finite.
    #[track_caller]
    pub fn start(slope: f64) -> PReluStart {
        assert!(slope.is_finite(), "prelu: the slope {slope} is not finite");
        PReluStart { slope, shared: Vec::new() }
    }

    pub(crate) fn from_config(config: &Value) -> Result<PRelu, ConfigError> {
        Ok(PRelu::new(Tensor::zeros(config::shape(config, "slope")?)))
    }
}

impl Layer for PRelu {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        x.prelu(&self.slope)
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        match Shape::broadcast(&[self.slope.shape(), row]) {
            Ok(shape) if shape == *row => Ok(shape),
            _ => Err(other_rows(row, format!("what slopes {} broadcast to", self.slope.shape()))),
        }
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "slope": self.slope.shape().to_vec() }))
    }
}

/// A rectifier whose shape is not known yet: what [`PRelu::start`] gives.
#[derive(Clone, Debug)]
pub struct PReluStart {
    slope: f64,
    shared: Vec<isize>,
}

impl PReluStart {
    /// With one slope for all numbers along these axes of the batch, whose axis 0 counts the rows.
    pub fn shared(self, axes: impl Into<Vec<isize>>) -> PReluStart {
        PReluStart { shared: axes.into(), ..self }
    }
}

impl IntoLayer for PReluStart {
    fn into_layer(self, row: &Shape, _: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        let places = in_row(&self.shared, row)?;
        let shape = places.into_iter().fold(*row, |shape, place| shape.with(place, 1));
        Ok(Box::new(PRelu::new(Tensor::full(shape, self.slope))))
    }
}
