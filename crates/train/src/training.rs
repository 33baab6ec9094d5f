//! The training loop: epochs, batches, steps.

use wengert_data::{Batches, Rows};
use wengert_nn::{Activation, Layer, Output};
use wengert_optim::Train;
use wengert_tensor::module::{Path, Visitor};
use wengert_tensor::{Module, Param, Rng, Target, Tensor, value_and_grad};

use crate::examples::Examples;
use crate::fit::{Validation, n_before_split};
use crate::meter::Meter;
use crate::prepare;
use crate::progress::Progress;
use crate::{Compiled, Fit, FitError, History, Problem};

impl<M: Layer + Clone> Compiled<M> {
    /// Trains the model on rows `x` and their targets `y`, and reports on each epoch.
    ///
    /// Loss and metrics are means over the rows, taken while the model changes, as in Keras; those that begin with
    /// `val_` are taken after each epoch on the validation rows. What regularizers add is part of every loss. Data are
    /// cast to the dtype of the model's first parameter. A target of one number per row may be `[n_rows]` or
    /// `[n_rows, 1]`.
    ///
    /// # Errors
    /// If the settings or the data are wrong: no epochs, batches of no rows, a validation split outside [0, 1), empty
    /// data, rows that the model does not take, as many targets as rows missing, targets that do not fit the loss or
    /// a metric, labels out of range, weights of other rows, a NaN or infinity; or if the model has nothing to train. The model has not been
    /// changed then.
    ///
    /// If a gradient is not finite, which is named. The model is as the steps before have left it; an optimizer with
    /// [`skip_nonfinite`](wengert_optim::Tune::skip_nonfinite) leaves such a step out and goes on.
    ///
    /// # Panics
    /// If the model leaves a trainable parameter unused, or its own code panics: whether it takes rows of a shape is
    /// asked of [`Layer::output_shape`], which tries a row of zeros unless a layer implements it. So a model of your own
    /// that does not, fed with rows of another size, panics at the line of this call.
    ///
    /// # Examples
    /// ```
    /// use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// use wengert_optim::Sgd;
    /// use wengert_tensor::Tensor;
    /// use wengert_train::{Compile, Fit};
    ///
    /// let x = Tensor::from([[0.0], [1.0], [2.0], [3.0]]);
    /// let y = &x * 2.0 + 1.0;
    /// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::new(0.1), MeanSquaredError::new());
    /// let history = model.fit(&x, &y, Fit::epochs(200).verbose(0))?;
    /// assert!(history.last("loss") < 1e-4);
    /// assert!((model.predict(&Tensor::from([[10.0]]))?.item() - 21.0).abs() < 0.1);
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    #[track_caller]
    pub fn fit(&mut self, x: &Tensor, y: impl Into<Target>, fit: Fit) -> Result<History, FitError> {
        let (train, validation) = self.prepare(x, &y.into(), &fit)?;
        self.train(&train, validation.as_ref(), &fit).map_err(|problem| problem.during("fit"))
    }

    /// What to train on, and what to validate with.
    #[track_caller]
    fn prepare(&self, x: &Tensor, y: &Target, fit: &Fit) -> Result<(Examples, Option<Examples>), FitError> {
        let in_fit = |problem: Problem| problem.during("fit");
        fit.check().map_err(in_fit)?;
        if !self.model.parameters().iter().any(|(_, param)| param.is_trainable()) {
            return Err(in_fit(Problem::Untrainable));
        }
        let mut rows = self.examples(x, y).map_err(in_fit)?;
        let n_rows = rows.x.shape()[0];
        if let Some(weights) = &fit.weights {
            rows.weights = Some(prepare::weights(weights, n_rows, rows.x.dtype()).map_err(in_fit)?);
        }
        match &fit.validation {
            Validation::Split(0.0) => Ok((rows.packed(), None)),
            Validation::Split(split) => {
                let n_train = n_before_split(n_rows, *split).map_err(in_fit)?;
                Ok((rows.slice_rows(0..n_train).packed(), Some(rows.slice_rows(n_train..n_rows))))
            }
            Validation::Rows(others) => {
                let validation = self.examples(&others.x, &others.y);
                let validation = validation.map_err(|problem| problem.during("fit, validation rows"))?;
                Ok((rows.packed(), Some(validation)))
            }
        }
    }

    #[track_caller]
    fn train(
        &mut self,
        train: &Examples,
        validation: Option<&Examples>,
        fit: &Fit,
    ) -> Result<History, Problem> {
        let mut names: Vec<String> = self.names().map(String::from).collect();
        let mut progress = Progress::new(fit, train.x.shape()[0].div_ceil(fit.batch_size));
        if validation.is_some() {
            names.extend(self.names().map(|name| format!("val_{name}")));
        }
        let mut history = History::new(names);
        for epoch in 1..=fit.epochs {
            progress.begin(epoch);
            let meter = self.train_epoch(train, fit, &mut |n_steps, meter| {
                progress.step(n_steps, || history.names().iter().map(String::as_str).zip(meter));
            })?;
            let mut values: Vec<f64> = meter.values(&self.metrics).collect();
            if let Some(validation) = validation {
                values.extend(self.measure(validation)?.values(&self.metrics));
            }
            progress.end(history.names().iter().map(String::as_str).zip(values.iter().copied()));
            history.push(&values);
        }
        Ok(history)
    }

    #[track_caller]
    fn train_epoch(
        &mut self,
        train: &Examples,
        fit: &Fit,
        after_step: &mut dyn FnMut(usize, &mut dyn Iterator<Item = f64>),
    ) -> Result<Meter, Problem> {
        let mut batches = Batches::new(train, fit.batch_size)?;
        if fit.is_shuffled {
            batches = batches.shuffled(&mut stream(fit.seed, self.n_epochs));
        }
        let mut meter = Meter::new(self.metrics.len());
        for (index, batch) in batches.enumerate() {
            self.step(&batch, &mut meter)?;
            after_step(index + 1, &mut meter.values(&self.metrics));
        }
        self.n_epochs += 1;
        Ok(meter)
    }

    #[track_caller]
    fn step(&mut self, batch: &Examples, meter: &mut Meter) -> Result<(), Problem> {
        let n_rows = batch.x.shape()[0];
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
        self.optimizer.try_step(&mut self.model, &gradients)?;
        meter.add_loss(n_rows, value.item());
        if let Some(raw) = raw {
            meter.add_metrics(&self.metrics, &Output { raw, activation }, batch);
        }
        Ok(())
    }
}

impl<M: Module> Compiled<M> {
    /// Whether regularizers add to the loss.
    pub(crate) fn is_regularized(&self) -> bool {
        let mut search = Regularized(false);
        self.model.visit(&Path::root(), &mut search);
        search.0
    }
}

/// Whether any trainable parameter has a regularizer. It allocates nothing: every step asks.
struct Regularized(bool);

impl<'m> Visitor<'m> for Regularized {
    fn param(&mut self, _: &Path<'_>, param: &'m Param) {
        self.0 |= param.is_trainable() && param.regularizer().is_some();
    }
}

/// The generator that shuffles an epoch. Its key is the epoch's own 64 bits of the seed's stream, which counts words
/// of 32.
fn stream(seed: u64, epoch: u64) -> Rng {
    Rng::at(seed, 2 * epoch).split()
}
