//! Functions made of operations, checked as operations are.

use crate::{Sample, Tensor};

/// A function made of operations, from which its derivatives follow. As one of the catalogue it is checked as they are.
///
/// # Examples
/// ```
/// use wengert_tensor::{catalogue, Composite, Sample, Tensor};
///
/// /// y = x / Σ x,  by the derivatives of its parts
/// #[derive(Clone)]
/// struct Share;
/// impl Composite<1> for Share {
///     const NAME: &'static str = "share";
///     fn value(&self, [x]: [&Tensor; 1]) -> Tensor { x / x.sum() }
///     fn samples() -> Vec<Sample<Self, 1>> { vec![Sample::between(Share, [&[3]], [(1.0, 2.0)])] }
/// }
/// catalogue::check_composite::<Share, 1>().unwrap();
/// ```
pub trait Composite<const N: usize>: Clone + Send + Sync + 'static {
    /// The name in the catalogue.
    const NAME: &'static str;

    /// The value, in tensor code.
    ///
    /// # Panics
    /// At the caller's line, if the operands do not fit.
    #[track_caller]
    fn value(&self, xs: [&Tensor; N]) -> Tensor;

    /// Inputs that exercise the function, as [`Op::samples`](crate::Op::samples).
    fn samples() -> Vec<Sample<Self, N>>;
}
