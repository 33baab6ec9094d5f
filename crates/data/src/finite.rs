//! The search for NaN and infinities, which would spread from one number in the data to the whole model.

use wengert_array::{Float, dispatch};
use wengert_tensor::{Shape, Tensor};

use crate::DataError;

/// Whether all numbers of a tensor are finite. The name is for the message.
///
/// # Errors
/// At the first NaN or infinity, with its row and column.
///
/// # Examples
/// ```
/// use wengert_data::check_finite;
/// use wengert_tensor::Tensor;
/// let x = Tensor::from([[1.0, 2.0], [3.0, f32::NAN]]);
/// let message = check_finite("x", &x).unwrap_err().to_string();
/// assert_eq!(message, "x holds NaN in row 1, column 1, expected finite numbers");
/// ```
pub fn check_finite(name: &str, x: &Tensor) -> Result<(), DataError> {
    let array = x.array().contiguous();
    let found = dispatch!(x.dtype(), T => first_not_finite(array.as_slice::<T>().unwrap_or_default()));
    match found {
        Some((position, value)) => {
            Err(DataError::NotFinite { name: name.to_string(), value, index: index_of(position, x.shape()) })
        }
        None => Ok(()),
    }
}

fn first_not_finite<T: Float>(numbers: &[T]) -> Option<(usize, f64)> {
    // Without an early exit inside a chunk the loop is vectorised.
    let is_finite = |chunk: &[T]| chunk.iter().fold(true, |finite, x| finite & x.is_finite());
    let (chunk, numbers) = numbers.chunks(CHUNK).enumerate().find(|(_, chunk)| !is_finite(chunk))?;
    let position = numbers.iter().position(|x| !x.is_finite())?;
    Some((chunk * CHUNK + position, numbers[position].as_f64()))
}

const CHUNK: usize = 256;

/// The index along each axis of an element, from its place in row-major order.
pub(crate) fn index_of(mut position: usize, shape: &Shape) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (axis, &size) in shape.iter().enumerate().rev() {
        index[axis] = position % size;
        position /= size;
    }
    index
}
