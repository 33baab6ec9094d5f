//! Lion: steps of one size, in the direction of the momentum's signs.

use wengert_array::{Float, Shape, Update};

use crate::rule::{checked_share, flush, sign};
use crate::{Core, Optimizer, Parameter};

/// Lion, with Keras' defaults (PyTorch has none): rate 0.001, β₁ 0.9, β₂ 0.99.
///
/// `w ← w - rate sign(β₁ m + (1 - β₁) g)`, `m ← β₂ m + (1 - β₂) g`, with `sign(0) = 0`. The paper advises a rate 3 to 10
/// times lower than Adam's, and a weight decay as many times higher.
///
/// # References
/// X. Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2.
#[derive(Clone, Debug)]
pub struct Lion {
    core: Core,
    beta_1: f64,
    beta_2: f64,
}

impl Default for Lion {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        Lion::new(0.001)
    }
}

impl Lion {
    /// Lion with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Lion {
        Lion { core: Core::new("lion", rate), beta_1: 0.9, beta_2: 0.99 }
    }

    /// The same with other shares of the momentum in the direction, and in itself.
    ///
    /// # Panics
    /// If one lies outside [0, 1).
    #[track_caller]
    pub fn betas(self, beta_1: f64, beta_2: f64) -> Lion {
        for beta in [beta_1, beta_2] {
            checked_share("lion", "the decay", beta);
        }
        Lion { beta_1, beta_2, ..self }
    }
}

impl Optimizer for Lion {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        &["m"]
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        parameter.apply(Rule { rate: parameter.rate, beta_1: self.beta_1, beta_2: self.beta_2 });
    }
}

struct Rule {
    rate: f64,
    beta_1: f64,
    beta_2: f64,
}

impl Update<2, 1> for Rule {
    const COST: usize = 2;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, m]: [T; 2], [g]: [T; 1]) -> [T; 2] {
        let direction = T::of(self.beta_1) * m + T::of(1.0 - self.beta_1) * g;
        [w - T::of(self.rate) * sign(direction), flush(T::of(self.beta_2) * m + T::of(1.0 - self.beta_2) * g)]
    }
}
