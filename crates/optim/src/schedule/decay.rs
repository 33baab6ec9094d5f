//! Rates that fall by a formula of the number of updates.

use super::{Schedule, positive};
use crate::rule::checked;

/// Divided by the same in each of equal times: `rate · factor^(s / n)`. Keras' `ExponentialDecay`, whose staircase is
/// [`Schedule::staircase`] here; PyTorch's `ExponentialLR` with `n = 1`.
///
/// # Examples
/// ```
/// use wengert_optim::{Exponential, Schedule};
/// let halved = Exponential::new(0.1, 10.0, 0.5);
/// assert_eq!([halved.rate(0), halved.rate(10), halved.rate(20)], [0.1, 0.05, 0.025]);
/// ```
#[doc(alias("ExponentialDecay", "ExponentialLR"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    rate: f64,
    n_steps: f64,
    factor: f64,
}

impl Exponential {
    /// From a rate, times the factor in so many updates.
    ///
    /// # Panics
    /// If the rate or the factor is not a finite number of at least 0, or the number of updates not one above 0.
    #[track_caller]
    pub fn new(rate: f64, n_steps: f64, factor: f64) -> Exponential {
        let n_steps = positive("exponential", "the number of updates", n_steps);
        let rate = checked("exponential", "the rate", rate);
        Exponential { rate, n_steps, factor: checked("exponential", "the factor", factor) }
    }
}

impl Schedule for Exponential {
    fn rate(&self, step: u64) -> f64 {
        self.rate * self.factor.powf(step as f64 / self.n_steps)
    }
}

/// Times a factor after every so many updates: `rate · factor^⌊s / n⌋`. PyTorch's `StepLR`.
///
/// # Examples
/// ```
/// use wengert_optim::{Schedule, StepDecay};
/// let steps = StepDecay::new(0.8, 10, 0.5);
/// assert_eq!([steps.rate(9), steps.rate(10), steps.rate(39)], [0.8, 0.4, 0.1]);
/// ```
#[doc(alias("StepLR"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDecay {
    rate: f64,
    every: u64,
    factor: f64,
}

impl StepDecay {
    /// From a rate, times the factor after every so many updates.
    ///
    /// # Panics
    /// If the rate or the factor is not a finite number of at least 0, or the number of updates is 0.
    #[track_caller]
    pub fn new(rate: f64, every: u64, factor: f64) -> StepDecay {
        positive("step decay", "the number of updates", every as f64);
        let rate = checked("step decay", "the rate", rate);
        StepDecay { rate, every, factor: checked("step decay", "the factor", factor) }
    }
}

impl Schedule for StepDecay {
    fn rate(&self, step: u64) -> f64 {
        self.rate * self.factor.powf((step / self.every) as f64)
    }
}

/// A power of what is left: `end + (rate - end) (1 - s / n)^power` up to `s = n`, and `end` from then on. Keras'
/// `PolynomialDecay`.
///
/// # Examples
/// ```
/// use wengert_optim::{Polynomial, Schedule};
/// let line = Polynomial::new(0.1, 20, 0.0);
/// assert_eq!([line.rate(0), line.rate(10), line.rate(30)], [0.1, 0.05, 0.0]);
/// ```
#[doc(alias("PolynomialDecay", "PolynomialLR"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polynomial {
    rate: f64,
    n_steps: f64,
    end: f64,
    power: f64,
    is_cyclic: bool,
}

impl Polynomial {
    /// A straight line from one rate to another in so many updates.
    ///
    /// # Panics
    /// If a rate is not a finite number of at least 0, or there are no updates.
    #[track_caller]
    pub fn new(rate: f64, n_steps: u64, end: f64) -> Polynomial {
        let n_steps = positive("polynomial", "the number of updates", n_steps as f64);
        let (rate, end) =
            (checked("polynomial", "the rate", rate), checked("polynomial", "the last rate", end));
        Polynomial { rate, n_steps, end, power: 1.0, is_cyclic: false }
    }

    /// The same with another power than 1.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn power(self, power: f64) -> Polynomial {
        Polynomial { power: checked("polynomial", "the power", power), ..self }
    }

    /// The same, but what has reached its end goes on as if the number of updates had been twice, three times, … that.
    pub fn cycle(self) -> Polynomial {
        Polynomial { is_cyclic: true, ..self }
    }
}

impl Schedule for Polynomial {
    fn rate(&self, step: u64) -> f64 {
        let step = step as f64;
        let share = if self.is_cyclic {
            step / (self.n_steps * (step / self.n_steps).ceil().max(1.0))
        } else {
            step.min(self.n_steps) / self.n_steps
        };
        (self.rate - self.end) * (1.0 - share).powf(self.power) + self.end
    }
}

/// A hyperbola: `rate / (1 + decay · s / n)`. Keras' `InverseTimeDecay`; with `n = 1` also PyTorch's `lr_decay` of Adagrad.
///
/// # Examples
/// ```
/// use wengert_optim::{InverseTime, Schedule};
/// let decay = InverseTime::new(0.1, 5.0, 0.5);
/// assert_eq!([decay.rate(0), decay.rate(10)], [0.1, 0.05]);
/// ```
#[doc(alias("InverseTimeDecay"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseTime {
    rate: f64,
    n_steps: f64,
    decay: f64,
}

impl InverseTime {
    /// From a rate, with a decay for so many updates.
    ///
    /// # Panics
    /// If the rate or the decay is not a finite number of at least 0, or the number of updates not one above 0.
    #[track_caller]
    pub fn new(rate: f64, n_steps: f64, decay: f64) -> InverseTime {
        let n_steps = positive("inverse time", "the number of updates", n_steps);
        let rate = checked("inverse time", "the rate", rate);
        InverseTime { rate, n_steps, decay: checked("inverse time", "the decay", decay) }
    }
}

impl Schedule for InverseTime {
    fn rate(&self, step: u64) -> f64 {
        self.rate / (1.0 + self.decay * step as f64 / self.n_steps)
    }
}

/// A list of rates, each up to and with an update. Keras' `PiecewiseConstantDecay`.
///
/// # Examples
/// ```
/// use wengert_optim::{Piecewise, Schedule};
/// let rates = Piecewise::new([5, 15], [1.0, 0.5, 0.1]);
/// assert_eq!([rates.rate(5), rates.rate(6), rates.rate(15), rates.rate(16)], [1.0, 0.5, 0.5, 0.1]);
/// ```
#[doc(alias("PiecewiseConstantDecay", "MultiStepLR"))]
#[derive(Clone, Debug, PartialEq)]
pub struct Piecewise {
    last: Vec<u64>,
    rates: Vec<f64>,
}

impl Piecewise {
    /// The last update of each rate but the last, and the rates.
    ///
    /// # Panics
    /// If there is not one rate more than updates, the updates do not grow, or a rate is not a finite number of at
    /// least 0.
    #[track_caller]
    pub fn new(last: impl Into<Vec<u64>>, rates: impl Into<Vec<f64>>) -> Piecewise {
        let (last, rates) = (last.into(), rates.into());
        let expected = last.len() + 1;
        assert!(rates.len() == expected, "piecewise: {} rates, expected {expected}", rates.len());
        assert!(last.is_sorted(), "piecewise: the updates {last:?}, expected them in order");
        for &rate in &rates {
            checked("piecewise", "the rate", rate);
        }
        Piecewise { last, rates }
    }
}

impl Schedule for Piecewise {
    fn rate(&self, step: u64) -> f64 {
        self.rates[self.last.partition_point(|&last| last < step)]
    }
}
