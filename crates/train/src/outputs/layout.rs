//! Where each of several outputs lies among the columns of all, and how their targets are laid beside each other.

use std::ops::Range;
use std::sync::Arc;

use wengert_data::Rows;
use wengert_nn::{Activation, Loss, Output};
use wengert_tensor::{Indices, Shape, Target, Tensor};

use super::{Head, MultiOutput, NamedOutputs, NamedTargets};
use crate::Problem;

/// One of several outputs.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: String,
    /// The shape of one row.
    row: Shape,
    activation: Activation,
    /// Its columns among those of all outputs.
    columns: Range<usize>,
    /// Those of its target among the columns of all targets.
    target: Range<usize>,
    /// Whether its loss takes labels alone, which are numbers in the target of all.
    is_labels: bool,
}

/// All outputs, and the rows that they are for.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) row: Shape,
    pub(super) parts: Vec<Part>,
}

/// Larger labels are not all numbers of `f32`.
const MOST_LABELS: usize = 1 << 24;

impl Layout {
    /// What a model gives for rows of zeros.
    #[track_caller]
    pub(super) fn new(model: &impl MultiOutput, row: Shape, heads: &[Head]) -> Layout {
        let NamedOutputs(outputs) = model.outputs(&Tensor::zeros(row.insert(0, 1)));
        let names = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join(", ");
        let given = names(&mut heads.iter().map(|head| head.name.as_str()));
        let expected = names(&mut outputs.iter().map(|(name, _)| *name));
        let mut parts: Vec<Part> = Vec::new();
        for (name, output) in &outputs {
            let found = heads.iter().filter(|head| head.name == *name).collect::<Vec<_>>();
            let [head] = found[..] else {
                panic!("compile_outputs: there are heads for {given}, expected one each for {expected}");
            };
            let (column, target) = parts.last().map_or((0, 0), |part| (part.columns.end, part.target.end));
            let row = output.raw.shape().without(0);
            let is_labels = takes_labels_alone(&*head.loss, &row);
            let n_classes = row.last().copied().unwrap_or(1).max(1);
            let n_numbers = if is_labels { row.size() / n_classes } else { row.size() };
            parts.push(Part {
                name: head.name.clone(),
                activation: output.activation,
                columns: column..column + row.size(),
                target: target..target + n_numbers,
                row,
                is_labels,
            });
        }
        assert!(
            parts.len() == heads.len(),
            "compile_outputs: there are heads for {given}, expected one each for {expected}"
        );
        Layout { row, parts }
    }

    pub(super) fn n_columns(&self) -> usize {
        self.parts.last().map_or(0, |part| part.columns.end)
    }

    pub(super) fn n_target_columns(&self) -> usize {
        self.parts.last().map_or(0, |part| part.target.end)
    }

    /// Targets by name beside each other, `[n_rows, n_columns]`; each must fit the loss of its output.
    pub(super) fn joined(&self, targets: &NamedTargets, losses: &[Arc<dyn Loss>]) -> Result<Target, Problem> {
        let names = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join(", ");
        let refused = |name: &str, message: String| Problem::Target { name: name.to_string(), message };
        let unknown = targets.0.iter().find(|(name, _)| self.parts.iter().all(|part| part.name != *name));
        if let Some((name, _)) = unknown {
            let known = names(&mut self.parts.iter().map(|part| part.name.as_str()));
            return Err(refused(name, format!("there is no such output, only {known}")));
        }
        let mut columns: Vec<Tensor> = Vec::new();
        for (part, loss) in self.parts.iter().zip(losses) {
            let Some((_, target)) = targets.0.iter().find(|(name, _)| *name == part.name) else {
                let given = names(&mut targets.0.iter().map(|(name, _)| name.as_str()));
                return Err(refused(&part.name, format!("it has no target, only {given}")));
            };
            let column = part.column(target, &**loss).map_err(|message| refused(&part.name, message))?;
            let (n_rows, expected) = (column.shape()[0], columns.first().map(|first| first.shape()[0]));
            if let Some(expected) = expected.filter(|&expected| expected != n_rows) {
                return Err(refused(
                    &part.name,
                    format!("its target has {n_rows} rows, expected {expected}"),
                ));
            }
            columns.push(column);
        }
        Ok(Tensor::concat(&columns.iter().collect::<Vec<_>>(), 1).into())
    }
}

impl Part {
    /// This output among all of them.
    #[track_caller]
    pub(super) fn output(&self, raw: &Tensor) -> Output {
        let n_rows = raw.shape()[0];
        let raw = raw.slice(1, self.columns.clone()).reshape(self.rows(n_rows));
        Output { raw, activation: self.activation }
    }

    /// Its target among those of all.
    #[track_caller]
    pub(super) fn target(&self, all: &Target) -> Target {
        let Target::Values(values) = all else {
            panic!("outputs: the target holds labels, expected that of all outputs")
        };
        let n_rows = values.shape()[0];
        let values = values.slice(1, self.target.clone());
        if !self.is_labels {
            return values.reshape(self.rows(n_rows)).into();
        }
        let labels: Vec<u32> = values.to_vec::<f64>().into_iter().map(|label| label as u32).collect();
        Indices::new(labels, self.labels(n_rows)).into()
    }

    /// The shape of so many rows of this output.
    pub(super) fn rows(&self, n_rows: usize) -> Shape {
        self.row.insert(0, n_rows)
    }

    /// The shape of labels for so many rows.
    fn labels(&self, n_rows: usize) -> Shape {
        let shape = self.rows(n_rows);
        if self.row.is_empty() { shape } else { shape.without(self.row.len()) }
    }

    /// A target as columns of the target of all.
    fn column(&self, target: &Target, loss: &dyn Loss) -> Result<Tensor, String> {
        let n_rows = target.n_rows().map_err(|error| error.to_string())?;
        let output = self.rows(n_rows);
        let target = match target {
            // One number for each row may come without an axis of its own.
            Target::Values(values) if values.rank() == 1 && self.row == [1] => {
                values.reshape([n_rows, 1]).into()
            }
            other => other.clone(),
        };
        loss.check(&output, &target)?;
        let width = self.target.len();
        let columns = match &target {
            Target::Values(values) => values.detach(),
            Target::Labels(labels) if labels.len() == n_rows * width => numbers(labels)?,
            Target::Labels(labels) => Tensor::one_hot(labels, self.row.last().copied().unwrap_or(1)),
        };
        if columns.size() != n_rows * width {
            return Err(format!("the target {} does not fit the output {output}", columns.shape()));
        }
        Ok(columns.reshape([n_rows, width]))
    }
}

/// Labels as numbers that `f32` has all of.
fn numbers(labels: &Indices) -> Result<Tensor, String> {
    match labels.max() {
        Some(label) if label >= MOST_LABELS => Err(format!(
            "the label {label} is too large beside other outputs, expected less than {MOST_LABELS}"
        )),
        _ => Ok(Tensor::new(labels.iter().map(|label| label as f32).collect(), *labels.shape())),
    }
}

/// Whether a loss refuses a one-hot row.
fn takes_labels_alone(loss: &dyn Loss, row: &Shape) -> bool {
    let n_classes = row.last().copied().unwrap_or(1).max(1);
    let n_entries = row.size() / n_classes;
    let one_hot = Tensor::one_hot(&Indices::new(vec![0_u32; n_entries], [n_entries]), n_classes);
    let output = row.insert(0, 1);
    loss.check(&output, &one_hot.reshape(output).into()).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_f32_has_not_all_of_are_refused() {
        let of = |label: usize| numbers(&Indices::from([0, label])).map(|numbers| numbers.to_vec::<f32>());
        assert_eq!(of(MOST_LABELS - 1), Ok(vec![0.0, 16_777_215.0]));
        let message = "the label 16777216 is too large beside other outputs, expected less than 16777216";
        assert_eq!(of(MOST_LABELS), Err(message.to_string()));
    }
}
