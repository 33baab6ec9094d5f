//! The two element types, as a run-time value and as a bound for kernels. Storage is in `buffer`.

use std::fmt;

use num_traits::NumAssign;

use crate::buffer::Element;
use crate::special;

/// The element type of an array, decided at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
}

impl DType {
    /// The size of one element in bytes.
    pub fn size_of(self) -> usize {
        match self {
            DType::F32 => size_of::<f32>(),
            DType::F64 => size_of::<f64>(),
        }
    }

    /// The type that holds the values of both: `F64` if either is.
    ///
    /// # Examples
    /// ```
    /// use wengert_array::DType;
    /// assert_eq!(DType::F32.promote(DType::F64), DType::F64);
    /// ```
    pub fn promote(self, other: DType) -> DType {
        self.max(other)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            DType::F32 => "f32",
            DType::F64 => "f64",
        })
    }
}

/// What kernels may ask of an element: the mathematics of `f32` and `f64`. No other type can implement it.
pub trait Float:
    Element + num_traits::Float + NumAssign + Default + fmt::Debug + fmt::Display + Send + Sync + 'static
{
    /// The run-time name of this type.
    const DTYPE: DType;

    /// The nearest value of this type to `x`.
    fn of(x: f64) -> Self;

    /// This value as `f64`, exactly.
    fn as_f64(self) -> f64;

    /// The error function `2/√π ∫₀ˣ exp(-t²) dt`.
    fn erf(self) -> Self;

    /// `1 - erf(x)`, accurate where that is near 0.
    fn erfc(self) -> Self;

    /// The logarithm of the absolute value of the gamma function.
    fn lgamma(self) -> Self;

    /// The logarithmic derivative of the gamma function: minus infinity at 0, NaN at negative integers.
    fn digamma(self) -> Self {
        Self::of(special::digamma(self.as_f64()))
    }

    /// Derivative number `n` of the digamma function, which is itself number 0.
    fn polygamma(self, n: u32) -> Self {
        Self::of(special::polygamma(n, self.as_f64()))
    }
}

impl Float for f32 {
    const DTYPE: DType = DType::F32;

    #[inline]
    fn of(x: f64) -> f32 {
        x as f32
    }

    #[inline]
    fn as_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline]
    fn erf(self) -> f32 {
        libm::erff(self)
    }

    #[inline]
    fn erfc(self) -> f32 {
        libm::erfcf(self)
    }

    #[inline]
    fn lgamma(self) -> f32 {
        // Near its roots `lgammaf` keeps only some six digits.
        libm::lgamma(f64::from(self)) as f32
    }
}

impl Float for f64 {
    const DTYPE: DType = DType::F64;

    #[inline]
    fn of(x: f64) -> f64 {
        x
    }

    #[inline]
    fn as_f64(self) -> f64 {
        self
    }

    #[inline]
    fn erf(self) -> f64 {
        libm::erf(self)
    }

    #[inline]
    fn erfc(self) -> f64 {
        libm::erfc(self)
    }

    #[inline]
    fn lgamma(self) -> f64 {
        libm::lgamma(self)
    }
}

/// Evaluates an expression with a type name bound to the type that a [`DType`] names.
///
/// A macro, because a closure cannot be generic over a type.
///
/// # Examples
/// ```
/// use wengert_array::{DType, dispatch};
/// assert_eq!(dispatch!(DType::F64, T => size_of::<T>()), 8);
/// ```
#[macro_export]
macro_rules! dispatch {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::DType::F64 => {
                type $T = f64;
                $body
            }
        }
    };
}
