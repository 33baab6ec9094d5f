//! Layer normalisation.

use serde_json::{Value, json};
use wengert_tensor::{IntoAxes, Mismatch, Module, Param, Rng, Shape, Tensor};

use super::{EPSILON, checked_epsilon, or_number, sizes_at};
use crate::axes::{in_row, other_rows};
use crate::config::{ConfigError, flag, integers, number};
use crate::{IntoLayer, Layer};

/// Each row brought to mean 0 and variance 1 over some axes, then scaled and shifted: `y = scale · (x - mean) /
/// √(variance + ε) + offset`.
///
/// The variance is that with correction 0. ε is Keras' 1e-3 unless said otherwise; PyTorch's is 1e-5.
///
/// # Shape
/// That of the input; scale and offset have the sizes of the axes.
///
/// # Examples
/// ```
/// use wengert_nn::{Layer, LayerNorm};
/// use wengert_tensor::Tensor;
/// let y = LayerNorm::axes([-1]).epsilon(0.0).build(&[2].into()).forward(&Tensor::from([[1.0, 3.0], [10.0, 30.0]]));
/// assert_eq!(y.to_vec::<f32>(), [-1.0, 1.0, -1.0, 1.0]);
/// ```
///
/// # References
/// J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", 2016, equation 4.
#[doc(alias("LayerNormalization"))]
#[derive(Module, Clone, Debug)]
pub struct LayerNorm {
    /// What the numbers are multiplied by.
    pub scale: Option<Param>,
    /// What is added to them.
    pub offset: Option<Param>,
    axes: Vec<isize>,
    /// That of what is normalised together, which stands here for layers without parameters.
    #[module(skip)]
    sizes: Shape,
    epsilon: f64,
}

impl LayerNorm {
    /// The layer for so many features on the last axis, with Keras' defaults.
    pub fn new(n_features: usize) -> LayerNorm {
        LayerNorm::axes([-1]).build(&Shape::from([n_features]))
    }

    /// The description of a layer that normalises over these axes of the batch, whose axis 0 counts the rows; for
    /// [`Sequential`](crate::Sequential), which knows their sizes.
    pub fn axes(axes: impl Into<Vec<isize>>) -> LayerNormAxes {
        LayerNormAxes { axes: axes.into(), epsilon: EPSILON, has_scale: true, has_offset: true }
    }

    pub(crate) fn from_config(config: &Value, row: &Shape) -> Result<LayerNorm, ConfigError> {
        let description = LayerNormAxes {
            axes: integers(config, "axes")?,
            epsilon: number(config, "epsilon", 0.0..=f64::MAX)?,
            has_scale: flag(config, "scale")?,
            has_offset: flag(config, "offset")?,
        };
        Ok(description.for_rows(row)?)
    }
}

impl Layer for LayerNorm {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let (scale, offset) = (or_number(&self.scale, 1.0), or_number(&self.offset, 0.0));
        let axes = (&self.axes[..]).resolve("layer_norm", x.shape());
        if axes.iter().eq(x.rank() - axes.count()..x.rank()) {
            return x.layer_norm(&self.axes[..], scale, offset, self.epsilon);
        }
        let others = (0..x.rank()).filter(|&axis| !axes.contains(axis));
        let order: Vec<usize> = others.chain(axes.iter()).collect();
        let last: Vec<isize> = (1..=self.axes.len() as isize).map(|place| -place).collect();
        let mut back = order.clone();
        for (place, &axis) in order.iter().enumerate() {
            back[axis] = place;
        }
        x.permute(order).layer_norm(&last[..], scale, offset, self.epsilon).permute(back)
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        match sizes_at(&in_row(&self.axes, row)?, row) {
            sizes if sizes == self.sizes => Ok(*row),
            _ => Err(other_rows(row, format!("{} on axes {:?}", self.sizes, self.axes))),
        }
    }

    fn config(&self) -> Option<Value> {
        Some(json!({
            "axes": self.axes,
            "epsilon": self.epsilon,
            "scale": self.scale.is_some(),
            "offset": self.offset.is_some(),
        }))
    }
}

/// A layer normalisation whose sizes are not known yet: what [`LayerNorm::axes`] gives.
#[derive(Clone, Debug)]
pub struct LayerNormAxes {
    axes: Vec<isize>,
    epsilon: f64,
    has_scale: bool,
    has_offset: bool,
}

impl LayerNormAxes {
    /// With another number under the root.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn epsilon(self, epsilon: f64) -> LayerNormAxes {
        LayerNormAxes { epsilon: checked_epsilon("layer_norm", epsilon), ..self }
    }

    /// Without a scale.
    pub fn without_scale(self) -> LayerNormAxes {
        LayerNormAxes { has_scale: false, ..self }
    }

    /// Without an offset.
    pub fn without_offset(self) -> LayerNormAxes {
        LayerNormAxes { has_offset: false, ..self }
    }

    /// The layer for rows of this shape.
    ///
    /// # Panics
    /// If the rows do not have the axes.
    #[track_caller]
    pub fn build(self, row: &Shape) -> LayerNorm {
        match self.for_rows(row) {
            Ok(layer) => layer,
            Err(mismatch) => panic!("{}", mismatch.report("layer_norm")),
        }
    }

    fn for_rows(self, row: &Shape) -> Result<LayerNorm, Mismatch> {
        let places = in_row(&self.axes, row)?;
        if places.is_empty() {
            return Err(Mismatch::new("there is no axis to normalise over"));
        }
        let sizes = sizes_at(&places, row);
        Ok(LayerNorm {
            scale: self.has_scale.then(|| Tensor::ones(sizes).into()),
            offset: self.has_offset.then(|| Tensor::zeros(sizes).into()),
            axes: self.axes,
            sizes,
            epsilon: self.epsilon,
        })
    }
}

impl IntoLayer for LayerNormAxes {
    fn into_layer(self, row: &Shape, _: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        Ok(Box::new(self.for_rows(row)?))
    }
}
