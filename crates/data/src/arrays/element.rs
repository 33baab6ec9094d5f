//! The numbers that files of arrays are made of.

use std::fmt;

use wengert_tensor::DType;

/// The type of the numbers in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// A byte that is 0 or not.
    Bool,
    /// 8 bits from 0 on.
    U8,
    /// 8 bits with a sign.
    I8,
    /// 16 bits from 0 on.
    U16,
    /// 16 bits with a sign.
    I16,
    /// 32 bits from 0 on.
    U32,
    /// 32 bits with a sign.
    I32,
    /// 64 bits from 0 on.
    U64,
    /// 64 bits with a sign.
    I64,
    /// IEEE 754 of half precision.
    F16,
    /// IEEE 754 of single precision.
    F32,
    /// IEEE 754 of double precision.
    F64,
}

impl Element {
    /// The size in bytes.
    pub fn size_of(self) -> usize {
        match self {
            Element::Bool | Element::U8 | Element::I8 => 1,
            Element::U16 | Element::I16 | Element::F16 => 2,
            Element::U32 | Element::I32 | Element::F32 => 4,
            Element::U64 | Element::I64 | Element::F64 => 8,
        }
    }

    /// The smaller of the two dtypes that holds every number of this type; `F64` for 64-bit integers, of which it holds
    /// those up to 2⁵³.
    pub fn dtype(self) -> DType {
        match self {
            Element::U32 | Element::I32 | Element::U64 | Element::I64 | Element::F64 => DType::F64,
            _ => DType::F32,
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{self:?}").to_lowercase();
        formatter.write_str(&name)
    }
}

/// One number of a file, before it is asked what it is wanted for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    /// The number of these bytes, the least significant first.
    #[inline]
    pub(crate) fn of(element: Element, bytes: u64) -> Number {
        match element {
            Element::Bool => Number::Integer(i128::from(bytes != 0)),
            Element::U8 | Element::U16 | Element::U32 | Element::U64 => Number::Integer(i128::from(bytes)),
            Element::I8 => Number::Integer(i128::from(bytes as i8)),
            Element::I16 => Number::Integer(i128::from(bytes as i16)),
            Element::I32 => Number::Integer(i128::from(bytes as i32)),
            Element::I64 => Number::Integer(i128::from(bytes as i64)),
            Element::F16 => Number::Float(half(bytes as u16)),
            Element::F32 => Number::Float(f64::from(f32::from_bits(bytes as u32))),
            Element::F64 => Number::Float(f64::from_bits(bytes)),
        }
    }

    /// The number as `f64`, if that can hold it exactly.
    #[inline]
    pub(crate) fn as_f64(self) -> Option<f64> {
        match self {
            Number::Integer(integer) => match i64::try_from(integer) {
                // Up to here every integer is a float.
                Ok(small) if small.unsigned_abs() <= 1 << 53 => Some(small as f64),
                _ => {
                    let float = integer as f64;
                    (float as i128 == integer).then_some(float)
                }
            },
            Number::Float(float) => Some(float),
        }
    }

    /// The number as an index, if it is one.
    #[inline]
    pub(crate) fn as_index(self) -> Option<u32> {
        match self {
            Number::Integer(integer) => u32::try_from(integer).ok(),
            Number::Float(float) => {
                (float.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&float)).then_some(float as u32)
            }
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Integer(integer) => integer.fmt(formatter),
            Number::Float(float) => float.fmt(formatter),
        }
    }
}

/// The value of a half: `(-1)^s · 2^(e - 25) · (1024 + m)`, and below 2⁻¹⁴ `(-1)^s · 2^-24 · m`.
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let size = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + mantissa) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_those_of_the_standard() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960464477539063e-8),
            (0x03ff, 6.097555160522461e-5),
            (0x0400, 6.103515625e-5),
            (0x3555, 0.333251953125),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), value, "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
        assert!(half(0x8000).is_sign_negative());
    }

    #[test]
    fn integers_that_a_float_cannot_hold_are_none() {
        assert_eq!(Number::Integer(1 << 53).as_f64(), Some(9007199254740992.0));
        assert_eq!(Number::Integer((1 << 53) + 1).as_f64(), None);
        assert_eq!(Number::of(Element::U64, u64::MAX).as_f64(), None);
        assert_eq!(Number::of(Element::I64, u64::MAX).as_f64(), Some(-1.0));
    }
}
