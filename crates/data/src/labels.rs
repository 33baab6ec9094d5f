//! Labels of classes: from numbers, and to rows of zeros with a one.

use wengert_tensor::{Indices, Shape, Tensor};

use crate::DataError;
use crate::finite::index_of;

/// Rows of zeros with a 1 at each label (`f32`).
///
/// For numbers instead of labels there is [`to_categorical`].
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

/// Rows of zeros with a 1 at each label (`f32`), from numbers such as a column of a table.
///
/// As many classes as are asked for; with `None`, one more than the largest label. A last axis of size 1 is left out, as
/// in Keras. Keras' `to_categorical` takes labels that are negative or fractional and returns rows that are wrong; here
/// they are errors.
///
/// # Shape
/// `[...]` or `[..., 1]` → `[..., n_classes]`
///
/// # Errors
/// If a number is negative, fractional, NaN, or not below the number of classes.
///
/// # Examples
/// ```
/// use wengert_data::to_categorical;
/// use wengert_tensor::Tensor;
/// let rows = to_categorical(&Tensor::from([0.0, 2.0]), None)?;
/// assert_eq!(rows.to_vec::<f32>(), [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
/// assert_eq!(*to_categorical(&Tensor::from([0.0, 2.0]), 4)?.shape(), [2, 4]);
///
/// let message = to_categorical(&Tensor::from([0.0, -1.0]), None).unwrap_err().to_string();
/// assert_eq!(message, "to_labels: -1 in row 1 is not a label, expected a whole number from 0 to 4294967295");
/// # Ok::<(), wengert_data::DataError>(())
/// ```
pub fn to_categorical(numbers: &Tensor, n_classes: impl Into<Option<usize>>) -> Result<Tensor, DataError> {
    let labels = to_labels(numbers)?;
    let labels = match labels.shape()[..] {
        [.., _, 1] => {
            Indices::new(labels.as_slice().to_vec(), labels.shape().without(labels.shape().len() - 1))
        }
        _ => labels,
    };
    let n_classes = n_classes.into().unwrap_or_else(|| labels.max().map_or(0, |label| label + 1));
    let sizes: Vec<usize> = [&labels.shape()[..], &[n_classes]].concat();
    Shape::try_new(&sizes).map_err(|problem| DataError::refused("to_categorical", problem))?;
    one_hot(&labels, n_classes)
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
