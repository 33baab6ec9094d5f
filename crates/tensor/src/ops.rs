//! The operations, a file for each family. An operation is one place: value, shape rule, derivative rule,
//! documentation and samples.

mod activation;
pub(crate) mod arithmetic;
mod convert;
mod cross_entropy;
mod cumulative;
mod exponential;
mod extremum;
mod joining;
mod logsumexp;
mod matmul;
mod movement;
mod norm;
mod picking;
mod product;
mod reduction;
mod scattering;
mod select;
mod softmax;
mod sorting;
mod variance;

use crate::catalogue::Entry;

pub use cross_entropy::Target;
pub use movement::{IntoSpan, Span};
pub use select::Mask;

/// Every operation of this crate.
pub(crate) fn catalogue() -> Vec<Entry> {
    [
        activation::catalogue(),
        arithmetic::catalogue(),
        convert::catalogue(),
        cross_entropy::catalogue(),
        cumulative::catalogue(),
        exponential::catalogue(),
        extremum::catalogue(),
        joining::catalogue(),
        logsumexp::catalogue(),
        matmul::catalogue(),
        movement::catalogue(),
        norm::catalogue(),
        picking::catalogue(),
        product::catalogue(),
        reduction::catalogue(),
        scattering::catalogue(),
        select::catalogue(),
        softmax::catalogue(),
        sorting::catalogue(),
        variance::catalogue(),
    ]
    .concat()
}
