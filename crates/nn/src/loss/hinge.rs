//! Losses of a margin: nothing is lost by what is right by more than 1.

use wengert_tensor::{Shape, Target, Tensor};

use super::settings::settings;
use super::target::{Allowed, fits, mean_of_entry, numbers, same_shape, values};
use crate::{Loss, Output, Reduction};

/// The mean of what is missing to a margin of 1. Targets are -1 and 1, or 0 and 1, which means the same.
///
/// `l = Σ max(1 - t y, 0) / n`
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Hinge, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([2.0, 0.5]), activation: Activation::Linear };
/// assert_eq!(Hinge::new().value(&output, &Target::from(Tensor::from([1.0, -1.0]))).item(), 0.75);
/// assert_eq!(Hinge::new().value(&output, &Target::from(Tensor::from([1.0, 0.0]))).item(), 0.75);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Hinge {
    reduction: Reduction,
}
settings!(Hinge);

impl Loss for Hinge {
    fn name(&self) -> &'static str {
        "hinge"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        mean_of_entry(&missing(self, output, target))
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        fits(output, target)?;
        Allowed::Signs.check(target)
    }
}

/// The mean of the squares of what is missing to a margin of 1: [`Hinge`] without a kink.
///
/// `l = Σ max(1 - t y, 0)² / n`
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, Output, SquaredHinge};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([2.0, 0.5]), activation: Activation::Linear };
/// assert_eq!(SquaredHinge::new().value(&output, &Target::from(Tensor::from([1.0, -1.0]))).item(), 1.125);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SquaredHinge {
    reduction: Reduction,
}
settings!(SquaredHinge);

impl Loss for SquaredHinge {
    fn name(&self) -> &'static str {
        "squared_hinge"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        mean_of_entry(&missing(self, output, target).square())
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        fits(output, target)?;
        Allowed::Signs.check(target)
    }
}

/// What is missing of each element to a margin of 1.
#[track_caller]
fn missing(loss: &dyn Loss, output: &Output, target: &Target) -> Tensor {
    let y = output.value();
    let signs = signs(&numbers(loss, &y, target));
    (1.0 - signs * y).relu()
}

/// Targets of 0 as -1. (Keras asks whether a whole batch is of 0 and 1, which comes to the same for one of -1 and 1.)
#[track_caller]
pub(super) fn signs(target: &Tensor) -> Tensor {
    target.equal(0.0).select(-1.0, target)
}

/// How far the true class is from being ahead of every other by 1. The target is one-hot.
///
/// `l = max(1 + max (1 - t) y - Σ t y, 0)`
///
/// As in Keras the maximum is never below 0, since the true class takes part in it with 0.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, CategoricalHinge, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[3.0, 2.5, 1.0]]), activation: Activation::Linear };
/// let loss = CategoricalHinge::new().value(&output, &Target::from(Tensor::from([[1.0, 0.0, 0.0]])));
/// assert_eq!(loss.item(), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CategoricalHinge {
    reduction: Reduction,
}
settings!(CategoricalHinge);

impl Loss for CategoricalHinge {
    fn name(&self) -> &'static str {
        "categorical_hinge"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        let t = numbers(self, &y, target);
        let right = (&t * &y).sum_axes(-1);
        let wrong = ((1.0 - t) * y).max_axes(-1);
        (wrong - right + 1.0).relu()
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        same_shape(output, values(target)?.shape())?;
        Allowed::Shares.check(target)
    }
}
