//! Adadelta: steps in the size of earlier steps.

use wengert_array::{Float, Shape, Update};

use crate::rule::flush;
use crate::settings::settings;
use crate::{Core, Optimizer, Parameter};

/// Adadelta, with Keras' defaults: rate 0.001, ρ 0.95, ε 1e-7.
///
/// `v ← ρ v + (1 - ρ) g²`, `d = √(u + ε) / √(v + ε) · g`, `u ← ρ u + (1 - ρ) d²`, `w ← w - rate d`. The paper has no rate,
/// which is a rate of 1. PyTorch has the same arithmetic, and with [`Adadelta::pytorch`] its ρ 0.9 and ε 1e-6; its default
/// rate is 1.
///
/// # References
/// M. D. Zeiler, "ADADELTA: an adaptive learning rate method", 2012, algorithm 1.
#[derive(Clone, Debug)]
pub struct Adadelta {
    core: Core,
    rho: f64,
    epsilon: f64,
}
settings!(Adadelta, rho, epsilon);

impl Default for Adadelta {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        Adadelta::new(0.001)
    }
}

impl Adadelta {
    /// Adadelta with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Adadelta {
        Adadelta { core: Core::new("adadelta", rate), rho: 0.95, epsilon: 1e-7 }
    }

    /// Adadelta with PyTorch's ρ 0.9 and ε 1e-6.
    ///
    /// # Panics
    /// As for [`new`](Adadelta::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> Adadelta {
        Adadelta { rho: 0.9, epsilon: 1e-6, ..Adadelta::new(rate) }
    }
}

impl Optimizer for Adadelta {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        &["gradients", "steps"]
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        parameter.apply(Rule { rate: parameter.rate, rho: self.rho, epsilon: self.epsilon });
    }
}

struct Rule {
    rate: f64,
    rho: f64,
    epsilon: f64,
}

impl Update<3, 1> for Rule {
    const COST: usize = 6;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, v, u]: [T; 3], [g]: [T; 1]) -> [T; 3] {
        let (rho, rest, epsilon) = (T::of(self.rho), T::of(1.0 - self.rho), T::of(self.epsilon));
        let v = flush(rho * v + rest * g * g);
        let step = ((u + epsilon) / (v + epsilon)).sqrt() * g;
        let u = flush(rho * u + rest * step * step);
        [w - T::of(self.rate) * step, v, u]
    }
}
