//! Comparison, which gives a mask, and selection by a mask.

use wengert_array::{Array, DType, Float, Mismatch, Pointwise, Shape, pointwise};

use crate::catalogue::catalogue;
use crate::{Needs, Op, Operand, Sample, Tensor, apply};

catalogue![Where];

/// The truth values of a comparison. A mask is not a tensor: it has no derivative, and none can be asked for.
///
/// # Examples
/// ```
/// # use wengert_tensor::Tensor;
/// let x = Tensor::from([-4.0, 9.0]);
/// let root = x.greater(0.0).select(&x.sqrt(), 0.0);
/// assert_eq!(root.to_vec::<f32>(), [0.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Mask {
    /// 0 and 1 in `f32`.
    pub(super) array: Array,
}

impl Mask {
    /// The sizes along the axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::ones([2, 3]).greater(0.0).shape(), [2, 3]);
    /// ```
    pub fn shape(&self) -> &Shape {
        self.array.shape()
    }

    /// All truth values in row-major order.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, -1.0]).greater(0.0).to_vec(), [true, false]);
    /// ```
    pub fn to_vec(&self) -> Vec<bool> {
        self.array.iter().map(|x| x != 0.0).collect()
    }

    /// 1 where true, 0 where false: a constant, with derivative zero.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{DType, Tensor};
    /// let mask = Tensor::from([1.0, -1.0]).greater(0.0);
    /// assert_eq!(mask.to_tensor(DType::F32).to_vec::<f32>(), [1.0, 0.0]);
    /// ```
    pub fn to_tensor(&self, dtype: DType) -> Tensor {
        self.array.cast(dtype).into()
    }

    /// `a` where true, `b` where false, as `where` of NumPy and PyTorch.
    ///
    /// # Shape
    /// Mask and operands broadcast.
    ///
    /// # Gradient
    /// `da = dy` where true, else 0; `db` the reverse. A NaN or infinity in the branch that is not taken does not reach
    /// the value, nor the derivative with respect to what an elementwise operation, a reduction or a softmax made it
    /// from. (A matrix product sums over its elements, and passes a NaN on.)
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([1.0, -1.0]);
    /// assert_eq!(x.greater(0.0).select(&x, 7.0).to_vec::<f32>(), [1.0, 7.0]);
    /// ```
    #[track_caller]
    pub fn select<'a>(&self, a: impl Into<Operand<'a>>, b: impl Into<Operand<'a>>) -> Tensor {
        let (a, b) = (a.into(), b.into());
        let dtype = a.dtype().max(b.dtype()).unwrap_or(DType::F32);
        Where { mask: self.array.clone() }.of(&a.tensor(dtype), &b.tensor(dtype))
    }
}

/// y = a where the mask is true, else b,  da = dy where true, db = dy where false
#[derive(Clone, Debug)]
pub(crate) struct Where {
    mask: Array,
}

impl Where {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Op<2> for Where {
    const NAME: &'static str = "where";
    const NEEDS: [Needs; 2] = [Needs::NONE; 2];

    fn shape(&self, [a, b]: [&Shape; 2]) -> Result<Shape, Mismatch> {
        Shape::broadcast(&[self.mask.shape(), a, b])
    }

    fn forward(&self, [a, b]: [&Array; 2], _: &Shape) -> Array {
        pointwise(self, [&self.mask, a, b])
    }

    fn vjp(&self, arg: usize, _: [&Tensor; 2], _: &Tensor, dy: &Tensor) -> Tensor {
        let zero = Tensor::scalar(0.0, dy.dtype());
        apply(self.clone(), if arg == 0 { [dy, &zero] } else { [&zero, dy] })
    }

    fn flops(&self, _: [&Shape; 2], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let mask = |values: &[f32], shape: &[usize]| Where { mask: Array::from_slice(values, shape) };
        let of = |op: Where, a: &[usize], b: &[usize]| Sample::random(op, [a, b]);
        let branches =
            [Array::from_vec(vec![1.0, f64::NAN], [2]), Array::from_vec(vec![f64::INFINITY, 4.0], [2])];
        let exact = Sample::new(mask(&[1.0, 0.0], &[2]), branches);
        vec![
            exact.gives(&[1.0, 4.0]).with_derivatives([&[1.0, 0.0], &[0.0, 1.0]]),
            of(mask(&[1.0], &[]), &[], &[]),
            of(mask(&[1.0, 0.0, 1.0], &[3]), &[3], &[3]),
            of(mask(&[1.0, 0.0], &[2, 1]), &[2, 3], &[3]),
            of(mask(&[1.0, 0.0, 0.0, 1.0], &[2, 2]), &[], &[2]),
            of(mask(&[0.0, 1.0], &[2]), &[3, 1], &[1]),
            of(mask(&[], &[0]), &[0], &[1]),
            of(mask(&[0.0], &[1]), &[2, 2], &[2, 2]),
            of(mask(&[0.0], &[]), &[3], &[]),
            of(mask(&[1.0], &[1]), &[1], &[1]),
            of(mask(&[1.0, 0.0], &[2]), &[2], &[]),
            of(mask(&[1.0, 0.0], &[2]), &[], &[2]),
            of(mask(&[1.0, 0.0], &[2, 1]), &[3], &[3]),
            of(mask(&[1.0, 0.0, 1.0], &[3]), &[2, 1], &[2, 3]),
            of(mask(&[], &[0]), &[2, 1], &[1]),
            of(mask(&[1.0, 0.0], &[2]), &[0, 2], &[2]),
            of(mask(&[1.0, 0.0], &[2, 1, 1]), &[3, 1], &[2]),
            of(mask(&[0.0, 1.0], &[1, 2]), &[2, 2, 2], &[2, 1]),
            of(mask(&[1.0; 4], &[4]), &[4], &[4]),
            of(mask(&[0.0; 4], &[4]), &[4], &[4]),
            Sample::fails(mask(&[1.0, 0.0], &[2]), [&[3], &[3]], "do not broadcast"),
            Sample::timed(Where { mask: Array::zeros([1, 512], DType::F32) }, [&[128, 512], &[128, 512]]),
        ]
    }
}

impl Pointwise<3> for Where {
    #[inline(always)]
    fn apply<T: Float>(&self, [mask, a, b]: [T; 3]) -> T {
        if mask != T::zero() { a } else { b }
    }
}

#[derive(Clone, Copy)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Pointwise<2> for Comparison {
    #[inline(always)]
    fn apply<T: Float>(&self, [a, b]: [T; 2]) -> T {
        let is_true = match self {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            Comparison::Less => a < b,
            Comparison::LessEqual => a <= b,
            Comparison::Greater => a > b,
            Comparison::GreaterEqual => a >= b,
        };
        if is_true { T::one() } else { T::zero() }
    }
}

impl Tensor {
    #[track_caller]
    fn compare(&self, name: &str, comparison: Comparison, other: Operand<'_>) -> Mask {
        let other = other.tensor(self.dtype());
        if let Err(mismatch) = Shape::broadcast(&[self.shape(), other.shape()]) {
            panic!("{}", mismatch.report(name));
        }
        Mask { array: pointwise(&comparison, [&self.array, &other.array]).cast(DType::F32) }
    }

    /// Where the elements are equal. Both sides broadcast, here and in the other comparisons; NaN equals nothing.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, f32::NAN]).equal(1.0).to_vec(), [true, false]);
    /// ```
    #[track_caller]
    pub fn equal<'a>(&self, other: impl Into<Operand<'a>>) -> Mask {
        self.compare("equal", Comparison::Equal, other.into())
    }

    /// Where the elements differ.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, f32::NAN]).not_equal(1.0).to_vec(), [false, true]);
    /// ```
    #[track_caller]
    pub fn not_equal<'a>(&self, other: impl Into<Operand<'a>>) -> Mask {
        self.compare("not_equal", Comparison::NotEqual, other.into())
    }

    /// Where `self < other`.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).less(2.0).to_vec(), [true, false]);
    /// ```
    #[track_caller]
    pub fn less<'a>(&self, other: impl Into<Operand<'a>>) -> Mask {
        self.compare("less", Comparison::Less, other.into())
    }

    /// Where `self <= other`.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([2.0, 3.0]).less_equal(2.0).to_vec(), [true, false]);
    /// ```
    #[track_caller]
    pub fn less_equal<'a>(&self, other: impl Into<Operand<'a>>) -> Mask {
        self.compare("less_equal", Comparison::LessEqual, other.into())
    }

    /// Where `self > other`.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 3.0]).greater(2.0).to_vec(), [false, true]);
    /// ```
    #[track_caller]
    pub fn greater<'a>(&self, other: impl Into<Operand<'a>>) -> Mask {
        self.compare("greater", Comparison::Greater, other.into())
    }

    /// Where `self >= other`.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([2.0, 1.0]).greater_equal(2.0).to_vec(), [true, false]);
    /// ```
    #[track_caller]
    pub fn greater_equal<'a>(&self, other: impl Into<Operand<'a>>) -> Mask {
        self.compare("greater_equal", Comparison::GreaterEqual, other.into())
    }
}
