//! Losses: how far an output is from its target, as one number to be made small.

use std::fmt::Debug;

use wengert_tensor::{Shape, Target, Tensor};

use crate::{Activation, Output};

/// A loss function of a batch.
pub trait Loss: Debug + Send + Sync {
    /// The name, as Keras spells it.
    fn name(&self) -> &'static str;

    /// The mean loss over the batch, of shape `[]`.
    ///
    /// # Panics
    /// If [`check`](Loss::check) refuses the target.
    #[track_caller]
    fn value(&self, output: &Output, target: &Target) -> Tensor;

    /// Whether the target fits an output of the given shape.
    ///
    /// # Errors
    /// What was given and what was expected.
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String>;
}

impl<L: Loss + ?Sized> Loss for Box<L> {
    fn name(&self) -> &'static str {
        (**self).name()
    }
    #[track_caller]
    fn value(&self, output: &Output, target: &Target) -> Tensor {
        (**self).value(output, target)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        (**self).check(output, target)
    }
}

/// The mean of the squared differences.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, MeanSquaredError, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([10.0, 8.0, 6.0]), activation: Activation::Linear };
/// let loss = MeanSquaredError::new().value(&output, &Target::from(Tensor::from([20.0, 3.0, 1.0])));
/// assert_eq!(loss.item(), 50.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanSquaredError {}

impl MeanSquaredError {
    /// The loss.
    pub fn new() -> Self {
        MeanSquaredError {}
    }
}

impl Loss for MeanSquaredError {
    fn name(&self) -> &'static str {
        "mean_squared_error"
    }

    #[track_caller]
    fn value(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        if let Err(message) = self.check(y.shape(), target) {
            panic!("{}: {message}", self.name());
        }
        match target {
            Target::Values(values) => y.mean_squared_error(values),
            Target::Labels(labels) => {
                let values: Vec<f64> = labels.iter().map(|label| label as f64).collect();
                let dtype = y.dtype();
                y.mean_squared_error(&Tensor::new(values, *y.shape()).cast(dtype))
            }
        }
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        match target {
            Target::Values(values) => same_shape(output, values.shape()),
            Target::Labels(labels) if labels.len() == output.size() => Ok(()),
            Target::Labels(labels) => {
                Err(format!("the target {} is not that of an output {output}", labels.shape()))
            }
        }
    }
}

/// The cross-entropy between a distribution over classes and its target, which is a probability for each class.
///
/// Where the model ends in a softmax, the loss is computed on what goes into it, so that it is exact however sure the
/// model is. (Keras computes it on the clipped probabilities.)
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, CategoricalCrossentropy, Loss, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[0.0, 500.0]]), activation: Activation::Softmax };
/// let loss = CategoricalCrossentropy::new().value(&output, &Target::from(Tensor::from([[1.0, 0.0]])));
/// assert_eq!(loss.item(), 500.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CategoricalCrossentropy {
    from_logits: bool,
}

impl CategoricalCrossentropy {
    /// The loss on probabilities, or on what goes into a final softmax.
    pub fn new() -> Self {
        CategoricalCrossentropy { from_logits: false }
    }

    /// For a model that ends in logits, with no softmax.
    pub fn from_logits(self) -> Self {
        CategoricalCrossentropy { from_logits: true }
    }
}

impl Loss for CategoricalCrossentropy {
    fn name(&self) -> &'static str {
        "categorical_crossentropy"
    }

    #[track_caller]
    fn value(&self, output: &Output, target: &Target) -> Tensor {
        if let Err(message) = self.check(output.raw.shape(), target) {
            panic!("{}: {message}", self.name());
        }
        cross_entropy(output, target, self.from_logits)
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        match target {
            Target::Values(values) => same_shape(output, values.shape()),
            Target::Labels(_) => {
                Err("the target holds labels; use SparseCategoricalCrossentropy, or one-hot values"
                    .to_string())
            }
        }
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
#[derive(Clone, Copy, Debug, Default)]
pub struct SparseCategoricalCrossentropy {
    from_logits: bool,
}

impl SparseCategoricalCrossentropy {
    /// The loss on probabilities, or on what goes into a final softmax.
    pub fn new() -> Self {
        SparseCategoricalCrossentropy { from_logits: false }
    }

    /// For a model that ends in logits, with no softmax.
    pub fn from_logits(self) -> Self {
        SparseCategoricalCrossentropy { from_logits: true }
    }
}

impl Loss for SparseCategoricalCrossentropy {
    fn name(&self) -> &'static str {
        "sparse_categorical_crossentropy"
    }

    #[track_caller]
    fn value(&self, output: &Output, target: &Target) -> Tensor {
        if let Err(message) = self.check(output.raw.shape(), target) {
            panic!("{}: {message}", self.name());
        }
        cross_entropy(output, target, self.from_logits)
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        let Target::Labels(labels) = target else {
            let hint = "use CategoricalCrossentropy for probabilities, or `to_labels` for class numbers";
            return Err(format!("the target holds values, not labels; {hint}"));
        };
        let Some((&n_classes, rows)) = output.split_last() else {
            return Err("the output has no axis of classes".to_string());
        };
        if labels.shape()[..] != *rows {
            return Err(format!(
                "the labels {} are not one for each row of the output {output}",
                labels.shape()
            ));
        }
        match labels.iter().enumerate().find(|&(_, label)| label >= n_classes) {
            Some((row, label)) => {
                Err(format!("label {label} in row {row} is not one of the {n_classes} classes"))
            }
            None => Ok(()),
        }
    }
}

fn same_shape(output: &Shape, target: &Shape) -> Result<(), String> {
    if output == target {
        Ok(())
    } else {
        Err(format!("the target {target} does not have the output's shape {output}"))
    }
}

#[track_caller]
fn cross_entropy(output: &Output, target: &Target, from_logits: bool) -> Tensor {
    if output.activation == Activation::Softmax || from_logits {
        return output.raw.cross_entropy(target);
    }
    cross_entropy_of_probabilities(&output.value(), target)
}

/// Keras' rule for probabilities: they are divided by their sum, and kept from 0 by [`SMALLEST`].
#[track_caller]
fn cross_entropy_of_probabilities(p: &Tensor, target: &Target) -> Tensor {
    let p = p / p.sum_keep(-1);
    let logarithm = p.greater(SMALLEST).select(&p, SMALLEST).ln();
    let weights = match target {
        Target::Values(values) => values.clone(),
        Target::Labels(labels) => Tensor::one_hot(labels, p.shape()[p.rank() - 1]),
    };
    -(logarithm * weights).sum_axes(-1).mean()
}

/// The smallest probability whose logarithm is taken.
const SMALLEST: f64 = 1e-7;
