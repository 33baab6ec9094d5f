//! The least number to the lower end of a range, and the greatest to the upper.

use wengert_tensor::{Buffer, DType, Module, Shape, Tensor};

use super::{Columns, Scaler, without_zeros, zeros};
use crate::DataError;

/// Brings each column to a range: 0 to 1 unless said otherwise.
///
/// `y = low + (x - min) / (max - min) · (high - low)`, with the least and the greatest number of the rows that it was
/// fitted to; later rows may lie outside. In a constant column `max - min` is taken as 1, so that it becomes `low`;
/// [`constant`](MinMaxScaler::constant) tells which these are.
///
/// # Examples
/// ```
/// use wengert_data::{MinMaxScaler, Scaler};
/// use wengert_tensor::Tensor;
///
/// let x = Tensor::from([[0.0, 5.0], [10.0, 7.0]]);
/// let scaler = MinMaxScaler::fit_to(&x, -1.0, 1.0)?;
/// assert_eq!(scaler.transform(&Tensor::from([[5.0, 7.0]])).to_vec::<f32>(), [0.0, 1.0]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct MinMaxScaler {
    min: Buffer,
    max: Buffer,
    /// The lower and the upper end, so that they are saved with the others.
    range: Buffer,
}

impl MinMaxScaler {
    /// The scale that brings these rows to 0 to 1.
    ///
    /// # Errors
    /// If there are no rows, a number is not finite, or the width of a column is not.
    pub fn fit(x: &Tensor) -> Result<MinMaxScaler, DataError> {
        MinMaxScaler::fit_to(x, 0.0, 1.0)
    }

    /// The scale that brings these rows to another range.
    ///
    /// # Errors
    /// As for [`fit`](MinMaxScaler::fit).
    ///
    /// # Panics
    /// If `low` is not less than `high`, or one is not finite.
    #[track_caller]
    pub fn fit_to(x: &Tensor, low: f64, high: f64) -> Result<MinMaxScaler, DataError> {
        let is_range = low < high && (high - low).is_finite();
        assert!(is_range, "fit_to: {low} to {high} is no range, expected a lower and a higher finite number");
        let columns = Columns::of(x)?;
        let range = Tensor::new(vec![low, high], [2]);
        let (min, max) = (columns.tensor(|column| column.min), columns.tensor(|column| column.max));
        Ok(MinMaxScaler { min: Buffer::new(min), max: Buffer::new(max), range: Buffer::new(range) })
    }

    /// The least numbers, of the shape of a row; `f64` as they were found.
    pub fn min(&self) -> Tensor {
        self.min.value()
    }

    /// The greatest numbers, of the shape of a row.
    pub fn max(&self) -> Tensor {
        self.max.value()
    }

    /// The places of the constant columns, which become the lower end of the range.
    pub fn constant(&self) -> Vec<usize> {
        zeros(&(self.max() - self.min()))
    }
}

impl Scaler for MinMaxScaler {
    fn kind(&self) -> &'static str {
        "min_max"
    }

    fn shift(&self) -> Tensor {
        self.min()
    }

    fn scale(&self) -> Tensor {
        let range = self.range.value();
        without_zeros(&(self.max() - self.min())) / (range.at([1]) - range.at([0]))
    }

    fn offset(&self) -> f64 {
        self.range.value().at([0])
    }

    fn identity(row: Shape) -> MinMaxScaler {
        let of = |value| Buffer::new(Tensor::full(row, value).cast(DType::F64));
        MinMaxScaler { min: of(0.0), max: of(1.0), range: Buffer::new(Tensor::new(vec![0.0, 1.0], [2])) }
    }
}
