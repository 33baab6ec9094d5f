//! Adam: steps scaled by running estimates of each gradient's mean and size.

use wengert_array::{Array, Float, Update, update};

use crate::Optimizer;
use crate::optimizer::{Moments, checked, flush};

/// Adam, with Keras' arithmetic and defaults: rate 0.001, β₁ 0.9, β₂ 0.999, ε 1e-7.
///
/// `m ← m + (1 - β₁)(g - m)`, `v ← v + (1 - β₂)(g² - v)`, `w ← w - α m / (√v + ε)` with
/// `α = rate √(1 - β₂ᵗ) / (1 - β₁ᵗ)`. PyTorch's default ε is 1e-8, and is added after √v has been corrected.
///
/// A moment below the smallest normal number (1.2e-38 for `f32`) becomes 0: arithmetic with smaller ones is many times
/// slower, and those of a unit that has died would all end there. Beside the default ε such a moment is nothing.
///
/// # Examples
/// ```
/// use wengert_optim::{Adam, Optimizer};
/// assert_eq!(Adam::default().learning_rate(), 0.001);
/// let adam = Adam::new(0.01).betas(0.9, 0.99).epsilon(1e-8);
/// ```
///
/// # References
/// D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1 in the form of section 2.
#[derive(Clone, Debug)]
pub struct Adam {
    rate: f64,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    n_steps: i32,
    moments: Moments<2>,
}

const RATE: &str = "adam: the learning rate";

impl Default for Adam {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        Adam::new(0.001)
    }
}

impl Adam {
    /// Adam with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Adam {
        Adam {
            rate: checked(RATE, rate),
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-7,
            n_steps: 0,
            moments: Moments::default(),
        }
    }

    /// The same with other decays of the estimates of mean and size.
    ///
    /// # Panics
    /// If one lies outside [0, 1).
    #[track_caller]
    pub fn betas(self, beta_1: f64, beta_2: f64) -> Adam {
        for beta in [beta_1, beta_2] {
            assert!((0.0..1.0).contains(&beta), "adam: the decay {beta} lies outside [0, 1)");
        }
        Adam { beta_1, beta_2, ..self }
    }

    /// The same with another number in the denominator. With 0, a parameter whose gradient has always been 0 becomes NaN.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn epsilon(self, epsilon: f64) -> Adam {
        Adam { epsilon: checked("adam: epsilon", epsilon), ..self }
    }
}

impl Optimizer for Adam {
    fn start(&mut self) {
        self.n_steps = self.n_steps.saturating_add(1);
    }

    fn update(&mut self, slot: usize, param: &mut Array, gradient: &Array) {
        let correction =
            (1.0 - self.beta_2.powi(self.n_steps)).sqrt() / (1.0 - self.beta_1.powi(self.n_steps));
        let rule = Rule {
            alpha: self.rate * correction,
            gain_1: 1.0 - self.beta_1,
            gain_2: 1.0 - self.beta_2,
            epsilon: self.epsilon,
        };
        let [m, v] = self.moments.of(slot, param);
        update(&rule, [param, m, v], [gradient]);
    }

    fn learning_rate(&self) -> f64 {
        self.rate
    }

    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        self.rate = checked(RATE, rate);
    }
}

struct Rule {
    alpha: f64,
    gain_1: f64,
    gain_2: f64,
    epsilon: f64,
}

impl Update<3, 1> for Rule {
    const COST: usize = 4;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, m, v]: [T; 3], [g]: [T; 1]) -> [T; 3] {
        let m = flush(m + T::of(self.gain_1) * (g - m));
        let v = flush(v + T::of(self.gain_2) * (g * g - v));
        [w - T::of(self.alpha) * m / (v.sqrt() + T::of(self.epsilon)), m, v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `m` falls to 0.9 of itself in each step, so that 2,000 steps take it far below the smallest number; `v` to 0.999.
    #[test]
    fn moments_without_a_gradient_end_as_zero() {
        let mut adam = Adam::default();
        let mut weights = Array::from_vec(vec![1.0_f32; 40], [40]);
        let mut at_step = |gradient: f32| {
            adam.start();
            adam.update(0, &mut weights, &Array::from_vec(vec![gradient; 40], [40]));
            adam.moments.of(0, &weights).clone().map(|moment| moment.to_vec::<f32>())
        };
        at_step(1e-18);
        let moments: Vec<[Vec<f32>; 2]> = (0..2000).map(|_| at_step(0.0)).collect();
        assert!(moments[0][0].iter().all(|&m| m > 0.0));
        assert!(moments.iter().flatten().flatten().all(|moment| !moment.is_subnormal()));
        assert_eq!(moments[1999], [vec![0.0; 40], vec![0.0; 40]]);
    }

    #[test]
    fn moments_never_sink_into_denormals() {
        let mut adam = Adam::default();
        let mut weight = Array::from_vec(vec![1.0_f32], [1]);
        for step in 0..20_000 {
            // A gradient once, and never again.
            let gradient = Array::from_vec(vec![if step == 0 { 1e-15_f32 } else { 0.0 }], [1]);
            adam.start();
            adam.update(0, &mut weight, &gradient);
            for moment in adam.moments.of(0, &weight) {
                assert!(
                    !moment.as_slice::<f32>().expect("contiguous")[0].is_subnormal(),
                    "step {step}: {moment:?}"
                );
            }
        }
    }
}
