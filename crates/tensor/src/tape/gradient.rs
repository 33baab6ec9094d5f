//! The gradients that a user asks a tape for, and what a check of them asks.

use std::sync::Arc;

use wengert_array::Array;

use super::Tape;
use super::sweep::Recording;
use crate::Tensor;
use crate::node::Node;

impl Tape<'_> {
    /// The gradient of the tensor that this is the tape of, with respect to `x`. It is detached: it cannot be
    /// differentiated again, and inside [`grad`](crate::grad) it counts as a constant; there,
    /// [`differentiable_gradient`](Tape::differentiable_gradient) is the right one.
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
            targets.push(Some(target));
        }
        let Some(last) = self.entries.first() else { return Vec::new() };
        let y = last.node.rule.output();
        assert_scalar("gradient", y);
        let seed = Tensor::scalar(1.0, y.dtype()).reshape(*y.shape());
        let derivatives = self.sweep(0, seed, &targets, recording).into_iter();
        let zeros = |x: &Tensor| Tensor::zeros(*x.shape()).cast(y.dtype());
        derivatives.zip(xs).map(|(dx, x)| dx.unwrap_or_else(|| zeros(x))).collect()
    }

    /// The operations that depend on any of the tensors, first to last.
    pub(crate) fn operations_on(&self, xs: &[Tensor]) -> impl Iterator<Item = &Arc<Node>> {
        let targets: Vec<Option<usize>> = xs.iter().map(|x| self.find(x)).collect();
        let wanted = self.wanted(&targets);
        (0..self.len()).rev().filter(move |&index| wanted[index]).map(|index| self.entries[index].node)
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
