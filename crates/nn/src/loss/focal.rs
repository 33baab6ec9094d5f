//! Cross-entropies that care less for what is nearly right, so that the many easy examples do not drown the few hard ones.

use wengert_tensor::{Shape, Target, Tensor};

use super::binary::{self, Answers};
use super::categorical::{self, Choice};
use super::floor::ln;
use super::settings::settings;
use super::target::{Allowed, fits, mean_of_entry, numbers, same_shape, values};
use crate::{Loss, Output, Reduction};

/// The binary cross-entropy, times the probability of the wrong answer to the power of `gamma` (2).
///
/// `l = Σ (1 - q)ᵞ b / n`, with the cross-entropy `b` and the probability `q = t p + (1 - t) (1 - p)` of what is so
///
/// Logits and probabilities are treated as in [`BinaryCrossentropy`](crate::BinaryCrossentropy). The factor `alpha`, which
/// is the paper's 0.25, is only there if it is asked for, as in Keras.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, BinaryFocalCrossentropy, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[0.0], [500.0]]), activation: Activation::Sigmoid };
/// let losses = BinaryFocalCrossentropy::new().each(&output, &Target::from(Tensor::from([[1.0], [0.0]])));
/// assert_eq!(losses.to_vec::<f32>(), [2.0_f32.ln() / 4.0, 500.0]);
/// ```
///
/// # References
/// T.-Y. Lin et al., Focal loss for dense object detection, 2017, equations 4 and 5.
#[derive(Clone, Copy, Debug)]
pub struct BinaryFocalCrossentropy {
    gamma: f64,
    alpha: Option<f64>,
    from_logits: bool,
    keras_exact: bool,
    smoothing: f64,
    reduction: Reduction,
}
settings!(BinaryFocalCrossentropy, from_logits, keras_exact, label_smoothing);

impl Default for BinaryFocalCrossentropy {
    fn default() -> Self {
        BinaryFocalCrossentropy {
            gamma: 2.0,
            alpha: None,
            from_logits: false,
            keras_exact: false,
            smoothing: 0.0,
            reduction: Reduction::Mean,
        }
    }
}

impl BinaryFocalCrossentropy {
    /// With another exponent; 0 gives the cross-entropy.
    ///
    /// # Panics
    /// If it is negative.
    #[track_caller]
    pub fn gamma(self, gamma: f64) -> Self {
        check_gamma(gamma);
        BinaryFocalCrossentropy { gamma, ..self }
    }

    /// With the factor `alpha` for yes and `1 - alpha` for no: Keras' `apply_class_balancing`.
    ///
    /// # Panics
    /// If it does not lie between 0 and 1.
    #[track_caller]
    pub fn alpha(self, alpha: f64) -> Self {
        assert!((0.0..=1.0).contains(&alpha), "alpha: the factor is {alpha}, expected 0 to 1");
        BinaryFocalCrossentropy { alpha: Some(alpha), ..self }
    }
}

impl Loss for BinaryFocalCrossentropy {
    fn name(&self) -> &'static str {
        "binary_focal_crossentropy"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let t = binary::smoothed(&numbers(self, &output.raw, target), self.smoothing);
        let answers = Answers::of(output, self.from_logits, self.keras_exact);
        let terms = answers.wrong(&t).powf(self.gamma) * answers.cross_entropy(&t, 1.0);
        mean_of_entry(&match self.alpha {
            Some(alpha) => (&t * alpha + (1.0 - &t) * (1.0 - alpha)) * terms,
            None => terms,
        })
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        fits(output, target)?;
        Allowed::Shares.check(target)
    }
}

/// The categorical cross-entropy, where the term of each class has the factor `alpha` (0.25) and that of what is missing to
/// its probability, to the power of `gamma` (2).
///
/// `l = -alpha Σⱼ tⱼ (1 - pⱼ)ᵞ ln pⱼ`
///
/// Logits and probabilities are treated as in [`CategoricalCrossentropy`](crate::CategoricalCrossentropy).
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, CategoricalFocalCrossentropy, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[500.0, -500.0]]), activation: Activation::Softmax };
/// let loss = CategoricalFocalCrossentropy::new().value(&output, &Target::from(Tensor::from([[0.0, 1.0]])));
/// assert_eq!(loss.item(), 250.0);
/// ```
///
/// # References
/// T.-Y. Lin et al., Focal loss for dense object detection, 2017, equation 5.
#[derive(Clone, Copy, Debug)]
pub struct CategoricalFocalCrossentropy {
    gamma: f64,
    alpha: f64,
    from_logits: bool,
    keras_exact: bool,
    smoothing: f64,
    reduction: Reduction,
}
settings!(CategoricalFocalCrossentropy, from_logits, keras_exact, label_smoothing);

impl Default for CategoricalFocalCrossentropy {
    fn default() -> Self {
        CategoricalFocalCrossentropy {
            gamma: 2.0,
            alpha: 0.25,
            from_logits: false,
            keras_exact: false,
            smoothing: 0.0,
            reduction: Reduction::Mean,
        }
    }
}

impl CategoricalFocalCrossentropy {
    /// With another exponent.
    ///
    /// # Panics
    /// If it is negative.
    #[track_caller]
    pub fn gamma(self, gamma: f64) -> Self {
        check_gamma(gamma);
        CategoricalFocalCrossentropy { gamma, ..self }
    }

    /// With another factor.
    ///
    /// # Panics
    /// If it is negative.
    #[track_caller]
    pub fn alpha(self, alpha: f64) -> Self {
        assert!(alpha >= 0.0, "alpha: the factor is {alpha}, expected at least 0");
        CategoricalFocalCrossentropy { alpha, ..self }
    }
}

impl Loss for CategoricalFocalCrossentropy {
    fn name(&self) -> &'static str {
        "categorical_focal_crossentropy"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let t = categorical::smoothed(&numbers(self, &output.raw, target), self.smoothing);
        let (missing, logarithm) = match Choice::of(output, self.from_logits, self.keras_exact) {
            Choice::Logits(x) => {
                let logarithm = x.log_softmax(-1);
                // 1 - p, with the digits that p near 1 does not have.
                (-logarithm.expm1(), logarithm)
            }
            Choice::Shares(p) => (1.0 - &p, ln(&p)),
            Choice::Clipped(p) => (1.0 - &p, p.ln()),
        };
        t.guarded_mul(&(missing.powf(self.gamma) * logarithm)).sum_axes(-1) * -self.alpha
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        same_shape(output, values(target)?.shape())?;
        Allowed::Shares.check(target)
    }
}

#[track_caller]
fn check_gamma(gamma: f64) {
    assert!(gamma >= 0.0, "gamma: the exponent is {gamma}, expected at least 0");
}
