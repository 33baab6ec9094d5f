//! Where the batches of a training come from: rows in memory, or a loader.

use std::fmt;
use std::sync::Arc;

use wengert_data::{Batches, Dataset, Loader};
use wengert_tensor::{Rng, Target, Tensor};

use crate::evaluate::N_ROWS;
use crate::examples::Examples;
use crate::{Fit, Problem};

/// Batches, as often as they are gone through.
pub(crate) trait Source {
    /// The batches of a pass over the data. Each number has an order of its own.
    fn pass(&self, number: u64) -> Result<Pass<'_>, Problem>;

    /// The number of batches of a pass, if it is known.
    fn n_batches(&self) -> Option<usize>;

    /// Whether the rows have been checked against the model.
    fn is_checked(&self) -> bool;
}

/// The batches of one pass.
pub(crate) type Pass<'a> = Box<dyn Iterator<Item = Result<Examples, Problem>> + 'a>;

/// Rows in memory.
pub(crate) struct Rows<'a> {
    rows: &'a Examples,
    batch_size: usize,
    /// The seed of the orders, if the rows are shuffled.
    seed: Option<u64>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(rows: &'a Examples, fit: &Fit) -> Rows<'a> {
        Rows { rows, batch_size: fit.n_rows_of_batch(), seed: fit.is_shuffled.then_some(fit.seed) }
    }

    /// Rows that a model is judged by.
    pub(crate) fn judging(rows: &'a Examples) -> Rows<'a> {
        Rows { rows, batch_size: N_ROWS, seed: None }
    }
}

impl Source for Rows<'_> {
    fn pass(&self, number: u64) -> Result<Pass<'_>, Problem> {
        let mut batches = Batches::new(self.rows, self.batch_size)?;
        if let Some(seed) = self.seed {
            batches = batches.shuffled(&mut stream(seed, number));
        }
        Ok(Box::new(batches.map(Ok)))
    }

    fn n_batches(&self) -> Option<usize> {
        Some(self.rows.x.shape()[0].div_ceil(self.batch_size))
    }

    fn is_checked(&self) -> bool {
        true
    }
}

/// The generator that shuffles a pass. Its key is the pass's own 64 bits of the seed's stream, which counts words of 32.
fn stream(seed: u64, pass: u64) -> Rng {
    Rng::at(seed, 2 * pass).split()
}

/// A loader that models are judged by, whatever its data set is.
#[derive(Clone)]
pub(crate) struct Judging(pub(crate) Arc<dyn Source + Send + Sync>);

impl fmt::Debug for Judging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("n_batches", &self.0.n_batches()).finish_non_exhaustive()
    }
}

/// What a data set is to be made of for [`fit_loader`](crate::Compiled::fit_loader): rows and their targets, and perhaps
/// the weights of the rows.
pub trait Supervised {
    /// Rows, targets, and weights.
    fn parts(self) -> (Tensor, Target, Option<Tensor>);
}

impl<Y: Into<Target>> Supervised for (Tensor, Y) {
    fn parts(self) -> (Tensor, Target, Option<Tensor>) {
        (self.0, self.1.into(), None)
    }
}

impl<Y: Into<Target>> Supervised for (Tensor, Y, Tensor) {
    fn parts(self) -> (Tensor, Target, Option<Tensor>) {
        (self.0, self.1.into(), Some(self.2))
    }
}

impl<D: Dataset<Piece: Supervised>> Source for Loader<D> {
    fn pass(&self, number: u64) -> Result<Pass<'_>, Problem> {
        Ok(Box::new(self.epoch(number).map(|batch| {
            let (x, y, weights) = batch?.parts();
            Ok(Examples { x, y, weights })
        })))
    }

    fn n_batches(&self) -> Option<usize> {
        Loader::n_batches(self)
    }

    fn is_checked(&self) -> bool {
        false
    }
}
