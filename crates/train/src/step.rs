//! One step of training, and a call for those who want no more than that.

use wengert_nn::{Activation, Layer, Output};
use wengert_optim::Train;
use wengert_tensor::module::{Path, Visitor};
use wengert_tensor::{Module, NonFinite, Param, Target, Tensor, value_and_grad};

use crate::evaluate::Evaluation;
use crate::examples::Examples;
use crate::meter::Meter;
use crate::{Compiled, FitError, Problem, Weights, classes};

/// What came of a step.
pub(crate) struct Step {
    /// The loss of the batch, before the step.
    pub(crate) loss: f64,
    /// Where a NaN or an infinity in it came from.
    pub(crate) culprit: Option<Box<NonFinite>>,
}

impl<M: Layer + Clone> Compiled<M> {
    /// Takes one step on rows `x` and their targets `y`, and tells the loss and the metrics of these rows as they were
    /// before it. For a loop of one's own that still wants data checked and metrics computed.
    ///
    /// # Errors
    /// If the data are wrong or a gradient is not finite, as for [`fit`](Compiled::fit).
    ///
    /// # Panics
    /// As for [`fit`](Compiled::fit).
    ///
    /// # Examples
    /// ```
    /// use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// use wengert_optim::Sgd;
    /// use wengert_tensor::Tensor;
    /// use wengert_train::Compile;
    ///
    /// let (x, y) = (Tensor::from([[0.0], [1.0]]), Tensor::from([[1.0], [3.0]]));
    /// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::new(0.1), MeanSquaredError::new());
    /// let first = model.train_on_batch(&x, &y)?.loss();
    /// for _ in 0..100 {
    ///     model.train_on_batch(&x, &y)?;
    /// }
    /// assert!(model.evaluate(&x, &y)?.loss() < 0.1 * first);
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    #[track_caller]
    pub fn train_on_batch(&mut self, x: &Tensor, y: impl Into<Target>) -> Result<Evaluation, FitError> {
        let batch = Examples { x: x.clone(), y: y.into(), weights: None };
        self.checked_step(batch, &[]).map_err(|problem| problem.during("train_on_batch"))
    }

    /// The same with rows that do not count alike: see [`Weights`].
    ///
    /// # Errors
    /// As for [`train_on_batch`](Compiled::train_on_batch), and if the weights are not such.
    ///
    /// # Panics
    /// As for [`fit`](Compiled::fit).
    ///
    /// # Examples
    /// ```
    /// # use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// # use wengert_optim::Sgd;
    /// # use wengert_tensor::Tensor;
    /// # use wengert_train::{Compile, Weights};
    /// let (x, y) = (Tensor::from([[0.0], [1.0]]), Tensor::from([[1.0], [3.0]]));
    /// let zero = Dense::from_tensors(Tensor::from([[0.0]]), Tensor::from([0.0]));
    /// let mut model = Sequential::new([1]).add(zero).compile(Sgd::new(0.1), MeanSquaredError::new());
    /// let weights = Weights::rows(&Tensor::from([1.0, 0.0]));
    /// assert_eq!(model.train_on_weighted_batch(&x, &y, &weights)?.loss(), 0.5);
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    #[track_caller]
    pub fn train_on_weighted_batch(
        &mut self,
        x: &Tensor,
        y: impl Into<Target>,
        weights: &Weights,
    ) -> Result<Evaluation, FitError> {
        let batch = Examples { x: x.clone(), y: y.into(), weights: weights.rows.clone() };
        self.checked_step(batch, &weights.classes)
            .map_err(|problem| problem.during("train_on_weighted_batch"))
    }

    #[track_caller]
    fn checked_step(&mut self, batch: Examples, by_class: &[(usize, f64)]) -> Result<Evaluation, Problem> {
        self.require_trainable()?;
        classes::check_weights(by_class)?;
        let batch = classes::weighted(self.checked(batch)?, by_class)?;
        let mut meter = Meter::new(self.metrics.len());
        self.step(&batch, &mut meter)?;
        Ok(self.evaluation(&meter))
    }

    /// One step, whose loss and metrics the meter adds even if the step cannot be taken.
    #[track_caller]
    pub(crate) fn step(&mut self, batch: &Examples, meter: &mut Meter) -> Result<Step, Problem> {
        let (loss, has_metrics) = (&self.loss, !self.metrics.is_empty());
        let is_regularized = self.is_regularized();
        let mut activation = Activation::Linear;
        let ((value, raw), gradients) = value_and_grad(&self.model, |model| {
            let output = model.forward_raw(&batch.x);
            activation = output.activation;
            let mut value = batch.loss(&**loss, &output);
            if is_regularized {
                value = value + model.penalty();
            }
            (value, has_metrics.then_some(output.raw))
        });
        let loss = value.item();
        meter.add_loss(batch.x.shape()[0], loss);
        if let Some(raw) = raw {
            meter.add_metrics(&self.metrics, &Output { raw, activation }, batch);
        }
        self.optimizer.try_step(&mut self.model, &gradients)?;
        Ok(Step { loss, culprit: gradients.nonfinite().cloned().map(Box::new) })
    }
}

impl<M: Module> Compiled<M> {
    /// A model without anything to train is refused.
    pub(crate) fn require_trainable(&self) -> Result<(), Problem> {
        if self.model.parameters().iter().any(|(_, param)| param.is_trainable()) {
            Ok(())
        } else {
            Err(Problem::Untrainable)
        }
    }

    /// Whether regularizers add to the loss.
    pub(crate) fn is_regularized(&self) -> bool {
        is_regularized(&self.model)
    }
}

/// Whether regularizers add to the loss of a model.
pub(crate) fn is_regularized(model: &dyn Module) -> bool {
    let mut search = Regularized(false);
    model.visit(&Path::root(), &mut search);
    search.0
}

/// Whether any trainable parameter has a regularizer. It allocates nothing: every step asks.
struct Regularized(bool);

impl<'m> Visitor<'m> for Regularized {
    fn param(&mut self, _: &Path<'_>, param: &'m Param) {
        self.0 |= param.is_trainable() && param.regularizer().is_some();
    }
}
