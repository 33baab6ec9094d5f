//! The areas under the curve of true over false positives, and under that of precision over recall.

use std::borrow::Cow;

use wengert_tensor::{Shape, Target};

use super::accuracy::require;
use super::judged::ratio;
use super::threshold::{fits, truths, width};
use super::{Judged, Metric};

/// The area under a curve that a threshold draws as it goes from 1 to 0.
///
/// [`roc`](Auc::roc) is the chance that a true row gets a larger number than a false one: 1 is perfect, 0.5 guessing.
/// [`precision_recall`](Auc::precision_recall) says more where few rows are true.
///
/// As in Keras, 200 thresholds at equal distances make up the curve, so that memory stays small whatever the number of
/// rows, and outputs are probabilities. Numbers that lie between the same two thresholds count as equal: the more
/// [`thresholds`](Auc::thresholds), the nearer to scikit-learn's exact value. All columns of an output count alike.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Target, Tensor};
/// use wengert_train::{Auc, Metric};
///
/// let output = Output { raw: Tensor::from([[0.9], [0.3], [0.6], [0.1]]), activation: Activation::Linear };
/// let target = Target::from(Tensor::from([[1.0], [1.0], [0.0], [0.0]]));
/// assert!((Auc::roc().value(&output, &target) - 0.75).abs() < 1e-12);
/// ```
///
/// # References
/// J. Davis and M. Goadrich, The relationship between precision-recall and ROC curves, ICML 2006, section 4: how to go
/// between two points of a precision-recall curve.
#[derive(Clone, Debug)]
pub struct Auc {
    curve: Curve,
    n_thresholds: usize,
    name: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug)]
enum Curve {
    Roc,
    PrecisionRecall,
}

/// Thresholds beyond 0 and 1 by this much, so that every probability lies between them.
const BEYOND: f64 = 1e-7;

impl Auc {
    /// The area under the receiver operating characteristic: true over false positives. Its name is `auc`.
    pub fn roc() -> Auc {
        Auc { curve: Curve::Roc, n_thresholds: 200, name: "auc".into() }
    }

    /// The area under the precision over the recall. Its name is `auc_pr`.
    pub fn precision_recall() -> Auc {
        Auc { curve: Curve::PrecisionRecall, n_thresholds: 200, name: "auc_pr".into() }
    }

    /// With so many thresholds.
    ///
    /// # Panics
    /// If there are fewer than 2.
    #[track_caller]
    pub fn thresholds(self, n_thresholds: usize) -> Auc {
        assert!(n_thresholds >= 2, "auc: {n_thresholds} thresholds, expected at least 2");
        Auc { n_thresholds, ..self }
    }

    /// By another name, for two of them in one model.
    pub fn named(self, name: impl Into<String>) -> Auc {
        Auc { name: Cow::Owned(name.into()), ..self }
    }

    fn threshold(&self, place: usize) -> f64 {
        match place {
            0 => -BEYOND,
            _ if place + 1 == self.n_thresholds => 1.0 + BEYOND,
            _ => place as f64 / (self.n_thresholds - 1) as f64,
        }
    }

    /// How many thresholds a number is above.
    fn n_below(&self, score: f64) -> usize {
        let guess = (score * (self.n_thresholds - 1) as f64).ceil();
        // The product may have been rounded to the other side of a threshold.
        let mut n = guess.clamp(0.0, self.n_thresholds as f64) as usize;
        while n > 0 && score <= self.threshold(n - 1) {
            n -= 1;
        }
        while n < self.n_thresholds && score > self.threshold(n) {
            n += 1;
        }
        n
    }
}

/// True and false positives at a threshold.
#[derive(Clone, Copy, Default)]
struct Point {
    true_positives: f64,
    false_positives: f64,
}

impl Point {
    fn n_positives(self) -> f64 {
        self.true_positives + self.false_positives
    }
}

impl Metric for Auc {
    fn name(&self) -> &str {
        &self.name
    }

    /// For each number of thresholds that a number can be above, the false ones and the true ones.
    fn add(&self, seen: &mut Vec<f64>, rows: &Judged<'_>) {
        require(self, rows);
        seen.resize(2 * (self.n_thresholds + 1), 0.0);
        let scores = rows.output.value().to_vec::<f64>();
        let truths = truths(rows.target, scores.len(), width(rows.output.raw.shape()));
        for ((weight, &score), &truth) in rows.entry_weights(scores.len()).zip(&scores).zip(&truths) {
            seen[2 * self.n_below(score) + usize::from(truth)] += weight;
        }
    }

    fn result(&self, seen: &[f64]) -> f64 {
        let mut point = Point::default();
        let mut points = Vec::with_capacity(self.n_thresholds);
        // From the highest threshold down, each counts what is above it.
        for counts in seen.chunks_exact(2).skip(1).rev() {
            point.false_positives += counts[0];
            point.true_positives += counts[1];
            points.push(point);
        }
        let all = Point {
            false_positives: point.false_positives + seen[0],
            true_positives: point.true_positives + seen[1],
        };
        let area = match self.curve {
            Curve::Roc => under_roc,
            Curve::PrecisionRecall => under_precision_recall,
        };
        points.windows(2).map(|pair| area(pair[0], pair[1], all)).sum()
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        fits(output, target)
    }

    fn is_larger_better(&self) -> Option<bool> {
        Some(true)
    }
}

/// The trapezium between two points.
fn under_roc(high: Point, low: Point, all: Point) -> f64 {
    let width = ratio(low.false_positives - high.false_positives, all.false_positives);
    width * ratio(low.true_positives + high.true_positives, 2.0 * all.true_positives)
}

/// `∫ precision d recall` where true and false positives grow in proportion from one point to the next: with `p = TP + FP` and
/// `s = ΔTP / Δp`, `(s ΔTP + s (TP - s p) ln(p₂ / p₁)) / P`. (Keras' `interpolate_pr_auc`.)
fn under_precision_recall(high: Point, low: Point, all: Point) -> f64 {
    let gained = low.true_positives - high.true_positives;
    let slope = ratio(gained, low.n_positives() - high.n_positives());
    let offset = high.true_positives - slope * high.n_positives();
    let is_begun = high.n_positives() > 0.0 && low.n_positives() > 0.0;
    let growth = if is_begun { (low.n_positives() / high.n_positives()).ln() } else { 0.0 };
    ratio(slope * (gained + offset * growth), all.true_positives)
}
