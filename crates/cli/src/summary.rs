//! `wengert summary`: what a model is, and what it takes and gives.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use wengert::array::shown;
use wengert::data::{Encoding, FittedScaler, Predictor, Preparation, Task};
use wengert::io::Pipeline;
use wengert::prelude::*;

use crate::failure::Failure;
use crate::output;

pub(crate) const EXAMPLES: &str = "\
Examples:
  wengert summary model.safetensors";

#[derive(Args, Debug)]
pub(crate) struct Summary {
    /// The model: what `wengert train --out` wrote, or a saved `Sequential`
    model: PathBuf,
}

pub(crate) fn run(arguments: &Summary) -> Result<(), Failure> {
    let model = Sequential::load(&arguments.model)?;
    let mut text = format!("{}\n", model.summary());
    match Pipeline::load(&arguments.model) {
        Ok(pipeline) => text += &described(&pipeline),
        // A model that a program saved alone is one too.
        Err(_) => text += "\nThe file says nothing of the table that the model was trained on.\n",
    }
    output::print(text)
}

fn described(Pipeline { preparation, notes, .. }: &Pipeline) -> String {
    let mut text = format!("\n{}\n", task(preparation.task()));
    for (name, note) in notes {
        let _ = writeln!(text, "{}: {}", shown(name), shown(note));
    }
    let scale = match preparation.scaler() {
        None => "as they are",
        Some(FittedScaler::Standard(_)) => "brought to mean 0 and standard deviation 1",
        Some(FittedScaler::MinMax(_)) => "brought to 0 to 1",
    };
    let _ = writeln!(text, "\nColumns, {} numbers in a row, {scale}:", preparation.width());
    text + &columns(preparation)
}

fn columns(preparation: &Preparation) -> String {
    let name = |column: &Predictor| shown(&column.name);
    let width = preparation.columns().iter().map(|column| name(column).chars().count()).max().unwrap_or(0);
    let line = |column: &Predictor| format!("  {:width$}  {}\n", name(column), encoding(&column.encoding));
    preparation.columns().iter().map(line).collect()
}

/// What is predicted, in a line.
pub(crate) fn task(task: &Task) -> String {
    match task {
        Task::Regression { targets } => format!("Regression: {}", listed(targets)),
        Task::Classification { target, classes, .. } => {
            format!("Classification: {}, {} classes: {}", shown(target), classes.len(), listed(classes))
        }
    }
}

fn encoding(encoding: &Encoding) -> String {
    let missing =
        |fill: Option<String>| fill.map(|fill| format!(", {fill} where missing")).unwrap_or_default();
    match encoding {
        Encoding::Number { fill } => format!("number{}", missing(fill.map(|number| number.to_string()))),
        Encoding::OneHot { categories, fill, .. } => {
            format!("one of {}{}", listed(categories), missing(fill.as_deref().map(shown)))
        }
        Encoding::Codes { categories, fill, .. } => {
            format!("number of {}{}", listed(categories), missing(fill.as_deref().map(shown)))
        }
    }
}

/// The first names.
pub(crate) fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    let first: Vec<String> = names.iter().take(MOST).map(|name| shown(name)).collect();
    let n_more = names.len().saturating_sub(MOST);
    let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
    first.join(", ") + &more
}
