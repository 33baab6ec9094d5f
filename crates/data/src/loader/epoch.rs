//! One pass over a data set: rows drawn from a buffer, in batches.

use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;

use wengert_tensor::Rng;

use super::prefetch::Prefetch;
use super::{Dataset, Loader};
use crate::{DataError, Rows};

/// The batches of one epoch: what [`Loader::epoch`] gives.
pub struct Epoch<D: Dataset> {
    pieces: Prefetch<D>,
    batch_size: usize,
    /// Draws from the buffer; nothing where the order stays.
    rng: Option<Rng>,
    most_buffered: usize,
    buffer: Vec<Row<D::Piece>>,
    /// The piece whose rows enter the buffer, the next of them, and their number.
    entering: Option<(Arc<D::Piece>, usize, usize)>,
    is_over: bool,
}

/// A row of a piece, which it keeps in memory.
struct Row<P> {
    piece: Arc<P>,
    row: usize,
}

impl<D: Dataset> Epoch<D> {
    pub(super) fn new(loader: &Loader<D>, epoch: u64) -> Epoch<D> {
        /// Random words that an epoch may use before it meets the next one: 2³².
        const WORDS_PER_EPOCH: u32 = 32;
        let mut rng = loader.shuffle.map(|shuffle| Rng::at(shuffle.seed, epoch << WORDS_PER_EPOCH));
        let n_pieces = loader.dataset.n_pieces();
        let places = match &mut rng {
            Some(rng) => rng.permutation(n_pieces),
            None => (0..n_pieces).collect(),
        };
        Epoch {
            pieces: Prefetch::new(&loader.dataset, places, loader.n_workers, loader.n_ahead),
            batch_size: loader.batch_size,
            rng,
            most_buffered: loader.shuffle.map_or(1, |shuffle| shuffle.buffer),
            buffer: Vec::new(),
            entering: None,
            is_over: false,
        }
    }

    /// The next row of the data, before shuffling.
    fn next_row(&mut self) -> Result<Option<Row<D::Piece>>, DataError> {
        loop {
            if let Some((piece, next, n_rows)) = &mut self.entering
                && *next < *n_rows
            {
                *next += 1;
                return Ok(Some(Row { piece: Arc::clone(piece), row: *next - 1 }));
            }
            // The old piece must not stay in memory while the next one is waited for.
            self.entering = None;
            let Some(piece) = self.pieces.next() else { return Ok(None) };
            let piece = piece?;
            let n_rows = piece.n_rows()?;
            self.entering = Some((Arc::new(piece), 0, n_rows));
        }
    }

    /// A row of the buffer, whose place the next one takes.
    fn drawn(&mut self) -> Result<Option<Row<D::Piece>>, DataError> {
        while self.buffer.len() < self.most_buffered {
            let Some(row) = self.next_row()? else { break };
            self.buffer.push(row);
        }
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let place = self.rng.as_mut().map_or(0, |rng| rng.below(self.buffer.len()));
        Ok(Some(self.buffer.swap_remove(place)))
    }

    fn batch(&mut self) -> Result<Option<D::Piece>, DataError> {
        let mut rows: Vec<Row<D::Piece>> = Vec::new();
        while rows.len() < self.batch_size {
            let Some(row) = self.drawn()? else { break };
            rows.push(row);
        }
        if rows.is_empty() {
            return Ok(None);
        }
        // Neighbours in a piece are one part.
        let is_next =
            |a: &Row<D::Piece>, b: &Row<D::Piece>| Arc::ptr_eq(&a.piece, &b.piece) && a.row + 1 == b.row;
        let parts =
            rows.chunk_by(is_next).map(|run| run[0].piece.slice_rows(run[0].row..run[0].row + run.len()));
        D::Piece::joined(&parts.collect::<Vec<_>>()).map(Some)
    }
}

impl<D: Dataset> Iterator for Epoch<D> {
    type Item = Result<D::Piece, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let batch = self.batch().transpose();
        self.is_over = !matches!(batch, Some(Ok(_)));
        batch
    }
}

impl<D: Dataset> FusedIterator for Epoch<D> {}

impl<D: Dataset> fmt::Debug for Epoch<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("Epoch");
        fields
            .field("batch_size", &self.batch_size)
            .field("n_buffered", &self.buffer.len())
            .finish_non_exhaustive()
    }
}
