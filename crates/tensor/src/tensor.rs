//! The tensor: an immutable value, and perhaps where it came from. What can be computed with it stands in `ops/`.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use wengert_array::{Array, Axes, DType, Float, Shape};

use crate::node::{Edge, Node};

/// An immutable array of numbers, which remembers how it was computed if it is tracked.
///
/// Clones share their storage. The numbers are `f32` unless asked otherwise; an operation on `f32` and `f64` gives
/// `f64`, and a Rust number beside a tensor takes the tensor's type.
///
/// # Examples
/// ```
/// use wengert_tensor::Tensor;
///
/// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(*x.shape(), [2, 3]);
/// assert_eq!((&x * 2.0 + 1.0).sum().item(), 48.0);
/// ```
#[derive(Clone)]
pub struct Tensor {
    pub(crate) array: Array,
    pub(crate) origin: Option<Arc<Node>>,
}

// A node is never changed once it is shared, so a panic cannot leave one half-written.
impl UnwindSafe for Tensor {}
impl RefUnwindSafe for Tensor {}

impl Tensor {
    /// A tensor of the given elements in row-major order, `f32` or `f64` as they are.
    ///
    /// # Panics
    /// If the number of elements is not that of the shape.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{DType, Tensor};
    /// let x = Tensor::new(vec![1.0_f64, 2.0, 3.0, 4.0], [2, 2]);
    /// assert_eq!(x.dtype(), DType::F64);
    /// ```
    #[track_caller]
    pub fn new<T: Float>(elements: Vec<T>, shape: impl Into<Shape>) -> Tensor {
        Array::from_vec(elements, shape.into()).into()
    }

    /// The number `value`, of shape `[]`.
    pub fn scalar(value: f64, dtype: DType) -> Tensor {
        Array::scalar(value, dtype).into()
    }

    /// A tensor of `f32` zeros.
    #[track_caller]
    pub fn zeros(shape: impl Into<Shape>) -> Tensor {
        Tensor::full(shape, 0.0)
    }

    /// A tensor of `f32` ones.
    #[track_caller]
    pub fn ones(shape: impl Into<Shape>) -> Tensor {
        Tensor::full(shape, 1.0)
    }

    /// A tensor of `f32` that are all `value`.
    #[track_caller]
    pub fn full(shape: impl Into<Shape>, value: f64) -> Tensor {
        Array::full(shape.into(), value, DType::F32).into()
    }

    /// `0, 1, …, n - 1` as `f32`.
    pub fn arange(n: usize) -> Tensor {
        Tensor::new((0..n).map(|i| i as f32).collect(), [n])
    }

    /// The identity matrix of `n` rows, `f32`.
    pub fn eye(n: usize) -> Tensor {
        let element = |i: usize| if i / n == i % n { 1.0_f32 } else { 0.0 };
        Tensor::new((0..n * n).map(element).collect(), [n, n])
    }

    /// The sizes along the axes.
    pub fn shape(&self) -> &Shape {
        self.array.shape()
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.shape().len()
    }

    /// The number of elements.
    pub fn size(&self) -> usize {
        self.array.size()
    }

    /// The type of the numbers.
    pub fn dtype(&self) -> DType {
        self.array.dtype()
    }

    /// The numbers, without where they came from.
    pub fn array(&self) -> &Array {
        &self.array
    }

    /// The node that it came out of, if it is tracked.
    pub(crate) fn edge(&self) -> Edge {
        self.origin.clone()
    }

    /// The numbers for writing. A buffer that is shared is copied first; the result is not tracked.
    pub fn array_mut(&mut self) -> &mut Array {
        self.origin = None;
        &mut self.array
    }

    /// The only element.
    ///
    /// # Panics
    /// If there is not exactly one element.
    #[track_caller]
    pub fn item(&self) -> f64 {
        self.array.item()
    }

    /// The element at an index.
    ///
    /// # Panics
    /// If the index lies outside the shape.
    #[track_caller]
    pub fn at<const N: usize>(&self, index: [usize; N]) -> f64 {
        let is_inside = N == self.rank() && index.iter().zip(self.shape().iter()).all(|(i, size)| i < size);
        assert!(is_inside, "at: index {index:?} lies outside the shape {}", self.shape());
        self.array.get(&index)
    }

    /// All elements in row-major order, converted to `T`.
    pub fn to_vec<T: Float>(&self) -> Vec<T> {
        self.array.to_vec()
    }

    /// Whether operations on this tensor are recorded.
    pub fn is_tracked(&self) -> bool {
        self.origin.is_some()
    }

    /// The same value without where it came from.
    pub fn detach(&self) -> Tensor {
        self.array.clone().into()
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.array)?;
        match &self.origin {
            Some(node) => write!(f, " from {}", node.rule.name()),
            None => Ok(()),
        }
    }
}

impl From<Array> for Tensor {
    fn from(array: Array) -> Tensor {
        Tensor { array, origin: None }
    }
}

impl From<f32> for Tensor {
    fn from(value: f32) -> Tensor {
        Tensor::scalar(f64::from(value), DType::F32)
    }
}

impl From<Vec<f32>> for Tensor {
    fn from(elements: Vec<f32>) -> Tensor {
        let n = elements.len();
        Tensor::new(elements, [n])
    }
}

impl From<&[f32]> for Tensor {
    fn from(elements: &[f32]) -> Tensor {
        elements.to_vec().into()
    }
}

impl<const N: usize> From<[f32; N]> for Tensor {
    fn from(elements: [f32; N]) -> Tensor {
        Tensor::new(elements.to_vec(), [N])
    }
}

impl<const M: usize, const N: usize> From<[[f32; N]; M]> for Tensor {
    fn from(rows: [[f32; N]; M]) -> Tensor {
        Tensor::new(rows.concat(), [M, N])
    }
}

impl<const L: usize, const M: usize, const N: usize> From<[[[f32; N]; M]; L]> for Tensor {
    fn from(blocks: [[[f32; N]; M]; L]) -> Tensor {
        Tensor::new(blocks.concat().concat(), [L, M, N])
    }
}

/// Axes named by number, from the end if negative: `-1`, `[0, 1]`, `[-2, -1]`.
pub trait IntoAxes: fmt::Debug {
    /// The numbers as given.
    fn numbers(&self) -> Vec<isize>;

    /// The set of axes of a tensor of the given rank.
    ///
    /// # Panics
    /// If an axis lies outside the rank, or is named twice.
    #[track_caller]
    fn resolve(&self, operation: &str, shape: &Shape) -> Axes {
        let mut axes = Vec::new();
        for number in self.numbers() {
            let axis = resolve_axis(operation, number, shape);
            assert!(!axes.contains(&axis), "{operation}: axis {axis} is named twice in {self:?}");
            axes.push(axis);
        }
        Axes::of(&axes)
    }
}

#[track_caller]
pub(crate) fn resolve_axis(operation: &str, number: isize, shape: &Shape) -> usize {
    let Some(axis) = axis_in(number, shape) else {
        panic!(
            "{operation}: axis {number} does not exist\n  given   {shape}, which has {} axes",
            shape.len()
        );
    };
    axis
}

/// The axis of a number that may count from the end, if there is one.
pub(crate) fn axis_in(number: isize, shape: &Shape) -> Option<usize> {
    let rank = shape.len() as isize;
    let axis = if number < 0 { number + rank } else { number };
    (0..rank).contains(&axis).then_some(axis as usize)
}

macro_rules! into_axes {
    ($($integer:ty),*) => {$(
        impl IntoAxes for $integer {
            fn numbers(&self) -> Vec<isize> {
                vec![*self as isize]
            }
        }
        impl<const N: usize> IntoAxes for [$integer; N] {
            fn numbers(&self) -> Vec<isize> {
                self.iter().map(|&axis| axis as isize).collect()
            }
        }
        impl IntoAxes for &[$integer] {
            fn numbers(&self) -> Vec<isize> {
                self.iter().map(|&axis| axis as isize).collect()
            }
        }
    )*};
}
// An axis counted from the end is negative, an axis out of `0..rank` is usize: both come up in user code.
into_axes!(i32, isize, usize);
