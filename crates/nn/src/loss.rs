//! Losses: how far an output is from its target, as one number to be made small. The losses themselves stand in `loss/`,
//! a file for each family; `docs/losses.md` has them in one table.

mod binary;
mod categorical;
mod distribution;
mod floor;
mod focal;
mod hinge;
mod ranking;
mod reduction;
mod regression;
mod robust;
mod settings;
mod similarity;
mod target;

use std::fmt::Debug;

use wengert_tensor::{Shape, Target, Tensor};

use crate::Output;

pub use binary::BinaryCrossentropy;
pub use categorical::{CategoricalCrossentropy, SparseCategoricalCrossentropy};
pub use distribution::{GaussianNll, KlDivergence, Poisson, gaussian_nll};
pub use focal::{BinaryFocalCrossentropy, CategoricalFocalCrossentropy};
pub use hinge::{CategoricalHinge, Hinge, SquaredHinge};
pub use ranking::{MarginRanking, cosine_embedding, margin_ranking, triplet_margin};
pub use reduction::Reduction;
pub use regression::{
    MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError,
};
pub use robust::{Huber, LogCosh};
pub use similarity::CosineSimilarity;

/// A loss function of a batch.
///
/// A loss of your own says its name and the loss of each entry; the rest follows.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
///
/// #[derive(Debug)]
/// struct Quartic;
///
/// impl Loss for Quartic {
///     fn name(&self) -> &'static str {
///         "quartic"
///     }
///     fn each(&self, output: &Output, target: &Target) -> Tensor {
///         let Target::Values(target) = target else { panic!("quartic: the target holds labels") };
///         (output.value() - target).powi(4).mean_axes(-1)
///     }
/// }
///
/// let output = Output { raw: Tensor::from([[1.0], [3.0]]), activation: Activation::Linear };
/// let target = Target::from(Tensor::zeros([2, 1]));
/// assert_eq!(Quartic.value(&output, &target).item(), 41.0);
/// assert_eq!(Quartic.weighted_value(&output, &target, &Tensor::from([1.0, 0.0])).item(), 0.5);
/// ```
pub trait Loss: Debug + Send + Sync {
    /// The name, as Keras spells it.
    fn name(&self) -> &'static str;

    /// The loss of each entry, not reduced.
    ///
    /// # Shape
    /// An output `[n_rows, ..., n]` → `[n_rows, ...]`: the last axis is what one entry is made of.
    ///
    /// # Panics
    /// If the shape of the target does not fit that of the output.
    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor;

    /// How the losses of the entries become one number.
    fn reduction(&self) -> Reduction {
        Reduction::Mean
    }

    /// How much each entry counts where a mean divides by weights; `None` if all count 1. The losses of
    /// [`each`](Loss::each) have been multiplied by it.
    fn counts(&self, target: &Target) -> Option<Tensor> {
        let _ = target;
        None
    }

    /// The loss over the batch, of shape `[]`: the losses of the entries, reduced.
    ///
    /// # Panics
    /// As [`each`](Loss::each).
    #[track_caller]
    fn value(&self, output: &Output, target: &Target) -> Tensor {
        self.reduction().of(&self.each(output, target), self.counts(target).as_ref())
    }

    /// The loss over the batch where the entries have weights: one for each row, or one for each entry.
    ///
    /// What has weight 0 does not count, even if its loss is infinite or NaN.
    ///
    /// # Panics
    /// As [`each`](Loss::each), or if the shape of the weights is not that of the losses or of their first axes.
    #[track_caller]
    fn weighted_value(&self, output: &Output, target: &Target, weights: &Tensor) -> Tensor {
        let losses = self.each(output, target);
        if let Err(message) = reduction::check_weights(&losses, weights) {
            panic!("{}: {message}", self.name());
        }
        self.reduction().weighted(&losses, weights, self.counts(target).as_ref())
    }

    /// Whether the target fits an output of the given shape, and holds what the loss can work with. Unless implemented,
    /// values must have the shape of the output, and labels must be as many.
    ///
    /// # Errors
    /// What was given and what was expected.
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        target::fits(output, target)
    }
}

impl<L: Loss + ?Sized> Loss for Box<L> {
    fn name(&self) -> &'static str {
        (**self).name()
    }
    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        (**self).each(output, target)
    }
    fn reduction(&self) -> Reduction {
        (**self).reduction()
    }
    fn counts(&self, target: &Target) -> Option<Tensor> {
        (**self).counts(target)
    }
    #[track_caller]
    fn value(&self, output: &Output, target: &Target) -> Tensor {
        (**self).value(output, target)
    }
    #[track_caller]
    fn weighted_value(&self, output: &Output, target: &Target, weights: &Tensor) -> Tensor {
        (**self).weighted_value(output, target, weights)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        (**self).check(output, target)
    }
}
