//! Normalisation of groups of channels.

use serde_json::{Value, json};
use wengert_tensor::{IntoAxes, Mismatch, Module, Param, Rng, Shape, Tensor};

use super::{EPSILON, along, checked_epsilon};
use crate::axes::{other_rows, place_in_row};
use crate::config::{ConfigError, flag, integer, number, size};
use crate::{IntoLayer, Layer};

/// The channels of each row in groups, each group brought to mean 0 and variance 1 over its channels and all other axes
/// of the row; then each channel scaled and shifted.
///
/// As many groups as channels are an instance normalisation, one group a layer normalisation over the whole row. The
/// defaults are Keras': channels on the last axis, ε 1e-3. PyTorch has them on axis 1, and ε 1e-5.
///
/// # Shape
/// That of the input; scale and offset are `[n_channels]`.
///
/// # Examples
/// ```
/// use wengert_nn::{GroupNorm, Layer};
/// use wengert_tensor::Tensor;
/// let y = GroupNorm::groups(2).epsilon(0.0).build(4).forward(&Tensor::from([[1.0, 3.0, 10.0, 30.0]]));
/// assert_eq!(y.to_vec::<f32>(), [-1.0, 1.0, -1.0, 1.0]);
/// ```
///
/// # References
/// Y. Wu, K. He, "Group normalization", 2018, equation 7.
#[doc(alias("GroupNormalization", "InstanceNorm"))]
#[derive(Module, Clone, Debug)]
pub struct GroupNorm {
    /// What the channels are multiplied by.
    pub scale: Option<Param>,
    /// What is added to them.
    pub offset: Option<Param>,
    n_channels: usize,
    n_groups: usize,
    axis: isize,
    epsilon: f64,
}

impl GroupNorm {
    /// The layer for so many groups of so many channels in all on the last axis, with Keras' defaults.
    ///
    /// # Panics
    /// If the channels cannot be divided into so many groups of the same size.
    #[track_caller]
    pub fn new(n_groups: usize, n_channels: usize) -> GroupNorm {
        GroupNorm::groups(n_groups).build(n_channels)
    }

    /// The description of a layer with so many groups, for [`Sequential`](crate::Sequential), which knows the number of
    /// channels.
    ///
    /// # Panics
    /// If there are no groups.
    #[track_caller]
    pub fn groups(n_groups: usize) -> GroupNormGroups {
        assert!(n_groups > 0, "group_norm: at least one group is needed");
        GroupNormGroups { n_groups, axis: -1, epsilon: EPSILON, has_scale: true, has_offset: true }
    }

    pub(crate) fn from_config(config: &Value, row: &Shape) -> Result<GroupNorm, ConfigError> {
        let description = GroupNormGroups {
            n_groups: size(config, "groups")?,
            axis: integer(config, "axis")?,
            epsilon: number(config, "epsilon", 0.0..=f64::MAX)?,
            has_scale: flag(config, "scale")?,
            has_offset: flag(config, "offset")?,
        };
        Ok(description.for_rows(row)?)
    }

    /// Each group at mean 0 and variance 1, with the channels on axis 1.
    #[track_caller]
    fn standardised(&self, x: &Tensor) -> Tensor {
        let n_rows = x.shape()[0];
        let width = x.shape()[1..].iter().product::<usize>() / self.n_groups;
        let groups = x.reshape([n_rows, self.n_groups, width]);
        groups.layer_norm(-1, 1.0, 0.0, self.epsilon).reshape(*x.shape())
    }
}

impl Layer for GroupNorm {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let axis = self.axis.resolve("group_norm", x.shape()).iter().sum::<usize>();
        let expected = self.n_channels;
        assert!(
            axis > 0 && x.shape()[axis] == expected,
            "group_norm: rows with {expected} channels on axis {} are expected\n  given   {}",
            self.axis,
            x.shape()
        );
        let mut order: Vec<usize> = (0..x.rank()).collect();
        order.remove(axis);
        order.insert(1, axis);
        let mut back: Vec<usize> = (0..x.rank()).collect();
        back.remove(1);
        back.insert(axis, 1);
        let mut y = self.standardised(&x.permute(order)).permute(back);
        if let Some(scale) = &self.scale {
            y = y * along(scale, "group_norm", &[self.axis], x);
        }
        if let Some(offset) = &self.offset {
            y = y + along(offset, "group_norm", &[self.axis], x);
        }
        y
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        match row[place_in_row(self.axis, row)?] {
            n_channels if n_channels == self.n_channels => Ok(*row),
            _ => Err(other_rows(row, format!("{} channels on axis {}", self.n_channels, self.axis))),
        }
    }

    fn config(&self) -> Option<Value> {
        Some(json!({
            "groups": self.n_groups,
            "axis": self.axis,
            "epsilon": self.epsilon,
            "scale": self.scale.is_some(),
            "offset": self.offset.is_some(),
        }))
    }
}

/// A group normalisation whose number of channels is not known yet: what [`GroupNorm::groups`] gives.
#[derive(Clone, Copy, Debug)]
pub struct GroupNormGroups {
    n_groups: usize,
    axis: isize,
    epsilon: f64,
    has_scale: bool,
    has_offset: bool,
}

impl GroupNormGroups {
    /// With the channels on another axis of the batch, whose axis 0 counts the rows.
    pub fn axis(self, axis: isize) -> GroupNormGroups {
        GroupNormGroups { axis, ..self }
    }

    /// With another number under the root.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn epsilon(self, epsilon: f64) -> GroupNormGroups {
        GroupNormGroups { epsilon: checked_epsilon("group_norm", epsilon), ..self }
    }

    /// Without a scale.
    pub fn without_scale(self) -> GroupNormGroups {
        GroupNormGroups { has_scale: false, ..self }
    }

    /// Without an offset.
    pub fn without_offset(self) -> GroupNormGroups {
        GroupNormGroups { has_offset: false, ..self }
    }

    /// The layer for so many channels.
    ///
    /// # Panics
    /// If they cannot be divided into groups of the same size.
    #[track_caller]
    pub fn build(self, n_channels: usize) -> GroupNorm {
        match self.for_channels(n_channels) {
            Ok(layer) => layer,
            Err(mismatch) => panic!("{}", mismatch.report("group_norm")),
        }
    }

    fn for_channels(self, n_channels: usize) -> Result<GroupNorm, Mismatch> {
        if !n_channels.is_multiple_of(self.n_groups) {
            let problem = Mismatch::new("the channels cannot be divided into groups of the same size");
            return Err(problem.row("channels", n_channels).row("groups", self.n_groups));
        }
        Ok(GroupNorm {
            scale: self.has_scale.then(|| Tensor::ones([n_channels]).into()),
            offset: self.has_offset.then(|| Tensor::zeros([n_channels]).into()),
            n_channels,
            n_groups: self.n_groups,
            axis: self.axis,
            epsilon: self.epsilon,
        })
    }

    fn for_rows(self, row: &Shape) -> Result<GroupNorm, Mismatch> {
        self.for_channels(row[place_in_row(self.axis, row)?])
    }
}

impl IntoLayer for GroupNormGroups {
    fn into_layer(self, row: &Shape, _: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        Ok(Box::new(self.for_rows(row)?))
    }
}
