//! The Wengert list: the nodes that a tensor came from, in order of execution, and the sweep over them in reverse.
//! How the list is printed stands in `tape/print.rs`, where derivatives wait during the sweep in `tape/adjoints.rs`.

mod adjoints;
mod print;

use std::collections::BinaryHeap;
use std::sync::Arc;

use wengert_array::Array;

use adjoints::Adjoints;

use crate::Tensor;
use crate::node::{Node, Pull};

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
    /// For each input of each entry in turn, the entry that it came from.
    sources: Vec<Source>,
}

struct Entry<'a> {
    node: &'a Arc<Node>,
    first_source: usize,
    /// Whether it came from a tensor that was tracked before the call that this tape belongs to.
    is_outer: bool,
}

#[derive(Clone, Copy)]
enum Source {
    Untracked,
    /// Tracked since before the call: the tape ends here.
    Outer,
    Entry(u32),
}

/// Which steps of a sweep are themselves recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recording {
    /// Those that depend on what was tracked before the call; none, if nothing was.
    Outer,
    Everything,
}

impl<'a> Tape<'a> {
    /// The tape of `y`, which it borrows from. Empty if `y` is not tracked.
    pub fn of(y: &'a Tensor) -> Tape<'a> {
        Tape::since(0, [y])
    }

    /// The tape of several tensors, as far back as node `since`.
    pub(crate) fn since(since: u64, roots: impl IntoIterator<Item = &'a Tensor>) -> Tape<'a> {
        let mut tape = Tape { entries: Vec::new(), sources: Vec::new() };
        let mut queue: BinaryHeap<Visit<'a>> = BinaryHeap::new();
        let roots = roots.into_iter().filter_map(|y| y.origin.as_ref());
        queue.extend(roots.filter(|node| node.id > since).map(|node| Visit { node, source: None }));
        while let Some(Visit { node, source }) = queue.pop() {
            // Ids grow with creation, so all uses of a node leave the queue one after the other.
            if tape.entries.last().is_none_or(|last| last.node.id != node.id) {
                tape.enter(node, since, &mut queue);
            }
            if let Some(source) = source {
                tape.sources[source] = Source::Entry(tape.entries.len() as u32 - 1);
            }
        }
        tape.mark_outer();
        tape
    }

    fn enter(&mut self, node: &'a Arc<Node>, since: u64, queue: &mut BinaryHeap<Visit<'a>>) {
        self.entries.push(Entry { node, first_source: self.sources.len(), is_outer: false });
        for edge in node.rule.edges() {
            let source = match edge {
                None => Source::Untracked,
                Some(node) if node.id <= since => Source::Outer,
                Some(node) => {
                    queue.push(Visit { node, source: Some(self.sources.len()) });
                    Source::Entry(u32::MAX) // until its node leaves the queue
                }
            };
            self.sources.push(source);
        }
    }

    fn mark_outer(&mut self) {
        for index in (0..self.entries.len()).rev() {
            self.entries[index].is_outer = self.sources_of(index).iter().any(|&source| self.is_outer(source));
        }
    }

    fn is_outer(&self, source: Source) -> bool {
        match source {
            Source::Untracked => false,
            Source::Outer => true,
            Source::Entry(index) => self.entries[index as usize].is_outer,
        }
    }

    fn sources_of(&self, index: usize) -> &[Source] {
        let first = self.entries[index].first_source;
        &self.sources[first..first + self.entries[index].node.rule.edges().len()]
    }

    /// The number of operations, leaves included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was tracked.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The gradient of the tensor that this is the tape of, with respect to `x`. It is detached: it cannot be
    /// differentiated again.
    ///
    /// # Shape
    /// That of `x`.
    ///
    /// # Panics
    /// If the tape is not that of a scalar, or `x` is not on it.
    #[track_caller]
    pub fn gradient(&self, x: &Tensor) -> Tensor {
        self.gradients_recorded(&[x], Recording::Outer).remove(0)
    }

    /// The gradient with respect to `x`, with the sweep recorded, so that it can be differentiated again.
    ///
    /// # Panics
    /// As [`gradient`](Tape::gradient).
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Tape, Tensor};
    /// let x = Tensor::from(2.0).tracked();
    /// let y = x.square() * &x;
    /// let dy = Tape::of(&y).differentiable_gradient(&x);
    /// assert_eq!(Tape::of(&dy).gradient(&x).item(), 12.0);
    /// ```
    #[track_caller]
    pub fn differentiable_gradient(&self, x: &Tensor) -> Tensor {
        self.gradients_recorded(&[x], Recording::Everything).remove(0)
    }

    /// The gradients with respect to several tensors, in one sweep; detached.
    ///
    /// # Panics
    /// As [`gradient`](Tape::gradient).
    #[track_caller]
    pub fn gradients<'x>(&self, xs: impl IntoIterator<Item = &'x Tensor>) -> Vec<Tensor> {
        self.gradients_recorded(&xs.into_iter().collect::<Vec<_>>(), Recording::Outer)
    }

    #[track_caller]
    fn gradients_recorded(&self, xs: &[&Tensor], recording: Recording) -> Vec<Tensor> {
        let mut targets = Vec::new();
        for x in xs {
            let Some(target) = self.find(x) else {
                panic!(
                    "gradient: the tensor {} is not on this tape\n  help: call `tracked()` on it before it is used",
                    x.shape()
                );
            };
            targets.push(target);
        }
        let Some(last) = self.entries.first() else { return Vec::new() };
        let y = last.node.rule.output();
        assert_scalar("gradient", y);
        let seed = Tensor::scalar(1.0, y.dtype()).reshape(*y.shape());
        let derivatives = self.sweep(0, seed, &targets, recording).into_iter();
        let zeros = |x: &Tensor| Tensor::zeros(*x.shape()).cast(y.dtype());
        derivatives.zip(xs).map(|(dx, x)| dx.unwrap_or_else(|| zeros(x))).collect()
    }

    /// The derivatives of `seed · y` with respect to some tensors, `None` for one that `y` does not depend on. They
    /// stay tracked exactly where they depend on what is older than this tape.
    pub(crate) fn pull_back(&self, y: &Tensor, seed: Tensor, xs: &[&Tensor]) -> Vec<Option<Tensor>> {
        let Some(start) = self.find(y) else { return vec![None; xs.len()] };
        let places: Vec<Option<usize>> = xs.iter().map(|x| self.find(x)).collect();
        let targets: Vec<usize> = places.iter().flatten().copied().collect();
        let mut derivatives = self.sweep(start, seed, &targets, Recording::Outer).into_iter();
        places.iter().map(|place| place.and_then(|_| derivatives.next().flatten())).collect()
    }

    /// The place of a tensor on this tape.
    pub(crate) fn find(&self, x: &Tensor) -> Option<usize> {
        let id = x.origin.as_ref()?.id;
        self.entries.binary_search_by(|entry| id.cmp(&entry.node.id)).ok()
    }

    /// Whether the tensor came from what was tracked before the call.
    pub(crate) fn reaches_outer(&self, x: &Tensor) -> bool {
        x.origin.is_some() && self.find(x).is_none_or(|index| self.entries[index].is_outer)
    }

    /// The operations, first to last: name and result.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.entries.iter().rev().map(|entry| entry.node)
    }

    /// The derivatives of `seed` times entry `start` with respect to the targets, `None` for one that nothing reached.
    fn sweep(
        &self,
        start: usize,
        seed: Tensor,
        targets: &[usize],
        recording: Recording,
    ) -> Vec<Option<Tensor>> {
        let wanted = self.wanted(targets);
        let mut results = vec![None; targets.len()];
        let mut adjoints = Adjoints::new(self.len());
        adjoints.add(start, seed);
        let mut step = Step::default();
        for index in start..self.len() {
            let Some(dy) = adjoints.take(index) else { continue };
            step.prepare(self, index, &wanted, recording);
            if wanted[index] {
                for (slot, _) in targets.iter().enumerate().filter(|&(_, &target)| target == index) {
                    results[slot] = Some(dy.clone());
                }
            }
            if step.wanted.contains(&true) {
                self.pull(index, dy, &step, recording, &mut adjoints);
            }
        }
        results
    }

    /// Which entries lead to a target.
    fn wanted(&self, targets: &[usize]) -> Vec<bool> {
        let mut wanted = vec![false; self.entries.len()];
        for &target in targets {
            wanted[target] = true;
        }
        for index in (0..wanted.len()).rev() {
            wanted[index] |= self.sources_of(index).iter().any(|&source| is_wanted(source, &wanted));
        }
        wanted
    }

    fn pull(&self, index: usize, dy: Tensor, step: &Step, recording: Recording, adjoints: &mut Adjoints) {
        let entry = &self.entries[index];
        let is_recorded = recording == Recording::Everything || entry.is_outer;
        let pull = Pull {
            dy,
            wanted: &step.wanted,
            attached: &step.attached,
            node: is_recorded.then_some(entry.node),
        };
        let sources = self.sources_of(index);
        entry.node.rule.pull(pull, &mut |arg, dx| {
            if let Source::Entry(source) = sources[arg] {
                adjoints.add(source as usize, dx);
            }
        });
    }
}

#[track_caller]
pub(crate) fn assert_scalar(operation: &str, y: &Array) {
    if y.size() != 1 {
        panic!(
            "{operation}: only a scalar has a gradient\n  given   {}\n  help: reduce it, for example with `.sum()` or `.mean()`",
            y.shape()
        );
    }
}

fn is_wanted(source: Source, wanted: &[bool]) -> bool {
    matches!(source, Source::Entry(index) if wanted[index as usize])
}

/// The flags of one step's inputs, in buffers that serve all steps.
#[derive(Default)]
struct Step {
    wanted: Vec<bool>,
    attached: Vec<bool>,
}

impl Step {
    fn prepare(&mut self, tape: &Tape<'_>, index: usize, wanted: &[bool], recording: Recording) {
        let sources = tape.sources_of(index);
        self.wanted.clear();
        self.wanted.extend(sources.iter().map(|&source| is_wanted(source, wanted)));
        self.attached.clear();
        let is_attached = |&source| recording == Recording::Everything || tape.is_outer(source);
        self.attached.extend(sources.iter().map(is_attached));
    }
}

/// A node in the queue, and the place in `sources` that waits for it.
struct Visit<'a> {
    node: &'a Arc<Node>,
    source: Option<usize>,
}

impl Ord for Visit<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.node.id.cmp(&other.node.id)
    }
}

impl PartialOrd for Visit<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Visit<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.node.id == other.node.id
    }
}

impl Eq for Visit<'_> {}
