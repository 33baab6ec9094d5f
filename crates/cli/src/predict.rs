//! `wengert predict`: a prediction for each row of a table.

use std::path::PathBuf;

use clap::Args;
use wengert::data::Task;
use wengert::prelude::*;

use crate::failure::Failure;
use crate::input::{self, Incomplete, Input};
use crate::output::{self, Planned, csv_line};

pub(crate) const EXAMPLES: &str = "\
Examples:
  wengert predict model.safetensors new.csv
  wengert predict model.safetensors new.csv --probabilities --out predictions.csv
  cat new.csv | wengert predict model.safetensors - | sort | uniq -c

Columns are found by their names, in any order, and others beside them are left aside. A line of the output is
the prediction for a row of the input.";

#[derive(Args, Debug)]
pub(crate) struct Predict {
    /// The model that `wengert train --out` wrote
    model: PathBuf,

    /// What becomes of rows in which a cell is missing
    #[arg(long, value_enum, default_value = "error")]
    missing: Incomplete,

    /// Adds the probability of each class
    #[arg(long)]
    probabilities: bool,

    /// The predictions, a CSV file [default: the standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Replaces a file that is there
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    input: Input,
}

pub(crate) fn run(arguments: &Predict) -> Result<(), Failure> {
    let out = arguments.out.as_deref();
    let planned: Vec<Planned<'_>> =
        output::file(out).map(|path| Planned { argument: "--out", path, endings: &[] }).into_iter().collect();
    output::check(&planned, arguments.force)?;
    let pipeline = input::pipeline(&arguments.model)?;
    let preparation = &pipeline.preparation;
    if arguments.probabilities && !preparation.task().is_classification() {
        return Err(Failure::Usage(
            "--probabilities: the model predicts numbers, and no classes".to_string(),
        ));
    }
    let table = arguments.input.read_for(preparation)?;
    let table = arguments.missing.of(table, preparation, false)?;
    // Only a compiled model computes so many rows at a time that memory stays small; no loss is asked for.
    let loss = crate::evaluate::loss(&pipeline)?.build();
    let compiled = pipeline.model.clone().compile(Sgd::default(), loss);
    let predicted = compiled.predict(&preparation.predictors(&table)?)?;
    let separator = arguments.input.format.separator;
    output::write(out, lines(preparation.task(), &predicted, arguments.probabilities, separator).as_bytes())
}

/// The predictions as CSV, with a header.
fn lines(task: &Task, predicted: &Tensor, with_probabilities: bool, separator: char) -> String {
    let Task::Classification { target, classes, .. } = task else {
        let names = task.targets().map(String::from);
        let rows = numbers(predicted).into_iter().map(|row| csv_line(row.into_iter(), separator));
        return std::iter::once(csv_line(names, separator)).chain(rows).collect();
    };
    let (decided, probabilities) = (task.decided(predicted), numbers(&of_each_class(predicted)));
    let beside = |cells: Vec<String>| if with_probabilities { cells } else { Vec::new() };
    let names = beside(classes.iter().map(|class| format!("probability_{class}")).collect());
    let header = csv_line(std::iter::once(target.clone()).chain(names), separator);
    let row = |(class, row): (&str, Vec<String>)| {
        csv_line(std::iter::once(class.to_string()).chain(beside(row)), separator)
    };
    let rows = decided.into_iter().zip(probabilities).map(row);
    std::iter::once(header).chain(rows).collect()
}

/// A probability for each class, where there is one number for two.
fn of_each_class(predicted: &Tensor) -> Tensor {
    if predicted.shape()[1] > 1 {
        return predicted.clone();
    }
    let numbers = predicted.to_vec::<f64>().into_iter().flat_map(|second| [1.0 - second, second]);
    Tensor::new(numbers.collect::<Vec<f64>>(), [predicted.shape()[0], 2]).cast(predicted.dtype())
}

/// The numbers of each row, with as many digits as say them in their dtype.
fn numbers(rows: &Tensor) -> Vec<Vec<String>> {
    let cells: Vec<String> = match rows.dtype() {
        DType::F32 => rows.to_vec::<f32>().iter().map(f32::to_string).collect(),
        DType::F64 => rows.to_vec::<f64>().iter().map(f64::to_string).collect(),
    };
    cells.chunks(rows.shape()[1].max(1)).map(<[String]>::to_vec).collect()
}
