//! Metrics of yes and no: what is above a threshold, beside what is true.

use wengert_tensor::{Shape, Target};

use super::accuracy::require;
use super::classes::{Kind, decisive_at, numbers, shape_of};
use super::judged::ratio;
use super::{Judged, Metric};

/// Which numbers say yes: those above a threshold, of one class or of all.
#[derive(Clone, Copy, Debug)]
struct Yes {
    threshold: f64,
    class: Option<usize>,
}

/// Where the four counts stand among what has been seen.
const TRUE_POSITIVE: usize = 0;
const FALSE_POSITIVE: usize = 1;
const TRUE_NEGATIVE: usize = 2;
const FALSE_NEGATIVE: usize = 3;

impl Yes {
    /// Counts the four cases.
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        seen.resize(4, 0.0);
        let (scores, threshold) = decisive_at(rows.output, self.threshold);
        let width = width(rows.output.raw.shape());
        let truths = truths(rows.target, scores.len(), width);
        for (place, weight) in rows.entry_weights(scores.len()).enumerate() {
            if self.class.is_none_or(|class| place % width == class) {
                let case = match (scores[place] > threshold, truths[place]) {
                    (true, true) => TRUE_POSITIVE,
                    (true, false) => FALSE_POSITIVE,
                    (false, false) => TRUE_NEGATIVE,
                    (false, true) => FALSE_NEGATIVE,
                };
                seen[case] += weight;
            }
        }
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        fits(output, target)?;
        let n_classes = width(output);
        match self.class {
            Some(class) if class >= n_classes => {
                Err(format!("class {class} is not one of the {n_classes} of an output {output}"))
            }
            _ => Ok(()),
        }
    }
}

/// How many numbers of the output belong to one row, or one place in it.
pub(super) fn width(output: &Shape) -> usize {
    if output.len() < 2 { 1 } else { output[output.len() - 1].max(1) }
}

/// A truth for each number of the output: what is not 0, or the class of a label.
pub(super) fn truths(target: &Target, n: usize, width: usize) -> Vec<bool> {
    let truths = numbers(target);
    match truths.len() == n {
        true => truths.iter().map(|&truth| truth != 0.0).collect(),
        false => (0..n).map(|place| truths[place / width] == (place % width) as f64).collect(),
    }
}

/// One truth for each number, or a label for so many of them.
pub(super) fn fits(output: &Shape, target: &Target) -> Result<(), String> {
    if shape_of(target).size() == output.size() { Ok(()) } else { Kind::of(output, target).map(|_| ()) }
}

/// A metric of the four counts: seven lines of each are the same.
macro_rules! metrics {
    ($($(#[$docs:meta])* $Name:ident, $name:literal, $is_larger_better:expr, $result:expr;)*) => {$(
        $(#[$docs])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name(Yes);

        impl $Name {
            /// Of all numbers, with a threshold of 0.5.
            pub fn new() -> Self {
                $Name(Yes { threshold: 0.5, class: None })
            }

            /// With another threshold, between 0 and 1.
            pub fn threshold(self, threshold: f64) -> Self {
                $Name(Yes { threshold, ..self.0 })
            }

            /// Of the numbers of one class alone, where the output has several columns.
            pub fn class(self, class: usize) -> Self {
                $Name(Yes { class: Some(class), ..self.0 })
            }
        }

        impl Default for $Name {
            fn default() -> Self {
                $Name::new()
            }
        }

        impl Metric for $Name {
            fn name(&self) -> &str {
                $name
            }
            fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
                require(self, rows);
                self.0.add(seen, rows);
            }
            fn result(&self, seen: &[f64]) -> f64 {
                $result(seen)
            }
            fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
                self.0.check(output, target)
            }
            fn is_larger_better(&self) -> Option<bool> {
                Some($is_larger_better)
            }
        }
    )*};
}

metrics! {
    /// The share of what is said to be true that is true: `TP / (TP + FP)`, 0 where nothing is said.
    ///
    /// Numbers above the threshold say yes. Truths are numbers that are not 0, one for each number of the output, or labels
    /// of its columns. Without [`class`](Precision::class), all columns count alike, as in Keras.
    ///
    /// # Examples
    /// ```
    /// use wengert_nn::{Activation, Output};
    /// use wengert_tensor::{Target, Tensor};
    /// use wengert_train::{Metric, Precision};
    ///
    /// let output = Output { raw: Tensor::from([[0.9], [0.8], [0.2]]), activation: Activation::Linear };
    /// let target = Target::from(Tensor::from([[1.0], [0.0], [1.0]]));
    /// assert_eq!(Precision::new().value(&output, &target), 0.5);
    /// ```
    Precision, "precision", true, |seen: &[f64]| ratio(seen[TRUE_POSITIVE], seen[TRUE_POSITIVE] + seen[FALSE_POSITIVE]);

    /// The share of what is true that is said to be: `TP / (TP + FN)`, 0 where nothing is true. For the rest see
    /// [`Precision`].
    Recall, "recall", true, |seen: &[f64]| ratio(seen[TRUE_POSITIVE], seen[TRUE_POSITIVE] + seen[FALSE_NEGATIVE]);

    /// How many are said to be true, and are. For the rest see [`Precision`].
    TruePositives, "true_positives", true, |seen: &[f64]| seen[TRUE_POSITIVE];

    /// How many are said to be true, and are not. For the rest see [`Precision`].
    FalsePositives, "false_positives", false, |seen: &[f64]| seen[FALSE_POSITIVE];

    /// How many are not said to be true, and are not. For the rest see [`Precision`].
    TrueNegatives, "true_negatives", true, |seen: &[f64]| seen[TRUE_NEGATIVE];

    /// How many are not said to be true, and are. For the rest see [`Precision`].
    FalseNegatives, "false_negatives", false, |seen: &[f64]| seen[FALSE_NEGATIVE];
}
