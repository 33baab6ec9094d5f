//! Data as they come from outside, checked against the model and in its dtype: what training may rely on.

use wengert_data::{Rows, check_finite};
use wengert_nn::{Layer, Loss};
use wengert_tensor::{DType, Shape, Target, Tensor};

use crate::examples::Examples;
use crate::meter::Reported;
use crate::{Compiled, Problem};

/// `x` in the model's dtype, and the shape of one row of the output.
#[track_caller]
pub(crate) fn input(model: &impl Layer, x: &Tensor) -> Result<(Tensor, Shape), Problem> {
    if x.rank() == 0 {
        return Err(Problem::Scalar { name: "x" });
    }
    if x.size() == 0 {
        return Err(Problem::Empty { shape: *x.shape() });
    }
    let row = model.output_shape(&x.shape().without(0)).map_err(Problem::Input)?;
    let x = finite_as("x", x, dtype_of(model, x))?;
    model.check_input(&x).map_err(Problem::Input)?;
    Ok((x, row))
}

/// The shape of so many rows.
pub(crate) fn rows_of(n_rows: usize, row: &Shape) -> Result<Shape, Problem> {
    Shape::try_new(&[&[n_rows], &row[..]].concat()).map_err(Problem::Output)
}

/// Rows and targets that a model and a loss can work with.
#[track_caller]
pub(crate) fn rows(model: &impl Layer, loss: &dyn Loss, x: &Tensor, y: &Target) -> Result<Examples, Problem> {
    let (examples, row) = alike(model, x, y)?;
    let output = rows_of(examples.x.n_rows()?, &row)?;
    let refused = |message: String| Problem::Target { name: loss.name().to_string(), message };
    loss.check(&output, &examples.y).map_err(refused)?;
    Ok(examples)
}

/// As many rows as targets, and the shape of one row of the output.
#[track_caller]
fn alike(model: &impl Layer, x: &Tensor, y: &Target) -> Result<(Examples, Shape), Problem> {
    let (x, row) = input(model, x)?;
    let n_rows = x.n_rows()?;
    let y = target(y, &row, dtype_of(model, &x))?;
    let n_targets = y.n_rows()?;
    if n_targets != n_rows {
        return Err(Problem::RowCounts { x: n_rows, target: n_targets });
    }
    Ok((Examples { x, y, weights: None }, row))
}

impl<M: Layer> Compiled<M> {
    /// Rows and targets that the model, the loss and all metrics can work with.
    #[track_caller]
    pub(crate) fn examples(&self, x: &Tensor, y: &Target) -> Result<Examples, Problem> {
        let (examples, row) = alike(&self.model, x, y)?;
        self.check_target(&examples.y, examples.x.n_rows()?, &row)?;
        Ok(examples)
    }

    /// Asks the loss and the metrics, in parts if all rows of the output together would be too many numbers.
    fn check_target(&self, y: &Target, n_rows: usize, row: &Shape) -> Result<(), Problem> {
        let most = (i32::MAX as usize / row.size().max(1)).max(1);
        for start in (0..n_rows).step_by(most) {
            let end = n_rows.min(start + most);
            let (output, part) = (rows_of(end - start, row)?, y.slice_rows(start..end));
            let refused = |name: &str, message: String| {
                let from = if start == 0 { String::new() } else { format!(", rows from {start} on") };
                Problem::Target { name: format!("{name}{from}"), message }
            };
            self.loss.check(&output, &part).map_err(|message| refused(self.loss.name(), message))?;
            for Reported { metric, .. } in &self.metrics {
                metric.check(&output, &part).map_err(|message| refused(metric.name(), message))?;
            }
        }
        Ok(())
    }
}

/// Weights for so many rows, in the dtype of the rows.
pub(crate) fn weights(weights: &Tensor, n_rows: usize, dtype: DType) -> Result<Tensor, Problem> {
    if *weights.shape() != [n_rows] {
        return Err(Problem::Weights { shape: *weights.shape(), n_rows });
    }
    finite_as("sample_weights", weights, dtype)
}

/// The dtype of the first parameter; that of `x` if there is none.
fn dtype_of(model: &impl Layer, x: &Tensor) -> DType {
    model.parameters().first().map_or(x.dtype(), |(_, param)| param.dtype())
}

fn target(y: &Target, row: &Shape, dtype: DType) -> Result<Target, Problem> {
    let values = match y {
        Target::Values(values) => finite_as("the target", values, dtype)?,
        Target::Labels(labels) if labels.shape().is_empty() => {
            return Err(Problem::Scalar { name: "the target" });
        }
        Target::Labels(_) => return Ok(y.clone()),
    };
    match values.shape()[..] {
        [] => Err(Problem::Scalar { name: "the target" }),
        // One number for each row may come without an axis of its own, as a column of a table does.
        [n_rows] if *row == [1] => Ok(values.reshape([n_rows, 1]).into()),
        _ => Ok(values.into()),
    }
}

/// The same numbers, not tracked, in another dtype, where they must be finite too.
fn finite_as(name: &str, x: &Tensor, dtype: DType) -> Result<Tensor, Problem> {
    check_finite(name, x)?;
    let cast = Tensor::from(x.array().cast(dtype));
    if dtype < x.dtype() {
        check_finite(&format!("{name} as {dtype}"), &cast)?;
    }
    Ok(cast)
}
