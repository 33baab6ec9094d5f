//! Metrics that are means over rows, or functions of such.

use wengert_nn::{Loss, Output};
use wengert_tensor::{Shape, Target};

use super::accuracy::require;
use super::classes::{numbers, shape_of};
use super::judged::{add_to_mean, mean};
use super::{Judged, Metric};

/// The mean of a loss as a metric: any of them, by its own name. How the loss is reduced in training does not matter here.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, MeanSquaredError, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{MeanOf, Metric};
///
/// let output = Output { raw: Tensor::from([[1.0], [3.0]]), activation: Activation::Linear };
/// let metric = MeanOf(MeanSquaredError::new());
/// assert_eq!(metric.value(&output, &Target::from(Tensor::zeros([2, 1]))), 5.0);
/// assert_eq!(metric.name(), "mean_squared_error");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanOf<L>(pub L);

impl<L: Loss> Metric for MeanOf<L> {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        let losses = self.0.each(rows.output, rows.target).to_vec::<f64>();
        add_to_mean(seen, rows, losses.into_iter());
    }
    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        self.0.check(output, target)
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(false)
    }
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
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        add_differences(self, seen, rows, f64::abs);
    }
    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        has_shape_of(output, target)
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(false)
    }
}

/// The square root of the mean of the squared differences: of all rows, not a mean of roots over batches.
///
/// `√(Σ (y - t)² / n)`
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{Metric, RootMeanSquaredError};
///
/// let output = Output { raw: Tensor::from([1.0, 7.0]), activation: Activation::Linear };
/// assert_eq!(RootMeanSquaredError.value(&output, &Target::from(Tensor::zeros([2]))), 5.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct RootMeanSquaredError;

impl Metric for RootMeanSquaredError {
    fn name(&self) -> &str {
        "root_mean_squared_error"
    }
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        add_differences(self, seen, rows, |difference| difference * difference);
    }
    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen).sqrt()
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        has_shape_of(output, target)
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(false)
    }
}

/// The mean cosine of the angle between the rows of output and target, 1 where they point the same way. The loss of this
/// name is its negative.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{CosineSimilarity, Metric};
///
/// let output = Output { raw: Tensor::from([[3.0, 4.0], [1.0, 0.0]]), activation: Activation::Linear };
/// let target = Target::from(Tensor::from([[6.0, 8.0], [0.0, 2.0]]));
/// assert!((CosineSimilarity.value(&output, &target) - 0.5).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CosineSimilarity;

impl Metric for CosineSimilarity {
    fn name(&self) -> &str {
        "cosine_similarity"
    }
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        require(self, rows);
        let losses = wengert_nn::CosineSimilarity::new().each(rows.output, rows.target).to_vec::<f64>();
        add_to_mean(seen, rows, losses.into_iter().map(|loss| -loss));
    }
    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        has_shape_of(output, target)
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(true)
    }
}

/// Adds a function of each difference between output and target.
fn add_differences(metric: &impl Metric, seen: &mut Vec<f64>, rows: &Judged<'_>, f: fn(f64) -> f64) {
    require(metric, rows);
    let Judged { output, target, .. } = *rows;
    let (values, truths) = (Output::value(output).to_vec::<f64>(), numbers(target));
    add_to_mean(seen, rows, values.iter().zip(&truths).map(|(value, truth)| f(value - truth)));
}

/// Values must have the shape of the output, labels must be as many.
pub(super) fn has_shape_of(output: &Shape, target: &Target) -> Result<(), String> {
    let truth = shape_of(target);
    let fits = match target {
        Target::Values(_) => truth == output,
        Target::Labels(_) => truth.size() == output.size(),
    };
    if fits { Ok(()) } else { Err(format!("the target {truth} does not have the output's shape {output}")) }
}
