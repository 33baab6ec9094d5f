//! The operations, a file for each family. An operation is one place: value, shape rule, derivative rule,
//! documentation and samples. Known values that are not obvious were computed with mpmath 1.3 at 40 digits.

// A function made of operations may be listed for its samples alone.
#![cfg_attr(not(feature = "catalogue"), allow(dead_code))]

pub(crate) mod activation;
mod affine;
pub(crate) mod arithmetic;
mod batch_norm;
mod binary_cross_entropy;
mod contraction;
mod convert;
mod cross_entropy;
mod cumulative;
mod diagonal;
mod einsum;
mod exponential;
mod exponential_linear;
mod extremum;
mod features;
mod gated;
mod hyperbolic;
mod joining;
mod layer_norm;
mod leaf;
mod logic;
mod logsumexp;
pub(crate) mod magnitude;
mod matmul;
mod movement;
mod norm;
mod padding;
mod picking;
mod piecewise;
mod power;
mod product;
mod rearrangement;
mod rectifier;
mod reduction;
mod residual;
mod rounding;
mod scattering;
mod select;
mod slicing;
mod softmax;
mod sorting;
mod sparsemax;
mod special;
mod squared_error;
mod trigonometric;
mod variance;
mod windows;

#[cfg(feature = "catalogue")]
use crate::catalogue::Entry;

pub use cross_entropy::Target;
pub use padding::Padding;
pub use select::Mask;
pub use slicing::{IntoSpan, Span};

/// Every operation of this crate.
#[cfg(feature = "catalogue")]
pub(crate) fn catalogue() -> Vec<Entry> {
    [
        activation::catalogue(),
        affine::catalogue(),
        arithmetic::catalogue(),
        batch_norm::catalogue(),
        binary_cross_entropy::catalogue(),
        contraction::catalogue(),
        convert::catalogue(),
        cross_entropy::catalogue(),
        cumulative::catalogue(),
        diagonal::catalogue(),
        einsum::catalogue(),
        exponential::catalogue(),
        leaf::catalogue(),
        exponential_linear::catalogue(),
        extremum::catalogue(),
        gated::catalogue(),
        hyperbolic::catalogue(),
        joining::catalogue(),
        layer_norm::catalogue(),
        logsumexp::catalogue(),
        magnitude::catalogue(),
        matmul::catalogue(),
        movement::catalogue(),
        norm::catalogue(),
        padding::catalogue(),
        picking::catalogue(),
        piecewise::catalogue(),
        power::catalogue(),
        product::catalogue(),
        rearrangement::catalogue(),
        rectifier::catalogue(),
        reduction::catalogue(),
        residual::catalogue(),
        rounding::catalogue(),
        scattering::catalogue(),
        select::catalogue(),
        slicing::catalogue(),
        softmax::catalogue(),
        sorting::catalogue(),
        sparsemax::catalogue(),
        special::catalogue(),
        squared_error::catalogue(),
        trigonometric::catalogue(),
        variance::catalogue(),
        windows::catalogue(),
    ]
    .concat()
}
