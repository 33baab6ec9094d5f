//! How much the rows of a batch count.

use wengert_tensor::Tensor;

/// How much rows count in the loss of a batch, one by one, by their class, or both: the two are multiplied. See
/// [`Compiled::train_on_weighted_batch`](crate::Compiled::train_on_weighted_batch). For a whole training see
/// [`Fit::sample_weights`](crate::Fit::sample_weights) and [`Fit::class_weights`](crate::Fit::class_weights), which mean the same.
///
/// # Examples
/// ```
/// use wengert_tensor::Tensor;
/// use wengert_train::Weights;
/// let rare_class_counts_more = Weights::classes([(1, 8.0)]);
/// let both = Weights::rows(&Tensor::from([1.0, 0.5, 2.0])).and_classes([(1, 8.0)]);
/// ```
#[derive(Clone, Debug)]
pub struct Weights {
    pub(crate) rows: Option<Tensor>,
    pub(crate) classes: Vec<(usize, f64)>,
}

impl Weights {
    /// A number for each row, `[n_rows]`.
    pub fn rows(weights: &Tensor) -> Weights {
        Weights { rows: Some(weights.clone()), classes: Vec::new() }
    }

    /// A number for each class; 1 for those that are not named.
    pub fn classes(weights: impl IntoIterator<Item = (usize, f64)>) -> Weights {
        Weights { rows: None, classes: weights.into_iter().collect() }
    }

    /// The same with a number for each class beside.
    pub fn and_classes(self, weights: impl IntoIterator<Item = (usize, f64)>) -> Weights {
        Weights { classes: weights.into_iter().collect(), ..self }
    }
}
