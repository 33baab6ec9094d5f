//! The range test: one short training whose rate grows at every step shows from which rate on a model learns, and from
//! which on it diverges.

use std::fmt;
use std::ops::RangeInclusive;

use wengert_optim::{Optimizer, Train};
use wengert_tensor::{Module, Tensor, value_and_grad};

use crate::number::number;

/// The loss of each step, and its rate. `Display` prints what follows from them, [`to_svg`](RateRange::to_svg) draws them.
#[derive(Clone, Debug, PartialEq)]
pub struct RateRange {
    rates: Vec<f64>,
    losses: Vec<f64>,
    smooth: Vec<f64>,
    has_diverged: bool,
}

/// How much of the smoothed loss each step keeps: batches differ.
const KEPT: f64 = 0.9;
/// A smoothed loss of so many times the lowest ends the test.
const DIVERGED: f64 = 4.0;

/// Trains a copy of the model for `n_steps` steps while the rate grows, by the same factor at each, from one end of
/// `rates` to the other. It ends early where the loss, smoothed over about ten steps, is four times its lowest, or a loss or
/// gradient is not finite. The model is not changed; the optimizer is used up.
///
/// The closure gives the loss, and may take another batch each time that it is called; 100 steps or more are usual.
///
/// # Panics
/// If the rates are not two finite numbers greater than 0, the lower first; if there are fewer than 2 steps; or as
/// [`value_and_grad`].
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, Layer, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::{Rng, Tensor};
/// use wengert_train::learning_rate_range;
///
/// let x = Tensor::normal([64, 2], 0.0, 1.0, &mut Rng::seed(0));
/// let model = Sequential::new([2]).add(Dense::units(1));
/// let range = learning_rate_range(&model, Sgd::default(), 1e-5..=100.0, 100, |model| {
///     (model.forward(&x) - x.sum_keep(1)).square().mean()
/// });
/// let rate = range.suggestion().expect("a loss that falls");
/// assert!(range.has_diverged() && rate > 1e-3 && rate < 1.0);
/// ```
///
/// # References
/// L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3. The smoothing and the point
/// of the steepest fall are the usual additions to it.
#[track_caller]
pub fn learning_rate_range<M: Module + Clone>(
    model: &M,
    mut optimizer: impl Optimizer,
    rates: RangeInclusive<f64>,
    n_steps: usize,
    mut loss: impl FnMut(&M) -> Tensor,
) -> RateRange {
    let (low, high) = (*rates.start(), *rates.end());
    assert!(
        low > 0.0 && low < high && high.is_finite(),
        "learning_rate_range: the rates are {low} to {high}, expected finite ones greater than 0, the lower first"
    );
    assert!(n_steps >= 2, "learning_rate_range: {n_steps} steps, expected at least 2");
    let mut copy = model.clone();
    let mut range =
        RateRange { rates: Vec::new(), losses: Vec::new(), smooth: Vec::new(), has_diverged: false };
    for step in 0..n_steps {
        let rate = low * (high / low).powf(step as f64 / (n_steps - 1) as f64);
        optimizer.set_learning_rate(rate);
        let (value, gradients) = value_and_grad(&copy, &mut loss);
        range.has_diverged = !range.push(rate, value.item());
        if range.has_diverged {
            break;
        }
        if optimizer.try_step(&mut copy, &gradients).is_err() {
            range.has_diverged = true;
            break;
        }
    }
    range
}

impl RateRange {
    /// Adds a step, and tells whether to go on.
    fn push(&mut self, rate: f64, loss: f64) -> bool {
        self.rates.push(rate);
        self.losses.push(loss);
        if !loss.is_finite() {
            return false;
        }
        let n = self.losses.len() as i32;
        // A mean with falling weights that add up to 1 from the first step on, as in Adam.
        let weighted = self.losses.iter().fold(0.0, |mean, loss| KEPT * mean + (1.0 - KEPT) * loss);
        let smooth = weighted / (1.0 - KEPT.powi(n));
        self.smooth.push(smooth);
        let lowest = self.smooth.iter().copied().fold(f64::INFINITY, f64::min);
        // A loss that may be negative diverges by what it has risen.
        smooth - lowest <= (DIVERGED - 1.0) * lowest.abs().max(1e-3 * self.smooth[0].abs())
    }

    /// The rates of the steps that were made.
    pub fn rates(&self) -> &[f64] {
        &self.rates
    }

    /// The loss before each step.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// The loss, smoothed over about ten steps; one shorter than [`losses`](RateRange::losses) if the last is not finite.
    pub fn smoothed(&self) -> &[f64] {
        &self.smooth
    }

    /// Whether the loss rose so far that the test ended early.
    pub fn has_diverged(&self) -> bool {
        self.has_diverged
    }

    /// A rate to begin with: that at which the smoothed loss fell most steeply, but at most a tenth of the
    /// [`limit`](RateRange::limit). Nothing if the loss did not fall by a hundredth.
    pub fn suggestion(&self) -> Option<f64> {
        let lowest = self.lowest()?;
        let fall = |step: usize| self.smooth[step - 1] - self.smooth[step];
        let is_fall = self.smooth[0] - self.smooth[lowest] > 0.01 * self.smooth[0].abs();
        let steepest = (1..=lowest).max_by(|&a, &b| fall(a).total_cmp(&fall(b)));
        steepest.filter(|_| is_fall).map(|step| self.rates[step].min(self.rates[lowest] / 10.0))
    }

    /// The rate at which the smoothed loss was lowest: beyond it training is no longer safe.
    pub fn limit(&self) -> Option<f64> {
        self.lowest().map(|step| self.rates[step])
    }

    fn lowest(&self) -> Option<usize> {
        (0..self.smooth.len()).min_by(|&a, &b| self.smooth[a].total_cmp(&self.smooth[b]))
    }
}

impl fmt::Display for RateRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.rates.first().unwrap_or(&f64::NAN), self.rates.last().unwrap_or(&f64::NAN));
        write!(f, "{} steps, rates {first:.1e} to {last:.1e}", self.rates.len())?;
        write!(f, "{}", if self.has_diverged { ", where the loss diverged" } else { "" })?;
        match (self.suggestion(), self.limit(), self.lowest()) {
            (Some(rate), Some(limit), Some(lowest)) => write!(
                f,
                "\nlowest loss {} at {limit:.1e}\nbegin with {rate:.1e}, and stay below {limit:.1e}",
                number(self.smooth[lowest])
            ),
            _ if self.has_diverged => write!(f, "\nthe loss never fell: try lower rates"),
            _ => write!(f, "\nthe loss never fell: try higher rates"),
        }
    }
}
