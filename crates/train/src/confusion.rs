//! What a classifier takes for what: the confusion matrix. The report that is computed from it stands in `report.rs`.

use std::fmt;

use wengert_data::Batches;
use wengert_nn::{Layer, Output};
use wengert_tensor::{Indices, Target, Tensor};

use crate::evaluate::N_ROWS;
use crate::metric::predicted_and_true;
use crate::{ClassificationReport, Compiled, FitError, Problem};

/// How often each class was taken for each: `C[i, j]` rows of class `i` were predicted to be of class `j`.
///
/// # Examples
/// ```
/// use wengert_tensor::Indices;
/// use wengert_train::ConfusionMatrix;
///
/// let (right, predicted) = (Indices::from([0, 0, 1, 1, 1]), Indices::from([0, 1, 1, 1, 0]));
/// let matrix = ConfusionMatrix::of_labels(&right, &predicted).named(["no", "yes"]);
/// assert_eq!(matrix.count(1, 0), 1);
/// assert_eq!((matrix.accuracy(), matrix.precision(1), matrix.recall(0)), (0.6, 2.0 / 3.0, 0.5));
/// assert_eq!(matrix.to_string(), "true \\ said  no  yes\nno            1    1\nyes           1    2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    names: Vec<String>,
    counts: Vec<usize>,
}

impl ConfusionMatrix {
    /// A matrix of so many classes that has seen nothing.
    pub fn new(n_classes: usize) -> ConfusionMatrix {
        let names = (0..n_classes).map(|class| class.to_string()).collect();
        ConfusionMatrix { names, counts: vec![0; n_classes * n_classes] }
    }

    /// That of right and predicted labels, one by one. There are as many classes as the largest label says.
    ///
    /// # Panics
    /// If there are not as many of both.
    #[track_caller]
    pub fn of_labels(right: &Indices, predicted: &Indices) -> ConfusionMatrix {
        let (n, n_predicted) = (right.iter().count(), predicted.iter().count());
        assert!(n == n_predicted, "confusion_matrix: {n_predicted} labels were predicted, expected {n}");
        let n_classes = right.iter().chain(predicted.iter()).max().map_or(0, |largest| largest + 1);
        let mut matrix = ConfusionMatrix::new(n_classes);
        for (right, predicted) in right.iter().zip(predicted.iter()) {
            matrix.counts[right * n_classes + predicted] += 1;
        }
        matrix
    }

    /// Adds rows. How they say classes is as for [`Accuracy`](crate::Accuracy): one number per row is class 1 above 0.5.
    ///
    /// # Errors
    /// If the target does not tell the classes of the output, or they are not those of the matrix.
    pub fn add(&mut self, output: &Output, target: &Target) -> Result<(), String> {
        let (predicted, right, _) = predicted_and_true(output, target)?;
        let n_classes = self.n_classes();
        if let Some(row) = right.iter().position(|&class| class >= n_classes) {
            return Err(format!("the target of row {row} is not one of the {n_classes} classes"));
        }
        if let Some(row) = predicted.iter().position(|&class| class >= n_classes) {
            return Err(format!("the output of row {row} is not one of the {n_classes} classes"));
        }
        for (right, predicted) in right.into_iter().zip(predicted) {
            self.counts[right * n_classes + predicted] += 1;
        }
        Ok(())
    }

    /// The same with names for the classes.
    ///
    /// # Panics
    /// If there are not as many as classes.
    #[track_caller]
    pub fn named(self, names: impl IntoIterator<Item: Into<String>>) -> ConfusionMatrix {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let (given, expected) = (names.len(), self.n_classes());
        assert!(
            given == expected,
            "confusion_matrix: {given} names, expected {expected}, one for each class"
        );
        ConfusionMatrix { names, ..self }
    }

    /// The number of classes.
    pub fn n_classes(&self) -> usize {
        self.names.len()
    }

    /// The number of rows that it has seen.
    pub fn n_rows(&self) -> usize {
        self.counts.iter().sum()
    }

    /// The names of the classes: their numbers, unless said otherwise.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many rows of one class were taken for another, or for the same.
    ///
    /// # Panics
    /// If there is no such class.
    #[track_caller]
    pub fn count(&self, right: usize, predicted: usize) -> usize {
        self.require(right);
        self.require(predicted);
        self.counts[right * self.n_classes() + predicted]
    }

    /// How many rows are of a class.
    ///
    /// # Panics
    /// If there is no such class.
    #[track_caller]
    pub fn n_right(&self, class: usize) -> usize {
        self.require(class);
        self.counts[class * self.n_classes()..][..self.n_classes()].iter().sum()
    }

    /// How many rows were taken for a class.
    ///
    /// # Panics
    /// If there is no such class.
    #[track_caller]
    pub fn n_predicted(&self, class: usize) -> usize {
        self.require(class);
        self.counts.iter().skip(class).step_by(self.n_classes()).sum()
    }

    /// The share of all rows that were predicted right; 0 of none.
    pub fn accuracy(&self) -> f64 {
        let n_right: usize = self.counts.iter().step_by(self.n_classes() + 1).sum();
        share(n_right, self.n_rows())
    }

    /// The share of the rows taken for a class that are of it; 0 of none.
    ///
    /// # Panics
    /// If there is no such class.
    #[track_caller]
    pub fn precision(&self, class: usize) -> f64 {
        share(self.count(class, class), self.n_predicted(class))
    }

    /// The share of the rows of a class that were taken for it; 0 of none.
    ///
    /// # Panics
    /// If there is no such class.
    #[track_caller]
    pub fn recall(&self, class: usize) -> f64 {
        share(self.count(class, class), self.n_right(class))
    }

    /// The harmonic mean of precision and recall; 0 where both are.
    ///
    /// # Panics
    /// If there is no such class.
    #[track_caller]
    pub fn f1(&self, class: usize) -> f64 {
        share(2 * self.count(class, class), self.n_right(class) + self.n_predicted(class))
    }

    /// Precision, recall and F1 of every class, and their means.
    pub fn report(&self) -> ClassificationReport {
        ClassificationReport::of(self)
    }

    #[track_caller]
    fn require(&self, class: usize) {
        let n = self.n_classes();
        assert!(class < n, "confusion_matrix: class {class} is not one of {n}");
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl fmt::Display for ConfusionMatrix {
    /// A row for each class, and in it how often it was taken for each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CORNER: &str = "true \\ said";
        let n_classes = self.n_classes();
        let name_width = self.names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let width = |class: usize| {
            let counts = self.counts.iter().skip(class).step_by(n_classes);
            counts.map(|n| n.to_string().len()).max().unwrap_or(0).max(self.names[class].chars().count())
        };
        let first = name_width.max(CORNER.len());
        write!(f, "{CORNER:<first$}")?;
        for class in 0..n_classes {
            write!(f, "  {:>width$}", self.names[class], width = width(class))?;
        }
        for right in 0..n_classes {
            write!(f, "\n{:<first$}", self.names[right])?;
            for said in 0..n_classes {
                write!(f, "  {:>width$}", self.counts[right * n_classes + said], width = width(said))?;
            }
        }
        Ok(())
    }
}

impl<M: Layer> Compiled<M> {
    /// What the model takes for what, on rows `x` whose classes `y` tells: as labels, one-hot rows, or 0 and 1.
    ///
    /// # Errors
    /// If the data are wrong, as for [`fit`](Compiled::fit), or the target tells no classes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_nn::{CategoricalCrossentropy, Dense, Sequential};
    /// # use wengert_optim::Sgd;
    /// # use wengert_tensor::Tensor;
    /// # use wengert_train::Compile;
    /// let larger = Dense::from_tensors(Tensor::from([[1.0, 0.0], [0.0, 1.0]]), Tensor::from([0.0, 0.0])).softmax();
    /// let model = Sequential::new([2]).add(larger).compile(Sgd::default(), CategoricalCrossentropy::new());
    /// let (x, y) = (Tensor::from([[1.0, 2.0], [2.0, 1.0]]), Tensor::from([[0.0, 1.0], [0.0, 1.0]]));
    /// let matrix = model.confusion_matrix(&x, &y)?;
    /// assert_eq!((matrix.count(1, 1), matrix.count(1, 0)), (1, 1));
    /// println!("{matrix}\n\n{}", matrix.report());
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    #[track_caller]
    pub fn confusion_matrix(&self, x: &Tensor, y: impl Into<Target>) -> Result<ConfusionMatrix, FitError> {
        self.confusion(x, &y.into()).map_err(|problem| problem.during("confusion_matrix"))
    }

    #[track_caller]
    fn confusion(&self, x: &Tensor, y: &Target) -> Result<ConfusionMatrix, Problem> {
        let examples = self.examples(x, y)?;
        let refused = |message| Problem::Target { name: "confusion_matrix".to_string(), message };
        let mut matrix: Option<ConfusionMatrix> = None;
        for batch in Batches::new(&examples, N_ROWS)? {
            let output = self.model.forward_raw(&batch.x);
            let (.., n_classes) = predicted_and_true(&output, &batch.y).map_err(refused)?;
            let matrix = matrix.get_or_insert_with(|| ConfusionMatrix::new(n_classes));
            matrix.add(&output, &batch.y).map_err(refused)?;
        }
        Ok(matrix.unwrap_or(ConfusionMatrix::new(0)))
    }
}
