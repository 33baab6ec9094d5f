//! Lamb: Adam's direction, with steps in proportion to the weights of each parameter.

use wengert_array::{Float, Shape, Term, Update, total, update};

use crate::rule::{correction, flush};
use crate::settings::settings;
use crate::{Core, Optimizer, Parameter};

/// Lamb, with Keras' arithmetic and defaults (PyTorch has none): rate 0.001, β₁ 0.9, β₂ 0.999, ε 1e-7.
///
/// With Adam's `m` and `v`, `r = m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)` and `w ← w - rate ‖w‖ / ‖r‖ · r`, where the ratio
/// is 1 if one of the norms, those of a whole parameter, is 0. Weight decay is decoupled, as in Keras; in the paper it is a
/// part of `r`. The norms have to be known before the weights change, so that an update is three passes.
///
/// # References
/// Y. You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2020, algorithm 2.
#[derive(Clone, Debug)]
pub struct Lamb {
    core: Core,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
}
settings!(Lamb, betas, epsilon);

impl Default for Lamb {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        Lamb::new(0.001)
    }
}

impl Lamb {
    /// Lamb with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Lamb {
        Lamb { core: Core::new("lamb", rate), beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    }
}

impl Optimizer for Lamb {
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
        parameter.apply(Moments { gain_1: 1.0 - self.beta_1, gain_2: 1.0 - self.beta_2 });
        let direction = Direction {
            mean: 1.0 / correction(self.beta_1, parameter.step),
            spread: 1.0 / correction(self.beta_2, parameter.step),
            epsilon: self.epsilon,
        };
        let [m, v] = &*parameter.moments else { unreachable!("two are named") };
        let (weights, step) = (parameter.value.norm(), total(&Squared(direction), [m, v]).sqrt());
        let ratio = if weights > 0.0 && step > 0.0 { weights / step } else { 1.0 };
        update(&Move { alpha: parameter.rate * ratio, direction }, [parameter.value], [m, v]);
    }
}

struct Moments {
    gain_1: f64,
    gain_2: f64,
}

impl Update<3, 1> for Moments {
    const COST: usize = 2;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, m, v]: [T; 3], [g]: [T; 1]) -> [T; 3] {
        let m = flush(m + T::of(self.gain_1) * (g - m));
        [w, m, flush(v + T::of(self.gain_2) * (g * g - v))]
    }
}

/// `r` of the moments.
#[derive(Clone, Copy)]
struct Direction {
    mean: f64,
    spread: f64,
    epsilon: f64,
}

impl Direction {
    #[inline(always)]
    fn at<T: Float>(&self, m: T, v: T) -> T {
        T::of(self.mean) * m / ((T::of(self.spread) * v).sqrt() + T::of(self.epsilon))
    }
}

struct Squared(Direction);

impl Term<2> for Squared {
    const COST: usize = 4;

    #[inline(always)]
    fn apply<T: Float>(&self, [m, v]: [T; 2]) -> T {
        let r = self.0.at(m, v);
        r * r
    }
}

struct Move {
    alpha: f64,
    direction: Direction,
}

impl Update<1, 2> for Move {
    const COST: usize = 4;

    #[inline(always)]
    fn apply<T: Float>(&self, [w]: [T; 1], [m, v]: [T; 2]) -> [T; 1] {
        [w - T::of(self.alpha) * self.direction.at(m, v)]
    }
}
