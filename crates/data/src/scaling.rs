//! Columns brought to one scale: by what the training part has, and saved with the model that learned from it.

mod min_max;
mod standard;

pub use min_max::MinMaxScaler;
pub use standard::StandardScaler;

use wengert_array::{Float, Mismatch, dispatch};
use wengert_tensor::{Module, Shape, Tensor};

use crate::{DataError, check_finite};

/// What maps each column to a common scale and back: `y = (x - shift) / scale + offset`.
///
/// It is fitted to the training part and applied to every other, so that nothing of the test part is learned from. Scalers are
/// [`Module`]s of buffers: they are saved and loaded as any model is, and stand in a struct with
/// `#[derive(Module)]` beside the layers. They train nothing.
///
/// A column is a place in a row: rows of any rank are scaled, and a target of shape `[n]` too.
pub trait Scaler: Module {
    /// The name that is written into files: `standard`, for example.
    fn kind(&self) -> &'static str;

    /// What is subtracted, of the shape of a row.
    fn shift(&self) -> Tensor;

    /// What the difference is divided by, of the shape of a row; nowhere 0.
    fn scale(&self) -> Tensor;

    /// What is added in the end.
    fn offset(&self) -> f64 {
        0.0
    }

    /// A scaler that changes nothing, of the shape of a row: to be filled by what loads a file.
    fn identity(row: Shape) -> Self
    where
        Self: Sized;

    /// The rows in the common scale, in their own dtype.
    ///
    /// # Panics
    /// If the rows have not the shape of those that it was fitted to.
    #[track_caller]
    fn transform(&self, x: &Tensor) -> Tensor {
        let (shift, scale) = self.fitting("transform", x);
        (x - &shift) / &scale + self.offset()
    }

    /// The rows in their first scale again: predictions of a scaled target, for example.
    ///
    /// # Panics
    /// If the rows have not the shape of those that it was fitted to.
    #[track_caller]
    fn inverse_transform(&self, x: &Tensor) -> Tensor {
        let (shift, scale) = self.fitting("inverse_transform", x);
        (x - self.offset()) * &scale + &shift
    }

    /// The numbers of both in the dtype of `x`, whose rows they fit.
    #[doc(hidden)]
    #[track_caller]
    fn fitting(&self, operation: &str, x: &Tensor) -> (Tensor, Tensor) {
        let (shift, scale) = (self.shift(), self.scale());
        let is_fitting = x.shape().get(1..) == Some(&shift.shape()[..]);
        if !is_fitting {
            let problem = Mismatch::new("the rows are not those that the scaler was fitted to");
            let problem = problem.row("x", x.shape());
            panic!(
                "{}",
                problem.note(format!("expected [n, ..] with rows of {}", shift.shape())).report(operation)
            );
        }
        (shift.cast(x.dtype()), scale.cast(x.dtype()))
    }
}

/// What is known of each column, in `f64`.
pub(crate) struct Columns {
    pub(crate) row: Shape,
    pub(crate) columns: Vec<Column>,
}

#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) mean: f64,
    /// The standard deviation, with n in the denominator.
    pub(crate) std: f64,
}

impl Columns {
    /// Two passes: the variance from sums of squares would lose the digits that a large mean has.
    pub(crate) fn of(x: &Tensor) -> Result<Columns, DataError> {
        let n_rows = *x.shape().first().ok_or(DataError::NoRows)?;
        if n_rows == 0 {
            let problem = Mismatch::new("there are no rows to learn a scale from").row("x", x.shape());
            return Err(DataError::refused("fit", problem.note("expected at least 1 row")));
        }
        check_finite("x", x)?;
        let row = x.shape().without(0);
        let array = x.array().contiguous();
        let mut columns =
            dispatch!(x.dtype(), T => summed::<T>(array.as_slice().unwrap_or_default(), row.size(), n_rows));
        for column in &mut columns {
            // Rounding must not give numbers that are all the same a mean beside them, or a deviation.
            let is_constant = column.min == column.max;
            (column.mean, column.std) =
                if is_constant { (column.min, 0.0) } else { (column.mean, column.std.sqrt()) };
        }
        match columns
            .iter()
            .position(|column| !(column.max - column.min).is_finite() || !column.std.is_finite())
        {
            None => Ok(Columns { row, columns }),
            Some(place) => Err(too_wide(place, &columns[place])),
        }
    }

    /// A tensor of the shape of a row.
    pub(crate) fn tensor(&self, number: impl Fn(&Column) -> f64) -> Tensor {
        Tensor::new(self.columns.iter().map(number).collect::<Vec<f64>>(), self.row)
    }
}

fn summed<T: Float>(numbers: &[T], width: usize, n_rows: usize) -> Vec<Column> {
    let start = Column { min: f64::INFINITY, max: f64::NEG_INFINITY, mean: 0.0, std: 0.0 };
    let mut columns = vec![start; width];
    let rows = || numbers.chunks_exact(width.max(1));
    for row in rows() {
        for (column, x) in columns.iter_mut().zip(row) {
            let x = x.as_f64();
            (column.min, column.max, column.mean) = (column.min.min(x), column.max.max(x), column.mean + x);
        }
    }
    let n = n_rows as f64;
    columns.iter_mut().for_each(|column| column.mean /= n);
    for row in rows() {
        for (column, x) in columns.iter_mut().zip(row) {
            column.std += (x.as_f64() - column.mean).powi(2);
        }
    }
    columns.iter_mut().for_each(|column| column.std /= n);
    columns
}

fn too_wide(place: usize, column: &Column) -> DataError {
    let problem = Mismatch::new("the numbers of a column lie too far apart").row("column", place);
    let problem = problem.row("range", format!("{:e} to {:e}", column.min, column.max));
    DataError::refused("fit", problem.note("expected a range whose square is finite"))
}

/// The places in a row where a tensor of its shape is 0.
pub(crate) fn zeros(row: &Tensor) -> Vec<usize> {
    let numbers = row.to_vec::<f64>();
    (0..numbers.len()).filter(|&place| numbers[place] == 0.0).collect()
}

/// The same with 1 in the place of 0: a constant column is divided by 1.
pub(crate) fn without_zeros(row: &Tensor) -> Tensor {
    let numbers = row.to_vec::<f64>().into_iter().map(|x| if x == 0.0 { 1.0 } else { x });
    Tensor::new::<f64>(numbers.collect(), *row.shape())
}
