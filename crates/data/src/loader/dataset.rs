//! Where pieces of a data set come from.

use crate::{DataError, Rows};

/// A data set that is read piece by piece: files, parts of a file, single pictures.
///
/// Pieces are read from several threads at once and in any order; the same place must always give the same rows.
///
/// # Examples
/// ```
/// use wengert_data::{DataError, Dataset, Loader};
/// use wengert_tensor::Tensor;
///
/// /// The squares of the numbers below `n`, ten to a piece.
/// struct Squares { n: usize }
///
/// impl Dataset for Squares {
///     type Piece = Tensor;
///     fn n_pieces(&self) -> usize {
///         self.n.div_ceil(10)
///     }
///     fn piece(&self, place: usize) -> Result<Tensor, DataError> {
///         let numbers = 10 * place..self.n.min(10 * place + 10);
///         Ok(numbers.map(|i| (i * i) as f32).collect::<Vec<_>>().into())
///     }
/// }
///
/// let batches: Result<Vec<Tensor>, _> = Loader::new(Squares { n: 25 }, 4)?.epoch(0).collect();
/// assert_eq!(batches?[6].to_vec::<f32>(), [576.0]);
/// # Ok::<(), DataError>(())
/// ```
pub trait Dataset: Send + Sync + 'static {
    /// What a piece is: rows of inputs and targets, for example.
    type Piece: Rows + Send + Sync + 'static;

    /// The number of pieces.
    fn n_pieces(&self) -> usize;

    /// Reads a piece, of any number of rows.
    ///
    /// # Errors
    /// What went wrong in reading: it reaches the caller of the [`Loader`](crate::Loader).
    fn piece(&self, place: usize) -> Result<Self::Piece, DataError>;

    /// The number of rows of all pieces, if it is known without reading them.
    fn n_rows(&self) -> Option<usize> {
        None
    }

    /// The same data set with each piece changed by a function, which runs on the threads that read.
    ///
    /// # Examples
    /// ```
    /// use wengert_data::{Dataset, from_fn};
    /// use wengert_tensor::Tensor;
    /// let halves = from_fn(3, |place| Ok(Tensor::full([1], place as f64))).map(|x| Ok(x / 2.0));
    /// assert_eq!(halves.piece(1)?.item(), 0.5);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    fn map<F, P>(self, change: F) -> Map<Self, F>
    where
        Self: Sized,
        F: Fn(Self::Piece) -> Result<P, DataError> + Send + Sync + 'static,
    {
        Map { dataset: self, change }
    }
}

/// A data set with its pieces changed: what [`Dataset::map`] gives.
#[derive(Clone, Debug)]
pub struct Map<D, F> {
    dataset: D,
    change: F,
}

impl<D: Dataset, P: Rows + Send + Sync + 'static, F> Dataset for Map<D, F>
where
    F: Fn(D::Piece) -> Result<P, DataError> + Send + Sync + 'static,
{
    type Piece = P;

    fn n_pieces(&self) -> usize {
        self.dataset.n_pieces()
    }

    fn piece(&self, place: usize) -> Result<P, DataError> {
        (self.change)(self.dataset.piece(place)?)
    }
}

/// A data set of pieces that a function reads: what [`from_fn`] gives.
#[derive(Clone, Debug)]
pub struct FromFn<F> {
    n_pieces: usize,
    read: F,
}

/// A data set of so many pieces, each of which the function reads.
///
/// # Examples
/// ```
/// use wengert_data::{Loader, from_fn};
/// use wengert_tensor::Tensor;
/// let loader = Loader::new(from_fn(3, |place| Ok(Tensor::full([2], place as f64))), 4)?;
/// let first = loader.epoch(0).next().unwrap()?;
/// assert_eq!(first.to_vec::<f32>(), [0.0, 0.0, 1.0, 1.0]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
pub fn from_fn<F, P>(n_pieces: usize, read: F) -> FromFn<F>
where
    F: Fn(usize) -> Result<P, DataError> + Send + Sync + 'static,
{
    FromFn { n_pieces, read }
}

impl<P: Rows + Send + Sync + 'static, F> Dataset for FromFn<F>
where
    F: Fn(usize) -> Result<P, DataError> + Send + Sync + 'static,
{
    type Piece = P;

    fn n_pieces(&self) -> usize {
        self.n_pieces
    }

    fn piece(&self, place: usize) -> Result<P, DataError> {
        (self.read)(place)
    }
}

/// Rows that are in memory, as a data set: for what takes a loader.
///
/// # Examples
/// ```
/// use wengert_data::{InMemory, Loader};
/// use wengert_tensor::Tensor;
/// let loader = Loader::new(InMemory::new(&Tensor::arange(10), 3)?, 4)?;
/// assert_eq!(loader.n_batches(), Some(3));
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct InMemory<R> {
    rows: R,
    n_rows: usize,
    per_piece: usize,
}

impl<R: Rows> InMemory<R> {
    /// Pieces of so many rows; 0 is taken as 1.
    ///
    /// # Errors
    /// If there are no rows to count, or parts of different numbers of rows.
    pub fn new(rows: &R, per_piece: usize) -> Result<InMemory<R>, DataError> {
        Ok(InMemory { n_rows: rows.n_rows()?, rows: rows.packed(), per_piece: per_piece.max(1) })
    }
}

impl<R: Rows + Send + Sync + 'static> Dataset for InMemory<R> {
    type Piece = R;

    fn n_pieces(&self) -> usize {
        self.n_rows.div_ceil(self.per_piece)
    }

    fn piece(&self, place: usize) -> Result<R, DataError> {
        let start = place * self.per_piece;
        Ok(self.rows.slice_rows(start..self.n_rows.min(start.saturating_add(self.per_piece))))
    }

    fn n_rows(&self) -> Option<usize> {
        Some(self.n_rows)
    }
}
