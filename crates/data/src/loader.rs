//! Data sets that need not fit into memory: read in pieces by threads ahead of time, shuffled by a buffer, and handed
//! out in batches.

mod dataset;
mod epoch;
mod prefetch;

use std::sync::Arc;

pub use dataset::{Dataset, FromFn, InMemory, Map, from_fn};
pub use epoch::Epoch;

use crate::DataError;

/// Batches of a [`Dataset`], epoch by epoch.
///
/// Pieces are read by threads of their own while the caller computes. The batches depend on the data, the batch size,
/// the seed, the buffer and the number of the epoch alone: any number of workers gives the same.
///
/// # Shuffling
/// The pieces come in random order, and their rows pass through a buffer: each row that is handed out is drawn from the
/// buffer with equal probabilities, and the next one takes its place. A buffer as large as the data set gives every
/// order with the same probability; a smaller one leaves rows of one piece near each other. A piece stays in memory until
/// its last row was drawn. (TensorFlow's `shuffle` draws in the same way, but leaves the order of the files to the
/// caller; PyTorch shuffles places, which needs random access to rows.)
///
/// # Examples
/// ```
/// use wengert_data::{Loader, from_fn};
/// use wengert_tensor::Tensor;
///
/// // A hundred files of three rows each, had they been written.
/// let files = from_fn(100, |place| Ok(Tensor::full([3, 2], place as f64)));
/// let loader = Loader::new(files, 32)?.shuffled(7, 60).workers(2);
/// let mut n_rows = 0;
/// for batch in loader.epoch(0) {
///     n_rows += batch?.shape()[0];
/// }
/// assert_eq!(n_rows, 300);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Debug)]
pub struct Loader<D> {
    dataset: Arc<D>,
    batch_size: usize,
    shuffle: Option<Shuffle>,
    n_workers: usize,
    n_ahead: usize,
}

impl<D> Clone for Loader<D> {
    /// A loader of the same data, which are not copied.
    fn clone(&self) -> Self {
        Loader { dataset: Arc::clone(&self.dataset), ..*self }
    }
}

#[derive(Clone, Copy, Debug)]
struct Shuffle {
    seed: u64,
    buffer: usize,
}

impl<D: Dataset> Loader<D> {
    /// Batches of so many rows, the last of which may be smaller, in the order of the data, read by one thread.
    ///
    /// # Errors
    /// If the size is 0.
    pub fn new(dataset: D, batch_size: usize) -> Result<Loader<D>, DataError> {
        if batch_size == 0 {
            return Err(DataError::BatchSize);
        }
        Ok(Loader { dataset: Arc::new(dataset), batch_size, shuffle: None, n_workers: 1, n_ahead: 4 })
    }

    /// Rows in random order: see [Shuffling](Loader#shuffling). The buffer counts rows; 0 is taken as 1.
    pub fn shuffled(self, seed: u64, buffer: usize) -> Loader<D> {
        Loader { shuffle: Some(Shuffle { seed, buffer: buffer.max(1) }), ..self }
    }

    /// How many threads read pieces. With 0 the caller's own does, when it asks for a batch.
    pub fn workers(self, n_workers: usize) -> Loader<D> {
        Loader { n_workers, ..self }
    }

    /// How many pieces may be read or waiting to be used at a time, 4 unless said otherwise; 0 is taken as 1.
    pub fn ahead(self, n_ahead: usize) -> Loader<D> {
        Loader { n_ahead: n_ahead.max(1), ..self }
    }

    /// The number of batches of an epoch, if the data set knows how many rows it has.
    pub fn n_batches(&self) -> Option<usize> {
        self.dataset.n_rows().map(|n_rows| n_rows.div_ceil(self.batch_size))
    }

    /// The batches of one pass over the data. Shuffled, each number of an epoch has an order of its own.
    ///
    /// The first error ends it. Dropped before its end, it does not wait for its threads: they end when they have read
    /// the piece that they are at.
    pub fn epoch(&self, epoch: u64) -> Epoch<D> {
        Epoch::new(self, epoch)
    }
}
