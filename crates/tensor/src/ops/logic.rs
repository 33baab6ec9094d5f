//! Logic on masks, by methods and by the operators `&`, `|`, `^` and `!`. Comparisons, which make masks, stand in
//! `select.rs`.

use std::ops::{BitAnd, BitOr, BitXor, Not};

use wengert_array::{Float, Pointwise, Shape, pointwise};

use super::Mask;

#[derive(Clone, Copy)]
enum Connective {
    And,
    Or,
    Xor,
}

impl Pointwise<2> for Connective {
    #[inline(always)]
    fn apply<T: Float>(&self, [a, b]: [T; 2]) -> T {
        match self {
            Connective::And => a * b,
            Connective::Or => a.max(b),
            Connective::Xor => (a - b).abs(),
        }
    }
}

struct Negation;

impl Pointwise<1> for Negation {
    #[inline(always)]
    fn apply<T: Float>(&self, [a]: [T; 1]) -> T {
        T::one() - a
    }
}

impl Mask {
    #[track_caller]
    fn connect(&self, name: &str, connective: Connective, other: &Mask) -> Mask {
        if let Err(mismatch) = Shape::broadcast(&[self.shape(), other.shape()]) {
            panic!("{}", mismatch.report(name));
        }
        Mask { array: pointwise(&connective, [&self.array, &other.array]) }
    }

    /// Where both are true; both broadcast, here and in the other connectives. Also `a & b`.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([-1.0, 0.5, 2.0]);
    /// assert_eq!((x.greater(0.0) & x.less(1.0)).to_vec(), [false, true, false]);
    /// ```
    #[track_caller]
    pub fn and(&self, other: &Mask) -> Mask {
        self.connect("and", Connective::And, other)
    }

    /// Where at least one is true. Also `a | b`.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([-1.0, 0.5, 2.0]);
    /// assert_eq!((x.less(0.0) | x.greater(1.0)).to_vec(), [true, false, true]);
    /// ```
    #[track_caller]
    pub fn or(&self, other: &Mask) -> Mask {
        self.connect("or", Connective::Or, other)
    }

    /// Where exactly one is true. Also `a ^ b`.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([-1.0, 0.5, 2.0]);
    /// assert_eq!((x.greater(0.0) ^ x.less(1.0)).to_vec(), [true, false, true]);
    /// ```
    #[track_caller]
    pub fn xor(&self, other: &Mask) -> Mask {
        self.connect("xor", Connective::Xor, other)
    }

    /// Where this is false. Also `!a`, which it is named after.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!((!Tensor::from([-1.0, 2.0]).greater(0.0)).to_vec(), [true, false]);
    /// ```
    #[allow(clippy::should_implement_trait)]
    pub fn not(&self) -> Mask {
        Mask { array: pointwise(&Negation, [&self.array]) }
    }
}

macro_rules! operator {
    ($Operator:ident, $operator:ident, $method:ident: $([$Left:ty, $Right:ty])*) => {$(
        impl $Operator<$Right> for $Left {
            type Output = Mask;
            #[track_caller]
            fn $operator(self, other: $Right) -> Mask {
                AsRef::<Mask>::as_ref(&self).$method(AsRef::<Mask>::as_ref(&other))
            }
        }
    )*};
}
// Three operators on owned and borrowed masks: twelve implementations that say the same.
operator!(BitAnd, bitand, and: [Mask, Mask] [Mask, &Mask] [&Mask, Mask] [&Mask, &Mask]);
operator!(BitOr, bitor, or: [Mask, Mask] [Mask, &Mask] [&Mask, Mask] [&Mask, &Mask]);
operator!(BitXor, bitxor, xor: [Mask, Mask] [Mask, &Mask] [&Mask, Mask] [&Mask, &Mask]);

impl Not for Mask {
    type Output = Mask;
    fn not(self) -> Mask {
        Mask::not(&self)
    }
}

impl Not for &Mask {
    type Output = Mask;
    fn not(self) -> Mask {
        Mask::not(self)
    }
}

impl AsRef<Mask> for Mask {
    fn as_ref(&self) -> &Mask {
        self
    }
}
