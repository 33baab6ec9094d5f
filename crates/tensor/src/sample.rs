//! Sample inputs of operations: what the checks of `catalogue.rs` and the benchmarks run on.

use wengert_array::{Array, DType, Rng, Shape};

use crate::{Binary, Unary};

/// Where an elementwise operation is sampled: an interval in which it is smooth, and points with known answers.
#[derive(Clone, Copy, Debug)]
pub struct Domain {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) points: &'static [(f64, f64, f64)],
}

impl Domain {
    /// Samples lie between `low` and `high`, where central differences are trusted.
    pub const fn interval(low: f64, high: f64) -> Domain {
        Domain { low, high, points: &[] }
    }

    /// Adds points `(x, y, dy/dx)` where value and slope are known: kinks, ends, saturated arguments. They are
    /// compared to within a few units in the last place.
    pub const fn with_points(self, points: &'static [(f64, f64, f64)]) -> Domain {
        Domain { points, ..self }
    }
}

/// One set of inputs for operation `O`, and what is known of the result.
///
/// # Examples
/// ```
/// # use wengert_tensor::{Array, Sample};
/// # #[derive(Clone)] struct MatMul;
/// let samples: Vec<Sample<MatMul, 2>> = vec![
///     Sample::random(MatMul, [&[2, 3], &[3, 4]]),
///     Sample::fails(MatMul, [&[2, 3], &[4, 3]], "inner sizes differ"),
/// ];
/// ```
#[derive(Clone, Debug)]
pub struct Sample<O, const N: usize> {
    pub(crate) op: O,
    pub(crate) inputs: [Array; N],
    pub(crate) value: Option<Vec<f64>>,
    pub(crate) kind: Kind,
}

/// A sample with any number of inputs: what [`Sample`] is for a [`ListOp`](crate::ListOp), made of one.
///
/// # Examples
/// ```
/// # use wengert_tensor::{ListSample, Sample};
/// # #[derive(Clone)] struct Concat;
/// let samples: Vec<ListSample<Concat>> =
///     vec![Sample::random(Concat, [&[2, 3], &[4, 3]]).into(), Sample::random(Concat, [&[2]]).into()];
/// ```
#[derive(Clone, Debug)]
pub struct ListSample<O> {
    pub(crate) op: O,
    pub(crate) inputs: Vec<Array>,
    pub(crate) value: Option<Vec<f64>>,
    pub(crate) kind: Kind,
}

impl<O, const N: usize> From<Sample<O, N>> for ListSample<O> {
    fn from(sample: Sample<O, N>) -> Self {
        let Sample { op, inputs, value, kind } = sample;
        ListSample { op, inputs: inputs.to_vec(), value, kind }
    }
}

/// What is to be checked on a sample.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Central differences are trusted, at first and second order.
    Smooth,
    /// The derivatives of the sum of the result are known; central differences are not trusted here.
    Corner(Vec<Vec<f64>>),
    /// The shapes are refused with a message that contains this text.
    Fails(&'static str),
    /// Too large to be checked: for benchmarks.
    Timed,
}

impl<O, const N: usize> Sample<O, N> {
    /// A sample with the given inputs (`f64`).
    pub fn new(op: O, inputs: [Array; N]) -> Self {
        Sample { op, inputs, value: None, kind: Kind::Smooth }
    }

    /// Inputs of the given shapes, random in [-2, 2].
    pub fn random(op: O, shapes: [&[usize]; N]) -> Self {
        Sample::between(op, shapes, [(-2.0, 2.0); N])
    }

    /// Inputs of the given shapes, each random in an interval of its own. The same call gives the same numbers.
    pub fn between(op: O, shapes: [&[usize]; N], intervals: [(f64, f64); N]) -> Self {
        let mut rng = Rng::seed(shapes.iter().flat_map(|shape| shape.iter()).sum::<usize>() as u64);
        let mut draw = |i: usize| {
            let (low, high) = intervals[i];
            rng.uniform(Shape::from(shapes[i]), low, high, DType::F64)
        };
        Sample::new(op, std::array::from_fn(&mut draw))
    }

    /// Shapes that the operation must refuse, with a message that contains `message`.
    pub fn fails(op: O, shapes: [&[usize]; N], message: &'static str) -> Self {
        Sample { kind: Kind::Fails(message), ..Sample::zeros(op, shapes) }
    }

    /// A size worth timing. It is not checked.
    pub fn timed(op: O, shapes: [&[usize]; N]) -> Self {
        Sample { kind: Kind::Timed, ..Sample::random(op, shapes) }
    }

    /// The value that the operation must have, element by element.
    pub fn gives(self, value: &[f64]) -> Self {
        Sample { value: Some(value.to_vec()), ..self }
    }

    /// The derivatives of the result's sum with respect to each input, for points where the operation is not smooth.
    pub fn with_derivatives(self, derivatives: [&[f64]; N]) -> Self {
        Sample { kind: Kind::Corner(derivatives.map(<[f64]>::to_vec).to_vec()), ..self }
    }

    fn zeros(op: O, shapes: [&[usize]; N]) -> Self {
        Sample::new(op, shapes.map(|shape| Array::zeros(Shape::from(shape), DType::F64)))
    }
}

impl<U: Unary> Sample<U, 1> {
    /// Samples over the domain of an elementwise operation on one tensor, for each of its variants.
    pub(crate) fn unary() -> Vec<Self> {
        let variants = U::variants().into_iter();
        variants.flat_map(|op| Sample::of(&op, unary_inputs(U::DOMAIN, &op.points()))).collect()
    }
}

impl<B: Binary> Sample<B, 2> {
    /// Samples over the domains of an elementwise operation on two tensors, for each of its variants: equal shapes,
    /// and broadcasting on each side.
    pub(crate) fn binary() -> Vec<Self> {
        B::variants()
            .into_iter()
            .flat_map(|op| Sample::of(&op, binary_inputs(B::DOMAINS, B::POINTS)))
            .collect()
    }
}

impl<O: Clone, const N: usize> Sample<O, N> {
    /// The same inputs for an operation.
    fn of(op: &O, samples: Vec<Sample<(), N>>) -> Vec<Self> {
        let of = |Sample { inputs, value, kind, .. }| Sample { op: op.clone(), inputs, value, kind };
        samples.into_iter().map(of).collect()
    }
}

// These do not depend on the operation, so that they are compiled once.

fn unary_inputs(domain: Domain, more_points: &[(f64, f64, f64)]) -> Vec<Sample<(), 1>> {
    let Domain { low, high, points } = domain;
    let over = |shape: &[usize]| Sample::between((), [shape], [(low, high)]);
    let shapes: [&[usize]; 8] = [&[], &[1], &[7], &[2, 3], &[0], &[3, 1, 2], &[2, 0, 3], &[1, 300]];
    let corners = points.iter().chain(more_points).map(|&(x, y, slope)| {
        let sample = Sample::new((), [Array::scalar(x, DType::F64)]);
        sample.gives(&[y]).with_derivatives([&[slope]])
    });
    let timed = Sample { kind: Kind::Timed, ..over(&[128, 512]) };
    shapes.map(over).into_iter().chain(corners).chain([timed]).collect()
}

fn binary_inputs(domains: [Domain; 2], points: &[(f64, f64, f64, [f64; 2])]) -> Vec<Sample<(), 2>> {
    let intervals = domains.map(|domain| (domain.low, domain.high));
    let over = |shapes: [&[usize]; 2]| Sample::between((), shapes, intervals);
    let shapes: [[&[usize]; 2]; 10] = [
        [&[], &[]],
        [&[3], &[]],
        [&[], &[2, 2]],
        [&[2, 3], &[2, 3]],
        [&[2, 3], &[3]],
        [&[2, 1], &[1, 3]],
        [&[2, 1], &[3]],
        [&[1, 2], &[3, 2, 2]],
        [&[0, 3], &[3]],
        [&[1, 300], &[2, 1]],
    ];
    let corners = points.iter().map(|&(a, b, y, [da, db])| {
        let sample = Sample::new((), [a, b].map(|x| Array::scalar(x, DType::F64)));
        sample.gives(&[y]).with_derivatives([&[da], &[db]])
    });
    let fails = Sample::fails((), [&[2, 3], &[2, 4]], "do not broadcast");
    let timed = [[128, 512], [1, 512]].map(|b| Sample { kind: Kind::Timed, ..over([&[128, 512], &b]) });
    shapes.map(over).into_iter().chain(corners).chain([fails]).chain(timed).collect()
}
