//! The operators `+ - * /` and unary `-`, on tensors, parameters and Rust numbers.

use std::ops::{Add, Div, Mul, Neg, Sub};

use wengert_array::DType;

use crate::ops::arithmetic;
use crate::{Param, Tensor, apply};

/// A Rust number beside a tensor. It takes the tensor's type, and never promotes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalar(pub f64);

/// The other operand of a comparison or selection: a tensor, or a number that takes its type from the first.
#[derive(Clone, Copy, Debug)]
pub enum Operand<'a> {
    /// A tensor.
    Tensor(&'a Tensor),
    /// A number.
    Scalar(f64),
}

impl Operand<'_> {
    pub(crate) fn dtype(&self) -> Option<DType> {
        match self {
            Operand::Tensor(x) => Some(x.dtype()),
            Operand::Scalar(_) => None,
        }
    }

    /// The operand as a tensor; a number becomes one of the given type.
    pub(crate) fn tensor(self, dtype: DType) -> Tensor {
        match self {
            Operand::Tensor(x) => x.clone(),
            Operand::Scalar(x) => Tensor::scalar(x, dtype),
        }
    }
}

impl<'a> From<&'a Tensor> for Operand<'a> {
    fn from(x: &'a Tensor) -> Self {
        Operand::Tensor(x)
    }
}

impl<'a> From<&'a Param> for Operand<'a> {
    fn from(x: &'a Param) -> Self {
        Operand::Tensor(x)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Scalar {
            fn from(x: $number) -> Self {
                Scalar(x as f64)
            }
        }
        impl From<$number> for Operand<'_> {
            fn from(x: $number) -> Self {
                Operand::Scalar(x as f64)
            }
        }
    )*};
}
// Each number type needs an implementation of its own: there is no common conversion to f64.
numbers!(f64, f32, i32, i64, u32, usize);

macro_rules! operator {
    ($Operator:ident, $method:ident, $op:expr) => {
        operator!(@pair $Operator, $method, $op, [&Tensor, Tensor] x [&Tensor, Tensor, &Param]);
        operator!(@pair $Operator, $method, $op, [&Param] x [&Tensor, Tensor, &Param]);
        operator!(@right $Operator, $method, $op, &Tensor, Tensor, &Param);
        operator!(@left $Operator, $method, $op, &Tensor, Tensor, &Param);
    };
    (@pair $Operator:ident, $method:ident, $op:expr, [$($Left:ty),*] x $rights:tt) => {
        $(operator!(@each $Operator, $method, $op, $Left, $rights);)*
    };
    (@each $Operator:ident, $method:ident, $op:expr, $Left:ty, [$($Right:ty),*]) => {
        $(impl $Operator<$Right> for $Left {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: $Right) -> Tensor {
                apply($op, [AsRef::<Tensor>::as_ref(&self), AsRef::<Tensor>::as_ref(&other)])
            }
        })*
    };
    (@right $Operator:ident, $method:ident, $op:expr, $($Left:ty),*) => {
        $(impl<S: Into<Scalar>> $Operator<S> for $Left {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: S) -> Tensor {
                let x = AsRef::<Tensor>::as_ref(&self);
                // Not `apply`, which would be compiled wherever this is called.
                $Operator::$method(x, &Tensor::scalar(other.into().0, x.dtype()))
            }
        })*
    };
    (@left $Operator:ident, $method:ident, $op:expr, $($Right:ty),*) => {
        $(impl $Operator<$Right> for f64 {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: $Right) -> Tensor {
                let x = AsRef::<Tensor>::as_ref(&other);
                apply($op, [&Tensor::scalar(self, x.dtype()), x])
            }
        })*
    };
}
// Four operators on three kinds of operands, owned, borrowed and mixed: 60 implementations that say the same.
operator!(Add, add, arithmetic::Add);
operator!(Sub, sub, arithmetic::Sub);
operator!(Mul, mul, arithmetic::Mul);
operator!(Div, div, arithmetic::Div);

macro_rules! negation {
    ($($Operand:ty),*) => {
        $(impl Neg for $Operand {
            type Output = Tensor;
            #[track_caller]
            fn neg(self) -> Tensor {
                apply(arithmetic::Neg, [AsRef::<Tensor>::as_ref(&self)])
            }
        })*
    };
}
// As above.
negation!(&Tensor, Tensor, &Param);

impl std::iter::Sum for Tensor {
    /// The sum of all; 0 if there are none.
    fn sum<I: Iterator<Item = Tensor>>(tensors: I) -> Tensor {
        tensors.reduce(|sum, x| sum + x).unwrap_or_else(|| Tensor::from(0.0))
    }
}

impl AsRef<Tensor> for Tensor {
    fn as_ref(&self) -> &Tensor {
        self
    }
}
