//! `fit`, on rows in memory and on a loader. The loop that both run stands in `session.rs`.

use wengert_data::{Dataset, Loader, Rows as _};
use wengert_nn::Layer;
use wengert_tensor::{Target, Tensor};

use crate::examples::Examples;
use crate::fit::{Validation, n_before_split};
use crate::session::Session;
use crate::source::{Rows, Source, Supervised};
use crate::{Compiled, Fit, FitError, History, Problem, classes, prepare};

/// What to train on and what to validate with, and what should be looked at.
struct Prepared {
    train: Examples,
    validation: Option<Examples>,
    warning: Option<String>,
}

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
    /// [`skip_nonfinite`](wengert_optim::Tune::skip_nonfinite) leaves such a step out and goes on, and
    /// [`TerminateOnNaN`](crate::TerminateOnNaN) ends the training without an error.
    ///
    /// If a [`Callback`](crate::Callback) says so.
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
        let Prepared { train, validation, warning } = self.prepare(x, &y.into(), &fit)?;
        let source = Rows::new(&train, &fit);
        let rows = validation.as_ref().map(Rows::judging);
        let validation = judge(&fit, rows.as_ref());
        let mut session = Session::new(self, &fit, &source, validation.is_some());
        session.warn(warning);
        session.run(&source, validation).map_err(|problem| problem.during("fit"))
    }

    /// Trains on the batches of a loader, for data that do not fit into memory. Rows, targets and weights are what its data
    /// set gives as `(x, y)` or `(x, y, weights)`, and are checked batch by batch.
    ///
    /// Batch size, order and seed are those of the loader: those of `fit` do not matter. Validate with
    /// [`validation_loader`](Fit::validation_loader) or [`validation`](Fit::validation).
    ///
    /// # Errors
    /// As for [`fit`](Compiled::fit), and if a piece of the data cannot be read, or the settings need all rows at once. Where it
    /// is a batch that is wrong, the model is as the steps before have left it.
    ///
    /// # Panics
    /// As for [`fit`](Compiled::fit).
    ///
    /// # Examples
    /// ```
    /// use wengert_data::{Loader, from_fn};
    /// use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// use wengert_optim::Sgd;
    /// use wengert_tensor::{Rng, Tensor};
    /// use wengert_train::{Compile, Fit};
    ///
    /// // Ten files of 50 rows each, had they been written.
    /// let files = from_fn(10, |place| {
    ///     let x = Tensor::randn([50, 1], &mut Rng::seed(place as u64));
    ///     Ok((x.clone(), &x * 2.0 + 1.0))
    /// });
    /// let loader = Loader::new(files, 20)?.shuffled(7, 200).workers(2);
    /// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::new(0.1), MeanSquaredError::new());
    /// let history = model.fit_loader(&loader, Fit::epochs(4).verbose(0))?;
    /// assert!(history.last("loss") < 1e-4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn fit_loader<D: Dataset<Piece: Supervised>>(
        &mut self,
        loader: &Loader<D>,
        fit: Fit,
    ) -> Result<History, FitError> {
        let in_fit = |problem: Problem| problem.during("fit_loader");
        fit.check().and_then(|()| fit.check_with_loader()).map_err(in_fit)?;
        self.require_trainable().map_err(in_fit)?;
        let validation = match &fit.validation {
            Validation::Rows(others) => Some(self.validation(others, "fit_loader, validation rows")?),
            Validation::Split(_) | Validation::Loader(_) => None,
        };
        let rows = validation.as_ref().map(Rows::judging);
        let validation = judge(&fit, rows.as_ref());
        let session = Session::new(self, &fit, loader, validation.is_some());
        session.run(loader, validation).map_err(in_fit)
    }

    #[track_caller]
    fn prepare(&self, x: &Tensor, y: &Target, fit: &Fit) -> Result<Prepared, FitError> {
        let in_fit = |problem: Problem| problem.during("fit");
        fit.check().map_err(in_fit)?;
        self.require_trainable().map_err(in_fit)?;
        let mut rows = self.examples(x, y).map_err(in_fit)?;
        let n_rows = rows.x.shape()[0];
        if let Some(weights) = &fit.weights {
            rows.weights = Some(prepare::weights(weights, n_rows, rows.x.dtype()).map_err(in_fit)?);
        }
        let mut prepared = match &fit.validation {
            Validation::Split(0.0) | Validation::Loader(_) => {
                Prepared { train: rows, validation: None, warning: None }
            }
            Validation::Split(split) => divided(&rows, *split, fit.is_stratified).map_err(in_fit)?,
            Validation::Rows(others) => {
                let validation = Some(self.validation(others, "fit, validation rows")?);
                Prepared { train: rows, validation, warning: None }
            }
        };
        prepared.train = classes::weighted(prepared.train, &fit.class_weights).map_err(in_fit)?.packed();
        Ok(prepared)
    }

    #[track_caller]
    fn validation(&self, rows: &Examples, call: &'static str) -> Result<Examples, FitError> {
        self.examples(&rows.x, &rows.y).map_err(|problem| problem.during(call))
    }
}

/// What the model is judged by: a loader, or these rows.
fn judge<'a>(fit: &'a Fit, rows: Option<&'a Rows<'_>>) -> Option<&'a dyn Source> {
    match &fit.validation {
        Validation::Loader(loader) => Some(&*loader.0),
        _ => rows.map(|rows| rows as &dyn Source),
    }
}

/// The rows to train on, and the last share of them.
fn divided(rows: &Examples, split: f64, is_stratified: bool) -> Result<Prepared, Problem> {
    let n_rows = rows.x.shape()[0];
    let n_train = n_before_split(n_rows, split)?;
    if is_stratified {
        let (train, validation) = classes::stratified(&rows.y, n_rows - n_train)?;
        let (train, validation) = (rows.select_rows(&train), rows.select_rows(&validation));
        return Ok(Prepared { train, validation: Some(validation), warning: None });
    }
    let (train, validation) = (rows.slice_rows(0..n_train), rows.slice_rows(n_train..n_rows));
    let warning = classes::imbalance(&train.y, &validation.y);
    Ok(Prepared { train, validation: Some(validation), warning })
}
