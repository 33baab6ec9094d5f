//! Gradient descent, with momentum.

use wengert_array::{Array, Float, Update, update};

use crate::Optimizer;
use crate::optimizer::{Moments, checked, flush};

/// Stochastic gradient descent: `w ← w - rate · g`.
///
/// With momentum `μ`, as in Keras: `v ← μ v - rate · g`, `w ← w + v`; Nesterov's form is `w ← w + μ v - rate · g`.
/// PyTorch keeps the rate out of `v`, which is the same while the rate does not change.
///
/// # Examples
/// ```
/// use wengert_optim::{Optimizer, Sgd};
/// assert_eq!(Sgd::default().learning_rate(), 0.01);
/// let nesterov = Sgd::new(0.05).momentum(0.9).nesterov();
/// ```
///
/// # References
/// I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum in deep learning",
/// 2013, equations 1 to 4.
#[derive(Clone, Debug)]
pub struct Sgd {
    rate: f64,
    momentum: f64,
    is_nesterov: bool,
    velocities: Moments<1>,
}

const RATE: &str = "sgd: the learning rate";

impl Default for Sgd {
    /// Keras' rate, 0.01, without momentum.
    fn default() -> Self {
        Sgd::new(0.01)
    }
}

impl Sgd {
    /// Plain gradient descent with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Sgd {
        Sgd { rate: checked(RATE, rate), momentum: 0.0, is_nesterov: false, velocities: Moments::default() }
    }

    /// The same with momentum, usually 0.9.
    ///
    /// # Panics
    /// If it lies outside [0, 1).
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Sgd {
        assert!((0.0..1.0).contains(&momentum), "sgd: the momentum {momentum} lies outside [0, 1)");
        Sgd { momentum, ..self }
    }

    /// The same with Nesterov's momentum.
    pub fn nesterov(self) -> Sgd {
        Sgd { is_nesterov: true, ..self }
    }
}

impl Optimizer for Sgd {
    fn update(&mut self, slot: usize, param: &mut Array, gradient: &Array) {
        if self.momentum == 0.0 {
            update(&Plain { rate: self.rate }, [param], [gradient]);
            return;
        }
        let rule = Momentum { rate: self.rate, momentum: self.momentum, is_nesterov: self.is_nesterov };
        let [velocity] = self.velocities.of(slot, param);
        update(&rule, [param, velocity], [gradient]);
    }

    fn learning_rate(&self) -> f64 {
        self.rate
    }

    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        self.rate = checked(RATE, rate);
    }
}

struct Plain {
    rate: f64,
}

impl Update<1, 1> for Plain {
    #[inline(always)]
    fn apply<T: Float>(&self, [w]: [T; 1], [g]: [T; 1]) -> [T; 1] {
        [w - T::of(self.rate) * g]
    }
}

struct Momentum {
    rate: f64,
    momentum: f64,
    is_nesterov: bool,
}

impl Update<2, 1> for Momentum {
    #[inline(always)]
    fn apply<T: Float>(&self, [w, v]: [T; 2], [g]: [T; 1]) -> [T; 2] {
        let step = T::of(self.rate) * g;
        let momentum = T::of(self.momentum);
        let v = flush(momentum * v - step);
        let move_by = if self.is_nesterov { momentum * v - step } else { v };
        [w + move_by, v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_velocity_without_a_gradient_ends_as_zero() {
        let mut sgd = Sgd::new(0.1).momentum(0.9);
        let mut weight = Array::from_vec(vec![1.0_f32; 40], [40]);
        for step in 0..2000 {
            let gradient = Array::from_vec(vec![if step == 0 { 1.0_f32 } else { 0.0 }; 40], [40]);
            sgd.update(0, &mut weight, &gradient);
            let [velocity] = sgd.velocities.of(0, &weight);
            assert!(velocity.to_vec::<f32>().iter().all(|v| !v.is_subnormal()), "step {step}: {velocity:?}");
        }
        let [velocity] = sgd.velocities.of(0, &weight);
        assert!(velocity.to_vec::<f32>().iter().all(|&v| v == 0.0));
    }
}
