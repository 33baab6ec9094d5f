//! A way around a layer.

use std::fmt;

use serde_json::{Value, json};
use wengert_tensor::{Mismatch, Module, Rng, Shape, Tensor};

use crate::config::{ConfigError, Registry, nested, nested_config};
use crate::{IntoLayer, Layer, Sequential};

/// `y = x + inner(x)`
///
/// # Shape
/// That of the input, which the inner layer must keep.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, Residual, Sequential};
/// let model = Sequential::new([16])
///     .add(Residual::of(|inner| inner.add(Dense::units(32).relu()).add(Dense::units(16))))
///     .add(Dense::units(2).softmax());
/// ```
///
/// # References
/// K. He et al., "Deep residual learning for image recognition", 2015, equation 1.
#[derive(Module, Clone, Debug)]
pub struct Residual {
    /// What is gone around.
    pub inner: Box<dyn Layer>,
}

impl Residual {
    /// A way around a layer.
    pub fn new(inner: impl Layer + 'static) -> Residual {
        Residual { inner: Box::new(inner) }
    }

    /// The description of a way around the layers that `build` adds to the empty [`Sequential`] that it is given, which
    /// knows the shape of its input.
    pub fn of<F: FnOnce(Sequential) -> Sequential>(build: F) -> ResidualOf<F> {
        ResidualOf { build }
    }

    pub(crate) fn from_config(
        config: &Value,
        row: &Shape,
        registry: &Registry,
    ) -> Result<Residual, ConfigError> {
        let inner = nested(&config["inner"], row, registry).map_err(|error| error.within("inner"))?;
        let layer = Residual { inner };
        layer.output_shape(row)?;
        Ok(layer)
    }
}

impl Layer for Residual {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.inner.forward(x);
        // Anything else that broadcasts would be a mistake.
        let (given, expected) = (y.shape(), x.shape());
        assert!(
            given == expected,
            "residual: the inner layer makes {given} of {expected}, expected the same"
        );
        x + y
    }

    #[track_caller]
    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        match self.inner.output_shape(row)? {
            output if output == *row => Ok(output),
            output => Err(Mismatch::new("the inner layer does not keep the shape of its rows")
                .row("row", row)
                .row("inner", output)
                .note(format!("expected {row}"))),
        }
    }

    fn check_input(&self, x: &Tensor) -> Result<(), Mismatch> {
        self.inner.check_input(x)
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "inner": nested_config(&*self.inner)? }))
    }
}

/// A residual layer that is not built yet: what [`Residual::of`] gives.
pub struct ResidualOf<F> {
    build: F,
}

impl<F> fmt::Debug for ResidualOf<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidualOf")
    }
}

impl<F: FnOnce(Sequential) -> Sequential> IntoLayer for ResidualOf<F> {
    fn into_layer(self, row: &Shape, rng: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        Ok(Box::new(Residual::new((self.build)(Sequential::within(row, rng)))))
    }
}
