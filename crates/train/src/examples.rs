//! What a model is trained on and judged by: rows, their targets, and perhaps how much each counts.

use std::ops::Range;

use wengert_data::{DataError, Rows};
use wengert_nn::{Loss, Output};
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

    fn packed(&self) -> Self {
        Examples {
            x: self.x.packed(),
            y: self.y.packed(),
            weights: self.weights.as_ref().map(|weights| weights.packed()),
        }
    }
}
