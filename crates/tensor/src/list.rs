//! Operations on a list of tensors of any length, and how a call of one is recorded. Those on a fixed number of tensors
//! stand in `op.rs` and `node.rs`.

use std::panic::Location;
use std::sync::Arc;

use wengert_array::{Array, Mismatch, Shape};

use crate::node::inspect::Inspect;
use crate::node::operands::{is_any_tracked, is_small, keep, undo_broadcast};
use crate::node::{Edge, Node, Pull, Rule, next_id};
use crate::{ListSample, Needs, Tensor};

/// An operation on a list of tensors of any length, such as [`Tensor::concat`]: [`Op`](crate::Op) for slices.
///
/// # Examples
/// ```
/// use wengert_tensor::{apply_list, Array, ListOp, ListSample, Mismatch, Sample, Shape, Tensor, catalogue};
///
/// /// y = Σᵢ xᵢ over a list of tensors of one shape,  dxᵢ = dy
/// #[derive(Clone, Debug)]
/// struct AddAll;
/// impl ListOp for AddAll {
///     const NAME: &'static str = "add_all";
///     fn shape(&self, xs: &[&Shape]) -> Result<Shape, Mismatch> { Shape::broadcast(xs) }
///     fn forward(&self, xs: &[&Array], shape: &Shape) -> Array {
///         let sum = |i: usize| xs.iter().map(|x| x.to_vec::<f64>()[i]).sum::<f64>();
///         Array::from_vec((0..shape.size()).map(sum).collect(), *shape).cast(xs[0].dtype())
///     }
///     fn vjp(&self, _: usize, _: &[&Tensor], _: &Tensor, dy: &Tensor) -> Tensor { dy.clone() }
///     fn samples() -> Vec<ListSample<Self>> { vec![Sample::random(AddAll, [&[2], &[2], &[2]]).into()] }
/// }
/// let x = Tensor::from([1.0, 2.0]);
/// assert_eq!(apply_list(AddAll, &[&x, &x, &x]).to_vec::<f32>(), [3.0, 6.0]);
/// catalogue::check_list::<AddAll>().unwrap();
/// ```
pub trait ListOp: Clone + Send + Sync + 'static {
    /// The name in messages, tapes and the catalogue.
    const NAME: &'static str;

    /// Which values the rule of argument `arg` reads.
    fn needs(&self, arg: usize) -> Needs {
        let _ = arg;
        Needs::NONE
    }

    /// The shape of the result, or what does not fit.
    ///
    /// # Errors
    /// As [`Op::shape`](crate::Op::shape).
    fn shape(&self, xs: &[&Shape]) -> Result<Shape, Mismatch>;

    /// The value. `shape` is what [`shape`](ListOp::shape) said.
    fn forward(&self, xs: &[&Array], shape: &Shape) -> Array;

    /// The derivative rule of argument `arg`, as [`Op::vjp`](crate::Op::vjp).
    fn vjp(&self, arg: usize, xs: &[&Tensor], y: &Tensor, dy: &Tensor) -> Tensor;

    /// The arithmetic operations of one execution, as [`Op::flops`](crate::Op::flops). Unless said otherwise one for each element of the
    /// result.
    fn flops(&self, xs: &[&Shape], y: &Shape) -> u64 {
        let _ = xs;
        y.size() as u64
    }

    /// Inputs that exercise the operation, as [`Op::samples`](crate::Op::samples).
    fn samples() -> Vec<ListSample<Self>>;
}

/// Executes an operation on a list of tensors, and records it if any is tracked: [`apply`](crate::apply) for a
/// [`ListOp`].
///
/// # Panics
/// At the caller's line, if [`ListOp::shape`] refuses the operands.
#[track_caller]
pub fn apply_list<O: ListOp>(op: O, xs: &[&Tensor]) -> Tensor {
    let shapes: Vec<&Shape> = xs.iter().map(|x| x.shape()).collect();
    let shape = match op.shape(&shapes) {
        Ok(shape) => shape,
        Err(mismatch) => panic!("{}", mismatch.report(O::NAME)),
    };
    let arrays: Vec<&Array> = xs.iter().map(|x| &x.array).collect();
    let output = op.forward(&arrays, &shape);
    debug_assert_eq!(*output.shape(), shape, "{}: the shape rule is wrong", O::NAME);
    if !is_any_tracked(xs) {
        return Tensor::from(output);
    }
    let rule = ListRecord::new(op, xs, &output);
    let origin: Arc<Node> = Arc::new(Node { id: next_id(), site: Location::caller(), rule });
    Tensor { array: output, origin: Some(origin) }
}

/// An operation with the values that the rules of its tracked arguments need.
struct ListRecord<O> {
    op: O,
    inputs: Vec<Tensor>,
    output: Tensor,
    edges: Vec<Edge>,
    needs: Needs,
    /// The inputs that no rule reads, kept because a replay could not compute them.
    untracked: Vec<Option<Array>>,
}

impl<O: ListOp> ListRecord<O> {
    fn new(op: O, xs: &[&Tensor], output: &Array) -> Self {
        let edges: Vec<Edge> = xs.iter().map(|x| x.edge()).collect();
        let tracked = (0..xs.len()).filter(|&i| edges[i].is_some());
        let needs = tracked.fold(Needs::NONE, |all, i| all.and(op.needs(i)));
        let inputs = xs.iter().enumerate().map(|(i, x)| keep(&x.array, needs.has_input(i))).collect();
        let output = keep(output, needs.has_output());
        let is_extra = |i: usize| edges[i].is_none() && is_small(&xs[i].array) && !needs.has_input(i);
        let untracked = (0..xs.len()).map(|i| is_extra(i).then(|| xs[i].array.clone())).collect();
        ListRecord { op, inputs, output, edges, needs, untracked }
    }
}

impl<O: ListOp> Rule for ListRecord<O> {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn edges(&self) -> &[Edge] {
        &self.edges
    }

    fn edges_mut(&mut self) -> &mut [Edge] {
        &mut self.edges
    }

    fn output(&self) -> &Array {
        &self.output.array
    }

    fn pull(&self, pull: Pull<'_>, emit: &mut dyn FnMut(usize, Tensor)) {
        let mut xs = self.inputs.clone();
        for (arg, x) in xs.iter_mut().enumerate().filter(|&(arg, _)| (pull.is_attached)(arg)) {
            x.origin = self.edges[arg].clone();
        }
        let xs: Vec<&Tensor> = xs.iter().collect();
        let y = Tensor { array: self.output.array.clone(), origin: pull.node.cloned() };
        for arg in (0..xs.len()).filter(|&arg| (pull.is_wanted)(arg)) {
            let dx = self.op.vjp(arg, &xs, &y, &pull.dy);
            emit(arg, undo_broadcast(O::NAME, arg, &self.inputs[arg], dx));
        }
    }
}

impl<O: ListOp> Inspect for ListRecord<O> {
    fn input(&self, arg: usize) -> &Array {
        self.untracked[arg].as_ref().unwrap_or(&self.inputs[arg].array)
    }

    fn has_input(&self, arg: usize) -> bool {
        self.untracked[arg].is_some() || self.needs.has_input(arg)
    }

    fn has_output(&self) -> bool {
        self.needs.has_output()
    }

    fn replay(&self, xs: &[&Tensor]) -> Tensor {
        apply_list(self.op.clone(), xs)
    }

    fn flops(&self) -> u64 {
        let shapes: Vec<&Shape> = self.inputs.iter().map(Tensor::shape).collect();
        self.op.flops(&shapes, self.output.shape())
    }
}
