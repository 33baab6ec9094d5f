//! Precision, recall and F1 of every class in one table.

use std::fmt;

use crate::ConfusionMatrix;

/// How well a classifier does on each class: what [`ConfusionMatrix::report`] gives. Printed, it is scikit-learn's
/// `classification_report`.
///
/// # Examples
/// ```
/// use wengert_tensor::Indices;
/// use wengert_train::ConfusionMatrix;
///
/// let (right, predicted) = (Indices::from([0, 0, 1, 1, 1]), Indices::from([0, 1, 1, 1, 0]));
/// let report = ConfusionMatrix::of_labels(&right, &predicted).named(["no", "yes"]).report();
/// assert_eq!(report.class("yes").map(|class| class.n_rows), Some(3));
/// assert_eq!(report.mean.recall, (0.5 + 2.0 / 3.0) / 2.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ClassificationReport {
    /// A line for each class.
    pub classes: Vec<ClassScores>,
    /// The share of all rows that were predicted right.
    pub accuracy: f64,
    /// The mean of the classes, each counting alike.
    pub mean: ClassScores,
    /// The mean of the classes, each weighted by its rows.
    pub weighted_mean: ClassScores,
}

/// How well a classifier does on one class, or on all in the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassScores {
    /// The name of the class, or of the mean.
    pub name: String,
    /// The share of the rows taken for the class that are of it.
    pub precision: f64,
    /// The share of the rows of the class that were taken for it.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// The number of rows of the class.
    pub n_rows: usize,
}

impl ClassificationReport {
    pub(crate) fn of(matrix: &ConfusionMatrix) -> ClassificationReport {
        let scores = |class: usize| ClassScores {
            name: matrix.names()[class].clone(),
            precision: matrix.precision(class),
            recall: matrix.recall(class),
            f1: matrix.f1(class),
            n_rows: matrix.n_right(class),
        };
        let classes: Vec<ClassScores> = (0..matrix.n_classes()).map(scores).collect();
        let mean = mean_of("macro avg", &classes, |_| 1.0);
        let weighted_mean = mean_of("weighted avg", &classes, |class| class.n_rows as f64);
        ClassificationReport { accuracy: matrix.accuracy(), mean, weighted_mean, classes }
    }

    /// The scores of a class, if there is one of that name.
    pub fn class(&self, name: &str) -> Option<&ClassScores> {
        self.classes.iter().find(|class| class.name == name)
    }
}

fn mean_of(name: &str, classes: &[ClassScores], weight: fn(&ClassScores) -> f64) -> ClassScores {
    let total: f64 = classes.iter().map(weight).sum();
    let mean = |score: fn(&ClassScores) -> f64| {
        let sum: f64 = classes.iter().map(|class| weight(class) * score(class)).sum();
        if total == 0.0 { 0.0 } else { sum / total }
    };
    ClassScores {
        name: name.to_string(),
        precision: mean(|class| class.precision),
        recall: mean(|class| class.recall),
        f1: mean(|class| class.f1),
        n_rows: classes.iter().map(|class| class.n_rows).sum(),
    }
}

impl fmt::Display for ClassificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || self.classes.iter().chain([&self.mean, &self.weighted_mean]);
        let width = lines().map(|line| line.name.chars().count()).max().unwrap_or(0);
        writeln!(f, "{:>width$}  {:>9} {:>9} {:>9} {:>9}", "", "precision", "recall", "f1-score", "support")?;
        writeln!(f)?;
        for class in &self.classes {
            write_scores(f, class, width)?;
        }
        let (accuracy, n_rows) = (self.accuracy, self.mean.n_rows);
        writeln!(f, "\n{:>width$}  {:>9} {:>9} {accuracy:>9.2} {n_rows:>9}", "accuracy", "", "")?;
        write_scores(f, &self.mean, width)?;
        write_scores(f, &self.weighted_mean, width)
    }
}

fn write_scores(f: &mut fmt::Formatter<'_>, scores: &ClassScores, width: usize) -> fmt::Result {
    let ClassScores { name, precision, recall, f1, n_rows } = scores;
    writeln!(f, "{name:>width$}  {precision:>9.2} {recall:>9.2} {f1:>9.2} {n_rows:>9}")
}
