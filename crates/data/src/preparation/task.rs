//! What is to be predicted: numbers or a class; recognised from the target if it is not said.

use wengert_array::{Mismatch, shown};
use wengert_tensor::{Target, Tensor};

use super::NAME;
use crate::{ColumnKind, DataError, Table};

/// What is predicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// The numbers of these columns.
    Regression {
        /// Their names.
        targets: Vec<String>,
    },
    /// The class that a column holds.
    Classification {
        /// Its name.
        target: String,
        /// The classes, in the order of their labels.
        classes: Vec<String>,
        /// Whether they are texts, and not numbers or truth values.
        is_text: bool,
    },
}

/// So many different whole numbers may be classes.
const MOST_CLASSES: usize = 20;

/// So many rows of each class, in the mean, must there be for numbers to be taken for classes.
const ROWS_OF_A_CLASS: usize = 5;

/// A model of more classes than this is hardly meant.
const MOST_CLASSES_EVER: usize = 10_000;

impl Task {
    /// The names of the columns that are predicted.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        let targets = match self {
            Task::Regression { targets } => &targets[..],
            Task::Classification { target, .. } => std::slice::from_ref(target),
        };
        targets.iter().map(String::as_str)
    }

    /// The classes, in the order of their labels; none of a regression.
    pub fn classes(&self) -> &[String] {
        match self {
            Task::Regression { .. } => &[],
            Task::Classification { classes, .. } => classes,
        }
    }

    /// How many numbers a model gives for a row: one for each target, or for each class.
    pub fn n_outputs(&self) -> usize {
        match self {
            Task::Regression { targets } => targets.len(),
            Task::Classification { classes, .. } => classes.len(),
        }
    }

    /// Whether classes are predicted.
    pub fn is_classification(&self) -> bool {
        matches!(self, Task::Classification { .. })
    }

    /// What a model's output says of each row: the class with the largest number, the first of equals; with one number for
    /// two classes, the second above 0.5. Nothing for a regression, whose numbers say it.
    ///
    /// # Panics
    /// If the output is not `[n_rows, n_classes]`, or `[n_rows, 1]` for two classes.
    ///
    /// # Examples
    /// ```
    /// use wengert_data::Task;
    /// use wengert_tensor::Tensor;
    /// let classes = ["no", "yes"].map(String::from).to_vec();
    /// let task = Task::Classification { target: "survived".to_string(), classes, is_text: true };
    /// assert_eq!(task.decided(&Tensor::from([[0.9, 0.1], [0.2, 0.8]])), ["no", "yes"]);
    /// assert_eq!(task.decided(&Tensor::from([[0.9], [0.2]])), ["yes", "no"]);
    /// ```
    #[track_caller]
    pub fn decided(&self, output: &Tensor) -> Vec<&str> {
        let classes = self.classes();
        if classes.is_empty() {
            return Vec::new();
        }
        let width = output.shape().last().copied().unwrap_or(0);
        let is_fitting = output.rank() == 2 && (width == classes.len() || width == 1 && classes.len() == 2);
        let (shape, n) = (output.shape(), classes.len());
        assert!(is_fitting, "decided: the output is {shape}, expected [n_rows, {n}]");
        let numbers: Vec<f64> = output.to_vec();
        numbers.chunks_exact(width).map(|row| classes[class_of(row)].as_str()).collect()
    }

    /// The target, if it holds texts.
    pub(super) fn text_target(&self) -> Option<&str> {
        match self {
            Task::Classification { target, is_text: true, .. } => Some(target),
            _ => None,
        }
    }

    /// The targets of a table, as [`Preparation::targets`](crate::Preparation::targets) gives them.
    ///
    /// # Errors
    /// If a column is not there, or a cell is missing, is no number, or none of the classes.
    pub fn of(&self, table: &Table) -> Result<Target, DataError> {
        match self {
            Task::Regression { targets } => {
                let names: Vec<&str> = targets.iter().map(String::as_str).collect();
                Ok(table.select(&names)?.values()?.into())
            }
            Task::Classification { target, classes, .. } => {
                Ok(table.codes_as(target, classes)?.labels(target)?.into())
            }
        }
    }

    pub(super) fn problem(&self) -> Option<Mismatch> {
        if self.targets().next().is_none() {
            return Some(Mismatch::new("there is no target"));
        }
        let Task::Classification { target, classes, .. } = self else { return None };
        let problem = |title| Some(Mismatch::new(title).row("column", shown(target)));
        match &classes[..] {
            [] => problem("the target holds nothing"),
            [only] => problem("the target holds a single class")?
                .row("class", shown(only))
                .note("expected at least 2")
                .into(),
            _ if classes.len() > MOST_CLASSES_EVER => problem("the target has too many classes")?
                .row("classes", classes.len())
                .note(format!("expected at most {MOST_CLASSES_EVER}"))
                .help("a regression predicts numbers")
                .into(),
            _ => None,
        }
    }

    pub(super) fn regression(targets: &[String]) -> Task {
        Task::Regression { targets: targets.to_vec() }
    }

    pub(super) fn classification(table: &Table, targets: &[String]) -> Result<Task, DataError> {
        let [target] = targets else {
            let problem = Mismatch::new("a classification has one target").row("targets", targets.len());
            return Err(DataError::refused(NAME, problem.note("expected 1")));
        };
        let (classes, is_text) = (table.categories(target)?, table.kind(target)? == ColumnKind::Text);
        Ok(Task::Classification { target: target.clone(), classes, is_text })
    }

    /// The task that the cells of the targets speak for, and why.
    ///
    /// Texts and truth values are classes. Numbers are classes if all are 0 or 1, or if they are whole, at most 20
    /// different ones, and five times as many rows. Several targets are numbers.
    pub(super) fn recognised(table: &Table, targets: &[String]) -> Result<(Task, String), DataError> {
        let [target] = targets else {
            return Ok((Task::regression(targets), format!("there are {} targets", targets.len())));
        };
        let as_classes =
            |why: &str| Ok((Task::classification(table, targets)?, format!("`{target}` holds {why}")));
        let as_numbers = |why: String| Ok((Task::regression(targets), format!("`{target}` holds {why}")));
        match table.kind(target)? {
            ColumnKind::Text => return as_classes("texts"),
            ColumnKind::Boolean => return as_classes("truth values"),
            ColumnKind::Number => {}
        }
        let numbers = table.numbers(target)?;
        let is_each = |is: fn(f64) -> bool| numbers.iter().filter(|x| !x.is_nan()).all(|&x| is(x));
        let n_different = table.categories(target)?.len();
        if is_each(|x| x == 0.0 || x == 1.0) && n_different == 2 {
            return as_classes("0 and 1 alone");
        }
        if !is_each(|x| x.fract() == 0.0) {
            return as_numbers("numbers that are not whole".to_string());
        }
        if n_different < 2 {
            return as_numbers("a single number".to_string());
        }
        let is_few = n_different <= MOST_CLASSES;
        if !is_few || numbers.len() < ROWS_OF_A_CLASS * n_different {
            return as_numbers(format!("{n_different} different whole numbers in {} rows", numbers.len()));
        }
        as_classes(&format!("{n_different} different whole numbers in {} rows", numbers.len()))
    }
}

fn class_of(row: &[f64]) -> usize {
    match row {
        [probability] => usize::from(*probability > 0.5),
        _ => (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best }),
    }
}
