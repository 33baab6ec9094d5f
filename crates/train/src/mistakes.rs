//! The rows that a classifier gets wrong, the surest first. How pictures among them are drawn stands in
//! `pictures/mistakes.rs`.

use std::fmt;

use wengert_data::{Batches, Rows};
use wengert_nn::{Activation, Layer, Output};
use wengert_tensor::{Target, Tensor};

use crate::evaluate::N_ROWS;
use crate::metric::predicted_and_true;
use crate::{Compiled, FitError, Problem};

/// A row whose class was predicted wrong.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mistake {
    /// Which of the rows it is.
    pub row: usize,
    /// Its class.
    pub right: usize,
    /// What it was taken for.
    pub predicted: usize,
    /// How probable that seemed, from 0 to 1.
    pub confidence: f64,
}

/// What a classifier gets wrong, the surest mistakes first: where labels are wrong, data odd, and classes alike. Rows that are
/// pictures are drawn by [`to_svg`](Mistakes::to_svg).
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Output};
/// use wengert_tensor::{Indices, Tensor};
/// use wengert_train::Mistakes;
///
/// let x = Tensor::from([[0.0], [1.0], [2.0]]);
/// let probabilities = Tensor::from([[0.6, 0.4], [0.1, 0.9], [0.2, 0.8]]);
/// let output = Output { raw: probabilities, activation: Activation::Linear };
/// let mistakes = Mistakes::of(&x, &output, &Indices::from([1, 1, 0]).into())?.named(["cat", "dog"]);
/// assert_eq!(mistakes.iter().map(|mistake| mistake.row).collect::<Vec<_>>(), [2, 0]);
/// assert_eq!(mistakes.to_string(), "2 of 3 rows are wrong\n   row  right  said  sure\n     2  cat    dog   80 %\n     0  dog    cat   60 %");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mistakes {
    mistakes: Vec<Mistake>,
    n_rows: usize,
    names: Vec<String>,
    /// The rows that were got wrong, in the order of the mistakes.
    x: Tensor,
    /// The least and the greatest number of all rows.
    range: [f64; 2],
}

impl Mistakes {
    /// Those of an output for rows `x`. How classes are said is as for [`Accuracy`](crate::Accuracy). Rows of numbers that are no
    /// probabilities are taken for logits.
    ///
    /// # Errors
    /// If the target does not tell the classes of the output, or there are not as many rows as targets.
    pub fn of(x: &Tensor, output: &Output, target: &Target) -> Result<Mistakes, String> {
        let (predicted, right, n_classes) = predicted_and_true(output, target)?;
        let n_rows = x.n_rows().map_err(|error| error.to_string())?;
        if predicted.len() != n_rows {
            return Err(format!("the output has {} rows of classes, expected {n_rows}", predicted.len()));
        }
        let probabilities = probabilities(output);
        let n_columns = probabilities.len() / n_rows.max(1);
        let confidence = |row: usize| match n_columns {
            1 if predicted[row] == 0 => 1.0 - probabilities[row],
            1 => probabilities[row],
            _ => probabilities[row * n_columns + predicted[row]],
        };
        let wrong = (0..n_rows).filter(|&row| predicted[row] != right[row]);
        let mistake =
            |row| Mistake { row, right: right[row], predicted: predicted[row], confidence: confidence(row) };
        let mut mistakes: Vec<Mistake> = wrong.map(mistake).collect();
        mistakes.sort_unstable_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.row.cmp(&b.row)));
        let rows: Vec<usize> = mistakes.iter().map(|mistake| mistake.row).collect();
        let names = (0..n_classes).map(|class| class.to_string()).collect();
        Ok(Mistakes { x: x.select_rows(&rows), range: range(x), mistakes, n_rows, names })
    }

    /// The same with names for the classes.
    ///
    /// # Panics
    /// If there are not as many as classes.
    #[track_caller]
    pub fn named(self, names: impl IntoIterator<Item: Into<String>>) -> Mistakes {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let (given, expected) = (names.len(), self.names.len());
        assert!(given == expected, "mistakes: {given} names, expected {expected}, one for each class");
        Mistakes { names, ..self }
    }

    /// The mistakes, the surest first.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.mistakes.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.mistakes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// How many rows were looked at.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The rows that were got wrong, in the order of the mistakes.
    pub fn x(&self) -> &Tensor {
        &self.x
    }

    pub(crate) fn range(&self) -> [f64; 2] {
        self.range
    }

    /// The name of a class. A label that is none of them is its number.
    pub(crate) fn name(&self, class: usize) -> String {
        self.names.get(class).cloned().unwrap_or_else(|| class.to_string())
    }
}

fn range(x: &Tensor) -> [f64; 2] {
    let finite = x.to_vec::<f64>().into_iter().filter(|x| x.is_finite());
    finite.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)])
}

/// Probabilities of the classes, row by row.
fn probabilities(output: &Output) -> Vec<f64> {
    let value = output.value();
    let numbers: Vec<f64> = value.to_vec();
    let is_share = |x: &f64| (0.0..=1.0).contains(x);
    match (output.activation, value.shape().last()) {
        (Activation::Softmax | Activation::Sigmoid, _) => numbers,
        _ if numbers.iter().all(is_share) => numbers,
        (_, Some(&n)) if n > 1 && value.rank() > 1 => value.softmax(-1).to_vec(),
        _ => value.sigmoid().to_vec(),
    }
}

impl fmt::Display for Mistakes {
    /// The first twenty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const N_SHOWN: usize = 20;
        write!(f, "{} of {} rows are wrong", self.len(), self.n_rows)?;
        if self.is_empty() {
            return Ok(());
        }
        let shown = &self.mistakes[..self.len().min(N_SHOWN)];
        let width = |title: &str, class: fn(&Mistake) -> usize| {
            let names = shown.iter().map(|mistake| self.name(class(mistake)).chars().count());
            names.max().unwrap_or(0).max(title.len())
        };
        let (right, said) = (width("right", |m| m.right), width("said", |m| m.predicted));
        write!(f, "\n   row  {:<right$}  {:<said$}  sure", "right", "said")?;
        for mistake in shown {
            let [is, taken] = [mistake.right, mistake.predicted].map(|class| self.name(class));
            let sure = 100.0 * mistake.confidence;
            write!(f, "\n{:>6}  {is:<right$}  {taken:<said$}  {sure:.0} %", mistake.row)?;
        }
        let n_more = self.len() - shown.len();
        if n_more > 0 { write!(f, "\n   and {n_more} more") } else { Ok(()) }
    }
}

impl<M: Layer> Compiled<M> {
    /// What the model gets wrong, on rows `x` whose classes `y` tells: as labels, one-hot rows, or 0 and 1.
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
    /// let mistakes = model.mistakes(&x, &y)?;
    /// let first = mistakes.iter().next().expect("there is one");
    /// assert_eq!((mistakes.len(), first.row, first.right, first.predicted), (1, 1, 1, 0));
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    #[track_caller]
    pub fn mistakes(&self, x: &Tensor, y: impl Into<Target>) -> Result<Mistakes, FitError> {
        self.wrong(x, &y.into()).map_err(|problem| problem.during("mistakes"))
    }

    #[track_caller]
    fn wrong(&self, x: &Tensor, y: &Target) -> Result<Mistakes, Problem> {
        let examples = self.examples(x, y)?;
        let mut outputs = Vec::new();
        for batch in Batches::new(&examples.x, N_ROWS)? {
            outputs.push(self.model.forward_raw(&batch));
        }
        let raw = Tensor::joined(&outputs.iter().map(|output| output.raw.clone()).collect::<Vec<_>>())?;
        let output = Output { raw, activation: outputs[0].activation };
        let refused = |message| Problem::Target { name: "mistakes".to_string(), message };
        Mistakes::of(&examples.x, &output, &examples.y).map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wengert_tensor::Indices;

    fn of(raw: Tensor, activation: Activation, y: impl Into<Target>) -> Vec<(usize, f64)> {
        let x = Tensor::zeros([raw.shape()[0], 1]);
        let mistakes = Mistakes::of(&x, &Output { raw, activation }, &y.into()).expect("classes");
        mistakes.iter().map(|mistake| (mistake.row, (1e4 * mistake.confidence).round() / 1e4)).collect()
    }

    #[test]
    fn the_surest_stand_first_however_classes_are_said() {
        // The logistic function of 2 is 0.8808, of 1 it is 0.7311.
        let (two, one) = (0.8808, 0.7311);
        let logits = || Tensor::from([[0.0, 1.0], [0.0, 2.0], [3.0, 0.0]]);
        let labels = || Indices::from([0, 0, 0]);
        for activation in [Activation::Softmax, Activation::Linear] {
            assert_eq!(of(logits(), activation, labels()), [(1, two), (0, one)]);
        }
        let column = || Tensor::from([[1.0], [-2.0], [3.0]]);
        for activation in [Activation::Sigmoid, Activation::Linear] {
            let y = Tensor::from([[0.0], [1.0], [1.0]]);
            assert_eq!(of(column(), activation, y), [(1, two), (0, one)]);
        }
        assert_eq!(of(Tensor::from([0.2, 0.9]), Activation::Linear, labels_of(&[1, 1])), [(0, 0.8)]);
    }

    fn labels_of(labels: &[usize]) -> Indices {
        Indices::from(labels.to_vec())
    }

    #[test]
    fn a_model_without_mistakes_has_none() {
        let x = Tensor::zeros([1, 1]);
        let output = Output { raw: Tensor::from([[1.0, 0.0]]), activation: Activation::Linear };
        let mistakes = Mistakes::of(&x, &output, &labels_of(&[0]).into()).expect("classes");
        assert!(mistakes.is_empty());
        assert_eq!(mistakes.to_string(), "0 of 1 rows are wrong");
        let error = Mistakes::of(&Tensor::zeros([2, 1]), &output, &labels_of(&[0]).into()).unwrap_err();
        assert_eq!(error, "the output has 1 rows of classes, expected 2");
    }

    #[test]
    #[should_panic(expected = "mistakes: 1 names, expected 2, one for each class")]
    fn names_must_be_as_many_as_classes() {
        let output = Output { raw: Tensor::from([[1.0, 0.0]]), activation: Activation::Linear };
        let _ = Mistakes::of(&Tensor::zeros([1, 1]), &output, &labels_of(&[1]).into()).unwrap().named(["a"]);
    }
}
