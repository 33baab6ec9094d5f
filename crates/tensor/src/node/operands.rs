//! What a node keeps of its operands and does with them, which is the same for all operations: compiled once for each
//! number of operands, not for each operation.

use std::borrow::Cow;

use wengert_array::{Array, Mismatch, Shape};

use super::{Edge, Pull};
use crate::{Needs, Op, Tensor};

/// The values that the rules of an operation's tracked arguments need.
pub(crate) struct Kept<const N: usize> {
    /// The arguments, or placeholders of their shapes and dtypes.
    pub(crate) inputs: [Tensor; N],
    /// The result, or a placeholder.
    pub(crate) output: Array,
    /// The node of each argument, if it is tracked.
    pub(crate) edges: [Edge; N],
}

impl<const N: usize> Kept<N> {
    pub(crate) fn new(xs: [&Tensor; N], output: &Array, needs: &[Needs; N]) -> Kept<N> {
        let needs = needs_of_tracked(&xs, needs);
        Kept {
            inputs: kept(xs, needs),
            output: keep(output, needs.has_output()).array,
            edges: xs.map(Tensor::edge),
        }
    }

    /// Whether input number `arg` is the value.
    pub(crate) fn has_input(&self, arg: usize, needs: &[Needs; N]) -> bool {
        let is_extra = self.edges[arg].is_none() && is_small(&self.inputs[arg].array);
        is_extra || needs_of_edges(&self.edges, needs).has_input(arg)
    }

    pub(crate) fn flops(&self, op: &dyn Operation<N>) -> u64 {
        op.flops(self.inputs.each_ref().map(Tensor::shape), self.output.shape())
    }

    /// Hands the derivative with respect to each wanted argument to `emit`, in the shape of that argument.
    pub(crate) fn pull(
        &self,
        op: &dyn Operation<N>,
        needs: &[Needs; N],
        pull: Pull<'_>,
        emit: &mut dyn FnMut(usize, Tensor),
    ) {
        let Pull { mut dy, is_wanted, is_attached, node } = pull;
        let is_recorded = dy.origin.is_some() || node.is_some();
        let inputs = declared(&self.inputs, &self.edges, needs);
        let (wanted, xs) = (std::array::from_fn(is_wanted), inputs.each_ref().map(Tensor::array));
        if !is_recorded && let Some(derivatives) = op.vjp_kernel(wanted, xs, &self.output, &mut dy.array) {
            return emit_all(op.name(), derivatives, &self.inputs, emit);
        }
        let xs = attached(&inputs, &self.edges, is_attached);
        let y = Tensor { array: self.output.clone(), origin: node.cloned() };
        for (arg, input) in self.inputs.iter().enumerate() {
            if wanted[arg] {
                let dx = op.vjp(arg, xs.each_ref(), &y, &dy);
                emit(arg, undo_broadcast(op.name(), arg, input, dx));
            }
        }
    }
}

/// An [`Op`], whichever it is: what is asked of it at run time by functions that are compiled once. `Op` itself has
/// constants, and so no `dyn`.
pub(crate) trait Operation<const N: usize> {
    fn name(&self) -> &'static str;
    fn shape(&self, xs: [&Shape; N]) -> Result<Shape, Mismatch>;
    fn forward(&self, xs: [&Array; N], shape: &Shape) -> Array;
    fn flops(&self, xs: [&Shape; N], y: &Shape) -> u64;
    fn vjp(&self, arg: usize, xs: [&Tensor; N], y: &Tensor, dy: &Tensor) -> Tensor;
    fn vjp_kernel(
        &self,
        wanted: [bool; N],
        xs: [&Array; N],
        y: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; N]>;
}

impl<O: Op<N>, const N: usize> Operation<N> for O {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn shape(&self, xs: [&Shape; N]) -> Result<Shape, Mismatch> {
        Op::shape(self, xs)
    }

    fn forward(&self, xs: [&Array; N], shape: &Shape) -> Array {
        Op::forward(self, xs, shape)
    }

    fn flops(&self, xs: [&Shape; N], y: &Shape) -> u64 {
        Op::flops(self, xs, y)
    }

    fn vjp(&self, arg: usize, xs: [&Tensor; N], y: &Tensor, dy: &Tensor) -> Tensor {
        Op::vjp(self, arg, xs, y, dy)
    }

    fn vjp_kernel(
        &self,
        wanted: [bool; N],
        xs: [&Array; N],
        y: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; N]> {
        Op::vjp_kernel(self, wanted, xs, y, dy)
    }
}

/// The value of an operation.
#[track_caller]
pub(crate) fn execute<const N: usize>(op: &dyn Operation<N>, xs: &[&Tensor; N]) -> Array {
    let shape = match op.shape(xs.map(Tensor::shape)) {
        Ok(shape) => shape,
        Err(mismatch) => panic!("{}", mismatch.report(op.name())),
    };
    let output = op.forward(xs.map(Tensor::array), &shape);
    debug_assert_eq!(*output.shape(), shape, "{}: the shape rule is wrong", op.name());
    output
}

/// The value of an operation once more, from all its inputs.
pub(crate) fn replay<const N: usize>(op: &dyn Operation<N>, xs: &[&Tensor]) -> Tensor {
    Tensor::from(execute(op, xs.first_chunk().expect("an operand for each argument")))
}

pub(crate) fn is_any_tracked(xs: &[&Tensor]) -> bool {
    xs.iter().any(|x| x.is_tracked())
}

/// All that the rules of the tracked operands read.
fn needs_of_tracked(xs: &[&Tensor], needs: &[Needs]) -> Needs {
    let tracked = xs.iter().zip(needs).filter(|(x, _)| x.is_tracked());
    tracked.fold(Needs::NONE, |all, (_, &needs)| all.and(needs))
}

/// The operands, as far as a rule reads them or a replay could not compute them.
fn kept<const N: usize>(xs: [&Tensor; N], needs: Needs) -> [Tensor; N] {
    std::array::from_fn(|i| {
        let is_kept = needs.has_input(i) || (!xs[i].is_tracked() && is_small(&xs[i].array));
        keep(&xs[i].array, is_kept)
    })
}

/// Up to this many elements an untracked input is kept though no rule reads it, so that a replay of the tape knows it
/// (64 KiB of `f32`; what is computed on the way and added to a tracked tensor could be of any size).
const MOST_SMALL: usize = 1 << 14;

pub(crate) fn is_small(x: &Array) -> bool {
    x.size() <= MOST_SMALL
}

/// The operands as rules may read them. What is kept for a replay alone is hidden from them where tests run, so that a
/// wrong declaration shows, whatever the size of the data.
#[inline]
fn declared<'a, const N: usize>(
    xs: &'a [Tensor; N],
    edges: &[Edge; N],
    needs: &[Needs; N],
) -> Cow<'a, [Tensor; N]> {
    if !cfg!(debug_assertions) {
        return Cow::Borrowed(xs);
    }
    let needs = needs_of_edges(edges, needs);
    Cow::Owned(std::array::from_fn(|i| keep(&xs[i].array, needs.has_input(i))))
}

/// [`needs_of_tracked`], once the operands are gone.
pub(crate) fn needs_of_edges(edges: &[Edge], needs: &[Needs]) -> Needs {
    let tracked = edges.iter().zip(needs).filter(|(edge, _)| edge.is_some());
    tracked.fold(Needs::NONE, |all, (_, &needs)| all.and(needs))
}

/// The operands of a rule, tracked where this step is itself to be differentiated.
fn attached<const N: usize>(
    xs: &[Tensor; N],
    edges: &[Edge; N],
    is_attached: &dyn Fn(usize) -> bool,
) -> [Tensor; N] {
    std::array::from_fn(|i| Tensor {
        array: xs[i].array.clone(),
        origin: edges[i].clone().filter(|_| is_attached(i)),
    })
}

/// A value if it is needed. In the place of any other stands a NaN without storage, so that a wrong declaration
/// shows.
pub(crate) fn keep(array: &Array, is_needed: bool) -> Tensor {
    Tensor::from(if is_needed { array.clone() } else { Array::placeholder(*array.shape(), array.dtype()) })
}

/// Hands on the derivatives that a kernel gave.
fn emit_all<const N: usize>(
    name: &str,
    dxs: [Option<Array>; N],
    xs: &[Tensor; N],
    emit: &mut dyn FnMut(usize, Tensor),
) {
    for (arg, dx) in dxs.into_iter().enumerate() {
        if let Some(dx) = dx {
            emit(arg, undo_broadcast(name, arg, &xs[arg], Tensor::from(dx)));
        }
    }
}

/// The derivative in the shape of its argument, summed where the argument was broadcast.
pub(crate) fn undo_broadcast(name: &str, arg: usize, x: &Tensor, dx: Tensor) -> Tensor {
    let (given, expected) = (dx.shape(), x.shape());
    if given == expected {
        return dx;
    }
    let is_broadcast = Shape::broadcast(&[given, expected]).is_ok_and(|shape| shape == *given);
    assert!(is_broadcast, "{name}: the rule of argument {arg} gives {given}, the argument is {expected}");
    dx.sum_to(expected)
}
