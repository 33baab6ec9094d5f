//! The beginning of a graph, as an operation: the identity.

use std::panic::Location;

use wengert_array::{Array, Mismatch, Shape};

use crate::catalogue::catalogue;
use crate::node::record;
use crate::{Needs, Op, Sample, Tensor};

catalogue![Leaf];

/// y = x,  dx = dy
///
/// It is recorded whether or not `x` is tracked. If it is, the leaf stands for a tensor of an outer derivative.
#[derive(Clone, Debug)]
pub(crate) struct Leaf;

impl Op<1> for Leaf {
    const NAME: &'static str = "leaf";
    const NEEDS: [Needs; 1] = [Needs::NONE];
    const IS_ELEMENTWISE: bool = true;

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(*x)
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        x.clone()
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.clone()
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let shapes: [&[usize]; 8] = [&[], &[1], &[5], &[2, 3], &[0], &[2, 0], &[2, 1, 3], &[1, 300]];
        shapes.map(|shape| Sample::random(Leaf, [shape])).into()
    }
}

impl Tensor {
    /// The same value as the beginning of a graph: a leaf, which [`Tape::gradient`](crate::Tape::gradient) can
    /// differentiate with respect to.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert!(Tensor::from(1.0).tracked().is_tracked());
    /// ```
    #[track_caller]
    pub fn tracked(&self) -> Tensor {
        self.detach().leaf(Location::caller())
    }

    /// A leaf that stands for this tensor, and leads on to where it came from, if anywhere.
    pub(crate) fn leaf(&self, site: &'static Location<'static>) -> Tensor {
        Tensor { array: self.array.clone(), origin: Some(record(Leaf, [self], &self.array, site)) }
    }
}
