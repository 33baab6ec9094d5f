//! The catalogue of all operations, and what is checked of each: drives the tests and the benchmarks.
//! The checks themselves stand in `catalogue/check.rs`.

mod check;

use std::fmt;

use wengert_array::{Array, Mismatch, Shape};

use crate::sample::Kind;
use crate::{Op, Sample, Tensor, apply};

/// One operation of the catalogue.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The operation's name.
    pub name: &'static str,
    cases: fn() -> Vec<Case>,
}

impl Entry {
    /// The entry of operation `O`.
    pub fn of<O: Op<N>, const N: usize>() -> Entry {
        Entry { name: O::NAME, cases: || O::samples().into_iter().map(Case::new).collect() }
    }

    /// Its samples.
    pub fn cases(&self) -> Vec<Case> {
        (self.cases)()
    }

    /// Runs every check on every sample.
    ///
    /// # Errors
    /// The first check that fails, or that there are no samples.
    pub fn check(&self) -> Result<Summary, Failure> {
        let mut summary = Summary::default();
        for case in self.cases() {
            check::case(&case, &mut summary)?;
        }
        if summary.n_samples == 0 {
            return Err(Failure { case: self.name.to_string(), what: "there are no samples".to_string() });
        }
        Ok(summary)
    }
}

/// Every operation of this crate.
///
/// # Examples
/// ```
/// assert!(wengert_tensor::catalogue::all().iter().any(|entry| entry.name == "matmul"));
/// ```
pub fn all() -> Vec<Entry> {
    crate::ops::catalogue()
}

/// Checks one operation, such as one of your own, on all its samples: the value where it is known, the shape rule,
/// strided, stride-0 and empty inputs, first and second derivatives against central differences, the derivative
/// kernel against the rule, `f32` against `f64`, and the messages of samples that must fail.
///
/// # Errors
/// The first check that fails.
///
/// # Examples
/// See [`Op`] and [`Unary`](crate::Unary).
pub fn check<O: Op<N>, const N: usize>() -> Result<Summary, Failure> {
    Entry::of::<O, N>().check()
}

/// What was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Samples whose values and derivatives were checked.
    pub n_samples: usize,
    /// Layouts of their inputs that were tried beside the plain one.
    pub n_layouts: usize,
    /// Samples that had to fail, and did.
    pub n_failures: usize,
}

/// A check that failed.
#[derive(Clone)]
pub struct Failure {
    /// The sample.
    pub case: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.case, self.what)
    }
}

impl fmt::Debug for Failure {
    /// The message, because this is what a program shows whose `main` returns the error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failure {}

type Run = dyn Fn(&[Tensor]) -> Tensor;
type ShapeRule = dyn Fn(&[Shape]) -> Result<Shape, Mismatch>;

/// A sample of an operation with any number of inputs.
pub struct Case {
    /// The operation and the shapes of its inputs.
    pub label: String,
    /// The inputs, in `f64`.
    pub inputs: Vec<Array>,
    value: Option<Vec<f64>>,
    kind: Kind,
    run: Box<Run>,
    shape: Box<ShapeRule>,
}

impl Case {
    fn new<O: Op<N>, const N: usize>(sample: Sample<O, N>) -> Case {
        let label = sample.label();
        let Sample { op, inputs, value, kind } = sample;
        let for_shape = op.clone();
        let run = move |xs: &[Tensor]| apply(op.clone(), std::array::from_fn(|i| &xs[i]));
        let shape = move |xs: &[Shape]| for_shape.shape(std::array::from_fn(|i| &xs[i]));
        Case { label, inputs: inputs.to_vec(), value, kind, run: Box::new(run), shape: Box::new(shape) }
    }

    /// Whether this is a size for benchmarks, which is not checked.
    pub fn is_timed(&self) -> bool {
        matches!(self.kind, Kind::Timed)
    }

    /// Executes the operation.
    pub fn run(&self, xs: &[Tensor]) -> Tensor {
        (self.run)(xs)
    }
}

/// Lists the operations of a file: `catalogue![Exp, Ln];`.
macro_rules! catalogue {
    ($($Operation:ident),* $(,)?) => {
        pub(super) fn catalogue() -> Vec<$crate::catalogue::Entry> {
            vec![$($crate::catalogue::Entry::of::<$Operation, _>()),*]
        }
    };
}
pub(crate) use catalogue;
