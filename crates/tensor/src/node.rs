//! What an operation on a tracked tensor leaves behind: a node of the graph. Reading the graph backward stands in
//! `tape.rs`.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wengert_array::{Array, Mismatch, Shape};

use crate::{ListOp, Needs, Op, Tensor};

/// One executed operation. Nodes point to the nodes of their inputs, so the graph grows forward, and is kept alive
/// by the tensors that came out of it.
pub(crate) struct Node<R: Rule + ?Sized = dyn Rule> {
    /// Grows with creation: every input's node has a smaller one.
    pub(crate) id: u64,
    /// Where the caller asked for the operation.
    pub(crate) site: &'static Location<'static>,
    pub(crate) rule: R,
}

pub(crate) type Edge = Option<Arc<Node>>;

/// What the sweep needs to know of an operation, whatever its number of inputs.
pub(crate) trait Rule: Send + Sync {
    fn name(&self) -> &'static str;
    /// The node of each input; `None` where the input is not tracked.
    fn edges(&self) -> &[Edge];
    fn edges_mut(&mut self) -> &mut [Edge];
    /// The result, or a placeholder of its shape and dtype.
    fn output(&self) -> &Array;
    /// Hands the derivative with respect to each wanted input to `emit`, in the shape of that input.
    fn pull(&self, pull: Pull<'_>, emit: &mut dyn FnMut(usize, Tensor));
}

/// One step of the sweep: the derivative `dy` that arrives at a node, and what is asked of it.
pub(crate) struct Pull<'a> {
    pub(crate) dy: Tensor,
    /// Which inputs lead to a tensor whose derivative is asked for.
    pub(crate) wanted: &'a [bool],
    /// Which inputs stay tracked, because this step is itself to be differentiated.
    pub(crate) attached: &'a [bool],
    /// This node, where its output stays tracked for the same reason.
    pub(crate) node: Option<&'a Arc<Node>>,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A number larger than that of every node so far, and smaller than that of every node to come.
pub(crate) fn next_id() -> u64 {
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
}

/// Executes an operation, and records it if any input is tracked.
///
/// Methods of [`Tensor`] are thin wrappers around this function; an operation of your own is called the same way.
///
/// # Panics
/// At the caller's line, if [`Op::shape`] refuses the operands.
#[track_caller]
pub fn apply<O: Op<N>, const N: usize>(op: O, xs: [&Tensor; N]) -> Tensor {
    let shape = accepted(O::NAME, op.shape(xs.map(Tensor::shape)));
    let output = op.forward(xs.map(|x| &x.array), &shape);
    check_shape(O::NAME, &output, &shape);
    if xs.iter().all(|x| x.origin.is_none()) {
        return Tensor::from(output);
    }
    let edges = xs.map(|x| x.origin.clone());
    let needs = Rules::needs_of_tracked(&op, &edges);
    let inputs = std::array::from_fn(|i| keep(&xs[i].array, needs.has_input(i)));
    recorded(Record { op, inputs, output: keep(&output, needs.has_output()), edges }, output)
}

/// Executes an operation on a list of tensors, and records it if any is tracked: [`apply`] for a [`ListOp`].
///
/// # Panics
/// At the caller's line, if [`ListOp::shape`] refuses the operands.
#[track_caller]
pub fn apply_list<O: ListOp>(op: O, xs: &[&Tensor]) -> Tensor {
    let shapes: Vec<&Shape> = xs.iter().map(|x| x.shape()).collect();
    let shape = accepted(O::NAME, op.shape(&shapes));
    let arrays: Vec<&Array> = xs.iter().map(|x| &x.array).collect();
    let output = op.forward(&arrays, &shape);
    check_shape(O::NAME, &output, &shape);
    if xs.iter().all(|x| x.origin.is_none()) {
        return Tensor::from(output);
    }
    let edges: Vec<Edge> = xs.iter().map(|x| x.origin.clone()).collect();
    let needs = Rules::needs_of_tracked(&op, &edges);
    let inputs: Vec<Tensor> = arrays.iter().enumerate().map(|(i, x)| keep(x, needs.has_input(i))).collect();
    recorded(Record { op, inputs, output: keep(&output, needs.has_output()), edges }, output)
}

#[track_caller]
fn accepted(name: &str, shape: Result<Shape, Mismatch>) -> Shape {
    match shape {
        Ok(shape) => shape,
        Err(mismatch) => panic!("{}", mismatch.report(name)),
    }
}

fn check_shape(name: &str, output: &Array, shape: &Shape) {
    debug_assert_eq!(output.shape(), shape, "{name}: the value's shape is not what the shape rule says");
}

#[track_caller]
fn recorded(rule: impl Rule + 'static, output: Array) -> Tensor {
    let origin: Arc<Node> = Arc::new(Node { id: next_id(), site: Location::caller(), rule });
    Tensor { array: output, origin: Some(origin) }
}

/// A value if a rule reads it. In the place of any other stands a NaN without storage, so that a wrong declaration
/// shows.
fn keep(array: &Array, is_needed: bool) -> Tensor {
    Tensor::from(if is_needed { array.clone() } else { absent(array) })
}

/// The rules of an operation, whether its inputs `X` are an array or a list.
trait Rules<X>: Send + Sync {
    fn name(&self) -> &'static str;
    fn needs(&self, arg: usize) -> Needs;
    fn vjp(&self, arg: usize, xs: &X, y: &Tensor, dy: &Tensor) -> Tensor;
    /// The derivatives as one pass over arrays; false if the operation has no such pass.
    fn vjp_kernel(
        &self,
        wanted: &[bool],
        xs: &X,
        y: &Array,
        dy: &mut Array,
        emit: &mut dyn FnMut(usize, Array),
    ) -> bool;

    fn needs_of_tracked(&self, edges: &[Edge]) -> Needs {
        let tracked = (0..edges.len()).filter(|&arg| edges[arg].is_some());
        tracked.fold(Needs::NONE, |all, arg| all.and(self.needs(arg)))
    }
}

impl<O: Op<N>, const N: usize> Rules<[Tensor; N]> for O {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn needs(&self, arg: usize) -> Needs {
        O::NEEDS[arg]
    }

    fn vjp(&self, arg: usize, xs: &[Tensor; N], y: &Tensor, dy: &Tensor) -> Tensor {
        Op::vjp(self, arg, xs.each_ref(), y, dy)
    }

    fn vjp_kernel(
        &self,
        wanted: &[bool],
        xs: &[Tensor; N],
        y: &Array,
        dy: &mut Array,
        emit: &mut dyn FnMut(usize, Array),
    ) -> bool {
        let wanted = std::array::from_fn(|arg| wanted[arg]);
        let xs = xs.each_ref().map(|x| &x.array);
        let Some(derivatives) = Op::vjp_kernel(self, wanted, xs, y, dy) else { return false };
        for (arg, dx) in derivatives.into_iter().enumerate() {
            if let Some(dx) = dx {
                emit(arg, dx);
            }
        }
        true
    }
}

impl<O: ListOp> Rules<Vec<Tensor>> for O {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn needs(&self, arg: usize) -> Needs {
        ListOp::needs(self, arg)
    }

    fn vjp(&self, arg: usize, xs: &Vec<Tensor>, y: &Tensor, dy: &Tensor) -> Tensor {
        ListOp::vjp(self, arg, &xs.iter().collect::<Vec<_>>(), y, dy)
    }

    fn vjp_kernel(
        &self,
        _: &[bool],
        _: &Vec<Tensor>,
        _: &Array,
        _: &mut Array,
        _: &mut dyn FnMut(usize, Array),
    ) -> bool {
        false
    }
}

/// An operation with the values that the rules of its tracked arguments need. `X` and `E` are arrays of the inputs
/// and their edges, or lists.
struct Record<O, X, E> {
    op: O,
    inputs: X,
    output: Tensor,
    edges: E,
}

impl<O: Rules<X>, X: AsRef<[Tensor]>, E> Record<O, X, E> {
    /// The derivative in the shape of its argument, summed where the argument was broadcast.
    fn undo_broadcast(&self, arg: usize, dx: Tensor) -> Tensor {
        let (given, expected) = (dx.shape(), self.inputs.as_ref()[arg].shape());
        if given == expected {
            return dx;
        }
        let is_broadcast = Shape::broadcast(&[given, expected]).is_ok_and(|shape| shape == *given);
        assert!(
            is_broadcast,
            "{}: the rule of argument {arg} gives {given} for an argument {expected}",
            self.op.name()
        );
        dx.sum_to(expected)
    }
}

fn absent(array: &Array) -> Array {
    Array::placeholder(*array.shape(), array.dtype())
}

impl<O, X, E> Rule for Record<O, X, E>
where
    O: Rules<X>,
    X: AsRef<[Tensor]> + AsMut<[Tensor]> + Clone + Send + Sync,
    E: AsRef<[Edge]> + AsMut<[Edge]> + Send + Sync,
{
    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn edges(&self) -> &[Edge] {
        self.edges.as_ref()
    }

    fn edges_mut(&mut self) -> &mut [Edge] {
        self.edges.as_mut()
    }

    fn output(&self) -> &Array {
        &self.output.array
    }

    fn pull(&self, pull: Pull<'_>, emit: &mut dyn FnMut(usize, Tensor)) {
        let mut dy = pull.dy;
        let is_recorded = dy.origin.is_some() || pull.node.is_some();
        let mut emit_array = |arg: usize, dx: Array| emit(arg, self.undo_broadcast(arg, Tensor::from(dx)));
        let y = &self.output.array;
        if !is_recorded && self.op.vjp_kernel(pull.wanted, &self.inputs, y, &mut dy.array, &mut emit_array) {
            return;
        }
        let mut xs = self.inputs.clone();
        for (arg, x) in xs.as_mut().iter_mut().enumerate().filter(|&(arg, _)| pull.attached[arg]) {
            x.origin = self.edges.as_ref()[arg].clone();
        }
        let y = Tensor { array: y.clone(), origin: pull.node.cloned() };
        for arg in (0..pull.wanted.len()).filter(|&arg| pull.wanted[arg]) {
            emit(arg, self.undo_broadcast(arg, self.op.vjp(arg, &xs, &y, &dy)));
        }
    }
}

/// The beginning of a graph. With an edge it stands for a tensor of an outer derivative, whose value it has.
pub(crate) struct Leaf {
    shape: Array,
    edges: [Edge; 1],
}

impl Leaf {
    pub(crate) fn node(x: &Tensor, site: &'static Location<'static>) -> Arc<Node> {
        let rule = Leaf { shape: absent(&x.array), edges: [x.origin.clone()] };
        Arc::new(Node { id: next_id(), site, rule })
    }
}

impl Rule for Leaf {
    fn name(&self) -> &'static str {
        "leaf"
    }

    fn edges(&self) -> &[Edge] {
        &self.edges
    }

    fn edges_mut(&mut self) -> &mut [Edge] {
        &mut self.edges
    }

    fn output(&self) -> &Array {
        &self.shape
    }

    fn pull(&self, pull: Pull<'_>, emit: &mut dyn FnMut(usize, Tensor)) {
        emit(0, pull.dy);
    }
}

impl<R: Rule + ?Sized> Drop for Node<R> {
    /// Takes the graph below this node apart in a loop: a chain of a million nodes must not need a stack of a
    /// million frames.
    fn drop(&mut self) {
        let mut orphans = Vec::new();
        release(self.rule.edges_mut(), &mut orphans);
        while let Some(mut node) = orphans.pop() {
            if let Some(node) = Arc::get_mut(&mut node) {
                release(node.rule.edges_mut(), &mut orphans);
            }
        }
    }
}

/// Moves the edges that nobody else holds into `orphans`, and lets go of the others.
fn release(edges: &mut [Edge], orphans: &mut Vec<Arc<Node>>) {
    orphans.extend(edges.iter_mut().filter_map(Option::take));
}
