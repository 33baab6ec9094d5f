//! Loss and metrics as they run over batches of different sizes.

use wengert_nn::Output;

use crate::Metric;
use crate::examples::Examples;
use crate::metric::Judged;

/// A metric of a compiled model, and whether weights of rows count in it.
#[derive(Debug)]
pub(crate) struct Reported {
    pub(crate) metric: Box<dyn Metric>,
    pub(crate) is_weighted: bool,
}

/// The mean loss, each batch weighted by its number of rows, and what the metrics have seen.
#[derive(Debug)]
pub(crate) struct Meter {
    loss: f64,
    n_rows: usize,
    seen: Vec<Vec<f64>>,
}

impl Meter {
    /// A meter that has seen nothing, for the loss and so many metrics.
    pub(crate) fn new(n_metrics: usize) -> Meter {
        Meter { loss: 0.0, n_rows: 0, seen: vec![Vec::new(); n_metrics] }
    }

    /// The same again, without giving its memory back.
    pub(crate) fn clear(&mut self) {
        (self.loss, self.n_rows) = (0.0, 0);
        self.seen.iter_mut().for_each(Vec::clear);
    }

    /// Adds the loss of a batch.
    pub(crate) fn add_loss(&mut self, n_rows: usize, loss: f64) {
        self.n_rows += n_rows;
        self.loss += loss * n_rows as f64;
    }

    /// Shows the metrics a batch.
    pub(crate) fn add_metrics(&mut self, metrics: &[Reported], output: &Output, batch: &Examples) {
        for (seen, Reported { metric, is_weighted }) in self.seen.iter_mut().zip(metrics) {
            let weights = if *is_weighted { batch.weights.as_ref() } else { None };
            metric.add(seen, &Judged { output, target: &batch.y, weights });
        }
    }

    /// The mean loss.
    pub(crate) fn loss(&self) -> f64 {
        self.loss / self.n_rows as f64
    }

    /// The loss at place 0, and the metrics after it.
    pub(crate) fn value(&self, place: usize, metrics: &[Reported]) -> Option<f64> {
        match place {
            0 => Some(self.loss()),
            _ => Some(metrics.get(place - 1)?.metric.result(self.seen.get(place - 1)?)),
        }
    }

    /// The loss, then the metrics.
    pub(crate) fn values<'a>(&'a self, metrics: &'a [Reported]) -> impl Iterator<Item = f64> + 'a {
        let metrics = self.seen.iter().zip(metrics).map(|(seen, reported)| reported.metric.result(seen));
        std::iter::once(self.loss()).chain(metrics)
    }
}
