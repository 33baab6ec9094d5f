//! Half a period of a cosine, once or again and again.

use std::f64::consts::PI;

use super::{Schedule, positive};
use crate::rule::checked;

/// Half a cosine from the rate down to a share of it: `rate (α + (1 - α) (1 + cos(π s / n)) / 2)` up to `s = n`, and
/// `α rate` from then on. Keras' `CosineDecay`, whose warm-up is [`Schedule::warmup`] here.
///
/// # Examples
/// ```
/// use wengert_optim::{Cosine, Schedule};
/// let cosine = Cosine::new(0.1, 20).alpha(0.1).warmup(5);
/// assert_eq!([cosine.rate(0), cosine.rate(5)], [0.0, 0.1]);
/// assert!((cosine.rate(15) - 0.055).abs() < 1e-12 && (cosine.rate(99) - 0.01).abs() < 1e-12);
/// ```
///
/// # References
/// I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, equation 5.
#[doc(alias("CosineDecay", "CosineAnnealingLR"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    rate: f64,
    n_steps: f64,
    alpha: f64,
}

impl Cosine {
    /// From the rate to 0 in so many updates.
    ///
    /// # Panics
    /// If the rate is not a finite number of at least 0, or there are no updates.
    #[track_caller]
    pub fn new(rate: f64, n_steps: u64) -> Cosine {
        let n_steps = positive("cosine", "the number of updates", n_steps as f64);
        Cosine { rate: checked("cosine", "the rate", rate), n_steps, alpha: 0.0 }
    }

    /// The same down to this share of the rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn alpha(self, alpha: f64) -> Cosine {
        Cosine { alpha: checked("cosine", "alpha", alpha), ..self }
    }

    /// The same again and again: Keras' `CosineDecayRestarts`. The first period has the updates of this one.
    pub fn restarts(self) -> CosineRestarts {
        CosineRestarts { first: self, longer: 2.0, lower: 1.0 }
    }

    /// The value at a share of the period.
    fn at(&self, share: f64, height: f64) -> f64 {
        let cosine = height * 0.5 * (1.0 + (PI * share).cos());
        self.rate * ((1.0 - self.alpha) * cosine + self.alpha)
    }
}

impl Schedule for Cosine {
    fn rate(&self, step: u64) -> f64 {
        self.at((step as f64).min(self.n_steps) / self.n_steps, 1.0)
    }
}

/// Halves of a cosine that follow each other: what [`Cosine::restarts`] gives. As in Keras, each period is twice as long
/// as the one before and as high, unless [`longer`](CosineRestarts::longer) or [`lower`](CosineRestarts::lower) is said.
///
/// # Examples
/// ```
/// use wengert_optim::{Cosine, Schedule};
/// let cosine = Cosine::new(0.1, 10).restarts().lower(0.9);
/// assert_eq!(cosine.rate(0), 0.1);
/// assert!((cosine.rate(10) - 0.09).abs() < 1e-12 && (cosine.rate(30) - 0.081).abs() < 1e-12);
/// ```
///
/// # References
/// I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, section 3.
#[doc(alias("CosineDecayRestarts", "CosineAnnealingWarmRestarts"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineRestarts {
    first: Cosine,
    longer: f64,
    lower: f64,
}

impl CosineRestarts {
    /// The same with each period longer than the one before by a factor; with 1 all are the same.
    ///
    /// # Panics
    /// If it is less than 1 or not finite.
    #[track_caller]
    pub fn longer(self, factor: f64) -> CosineRestarts {
        assert!(
            factor.is_finite() && factor >= 1.0,
            "cosine: a period longer by {factor}, expected a finite number of at least 1"
        );
        CosineRestarts { longer: factor, ..self }
    }

    /// The same with each period lower than the one before by a factor.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn lower(self, factor: f64) -> CosineRestarts {
        CosineRestarts { lower: checked("cosine", "the factor of the height", factor), ..self }
    }
}

impl Schedule for CosineRestarts {
    fn rate(&self, step: u64) -> f64 {
        let n_periods = step as f64 / self.first.n_steps;
        let (index, share) = if self.longer == 1.0 {
            (n_periods.floor(), n_periods.fract())
        } else {
            // The periods before number i take (cⁱ - 1) / (c - 1) times the first.
            let grown = |index: f64| (self.longer.powf(index) - 1.0) / (self.longer - 1.0);
            let index = ((n_periods * (self.longer - 1.0) + 1.0).ln() / self.longer.ln()).floor();
            // The logarithm may have missed a whole number by its rounding.
            let index = if grown(index + 1.0) <= n_periods { index + 1.0 } else { index };
            let index = if grown(index) > n_periods { index - 1.0 } else { index };
            (index, (n_periods - grown(index)) / self.longer.powf(index))
        };
        self.first.at(share, self.lower.powf(index))
    }
}
