//! The Wengert list: the nodes that a tensor came from, in order of execution. The sweep over it in reverse stands in
//! `tape/sweep.rs`; what is differentiated, printed, drawn, counted, found and listed with it has files of its own.

mod adjoints;
mod blame;
mod dot;
mod gradient;
mod graph;
mod layers;
mod nonfinite;
pub(crate) mod operations;
mod print;
mod statistics;
mod svg;
mod sweep;

use std::collections::BinaryHeap;
use std::sync::Arc;

pub use blame::{Blame, NonFinite, Suspect};
pub(crate) use gradient::assert_scalar;
pub use statistics::{OperationCount, Statistics};
use wengert_array::Array;

use crate::Tensor;
use crate::node::Node;

/// All operations that a tensor came from, in order of execution (R. E. Wengert, "A simple automatic derivative
/// evaluation program", Communications of the ACM 7(8), 1964).
///
/// # Examples
/// ```
/// use wengert_tensor::{Tape, Tensor};
///
/// let w = Tensor::from([3.0, 5.0]).tracked();
/// let loss = w.square().sum();
/// let tape = Tape::of(&loss);
/// assert_eq!(tape.len(), 3);                                    // leaf, square, sum
/// assert_eq!(tape.gradient(&w).to_vec::<f32>(), [6.0, 10.0]);
/// ```
pub struct Tape<'a> {
    /// Latest first: the order of the sweep.
    entries: Vec<Entry<'a>>,
    /// Where each input of each entry came from, entry by entry; before them, the tensors whose tape this is.
    sources: Vec<Source<'a>>,
    /// The tensor whose tape this is, if it is one.
    root: Option<&'a Array>,
}

struct Entry<'a> {
    node: &'a Arc<Node>,
    first_source: usize,
    /// Whether it came from a tensor that was tracked before the call that this tape belongs to.
    is_outer: bool,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Untracked,
    /// Tracked since before the call: the tape ends here.
    Outer,
    /// A node that has no entry yet.
    Waiting(&'a Arc<Node>),
    Entry(u32),
}

impl<'a> Source<'a> {
    fn of(origin: Option<&'a Arc<Node>>, since: u64) -> Source<'a> {
        match origin {
            None => Source::Untracked,
            Some(node) if node.id <= since => Source::Outer,
            Some(node) => Source::Waiting(node),
        }
    }
}

impl<'a> Tape<'a> {
    /// The tape of `y`, which it borrows from. Empty if `y` is not tracked.
    pub fn of(y: &'a Tensor) -> Tape<'a> {
        Tape { root: Some(&y.array), ..Tape::since(0, [y]) }
    }

    /// The tape of several tensors, as far back as node `since`.
    pub(crate) fn since(since: u64, roots: impl IntoIterator<Item = &'a Tensor>) -> Tape<'a> {
        let mut tape = Tape { entries: Vec::with_capacity(32), sources: Vec::with_capacity(64), root: None };
        let mut queue = BinaryHeap::with_capacity(32); // all with room for a small model
        for y in roots {
            tape.add_source(Source::of(y.origin.as_ref(), since), &mut queue);
        }
        while let Some((id, place)) = queue.pop() {
            // Ids grow with creation, so all uses of a node leave the queue one after the other.
            if let Source::Waiting(node) = tape.sources[place]
                && tape.entries.last().is_none_or(|last| last.node.id != id)
            {
                tape.entries.push(Entry { node, first_source: tape.sources.len(), is_outer: false });
                for edge in node.rule.edges() {
                    tape.add_source(Source::of(edge.as_ref(), since), &mut queue);
                }
            }
            tape.sources[place] = Source::Entry(tape.entries.len() as u32 - 1);
        }
        tape.mark_outer();
        tape
    }

    fn add_source(&mut self, source: Source<'a>, queue: &mut BinaryHeap<(u64, usize)>) {
        if let Source::Waiting(node) = source {
            queue.push((node.id, self.sources.len()));
        }
        self.sources.push(source);
    }

    fn mark_outer(&mut self) {
        for index in (0..self.entries.len()).rev() {
            self.entries[index].is_outer = self.sources_of(index).iter().any(|&source| self.is_outer(source));
        }
    }

    fn is_outer(&self, source: Source<'_>) -> bool {
        match source {
            Source::Untracked | Source::Waiting(_) => false,
            Source::Outer => true,
            Source::Entry(index) => self.entries[index as usize].is_outer,
        }
    }

    fn sources_of(&self, index: usize) -> &[Source<'a>] {
        let first = self.entries[index].first_source;
        &self.sources[first..first + self.entries[index].node.rule.edges().len()]
    }

    /// The place of a tensor on this tape.
    fn find(&self, x: &Tensor) -> Option<usize> {
        let id = x.origin.as_ref()?.id;
        self.entries.binary_search_by(|entry| id.cmp(&entry.node.id)).ok()
    }

    /// Whether the tensor came from what was tracked before the call.
    pub(crate) fn reaches_outer(&self, x: &Tensor) -> bool {
        x.origin.is_some() && self.find(x).is_none_or(|index| self.entries[index].is_outer)
    }
}
