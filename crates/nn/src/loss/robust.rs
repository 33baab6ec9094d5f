//! Losses of regression that outliers do not carry away: about half the square near 0, and linear far from it.

use wengert_tensor::{Target, Tensor};

use super::settings::settings;
use super::target::{mean_of_entry, numbers};
use crate::{Loss, Output, Reduction};

/// The mean of Huber's penalty of the differences: half the square up to `delta` (1), the tangent from there on.
///
/// `l = Σ h(y - t) / n`, with `h` as in [`Tensor::huber`]
///
/// PyTorch's `HuberLoss` is the same; its `SmoothL1Loss(beta)` is that of `delta = beta`, divided by it.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Huber, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([1.0, 10.0]), activation: Activation::Linear };
/// let target = Target::from(Tensor::zeros([2]));
/// assert_eq!(Huber::new().value(&output, &target).item(), 5.0);
/// assert_eq!(Huber::new().delta(2.0).value(&output, &target).item(), 9.25);
/// ```
///
/// # References
/// P. J. Huber, Robust estimation of a location parameter, 1964.
#[doc(alias("HuberLoss", "SmoothL1Loss"))]
#[derive(Clone, Copy, Debug)]
pub struct Huber {
    delta: f64,
    reduction: Reduction,
}
settings!(Huber);

impl Default for Huber {
    fn default() -> Self {
        Huber { delta: 1.0, reduction: Reduction::Mean }
    }
}

impl Huber {
    /// With another place from which on the loss is linear.
    ///
    /// # Panics
    /// If it is not positive.
    #[track_caller]
    pub fn delta(self, delta: f64) -> Self {
        assert!(delta > 0.0, "huber: delta is {delta}, expected more than 0");
        Huber { delta, ..self }
    }
}

impl Loss for Huber {
    fn name(&self) -> &'static str {
        "huber"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        mean_of_entry(&(&y - numbers(self, &y, target)).huber(self.delta))
    }
}

/// The mean of the logarithm of the hyperbolic cosine of the differences.
///
/// `l = Σ ln cosh(y - t) / n`
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, LogCosh, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([1000.0]), activation: Activation::Linear };
/// let loss = LogCosh::new().value(&output, &Target::from(Tensor::zeros([1])));
/// assert_eq!(loss.to_vec::<f32>(), [1000.0 - 2.0_f32.ln()]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LogCosh {
    reduction: Reduction,
}
settings!(LogCosh);

impl Loss for LogCosh {
    fn name(&self) -> &'static str {
        "log_cosh"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        mean_of_entry(&(&y - numbers(self, &y, target)).log_cosh())
    }
}
