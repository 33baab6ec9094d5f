//! The end of a training at a NaN.

use wengert_optim::NonFiniteGradient;

use super::{Callback, Run};

/// Ends the training at a loss or gradient with a NaN or an infinity in it, with the history intact, and names the layer
/// and the operation that it came from in [`History::stopped`](crate::History::stopped).
///
/// Without it, such a gradient is an error of `fit`, unless the optimizer leaves such steps out; then this ends the training
/// at the first loss that is not finite. The step is not taken in either case. (Keras' of this name looks at the loss, after
/// the weights have become NaN.)
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::Tensor;
/// use wengert_train::{Compile, Fit, TerminateOnNaN};
///
/// let x = Tensor::from([[1e30], [2e30]]);
/// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::default(), MeanSquaredError::new());
/// let history = model.fit(&x, &x, Fit::epochs(3).callback(TerminateOnNaN).verbose(0))?;
/// let stopped = history.stopped().expect("the square of 1e30 is no f32");
/// assert_eq!(stopped.epoch, 1);
/// assert!(stopped.reason.contains("the gradient of `dense.weight` [1, 1] is not finite"));
/// # Ok::<(), wengert_train::FitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminateOnNaN;

impl Callback for TerminateOnNaN {
    fn name(&self) -> &str {
        "terminate_on_nan"
    }

    fn batch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let loss = run.batch_loss();
        if !loss.is_finite() {
            let origin = run.culprit().map_or(String::new(), |culprit| format!("\n  origin  {culprit}"));
            run.stop(format!("terminate_on_nan: the loss of batch {} is {loss}{origin}", run.step()));
        }
        Ok(())
    }

    fn nonfinite(&mut self, error: &NonFiniteGradient, run: &mut Run<'_>) {
        run.stop(format!("terminate_on_nan: batch {}: {error}", run.step()));
    }
}
