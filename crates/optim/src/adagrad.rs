//! Adagrad: steps scaled by all squared gradients so far.

use wengert_array::{Float, Shape, Update};

use crate::rule::flush;
use crate::settings::settings;
use crate::{Core, Optimizer, Parameter};

/// Adagrad, with Keras' arithmetic and defaults: rate 0.001, a sum that begins at 0.1, ε 1e-7.
///
/// `s ← s + g²`, `w ← w - rate g / √(s + ε)`. [`Adagrad::pytorch`] has ε, by default 1e-10, outside of the root, and a sum
/// that begins at 0; its `lr_decay` is the schedule [`InverseTime`](crate::InverseTime).
///
/// # References
/// J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization", 2011,
/// figure 1 with diagonal matrices.
#[derive(Clone, Debug)]
pub struct Adagrad {
    core: Core,
    start: f64,
    epsilon: f64,
    is_pytorch: bool,
}
settings!(Adagrad, epsilon, initial_accumulator);

impl Default for Adagrad {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        Adagrad::new(0.001)
    }
}

impl Adagrad {
    /// Adagrad with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Adagrad {
        Adagrad { core: Core::new("adagrad", rate), start: 0.1, epsilon: 1e-7, is_pytorch: false }
    }

    /// Adagrad with PyTorch's arithmetic, a sum that begins at 0, and ε 1e-10. Its default rate is 0.01.
    ///
    /// # Panics
    /// As for [`new`](Adagrad::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> Adagrad {
        Adagrad { start: 0.0, epsilon: 1e-10, is_pytorch: true, ..Adagrad::new(rate) }
    }
}

impl Optimizer for Adagrad {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        &["sum"]
    }

    fn initial(&self, _: &str) -> f64 {
        self.start
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        let (within, beside) = if self.is_pytorch { (0.0, self.epsilon) } else { (self.epsilon, 0.0) };
        parameter.apply(Rule { rate: parameter.rate, within, beside });
    }
}

struct Rule {
    rate: f64,
    within: f64,
    beside: f64,
}

impl Update<2, 1> for Rule {
    const COST: usize = 4;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, sum]: [T; 2], [g]: [T; 1]) -> [T; 2] {
        let sum = flush(sum + g * g);
        [w - T::of(self.rate) * g / ((sum + T::of(self.within)).sqrt() + T::of(self.beside)), sum]
    }
}
