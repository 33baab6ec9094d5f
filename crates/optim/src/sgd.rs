//! Gradient descent, with momentum.

use wengert_array::{Float, Shape, Update};

use crate::rule::{checked_share, flush};
use crate::{Core, Optimizer, Parameter};

/// Stochastic gradient descent: `w ← w - rate · g`.
///
/// With momentum `μ`, as in Keras: `v ← μ v - rate · g`, `w ← w + v`; Nesterov's form is `w ← w + μ v - rate · g`.
/// [`Sgd::pytorch`] keeps the rate out of `v`, as PyTorch does, which is the same while the rate does not change. With
/// dampening `δ` (PyTorch's; Keras has none) `v` gets `(1 - δ) g`, but for the first gradient, which it gets whole.
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
    core: Core,
    momentum: f64,
    dampening: f64,
    is_nesterov: bool,
    is_pytorch: bool,
}

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
        let core = Core::new("sgd", rate);
        Sgd { core, momentum: 0.0, dampening: 0.0, is_nesterov: false, is_pytorch: false }
    }

    /// The same with PyTorch's velocity, which does not contain the rate. Its default rate is 0.001.
    ///
    /// # Panics
    /// As for [`new`](Sgd::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> Sgd {
        Sgd { is_pytorch: true, ..Sgd::new(rate) }
    }

    /// The same with momentum, usually 0.9.
    ///
    /// # Panics
    /// If it lies outside [0, 1).
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Sgd {
        Sgd { momentum: checked_share("sgd", "the momentum", momentum), ..self }
    }

    /// The same with Nesterov's momentum. It has no effect without [`momentum`](Sgd::momentum).
    ///
    /// # Panics
    /// If there is a dampening, which Nesterov's momentum does not have.
    #[track_caller]
    pub fn nesterov(self) -> Sgd {
        Sgd { is_nesterov: true, ..self }.checked()
    }

    /// The same with dampening: the share of each gradient but the first that does not reach the velocity.
    ///
    /// # Panics
    /// If it lies outside [0, 1), or the momentum is Nesterov's.
    #[track_caller]
    pub fn dampening(self, dampening: f64) -> Sgd {
        Sgd { dampening: checked_share("sgd", "the dampening", dampening), ..self }.checked()
    }

    #[track_caller]
    fn checked(self) -> Sgd {
        let is_both = self.is_nesterov && self.dampening != 0.0;
        assert!(!is_both, "sgd: a dampening of {}, expected none beside Nesterov's momentum", self.dampening);
        self
    }
}

impl Optimizer for Sgd {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        if self.momentum == 0.0 { &[] } else { &["velocity"] }
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        let rate = parameter.rate;
        if self.momentum == 0.0 {
            return parameter.apply(Plain { rate });
        }
        let (inner, outer) = if self.is_pytorch { (1.0, rate) } else { (rate, 1.0) };
        let gain = if parameter.is_new { inner } else { inner * (1.0 - self.dampening) };
        let (momentum, is_nesterov) = (self.momentum, self.is_nesterov);
        parameter.apply(Momentum { gain, outer, momentum, is_nesterov });
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
    gain: f64,
    outer: f64,
    momentum: f64,
    is_nesterov: bool,
}

impl Update<2, 1> for Momentum {
    #[inline(always)]
    fn apply<T: Float>(&self, [w, v]: [T; 2], [g]: [T; 1]) -> [T; 2] {
        let step = T::of(self.gain) * g;
        let momentum = T::of(self.momentum);
        let v = flush(momentum * v - step);
        let move_by = if self.is_nesterov { momentum * v - step } else { v };
        [w + T::of(self.outer) * move_by, v]
    }
}
