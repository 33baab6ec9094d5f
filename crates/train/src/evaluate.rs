//! Models at rest: their loss and metrics on data, and their predictions.

use std::fmt;
use std::ops::Index;

use wengert_data::{Batches, Dataset, Loader, Rows as _};
use wengert_nn::{Layer, Reduction};
use wengert_tensor::{DType, Float, Shape, Target, Tensor};

use crate::examples::Examples;
use crate::meter::Meter;
use crate::number::number;
use crate::prepare::{self, rows_of};
use crate::source::{Rows, Source, Supervised};
use crate::{Compiled, FitError, Problem};

/// How many rows are computed at a time. Nothing depends on it but by rounding.
pub(crate) const N_ROWS: usize = 256;

/// Loss and metrics of a model on data: what `evaluate` returns.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    scores: Vec<(String, f64)>,
}

impl Evaluation {
    /// The loss of all rows, reduced as it says of itself: mostly the mean.
    pub fn loss(&self) -> f64 {
        self["loss"]
    }

    /// The value of one name, if there is one.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// All names with their values, the loss first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.scores.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

impl Index<&str> for Evaluation {
    type Output = f64;

    #[track_caller]
    fn index(&self, name: &str) -> &f64 {
        match self.scores.iter().find(|(other, _)| other == name) {
            Some((_, value)) => value,
            None => {
                let names: Vec<&str> = self.iter().map(|(name, _)| name).collect();
                panic!("evaluation: there is no `{name}`, only {}", names.join(", "))
            }
        }
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scores: Vec<String> =
            self.iter().map(|(name, value)| format!("{name}: {}", number(value))).collect();
        f.write_str(&scores.join(" - "))
    }
}

impl<M: Layer> Compiled<M> {
    /// The loss and the mean metrics on rows `x` and their targets `y`. What regularizers add is part of the loss, as in
    /// Keras. A loss that is reduced to a sum, or to a mean by weights, is that of all rows together; Keras gives the mean
    /// over its batches.
    ///
    /// # Errors
    /// If the data are wrong, as for [`fit`](Compiled::fit).
    ///
    /// # Panics
    /// If the model's own code panics, as for [`fit`](Compiled::fit).
    ///
    /// # Examples
    /// ```
    /// # use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// # use wengert_optim::Sgd;
    /// # use wengert_tensor::Tensor;
    /// # use wengert_train::{Compile, MeanAbsoluteError};
    /// let sum = Dense::from_tensors(Tensor::from([[1.0], [1.0]]), Tensor::from([0.0]));
    /// let model = Sequential::new([2]).add(sum).compile(Sgd::default(), MeanSquaredError::new());
    /// let model = model.metric(MeanAbsoluteError);
    /// let scores = model.evaluate(&Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([3.0, 11.0]))?;
    /// assert_eq!((scores.loss(), scores["mean_absolute_error"]), (8.0, 2.0));
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    #[track_caller]
    pub fn evaluate(&self, x: &Tensor, y: impl Into<Target>) -> Result<Evaluation, FitError> {
        let meter = self.examples(x, &y.into()).and_then(|examples| self.measure(&Rows::judging(&examples)));
        let meter = meter.map_err(|problem| problem.during("evaluate"))?;
        Ok(self.evaluation(&meter))
    }

    /// The same on the batches of a loader, for data that do not fit into memory. Its data set gives `(x, y)` or
    /// `(x, y, weights)`, which are checked batch by batch; weights count in the loss and in
    /// [weighted metrics](Compiled::weighted_metric).
    ///
    /// # Errors
    /// If the data are wrong, as for [`fit_loader`](Compiled::fit_loader), or there are none.
    ///
    /// # Panics
    /// If the model's own code panics, as for [`fit`](Compiled::fit).
    ///
    /// # Examples
    /// ```
    /// # use wengert_data::{Loader, from_fn};
    /// # use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// # use wengert_optim::Sgd;
    /// # use wengert_tensor::Tensor;
    /// # use wengert_train::Compile;
    /// let files = from_fn(10, |place| Ok((Tensor::full([5, 1], place as f64), Tensor::zeros([5, 1]))));
    /// let same = Dense::from_tensors(Tensor::from([[1.0]]), Tensor::from([0.0]));
    /// let model = Sequential::new([1]).add(same).compile(Sgd::default(), MeanSquaredError::new());
    /// assert_eq!(model.evaluate_loader(&Loader::new(files, 8)?)?.loss(), 28.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn evaluate_loader<D>(&self, loader: &Loader<D>) -> Result<Evaluation, FitError>
    where
        D: Dataset<Piece: Supervised>,
    {
        let meter = self.measure(loader).map_err(|problem| problem.during("evaluate_loader"))?;
        Ok(self.evaluation(&meter))
    }

    /// What a meter has seen, by name.
    pub(crate) fn evaluation(&self, meter: &Meter) -> Evaluation {
        Evaluation { scores: self.names().map(String::from).zip(meter.values(&self.metrics)).collect() }
    }

    /// The outputs for rows `x`, computed so many at a time that memory stays small.
    ///
    /// # Shape
    /// `[n_rows, ...input]` → `[n_rows, ...output]`
    ///
    /// # Errors
    /// If there are no rows, the model does not take them, they hold a NaN or infinity, or the outputs are more numbers
    /// than one tensor can hold.
    ///
    /// # Panics
    /// If the model's own code panics, as for [`fit`](Compiled::fit).
    ///
    /// # Examples
    /// ```
    /// # use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// # use wengert_optim::Sgd;
    /// # use wengert_tensor::Tensor;
    /// # use wengert_train::Compile;
    /// let sum = Dense::from_tensors(Tensor::from([[1.0], [1.0]]), Tensor::from([0.0]));
    /// let model = Sequential::new([2]).add(sum).compile(Sgd::default(), MeanSquaredError::new());
    /// assert_eq!(model.predict(&Tensor::from([[1.0, 2.0]]))?.item(), 3.0);
    /// assert!(model.predict(&Tensor::from([[1.0, 2.0, 3.0]])).is_err());
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    #[track_caller]
    pub fn predict(&self, x: &Tensor) -> Result<Tensor, FitError> {
        self.outputs(x).map_err(|problem| problem.during("predict"))
    }

    #[track_caller]
    fn outputs(&self, x: &Tensor) -> Result<Tensor, Problem> {
        let (x, row) = prepare::input(&self.model, x)?;
        let n_rows = x.n_rows()?;
        let shape = rows_of(n_rows, &row)?;
        if n_rows <= N_ROWS {
            return Ok(self.model.forward(&x));
        }
        let parts: Vec<Tensor> = Batches::new(&x, N_ROWS)?.map(|x| self.model.forward(&x)).collect();
        Ok(joined(&parts, shape))
    }

    /// Loss and metrics of a model at rest.
    #[track_caller]
    pub(crate) fn measure(&self, source: &dyn Source) -> Result<Meter, Problem> {
        let mut meter = Meter::new(self.metrics.len());
        let (mut sum, mut divisor, mut n_rows) = (0.0, 0.0, 0);
        for batch in source.pass(0)? {
            let batch = if source.is_checked() { batch? } else { self.checked(batch?)? };
            n_rows += batch.x.shape()[0];
            let output = self.model.forward_raw(&batch.x);
            let share = batch.divisor(&*self.loss);
            sum += share * batch.loss(&*self.loss, &output).item();
            divisor += share;
            meter.add_metrics(&self.metrics, &output, &batch);
        }
        if n_rows == 0 {
            return Err(Problem::NoBatches);
        }
        // Weights that add to 0 divide a sum that is 0 too.
        let is_sum = self.loss.reduction() == Reduction::Sum || divisor == 0.0;
        let loss = if is_sum { sum } else { sum / divisor };
        let penalty = if self.is_regularized() { self.model.penalty().item() } else { 0.0 };
        meter.add_loss(n_rows, loss + penalty);
        Ok(meter)
    }
}

impl<M: Layer> Compiled<M> {
    /// A batch from outside as the model takes it.
    #[track_caller]
    pub(crate) fn checked(&self, batch: Examples) -> Result<Examples, Problem> {
        let mut rows = self.examples(&batch.x, &batch.y)?;
        if let Some(weights) = &batch.weights {
            rows.weights = Some(prepare::weights(weights, rows.x.shape()[0], rows.x.dtype())?);
        }
        Ok(rows)
    }
}

/// One tensor of the given shape from parts that follow each other along the first axis.
fn joined(parts: &[Tensor], shape: Shape) -> Tensor {
    match parts[0].dtype() {
        DType::F32 => Tensor::new(numbers::<f32>(parts), shape),
        DType::F64 => Tensor::new(numbers::<f64>(parts), shape),
    }
}

fn numbers<T: Float>(parts: &[Tensor]) -> Vec<T> {
    parts.iter().flat_map(Tensor::to_vec).collect()
}
