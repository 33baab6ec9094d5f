//! One rise and one long fall.

use std::f64::consts::PI;

use super::{Schedule, positive};
use crate::rule::checked;

/// Up from a twenty-fifth of a rate to it, and down to almost nothing, both along half a cosine: PyTorch's `OneCycleLR`,
/// with its defaults. The momentum stays as it is.
///
/// # Examples
/// ```
/// use wengert_optim::{OneCycle, Schedule};
/// let cycle = OneCycle::new(0.1, 100);
/// assert!((cycle.rate(0) - 0.1 / 25.0).abs() < 1e-12);
/// assert!((cycle.rate(29) - 0.1).abs() < 1e-12);
/// assert!((cycle.rate(99) - 0.1 / 25.0 / 1e4).abs() < 1e-12);
/// ```
///
/// # References
/// L. N. Smith, N. Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018.
#[doc(alias("OneCycleLR"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    peak: f64,
    n_steps: f64,
    rise: f64,
    start: f64,
    end: f64,
}

impl OneCycle {
    /// A cycle up to a rate in so many updates.
    ///
    /// # Panics
    /// If the rate is not a finite number of at least 0, or there are no updates.
    #[track_caller]
    pub fn new(peak: f64, n_steps: u64) -> OneCycle {
        let n_steps = positive("one cycle", "the number of updates", n_steps as f64);
        let peak = checked("one cycle", "the rate", peak);
        OneCycle { peak, n_steps, rise: 0.3, start: peak / 25.0, end: peak / 25.0 / 1e4 }
    }

    /// The same with another share of the updates in which the rate rises.
    ///
    /// # Panics
    /// If it lies outside [0, 1].
    #[track_caller]
    pub fn rise(self, share: f64) -> OneCycle {
        assert!((0.0..=1.0).contains(&share), "one cycle: the share {share} of the rise lies outside [0, 1]");
        OneCycle { rise: share, ..self }
    }

    /// The same with other rates at its two ends.
    ///
    /// # Panics
    /// If one is not a finite number of at least 0.
    #[track_caller]
    pub fn ends(self, start: f64, end: f64) -> OneCycle {
        for rate in [start, end] {
            checked("one cycle", "the rate", rate);
        }
        OneCycle { start, end, ..self }
    }
}

impl Schedule for OneCycle {
    fn rate(&self, step: u64) -> f64 {
        let top = self.rise * self.n_steps - 1.0;
        let last = self.n_steps - 1.0;
        let step = (step as f64).min(last);
        if step <= top && top > 0.0 {
            between(self.start, self.peak, step / top)
        } else if last > top {
            between(self.peak, self.end, (step - top) / (last - top))
        } else {
            self.end
        }
    }
}

/// From one number to another along half a cosine.
fn between(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + (PI * share).cos())
}
