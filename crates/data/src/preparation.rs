//! From a raw table to what a model takes, and back to what its numbers mean: learned from the training part, used on
//! every other. How it is learned stands in `preparation/settings.rs`.

mod column;
mod settings;
mod task;

pub use column::{Encoding, Predictor};
pub use settings::{Categories, Missing, Prepare, Scaling};
pub use task::Task;

use wengert_array::{Mismatch, shown};
use wengert_tensor::{Target, Tensor};

use crate::{Csv, DataError, MinMaxScaler, Rows, Scaler, StandardScaler, Table};

/// How rows of a raw table become rows of numbers: which columns, the categories of those that hold texts, what stands in
/// the place of missing cells, the scale; and what is to be predicted. [`Prepare`] learns it from a table.
///
/// Columns are found by their names, so that a later table may have them in another order, and others beside. A target
/// need not be there to predict.
///
/// # Examples
/// ```
/// use wengert_data::{Csv, Prepare};
/// use wengert_tensor::Target;
///
/// let table = Csv::new().parse("port,age,survived\nS,20,no\nC,30,yes\nS,40,no\n")?;
/// let preparation = Prepare::target("survived").fit(&table)?;
/// assert_eq!(preparation.names(), ["port_C", "port_S", "age"]);
/// assert_eq!(preparation.task().classes(), ["no", "yes"]);
/// let Target::Labels(labels) = preparation.targets(&table)? else { panic!("a regression") };
/// assert_eq!(labels.as_slice(), [0, 1, 0]);
///
/// let later = Csv::new().parse("age,port\n50,C\n")?;
/// assert_eq!(preparation.predictors(&later)?.to_vec::<f32>(), [1.0, 0.0, 50.0]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Preparation {
    predictors: Vec<Predictor>,
    task: Task,
    scaler: Option<FittedScaler>,
}

/// A scaler of one of the kinds that there are.
#[derive(Clone, Debug)]
pub enum FittedScaler {
    /// To mean 0 and standard deviation 1.
    Standard(StandardScaler),
    /// To a range.
    MinMax(MinMaxScaler),
}

impl FittedScaler {
    /// What both can do.
    pub fn as_scaler(&self) -> &dyn Scaler {
        match self {
            FittedScaler::Standard(scaler) => scaler,
            FittedScaler::MinMax(scaler) => scaler,
        }
    }
}

impl Preparation {
    /// A preparation that was learned before: what reads a file calls this. To learn one there is [`Prepare`].
    ///
    /// # Errors
    /// If there are no predictors, two have the same name, a target is one of them, there are no categories or classes, or one twice, or the
    /// scaler is of rows of another length.
    pub fn new(
        predictors: Vec<Predictor>,
        task: Task,
        scaler: Option<FittedScaler>,
    ) -> Result<Preparation, DataError> {
        let preparation = Preparation { predictors, task, scaler };
        match preparation.problem() {
            None => Ok(preparation),
            Some(problem) => Err(DataError::refused(NAME, problem)),
        }
    }

    fn problem(&self) -> Option<Mismatch> {
        if self.predictors.is_empty() {
            return Some(Mismatch::new("there is no column to predict from"));
        }
        let names: Vec<&str> = self.predictors.iter().map(|predictor| predictor.name.as_str()).collect();
        if let Some(twice) = twice(names.iter().copied().chain(self.task.targets())) {
            return Some(Mismatch::new("a column stands twice").row("column", shown(twice)));
        }
        let lists = self.predictors.iter().map(|predictor| (&predictor.name[..], predictor.categories()));
        let classes = (self.task.targets().next().unwrap_or_default(), self.task.classes());
        for (name, categories) in lists.chain([classes]) {
            if let Some(twice) = twice(categories.iter().map(String::as_str)) {
                let problem = Mismatch::new("a category stands twice").row("column", shown(name));
                return Some(problem.row("category", shown(twice)));
            }
        }
        if let Some(problem) = self.predictors.iter().find_map(Predictor::problem) {
            return Some(problem);
        }
        if let Some(problem) = self.task.problem() {
            return Some(problem);
        }
        let (row, width) =
            (self.scaler.as_ref().map(|scaler| *scaler.as_scaler().shift().shape()), self.width());
        let row = row.filter(|row| *row != [width])?;
        let problem = Mismatch::new("the scaler is not that of the columns").row("scaler", row);
        Some(problem.note(format!("expected [{width}]")))
    }

    /// The columns that a prediction is made from, in the order in which a row has them.
    pub fn columns(&self) -> &[Predictor] {
        &self.predictors
    }

    /// What is predicted.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The scaler of the rows, if they are scaled.
    pub fn scaler(&self) -> Option<&FittedScaler> {
        self.scaler.as_ref()
    }

    /// The names of the numbers of a row: those of the columns, and `port_S` and so on for categories.
    pub fn names(&self) -> Vec<String> {
        self.predictors.iter().flat_map(Predictor::names).collect()
    }

    /// The length of a row: how many numbers a model takes.
    pub fn width(&self) -> usize {
        self.predictors.iter().map(Predictor::width).sum()
    }

    /// The same way of reading files, but for the columns of categories that were texts: they are read as such even where
    /// a file holds nothing but numbers or truth values in them.
    ///
    /// # Examples
    /// ```
    /// use wengert_data::{Csv, Prepare};
    /// let table = Csv::new().parse("code,y\n01,1.5\n1b,2.5\n")?;
    /// let preparation = Prepare::target("y").fit(&table)?;
    /// let later = preparation.csv(Csv::new()).parse("code\n01\n")?;
    /// assert_eq!(preparation.predictors(&later)?.to_vec::<f32>(), [1.0, 0.0]);
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn csv(&self, csv: Csv) -> Csv {
        let texts = self.predictors.iter().filter(|predictor| predictor.is_text());
        let names: Vec<&str> =
            texts.map(|predictor| predictor.name.as_str()).chain(self.task.text_target()).collect();
        csv.texts(&names)
    }

    /// The rows that a model takes.
    ///
    /// # Shape
    /// `[n_rows, width]`, in the dtype of the table
    ///
    /// # Errors
    /// If a column is not there, a cell is missing and nothing was learned to stand in its place, is no number where one
    /// is needed, or none of the categories: its file, line, column and value are named.
    pub fn predictors(&self, table: &Table) -> Result<Tensor, DataError> {
        let x = self.encoded(table)?.values()?;
        Ok(match &self.scaler {
            Some(scaler) => scaler.as_scaler().transform(&x),
            None => x,
        })
    }

    /// The rows before they are scaled.
    fn encoded(&self, table: &Table) -> Result<Table, DataError> {
        let names: Vec<&str> = self.predictors.iter().map(|predictor| predictor.name.as_str()).collect();
        let mut encoded = table.select(&names)?;
        for predictor in &self.predictors {
            encoded = predictor.encode(&encoded)?;
        }
        Ok(encoded)
    }

    /// What a model is to give: the numbers of the targets, or the labels of the classes.
    ///
    /// # Shape
    /// `[n_rows, n_targets]`, in the dtype of the table, or labels `[n_rows]`
    ///
    /// # Errors
    /// If a column is not there, or a cell is missing, is no number, or none of the classes.
    pub fn targets(&self, table: &Table) -> Result<Target, DataError> {
        self.task.of(table)
    }

    /// The rows in which nothing is missing that is needed: of the predictors alone, or of the targets too. Cells for which
    /// something was learned to stand in their place are not missing.
    ///
    /// # Errors
    /// If a column is not there.
    pub fn complete(&self, table: &Table, with_targets: bool) -> Result<Table, DataError> {
        let open = self.predictors.iter().filter(|predictor| !predictor.is_filled());
        let targets = if with_targets { self.task.targets().collect() } else { Vec::new() };
        let names: Vec<&str> = open.map(|predictor| predictor.name.as_str()).chain(targets).collect();
        let rows = table.select(&names)?.complete_rows();
        Ok(table.select_rows(&rows))
    }
}

/// What the errors of this module begin with.
const NAME: &str = "prepare";

fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut known = std::collections::BTreeSet::new();
    names.into_iter().find(|name| !known.insert(*name))
}
