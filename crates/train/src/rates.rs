//! Which learning rate: several trained side by side. The range test, which finds out in one short training, stands in
//! `rates/range.rs`.

mod picture;
mod range;

use std::fmt;

pub use range::{RateRange, learning_rate_range};

use crate::number::number;
use crate::parallel::{in_parallel, n_cores};
use crate::{FitError, History, Problem};

/// Trainings that differ in their learning rate. `Display` prints a table with advice, [`to_svg`](RateSweep::to_svg)
/// draws their curves.
#[derive(Clone, Debug, PartialEq)]
pub struct RateSweep {
    runs: Vec<RateRun>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateRun {
    /// The learning rate.
    pub rate: f64,
    /// What the training reported; nothing if a NaN or an infinity ended it.
    pub history: Option<History>,
}

/// What a training says about its learning rate, beside the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateVerdict {
    /// The lowest loss at the end.
    Best,
    /// It came at least nine tenths of the way that the best came.
    Good,
    /// Lower than the best, and slower.
    TooLow,
    /// Higher than the best, and worse.
    TooHigh,
    /// The loss ended higher than it began, or was no longer finite.
    Diverged,
}

/// A training that came this part of the best one's way is good.
const GOOD_WAY: f64 = 0.9;

/// Trains with each of the rates, on as many cores as there are, and compares the losses.
///
/// The closure builds a fresh model, trains it at the rate that it is told, and returns the history. A training that a NaN
/// or an infinity ends is part of the answer; any other error ends the sweep. Runs are judged by `val_loss` where all have
/// one, else by `loss`.
///
/// # Errors
/// The first error, in the order of the rates, that is not a gradient that is not finite.
///
/// # Panics
/// If there are no rates, or one is not a finite number greater than 0; or if the closure panics.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::{Rng, Tensor};
/// use wengert_train::{Compile, Fit, learning_rate_sweep};
///
/// let x = Tensor::normal([64, 2], 0.0, 1.0, &mut Rng::seed(0));
/// let y = x.sum_keep(1);
/// let sweep = learning_rate_sweep(&[1e-6, 0.01, 10.0], |rate| {
///     let model = Sequential::new([2]).add(Dense::units(1));
///     model.compile(Sgd::new(rate), MeanSquaredError::new()).fit(&x, &y, Fit::epochs(10).verbose(0))
/// })?;
/// println!("{sweep}");
/// assert_eq!(sweep.best().map(|run| run.rate), Some(0.01));
/// # Ok::<(), wengert_train::FitError>(())
/// ```
///
/// # References
/// The rates 1e-6, 0.01 and 1 are those of DataCamp's course "Introduction to Deep Learning in Python", chapter 3.
#[track_caller]
pub fn learning_rate_sweep(
    rates: &[f64],
    train: impl Fn(f64) -> Result<History, FitError> + Sync,
) -> Result<RateSweep, FitError> {
    assert!(!rates.is_empty(), "learning_rate_sweep: there are no rates");
    for rate in rates {
        assert!(
            rate.is_finite() && *rate > 0.0,
            "learning_rate_sweep: a rate is {rate}, expected a finite number greater than 0"
        );
    }
    let results = in_parallel(rates.len(), n_cores(), |index| train(rates[index]));
    let mut runs = Vec::new();
    for (&rate, result) in rates.iter().zip(results) {
        let history = match result {
            Ok(history) => Some(history),
            Err(error) if matches!(error.problem(), Problem::NonFinite(_)) => None,
            Err(error) => return Err(error),
        };
        runs.push(RateRun { rate, history });
    }
    Ok(RateSweep { runs })
}

impl RateSweep {
    /// The trainings, in the order of the rates that were given.
    pub fn runs(&self) -> &[RateRun] {
        &self.runs
    }

    /// What the trainings are judged by: `val_loss` or `loss`.
    pub fn judged_by(&self) -> &'static str {
        let mut histories = self.runs.iter().filter_map(|run| run.history.as_ref());
        if histories.all(|history| history.get("val_loss").is_some()) { "val_loss" } else { "loss" }
    }

    /// The training whose loss was lowest at the end; nothing if none ended with a finite one.
    pub fn best(&self) -> Option<&RateRun> {
        let finite = self.runs.iter().filter(|run| self.last(run).is_finite());
        finite.min_by(|a, b| self.last(a).total_cmp(&self.last(b)))
    }

    /// What a training says about its rate.
    pub fn verdict(&self, run: &RateRun) -> RateVerdict {
        let Some(best) = self.best() else { return RateVerdict::Diverged };
        // All began alike, and the lowest rate has left that place the least.
        let finite = self.runs.iter().filter(|run| self.first(run).is_finite());
        let start = finite.min_by(|a, b| a.rate.total_cmp(&b.rate)).map_or(f64::NAN, |run| self.first(run));
        let way = |run: &RateRun| start - self.last(run);
        match () {
            () if run.rate == best.rate => RateVerdict::Best,
            () if self.last(run).is_nan() || self.last(run) > self.first(run).min(start) => {
                RateVerdict::Diverged
            }
            () if way(run) >= GOOD_WAY * way(best) => RateVerdict::Good,
            () if run.rate < best.rate => RateVerdict::TooLow,
            () => RateVerdict::TooHigh,
        }
    }

    /// What to do next, in one sentence.
    pub fn advice(&self) -> String {
        let rates = || self.runs.iter().map(|run| run.rate);
        let lowest = rates().fold(f64::INFINITY, f64::min);
        let highest = rates().fold(f64::NEG_INFINITY, f64::max);
        match self.best() {
            None => format!("every training diverged: try rates below {lowest:?}"),
            Some(_) if self.runs.len() == 1 => {
                format!("one rate says little: try {:?} and {:?} too", lowest / 10.0, lowest * 10.0)
            }
            Some(best) if best.rate == highest => {
                format!(
                    "{highest:?} is the best, and the highest that was tried: try {:?} too",
                    highest * 10.0
                )
            }
            Some(best) if best.rate == lowest => {
                format!("{lowest:?} is the best, and the lowest that was tried: try {:?} too", lowest / 10.0)
            }
            Some(best) => {
                let below = rates().filter(|&rate| rate < best.rate).fold(lowest, f64::max);
                let above = rates().filter(|&rate| rate > best.rate).fold(highest, f64::min);
                format!("use {:?}; a better one may lie between {below:?} and {above:?}", best.rate)
            }
        }
    }

    fn losses<'r>(&self, run: &'r RateRun) -> &'r [f64] {
        run.history.as_ref().and_then(|history| history.get(self.judged_by())).unwrap_or_default()
    }

    fn first(&self, run: &RateRun) -> f64 {
        self.losses(run).first().copied().unwrap_or(f64::NAN)
    }

    fn last(&self, run: &RateRun) -> f64 {
        self.losses(run).last().copied().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for RateVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RateVerdict::Best => "best",
            RateVerdict::Good => "good",
            RateVerdict::TooLow => "too low",
            RateVerdict::TooHigh => "too high",
            RateVerdict::Diverged => "diverged",
        })
    }
}

impl fmt::Display for RateSweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.judged_by();
        write!(
            f,
            "{:>9}  {:>14}  {:>14}  {:>14}  verdict",
            "rate",
            format!("first {name}"),
            format!("last {name}"),
            "lowest"
        )?;
        for run in &self.runs {
            let lowest = self.losses(run).iter().copied().fold(f64::NAN, f64::min);
            let [first, last, lowest] = [self.first(run), self.last(run), lowest].map(number);
            write!(
                f,
                "\n{:>9}  {first:>14}  {last:>14}  {lowest:>14}  {}",
                format!("{:?}", run.rate),
                self.verdict(run)
            )?;
        }
        write!(f, "\n\n{}", self.advice())
    }
}
