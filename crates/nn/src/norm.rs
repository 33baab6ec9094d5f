//! Layers of normalisation: numbers brought to a mean and a size that do not depend on the layers before.

mod batch;
mod group;
mod layer;
mod rms;
mod unit;

pub use batch::{BatchNorm, BatchNormAxis};
pub use group::{GroupNorm, GroupNormGroups};
pub use layer::{LayerNorm, LayerNormAxes};
pub use rms::{RmsNorm, RmsNormAxes};
pub use unit::UnitNorm;

use wengert_tensor::{IntoAxes, Operand, Param, Shape, Tensor};

/// Keras' number under the root.
const EPSILON: f64 = 1e-3;

/// A scale or an offset as the operations take them: the parameter, or the number that does nothing.
fn or_number(param: &Option<Param>, number: f64) -> Operand<'_> {
    match param {
        Some(param) => param.into(),
        None => number.into(),
    }
}

/// Parameters that belong to some axes of `x`, with axes of size 1 in the place of the others.
#[track_caller]
fn along(param: &Param, name: &str, axes: &[isize], x: &Tensor) -> Tensor {
    let axes = axes.resolve(name, x.shape());
    let sizes: Vec<usize> = axes.iter().map(|axis| x.shape()[axis]).collect();
    assert!(
        param.shape()[..] == sizes,
        "{name}: the parameters {} do not fit\n  given   {}",
        param.shape(),
        x.shape()
    );
    let others = (0..x.rank()).filter(|&axis| !axes.contains(axis));
    param.reshape(others.fold(*x.shape(), |shape, axis| shape.with(axis, 1)))
}

/// The number under a root, checked.
#[track_caller]
fn checked_epsilon(name: &str, epsilon: f64) -> f64 {
    let is_valid = epsilon.is_finite() && epsilon >= 0.0;
    assert!(is_valid, "{name}: epsilon {epsilon} is not a finite number of at least 0");
    epsilon
}

/// The sizes of a row at some places.
fn sizes_at(places: &[usize], row: &Shape) -> Shape {
    Shape::from(places.iter().map(|&place| row[place]).collect::<Vec<_>>())
}
