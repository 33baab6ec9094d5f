//! The cross-entropy of yes-or-no questions.

use wengert_tensor::{Shape, Target, Tensor};

use super::floor::{clipped, ln, logits};
use super::settings::settings;
use super::target::{Allowed, fits, mean_of_entry, numbers};
use crate::{Activation, Loss, Output, Reduction};

/// The last activations whose input are logits.
const ENDS: [Activation; 2] = [Activation::Sigmoid, Activation::LogSigmoid];

/// The mean cross-entropy between probabilities of yes and the answers, which are from 0 to 1.
///
/// `l = -Σ (t ln p + (1 - t) ln(1 - p)) / n`
///
/// Where the model ends in a logistic function, the loss is computed on what goes into it, so that it is exact however sure
/// the model is. On other probabilities it is exact as well, down to the smallest number. (Keras clips them at 1e-7, PyTorch
/// the logarithm at -100.) PyTorch's `BCEWithLogitsLoss` is [`from_logits`](BinaryCrossentropy::from_logits).
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, BinaryCrossentropy, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[500.0], [-500.0]]), activation: Activation::Sigmoid };
/// let loss = BinaryCrossentropy::new().value(&output, &Target::from(Tensor::from([[1.0], [1.0]])));
/// assert_eq!(loss.item(), 250.0);
/// ```
#[doc(alias("BCELoss", "BCEWithLogitsLoss"))]
#[derive(Clone, Copy, Debug)]
pub struct BinaryCrossentropy {
    from_logits: bool,
    keras_exact: bool,
    smoothing: f64,
    positive_weight: f64,
    reduction: Reduction,
}
settings!(BinaryCrossentropy, from_logits, keras_exact, label_smoothing);

impl Default for BinaryCrossentropy {
    fn default() -> Self {
        BinaryCrossentropy {
            from_logits: false,
            keras_exact: false,
            smoothing: 0.0,
            positive_weight: 1.0,
            reduction: Reduction::Mean,
        }
    }
}

impl BinaryCrossentropy {
    /// With a factor at the term of yes, for answers that are seldom yes: PyTorch's `pos_weight`.
    ///
    /// # Panics
    /// If it is negative.
    #[track_caller]
    pub fn positive_weight(self, weight: f64) -> Self {
        assert!(weight >= 0.0, "positive_weight: the weight is {weight}, expected at least 0");
        BinaryCrossentropy { positive_weight: weight, ..self }
    }
}

impl Loss for BinaryCrossentropy {
    fn name(&self) -> &'static str {
        "binary_crossentropy"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let t = smoothed(&numbers(self, &output.raw, target), self.smoothing);
        let answers = Answers::of(output, self.from_logits, self.keras_exact);
        mean_of_entry(&answers.cross_entropy(&t, self.positive_weight))
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        fits(output, target)?;
        Allowed::Shares.check(target)
    }
}

/// Targets mixed with a share of ½.
#[track_caller]
pub(super) fn smoothed(t: &Tensor, share: f64) -> Tensor {
    if share == 0.0 { t.clone() } else { t * (1.0 - share) + share / 2.0 }
}

/// What a model says to yes-or-no questions.
pub(super) enum Answers {
    /// How probable yes is over no, as a logarithm.
    Logits(Tensor),
    /// The probability of yes.
    Shares(Tensor),
    /// The same, kept from 0 and 1 as in Keras.
    Clipped(Tensor),
}

impl Answers {
    #[track_caller]
    pub(super) fn of(output: &Output, from_logits: bool, keras_exact: bool) -> Answers {
        if keras_exact && !from_logits {
            return Answers::Clipped(clipped(&output.value()));
        }
        match logits(output, ENDS, from_logits) {
            Some(x) => Answers::Logits(x),
            None => Answers::Shares(output.value()),
        }
    }

    /// The cross-entropy of each answer, with a factor at the term of yes.
    #[track_caller]
    pub(super) fn cross_entropy(&self, t: &Tensor, positive_weight: f64) -> Tensor {
        let (yes, no) = match self {
            Answers::Logits(x) if positive_weight == 1.0 => return x.binary_cross_entropy_elements(t),
            Answers::Logits(x) => ((-x).softplus(), x.softplus()),
            Answers::Shares(p) => (-ln(p), -ln(&(1.0 - p))),
            Answers::Clipped(p) => (-p.ln(), -(1.0 - p).ln()),
        };
        // What is not asked for does not count, even if it is infinite.
        (t * positive_weight).guarded_mul(&yes) + (1.0 - t).guarded_mul(&no)
    }

    /// The probability of what is not so.
    #[track_caller]
    pub(super) fn wrong(&self, t: &Tensor) -> Tensor {
        let (yes, no) = match self {
            Answers::Logits(x) => (x.sigmoid(), (-x).sigmoid()),
            Answers::Shares(p) | Answers::Clipped(p) => (p.clone(), 1.0 - p),
        };
        t * no + (1.0 - t) * yes
    }
}
