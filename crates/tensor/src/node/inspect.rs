//! What a tape asks of an executed operation beside its derivatives: the values it kept, to compute its value again, and
//! what it cost.

use wengert_array::Array;

use super::Record;
use super::operands::{needs_of_edges, replay};
use crate::{Op, Tensor};

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
        self.kept.has_input(arg, &O::NEEDS)
    }

    fn has_output(&self) -> bool {
        needs_of_edges(&self.kept.edges, &O::NEEDS).has_output()
    }

    fn replay(&self, xs: &[&Tensor]) -> Tensor {
        replay(&self.op, xs)
    }

    fn flops(&self) -> u64 {
        self.kept.flops(&self.op)
    }
}
