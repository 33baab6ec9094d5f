//! The training loop: epochs, batches, steps.

use wengert_data::{Batches, Rows};
use wengert_nn::{Activation, Layer, Output};
use wengert_optim::Train;
use wengert_tensor::{Rng, Target, Tensor, value_and_grad};

use crate::fit::{Validation, n_before_split};
use crate::meter::Meter;
use crate::prepare::Pairs;
use crate::progress::Progress;
use crate::{Compiled, Fit, FitError, History, Problem};

impl<M: Layer + Clone> Compiled<M> {
    /// Trains the model on rows `x` and their targets `y`, and reports on each epoch.
    ///
    /// Loss and metrics are means over the rows, taken while the model changes, as in Keras; those that begin with
    /// `val_` are taken after each epoch on the validation rows. Data are cast to the dtype of the model's first
    /// parameter. A target of one number per row may be `[n_rows]` or `[n_rows, 1]`.
    ///
    /// # Errors
    /// If the settings or the data are wrong: no epochs, batches of no rows, a validation split outside [0, 1), empty
    /// data, rows that the model does not take, as many targets as rows missing, targets that do not fit the loss or
    /// a metric, labels out of range, a NaN or infinity; or if the model has nothing to train. The model has not been
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
    fn prepare(&self, x: &Tensor, y: &Target, fit: &Fit) -> Result<(Pairs, Option<Pairs>), FitError> {
        let in_fit = |problem: Problem| problem.during("fit");
        fit.check().map_err(in_fit)?;
        if !self.model.parameters().iter().any(|(_, param)| param.is_trainable()) {
            return Err(in_fit(Problem::Untrainable));
        }
        let pairs = self.pairs(x, y).map_err(in_fit)?;
        match &fit.validation {
            Validation::Split(0.0) => Ok((pairs.packed(), None)),
            Validation::Split(split) => {
                let n_rows = pairs.0.shape()[0];
                let n_train = n_before_split(n_rows, *split).map_err(in_fit)?;
                Ok((pairs.slice_rows(0..n_train).packed(), Some(pairs.slice_rows(n_train..n_rows))))
            }
            Validation::Rows(rows) => {
                let validation = self.pairs(&rows.0, &rows.1);
                let validation = validation.map_err(|problem| problem.during("fit, validation rows"))?;
                Ok((pairs.packed(), Some(validation)))
            }
        }
    }

    #[track_caller]
    fn train(&mut self, train: &Pairs, validation: Option<&Pairs>, fit: &Fit) -> Result<History, Problem> {
        let mut names: Vec<String> = self.names().map(String::from).collect();
        let mut progress = Progress::new(fit, train.0.shape()[0].div_ceil(fit.batch_size));
        if validation.is_some() {
            names.extend(self.names().map(|name| format!("val_{name}")));
        }
        let mut history = History::new(names);
        for epoch in 1..=fit.epochs {
            progress.begin(epoch);
            let meter = self.train_epoch(train, fit, &mut |n_steps, meter| {
                progress.step(n_steps, || history.names().iter().map(String::as_str).zip(meter.means()));
            })?;
            let mut values: Vec<f64> = meter.means().collect();
            if let Some(validation) = validation {
                values.extend(self.measure(validation)?.means());
            }
            progress.end(history.names().iter().map(String::as_str).zip(values.iter().copied()));
            history.push(&values);
        }
        Ok(history)
    }

    #[track_caller]
    fn train_epoch(
        &mut self,
        train: &Pairs,
        fit: &Fit,
        after_step: &mut dyn FnMut(usize, &Meter),
    ) -> Result<Meter, Problem> {
        let mut batches = Batches::new(train, fit.batch_size)?;
        if fit.is_shuffled {
            batches = batches.shuffled(&mut stream(fit.seed, self.n_epochs));
        }
        let mut meter = Meter::new(self.metrics.len());
        for (index, (x, y)) in batches.enumerate() {
            self.step(&x, &y, &mut meter)?;
            after_step(index + 1, &meter);
        }
        self.n_epochs += 1;
        Ok(meter)
    }

    #[track_caller]
    fn step(&mut self, x: &Tensor, y: &Target, meter: &mut Meter) -> Result<(), Problem> {
        let n_rows = x.shape()[0];
        let (loss, has_metrics) = (&self.loss, !self.metrics.is_empty());
        let mut activation = Activation::Linear;
        let ((value, raw), gradients) = value_and_grad(&self.model, |model| {
            let output = model.forward_raw(x);
            activation = output.activation;
            (loss.value(&output, y), has_metrics.then_some(output.raw))
        });
        self.optimizer.try_step(&mut self.model, &gradients)?;
        meter.add_loss(n_rows, value.item());
        if let Some(raw) = raw {
            meter.add_metrics(n_rows, &self.metrics, &Output { raw, activation }, y);
        }
        Ok(())
    }
}

/// The generator that shuffles an epoch. Its key is the epoch's own 64 bits of the seed's stream, which counts words
/// of 32.
fn stream(seed: u64, epoch: u64) -> Rng {
    Rng::at(seed, 2 * epoch).split()
}
