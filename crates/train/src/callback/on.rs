//! A closure at one of the points of a training.

use std::fmt;

use super::{Callback, Run};

/// Calls a closure at one of the points of a training. For several points, or an error, implement [`Callback`].
///
/// The closure may keep something of its own; what others are to see of it is shared with an `Arc`. A clone of
/// [`Fit`](crate::Fit) has a clone of the closure.
///
/// # Examples
/// ```
/// use std::sync::{Arc, Mutex};
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::Tensor;
/// use wengert_train::{Compile, Fit, On};
///
/// let rates = Arc::new(Mutex::new(Vec::new()));
/// let seen = Arc::clone(&rates);
/// let warmup = On::batch_begin(|run| {
///     let share = run.step() as f64 / 4.0;
///     run.optimizer_mut().set_learning_rate(0.1 * share.min(1.0));
/// });
/// let record = On::batch_end(move |run| seen.lock().unwrap().push(run.optimizer().learning_rate()));
///
/// let x = Tensor::arange(5).reshape([5, 1]);
/// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::default(), MeanSquaredError::new());
/// model.fit(&x, &x, Fit::epochs(1).batch_size(1).callback(warmup).callback(record).verbose(0))?;
/// assert_eq!(*rates.lock().unwrap(), [0.025, 0.05, 0.1 * 0.75, 0.1, 0.1]);
/// # Ok::<(), wengert_train::FitError>(())
/// ```
#[derive(Clone)]
pub struct On<F> {
    point: Point,
    closure: F,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    TrainBegin,
    EpochBegin,
    BatchBegin,
    BatchEnd,
    EpochEnd,
    TrainEnd,
}

impl<F: FnMut(&mut Run<'_>)> On<F> {
    /// When the training begins.
    pub fn train_begin(closure: F) -> On<F> {
        On { point: Point::TrainBegin, closure }
    }

    /// When an epoch begins.
    pub fn epoch_begin(closure: F) -> On<F> {
        On { point: Point::EpochBegin, closure }
    }

    /// Before a batch.
    pub fn batch_begin(closure: F) -> On<F> {
        On { point: Point::BatchBegin, closure }
    }

    /// After a batch.
    pub fn batch_end(closure: F) -> On<F> {
        On { point: Point::BatchEnd, closure }
    }

    /// After an epoch and its validation.
    pub fn epoch_end(closure: F) -> On<F> {
        On { point: Point::EpochEnd, closure }
    }

    /// When the training is over.
    pub fn train_end(closure: F) -> On<F> {
        On { point: Point::TrainEnd, closure }
    }

    fn call_at(&mut self, point: Point, run: &mut Run<'_>) -> Result<(), String> {
        if self.point == point {
            (self.closure)(run);
        }
        Ok(())
    }
}

impl<F> fmt::Debug for On<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("On").field("point", &self.point).finish_non_exhaustive()
    }
}

impl<F: FnMut(&mut Run<'_>) + Clone + Send + Sync + 'static> Callback for On<F> {
    fn name(&self) -> &str {
        "on"
    }
    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.call_at(Point::TrainBegin, run)
    }
    fn epoch_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.call_at(Point::EpochBegin, run)
    }
    fn batch_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.call_at(Point::BatchBegin, run)
    }
    fn batch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.call_at(Point::BatchEnd, run)
    }
    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.call_at(Point::EpochEnd, run)
    }
    fn train_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.call_at(Point::TrainEnd, run)
    }
}
