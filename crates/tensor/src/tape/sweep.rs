//! The sweep over a tape in reverse: backpropagation. Where derivatives wait for their turn stands in `adjoints.rs`.

use super::adjoints::Adjoints;
use super::{Source, Tape};
use crate::Tensor;
use crate::node::Pull;

/// Which steps of a sweep are themselves recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recording {
    /// Those that depend on what was tracked before the call; none, if nothing was.
    Outer,
    Everything,
}

impl Tape<'_> {
    /// The derivatives of `seed · y` with respect to some tensors, `None` for one that `y` does not depend on. They
    /// stay tracked exactly where they depend on what is older than this tape.
    pub(crate) fn pull_back(&self, y: &Tensor, seed: Tensor, xs: &[&Tensor]) -> Vec<Option<Tensor>> {
        let Some(start) = self.find(y) else { return vec![None; xs.len()] };
        let targets: Vec<Option<usize>> = xs.iter().map(|x| self.find(x)).collect();
        self.sweep(start, seed, &targets, Recording::Outer)
    }

    /// The derivatives of `seed` times entry `start` with respect to the targets, `None` for one that is not on this
    /// tape or that nothing reached.
    pub(super) fn sweep(
        &self,
        start: usize,
        seed: Tensor,
        targets: &[Option<usize>],
        recording: Recording,
    ) -> Vec<Option<Tensor>> {
        let wanted = self.wanted(targets);
        let mut results = vec![None; targets.len()];
        let mut slots: Vec<usize> = (0..targets.len()).collect();
        slots.sort_by_key(|&slot| targets[slot]);
        let mut slots = slots.into_iter().peekable();
        let mut adjoints = Adjoints::new(self.len());
        adjoints.add(start, seed);
        for index in start..self.len() {
            let Some(dy) = adjoints.take(index) else { continue };
            while let Some(slot) = slots.next_if(|&slot| targets[slot] <= Some(index)) {
                results[slot] = (targets[slot] == Some(index)).then(|| dy.clone());
            }
            self.pull(index, dy, &wanted, recording, &mut adjoints);
        }
        results
    }

    /// Which entries lead to a target.
    pub(super) fn wanted(&self, targets: &[Option<usize>]) -> Vec<bool> {
        let mut wanted = vec![false; self.entries.len()];
        for &target in targets.iter().flatten() {
            wanted[target] = true;
        }
        for index in (0..wanted.len()).rev() {
            wanted[index] |= self.sources_of(index).iter().any(|&source| is_wanted(source, &wanted));
        }
        wanted
    }

    fn pull(&self, index: usize, dy: Tensor, wanted: &[bool], recording: Recording, adjoints: &mut Adjoints) {
        let (entry, sources) = (&self.entries[index], self.sources_of(index));
        let is_everything = recording == Recording::Everything;
        let is_wanted = |arg: usize| is_wanted(sources[arg], wanted);
        let is_attached = |arg: usize| is_everything || self.is_outer(sources[arg]);
        if !(0..sources.len()).any(is_wanted) {
            return;
        }
        let node = (is_everything || entry.is_outer).then_some(entry.node);
        let pull = Pull { dy, is_wanted: &is_wanted, is_attached: &is_attached, node };
        entry.node.rule.pull(pull, &mut |arg, dx| {
            if let Source::Entry(source) = sources[arg] {
                adjoints.add(source as usize, dx);
            }
        });
    }
}

fn is_wanted(source: Source<'_>, wanted: &[bool]) -> bool {
    matches!(source, Source::Entry(index) if wanted[index as usize])
}
