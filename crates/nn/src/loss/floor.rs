//! Probabilities and logits: which of them an output has, and logarithms of probabilities that may be 0.

use wengert_tensor::{DType, Tensor};

use crate::{Activation, Output};

/// Keras' `epsilon`, by which it keeps numbers from 0.
pub(super) const EPSILON: f64 = 1e-7;

/// The logits of an output: what goes into a last activation that makes probabilities of them, or the output itself if it
/// is said to be logits.
#[track_caller]
pub(super) fn logits(output: &Output, ends: [Activation; 2], from_logits: bool) -> Option<Tensor> {
    if ends.contains(&output.activation) {
        return Some(output.raw.clone());
    }
    if from_logits { Some(output.value()) } else { None }
}

/// The logarithm of probabilities, exact down to the smallest number. At 0 it is finite: that of the smallest number,
/// without a derivative.
#[track_caller]
pub(super) fn ln(p: &Tensor) -> Tensor {
    let smallest = match p.dtype() {
        DType::F32 => f64::from(f32::MIN_POSITIVE),
        DType::F64 => f64::MIN_POSITIVE,
    };
    p.clamp(smallest, f64::INFINITY).ln()
}

/// Keras' probabilities.
#[track_caller]
pub(super) fn clipped(p: &Tensor) -> Tensor {
    p.clamp(EPSILON, 1.0 - EPSILON)
}
