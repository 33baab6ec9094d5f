//! The end of a training that does not get better.

use super::monitor::Monitor;
use super::snapshot::Snapshot;
use super::{Callback, Mode, Run};

/// Ends the training when a value has not become better for some epochs: `val_loss`, unless said otherwise, and at the
/// first such epoch unless there is some patience.
///
/// It is Keras' of the same name in all but this: a NaN is never the best value, and a name that there is none of is an
/// error and not a warning.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::Tensor;
/// use wengert_train::{Compile, EarlyStopping, Fit};
///
/// let x = Tensor::from([[0.0], [1.0], [2.0], [3.0]]);
/// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::new(0.1), MeanSquaredError::new());
/// let stopping = EarlyStopping::new().patience(2).min_delta(1e-6).restore_best_weights();
/// let fit = Fit::epochs(10_000).validation_split(0.25).callback(stopping).verbose(0);
/// let history = model.fit(&x, &x, fit)?;
/// let stopped = history.stopped().expect("nothing gets better for ever");
/// assert!(stopped.reason.starts_with("early_stopping: `val_loss`"));
/// assert_eq!(stopped.epoch, history.epochs());
/// # Ok::<(), wengert_train::FitError>(())
/// ```
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    baseline: Option<f64>,
    restores: bool,
    start_from: usize,
    /// How many epochs it has waited for a better one.
    n_waited: usize,
    best: Option<Best>,
}

#[derive(Clone, Debug)]
struct Best {
    value: f64,
    epoch: usize,
    weights: Option<Snapshot>,
}

impl EarlyStopping {
    /// On `val_loss`, without patience.
    pub fn new() -> EarlyStopping {
        EarlyStopping {
            monitor: Monitor::new(0.0),
            patience: 0,
            baseline: None,
            restores: false,
            start_from: 0,
            n_waited: 0,
            best: None,
        }
    }

    /// Watches the value of another name.
    pub fn monitor(mut self, name: impl Into<String>) -> EarlyStopping {
        self.monitor.name = name.into();
        self
    }

    /// Waits for so many epochs in a row that are no better.
    pub fn patience(self, patience: usize) -> EarlyStopping {
        EarlyStopping { patience, ..self }
    }

    /// Takes a value for better only if it is by more than this.
    pub fn min_delta(mut self, min_delta: f64) -> EarlyStopping {
        self.monitor.min_delta = min_delta.abs();
        self
    }

    /// Says whether smaller or larger is better, where the metric does not.
    pub fn mode(mut self, mode: Mode) -> EarlyStopping {
        self.monitor.mode = mode;
        self
    }

    /// Goes on waiting while values are no better than this, even if they become better.
    pub fn baseline(self, baseline: f64) -> EarlyStopping {
        EarlyStopping { baseline: Some(baseline), ..self }
    }

    /// Brings the weights and the state of the best epoch back when the training is over, early or not.
    pub fn restore_best_weights(self) -> EarlyStopping {
        EarlyStopping { restores: true, ..self }
    }

    /// Does not look at the first so many epochs.
    pub fn start_from_epoch(self, n_epochs: usize) -> EarlyStopping {
        EarlyStopping { start_from: n_epochs, ..self }
    }

    /// Keeps an epoch as the best. Below the baseline, patience goes on running out.
    fn keep(&mut self, value: f64, run: &Run<'_>) {
        let weights = self.restores.then(|| Snapshot::of(run.model()));
        self.best = Some(Best { value, epoch: run.epoch(), weights });
        if self.baseline.is_none() || self.monitor.is_better(value, self.baseline) {
            self.n_waited = 0;
        }
    }

    fn reason(&self) -> String {
        let (name, n) = (&self.monitor.name, self.n_waited);
        match &self.best {
            Some(best) => {
                let (value, epoch) = (crate::number::number(best.value), best.epoch);
                format!(
                    "early_stopping: `{name}` was best in epoch {epoch}, {value}, {n} epochs without progress"
                )
            }
            None => format!("early_stopping: `{name}` was never a number, {n} epochs without progress"),
        }
    }
}

impl Default for EarlyStopping {
    fn default() -> Self {
        EarlyStopping::new()
    }
}

impl Callback for EarlyStopping {
    fn name(&self) -> &str {
        "early_stopping"
    }

    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        (self.n_waited, self.best) = (0, None);
        self.monitor.begin(run)
    }

    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let Some(value) = self.monitor.value(run) else { return Ok(()) };
        if run.epoch() <= self.start_from {
            return Ok(());
        }
        self.n_waited += 1;
        if self.monitor.is_better(value, self.best.as_ref().map(|best| best.value)) {
            self.keep(value, run);
        } else if self.n_waited >= self.patience && run.epoch() > 1 {
            run.stop(self.reason());
        }
        Ok(())
    }

    fn train_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        if let Some(Best { weights: Some(weights), .. }) = &self.best {
            weights.restore(run.model_mut());
        }
        Ok(())
    }
}
