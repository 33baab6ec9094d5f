//! Nadam: Adam with Nesterov's momentum, which grows by a schedule.

use wengert_array::{Float, Shape, Update};

use crate::rule::{checked, correction, flush};
use crate::settings::settings;
use crate::{Core, Optimizer, Parameter};

/// Nadam, with Keras' arithmetic and defaults: rate 0.001, β₁ 0.9, β₂ 0.999, ε 1e-7.
///
/// `m` and `v` are Adam's; with `μₜ = β₁ (1 - 0.96^(ψ t) / 2)` and `Πₜ = μ₁ ⋯ μₜ`,
/// `w ← w - rate (μₜ₊₁ m / (1 - Πₜ₊₁) + (1 - μₜ) g / (1 - Πₜ)) / (√(v / (1 - β₂ᵗ)) + ε)`. Keras has `ψ = 1`;
/// [`Nadam::pytorch`] has PyTorch's 0.004, the paper's number, so that its momentum grows much more slowly, and ε 1e-8.
///
/// # References
/// T. Dozat, "Incorporating Nesterov momentum into Adam", 2016, algorithm 2 with the schedule of section 3.
#[derive(Clone, Debug)]
pub struct Nadam {
    core: Core,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    momentum_decay: f64,
    /// Πₜ, and the `t` that it is of.
    product: (f64, u64),
}
settings!(Nadam, betas, epsilon);

impl Default for Nadam {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        Nadam::new(0.001)
    }
}

impl Nadam {
    /// Nadam with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Nadam {
        let core = Core::new("nadam", rate);
        let (beta_1, beta_2, epsilon) = (0.9, 0.999, 1e-7);
        Nadam { core, beta_1, beta_2, epsilon, momentum_decay: 1.0, product: (1.0, 0) }
    }

    /// Nadam with PyTorch's schedule of the momentum, and ε 1e-8. Its default rate is 0.002.
    ///
    /// # Panics
    /// As for [`new`](Nadam::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> Nadam {
        Nadam { epsilon: 1e-8, momentum_decay: 0.004, ..Nadam::new(rate) }
    }

    /// The same with another `ψ` of the momentum's schedule.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn momentum_decay(self, decay: f64) -> Nadam {
        Nadam { momentum_decay: checked("nadam", "the decay of the momentum", decay), ..self }
    }

    /// μₜ
    fn momentum_at(&self, step: u64) -> f64 {
        self.beta_1 * (1.0 - 0.5 * 0.96_f64.powf(self.momentum_decay * step as f64))
    }
}

impl Optimizer for Nadam {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        &["m", "v"]
    }

    fn start(&mut self, step: u64) {
        if self.product.1 + 1 != step {
            // The state was restored. The same factors in the same order give the same bits.
            self.product = (1.0, 0);
        }
        for earlier in self.product.1 + 1..=step {
            self.product = (self.product.0 * self.momentum_at(earlier), earlier);
        }
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        let (rate, step) = (parameter.rate, parameter.step);
        let (now, next) = (self.momentum_at(step), self.momentum_at(step + 1));
        let product = self.product.0;
        parameter.apply(Rule {
            alpha_m: rate * next / (1.0 - product * next),
            alpha_g: rate * (1.0 - now) / (1.0 - product),
            gain_1: 1.0 - self.beta_1,
            gain_2: 1.0 - self.beta_2,
            spread: 1.0 / correction(self.beta_2, step),
            epsilon: self.epsilon,
        });
    }
}

struct Rule {
    alpha_m: f64,
    alpha_g: f64,
    gain_1: f64,
    gain_2: f64,
    spread: f64,
    epsilon: f64,
}

impl Update<3, 1> for Rule {
    const COST: usize = 5;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, m, v]: [T; 3], [g]: [T; 1]) -> [T; 3] {
        let m = flush(m + T::of(self.gain_1) * (g - m));
        let v = flush(v + T::of(self.gain_2) * (g * g - v));
        let size = (v * T::of(self.spread)).sqrt() + T::of(self.epsilon);
        [w - (T::of(self.alpha_m) * m + T::of(self.alpha_g) * g) / size, m, v]
    }
}
