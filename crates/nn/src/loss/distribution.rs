//! Losses of models that put out the parameters of a distribution: its shares, its rate, its mean and variance.

use wengert_tensor::{Shape, Target, Tensor};

use super::floor::{EPSILON, ln, logits};
use super::settings::settings;
use super::target::{Allowed, fits, mean_of_entry, numbers, same_shape, values};
use crate::{Activation, Loss, Output, Reduction};

/// The Kullback-Leibler divergence of a distribution over classes from its target.
///
/// `l = Σⱼ tⱼ ln(tⱼ / pⱼ)`
///
/// Where the model ends in a softmax, the loss is computed on what goes into it. PyTorch's `KLDivLoss` takes logarithms of
/// probabilities, which are logits here, and its `"mean"` also divides by the number of classes: `"batchmean"` does not.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, KlDivergence, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[0.25, 0.75], [0.5, 0.5]]), activation: Activation::Linear };
/// let target = Target::from(Tensor::from([[0.25, 0.75], [0.0, 1.0]]));
/// assert_eq!(KlDivergence::new().each(&output, &target).to_vec::<f32>(), [0.0, 2.0_f32.ln()]);
/// ```
#[doc(alias("KLDivergence", "KLDivLoss"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct KlDivergence {
    from_logits: bool,
    keras_exact: bool,
    reduction: Reduction,
}
settings!(KlDivergence, from_logits, keras_exact);

impl Loss for KlDivergence {
    fn name(&self) -> &'static str {
        "kl_divergence"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let t = numbers(self, &output.raw, target);
        if self.keras_exact && !self.from_logits {
            let (t, p) = (t.clamp(EPSILON, 1.0), output.value().clamp(EPSILON, 1.0));
            return (&t * (&t / p).ln()).sum_axes(-1);
        }
        let ends = [Activation::Softmax, Activation::LogSoftmax];
        let logarithm = match logits(output, ends, self.from_logits) {
            Some(x) => x.log_softmax(-1),
            None => ln(&output.value()),
        };
        t.guarded_mul(&(t.ln() - logarithm)).sum_axes(-1)
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        same_shape(output, values(target)?.shape())?;
        Allowed::Shares.check(target)
    }
}

/// Minus the logarithm of the probability of counts whose rate is the output, without what does not depend on it.
///
/// `l = Σ (y - t ln y) / n`, or `Σ (eˣ - t x) / n` of logarithms of rates
///
/// Where the model ends in an exponential, the loss is computed on what goes into it. (Keras adds 1e-7 to the rate under the
/// logarithm. PyTorch's `PoissonNLLLoss` takes logarithms of rates unless it is told otherwise.)
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, Output, Poisson};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([0.0, -500.0]), activation: Activation::Exponential };
/// assert_eq!(Poisson::new().value(&output, &Target::from(Tensor::from([3.0, 1.0]))).item(), 250.5);
/// ```
#[doc(alias("PoissonNLLLoss"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Poisson {
    from_log_rates: bool,
    keras_exact: bool,
    reduction: Reduction,
}
settings!(Poisson);

impl Poisson {
    /// For a model that ends in logarithms of rates. A last exponential needs no word.
    pub fn from_log_rates(self) -> Self {
        Poisson { from_log_rates: true, ..self }
    }

    /// With the arithmetic of Keras, which adds 1e-7 to the rate under the logarithm.
    pub fn keras_exact(self) -> Self {
        Poisson { keras_exact: true, ..self }
    }
}

impl Loss for Poisson {
    fn name(&self) -> &'static str {
        "poisson"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let t = numbers(self, &output.raw, target);
        if self.keras_exact && !self.from_log_rates {
            let y = output.value();
            return mean_of_entry(&(&y - t * (&y + EPSILON).ln()));
        }
        let (rate, logarithm) = match logits(output, [Activation::Exponential; 2], self.from_log_rates) {
            Some(x) => (x.exp(), x),
            None => (output.value(), ln(&output.value())),
        };
        mean_of_entry(&(rate - t.guarded_mul(&logarithm)))
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        fits(output, target)?;
        Allowed::NotNegative.check(target)
    }
}

/// Minus the logarithm of the density of numbers whose means and variances are the output, without the constant.
///
/// `l = Σ (s + (t - m)² e⁻ˢ) / 2 n`, with the means `m` and the logarithms of the variances `s`
///
/// The logarithm makes every output a variance. PyTorch's `GaussianNLLLoss` has an input of its own for the variance itself:
/// see [`gaussian_nll`].
///
/// # Shape
/// An output `[..., 2 n]`, the means first; a target `[..., n]`.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, GaussianNll, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[3.0, 0.0], [3.0, 0.0]]), activation: Activation::Linear };
/// assert_eq!(GaussianNll::new().value(&output, &Target::from(Tensor::from([[3.0], [5.0]]))).item(), 1.0);
/// ```
///
/// # References
/// D. A. Nix, A. S. Weigend, Estimating the mean and variance of the target probability distribution, 1994.
#[doc(alias("GaussianNLLLoss"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct GaussianNll {
    reduction: Reduction,
}
settings!(GaussianNll);

impl Loss for GaussianNll {
    fn name(&self) -> &'static str {
        "gaussian_nll"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        let t = match self.check(y.shape(), target).and_then(|()| values(target)) {
            Ok(t) => t,
            Err(message) => panic!("{}: {message}", self.name()),
        };
        let half = y.shape()[y.rank() - 1] / 2;
        let (mean, logarithm) = (y.slice(-1, ..half), y.slice(-1, half..));
        // Half the logarithm, because e⁻ˢ is infinite long before the deviation is 0.
        let deviations = (t - mean) * (&logarithm * -0.5).exp();
        mean_of_entry(&((deviations.square() + logarithm) * 0.5))
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        let t = values(target)?.shape();
        match output.split_last() {
            Some((&n, rows)) if *t == *Shape::from(rows).push(n / 2) && n.is_multiple_of(2) => Ok(()),
            _ => Err(format!(
                "the output {output} does not hold a mean and a variance for each of the target {t}"
            )),
        }
    }
}

/// Minus the logarithm of the density of each number of a target under a normal distribution, without the constant.
///
/// `y = (ln v + (t - m)² / v) / 2`, where variances below 1e-6 count as that, as in PyTorch
///
/// # Shape
/// All broadcast.
///
/// # Panics
/// If the shapes do not broadcast.
///
/// # Examples
/// ```
/// use wengert_nn::gaussian_nll;
/// use wengert_tensor::Tensor;
/// let (mean, variance) = (Tensor::from([3.0]), Tensor::from([1.0]));
/// assert_eq!(gaussian_nll(&mean, &variance, &Tensor::from([5.0])).item(), 2.0);
/// ```
#[track_caller]
pub fn gaussian_nll(mean: &Tensor, variance: &Tensor, target: &Tensor) -> Tensor {
    let variance = variance.clamp(1e-6, f64::INFINITY);
    ((target - mean).square() / &variance + variance.ln()) * 0.5
}
