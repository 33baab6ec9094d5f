//! What a tape asks of an executed operation beside its derivatives: the values it kept, to compute its value again, and
//! what it cost.

use wengert_array::{Array, Shape};

use super::Record;
use super::operands::{is_small, needs_of_edges};
use crate::{Op, Tensor, apply};

pub(crate) trait Inspect {
    /// Input number `arg`, or a placeholder of its shape and dtype.
    fn input(&self, arg: usize) -> &Array;
    /// Whether [`input`](Inspect::input) is the value.
    fn has_input(&self, arg: usize) -> bool;
    /// Whether [`Rule::output`](super::Rule::output) is the value.
    fn has_output(&self) -> bool;
    /// The value of the operation once more, from all its inputs, which are not tracked.
    fn replay(&self, xs: &[&Tensor]) -> Tensor;
    /// The arithmetic operations of one execution.
    fn flops(&self) -> u64;
}

impl<O: Op<N>, const N: usize> Inspect for Record<O, N> {
    fn input(&self, arg: usize) -> &Array {
        &self.kept.inputs[arg].array
    }

    fn has_input(&self, arg: usize) -> bool {
        let is_extra = self.kept.edges[arg].is_none() && is_small(&self.kept.inputs[arg].array);
        is_extra || needs_of_edges(&self.kept.edges, &O::NEEDS).has_input(arg)
    }

    fn has_output(&self) -> bool {
        needs_of_edges(&self.kept.edges, &O::NEEDS).has_output()
    }

    fn replay(&self, xs: &[&Tensor]) -> Tensor {
        // Not `forward` itself: with a second caller it is no longer inlined into the first, 10 ns a call.
        apply(self.op.clone(), *xs.first_chunk().expect("an operand for each argument"))
    }

    fn flops(&self) -> u64 {
        let shapes: [&Shape; N] = self.kept.inputs.each_ref().map(Tensor::shape);
        self.op.flops(shapes, self.kept.output.shape())
    }
}
