//! How outputs and targets say a class.

use wengert_nn::{Activation, Output};
use wengert_tensor::{DType, Float, Shape, Target, Tensor};

/// How classes are written down.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// One number per row on both sides.
    Binary,
    /// So many scores per row, and a label.
    Sparse(usize),
    /// So many scores per row on both sides.
    Categorical(usize),
}

impl Kind {
    /// Keras' rule, `is_binary_or_sparse_categorical` in its `compile_utils.py`.
    pub(super) fn of(output: &Shape, target: &Target) -> Result<Kind, String> {
        let truth = shape_of(target);
        let n_classes = if output.len() < 2 { 1 } else { output[output.len() - 1] };
        let is_sparse =
            matches!(target, Target::Labels(_)) || truth.len() < output.len() || truth.last() == Some(&1);
        let (kind, fits) = match n_classes {
            0 | 1 => (Kind::Binary, truth.size() == output.size()),
            _ if is_sparse => (Kind::Sparse(n_classes), truth.size() == output.size() / n_classes),
            _ => (Kind::Categorical(n_classes), truth == output),
        };
        if fits {
            Ok(kind)
        } else {
            Err(format!("the target {truth} does not tell the classes of an output {output}"))
        }
    }

    /// How many numbers of the output say one class.
    pub(super) fn n_columns(self) -> usize {
        match self {
            Kind::Binary => 1,
            Kind::Sparse(n_classes) | Kind::Categorical(n_classes) => n_classes,
        }
    }
}

/// The classes that an output says and those that are right, and the number of classes; of one number per row, 1 is more
/// than 0.5. A number that is no class becomes the first one beyond.
pub(crate) fn predicted_and_true(
    output: &Output,
    target: &Target,
) -> Result<(Vec<usize>, Vec<usize>, usize), String> {
    let kind = Kind::of(output.raw.shape(), target)?;
    let predicted = match kind {
        Kind::Binary => {
            let (scores, threshold) = decisive_at(output, 0.5);
            scores.iter().map(|&score| usize::from(score > threshold)).collect()
        }
        // The softmax of a row only grows, and what goes into it still tells apart what rounding makes equal.
        Kind::Sparse(n) | Kind::Categorical(n) if output.activation == Activation::Softmax => {
            places_of_largest(&output.raw, n)
        }
        Kind::Sparse(n) | Kind::Categorical(n) => {
            let (scores, _) = decisive_at(output, 0.5);
            scores.chunks_exact(n).map(largest).collect()
        }
    };
    let right = match (kind, target) {
        (Kind::Categorical(n), Target::Values(values)) => places_of_largest(values, n),
        (_, Target::Labels(labels)) => labels.iter().collect(),
        (_, Target::Values(values)) => values.to_vec::<f64>().into_iter().map(class).collect(),
    };
    Ok((predicted, right, kind.n_columns().max(2)))
}

/// A label that was given as a number; what is none is larger than any.
fn class(truth: f64) -> usize {
    if truth >= 0.0 && truth.fract() == 0.0 { truth as usize } else { usize::MAX }
}

/// The place of the largest number of each row of `n`, read where they lie if they lie in order: training asks at every step.
fn places_of_largest(values: &Tensor, n: usize) -> Vec<usize> {
    match values.dtype() {
        DType::F32 => places_of_largest_in::<f32>(values, n),
        DType::F64 => places_of_largest_in::<f64>(values, n),
    }
}

fn places_of_largest_in<T: Float>(values: &Tensor, n: usize) -> Vec<usize> {
    let of_rows = |numbers: &[T]| numbers.chunks_exact(n).map(largest).collect();
    match values.array().as_slice::<T>() {
        Some(numbers) => of_rows(numbers),
        None => of_rows(&values.to_vec::<T>()),
    }
}

/// Numbers that are above the threshold returned where the output is above the one given.
pub(super) fn decisive_at(output: &Output, threshold: f64) -> (Vec<f64>, f64) {
    match output.activation {
        Activation::Sigmoid | Activation::LogSigmoid => {
            (output.raw.to_vec(), (threshold / (1.0 - threshold)).ln())
        }
        _ => (output.value().to_vec(), threshold),
    }
}

/// The first place of the largest number.
pub(super) fn largest<T: PartialOrd + Copy>(row: &[T]) -> usize {
    let (mut place, mut most) = (0, row[0]);
    for (index, &x) in row.iter().enumerate() {
        // Chosen and not branched on: which number is the largest nobody can predict.
        let is_larger = x > most;
        place = if is_larger { index } else { place };
        most = if is_larger { x } else { most };
    }
    place
}

pub(super) fn shape_of(target: &Target) -> &Shape {
    match target {
        Target::Values(values) => values.shape(),
        Target::Labels(labels) => labels.shape(),
    }
}

pub(super) fn numbers(target: &Target) -> Vec<f64> {
    match target {
        Target::Values(values) => values.to_vec(),
        Target::Labels(labels) => labels.iter().map(|label| label as f64).collect(),
    }
}
