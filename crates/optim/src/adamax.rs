//! Adamax: Adam with the greatest gradient so far in the place of the mean of squares.

use wengert_array::{Float, Shape, Update};

use crate::rule::{correction, flush};
use crate::settings::settings;
use crate::{Core, Optimizer, Parameter};

/// Adamax, with Keras' arithmetic and defaults: rate 0.001, β₁ 0.9, β₂ 0.999, ε 1e-7.
///
/// `m ← m + (1 - β₁)(g - m)`, `u ← max(β₂ u, |g|)`, `w ← w - rate / (1 - β₁ᵗ) · m / (u + ε)`. [`Adamax::pytorch`] has ε,
/// by default 1e-8, within the maximum: `u ← max(β₂ u, |g| + ε)`, `w ← w - rate / (1 - β₁ᵗ) · m / u`.
///
/// # References
/// D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 2.
#[derive(Clone, Debug)]
pub struct Adamax {
    core: Core,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    is_pytorch: bool,
}
settings!(Adamax, betas, epsilon);

impl Default for Adamax {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        Adamax::new(0.001)
    }
}

impl Adamax {
    /// Adamax with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Adamax {
        let (beta_1, beta_2, epsilon) = (0.9, 0.999, 1e-7);
        Adamax { core: Core::new("adamax", rate), beta_1, beta_2, epsilon, is_pytorch: false }
    }

    /// Adamax with PyTorch's ε. Its default rate is 0.002.
    ///
    /// # Panics
    /// As for [`new`](Adamax::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> Adamax {
        Adamax { epsilon: 1e-8, is_pytorch: true, ..Adamax::new(rate) }
    }
}

impl Optimizer for Adamax {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        &["m", "u"]
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        let (inner, outer) = if self.is_pytorch { (self.epsilon, 0.0) } else { (0.0, self.epsilon) };
        parameter.apply(Rule {
            alpha: parameter.rate / correction(self.beta_1, parameter.step),
            gain_1: 1.0 - self.beta_1,
            beta_2: self.beta_2,
            inner,
            outer,
        });
    }
}

struct Rule {
    alpha: f64,
    gain_1: f64,
    beta_2: f64,
    inner: f64,
    outer: f64,
}

impl Update<3, 1> for Rule {
    const COST: usize = 3;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, m, u]: [T; 3], [g]: [T; 1]) -> [T; 3] {
        let m = flush(m + T::of(self.gain_1) * (g - m));
        let (faded, size) = (flush(T::of(self.beta_2) * u), g.abs() + T::of(self.inner));
        let u = if size > faded { size } else { faded };
        [w - T::of(self.alpha) * m / (u + T::of(self.outer)), m, u]
    }
}
