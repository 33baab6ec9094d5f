//! The cross-entropy of a choice among classes, whose target is a probability for each or the number of the true one.

use std::sync::Arc;

use wengert_tensor::{DType, Shape, Target, Tensor};

use super::floor::{clipped, ln, logits};
use super::settings::settings;
use super::target::{Allowed, same_shape};
use crate::{Activation, Loss, Output, Reduction};

/// The last activations whose input are logits.
const ENDS: [Activation; 2] = [Activation::Softmax, Activation::LogSoftmax];

/// The cross-entropy between a distribution over classes and its target, which is a probability for each class.
///
/// `l = -Σⱼ tⱼ ln pⱼ`
///
/// Where the model ends in a softmax, the loss is computed on what goes into it, so that it is exact however sure the
/// model is. (Keras computes it on the clipped probabilities.) Other probabilities are divided by their sum first, as in
/// Keras. PyTorch's `CrossEntropyLoss` is [`from_logits`](CategoricalCrossentropy::from_logits).
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, CategoricalCrossentropy, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[0.0, 500.0]]), activation: Activation::Softmax };
/// let loss = CategoricalCrossentropy::new().value(&output, &Target::from(Tensor::from([[1.0, 0.0]])));
/// assert_eq!(loss.item(), 500.0);
/// ```
#[doc(alias("CrossEntropyLoss"))]
#[derive(Clone, Debug, Default)]
pub struct CategoricalCrossentropy {
    from_logits: bool,
    keras_exact: bool,
    smoothing: f64,
    class_weights: Option<Arc<[f64]>>,
    reduction: Reduction,
}
settings!(CategoricalCrossentropy, from_logits, keras_exact, label_smoothing, class_weights);

impl Loss for CategoricalCrossentropy {
    fn name(&self) -> &'static str {
        "categorical_crossentropy"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let weights = self.class_weights.as_deref();
        if let Err(message) = classes(target, output.raw.shape(), weights) {
            panic!("{}: {message}", self.name());
        }
        let n_classes = n_classes(output.raw.shape());
        let t = distribution(target, n_classes, output.raw.dtype());
        let t = weighted(&smoothed(&t, self.smoothing), weights);
        cross_entropy(output, &t.into(), self.from_logits, self.keras_exact)
    }

    fn counts(&self, target: &Target) -> Option<Tensor> {
        counts(target, self.class_weights.as_deref()?)
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        classes(target, output, self.class_weights.as_deref())?;
        Allowed::Shares.check(target)
    }
}

/// [`CategoricalCrossentropy`] for targets that are labels: the number of the true class.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, Output, SparseCategoricalCrossentropy};
/// use wengert_tensor::{Indices, Target, Tensor};
/// let output = Output { raw: Tensor::from([[0.0, 500.0]]), activation: Activation::Softmax };
/// let loss = SparseCategoricalCrossentropy::new().value(&output, &Target::from(Indices::from([0])));
/// assert_eq!(loss.item(), 500.0);
/// ```
#[doc(alias("CrossEntropyLoss", "NLLLoss"))]
#[derive(Clone, Debug, Default)]
pub struct SparseCategoricalCrossentropy {
    from_logits: bool,
    keras_exact: bool,
    smoothing: f64,
    class_weights: Option<Arc<[f64]>>,
    reduction: Reduction,
}
settings!(SparseCategoricalCrossentropy, from_logits, keras_exact, label_smoothing, class_weights);

impl Loss for SparseCategoricalCrossentropy {
    fn name(&self) -> &'static str {
        "sparse_categorical_crossentropy"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        if let Err(message) = self.check(output.raw.shape(), target) {
            panic!("{}: {message}", self.name());
        }
        let weights = self.class_weights.as_deref();
        if self.smoothing == 0.0 && weights.is_none() {
            return cross_entropy(output, target, self.from_logits, self.keras_exact);
        }
        let t = distribution(target, n_classes(output.raw.shape()), output.raw.dtype());
        let t = weighted(&smoothed(&t, self.smoothing), weights);
        cross_entropy(output, &t.into(), self.from_logits, self.keras_exact)
    }

    fn counts(&self, target: &Target) -> Option<Tensor> {
        counts(target, self.class_weights.as_deref()?)
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        labels(target, output)?;
        of_classes(self.class_weights.as_deref(), output)
    }
}

/// Whether there is a probability for each class.
fn classes(target: &Target, output: &Shape, weights: Option<&[f64]>) -> Result<(), String> {
    match target {
        Target::Values(values) => same_shape(output, values.shape())?,
        Target::Labels(_) => {
            return Err(
                "the target holds labels; use SparseCategoricalCrossentropy, or one-hot values".to_string()
            );
        }
    }
    if output.is_empty() {
        return Err("the output has no axis of classes".to_string());
    }
    of_classes(weights, output)
}

/// Whether there is a label for each row, and each is that of a class.
fn labels(target: &Target, output: &Shape) -> Result<(), String> {
    let Target::Labels(labels) = target else {
        let hint = "use CategoricalCrossentropy for probabilities, or `to_labels` for class numbers";
        return Err(format!("the target holds values, not labels; {hint}"));
    };
    let Some((&n_classes, rows)) = output.split_last() else {
        return Err("the output has no axis of classes".to_string());
    };
    if labels.shape()[..] != *rows {
        return Err(format!("the labels {} are not one for each row of the output {output}", labels.shape()));
    }
    match labels.iter().enumerate().find(|&(_, label)| label >= n_classes) {
        Some((row, label)) => {
            Err(format!("label {label} in row {row} is not one of the {n_classes} classes"))
        }
        None => Ok(()),
    }
}

/// Whether there is a weight for each class.
fn of_classes(weights: Option<&[f64]>, output: &Shape) -> Result<(), String> {
    match weights {
        Some(weights) if weights.len() != n_classes(output) => Err(format!(
            "{} class weights were given, but the output {output} has other classes",
            weights.len()
        )),
        _ => Ok(()),
    }
}

fn n_classes(output: &Shape) -> usize {
    output.last().copied().unwrap_or(1)
}

/// The target as a probability for each class, at least in the given dtype.
#[track_caller]
fn distribution(target: &Target, n_classes: usize, dtype: DType) -> Tensor {
    match target {
        Target::Values(values) => values.cast(values.dtype().max(dtype)),
        Target::Labels(labels) => Tensor::one_hot(labels, n_classes).cast(dtype),
    }
}

/// Targets mixed with a share of the uniform distribution.
#[track_caller]
pub(super) fn smoothed(t: &Tensor, share: f64) -> Tensor {
    if share == 0.0 { t.clone() } else { t * (1.0 - share) + share / n_classes(t.shape()) as f64 }
}

#[track_caller]
fn weighted(t: &Tensor, weights: Option<&[f64]>) -> Tensor {
    match weights {
        Some(weights) => t * Tensor::new(weights.to_vec(), [weights.len()]).cast(t.dtype()),
        None => t.clone(),
    }
}

/// The weight of the true class of each row.
fn counts(target: &Target, weights: &[f64]) -> Option<Tensor> {
    let t = distribution(target, weights.len(), DType::F64);
    Some(weighted(&t, Some(weights)).sum_axes(-1))
}

/// The cross-entropy of each row. The target need not add to 1.
#[track_caller]
fn cross_entropy(output: &Output, target: &Target, from_logits: bool, keras_exact: bool) -> Tensor {
    match Choice::of(output, from_logits, keras_exact) {
        Choice::Logits(x) => x.cross_entropy_rows(target),
        Choice::Shares(p) => expected(&-ln(&p), target),
        Choice::Clipped(p) => expected(&-p.ln(), target),
    }
}

#[track_caller]
fn expected(losses: &Tensor, target: &Target) -> Tensor {
    let t = distribution(target, n_classes(losses.shape()), losses.dtype());
    t.guarded_mul(losses).sum_axes(-1)
}

/// What a model says to a choice among classes.
pub(super) enum Choice {
    /// Logarithms of probabilities, up to a number that all have in common.
    Logits(Tensor),
    /// Probabilities that add to 1.
    Shares(Tensor),
    /// The same, kept from 0 and 1 as in Keras.
    Clipped(Tensor),
}

impl Choice {
    #[track_caller]
    pub(super) fn of(output: &Output, from_logits: bool, keras_exact: bool) -> Choice {
        if keras_exact && !from_logits {
            return Choice::Clipped(clipped(&shares(&output.value())));
        }
        match logits(output, ENDS, from_logits) {
            Some(x) => Choice::Logits(x),
            None => Choice::Shares(shares(&output.value())),
        }
    }
}

#[track_caller]
fn shares(p: &Tensor) -> Tensor {
    p / p.sum_keep(-1)
}
