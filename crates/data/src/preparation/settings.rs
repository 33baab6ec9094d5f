//! How a preparation is learned from a table.

use wengert_array::{Mismatch, shown};

use super::{Encoding, FittedScaler, NAME, Predictor, Preparation, Task};
use crate::{ColumnKind, DataError, MinMaxScaler, Rows, StandardScaler, Table};

/// How to learn a [`Preparation`]. What is not said: the task is recognised from the target, all other columns are
/// predicted from, texts become a column of 0 and 1 for each category, nothing may be missing, and nothing is scaled.
///
/// # Examples
/// ```
/// use wengert_data::{Csv, Missing, Prepare, Scaling};
///
/// let table = Csv::new().parse("id,age,wage\n1,20,10.5\n2,,20\n3,40,30\n")?;
/// let preparation = Prepare::target("wage").drop(&["id"]).missing(Missing::Mean).scaling(Scaling::MinMax).fit(&table)?;
/// assert_eq!(preparation.predictors(&table)?.to_vec::<f32>(), [0.0, 0.5, 1.0]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Prepare {
    targets: Vec<String>,
    dropped: Vec<String>,
    categorical: Vec<String>,
    task: Choice,
    missing: Missing,
    categories: Categories,
    scaling: Option<Scaling>,
}

#[derive(Clone, Copy, Debug)]
enum Choice {
    Recognised,
    Regression,
    Classification,
}

/// What becomes of missing cells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Missing {
    /// They are errors.
    #[default]
    Refused,
    /// The mean of the column stands in their place; in a column of categories, the most frequent one.
    Mean,
    /// The median; in a column of categories, the most frequent one.
    Median,
    /// This number; in a column of categories, the most frequent one.
    Constant(f64),
}

/// What becomes of categories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Categories {
    /// A column of 0 and 1 for each.
    #[default]
    OneHot,
    /// Their numbers, in one column.
    Codes,
}

/// To what scale the numbers of a row are brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Mean 0 and standard deviation 1: see [`StandardScaler`].
    Standard,
    /// 0 to 1: see [`MinMaxScaler`].
    MinMax,
}

impl Prepare {
    /// To predict one column.
    pub fn target(name: impl Into<String>) -> Prepare {
        Prepare::targets([name])
    }

    /// To predict several columns of numbers.
    pub fn targets(names: impl IntoIterator<Item = impl Into<String>>) -> Prepare {
        Prepare {
            targets: names.into_iter().map(Into::into).collect(),
            dropped: Vec::new(),
            categorical: Vec::new(),
            task: Choice::Recognised,
            missing: Missing::default(),
            categories: Categories::default(),
            scaling: None,
        }
    }

    /// Does not predict from these columns.
    pub fn drop(self, names: &[impl AsRef<str>]) -> Prepare {
        Prepare { dropped: owned(names), ..self }
    }

    /// Takes the numbers of these columns for categories: postal codes, or the class of a cabin.
    pub fn categorical(self, names: &[impl AsRef<str>]) -> Prepare {
        Prepare { categorical: owned(names), ..self }
    }

    /// Predicts numbers.
    pub fn regression(self) -> Prepare {
        Prepare { task: Choice::Regression, ..self }
    }

    /// Predicts classes.
    pub fn classification(self) -> Prepare {
        Prepare { task: Choice::Classification, ..self }
    }

    /// What becomes of missing cells. In a target they are errors in any case.
    pub fn missing(self, missing: Missing) -> Prepare {
        Prepare { missing, ..self }
    }

    /// What becomes of categories.
    pub fn categories(self, categories: Categories) -> Prepare {
        Prepare { categories, ..self }
    }

    /// To what scale the numbers of a row are brought.
    pub fn scaling(self, scaling: impl Into<Option<Scaling>>) -> Prepare {
        Prepare { scaling: scaling.into(), ..self }
    }

    /// The task, and why it is this one: what the target holds, or that it was said.
    ///
    /// Texts and truth values are classes. Numbers are classes if all are 0 or 1, or if they are whole, at most 20
    /// different ones, and five times as many rows. Several targets are numbers.
    ///
    /// # Errors
    /// If there is no such column, or a classification is to have several targets.
    ///
    /// # Examples
    /// ```
    /// use wengert_data::{Csv, Prepare};
    /// let table = Csv::new().parse("x,y\n1,1.5\n2,2\n")?;
    /// let (task, why) = Prepare::target("y").task(&table)?;
    /// assert!(!task.is_classification());
    /// assert_eq!(why, "`y` holds numbers that are not whole");
    /// # Ok::<(), wengert_data::DataError>(())
    /// ```
    pub fn task(&self, table: &Table) -> Result<(Task, String), DataError> {
        let said = "as was said".to_string();
        for target in &self.targets {
            table.kind(target)?;
        }
        match self.task {
            Choice::Recognised => Task::recognised(table, &self.targets),
            Choice::Regression => Ok((Task::regression(&self.targets), said)),
            Choice::Classification => Ok((Task::classification(table, &self.targets)?, said)),
        }
    }

    /// The rows in which nothing is missing that is predicted from or is to be predicted.
    ///
    /// # Errors
    /// If there is no such column as one of those that are dropped.
    pub fn complete(&self, table: &Table) -> Result<Table, DataError> {
        Ok(table.select_rows(&table.drop(&borrowed(&self.dropped))?.complete_rows()))
    }

    /// Learns from all rows of a table.
    ///
    /// # Errors
    /// If a column is not there, or cannot be predicted from: what is missing or no number is named with its file, line
    /// and column.
    pub fn fit(&self, table: &Table) -> Result<Preparation, DataError> {
        let every: Vec<usize> = (0..table.n_rows()).collect();
        self.fit_to(table, &every)
    }

    /// Learns from these rows of a table: means, medians and scales, so that nothing of the others is learned. Categories
    /// and classes are those of the whole table: they say what there may be, and not how it is distributed.
    ///
    /// # Errors
    /// As for [`fit`](Prepare::fit).
    ///
    /// # Panics
    /// If one of the rows is not there.
    #[track_caller]
    pub fn fit_to(&self, table: &Table, rows: &[usize]) -> Result<Preparation, DataError> {
        let (task, _) = self.task(table)?;
        let train = table.select_rows(rows);
        let kept = table.drop(&borrowed(&self.dropped))?;
        self.check_names(table)?;
        let names = kept.names().filter(|name| task.targets().all(|target| target != *name));
        let predictors =
            names.map(|name| self.predictor(name, table, &train)).collect::<Result<Vec<_>, _>>()?;
        let plain = Preparation::new(predictors, task, None)?;
        // Names of categories may meet those of columns: the whole table tells, and what is wrong with any cell.
        let encoded = plain.encoded(table)?;
        encoded.values()?;
        let Some(scaling) = self.scaling else { return Ok(plain) };
        let x = encoded.select_rows(rows).cast(wengert_array::DType::F64).values()?;
        let scaler = match scaling {
            Scaling::Standard => FittedScaler::Standard(StandardScaler::fit(&x)?),
            Scaling::MinMax => FittedScaler::MinMax(MinMaxScaler::fit(&x)?),
        };
        Preparation::new(plain.predictors, plain.task, Some(scaler))
    }

    /// Whether the columns of categories are there, and are not the targets.
    fn check_names(&self, table: &Table) -> Result<(), DataError> {
        for name in &self.categorical {
            table.kind(name)?;
        }
        match self.targets.iter().find(|target| self.dropped.contains(target)) {
            None => Ok(()),
            Some(name) => {
                let problem = Mismatch::new("a column is a target and dropped").row("column", shown(name));
                Err(DataError::refused(NAME, problem))
            }
        }
    }

    fn predictor(&self, name: &str, table: &Table, train: &Table) -> Result<Predictor, DataError> {
        let kind = table.kind(name)?;
        let is_category = kind == ColumnKind::Text || self.categorical.iter().any(|other| other == name);
        let encoding = if is_category {
            let (categories, is_text) = (table.categories(name)?, kind == ColumnKind::Text);
            let fill = if self.missing == Missing::Refused { None } else { train.most_frequent(name)? };
            match self.categories {
                Categories::OneHot => Encoding::OneHot { categories, fill, is_text },
                Categories::Codes => Encoding::Codes { categories, fill, is_text },
            }
        } else {
            let fill = match self.missing {
                Missing::Refused => None,
                Missing::Mean => Some(train.mean(name)?),
                Missing::Median => Some(train.median(name)?),
                Missing::Constant(number) => Some(number),
            };
            Encoding::Number { fill }
        };
        Ok(Predictor { name: name.to_string(), encoding })
    }
}

fn owned(names: &[impl AsRef<str>]) -> Vec<String> {
    names.iter().map(|name| name.as_ref().to_string()).collect()
}

fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}
