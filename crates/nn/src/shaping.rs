//! Layers that give rows another shape and leave their numbers alone.

use serde_json::{Value, json};
use wengert_tensor::{Mismatch, Module, Shape, Tensor};

use crate::Layer;
use crate::axes::other_rows;
use crate::config::{ConfigError, integers};

/// All numbers of a row along one axis.
///
/// # Shape
/// `[n_rows, a, b, …]` → `[n_rows, a · b · …]`. (Keras' `Flatten` and PyTorch's, for data whose channels come last.)
///
/// # Examples
/// ```
/// use wengert_nn::{Flatten, Layer};
/// use wengert_tensor::Tensor;
/// assert_eq!(*Flatten.forward(&Tensor::zeros([5, 2, 3])).shape(), [5, 6]);
/// ```
#[derive(Module, Clone, Copy, Debug, Default)]
pub struct Flatten;

impl Layer for Flatten {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        assert!(x.rank() > 0, "flatten: the first axis counts the rows, given []");
        let width: usize = x.shape()[1..].iter().product();
        x.reshape([x.shape()[0], width])
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        Ok(Shape::from([row.size()]))
    }

    fn is_rearrangement(&self) -> bool {
        true
    }

    fn config(&self) -> Option<Value> {
        Some(json!({}))
    }
}

/// The numbers of a row in another shape, in the same order.
///
/// # Shape
/// `[n_rows, ...]` → `[n_rows, ...sizes]`; one size may be -1 and is what is left.
///
/// # Examples
/// ```
/// use wengert_nn::{Layer, Reshape};
/// use wengert_tensor::Tensor;
/// assert_eq!(*Reshape::to([-1, 3]).forward(&Tensor::zeros([5, 12])).shape(), [5, 4, 3]);
/// ```
#[derive(Module, Clone, Debug)]
pub struct Reshape {
    sizes: Vec<isize>,
}

impl Reshape {
    /// The layer for these sizes, that of the rows' own axis not among them.
    ///
    /// # Panics
    /// If a size is below -1, or more than one is -1.
    #[track_caller]
    pub fn to(sizes: impl AsRef<[isize]>) -> Reshape {
        match Reshape::new(sizes.as_ref().to_vec()) {
            Ok(layer) => layer,
            Err(problem) => panic!("reshape: {problem}"),
        }
    }

    fn new(sizes: Vec<isize>) -> Result<Reshape, String> {
        let n_open = sizes.iter().filter(|&&size| size == -1).count();
        if n_open > 1 || sizes.iter().any(|&size| size < -1) {
            return Err(format!("{sizes:?} are no sizes; expected whole numbers, of which one may be -1"));
        }
        Ok(Reshape { sizes })
    }

    pub(crate) fn from_config(config: &Value) -> Result<Reshape, ConfigError> {
        Reshape::new(integers(config, "sizes")?).map_err(ConfigError::new)
    }
}

impl Layer for Reshape {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        assert!(x.rank() > 0, "reshape: the first axis counts the rows, given []");
        match self.output_shape(&x.shape().without(0)) {
            Ok(row) => x.reshape(row.insert(0, x.shape()[0])),
            Err(mismatch) => panic!("{}", mismatch.report("reshape")),
        }
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        let given: Vec<usize> = self.sizes.iter().filter_map(|&size| usize::try_from(size).ok()).collect();
        let known = Shape::try_new(&given)?.size();
        let is_open = given.len() < self.sizes.len();
        let open = if is_open && known > 0 { row.size() / known } else { 0 };
        let sizes: Vec<usize> =
            self.sizes.iter().map(|&size| usize::try_from(size).unwrap_or(open)).collect();
        match Shape::try_new(&sizes)? {
            shape if shape.size() == row.size() => Ok(shape),
            _ => Err(Mismatch::new("the rows do not have as many numbers")
                .row("row", row)
                .row("sizes", format!("{:?}", self.sizes))),
        }
    }

    fn is_rearrangement(&self) -> bool {
        true
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "sizes": self.sizes }))
    }
}

/// The axes of a row in another order.
///
/// # Shape
/// Axis `i` of the output, for `i` from 1, is axis `axes[i - 1]` of the input; axis 0 counts the rows and stays. These
/// are Keras' numbers.
///
/// # Examples
/// ```
/// use wengert_nn::{Layer, Permute};
/// use wengert_tensor::Tensor;
/// assert_eq!(*Permute::to([2, 1]).forward(&Tensor::zeros([5, 3, 4])).shape(), [5, 4, 3]);
/// ```
#[derive(Module, Clone, Debug)]
pub struct Permute {
    axes: Vec<usize>,
}

impl Permute {
    /// The layer for these axes.
    ///
    /// # Panics
    /// If they are not the numbers 1, 2, …, each once.
    #[track_caller]
    pub fn to(axes: impl Into<Vec<usize>>) -> Permute {
        match Permute::new(axes.into()) {
            Ok(layer) => layer,
            Err(problem) => panic!("permute: {problem}"),
        }
    }

    fn new(axes: Vec<usize>) -> Result<Permute, String> {
        let mut sorted = axes.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(1..=axes.len()) {
            return Err(format!("{axes:?} are not the axes 1 to {}, each once", axes.len()));
        }
        Ok(Permute { axes })
    }

    pub(crate) fn from_config(config: &Value) -> Result<Permute, ConfigError> {
        // What is negative is no axis either way.
        let axes = integers(config, "axes")?.into_iter().map(|axis| axis.max(0) as usize);
        Permute::new(axes.collect()).map_err(ConfigError::new)
    }
}

impl Layer for Permute {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        x.permute([&[0], &self.axes[..]].concat())
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        if row.len() != self.axes.len() {
            return Err(other_rows(row, format!("{} axes", self.axes.len())));
        }
        Shape::try_new(&self.axes.iter().map(|&axis| row[axis - 1]).collect::<Vec<_>>())
    }

    fn is_rearrangement(&self) -> bool {
        true
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "axes": self.axes }))
    }
}
