//! What L-BFGS remembers of the loss, and the direction that follows from it.

use std::collections::VecDeque;

use wengert_array::{Array, Float, Pointwise, Term, pointwise, total};

use super::{Along, dot};

/// The last changes of weights and gradients, and the last step.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    most: usize,
    changes: VecDeque<Change>,
    last: Option<Last>,
    /// The size of the first approximation of the inverse.
    scale: f64,
}

/// A change of the weights `s`, that of the gradient `y`, and `1 / (y · s)`.
#[derive(Clone, Debug)]
struct Change {
    s: Array,
    y: Array,
    rho: f64,
}

/// Where the last direction was taken from, and how far it was followed.
#[derive(Clone, Debug)]
struct Last {
    gradient: Array,
    direction: Array,
    step: f64,
}

/// Below this product of the changes a loss is not taken to be curved there.
const LEAST_CURVATURE: f64 = 1e-10;

impl Memory {
    pub(super) fn new(most: usize) -> Memory {
        Memory { most, changes: VecDeque::new(), last: None, scale: 1.0 }
    }

    /// The direction to go in from a place with this gradient, and the first step to try: the whole rate, but in the very
    /// first direction, which says nothing of sizes.
    pub(super) fn direction(&mut self, gradient: &Array, rate: f64) -> (Array, f64) {
        let is_first = self.last.is_none();
        self.learn(gradient);
        let direction = self.towards_minimum(gradient);
        let step = if is_first { rate * (1.0 / total(&Size, [gradient])).min(1.0) } else { rate };
        self.last = Some(Last { gradient: gradient.clone(), direction: direction.clone(), step });
        (direction, step)
    }

    /// How far the last direction was followed.
    pub(super) fn keep_step(&mut self, step: f64) {
        if let Some(last) = &mut self.last {
            last.step = step;
        }
    }

    fn learn(&mut self, gradient: &Array) {
        let Some(last) = &self.last else { return };
        let y = pointwise(&Along(-1.0), [gradient, &last.gradient]);
        let s = pointwise(&Scaled(last.step), [&last.direction]);
        let curvature = dot(&y, &s);
        if curvature > LEAST_CURVATURE {
            self.scale = curvature / dot(&y, &y);
            if self.changes.len() == self.most {
                self.changes.pop_front();
            }
            self.changes.push_back(Change { s, y, rho: 1.0 / curvature });
        }
    }

    /// `-H g`, by two loops over the changes (Nocedal and Wright, algorithm 7.4).
    fn towards_minimum(&self, gradient: &Array) -> Array {
        let mut q = pointwise(&Scaled(-1.0), [gradient]);
        let mut alphas = Vec::with_capacity(self.changes.len());
        for Change { s, y, rho } in self.changes.iter().rev() {
            let alpha = dot(s, &q) * rho;
            q = pointwise(&Along(-alpha), [&q, y]);
            alphas.push(alpha);
        }
        let mut r = pointwise(&Scaled(self.scale), [&q]);
        for (Change { s, y, rho }, alpha) in self.changes.iter().zip(alphas.into_iter().rev()) {
            let beta = dot(y, &r) * rho;
            r = pointwise(&Along(alpha - beta), [&r, s]);
        }
        r
    }
}

struct Size;

impl Term<1> for Size {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        x.abs()
    }
}

struct Scaled(f64);

impl Pointwise<1> for Scaled {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        T::of(self.0) * x
    }
}
