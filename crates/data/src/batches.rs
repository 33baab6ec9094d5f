//! Minibatches: a data set in pieces of so many rows, in order or shuffled.

use std::iter::FusedIterator;

use wengert_tensor::Rng;

use crate::{DataError, Rows};

/// The batches of a data set, once through; each has the data set's own type. The last one may be smaller.
///
/// In order, batches of tensors are views; shuffled, they are copies of rows.
///
/// # Examples
/// ```
/// use wengert_data::Batches;
/// use wengert_tensor::{Indices, Rng, Tensor};
///
/// let data = (Tensor::zeros([70, 3]), Indices::from(vec![0; 70]));
/// let mut rng = Rng::seed(0);
/// for _epoch in 0..2 {
///     let sizes: Vec<usize> = Batches::new(&data, 32)?.shuffled(&mut rng).map(|(_x, y)| y.len()).collect();
///     assert_eq!(sizes, [32, 32, 6]);
/// }
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batches<D> {
    data: D,
    order: Option<Vec<usize>>,
    size: usize,
    next: usize,
    n_rows: usize,
}

impl<D: Rows> Batches<D> {
    /// Batches of `size` rows, in the order of the data.
    ///
    /// # Errors
    /// If the size is 0, or the data have no rows to count, or parts of different numbers of rows.
    pub fn new(data: &D, size: usize) -> Result<Self, DataError> {
        if size == 0 {
            return Err(DataError::BatchSize);
        }
        Ok(Batches { n_rows: data.n_rows()?, data: data.clone(), order: None, size, next: 0 })
    }

    /// The same rows in an order that the generator gives, each order with the same probability.
    pub fn shuffled(self, rng: &mut Rng) -> Self {
        Batches { order: Some(rng.permutation(self.n_rows)), data: self.data.packed(), ..self }
    }
}

impl<D: Rows> Iterator for Batches<D> {
    type Item = D;

    fn next(&mut self) -> Option<D> {
        let start = self.next;
        if start >= self.n_rows {
            return None;
        }
        self.next = start.saturating_add(self.size).min(self.n_rows);
        Some(match &self.order {
            Some(order) => self.data.select_rows(&order[start..self.next]),
            None => self.data.slice_rows(start..self.next),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let n = (self.n_rows - self.next).div_ceil(self.size);
        (n, Some(n))
    }
}

impl<D: Rows> ExactSizeIterator for Batches<D> {}
impl<D: Rows> FusedIterator for Batches<D> {}
