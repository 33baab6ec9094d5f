//! `wengert train`: from a table to a model in a file.

mod files;
mod options;

use std::path::Path;

use clap::Args;
use wengert::data::{Missing, Prepare, Task};
use wengert::io::Pipeline;
use wengert::prelude::*;

use crate::choices::{
    self, CategoriesChoice, LossChoice, MissingChoice, OptimizerChoice, ScaleChoice, TaskChoice,
};
use crate::failure::Failure;
use crate::input::{self, Incomplete, Input};
use crate::network::{self, Inside};
use crate::output;
use crate::summary::listed;
use files::FileOptions;
use options::{NetworkOptions, TrainingOptions};

pub(crate) const EXAMPLES: &str = "\
Examples:
  A class, with three of ten rows kept to judge by:
    wengert train shots.csv --target shot_result --hidden 100,100 --epochs 10 \\
        --validation-split 0.3 --out model.safetensors
  A number; ends when it gets no better for 20 epochs, and keeps the best of them:
    wengert train wages.csv --target wage_per_hour --validation-split 0.2 --epochs 1000 \\
        --patience 20 --out wages.safetensors --history history.csv --plot curves.svg
  Two numbers, from a table with missing cells, without a column:
    wengert train houses.csv --target price,days --missing median --drop address --out houses.safetensors
  Goes on from a saved model, with its columns and its scale:
    wengert train later.csv --from wages.safetensors --epochs 5 --out wages.safetensors --force

What is predicted is recognised from the target: texts, truth values, 0 and 1, and few different whole numbers
are classes, anything else is numbers. Ctrl-C ends the training after the batch, and what was trained is
written; a second one ends the program. The same seed gives the same model, to the last bit.";

#[derive(Args, Debug)]
pub(crate) struct Train {
    /// The columns to predict
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', required_unless_present = "from")]
    target: Vec<String>,

    /// The columns not to predict from
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', conflicts_with = "from")]
    drop: Vec<String>,

    /// The columns of numbers that mark categories, such as postal codes
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', conflicts_with = "from")]
    categorical: Vec<String>,

    /// What is predicted
    #[arg(long, value_enum, default_value = "auto", conflicts_with = "from")]
    task: TaskChoice,

    /// Missing cells: error, drop (the row), mean, median, or a number; texts become the most frequent one
    #[arg(long, value_name = "HOW", default_value = "error", allow_negative_numbers = true, value_parser = choices::missing)]
    missing: MissingChoice,

    /// What becomes of texts
    #[arg(long, value_enum, default_value = "onehot", conflicts_with = "from")]
    categories: CategoriesChoice,

    /// To what scale the columns are brought, by the rows that are trained on
    #[arg(long, value_enum, default_value = "standard", conflicts_with = "from")]
    scale: ScaleChoice,

    /// Trains on targets of mean 0 and standard deviation 1, in which loss and metrics are then told
    #[arg(long, conflicts_with = "from")]
    scale_target: bool,

    #[command(flatten)]
    input: Input,

    #[command(flatten)]
    network: NetworkOptions,

    #[command(flatten)]
    training: TrainingOptions,

    #[command(flatten)]
    files: FileOptions,
}

pub(crate) fn run(arguments: &Train) -> Result<(), Failure> {
    arguments.files.check()?;
    let (table, start) = arguments.start()?;
    let (y, scale) = arguments.targets(&table, &start)?;
    let x = start.pipeline.preparation.predictors(&table)?;
    arguments.introduce(&table, &start)?;

    let Start { pipeline, loss, .. } = start;
    let Pipeline { preparation, model, .. } = pipeline;
    let optimizer =
        arguments.training.optimizer.build(arguments.training.learning_rate, arguments.training.momentum);
    let compiled = model.compile(optimizer, loss.build());
    let mut compiled = if preparation.task().is_classification() {
        compiled.metric(Accuracy)
    } else {
        compiled.metric(MeanAbsoluteError)
    };
    let history = compiled.fit(&x, y, arguments.fit())?;
    let model = network::in_unit_of(scale.as_ref(), compiled.into_model());
    let model = Pipeline::new(preparation, model).note("loss", loss.name());
    arguments.files.write(&model, &history)?;
    match history.stopped() {
        Some(stopped) if stopped.reason.starts_with("interrupt") => Err(Failure::Interrupted(stopped.epoch)),
        _ => Ok(()),
    }
}

/// What training begins with.
struct Start {
    pipeline: Pipeline,
    loss: LossChoice,
    /// Why the task is this one.
    why: String,
}

impl Train {
    /// The rows to learn from, and the model as it is before.
    fn start(&self) -> Result<(Table, Start), Failure> {
        match &self.network.from {
            Some(file) => self.going_on(file),
            None => self.anew(),
        }
    }

    fn anew(&self) -> Result<(Table, Start), Failure> {
        let (mut table, prepare) = (self.input.read()?, self.prepare());
        if self.missing == MissingChoice::Drop {
            let complete = prepare.complete(&table)?;
            input::left_out(table.n_rows(), complete.n_rows())?;
            table = complete;
        }
        let (task, why) = prepare.task(&table)?;
        let loss = network::loss(self.training.loss, &task)?;
        self.check_for(&task, loss)?;
        let rows = self.fit().training_rows(task.of(&table)?)?;
        let preparation = prepare.fit_to(&table, &rows)?;
        let NetworkOptions { hidden, activation, dropout, .. } = &self.network;
        let inside = Inside { sizes: &hidden.0, activation: *activation, dropout: *dropout };
        let model = network::new(&preparation, loss, &inside, self.training.seed)?;
        let model = if self.network.f64 { model.cast(DType::F64) } else { model };
        Ok((table, Start { pipeline: Pipeline::new(preparation, model), loss, why }))
    }

    fn going_on(&self, file: &Path) -> Result<(Table, Start), Failure> {
        let pipeline = input::pipeline(file)?;
        let task = pipeline.preparation.task();
        let targets: Vec<&str> = task.targets().collect();
        if !self.target.is_empty() && self.target != targets {
            let (given, known) = (self.target.join(","), targets.join(","));
            return Err(Failure::Usage(format!("--target is `{given}`, but the model predicts `{known}`")));
        }
        let table = self.input.read_for(&pipeline.preparation)?;
        let table = match self.missing {
            MissingChoice::Drop => Incomplete::Drop.of(table, &pipeline.preparation, true)?,
            MissingChoice::Fill(Missing::Refused) => table,
            MissingChoice::Fill(_) => {
                let message =
                    "--missing: what stands for missing cells is the model's, expected error or drop";
                return Err(Failure::Usage(message.to_string()));
            }
        };
        let loss = match self.training.loss {
            Some(loss) => network::loss(Some(loss), task)?,
            None => crate::evaluate::loss(&pipeline)?,
        };
        network::check_output(&pipeline.model, task, loss)?;
        self.check_for(task, loss)?;
        Ok((table, Start { pipeline, loss, why: "as the model does".to_string() }))
    }

    /// What to learn, and the scale to which it was brought.
    fn targets(&self, table: &Table, start: &Start) -> Result<(Target, Option<StandardScaler>), Failure> {
        let y = network::targets(start.pipeline.preparation.targets(table)?, start.loss);
        match y {
            Target::Values(y) if self.scale_target => {
                let rows = self.fit().training_rows(&y)?;
                let scaler = StandardScaler::fit(&y.select_rows(&rows))?;
                Ok((scaler.transform(&y).into(), Some(scaler)))
            }
            y => Ok((y, None)),
        }
    }

    /// Refuses what the task has no use for.
    fn check_for(&self, task: &Task, loss: LossChoice) -> Result<(), Failure> {
        if self.scale_target && (task.is_classification() || loss.is_relative()) {
            let what = if task.is_classification() {
                "classes have no scale"
            } else {
                "the loss depends on the unit"
            };
            return Err(Failure::Usage(format!("--scale-target: {what}")));
        }
        if self.training.stratified && !task.is_classification() {
            let message = "--stratified divides by class, and this is a regression".to_string();
            return Err(Failure::Usage(message));
        }
        if self.training.momentum > 0.0 && self.training.optimizer != OptimizerChoice::Sgd {
            return Err(Failure::Usage("--momentum is that of `--optimizer sgd` alone".to_string()));
        }
        Ok(())
    }

    fn prepare(&self) -> Prepare {
        let missing = match self.missing {
            MissingChoice::Fill(missing) => missing,
            MissingChoice::Drop => Missing::Refused,
        };
        let prepare = Prepare::targets(&self.target)
            .drop(&self.drop)
            .categorical(&self.categorical)
            .missing(missing)
            .categories(self.categories.categories())
            .scaling(self.scale.scaling());
        match self.task {
            TaskChoice::Auto => prepare,
            TaskChoice::Regression => prepare.regression(),
            TaskChoice::Classification => prepare.classification(),
        }
    }

    fn fit(&self) -> Fit {
        let training = &self.training;
        let mut fit = Fit::epochs(training.epochs)
            .batch_size(training.batch_size)
            .validation_split(training.validation_split)
            .shuffle(!training.no_shuffle)
            .seed(training.seed)
            .verbose(self.files.verbose)
            .callback(Interrupt::ctrl_c());
        if training.stratified {
            fit = fit.stratified();
        }
        if let Some(patience) = training.patience {
            let name = if training.validation_split > 0.0 { "val_loss" } else { "loss" };
            fit = fit.callback(EarlyStopping::new().monitor(name).patience(patience).restore_best_weights());
        }
        fit
    }

    /// Says what is going to be done, and what should be looked at.
    fn introduce(&self, table: &Table, start: &Start) -> Result<(), Failure> {
        let Start { pipeline: Pipeline { preparation, model, .. }, loss, why } = start;
        for column in preparation.columns() {
            let (n, n_rows) = (column.categories().len(), table.n_rows());
            if n > 20 && 2 * n > n_rows {
                let name = wengert::array::shown(&column.name);
                let text = format!(
                    "`{name}` holds {n} different texts in {n_rows} rows: it tells rows apart, and predicts little\n  \
                     help: `--drop {name}` leaves it out"
                );
                output::remark("warning", &text);
            }
        }
        if self.files.out.is_none() {
            output::remark("note", "the model will not be saved; `--out FILE` does");
        }
        if self.files.verbose == 0 {
            return Ok(());
        }
        let what = match preparation.task() {
            Task::Regression { targets } => format!("regression of {}", listed(targets)),
            Task::Classification { target, classes, .. } => {
                format!(
                    "classification of {}, {} classes: {}",
                    wengert::array::shown(target),
                    classes.len(),
                    listed(classes)
                )
            }
        };
        let n_rows = table.n_rows();
        let n_train = self.fit().training_rows(preparation.targets(table)?)?.len();
        let rows = if n_train < n_rows {
            format!("{n_train} to train on, {} to validate with", n_rows - n_train)
        } else {
            format!("{n_rows} to train on")
        };
        let hint = if self.task == TaskChoice::Auto && self.network.from.is_none() {
            "; `--task` says otherwise"
        } else {
            ""
        };
        let unit = if self.scale_target { ", in standard deviations of the target" } else { "" };
        let (shape, n, loss) = (network::shape(model), model.count_parameters(), loss.name());
        output::print(format!(
            "task     {what}\n         ({why}{hint})\nrows     {rows}\nnetwork  {shape}, {n} parameters\nloss     {loss}{unit}\n\n"
        ))
    }
}
