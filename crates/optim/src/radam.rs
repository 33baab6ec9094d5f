//! RAdam: Adam that goes by the momentum alone until the estimate of the gradients' size can be trusted.

use wengert_array::Shape;

use crate::adam;
use crate::rule::correction;
use crate::settings::settings;
use crate::{Core, Optimizer, Parameter};

/// Rectified Adam, with PyTorch's arithmetic and defaults (Keras has none): rate 0.001, β₁ 0.9, β₂ 0.999, ε 1e-8.
///
/// `m` and `v` are Adam's. With `ρ∞ = 2 / (1 - β₂) - 1` and `ρ = ρ∞ - 2 t β₂ᵗ / (1 - β₂ᵗ)`, an update is
/// `w ← w - rate r m̂ √(1 - β₂ᵗ) / (√v + ε)` where `ρ > 5`, and `w ← w - rate m̂` before; `m̂ = m / (1 - β₁ᵗ)`,
/// `r² = (ρ - 4)(ρ - 2) ρ∞ / ((ρ∞ - 4)(ρ∞ - 2) ρ)`.
///
/// # References
/// L. Liu et al., "On the variance of the adaptive learning rate and beyond", 2020, algorithm 2.
#[derive(Clone, Debug)]
pub struct RAdam {
    core: Core,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
}
settings!(RAdam, betas, epsilon);

impl Default for RAdam {
    /// PyTorch's rate, 0.001.
    fn default() -> Self {
        RAdam::new(0.001)
    }
}

impl RAdam {
    /// RAdam with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> RAdam {
        RAdam { core: Core::new("radam", rate), beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8 }
    }

    /// `r √(1 - β₂ᵗ)`, where the size can be trusted.
    fn rectification(&self, step: u64) -> Option<f64> {
        let kept = correction(self.beta_2, step);
        let most = 2.0 / (1.0 - self.beta_2) - 1.0;
        let length = most - 2.0 * step as f64 * (1.0 - kept) / kept;
        let squared = (length - 4.0) * (length - 2.0) * most / ((most - 4.0) * (most - 2.0) * length);
        (length > 5.0).then(|| (squared * kept).sqrt())
    }
}

impl Optimizer for RAdam {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        &["m", "v"]
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        let alpha = parameter.rate / correction(self.beta_1, parameter.step);
        let (gain_1, gain_2) = (1.0 - self.beta_1, 1.0 - self.beta_2);
        match self.rectification(parameter.step) {
            Some(factor) => {
                let (alpha, epsilon) = (alpha * factor, self.epsilon);
                parameter.apply(adam::Rule { alpha, gain_1, gain_2, epsilon });
            }
            None => parameter.apply(adam::Unscaled { alpha, gain_1, gain_2 }),
        }
    }
}
