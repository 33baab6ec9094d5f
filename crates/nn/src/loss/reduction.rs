//! From the losses of entries to the loss of a batch, with weights and without.

use wengert_tensor::{Shape, Tensor};

/// How the losses of the entries of a batch become one number. (For none at all, see [`Loss::each`](crate::Loss::each).)
///
/// | | without weights | with weights `w` |
/// |---|---|---|
/// | `Mean` | `Σ l / n` | `Σ w l / n` |
/// | `WeightedMean` | `Σ l / n` | `Σ w l / Σ w` |
/// | `Sum` | `Σ l` | `Σ w l` |
///
/// An entry is what [`Loss::each`](crate::Loss::each) has one loss for, mostly a row. `Mean` is Keras' default,
/// `sum_over_batch_size`; `WeightedMean` is its `mean_with_sample_weight`, and what PyTorch's `cross_entropy` does with class
/// weights. PyTorch's `reduction="sum"` of elementwise losses does not take the mean over an entry's elements before.
///
/// # Examples
/// ```
/// use wengert_nn::Reduction;
/// use wengert_tensor::Tensor;
/// let (losses, weights) = (Tensor::from([2.0, 6.0]), Tensor::from([3.0, 1.0]));
/// let value = |reduction: Reduction| reduction.weighted(&losses, &weights, None).item();
/// assert_eq!(value(Reduction::Mean), 6.0);
/// assert_eq!(value(Reduction::WeightedMean), 3.0);
/// assert_eq!(value(Reduction::Sum), 12.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// The sum, divided by the number of entries.
    #[default]
    Mean,
    /// The sum, divided by the weights; 0 if they add to 0.
    WeightedMean,
    /// The sum.
    Sum,
}

impl Reduction {
    /// One number from losses. Where `counts` are given, the losses have been multiplied by them, and `WeightedMean`
    /// divides by their sum.
    #[track_caller]
    pub fn of(self, losses: &Tensor, counts: Option<&Tensor>) -> Tensor {
        match (self, counts) {
            (Reduction::Sum, _) => losses.sum(),
            (Reduction::WeightedMean, Some(counts)) => {
                losses.sum() / nonzero(&counts.sum().cast(losses.dtype()))
            }
            _ => losses.mean(),
        }
    }

    /// The same for losses with weights, whose shape is that of the losses or of their first axes.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn weighted(self, losses: &Tensor, weights: &Tensor, counts: Option<&Tensor>) -> Tensor {
        if let Err(message) = check_weights(losses, weights) {
            panic!("reduction: {message}");
        }
        let weights = spread(weights, losses);
        let sum = weights.guarded_mul(losses).sum();
        match self {
            Reduction::Sum => sum,
            Reduction::Mean => sum / losses.size() as f64,
            Reduction::WeightedMean => match counts {
                Some(counts) => sum / nonzero(&(weights * counts.cast(losses.dtype())).sum()),
                None => sum / nonzero(&weights.sum()),
            },
        }
    }
}

/// Whether there is a weight for each loss, or for each part along the first axes.
pub(super) fn check_weights(losses: &Tensor, weights: &Tensor) -> Result<(), String> {
    if losses.shape().starts_with(weights.shape()) {
        return Ok(());
    }
    let (given, expected) = (weights.shape(), losses.shape());
    Err(format!("the weights {given} are not those of losses {expected}, nor of their first axes"))
}

/// The weights in the shape and dtype of the losses.
#[track_caller]
fn spread(weights: &Tensor, losses: &Tensor) -> Tensor {
    let mut sizes = weights.shape().to_vec();
    sizes.resize(losses.rank(), 1);
    weights.cast(losses.dtype()).reshape(Shape::from(&sizes[..])).broadcast_to(*losses.shape())
}

/// Weights that add to 0 divide a sum that is 0 too.
#[track_caller]
fn nonzero(sum: &Tensor) -> Tensor {
    sum.equal(0.0).select(1.0, sum)
}
