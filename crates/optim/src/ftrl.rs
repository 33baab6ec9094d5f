//! FTRL-proximal: follow the regularized leader, which makes weights exactly 0.

use wengert_array::{Float, Shape, Update};

use crate::rule::checked;
use crate::settings::settings;
use crate::{Core, Optimizer, Parameter};

/// Follow the regularized leader, with Keras' arithmetic and defaults (PyTorch has none): rate 0.001, power -0.5, a sum
/// that begins at 0.1, and all regularization 0.
///
/// `n' = n + g²`, `z ← z + g + 2 λₛ w - (n'^-p - n^-p) / rate · w`, and
/// `w ← (clip(z, -λ₁, λ₁) - z) / (n'^-p / rate + 2 λ₂ + β / rate)`, where `p` is the power. The weights do not depend on
/// where they stood, so that the first update may move them far.
///
/// # References
/// H. B. McMahan et al., "Ad click prediction: a view from the trenches", 2013, algorithm 1; the shrinkage `λₛ` and the
/// power are Keras'.
#[derive(Clone, Debug)]
pub struct Ftrl {
    core: Core,
    power: f64,
    start: f64,
    lambda_1: f64,
    lambda_2: f64,
    shrinkage: f64,
    beta: f64,
}
settings!(Ftrl, initial_accumulator);

impl Default for Ftrl {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        Ftrl::new(0.001)
    }
}

impl Ftrl {
    /// FTRL with a learning rate. A rate of 0 makes the weights NaN.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Ftrl {
        let core = Core::new("ftrl", rate);
        Ftrl { core, power: -0.5, start: 0.1, lambda_1: 0.0, lambda_2: 0.0, shrinkage: 0.0, beta: 0.0 }
    }

    /// The same with L1 and L2 regularization, Keras' `l1_regularization_strength` and `l2_regularization_strength`.
    ///
    /// # Panics
    /// If one is not a finite number of at least 0.
    #[track_caller]
    pub fn regularized(self, l1: f64, l2: f64) -> Ftrl {
        let (lambda_1, lambda_2) =
            (checked("ftrl", "the L1 regularization", l1), checked("ftrl", "the L2 regularization", l2));
        Ftrl { lambda_1, lambda_2, ..self }
    }

    /// The same with Keras' `l2_shrinkage_regularization_strength`, which adds to the gradient.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn shrinkage(self, shrinkage: f64) -> Ftrl {
        Ftrl { shrinkage: checked("ftrl", "the shrinkage", shrinkage), ..self }
    }

    /// The same with the paper's β.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn beta(self, beta: f64) -> Ftrl {
        Ftrl { beta: checked("ftrl", "beta", beta), ..self }
    }

    /// The same with another power of the sum of squares, at most 0: 0 is a rate that does not fall.
    ///
    /// # Panics
    /// If it is above 0 or not finite.
    #[track_caller]
    pub fn power(self, power: f64) -> Ftrl {
        assert!(
            power.is_finite() && power <= 0.0,
            "ftrl: the power {power} is not a finite number of at most 0"
        );
        Ftrl { power, ..self }
    }
}

impl Optimizer for Ftrl {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        &["sum", "linear"]
    }

    fn initial(&self, moment: &str) -> f64 {
        if moment == "sum" { self.start } else { 0.0 }
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        let linear = Linear {
            per_rate: 1.0 / parameter.rate,
            lambda_1: self.lambda_1,
            curvature: 2.0 * self.lambda_2 + self.beta / parameter.rate,
            shrinkage: 2.0 * self.shrinkage,
        };
        if self.power == -0.5 {
            parameter.apply(Root(linear));
        } else {
            parameter.apply(Power(linear, -self.power));
        }
    }
}

/// All but the power.
struct Linear {
    per_rate: f64,
    lambda_1: f64,
    curvature: f64,
    shrinkage: f64,
}

impl Linear {
    #[inline(always)]
    fn apply<T: Float>(&self, [w, sum, z]: [T; 3], g: T, power: impl Fn(T) -> T) -> [T; 3] {
        let (per_rate, lambda) = (T::of(self.per_rate), T::of(self.lambda_1));
        let grown = sum + g * g;
        let size = power(grown);
        let z = z + g + T::of(self.shrinkage) * w - (size - power(sum)) * per_rate * w;
        let clipped = if z > lambda {
            lambda
        } else if z < -lambda {
            -lambda
        } else {
            z
        };
        [(clipped - z) / (size * per_rate + T::of(self.curvature)), grown, z]
    }
}

struct Root(Linear);

impl Update<3, 1> for Root {
    const COST: usize = 6;

    #[inline(always)]
    fn apply<T: Float>(&self, state: [T; 3], [g]: [T; 1]) -> [T; 3] {
        self.0.apply(state, g, |x| x.sqrt())
    }
}

struct Power(Linear, f64);

impl Update<3, 1> for Power {
    const COST: usize = 60;

    #[inline(always)]
    fn apply<T: Float>(&self, state: [T; 3], [g]: [T; 1]) -> [T; 3] {
        let power = T::of(self.1);
        self.0.apply(state, g, |x| x.powf(power))
    }
}
