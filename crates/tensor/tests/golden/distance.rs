//! How far a result is from a reference.

use wengert_tensor::Tensor;

/// The distance of one result, such as a gradient, from its reference.
pub(crate) struct Distance {
    /// Which result.
    pub(crate) what: String,
    /// The largest difference of an element, relative to the larger of both.
    pub(crate) relative: f64,
}

impl Distance {
    /// The distance of a tensor from as many numbers, where differences up to `rounding` count for nothing.
    pub(crate) fn between(what: String, given: &Tensor, expected: &[f64], rounding: f64) -> Distance {
        let given = given.to_vec::<f64>();
        assert_eq!(given.len(), expected.len(), "{what}");
        let relative = |(given, expected): (f64, &f64)| {
            let difference = (given - expected).abs();
            if difference <= rounding { 0.0 } else { difference / given.abs().max(expected.abs()) }
        };
        let elements = given.into_iter().zip(expected);
        // A NaN is as far as can be: `max` would pass it over.
        let far = |x: f64| if x.is_nan() { f64::INFINITY } else { x };
        Distance { what, relative: elements.map(relative).map(far).fold(0.0, f64::max) }
    }
}
