//! What slopes are made of: arithmetic and functions that numbers and tensors share. The slopes stand in `ops/`.

use std::ops::{Add, Div, Mul, Neg, Sub};

use num_traits::Float as Number;
use wengert_array::{Float, elementary};

use crate::Tensor;
use crate::ops::activation::softplus;
use crate::ops::magnitude::sign;

/// What a slope may be made of: arithmetic and a few functions that floats and tensors share.
///
/// On floats a formula is part of one fused pass; on tensors it records itself, so that it can be differentiated again.
pub trait Algebra:
    Clone + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// The constant `c`, of the kind of `self`.
    fn lit(&self, c: f64) -> Self;
    /// `a` where `self > bound`, else `b`. What is not taken does not count, even if it is infinite or NaN.
    fn where_greater(&self, bound: &Self, a: Self, b: Self) -> Self;
    /// `a` where `self` equals `other`, else `b`.
    fn where_equal(&self, other: &Self, a: Self, b: Self) -> Self;
    /// `self · slope`, but 0 where `self` is 0, even if the slope is infinite or NaN.
    fn guarded_mul(&self, slope: &Self) -> Self;
    /// `self` to the power of a constant.
    fn powf(&self, exponent: f64) -> Self;
    /// `self` to the power of `exponent`.
    fn pow(&self, exponent: &Self) -> Self;
    /// `√(self² + other²)` without overflow.
    fn hypot(&self, other: &Self) -> Self;
    /// Derivative number `n` of the digamma function.
    fn polygamma(&self, n: u32) -> Self;
    /// `1` where `self > 0`, else `0`; its own derivative is zero.
    fn is_positive(&self) -> Self;
    /// `self²`
    fn square(&self) -> Self;
    /// The absolute value.
    fn abs(&self) -> Self;
    /// -1, 0 or 1; its own derivative is zero.
    fn sign(&self) -> Self;
    /// The nearest integer; its own derivative is zero.
    fn round(&self) -> Self;
    /// The square root.
    fn sqrt(&self) -> Self;
    /// `e^self`
    fn exp(&self) -> Self;
    /// The natural logarithm.
    fn ln(&self) -> Self;
    /// The sine.
    fn sin(&self) -> Self;
    /// The cosine.
    fn cos(&self) -> Self;
    /// The hyperbolic sine.
    fn sinh(&self) -> Self;
    /// The hyperbolic cosine.
    fn cosh(&self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(&self) -> Self;
    /// The logistic function `1 / (1 + e^-self)`.
    fn sigmoid(&self) -> Self;
    /// `ln(1 + e^self)`
    fn softplus(&self) -> Self;
    /// One minus the error function.
    fn erfc(&self) -> Self;
    /// The digamma function.
    fn digamma(&self) -> Self;

    /// `a` where `self > 0`, else `b`.
    fn where_positive(&self, a: Self, b: Self) -> Self {
        self.where_greater(&self.lit(0.0), a, b)
    }

    /// `1 / self`, but 0 at 0: the slope of a length at the origin.
    fn recip_or_zero(&self) -> Self {
        self.where_equal(&self.lit(0.0), self.lit(0.0), self.lit(1.0) / self.clone())
    }
}

/// `dy · slope`, but 0 where `dy` is 0: a slope that is not finite must not reach an element that the result does not
/// depend on, such as the branch that `select` did not take.
#[inline(always)]
pub(crate) fn guarded_product<F: Float>(dy: F, slope: F) -> F {
    if dy == F::zero() { F::zero() } else { dy * slope }
}

macro_rules! of_numbers {
    ($($name:ident: $function:expr;)*) => {$(
        #[inline(always)]
        fn $name(&self) -> Self {
            $function(*self)
        }
    )*};
}

macro_rules! of_tensors {
    ($($name:ident)*) => {$(
        fn $name(&self) -> Self {
            Tensor::$name(self)
        }
    )*};
}

impl<T: Float> Algebra for T {
    #[inline(always)]
    fn lit(&self, c: f64) -> Self {
        T::of(c)
    }
    #[inline(always)]
    fn where_greater(&self, bound: &Self, a: Self, b: Self) -> Self {
        if self > bound { a } else { b }
    }
    #[inline(always)]
    fn where_equal(&self, other: &Self, a: Self, b: Self) -> Self {
        if self == other { a } else { b }
    }
    #[inline(always)]
    fn guarded_mul(&self, slope: &Self) -> Self {
        guarded_product(*self, *slope)
    }
    #[inline(always)]
    fn powf(&self, exponent: f64) -> Self {
        Number::powf(*self, T::of(exponent))
    }
    #[inline(always)]
    fn pow(&self, exponent: &Self) -> Self {
        Number::powf(*self, *exponent)
    }
    #[inline(always)]
    fn hypot(&self, other: &Self) -> Self {
        Number::hypot(*self, *other)
    }
    #[inline(always)]
    fn polygamma(&self, n: u32) -> Self {
        Float::polygamma(*self, n)
    }
    // Twice the same list would be hidden among a hundred lines.
    of_numbers! {
        is_positive: |x| if x > T::zero() { T::one() } else { T::zero() };
        square: |x| x * x;
        abs: Number::abs;
        sign: sign;
        round: Number::round;
        sqrt: Number::sqrt;
        exp: elementary::exp;
        ln: elementary::ln;
        sin: Number::sin;
        cos: Number::cos;
        sinh: Number::sinh;
        cosh: Number::cosh;
        tanh: elementary::tanh;
        sigmoid: elementary::sigmoid;
        softplus: softplus;
        erfc: Float::erfc;
        digamma: Float::digamma;
    }
}

impl Algebra for Tensor {
    fn lit(&self, c: f64) -> Self {
        Tensor::scalar(c, self.dtype())
    }
    fn where_greater(&self, bound: &Self, a: Self, b: Self) -> Self {
        self.greater(bound).select(&a, &b)
    }
    fn where_equal(&self, other: &Self, a: Self, b: Self) -> Self {
        self.equal(other).select(&a, &b)
    }
    fn guarded_mul(&self, slope: &Self) -> Self {
        Tensor::guarded_mul(self, slope)
    }
    fn powf(&self, exponent: f64) -> Self {
        Tensor::powf(self, exponent)
    }
    fn pow(&self, exponent: &Self) -> Self {
        Tensor::pow(self, exponent)
    }
    fn hypot(&self, other: &Self) -> Self {
        Tensor::hypot(self, other)
    }
    fn polygamma(&self, n: u32) -> Self {
        Tensor::polygamma(self, n)
    }
    fn is_positive(&self) -> Self {
        self.greater(0.0).to_tensor(self.dtype())
    }
    of_tensors! { square abs sign round sqrt exp ln sin cos sinh cosh tanh sigmoid softplus erfc digamma }
}
