//! What an operation on a tracked tensor leaves behind: a node of the graph. Reading the graph backward stands in
//! `tape.rs`, what does not depend on the operation in `node/operands.rs`, what a tape asks beside derivatives in
//! `node/inspect.rs`.

pub(crate) mod inspect;
pub(crate) mod operands;

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wengert_array::Array;

use self::inspect::Inspect;
use self::operands::{Kept, execute, is_any_tracked};
use crate::{Op, Tensor};

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
pub(crate) trait Rule: Inspect + Send + Sync {
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
    pub(crate) is_wanted: &'a dyn Fn(usize) -> bool,
    /// Which inputs stay tracked, because this step is itself to be differentiated.
    pub(crate) is_attached: &'a dyn Fn(usize) -> bool,
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
    let output = execute(&op, &xs);
    if !is_any_tracked(&xs) {
        return Tensor::from(output);
    }
    let origin = Some(record(op, xs, &output, Location::caller()));
    Tensor { array: output, origin }
}

/// The node of an executed operation.
pub(crate) fn record<O: Op<N>, const N: usize>(
    op: O,
    xs: [&Tensor; N],
    output: &Array,
    site: &'static Location<'static>,
) -> Arc<Node> {
    let kept = Kept::new(xs, output, &O::NEEDS);
    Arc::new(Node { id: next_id(), site, rule: Record { op, kept } })
}

/// An operation with the values that the rules of its tracked arguments need.
struct Record<O, const N: usize> {
    op: O,
    kept: Kept<N>,
}

impl<O: Op<N>, const N: usize> Rule for Record<O, N> {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn edges(&self) -> &[Edge] {
        &self.kept.edges
    }

    fn edges_mut(&mut self) -> &mut [Edge] {
        &mut self.kept.edges
    }

    fn output(&self) -> &Array {
        &self.kept.output
    }

    fn pull(&self, pull: Pull<'_>, emit: &mut dyn FnMut(usize, Tensor)) {
        self.kept.pull(&self.op, &O::NEEDS, pull, emit);
    }
}

impl<R: Rule + ?Sized> Drop for Node<R> {
    /// Takes the graph below this node apart in a loop: a chain of a million nodes must not need a stack of a
    /// million frames.
    fn drop(&mut self) {
        take_apart(self.rule.edges_mut());
    }
}

/// Apart from the operation, so that it is compiled once.
fn take_apart(edges: &mut [Edge]) {
    let mut orphans = Vec::new();
    release(edges, &mut orphans);
    while let Some(mut node) = orphans.pop() {
        if let Some(node) = Arc::get_mut(&mut node) {
            release(node.rule.edges_mut(), &mut orphans);
        }
    }
}

/// Moves the edges that nobody else holds into `orphans`, and lets go of the others.
fn release(edges: &mut [Edge], orphans: &mut Vec<Arc<Node>>) {
    orphans.extend(edges.iter_mut().filter_map(Option::take).filter(|node| Arc::strong_count(node) == 1));
}
