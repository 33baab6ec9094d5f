//! A learning rate that is said anew for every epoch.

use std::fmt;
use std::sync::Arc;

use super::{Callback, Run};

/// Sets the learning rate at the beginning of every epoch.
///
/// A rate that depends on the number of steps alone is better said to the optimizer: see
/// [`Schedule`](wengert_optim::Schedule). Where it has one, this ends it.
///
/// # Examples
/// ```
/// use wengert_train::{Fit, LearningRateScheduler};
/// // The rate as it is for ten epochs, then a tenth less each.
/// let decay = LearningRateScheduler::new(|epoch, rate| if epoch <= 10 { rate } else { 0.9 * rate });
/// let fit = Fit::epochs(20).callback(decay);
/// ```
#[derive(Clone)]
pub struct LearningRateScheduler {
    rate: Arc<dyn Fn(usize, f64) -> f64 + Send + Sync>,
}

impl LearningRateScheduler {
    /// By a function of the number of the epoch, from 1 (in Keras from 0), and the rate so far.
    pub fn new(rate: impl Fn(usize, f64) -> f64 + Send + Sync + 'static) -> LearningRateScheduler {
        LearningRateScheduler { rate: Arc::new(rate) }
    }
}

impl fmt::Debug for LearningRateScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LearningRateScheduler").finish_non_exhaustive()
    }
}

impl Callback for LearningRateScheduler {
    fn name(&self) -> &str {
        "learning_rate_scheduler"
    }

    fn epoch_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let epoch = run.epoch();
        let rate = (self.rate)(epoch, run.optimizer().learning_rate());
        if !(rate.is_finite() && rate >= 0.0) {
            return Err(format!(
                "the learning rate of epoch {epoch} is {rate}, expected a finite number of at least 0"
            ));
        }
        run.optimizer_mut().set_learning_rate(rate);
        Ok(())
    }
}
