//! The trait of every differentiable operation: value, shape rule, derivative rule and samples in one place.
//! How a call of an operation is recorded stands in `node.rs`.

use wengert_array::{Array, Mismatch, Shape};

use crate::{Sample, Tensor};

/// An operation on `N` tensors.
///
/// One `impl` is one operation: what it computes, when its operands fit, and its derivative. Elementwise operations
/// implement [`Unary`](crate::Unary) or [`Binary`](crate::Binary) instead, from which this trait follows.
///
/// Rules are written in tensor code, so that they can themselves be differentiated. A rule may return its derivative
/// in the shape of `y` where an operand was broadcast: the sweep sums it back.
///
/// # Examples
/// ```
/// use wengert_tensor::{apply, catalogue, Array, Mismatch, Needs, Op, Sample, Shape, Tensor};
///
/// /// y = reversal of a vector,  dx = reversal of dy
/// #[derive(Clone, Debug)]
/// struct Reverse;
/// impl Op<1> for Reverse {
///     const NAME: &'static str = "reverse";
///     const NEEDS: [Needs; 1] = [Needs::NONE];
///     fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
///         if x.len() == 1 { Ok(*x) } else { Err(Mismatch::new("a vector is needed").row("x", x)) }
///     }
///     fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
///         x.slice(0, x.size().saturating_sub(1), x.size(), -1)
///     }
///     fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
///         apply(Reverse, [dy])
///     }
///     fn samples() -> Vec<Sample<Self, 1>> {
///         vec![Sample::random(Reverse, [&[3]]), Sample::fails(Reverse, [&[2, 2]], "a vector is needed")]
///     }
/// }
/// catalogue::check::<Reverse, 1>().unwrap();
/// ```
pub trait Op<const N: usize>: Clone + Send + Sync + 'static {
    /// The name in messages, tapes and the catalogue.
    const NAME: &'static str;

    /// Which values the rule of each argument reads. Values that nobody declares are not kept.
    const NEEDS: [Needs; N];

    /// Whether each element of the result depends on one element of each input. Such an operation needs fewer samples.
    const IS_ELEMENTWISE: bool = false;

    /// The shape of the result, or what does not fit.
    ///
    /// # Errors
    /// If the operands do not fit; the message gets the name of the operation and the caller's line.
    fn shape(&self, xs: [&Shape; N]) -> Result<Shape, Mismatch>;

    /// The value. `shape` is what [`shape`](Op::shape) said.
    fn forward(&self, xs: [&Array; N], shape: &Shape) -> Array;

    /// The derivative rule of argument `arg`: the vector-Jacobian product `dyᵀ · ∂y/∂xs[arg]`.
    ///
    /// A value that `NEEDS[arg]` does not declare is NaN here.
    fn vjp(&self, arg: usize, xs: [&Tensor; N], y: &Tensor, dy: &Tensor) -> Tensor;

    /// The same derivatives as one pass over arrays, for the arguments that are `wanted`, if there is such a pass. It
    /// serves where nothing is recorded, and is checked against [`vjp`](Op::vjp). It may take `dy` and use its buffer.
    fn vjp_kernel(
        &self,
        wanted: [bool; N],
        xs: [&Array; N],
        y: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; N]> {
        let _ = (wanted, xs, y, dy);
        None
    }

    /// The arithmetic operations of one execution, for [`Tape::statistics`](crate::Tape::statistics). Unless said
    /// otherwise one for each element of the result: a value of `tanh` counts as much as a sum.
    fn flops(&self, xs: [&Shape; N], y: &Shape) -> u64 {
        let _ = xs;
        y.size() as u64
    }

    /// Inputs that exercise the operation, among them at least one that must fail where shapes can be wrong.
    fn samples() -> Vec<Sample<Self, N>>;
}

/// The set of values that a derivative rule reads: some of the inputs, the output, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs(u32);

impl Needs {
    /// Nothing but the incoming derivative.
    pub const NONE: Needs = Needs(0);
    /// The result `y`.
    pub const OUTPUT: Needs = Needs(1 << 31);

    pub(crate) const N_INPUTS: usize = 31;

    /// Input number `index`.
    pub const fn input(index: usize) -> Needs {
        assert!(index < Needs::N_INPUTS, "only the first 31 inputs can be declared");
        Needs(1 << index)
    }

    /// Both sets together.
    pub const fn and(self, other: Needs) -> Needs {
        Needs(self.0 | other.0)
    }

    /// Whether input number `index` is read.
    pub const fn has_input(self, index: usize) -> bool {
        index < Needs::N_INPUTS && self.0 & (1 << index) != 0
    }

    /// Whether the output is read.
    pub const fn has_output(self) -> bool {
        self.0 & Needs::OUTPUT.0 != 0
    }
}
