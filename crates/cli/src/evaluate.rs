//! `wengert evaluate`: predictions beside the targets of a table.

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wengert::array::shown;
use wengert::io::Pipeline;
use wengert::prelude::*;
use wengert::train::Evaluation;

use crate::choices::LossChoice;
use crate::failure::Failure;
use crate::input::{self, Incomplete, Input};
use crate::{network, output};

pub(crate) const EXAMPLES: &str = "\
Examples:
  wengert evaluate model.safetensors later.csv
  wengert evaluate model.safetensors later.csv --json | jq .accuracy";

#[derive(Args, Debug)]
pub(crate) struct Evaluate {
    /// The model that `wengert train --out` wrote
    model: PathBuf,

    /// What becomes of rows in which a cell is missing
    #[arg(long, value_enum, default_value = "error")]
    missing: Incomplete,

    /// Writes loss and metrics as a JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    input: Input,
}

/// More classes than this make no table that can be read.
const MOST_CLASSES: usize = 30;

pub(crate) fn run(arguments: &Evaluate) -> Result<(), Failure> {
    let pipeline = input::pipeline(&arguments.model)?;
    let judged = Judged::of(&pipeline, &arguments.input, arguments.missing)?;
    let scores = judged.compiled.evaluate(&judged.x, &judged.y)?;
    if arguments.json {
        return output::print(json(&scores) + "\n");
    }
    let mut text = format!("{:19}  {}\n", "rows", judged.x.shape()[0]);
    for (name, value) in scores.iter() {
        let is_small = value != 0.0 && value.abs() < 1e-3;
        let value = if is_small { format!("{value:.6e}") } else { format!("{value:.6}") };
        let _ = writeln!(text, "{name:19}  {value}");
    }
    let n_classes = pipeline.preparation.task().classes().len();
    if (1..=MOST_CLASSES).contains(&n_classes) {
        let matrix = judged.confusion(&pipeline)?;
        let _ = write!(text, "\n{matrix}\n\n{}", matrix.report());
    }
    output::print(text)
}

/// A model beside rows with targets.
pub(crate) struct Judged {
    compiled: Compiled<Sequential>,
    x: Tensor,
    y: Target,
}

impl Judged {
    pub(crate) fn of(pipeline: &Pipeline, input: &Input, missing: Incomplete) -> Result<Judged, Failure> {
        let Pipeline { preparation, model, .. } = pipeline;
        let loss = loss(pipeline)?;
        let table = missing.of(input.read_for(preparation)?, preparation, true)?;
        let compiled = model.clone().compile(Sgd::default(), loss.build());
        let compiled = if preparation.task().is_classification() {
            compiled.metric(Accuracy)
        } else {
            compiled.metric(MeanAbsoluteError).metric(RootMeanSquaredError).metric(R2Score)
        };
        let y = network::targets(preparation.targets(&table)?, loss);
        Ok(Judged { compiled, x: preparation.predictors(&table)?, y })
    }

    /// What is taken for what, of a classification.
    pub(crate) fn confusion(&self, pipeline: &Pipeline) -> Result<ConfusionMatrix, Failure> {
        let names = pipeline.preparation.task().classes().iter().map(|class| shown(class));
        Ok(self.compiled.confusion_matrix(&self.x, &self.y)?.named(names))
    }
}

/// The loss that the model was trained with, or what is usual.
pub(crate) fn loss(pipeline: &Pipeline) -> Result<LossChoice, Failure> {
    let task = pipeline.preparation.task();
    if task.is_classification() && *pipeline.model.output() == [1] {
        return network::loss(Some(LossChoice::BinaryCrossentropy), task);
    }
    let noted = pipeline.notes.get("loss").and_then(|name| LossChoice::from_str(name, false).ok());
    let is_fitting = |loss: &LossChoice| {
        loss.is_of_classes() == task.is_classification() && *loss != LossChoice::BinaryCrossentropy
    };
    network::loss(noted.filter(is_fitting), task)
}

fn json(scores: &Evaluation) -> String {
    let number = |x: f64| if x.is_finite() { format!("{x:?}") } else { "null".to_string() };
    let pairs: Vec<String> =
        scores.iter().map(|(name, value)| format!("\"{name}\": {}", number(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}
