//! Callbacks: what happens at points of a training beside the training itself. The ready-made ones stand in `callback/`, a
//! file for each.

mod csv_logger;
mod diagnosis_logger;
mod early_stopping;
mod interrupt;
mod model_checkpoint;
mod monitor;
mod on;
mod plateau;
mod run;
mod scheduler;
mod snapshot;
mod template;
mod tensor_board;
mod terminate;

use std::fmt::Debug;

use wengert_optim::NonFiniteGradient;

pub use csv_logger::CSVLogger;
pub use diagnosis_logger::DiagnosisLogger;
pub use early_stopping::EarlyStopping;
pub use interrupt::Interrupt;
pub use model_checkpoint::ModelCheckpoint;
pub use monitor::Mode;
pub use on::On;
pub use plateau::ReduceLROnPlateau;
pub use run::Run;
pub use scheduler::LearningRateScheduler;
pub use tensor_board::TensorBoard;
pub use terminate::TerminateOnNaN;

pub(crate) use run::{Known, Place};

/// Something that is called at points of a training: see [`Fit::callback`](crate::Fit::callback).
///
/// Callbacks are called in the order in which they were given. What is said with an `Err` ends the training with an error
/// of that message, for what comes from outside: settings that do not fit, files. To end it early without one, see
/// [`Run::stop`]. For a closure at one of the points, see [`On`].
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::Tensor;
/// use wengert_train::{Callback, Compile, Fit, Run};
///
/// /// Ends the training when the loss is small enough.
/// #[derive(Clone, Debug)]
/// struct GoodEnough(f64);
///
/// impl Callback for GoodEnough {
///     fn name(&self) -> &str {
///         "good_enough"
///     }
///     fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
///         let loss = run.value("loss").ok_or("there is no loss")?;
///         if loss < self.0 {
///             run.stop(format!("the loss is {loss:.4}"));
///         }
///         Ok(())
///     }
/// }
///
/// let x = Tensor::from([[0.0], [1.0]]);
/// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::new(0.5), MeanSquaredError::new());
/// let history = model.fit(&x, &x, Fit::epochs(1000).callback(GoodEnough(0.01)).verbose(0))?;
/// assert!(history.epochs() < 1000 && history.last("loss") < 0.01);
/// # Ok::<(), wengert_train::FitError>(())
/// ```
pub trait Callback: CloneCallback + Debug + Send + Sync {
    /// What messages call it.
    fn name(&self) -> &str;

    /// The training begins. A callback that was used before starts anew.
    ///
    /// # Errors
    /// What is wrong with its settings for this training. The model has not been changed then.
    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let _ = run;
        Ok(())
    }

    /// An epoch begins.
    ///
    /// # Errors
    /// What ends the training.
    fn epoch_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let _ = run;
        Ok(())
    }

    /// A batch is about to be trained on.
    ///
    /// # Errors
    /// What ends the training.
    fn batch_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let _ = run;
        Ok(())
    }

    /// A batch has been trained on. Values are those of the epoch so far.
    ///
    /// # Errors
    /// What ends the training.
    fn batch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let _ = run;
        Ok(())
    }

    /// An epoch is over, validation included, and stands in the history.
    ///
    /// # Errors
    /// What ends the training.
    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let _ = run;
        Ok(())
    }

    /// The training is over, but for what is done here.
    ///
    /// # Errors
    /// What could not be brought to an end.
    fn train_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let _ = run;
        Ok(())
    }

    /// A gradient is not finite, and the step was not taken. Unless one of the callbacks calls [`Run::stop`] here, the
    /// training ends with the error.
    fn nonfinite(&mut self, error: &NonFiniteGradient, run: &mut Run<'_>) {
        let _ = (error, run);
    }
}

/// Cloning behind a `Box<dyn Callback>`, which every callback that is `Clone` has. So a clone of [`Fit`](crate::Fit)
/// trains with callbacks of its own.
pub trait CloneCallback {
    /// A boxed clone.
    fn clone_callback(&self) -> Box<dyn Callback>;
}

impl<C: Callback + Clone + 'static> CloneCallback for C {
    fn clone_callback(&self) -> Box<dyn Callback> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Callback> {
    fn clone(&self) -> Self {
        (**self).clone_callback()
    }
}
