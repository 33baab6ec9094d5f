//! Metrics: numbers that tell people how good an output is. Training does not differentiate them; see
//! [`Loss`](wengert_nn::Loss) for what it does.

use std::fmt::Debug;

use wengert_nn::{Activation, Output};
use wengert_tensor::{Shape, Target};

/// A number that tells how good the output for a batch is.
///
/// # Examples
/// ```
/// use wengert_nn::Output;
/// use wengert_tensor::Target;
/// use wengert_train::Metric;
///
/// #[derive(Debug)]
/// struct LargestOutput;
///
/// impl Metric for LargestOutput {
///     fn name(&self) -> &str {
///         "largest_output"
///     }
///     fn value(&self, output: &Output, _: &Target) -> f64 {
///         output.value().max().item()
///     }
/// }
/// ```
pub trait Metric: Debug + Send + Sync {
    /// The name in reports and in the history, as Keras spells it.
    fn name(&self) -> &str;

    /// The mean over the rows of a batch, which is not empty. Neither output nor target is tracked.
    fn value(&self, output: &Output, target: &Target) -> f64;

    /// Whether the target fits an output of the given shape.
    ///
    /// # Errors
    /// What was given and what was expected.
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        let _ = (output, target);
        Ok(())
    }
}

/// The share of rows whose class is predicted right, 0 to 1.
///
/// What a class is follows from the shapes, as it does for Keras' `"accuracy"`: an output of one number per row says
/// 1 if it is more than 0.5, else 0; one of more numbers says the place of the largest. Targets of an output
/// `[..., n_classes]` are labels `[...]`, or rows whose largest number marks the class.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Indices, Target, Tensor};
/// use wengert_train::{Accuracy, Metric};
///
/// let output = Output { raw: Tensor::from([[0.1, 0.9], [0.8, 0.2]]), activation: Activation::Linear };
/// assert_eq!(Accuracy.value(&output, &Target::from(Indices::from([1, 1]))), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Accuracy;

impl Metric for Accuracy {
    fn name(&self) -> &str {
        "accuracy"
    }

    fn value(&self, output: &Output, target: &Target) -> f64 {
        let kind = match Kind::of(output.raw.shape(), target) {
            Ok(kind) => kind,
            Err(message) => panic!("accuracy: {message}"),
        };
        let (scores, threshold) = decisive(output);
        let truths = numbers(target);
        let says = |class: usize, truth: f64| class as f64 == truth;
        let (n_correct, n) = match kind {
            Kind::Binary => {
                let pairs = scores.iter().zip(&truths);
                (
                    pairs.filter(|&(&score, &truth)| says((score > threshold).into(), truth)).count(),
                    scores.len(),
                )
            }
            Kind::Sparse(n_classes) => {
                let pairs = scores.chunks_exact(n_classes).zip(&truths);
                (pairs.filter(|&(row, &truth)| says(largest(row), truth)).count(), truths.len())
            }
            Kind::Categorical(n_classes) => {
                let pairs = scores.chunks_exact(n_classes).zip(truths.chunks_exact(n_classes));
                (
                    pairs.filter(|(row, truth)| largest(row) == largest(truth)).count(),
                    scores.len() / n_classes,
                )
            }
        };
        n_correct as f64 / n as f64
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        Kind::of(output, target).map(|_| ())
    }
}

/// How classes are written down.
enum Kind {
    /// One number per row on both sides.
    Binary,
    /// So many scores per row, and a label.
    Sparse(usize),
    /// So many scores per row on both sides.
    Categorical(usize),
}

impl Kind {
    /// Keras' rule, `is_binary_or_sparse_categorical` in its `compile_utils.py`.
    fn of(output: &Shape, target: &Target) -> Result<Kind, String> {
        let truth = shape_of(target);
        let n_classes = if output.len() < 2 { 1 } else { output[output.len() - 1] };
        let is_sparse =
            matches!(target, Target::Labels(_)) || truth.len() < output.len() || truth.last() == Some(&1);
        let (kind, fits) = match n_classes {
            0 | 1 => (Kind::Binary, truth.size() == output.size()),
            _ if is_sparse => (Kind::Sparse(n_classes), truth.size() == output.size() / n_classes),
            _ => (Kind::Categorical(n_classes), truth == output),
        };
        if fits {
            Ok(kind)
        } else {
            Err(format!("the target {truth} does not tell the classes of an output {output}"))
        }
    }
}

/// Numbers whose order is that of the output, and the place of 0.5 among them. Where the last activation only grows,
/// what goes into it still tells apart what rounding makes equal.
fn decisive(output: &Output) -> (Vec<f64>, f64) {
    match output.activation {
        Activation::Sigmoid | Activation::LogSigmoid => (output.raw.to_vec(), 0.0),
        Activation::Softmax if output.raw.shape().last() != Some(&1) => (output.raw.to_vec(), 0.5),
        _ => (output.value().to_vec(), 0.5),
    }
}

/// The first place of the largest number.
fn largest(row: &[f64]) -> usize {
    let mut place = 0;
    for (index, x) in row.iter().enumerate() {
        if *x > row[place] {
            place = index;
        }
    }
    place
}

/// The mean of the absolute differences.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{MeanAbsoluteError, Metric};
///
/// let output = Output { raw: Tensor::from([10.0, 8.0, 6.0]), activation: Activation::Linear };
/// assert_eq!(MeanAbsoluteError.value(&output, &Target::from(Tensor::from([20.0, 6.0, 9.0]))), 5.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanAbsoluteError;

impl Metric for MeanAbsoluteError {
    fn name(&self) -> &str {
        "mean_absolute_error"
    }

    fn value(&self, output: &Output, target: &Target) -> f64 {
        if let Err(message) = self.check(output.raw.shape(), target) {
            panic!("mean_absolute_error: {message}");
        }
        let values = output.value().to_vec::<f64>();
        let sum: f64 = values.iter().zip(numbers(target)).map(|(value, truth)| (value - truth).abs()).sum();
        sum / values.len() as f64
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        let truth = shape_of(target);
        let fits = match target {
            Target::Values(_) => truth == output,
            Target::Labels(_) => truth.size() == output.size(),
        };
        if fits {
            Ok(())
        } else {
            Err(format!("the target {truth} does not have the output's shape {output}"))
        }
    }
}

fn shape_of(target: &Target) -> &Shape {
    match target {
        Target::Values(values) => values.shape(),
        Target::Labels(labels) => labels.shape(),
    }
}

fn numbers(target: &Target) -> Vec<f64> {
    match target {
        Target::Values(values) => values.to_vec(),
        Target::Labels(labels) => labels.iter().map(|label| label as f64).collect(),
    }
}
