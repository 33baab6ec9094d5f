//! The exponential, the logarithm, the hyperbolic tangent and the logistic function as arithmetic alone, without tables,
//! branches or calls, so that loops over them run on vectors. Functions that libraries compute one at a time are in
//! `special`, and behind the methods of numbers.
//!
//! The argument is reduced as W. J. Cody and W. Waite do (Software manual for the elementary functions, 1980, chapters 5
//! to 7). What is left is a polynomial, interpolated at Chebyshev nodes with mpmath at 60 digits: of
//! `(eʳ - 1 - r) / r²` for `|r| ≤ ½ ln 2`, and of `(2 artanh(s) / s - 2) / s²` in `s²` for mantissas between `√½` and `√2`.
//! `f32` is computed in `f64` with shorter polynomials, and so comes out rounded correctly but for ties too near to call.
//! Nothing is fused, so that every level of instructions gives the same bits.

use crate::dtype::{DType, Float};

const EXP_SINGLE: [f64; 6] = [
    0.500000001346581,
    0.16666666681623232,
    0.041666464925285904,
    0.0083333109254809,
    0.0013933649996309251,
    0.00019890990824673654,
];
const EXP_DOUBLE: [f64; 11] = [
    0.5,
    0.1666666666666667,
    0.04166666666666667,
    0.008333333333326136,
    0.0013888888888883748,
    0.00019841269874820627,
    2.4801587325547743e-05,
    2.7557255400206422e-06,
    2.75572736431103e-07,
    2.5105217004720745e-08,
    2.0914686968086876e-09,
];
const LN_SINGLE: [f64; 4] = [0.6666666655445165, 0.40000121876972, 0.2855081659971155, 0.23330581938241893];
const LN_DOUBLE: [f64; 7] = [
    0.666666666666667,
    0.39999999999899444,
    0.2857142862600327,
    0.22222211130259878,
    0.18182889455674947,
    0.15331710618210773,
    0.14616585424888623,
];

/// ln 2 in two parts, the first of 32 bits, so that its product with an exponent is exact.
const LN_2: [f64; 2] = [0.6931471803691238, 1.9082149292705877e-10];

/// Added to a number of at most 2⁵¹ it leaves the nearest integer in the lowest bits.
const TO_INTEGER: f64 = 6_755_399_441_055_744.0;
/// 2⁵², whose lowest bits are those of an integer added to it.
const OF_INTEGER: f64 = 4_503_599_627_370_496.0;
const ONE: u64 = 1.0_f64.to_bits();
const ROOT_OF_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const MANTISSA: u64 = (1 << 52) - 1;

/// `eˣ`, to 1 unit in the last place.
///
/// # Examples
/// ```
/// use wengert_array::elementary::exp;
/// assert_eq!([exp(0.0_f32), exp(1.0), exp(-200.0), exp(89.0)], [1.0, std::f32::consts::E, 0.0, f32::INFINITY]);
/// ```
#[inline(always)]
pub fn exp<T: Float>(x: T) -> T {
    let x = x.as_f64();
    match T::DTYPE {
        DType::F32 => {
            let (k, r) = reduce(clamp(x, -110.0, 90.0));
            T::of((1.0 + exp_m1(r, EXP_SINGLE)) * power_of_2(k))
        }
        DType::F64 => {
            let (k, r) = reduce(clamp(x, -746.0, 710.0));
            // In two steps, as the power itself may lie outside the normal numbers.
            let half = nearest_integer(0.5 * k);
            T::of((1.0 + exp_m1(r, EXP_DOUBLE)) * power_of_2(half) * power_of_2(k - half))
        }
    }
}

/// The natural logarithm, to 1 unit in the last place.
///
/// # Examples
/// ```
/// use wengert_array::elementary::ln;
/// assert_eq!([ln(1.0), ln(0.0), ln(f64::INFINITY)], [0.0, f64::NEG_INFINITY, f64::INFINITY]);
/// assert!(ln(-1.0_f32).is_nan());
/// ```
#[inline(always)]
pub fn ln<T: Float>(x: T) -> T {
    let x = x.as_f64();
    T::of(match T::DTYPE {
        DType::F32 => ln_of_normal(x, 0.0, LN_SINGLE),
        DType::F64 => {
            let is_tiny = x < f64::MIN_POSITIVE;
            let (scaled, shift) = if is_tiny { (x * 2_f64.powi(54), 54.0) } else { (x, 0.0) };
            ln_of_normal(scaled, shift, LN_DOUBLE)
        }
    })
}

/// `ln(1 + x)`, to 2 units in the last place, also where `x` is near 0.
///
/// # Examples
/// ```
/// use wengert_array::elementary::ln_1p;
/// assert_eq!([ln_1p(1e-20_f32), ln_1p(-1.0), ln_1p(f32::INFINITY)], [1e-20, f32::NEG_INFINITY, f32::INFINITY]);
/// ```
#[inline(always)]
pub fn ln_1p<T: Float>(x: T) -> T {
    let x = x.as_f64();
    let sum = 1.0 + x;
    let y = match T::DTYPE {
        DType::F32 => ln_of_normal(sum, 0.0, LN_SINGLE),
        DType::F64 => ln_of_normal(sum, 0.0, LN_DOUBLE),
    };
    // What the sum lost to rounding.
    let lost = (x - (sum - 1.0)) / sum;
    T::of(if sum > 0.0 && sum < f64::INFINITY { y + lost } else { y })
}

/// The hyperbolic tangent, to 2 units in the last place.
///
/// # Examples
/// ```
/// use wengert_array::elementary::tanh;
/// assert_eq!([tanh(-30.0_f32), tanh(0.0), tanh(1e-20)], [-1.0, 0.0, 1e-20]);
/// ```
#[inline(always)]
pub fn tanh<T: Float>(x: T) -> T {
    let x = x.as_f64();
    let (k, r) = reduce(2.0 * clamp(x.abs(), 0.0, 22.0));
    let part = match T::DTYPE {
        DType::F32 => exp_m1(r, EXP_SINGLE),
        DType::F64 => exp_m1(r, EXP_DOUBLE),
    };
    let power = power_of_2(k);
    // e^(2|x|) - 1, without cancellation where that is small.
    let grown = power * part + (power - 1.0);
    T::of((grown / (grown + 2.0)).copysign(x))
}

/// The logistic function `1 / (1 + e⁻ˣ)`, to 2 units in the last place.
///
/// # Examples
/// ```
/// use wengert_array::elementary::sigmoid;
/// assert_eq!([sigmoid(-1e4_f32), sigmoid(0.0), sigmoid(1e4)], [0.0, 0.5, 1.0]);
/// ```
#[inline(always)]
pub fn sigmoid<T: Float>(x: T) -> T {
    // The exponential of a large number is infinite, and its reciprocal the right 0.
    T::one() / (T::one() + exp(-x))
}

/// `x` between two bounds. NaN stays.
#[inline(always)]
fn clamp(x: f64, low: f64, high: f64) -> f64 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

#[inline(always)]
fn nearest_integer(x: f64) -> f64 {
    (x + TO_INTEGER) - TO_INTEGER
}

/// `x = k ln 2 + r` with an integer `k` and `|r| ≤ ½ ln 2`. The rest is the difference of the two numbers given, the first
/// of which is exact.
#[inline(always)]
fn reduce(x: f64) -> (f64, [f64; 2]) {
    let k = nearest_integer(x * std::f64::consts::LOG2_E);
    (k, [x - k * LN_2[0], k * LN_2[1]])
}

/// `2ᵏ` of an integer between -1022 and 1023.
#[inline(always)]
fn power_of_2(k: f64) -> f64 {
    f64::from_bits(((k + TO_INTEGER).to_bits() << 52).wrapping_add(ONE))
}

/// `eʳ - 1` for `|r| ≤ ½ ln 2`, where r is the difference of two numbers.
#[inline(always)]
fn exp_m1<const N: usize>([large, small]: [f64; 2], coefficients: [f64; N]) -> f64 {
    let r = large - small;
    large + (r * r * polynomial(r, coefficients) - small)
}

/// The logarithm of `x / 2^shift`, where `x` is not subnormal.
#[inline(always)]
fn ln_of_normal<const N: usize>(x: f64, shift: f64, coefficients: [f64; N]) -> f64 {
    let bits = x.to_bits().wrapping_add(ONE - ROOT_OF_HALF);
    let exponent = f64::from_bits(bits >> 52 | OF_INTEGER.to_bits()) - OF_INTEGER;
    let k = exponent - 1023.0 - shift;
    let f = f64::from_bits((bits & MANTISSA) + ROOT_OF_HALF) - 1.0;
    let s = f / (2.0 + f);
    let rest = s * s * polynomial(s * s, coefficients);
    let square = 0.5 * f * f;
    let y = k * LN_2[0] - ((square - (s * (square + rest) + k * LN_2[1])) - f);
    let of_special = if x == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    let of_positive = if x < f64::INFINITY { y } else { x };
    if x > 0.0 { of_positive } else { of_special }
}

/// `c₀ + c₁ x + c₂ x² + …`
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let (highest, others) = coefficients.split_last().expect("a polynomial has coefficients");
    others.iter().rev().fold(*highest, |sum, coefficient| sum * x + coefficient)
}
