//! The catalogue of all operations, and what is checked of each: drives the tests and the benchmarks.
//! The checks themselves stand in `catalogue/check.rs`.

mod check;

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use wengert_array::{Array, Mismatch, Shape};

use crate::sample::Kind;
use crate::{Composite, ListOp, ListSample, Op, Tensor, apply, apply_list};

/// One operation of the catalogue.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The operation's name.
    pub name: &'static str,
    /// Whether each element of the result depends on one element of each input.
    pub is_elementwise: bool,
    cases: fn() -> Vec<Case>,
}

impl Entry {
    /// The entry of operation `O`.
    pub fn of<O: Op<N>, const N: usize>() -> Entry {
        Entry::listed::<O, [(); N]>()
    }

    /// The entry of anything that can be listed.
    pub(crate) fn listed<O: Listed<M>, M>() -> Entry {
        Entry { name: O::NAME, is_elementwise: O::IS_ELEMENTWISE, cases: O::cases }
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

/// Every operation of this crate; with the feature `catalogue`.
///
/// # Examples
/// ```
/// assert!(wengert_tensor::catalogue::all().iter().any(|entry| entry.name == "matmul"));
/// ```
#[cfg(feature = "catalogue")]
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

/// [`check`] for an operation on a list.
///
/// # Errors
/// The first check that fails.
///
/// # Examples
/// See [`ListOp`].
pub fn check_list<O: ListOp>() -> Result<Summary, Failure> {
    Entry::listed::<O, Vec<()>>().check()
}

/// [`check`] for a function made of operations.
///
/// # Errors
/// The first check that fails.
///
/// # Examples
/// See [`Composite`].
pub fn check_composite<O: Composite<N>, const N: usize>() -> Result<Summary, Failure> {
    Entry::listed::<O, Parts<N>>().check()
}

/// What can be in the catalogue. The marker `M` tells the traits apart that make it so.
pub(crate) trait Listed<M> {
    const NAME: &'static str;
    const IS_ELEMENTWISE: bool = false;
    fn cases() -> Vec<Case>;
}

impl<O: Op<N>, const N: usize> Listed<[(); N]> for O {
    const NAME: &'static str = O::NAME;
    const IS_ELEMENTWISE: bool = O::IS_ELEMENTWISE;

    fn cases() -> Vec<Case> {
        let run = |op: &O, xs: &[Tensor]| apply(op.clone(), std::array::from_fn(|i| &xs[i]));
        let shape = |op: &O, xs: &[Shape]| op.shape(std::array::from_fn(|i| &xs[i]));
        O::samples().into_iter().map(|sample| Case::new(O::NAME, sample.into(), run, shape)).collect()
    }
}

impl<O: ListOp> Listed<Vec<()>> for O {
    const NAME: &'static str = O::NAME;

    fn cases() -> Vec<Case> {
        let run = |op: &O, xs: &[Tensor]| apply_list(op.clone(), &xs.iter().collect::<Vec<_>>());
        let shape = |op: &O, xs: &[Shape]| op.shape(&xs.iter().collect::<Vec<_>>());
        O::samples().into_iter().map(|sample| Case::new(O::NAME, sample, run, shape)).collect()
    }
}

/// The marker of a function made of operations.
pub(crate) struct Parts<const N: usize>;

impl<O: Composite<N>, const N: usize> Listed<Parts<N>> for O {
    const NAME: &'static str = O::NAME;

    fn cases() -> Vec<Case> {
        let run = |op: &O, xs: &[Tensor]| op.value(std::array::from_fn(|i| &xs[i]));
        // It has no shape rule but that of its parts, which speak by panicking.
        let shape = move |op: &O, xs: &[Shape]| {
            let zeros: Vec<Tensor> = xs.iter().map(|&shape| Tensor::zeros(shape)).collect();
            catch_unwind(AssertUnwindSafe(|| *run(op, &zeros).shape())).map_err(message_of)
        };
        O::samples().into_iter().map(|sample| Case::new(O::NAME, sample.into(), run, shape)).collect()
    }
}

fn message_of(panic: Box<dyn Any + Send>) -> Mismatch {
    match panic.downcast::<String>() {
        Ok(message) => Mismatch::new(*message),
        Err(_) => Mismatch::new("a panic without a message"),
    }
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
    fn new<O: Clone + 'static>(
        name: &str,
        sample: ListSample<O>,
        run: impl Fn(&O, &[Tensor]) -> Tensor + 'static,
        shape: impl Fn(&O, &[Shape]) -> Result<Shape, Mismatch> + 'static,
    ) -> Case {
        let ListSample { op, inputs, value, kind } = sample;
        let shapes: Vec<String> = inputs.iter().map(|x| x.shape().to_string()).collect();
        let label = format!("{name} {}", shapes.join(" "));
        let for_shape = op.clone();
        let run = Box::new(move |xs: &[Tensor]| run(&op, xs));
        Case { label, inputs, value, kind, run, shape: Box::new(move |xs| shape(&for_shape, xs)) }
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
        #[cfg(feature = "catalogue")]
        pub(super) fn catalogue() -> Vec<$crate::catalogue::Entry> {
            vec![$($crate::catalogue::Entry::listed::<$Operation, _>()),*]
        }
    };
}
pub(crate) use catalogue;
