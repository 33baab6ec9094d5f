//! The division of a data set into a part to learn from and a part to be judged by.

use wengert_tensor::Rng;

use crate::{DataError, Rows};

/// The rows in random order, divided into a training and a test part: `(train, test)`.
///
/// The test part has `⌈test_fraction · n⌉` of the `n` rows, computed in `f64` as scikit-learn does, the training part
/// the rest.
///
/// # Errors
/// If the fraction does not lie between 0 and 1, or nothing would be left to train on.
///
/// # Examples
/// ```
/// use wengert_data::train_test_split;
/// use wengert_tensor::{Rng, Tensor};
///
/// let data = (Tensor::arange(10), Tensor::arange(10));
/// let ((train, _), (test, test_y)) = train_test_split(&data, 0.25, &mut Rng::seed(0))?;
/// assert_eq!((train.size(), test.size()), (7, 3));
/// assert_eq!(test.to_vec::<f32>(), test_y.to_vec::<f32>());
/// # Ok::<(), wengert_data::DataError>(())
/// ```
pub fn train_test_split<D: Rows>(data: &D, test_fraction: f64, rng: &mut Rng) -> Result<(D, D), DataError> {
    if !(test_fraction > 0.0 && test_fraction < 1.0) {
        return Err(DataError::TestFraction(test_fraction));
    }
    let n_rows = data.n_rows()?;
    let n_test = (test_fraction * n_rows as f64).ceil() as usize;
    if n_test >= n_rows {
        return Err(DataError::NothingToTrainOn { fraction: test_fraction, n_rows });
    }
    let order = rng.permutation(n_rows);
    let (test, train) = order.split_at(n_test);
    let data = data.packed();
    Ok((data.select_rows(train), data.select_rows(test)))
}
