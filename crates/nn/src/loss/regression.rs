//! Losses of regression: means of squared and absolute differences, of the numbers, their shares or their logarithms.

use wengert_tensor::{Shape, Target, Tensor};

use super::floor::EPSILON;
use super::settings::settings;
use super::target::{Allowed, fits, mean_of_entry, numbers};
use crate::{Loss, Output, Reduction};

/// The mean of the squared differences.
///
/// `l = Σ (y - t)² / n`
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, MeanSquaredError, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([10.0, 8.0, 6.0]), activation: Activation::Linear };
/// let loss = MeanSquaredError::new().value(&output, &Target::from(Tensor::from([20.0, 3.0, 1.0])));
/// assert_eq!(loss.item(), 50.0);
/// ```
#[doc(alias("mse", "MSELoss"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanSquaredError {
    reduction: Reduction,
}
settings!(MeanSquaredError);

impl Loss for MeanSquaredError {
    fn name(&self) -> &'static str {
        "mean_squared_error"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        mean_of_entry(&(&y - numbers(self, &y, target)).square())
    }

    #[track_caller]
    fn value(&self, output: &Output, target: &Target) -> Tensor {
        if self.reduction == Reduction::Sum {
            return self.each(output, target).sum();
        }
        // One operation, with the same value as the mean of means.
        let y = output.value();
        y.mean_squared_error(&numbers(self, &y, target))
    }
}

/// The mean of the absolute differences; the derivative where there is none is 0.
///
/// `l = Σ |y - t| / n`
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, MeanAbsoluteError, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([10.0, 8.0, 6.0]), activation: Activation::Linear };
/// let loss = MeanAbsoluteError::new().value(&output, &Target::from(Tensor::from([20.0, 6.0, 9.0])));
/// assert_eq!(loss.item(), 5.0);
/// ```
#[doc(alias("mae", "L1Loss"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanAbsoluteError {
    reduction: Reduction,
}
settings!(MeanAbsoluteError);

impl Loss for MeanAbsoluteError {
    fn name(&self) -> &'static str {
        "mean_absolute_error"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        mean_of_entry(&(&y - numbers(self, &y, target)).abs())
    }
}

/// The mean of the absolute differences in percent of the target, which is kept from 0 by 1e-7.
///
/// `l = 100 Σ |y - t| / max(|t|, 1e-7) / n`
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, MeanAbsolutePercentageError, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([3.0, 4.0]), activation: Activation::Linear };
/// let loss = MeanAbsolutePercentageError::new().value(&output, &Target::from(Tensor::from([4.0, -4.0])));
/// assert_eq!(loss.item(), 112.5);
/// ```
#[doc(alias("mape"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanAbsolutePercentageError {
    reduction: Reduction,
}
settings!(MeanAbsolutePercentageError);

impl Loss for MeanAbsolutePercentageError {
    fn name(&self) -> &'static str {
        "mean_absolute_percentage_error"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        let t = numbers(self, &y, target);
        mean_of_entry(&((y - &t) / t.abs().clamp(EPSILON, f64::INFINITY)).abs()) * 100.0
    }
}

/// The mean of the squared differences of logarithms: how far numbers are apart in proportion. What is negative counts as
/// 0. (Keras counts what is below 1e-7 as that: [`keras_exact`](MeanSquaredLogarithmicError::keras_exact).)
///
/// `l = Σ (ln(1 + max(y, 0)) - ln(1 + t))² / n`
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, MeanSquaredLogarithmicError, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([1.0, 0.0]), activation: Activation::Linear };
/// let loss = MeanSquaredLogarithmicError::new().value(&output, &Target::from(Tensor::from([3.0, 0.0])));
/// assert!((loss.item() - 2.0_f64.ln().powi(2) / 2.0).abs() < 1e-7);
/// ```
#[doc(alias("msle"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanSquaredLogarithmicError {
    keras_exact: bool,
    reduction: Reduction,
}
settings!(MeanSquaredLogarithmicError);

impl MeanSquaredLogarithmicError {
    /// With the arithmetic of Keras, which counts what is below 1e-7 as that.
    pub fn keras_exact(self) -> Self {
        MeanSquaredLogarithmicError { keras_exact: true, ..self }
    }

    /// The logarithm of 1 more than a number that is not negative.
    #[track_caller]
    fn logarithm(&self, x: &Tensor) -> Tensor {
        if self.keras_exact {
            (x.clamp(EPSILON, f64::INFINITY) + 1.0).ln()
        } else {
            x.clamp(0.0, f64::INFINITY).ln_1p()
        }
    }
}

impl Loss for MeanSquaredLogarithmicError {
    fn name(&self) -> &'static str {
        "mean_squared_logarithmic_error"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        let t = numbers(self, &y, target);
        mean_of_entry(&(self.logarithm(&y) - self.logarithm(&t)).square())
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        fits(output, target)?;
        Allowed::NotNegative.check(target)
    }
}
