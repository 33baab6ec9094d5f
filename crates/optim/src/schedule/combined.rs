//! Schedules made of others.

use super::Schedule;
use crate::rule::checked;

/// A schedule after a linear beginning: what [`Schedule::warmup`] gives.
#[derive(Clone, Debug)]
pub struct Warmup<S> {
    inner: S,
    n_steps: u64,
    start: f64,
}

impl<S: Schedule> Warmup<S> {
    pub(super) fn new(inner: S, n_steps: u64) -> Self {
        Warmup { inner, n_steps, start: 0.0 }
    }

    /// The same beginning with this rate in the place of 0: Keras' `initial_learning_rate` beside a `warmup_target`.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn from(self, start: f64) -> Self {
        Warmup { start: checked("warmup", "the first rate", start), ..self }
    }
}

impl<S: Schedule> Schedule for Warmup<S> {
    fn rate(&self, step: u64) -> f64 {
        match step.checked_sub(self.n_steps) {
            Some(step) => self.inner.rate(step),
            None => {
                let share = step as f64 / self.n_steps as f64;
                self.start + (self.inner.rate(0) - self.start) * share
            }
        }
    }
}

/// One schedule after another: what [`Schedule::then`] gives.
#[derive(Clone, Debug)]
pub struct Then<A, B> {
    first: A,
    at: u64,
    next: B,
}

impl<A: Schedule, B: Schedule> Then<A, B> {
    pub(super) fn new(first: A, at: u64, next: B) -> Self {
        Then { first, at, next }
    }
}

impl<A: Schedule, B: Schedule> Schedule for Then<A, B> {
    fn rate(&self, step: u64) -> f64 {
        match step.checked_sub(self.at) {
            Some(step) => self.next.rate(step),
            None => self.first.rate(step),
        }
    }
}

/// The product of two schedules: what [`Schedule::times`] gives.
#[derive(Clone, Debug)]
pub struct Times<A, B> {
    left: A,
    right: B,
}

impl<A: Schedule, B: Schedule> Times<A, B> {
    pub(super) fn new(left: A, right: B) -> Self {
        Times { left, right }
    }
}

impl<A: Schedule, B: Schedule> Schedule for Times<A, B> {
    fn rate(&self, step: u64) -> f64 {
        self.left.rate(step) * self.right.rate(step)
    }
}

/// A schedule that stands still for some updates: what [`Schedule::staircase`] gives.
#[derive(Clone, Debug)]
pub struct Staircase<S> {
    inner: S,
    every: u64,
}

impl<S: Schedule> Staircase<S> {
    #[track_caller]
    pub(super) fn new(inner: S, every: u64) -> Self {
        assert!(every > 0, "staircase: a step of 0 updates, expected at least 1");
        Staircase { inner, every }
    }
}

impl<S: Schedule> Schedule for Staircase<S> {
    fn rate(&self, step: u64) -> f64 {
        self.inner.rate(step - step % self.every)
    }
}
