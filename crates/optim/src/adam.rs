//! Adam: steps scaled by running estimates of each gradient's mean and size. AMSGrad and AdamW are forms of it.

use wengert_array::{Float, Shape, Update};

use crate::rule::{correction, flush};
use crate::settings::settings;
use crate::{Core, Optimizer, Parameter, Tune};

/// Adam, with Keras' arithmetic and defaults: rate 0.001, β₁ 0.9, β₂ 0.999, ε 1e-7.
///
/// `m ← m + (1 - β₁)(g - m)`, `v ← v + (1 - β₂)(g² - v)`, `w ← w - α m / (√v + ε)` with
/// `α = rate √(1 - β₂ᵗ) / (1 - β₁ᵗ)`. [`Adam::pytorch`] adds ε, by default 1e-8, after √v has been corrected:
/// `√v + ε √(1 - β₂ᵗ)` in this form.
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
    core: Core,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    is_amsgrad: bool,
    is_pytorch: bool,
}
settings!(Adam, betas, epsilon);

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
        let (beta_1, beta_2) = (0.9, 0.999);
        let core = Core::new("adam", rate);
        Adam { core, beta_1, beta_2, epsilon: 1e-7, is_amsgrad: false, is_pytorch: false }
    }

    /// Adam with PyTorch's ε: 1e-8, added after the correction. Its default rate is 0.001 too.
    ///
    /// # Panics
    /// As for [`new`](Adam::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> Adam {
        Adam { epsilon: 1e-8, is_pytorch: true, ..Adam::new(rate) }
    }

    /// The same with the greatest `v` so far in the denominator, in the place of the last.
    ///
    /// # References
    /// S. J. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", 2018, algorithm 2, with Adam's corrections.
    pub fn amsgrad(self) -> Adam {
        Adam { is_amsgrad: true, ..self }
    }
}

impl Optimizer for Adam {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        if self.is_amsgrad { &["m", "v", "v_max"] } else { &["m", "v"] }
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        let spread = correction(self.beta_2, parameter.step).sqrt();
        let rule = Rule {
            alpha: parameter.rate * spread / correction(self.beta_1, parameter.step),
            gain_1: 1.0 - self.beta_1,
            gain_2: 1.0 - self.beta_2,
            epsilon: if self.is_pytorch { self.epsilon * spread } else { self.epsilon },
        };
        if self.is_amsgrad { parameter.apply(Amsgrad(rule)) } else { parameter.apply(rule) }
    }
}

/// Adam with decoupled weight decay, which Keras calls AdamW: `w ← w - rate · decay · w` before the step.
///
/// Keras' defaults: those of [`Adam`], and a decay of 0.004. [`AdamW::pytorch`] has PyTorch's: ε 1e-8, decay 0.01. All
/// that Adam can be set to is set first: `AdamW::from(Adam::new(0.01).betas(0.9, 0.99))`.
///
/// # Examples
/// ```
/// use wengert_optim::{Adam, AdamW, Group, Tune};
/// let adam = AdamW::new(0.01).weight_decay(0.1).group(Group::named("*.bias").weight_decay(0.0));
/// let amsgrad = AdamW::from(Adam::new(0.01).amsgrad());
/// ```
///
/// # References
/// I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.
#[derive(Clone, Debug)]
pub struct AdamW(Adam);

impl Default for AdamW {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        AdamW::new(0.001)
    }
}

impl AdamW {
    /// AdamW with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> AdamW {
        AdamW::from(Adam::new(rate))
    }

    /// AdamW with PyTorch's ε and decay. Its default rate is 0.001 too.
    ///
    /// # Panics
    /// As for [`new`](AdamW::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> AdamW {
        AdamW::from(Adam::pytorch(rate)).weight_decay(0.01)
    }
}

impl From<Adam> for AdamW {
    /// Adam as it is set, with Keras' decay.
    fn from(adam: Adam) -> AdamW {
        let mut adam = adam.weight_decay(0.004);
        adam.core.name = "adamw";
        AdamW(adam)
    }
}

impl Optimizer for AdamW {
    fn core(&self) -> &Core {
        &self.0.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.0.core
    }

    fn moments(&self, name: &str, shape: &Shape) -> &'static [&'static str] {
        self.0.moments(name, shape)
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        self.0.update(parameter);
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) alpha: f64,
    pub(crate) gain_1: f64,
    pub(crate) gain_2: f64,
    pub(crate) epsilon: f64,
}

impl Rule {
    /// The new mean and size.
    #[inline(always)]
    fn moments<T: Float>(&self, m: T, v: T, g: T) -> [T; 2] {
        let m = flush(m + T::of(self.gain_1) * (g - m));
        [m, flush(v + T::of(self.gain_2) * (g * g - v))]
    }

    #[inline(always)]
    fn step<T: Float>(&self, m: T, v: T) -> T {
        T::of(self.alpha) * m / (v.sqrt() + T::of(self.epsilon))
    }
}

impl Update<3, 1> for Rule {
    const COST: usize = 4;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, m, v]: [T; 3], [g]: [T; 1]) -> [T; 3] {
        let [m, v] = self.moments(m, v, g);
        [w - self.step(m, v), m, v]
    }
}

/// The step along the mean alone, which keeps the size for later.
pub(crate) struct Unscaled {
    pub(crate) alpha: f64,
    pub(crate) gain_1: f64,
    pub(crate) gain_2: f64,
}

impl Update<3, 1> for Unscaled {
    const COST: usize = 2;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, m, v]: [T; 3], [g]: [T; 1]) -> [T; 3] {
        let m = flush(m + T::of(self.gain_1) * (g - m));
        let v = flush(v + T::of(self.gain_2) * (g * g - v));
        [w - T::of(self.alpha) * m, m, v]
    }
}

struct Amsgrad(Rule);

impl Update<4, 1> for Amsgrad {
    const COST: usize = 5;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, m, v, most]: [T; 4], [g]: [T; 1]) -> [T; 4] {
        let [m, v] = self.0.moments(m, v, g);
        let most = if v > most { v } else { most };
        [w - self.0.step(m, most), m, v, most]
    }
}
