//! What a model is trained on and judged by: rows, their targets, and perhaps how much each counts.

use std::ops::Range;

use wengert_data::{DataError, Rows};
use wengert_nn::{Loss, Output, Reduction};
use wengert_tensor::{Target, Tensor};

/// Rows with their targets, and a weight for each if they do not count alike.
#[derive(Clone, Debug)]
pub(crate) struct Examples {
    pub(crate) x: Tensor,
    pub(crate) y: Target,
    pub(crate) weights: Option<Tensor>,
}

impl Examples {
    /// The loss of an output for these rows.
    #[track_caller]
    pub(crate) fn loss(&self, loss: &dyn Loss, output: &Output) -> Tensor {
        match &self.weights {
            Some(weights) => loss.weighted_value(output, &self.y, weights),
            None => loss.value(output, &self.y),
        }
    }

    /// What the loss of these rows has been divided by, up to a factor that is the same for all rows: the loss of more
    /// rows is the sum of the products, divided by the sum of these.
    pub(crate) fn divisor(&self, loss: &dyn Loss) -> f64 {
        let n_rows = self.x.shape()[0] as f64;
        match loss.reduction() {
            Reduction::Sum => 1.0,
            Reduction::Mean => n_rows,
            Reduction::WeightedMean => match (loss.counts(&self.y), &self.weights) {
                (Some(counts), Some(weights)) => Reduction::Sum.weighted(&counts, weights, None).item(),
                (Some(counts), None) => counts.sum().item(),
                (None, Some(weights)) => weights.sum().item(),
                (None, None) => n_rows,
            },
        }
    }
}

impl Rows for Examples {
    fn n_rows(&self) -> Result<usize, DataError> {
        self.x.n_rows()
    }

    #[track_caller]
    fn select_rows(&self, places: &[usize]) -> Self {
        Examples {
            x: self.x.select_rows(places),
            y: self.y.select_rows(places),
            weights: self.weights.as_ref().map(|weights| weights.select_rows(places)),
        }
    }

    #[track_caller]
    fn slice_rows(&self, range: Range<usize>) -> Self {
        Examples {
            x: self.x.slice_rows(range.clone()),
            y: self.y.slice_rows(range.clone()),
            weights: self.weights.as_ref().map(|weights| weights.slice_rows(range)),
        }
    }

    fn joined(parts: &[Self]) -> Result<Self, DataError> {
        let x = Tensor::joined(&parts.iter().map(|part| part.x.clone()).collect::<Vec<_>>())?;
        let y = Target::joined(&parts.iter().map(|part| part.y.clone()).collect::<Vec<_>>())?;
        if parts.iter().all(|part| part.weights.is_none()) {
            return Ok(Examples { x, y, weights: None });
        }
        let mut weights = Vec::with_capacity(parts.len());
        for part in parts {
            // Rows without weights count once.
            weights.push(part.weights.clone().unwrap_or(Tensor::ones([part.n_rows()?])));
        }
        Ok(Examples { x, y, weights: Some(Tensor::joined(&weights)?) })
    }

    fn packed(&self) -> Self {
        Examples {
            x: self.x.packed(),
            y: self.y.packed(),
            weights: self.weights.as_ref().map(|weights| weights.packed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_weights_count_once_beside_others_that_have_some() {
        let rows = |n: usize, weights: Option<Tensor>| Examples {
            x: Tensor::zeros([n, 2]),
            y: Tensor::zeros([n]).into(),
            weights,
        };
        let both = [rows(2, Some(Tensor::from([3.0, 4.0]))), rows(1, None)];
        let joined = Examples::joined(&both).expect("the rows are alike");
        assert_eq!(joined.n_rows().expect("rows"), 3);
        assert_eq!(joined.weights.expect("weights").to_vec::<f32>(), [3.0, 4.0, 1.0]);
        assert!(Examples::joined(&both[1..]).expect("rows").weights.is_none());
    }
}
