//! The beginning of a graph, as an operation: the identity.

use std::panic::Location;
use std::sync::Arc;

use wengert_array::{Array, Mismatch, Shape};

use crate::catalogue::catalogue;
use crate::node::inspect::Inspect;
use crate::node::{Edge, Node, Pull, Rule, next_id};
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

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
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
        let rule = LeafRecord { value: self.array.clone(), edges: [self.edge()] };
        let origin: Arc<Node> = Arc::new(Node { id: next_id(), site, rule });
        Tensor { array: self.array.clone(), origin: Some(origin) }
    }
}

/// What a leaf leaves behind: its value, of which input and result share the buffer, so that a replay of the tape has
/// something to begin with.
struct LeafRecord {
    value: Array,
    edges: [Edge; 1],
}

impl Rule for LeafRecord {
    fn name(&self) -> &'static str {
        Leaf::NAME
    }

    fn edges(&self) -> &[Edge] {
        &self.edges
    }

    fn edges_mut(&mut self) -> &mut [Edge] {
        &mut self.edges
    }

    fn output(&self) -> &Array {
        &self.value
    }

    fn pull(&self, pull: Pull<'_>, emit: &mut dyn FnMut(usize, Tensor)) {
        emit(0, pull.dy);
    }
}

impl Inspect for LeafRecord {
    fn input(&self, _: usize) -> &Array {
        &self.value
    }

    fn has_input(&self, _: usize) -> bool {
        true
    }

    fn has_output(&self) -> bool {
        true
    }

    fn replay(&self, xs: &[&Tensor]) -> Tensor {
        xs[0].clone()
    }

    fn flops(&self) -> u64 {
        0
    }
}
