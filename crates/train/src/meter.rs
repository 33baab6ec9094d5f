//! Running means of loss and metrics over batches of different sizes.

use wengert_nn::Output;
use wengert_tensor::Target;

use crate::Metric;

/// Sums of loss and metrics, each batch weighted by its number of rows.
#[derive(Debug)]
pub(crate) struct Meter {
    sums: Vec<f64>,
    n_rows: usize,
}

impl Meter {
    /// A meter that has seen nothing, for the loss and so many metrics.
    pub(crate) fn new(n_metrics: usize) -> Meter {
        Meter { sums: vec![0.0; 1 + n_metrics], n_rows: 0 }
    }

    /// Adds the loss of a batch.
    pub(crate) fn add_loss(&mut self, n_rows: usize, loss: f64) {
        self.n_rows += n_rows;
        self.sums[0] += loss * n_rows as f64;
    }

    /// Adds the metrics of a batch.
    pub(crate) fn add_metrics(
        &mut self,
        n_rows: usize,
        metrics: &[Box<dyn Metric>],
        output: &Output,
        target: &Target,
    ) {
        for (sum, metric) in self.sums[1..].iter_mut().zip(metrics) {
            *sum += metric.value(output, target) * n_rows as f64;
        }
    }

    /// The means, the loss first.
    pub(crate) fn means(&self) -> impl Iterator<Item = f64> {
        self.sums.iter().map(|sum| sum / self.n_rows as f64)
    }
}
