//! Labels of classes: from numbers, and to rows of zeros with a one.

use wengert_tensor::{Indices, Tensor};

use crate::DataError;
use crate::finite::index_of;

/// Rows of zeros with a 1 at each label (`f32`).
///
/// Keras' `to_categorical` takes labels that are negative or fractional and returns rows that are wrong; here neither
/// can come in, see [`to_labels`].
///
/// # Shape
/// Labels `[...]` → `[..., n_classes]`
///
/// # Errors
/// If a label is not below `n_classes`.
///
/// # Examples
/// ```
/// use wengert_data::one_hot;
/// use wengert_tensor::Indices;
/// let rows = one_hot(&Indices::from([1, 0]), 3)?;
/// assert_eq!(rows.to_vec::<f32>(), [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
pub fn one_hot(labels: &Indices, n_classes: usize) -> Result<Tensor, DataError> {
    match labels.iter().enumerate().find(|&(_, label)| label >= n_classes) {
        Some((row, label)) => Err(DataError::Label { label, row, n_classes }),
        None => Ok(Tensor::one_hot(labels, n_classes)),
    }
}

/// Labels from numbers, such as a column of a table.
///
/// # Shape
/// The same.
///
/// # Errors
/// If a number is negative, fractional, NaN, or too large: it is named with its row.
///
/// # Examples
/// ```
/// use wengert_data::to_labels;
/// use wengert_tensor::{Indices, Tensor};
/// assert_eq!(to_labels(&Tensor::from([2.0, 0.0]))?, Indices::from([2, 0]));
/// assert!(to_labels(&Tensor::from([0.5])).is_err());
/// # Ok::<(), wengert_data::DataError>(())
/// ```
pub fn to_labels(numbers: &Tensor) -> Result<Indices, DataError> {
    let is_label = |x: f64| (0.0..=f64::from(u32::MAX)).contains(&x) && x.fract() == 0.0;
    let numbers_in_order = numbers.to_vec::<f64>();
    if let Some(position) = numbers_in_order.iter().position(|&x| !is_label(x)) {
        let index = index_of(position, numbers.shape());
        return Err(DataError::NotALabel { value: numbers_in_order[position], index });
    }
    let labels: Vec<u32> = numbers_in_order.iter().map(|&x| x as u32).collect();
    Ok(Indices::new(labels, *numbers.shape()))
}
