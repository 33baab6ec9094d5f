//! What ails a model, asked again and again while it trains.

use wengert_tensor::{Target, Tensor};

use super::{Callback, Run};
use crate::DiagnosisLog;

/// Diagnoses the model before the training and after every epoch, or every so many, on a batch that stays the same: whether
/// units die, activations saturate, gradients vanish, and when they begin to. What [`diagnose_step`](crate::diagnose_step)
/// says of each is in the [`log`](DiagnosisLogger::log), as values, CSV and a picture. The training is the same as without it.
///
/// A diagnosis takes about three times as long as a step of training on the same rows. A batch of a few hundred is enough.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::{Rng, Tensor};
/// use wengert_train::{Compile, DiagnosisLogger, Fit};
///
/// let x = Tensor::normal([64, 4], 0.0, 1.0, &mut Rng::seed(0));
/// let y = x.sum_keep(1);
/// let model = Sequential::new([4]).add(Dense::units(8).tanh()).add(Dense::units(1));
/// let mut model = model.compile(Sgd::new(0.01), MeanSquaredError::new());
///
/// let logger = DiagnosisLogger::new(&x, &y).every(5);
/// let log = logger.log();
/// model.fit(&x, &y, Fit::epochs(10).callback(logger).verbose(0))?;
/// let epochs: Vec<usize> = log.diagnoses().iter().map(|(epoch, _)| *epoch).collect();
/// assert_eq!(epochs, [0, 5, 10]);
/// assert!(log.to_svg().contains("gradient that came back"));
/// println!("{log}");
/// # Ok::<(), wengert_train::FitError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DiagnosisLogger {
    x: Tensor,
    y: Target,
    every: usize,
    log: DiagnosisLog,
}

impl DiagnosisLogger {
    /// On these rows and their targets, after every epoch.
    pub fn new(x: &Tensor, y: impl Into<Target>) -> DiagnosisLogger {
        DiagnosisLogger { x: x.clone(), y: y.into(), every: 1, log: DiagnosisLog::default() }
    }

    /// After every so many epochs only.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn every(self, n_epochs: usize) -> DiagnosisLogger {
        assert!(n_epochs > 0, "diagnosis_logger: every 0 epochs, expected at least 1");
        DiagnosisLogger { every: n_epochs, ..self }
    }

    /// Where the diagnoses are to be found: a handle that is shared with the training, and with clones. A training that begins
    /// empties it.
    pub fn log(&self) -> DiagnosisLog {
        self.log.clone()
    }

    fn examine(&self, epoch: usize, run: &mut Run<'_>) -> Result<(), String> {
        let diagnosis = run.diagnose(&self.x, &self.y).map_err(|problem| problem.to_string())?;
        self.log.push(epoch, diagnosis);
        Ok(())
    }
}

impl Callback for DiagnosisLogger {
    fn name(&self) -> &str {
        "diagnosis_logger"
    }

    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.log.clear();
        self.examine(run.history().first_epoch() - 1, run)
    }

    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        if run.epoch().is_multiple_of(self.every) { self.examine(run.epoch(), run) } else { Ok(()) }
    }
}
