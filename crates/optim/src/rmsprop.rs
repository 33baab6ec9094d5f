//! RMSprop: steps scaled by a running mean of squared gradients, with momentum if wanted.

use wengert_array::{Float, Shape, Update};

use crate::rule::{checked_share, flush};
use crate::settings::settings;
use crate::{Core, Optimizer, Parameter};

/// RMSprop, with Keras' arithmetic and defaults: rate 0.001, ρ 0.9, ε 1e-7.
///
/// `v ← ρ v + (1 - ρ) g²`, `w ← w - rate g / √(v + ε)`. Centered, `v - a²` takes the place of `v`, with
/// `a ← ρ a + (1 - ρ) g`. With momentum `μ`, `b ← μ b + rate g / √(v + ε)`, `w ← w - b`.
/// [`RMSprop::pytorch`] has ε, by default 1e-8, outside of the root, ρ (called alpha) 0.99, and the rate outside of `b`.
///
/// # Examples
/// ```
/// use wengert_optim::RMSprop;
/// let rmsprop = RMSprop::new(0.01).rho(0.95).momentum(0.9).centered();
/// ```
///
/// # References
/// T. Tieleman, G. Hinton, "Lecture 6.5: rmsprop", 2012. Centered: A. Graves, "Generating sequences with recurrent neural
/// networks", 2013, equations 38 to 45.
#[derive(Clone, Debug)]
pub struct RMSprop {
    core: Core,
    rho: f64,
    momentum: f64,
    epsilon: f64,
    is_centered: bool,
    is_pytorch: bool,
}
settings!(RMSprop, rho, epsilon);

impl Default for RMSprop {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        RMSprop::new(0.001)
    }
}

impl RMSprop {
    /// RMSprop with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> RMSprop {
        let core = Core::new("rmsprop", rate);
        RMSprop { core, rho: 0.9, momentum: 0.0, epsilon: 1e-7, is_centered: false, is_pytorch: false }
    }

    /// RMSprop with PyTorch's arithmetic, ρ 0.99 and ε 1e-8. Its default rate is 0.01.
    ///
    /// # Panics
    /// As for [`new`](RMSprop::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> RMSprop {
        RMSprop { rho: 0.99, epsilon: 1e-8, is_pytorch: true, ..RMSprop::new(rate) }
    }

    /// The same with momentum.
    ///
    /// # Panics
    /// If it lies outside [0, 1).
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> RMSprop {
        RMSprop { momentum: checked_share("rmsprop", "the momentum", momentum), ..self }
    }

    /// The same with the variance of the gradients in the place of the mean of their squares.
    pub fn centered(self) -> RMSprop {
        RMSprop { is_centered: true, ..self }
    }

    fn is_plain(&self) -> bool {
        self.momentum == 0.0 && !self.is_centered
    }
}

impl Optimizer for RMSprop {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        if self.is_plain() { &["v"] } else { &["v", "mean", "velocity"] }
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        let rate = parameter.rate;
        let (within, beside) = if self.is_pytorch { (0.0, self.epsilon) } else { (self.epsilon, 0.0) };
        let scale = Scale { rho: self.rho, within, beside };
        if self.is_plain() {
            return parameter.apply(Plain { rate, scale });
        }
        let (inner, outer) = if self.is_pytorch { (1.0, rate) } else { (rate, 1.0) };
        let centering = if self.is_centered { 1.0 } else { 0.0 };
        parameter.apply(Full { inner, outer, momentum: self.momentum, centering, scale });
    }
}

/// The mean of squares, and its root.
#[derive(Clone, Copy)]
struct Scale {
    rho: f64,
    within: f64,
    beside: f64,
}

impl Scale {
    #[inline(always)]
    fn mean<T: Float>(&self, mean: T, x: T) -> T {
        flush(T::of(self.rho) * mean + T::of(1.0 - self.rho) * x)
    }

    #[inline(always)]
    fn root<T: Float>(&self, v: T) -> T {
        (v + T::of(self.within)).sqrt() + T::of(self.beside)
    }
}

struct Plain {
    rate: f64,
    scale: Scale,
}

impl Update<2, 1> for Plain {
    const COST: usize = 4;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, v]: [T; 2], [g]: [T; 1]) -> [T; 2] {
        let v = self.scale.mean(v, g * g);
        [w - T::of(self.rate) * g / self.scale.root(v), v]
    }
}

struct Full {
    inner: f64,
    outer: f64,
    momentum: f64,
    /// 1 to take the squared mean away, or 0.
    centering: f64,
    scale: Scale,
}

impl Update<4, 1> for Full {
    const COST: usize = 5;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, v, mean, b]: [T; 4], [g]: [T; 1]) -> [T; 4] {
        let (v, mean) = (self.scale.mean(v, g * g), self.scale.mean(mean, g));
        // A variance, which rounding may take below 0 where all gradients are the same.
        let spread = v - T::of(self.centering) * mean * mean;
        let spread = if spread > T::zero() { spread } else { T::zero() };
        let b = flush(T::of(self.momentum) * b + T::of(self.inner) * g / self.scale.root(spread));
        [w - T::of(self.outer) * b, v, mean, b]
    }
}
