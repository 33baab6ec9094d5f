//! The activations of a model on a batch: how many units never answer, and how much lies where the slope is nearly 0.

use std::panic::Location;

use wengert_tensor::{Operation, Tape, Tensor};

use super::origin::Origins;

/// The activations that one operation gave for a batch. A unit is a place of the last axis; all other axes are rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnitsDiagnosis {
    /// The layer that they belong to, as its parameters are named.
    pub layer: String,
    /// The operation: `relu`, `tanh`, …
    pub operation: &'static str,
    /// Where the program asked for it.
    pub site: &'static Location<'static>,
    /// The number of units.
    pub n_units: usize,
    /// Units whose slope was 0 in every row (less than a thousandth of the greatest that the function has): no
    /// gradient passes them.
    pub n_dead: usize,
    /// Others, whose slope was not 0 in at most one of twenty rows.
    pub n_nearly_dead: usize,
    /// The fraction of all values at which the slope was less than a twentieth of the greatest. For a rectifier one half
    /// is usual; for `tanh` it is the fraction beyond ±2.18, and tells of saturation.
    pub flat: f64,
    /// Whether the function is bounded on both sides, so that flat is saturated.
    pub is_bounded: bool,
    /// The mean of the values.
    pub mean: f64,
    /// Their standard deviation.
    pub std: f64,
}

/// A slope of less than this part of the greatest counts as 0.
const DEAD: f64 = 1e-3;
/// A slope of less than this part of the greatest is flat.
const FLAT: f64 = 0.05;
/// A unit that answers in at most this part of the rows is nearly dead.
const RARE: f64 = 0.05;

/// The greatest slope of an activation, and whether it is bounded on both sides; nothing for other operations. Slopes
/// that depend on a parameter are taken at its usual value.
fn character(operation: &str) -> Option<(f64, bool)> {
    match operation {
        "tanh" | "softsign" | "hard_tanh" | "relu6" => Some((1.0, operation != "relu6")),
        "sigmoid" => Some((0.25, true)),
        "hard_sigmoid" => Some((1.0 / 6.0, true)),
        "sparse_sigmoid" => Some((0.5, true)),
        "relu" | "affine_relu" | "relu_squared" | "leaky_relu" | "prelu" | "threshold" | "elu" | "selu"
        | "celu" | "silu" | "gelu" | "gelu_tanh" | "mish" | "hard_silu" | "softplus" | "log_sigmoid"
        | "squareplus" | "sparse_plus" | "soft_shrink" | "hard_shrink" | "tanh_shrink" => Some((1.0, false)),
        _ => None,
    }
}

pub(super) fn measure(tape: &Tape<'_>, operations: &[Operation], origins: &Origins) -> Vec<UnitsDiagnosis> {
    let values = tape.values();
    let mut all = Vec::new();
    for operation in operations {
        let (Some(character), Some(owner)) = (character(operation.name), origins.owners[operation.number])
        else {
            continue;
        };
        let Some(value) = &values[operation.number] else { continue };
        if operation.shape.len() < 2 || value.size() == 0 {
            continue;
        }
        // The slope of a fused layer with respect to its data is a product; that of the rectifier is in its values.
        let slope = match operation.name {
            "affine_relu" => Some(numbers(value).iter().map(|&y| f64::from(y > 0.0)).collect()),
            _ => tape.slope(operation.number).map(|slope| numbers(&slope)),
        };
        if let Some(slope) = slope {
            all.push(one(operation, &origins.layers[owner], character, (&numbers(value), &slope)));
        }
    }
    all
}

fn one(
    operation: &Operation,
    layer: &str,
    (greatest, is_bounded): (f64, bool),
    (values, slopes): (&[f64], &[f64]),
) -> UnitsDiagnosis {
    let n_units = operation.shape[operation.shape.len() - 1];
    let n_rows = values.len() / n_units;
    let mut n_answers = vec![0_usize; n_units];
    for row in slopes.chunks(n_units) {
        for (n, slope) in n_answers.iter_mut().zip(row) {
            // A NaN is no sign of death, and is told of elsewhere.
            *n += usize::from(slope.abs() > DEAD * greatest || slope.is_nan());
        }
    }
    let n_dead = n_answers.iter().filter(|&&n| n == 0).count();
    let is_rare = |n: usize| n > 0 && n as f64 <= RARE * n_rows as f64;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / values.len() as f64;
    UnitsDiagnosis {
        layer: layer.to_string(),
        operation: operation.name,
        site: operation.site,
        n_units,
        n_dead,
        n_nearly_dead: n_answers.iter().filter(|&&n| is_rare(n)).count(),
        flat: slopes.iter().filter(|slope| slope.abs() < FLAT * greatest).count() as f64
            / slopes.len() as f64,
        is_bounded,
        mean,
        std: variance.sqrt(),
    }
}

fn numbers(x: &Tensor) -> Vec<f64> {
    x.to_vec()
}
