//! Models at rest: their loss and metrics on data, and their predictions.

use std::fmt;
use std::ops::Index;

use wengert_data::{Batches, Rows};
use wengert_nn::{Layer, Reduction};
use wengert_tensor::{DType, Float, Shape, Target, Tensor};

use crate::examples::Examples;
use crate::meter::Meter;
use crate::number::number;
use crate::prepare::{self, rows_of};
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
        let meter = self.examples(x, &y.into()).and_then(|examples| self.measure(&examples));
        let meter = meter.map_err(|problem| problem.during("evaluate"))?;
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
    pub(crate) fn measure(&self, examples: &Examples) -> Result<Meter, Problem> {
        let mut meter = Meter::new(self.metrics.len());
        let (mut sum, mut divisor) = (0.0, 0.0);
        for batch in Batches::new(examples, N_ROWS)? {
            let output = self.model.forward_raw(&batch.x);
            let share = batch.divisor(&*self.loss);
            sum += share * batch.loss(&*self.loss, &output).item();
            divisor += share;
            meter.add_metrics(&self.metrics, &output, &batch);
        }
        // Weights that add to 0 divide a sum that is 0 too.
        let is_sum = self.loss.reduction() == Reduction::Sum || divisor == 0.0;
        let loss = if is_sum { sum } else { sum / divisor };
        let penalty = if self.is_regularized() { self.model.penalty().item() } else { 0.0 };
        meter.add_loss(examples.x.shape()[0], loss + penalty);
        Ok(meter)
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
