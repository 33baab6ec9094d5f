//! A smaller learning rate where a training does not get better.

use super::monitor::Monitor;
use super::{Callback, Mode, Run};

/// Multiplies the learning rate by a factor when a value has not become better for some epochs.
///
/// The defaults are Keras': `val_loss`, a factor of 0.1, a patience of 10 epochs, changes by at most 1e-4 counting as none. A
/// NaN is never the best value. Where the optimizer has a schedule, the first reduction ends it.
///
/// # Examples
/// ```
/// use wengert_train::{Fit, ReduceLROnPlateau};
/// let reduce = ReduceLROnPlateau::new().factor(0.5).patience(3).min_rate(1e-5);
/// let fit = Fit::epochs(100).validation_split(0.2).callback(reduce);
/// ```
#[derive(Clone, Debug)]
pub struct ReduceLROnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    cooldown: usize,
    min_rate: f64,
    n_waited: usize,
    /// How many epochs are still left alone after a reduction.
    n_cooling: usize,
    best: Option<f64>,
}

impl ReduceLROnPlateau {
    /// With Keras' defaults.
    pub fn new() -> ReduceLROnPlateau {
        ReduceLROnPlateau {
            monitor: Monitor::new(1e-4),
            factor: 0.1,
            patience: 10,
            cooldown: 0,
            min_rate: 0.0,
            n_waited: 0,
            n_cooling: 0,
            best: None,
        }
    }

    /// Watches the value of another name.
    pub fn monitor(mut self, name: impl Into<String>) -> ReduceLROnPlateau {
        self.monitor.name = name.into();
        self
    }

    /// Says whether smaller or larger is better, where the metric does not.
    pub fn mode(mut self, mode: Mode) -> ReduceLROnPlateau {
        self.monitor.mode = mode;
        self
    }

    /// Takes a value for better only if it is by more than this.
    pub fn min_delta(mut self, min_delta: f64) -> ReduceLROnPlateau {
        self.monitor.min_delta = min_delta.abs();
        self
    }

    /// What the learning rate is multiplied by.
    ///
    /// # Panics
    /// If it does not lie in [0, 1).
    #[track_caller]
    pub fn factor(self, factor: f64) -> ReduceLROnPlateau {
        let is_smaller = (0.0..1.0).contains(&factor);
        assert!(
            is_smaller,
            "reduce_lr_on_plateau: the factor is {factor}, expected at least 0 and less than 1"
        );
        ReduceLROnPlateau { factor, ..self }
    }

    /// Waits for so many epochs in a row that are no better.
    pub fn patience(self, patience: usize) -> ReduceLROnPlateau {
        ReduceLROnPlateau { patience, ..self }
    }

    /// Leaves so many epochs alone after a reduction before it waits again.
    pub fn cooldown(self, n_epochs: usize) -> ReduceLROnPlateau {
        ReduceLROnPlateau { cooldown: n_epochs, ..self }
    }

    /// The least learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn min_rate(self, min_rate: f64) -> ReduceLROnPlateau {
        let is_rate = min_rate.is_finite() && min_rate >= 0.0;
        assert!(
            is_rate,
            "reduce_lr_on_plateau: the least rate is {min_rate}, expected a finite number of at least 0"
        );
        ReduceLROnPlateau { min_rate, ..self }
    }

    fn reduce(&mut self, run: &mut Run<'_>) {
        let rate = run.optimizer().learning_rate();
        if rate > self.min_rate {
            run.optimizer_mut().set_learning_rate((rate * self.factor).max(self.min_rate));
            (self.n_cooling, self.n_waited) = (self.cooldown, 0);
        }
    }
}

impl Default for ReduceLROnPlateau {
    fn default() -> Self {
        ReduceLROnPlateau::new()
    }
}

impl Callback for ReduceLROnPlateau {
    fn name(&self) -> &str {
        "reduce_lr_on_plateau"
    }

    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        (self.n_waited, self.n_cooling, self.best) = (0, 0, None);
        self.monitor.begin(run)
    }

    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let Some(value) = self.monitor.value(run) else { return Ok(()) };
        if self.n_cooling > 0 {
            self.n_cooling -= 1;
            self.n_waited = 0;
        }
        if self.monitor.is_better(value, self.best) {
            (self.best, self.n_waited) = (Some(value), 0);
        } else if self.n_cooling == 0 {
            self.n_waited += 1;
            if self.n_waited >= self.patience {
                self.reduce(run);
            }
        }
        Ok(())
    }
}
