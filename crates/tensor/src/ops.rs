//! The operations, a file for each family. An operation is one place: value, shape rule, derivative rule,
//! documentation and samples.

mod activation;
pub(crate) mod arithmetic;
mod contraction;
mod convert;
mod cross_entropy;
mod cumulative;
mod diagonal;
mod einsum;
mod exponential;
mod extremum;
mod joining;
mod logsumexp;
mod matmul;
mod movement;
mod norm;
mod padding;
mod picking;
mod product;
mod rearrangement;
mod reduction;
mod scattering;
mod select;
mod slicing;
mod softmax;
mod sorting;
mod variance;
mod windows;

use crate::catalogue::Entry;

pub use cross_entropy::Target;
pub use padding::Padding;
pub use select::Mask;
pub use slicing::{IntoSpan, Span};

/// Every operation of this crate.
pub(crate) fn catalogue() -> Vec<Entry> {
    [
        activation::catalogue(),
        arithmetic::catalogue(),
        contraction::catalogue(),
        convert::catalogue(),
        cross_entropy::catalogue(),
        cumulative::catalogue(),
        diagonal::catalogue(),
        einsum::catalogue(),
        exponential::catalogue(),
        extremum::catalogue(),
        joining::catalogue(),
        logsumexp::catalogue(),
        matmul::catalogue(),
        movement::catalogue(),
        norm::catalogue(),
        padding::catalogue(),
        picking::catalogue(),
        product::catalogue(),
        rearrangement::catalogue(),
        reduction::catalogue(),
        scattering::catalogue(),
        select::catalogue(),
        slicing::catalogue(),
        softmax::catalogue(),
        sorting::catalogue(),
        variance::catalogue(),
        windows::catalogue(),
    ]
    .concat()
}
