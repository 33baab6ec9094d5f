//! Mean 0 and standard deviation 1.

use wengert_tensor::{Buffer, DType, Module, Shape, Tensor};

use super::{Columns, Scaler, without_zeros, zeros};
use crate::DataError;

/// Brings each column to mean 0 and standard deviation 1.
///
/// `y = (x - mean) / std`, where `std² = Σ (x - mean)² / n` over the rows that it was fitted to (n and not n - 1, as in
/// scikit-learn and in Keras' `Normalization`). A constant column has `std` 0 and is divided by 1, so that it becomes
/// 0; [`constant`](StandardScaler::constant) tells which these are.
///
/// # Examples
/// ```
/// use wengert_data::{Scaler, StandardScaler};
/// use wengert_tensor::Tensor;
///
/// let x_train = Tensor::from([[1.0, 5.0], [3.0, 5.0]]);
/// let scaler = StandardScaler::fit(&x_train)?;
/// assert_eq!(scaler.transform(&x_train).to_vec::<f32>(), [-1.0, 0.0, 1.0, 0.0]);
/// assert_eq!(scaler.constant(), [1]);
///
/// let x_test = Tensor::from([[4.0, 6.0]]);
/// let scaled = scaler.transform(&x_test);
/// assert_eq!(scaled.to_vec::<f32>(), [2.0, 1.0]);
/// assert_eq!(scaler.inverse_transform(&scaled).to_vec::<f32>(), [4.0, 6.0]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct StandardScaler {
    mean: Buffer,
    std: Buffer,
}

impl StandardScaler {
    /// The scale of these rows.
    ///
    /// # Errors
    /// If there are no rows, a number is not finite, or a variance would not be.
    pub fn fit(x: &Tensor) -> Result<StandardScaler, DataError> {
        let columns = Columns::of(x)?;
        let (mean, std) = (columns.tensor(|column| column.mean), columns.tensor(|column| column.std));
        Ok(StandardScaler { mean: Buffer::new(mean), std: Buffer::new(std) })
    }

    /// The means, of the shape of a row; `f64` as they were computed.
    pub fn mean(&self) -> Tensor {
        self.mean.value()
    }

    /// The standard deviations, of the shape of a row; 0 for a constant column.
    pub fn std(&self) -> Tensor {
        self.std.value()
    }

    /// The places of the constant columns, which become 0.
    pub fn constant(&self) -> Vec<usize> {
        zeros(&self.std())
    }
}

impl Scaler for StandardScaler {
    fn kind(&self) -> &'static str {
        "standard"
    }

    fn shift(&self) -> Tensor {
        self.mean()
    }

    fn scale(&self) -> Tensor {
        without_zeros(&self.std())
    }

    fn identity(row: Shape) -> StandardScaler {
        let of = |value| Buffer::new(Tensor::full(row, value).cast(DType::F64));
        StandardScaler { mean: of(0.0), std: of(1.0) }
    }
}
