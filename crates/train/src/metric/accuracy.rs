//! Shares of rows whose class is predicted right.

use wengert_nn::Output;
use wengert_tensor::{Shape, Target};

use super::classes::{Kind, decisive_at, numbers, predicted_and_true, shape_of};
use super::judged::{add_to_mean, mean};
use super::{Judged, Metric};

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
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        add_share(self, seen, rows);
    }
    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        Kind::of(output, target).map(|_| ())
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(true)
    }
}

/// The share of rows whose largest number is where that of the target is: [`Accuracy`] for one-hot targets alone.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{CategoricalAccuracy, Metric};
///
/// let output = Output { raw: Tensor::from([[0.1, 0.9], [0.8, 0.2]]), activation: Activation::Linear };
/// let target = Target::from(Tensor::from([[0.0, 1.0], [0.0, 1.0]]));
/// assert_eq!(CategoricalAccuracy.value(&output, &target), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CategoricalAccuracy;

impl Metric for CategoricalAccuracy {
    fn name(&self) -> &str {
        "categorical_accuracy"
    }
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        add_share(self, seen, rows);
    }
    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        match Kind::of(output, target) {
            Ok(Kind::Categorical(_)) => Ok(()),
            _ => Err(format!(
                "the target {} does not mark the classes of an output {output}",
                shape_of(target)
            )),
        }
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(true)
    }
}

/// The share of rows whose largest number is at the place that the label says: [`Accuracy`] for labels alone.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Indices, Target, Tensor};
/// use wengert_train::{Metric, SparseCategoricalAccuracy};
///
/// let output = Output { raw: Tensor::from([[0.1, 0.9], [0.8, 0.2]]), activation: Activation::Linear };
/// assert_eq!(SparseCategoricalAccuracy.value(&output, &Target::from(Indices::from([1, 1]))), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SparseCategoricalAccuracy;

impl Metric for SparseCategoricalAccuracy {
    fn name(&self) -> &str {
        "sparse_categorical_accuracy"
    }
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        add_share(self, seen, rows);
    }
    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        match Kind::of(output, target) {
            Ok(Kind::Sparse(_)) => Ok(()),
            _ => Err(format!("the target {} holds no labels for an output {output}", shape_of(target))),
        }
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(true)
    }
}

/// The share of numbers that are on the right side of a threshold, 0.5 unless said otherwise. One that is equal to it says
/// class 0, as in Keras.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{BinaryAccuracy, Metric};
///
/// let output = Output { raw: Tensor::from([[0.5], [0.8]]), activation: Activation::Linear };
/// let target = Target::from(Tensor::from([[0.0], [1.0]]));
/// assert_eq!(BinaryAccuracy::new().value(&output, &target), 1.0);
/// assert_eq!(BinaryAccuracy::new().threshold(0.9).value(&output, &target), 0.5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BinaryAccuracy {
    threshold: f64,
}

impl BinaryAccuracy {
    /// With a threshold of 0.5.
    pub fn new() -> BinaryAccuracy {
        BinaryAccuracy { threshold: 0.5 }
    }

    /// With another threshold.
    pub fn threshold(self, threshold: f64) -> BinaryAccuracy {
        BinaryAccuracy { threshold }
    }
}

impl Default for BinaryAccuracy {
    fn default() -> Self {
        BinaryAccuracy::new()
    }
}

impl Metric for BinaryAccuracy {
    fn name(&self) -> &str {
        "binary_accuracy"
    }
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        require(self, rows);
        let (scores, threshold) = decisive_at(rows.output, self.threshold);
        let truths = numbers(rows.target);
        let is_right =
            |(&score, &truth): (&f64, &f64)| share(f64::from(u8::from(score > threshold)) == truth);
        add_to_mean(seen, rows, scores.iter().zip(&truths).map(is_right));
    }
    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        let truth = shape_of(target);
        if truth.size() == output.size() {
            Ok(())
        } else {
            Err(format!("the target {truth} does not have the output's shape {output}"))
        }
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(true)
    }
}

/// The share of rows whose class is among those of the `k` largest numbers. Targets are labels or one-hot rows, as for
/// [`Accuracy`]: Keras' `TopKCategoricalAccuracy` and `SparseTopKCategoricalAccuracy` in one.
///
/// Among equal numbers the first counts as the largest.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Indices, Target, Tensor};
/// use wengert_train::{Metric, TopKCategoricalAccuracy};
///
/// let output = Output { raw: Tensor::from([[0.1, 0.3, 0.6], [0.1, 0.3, 0.6]]), activation: Activation::Linear };
/// assert_eq!(TopKCategoricalAccuracy::new(2).value(&output, &Target::from(Indices::from([1, 0]))), 0.5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TopKCategoricalAccuracy {
    k: usize,
}

impl TopKCategoricalAccuracy {
    /// Among the `k` largest; Keras' default is 5.
    ///
    /// # Panics
    /// If `k` is 0.
    #[track_caller]
    pub fn new(k: usize) -> TopKCategoricalAccuracy {
        assert!(k > 0, "top_k_categorical_accuracy: k is 0, expected at least 1");
        TopKCategoricalAccuracy { k }
    }
}

impl Metric for TopKCategoricalAccuracy {
    fn name(&self) -> &str {
        "top_k_categorical_accuracy"
    }
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        require(self, rows);
        let (_, truths, n_classes) = classes(self, rows);
        let scores = rows.output.value().to_vec::<f64>();
        let is_among = |(row, &truth): (&[f64], &usize)| {
            let is_before = |&(place, score): &(usize, &f64)| {
                *score > row[truth] || (*score == row[truth] && place < truth)
            };
            share(truth < row.len() && row.iter().enumerate().filter(is_before).count() < self.k)
        };
        add_to_mean(seen, rows, scores.chunks_exact(n_classes).zip(&truths).map(is_among));
    }
    fn result(&self, seen: &[f64]) -> f64 {
        mean(seen)
    }
    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        match Kind::of(output, target)? {
            Kind::Binary => Err(format!("the output {output} has one number per row, expected several")),
            _ => Ok(()),
        }
    }
    fn is_larger_better(&self) -> Option<bool> {
        Some(true)
    }
}

/// Adds the rows whose predicted class is the right one.
fn add_share(metric: &impl Metric, seen: &mut Vec<f64>, rows: &Judged<'_>) {
    require(metric, rows);
    let (predicted, truths, _) = classes(metric, rows);
    add_to_mean(seen, rows, predicted.iter().zip(&truths).map(|(a, b)| share(a == b)));
}

fn classes(metric: &impl Metric, rows: &Judged<'_>) -> (Vec<usize>, Vec<usize>, usize) {
    predicted_and_true(rows.output, rows.target)
        .unwrap_or_else(|message| panic!("{}: {message}", metric.name()))
}

/// Asks the metric itself whether these rows are for it.
pub(super) fn require(metric: &impl Metric, rows: &Judged<'_>) {
    let Judged { output: Output { raw, .. }, target, .. } = rows;
    if let Err(message) = metric.check(raw.shape(), target) {
        panic!("{}: {message}", metric.name());
    }
}

fn share(is_right: bool) -> f64 {
    f64::from(u8::from(is_right))
}
