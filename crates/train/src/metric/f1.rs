//! The harmonic mean of precision and recall.

use wengert_tensor::{Shape, Target};

use super::accuracy::require;
use super::classes::{decisive_at, largest};
use super::judged::ratio;
use super::threshold::{fits, truths, width};
use super::{Judged, Metric};

/// The harmonic mean of precision and recall, `2 TP / (2 TP + FP + FN)`; 0 where there is nothing to count.
///
/// An output of several columns says the class of its largest number, and the scores of the classes become one by
/// [`average`](F1Score::average); one of a single column says yes above 0.5. With a [`threshold`](F1Score::threshold) every
/// column says yes or no for itself. (Keras adds 1e-7 to its divisors, which takes up to that much away, and gives the
/// scores of all classes where it is not told to average: see [`ConfusionMatrix`](crate::ConfusionMatrix) for those.)
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{F1Score, Metric};
///
/// let output = Output { raw: Tensor::from([[0.9], [0.8], [0.2]]), activation: Activation::Linear };
/// let target = Target::from(Tensor::from([[1.0], [0.0], [0.0]]));
/// assert_eq!(F1Score::new().value(&output, &target), 2.0 / 3.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct F1Score {
    average: Average,
    threshold: Option<f64>,
}

/// How the scores of several classes become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Average {
    /// Their mean: every class counts alike.
    #[default]
    Macro,
    /// The score of the counts of all classes together.
    Micro,
    /// Their mean, each class weighted by how often it is right.
    Weighted,
}

impl F1Score {
    /// The mean over the classes.
    pub fn new() -> F1Score {
        F1Score::default()
    }

    /// Another average over the classes.
    pub fn average(self, average: Average) -> F1Score {
        F1Score { average, ..self }
    }

    /// Every column says yes above this number, between 0 and 1, whatever the others say.
    pub fn threshold(self, threshold: f64) -> F1Score {
        F1Score { threshold: Some(threshold), ..self }
    }

    /// Whether each number says yes.
    fn says(&self, rows: &Judged<'_>, width: usize) -> Vec<bool> {
        match self.threshold {
            None if width > 1 => {
                let scores = rows.output.value().to_vec::<f64>();
                let row_says = |row: &[f64]| {
                    let class = largest(row);
                    (0..width).map(move |column| column == class)
                };
                scores.chunks_exact(width).flat_map(row_says).collect()
            }
            threshold => {
                let (scores, threshold) = decisive_at(rows.output, threshold.unwrap_or(0.5));
                scores.iter().map(|&score| score > threshold).collect()
            }
        }
    }
}

/// What is kept of a column: what is said and true, what is said, what is true.
const PER_COLUMN: usize = 3;

impl Metric for F1Score {
    fn name(&self) -> &str {
        "f1_score"
    }

    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        require(self, rows);
        let width = width(rows.output.raw.shape());
        seen.resize(PER_COLUMN * width, 0.0);
        let says = self.says(rows, width);
        let truths = truths(rows.target, says.len(), width);
        for (place, weight) in rows.entry_weights(says.len()).enumerate() {
            let counts = [says[place] && truths[place], says[place], truths[place]];
            for (sum, _) in seen[PER_COLUMN * (place % width)..].iter_mut().zip(counts).filter(|(_, is)| *is)
            {
                *sum += weight;
            }
        }
    }

    fn result(&self, seen: &[f64]) -> f64 {
        let columns = || seen.chunks_exact(PER_COLUMN);
        let score = |column: &[f64]| ratio(2.0 * column[0], column[1] + column[2]);
        let total = |place: usize| columns().map(|column| column[place]).sum::<f64>();
        match self.average {
            Average::Macro => columns().map(score).sum::<f64>() / columns().len() as f64,
            Average::Micro => score(&[total(0), total(1), total(2)]),
            Average::Weighted => ratio(columns().map(|column| column[2] * score(column)).sum(), total(2)),
        }
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        fits(output, target)
    }

    fn is_larger_better(&self) -> Option<bool> {
        Some(true)
    }
}
