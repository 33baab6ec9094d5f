//! The array itself: how one is made, asked and written. Views are in `views`, kernels in their own files.

use std::sync::Arc;

use crate::buffer::{Buffer, Element};
use crate::dispatch;
use crate::dtype::{DType, Float};
use crate::layout::Layout;
use crate::pool;
use crate::shape::Shape;
use crate::source::Source;

/// An array of `f32` or `f64`: a buffer that clones and views share, and a layout.
///
/// A clone is cheap. Writing goes through [`Array::make_mut`], which copies first if another array holds the buffer.
///
/// # Examples
/// ```
/// use wengert_array::Array;
/// let x = Array::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3]);
/// let y = x.transpose();
/// assert_eq!(y.shape(), [3, 2]);
/// assert_eq!(y.get(&[2, 1]), 6.0);
/// assert!(y.shares_buffer(&x));
/// ```
#[derive(Clone)]
pub struct Array {
    pub(crate) buffer: Buffer,
    pub(crate) layout: Layout,
}

impl Array {
    /// An array of the given elements in row-major order.
    ///
    /// # Panics
    /// If the number of elements is not the size of the shape.
    #[track_caller]
    pub fn from_vec<T: Float>(data: Vec<T>, shape: impl Into<Shape>) -> Array {
        Array::filled_from("from_vec", &data, shape.into())
    }

    /// An array with a copy of the given elements in row-major order.
    ///
    /// # Panics
    /// If the number of elements is not the size of the shape.
    #[track_caller]
    pub fn from_slice<T: Float>(data: &[T], shape: impl Into<Shape>) -> Array {
        Array::filled_from("from_slice", data, shape.into())
    }

    #[track_caller]
    fn filled_from<T: Float>(name: &str, data: &[T], shape: Shape) -> Array {
        let (n, size) = (data.len(), shape.size());
        assert!(n == size, "{name}: {n} values do not fill {shape}, which holds {size}");
        Array::build(shape, |out| out.copy_from_slice(data))
    }

    /// A new contiguous array whose elements `fill` writes; before that they are arbitrary.
    #[inline]
    pub(crate) fn build<T: Float>(shape: Shape, fill: impl FnOnce(&mut [T])) -> Array {
        let size = shape.size();
        let mut buffer = Buffer::fresh::<T>(size);
        fill(&mut T::elements_mut(&mut buffer).expect(OF_THIS_TYPE)[..size]);
        Array { buffer, layout: Layout::row_major(shape) }
    }

    /// An array of rank 0.
    pub fn scalar(value: f64, dtype: DType) -> Array {
        Array::full((), value, dtype)
    }

    /// An array that repeats one value, with stride 0 and no storage of its own.
    pub fn full(shape: impl Into<Shape>, value: f64, dtype: DType) -> Array {
        let layout = Layout::constant(shape.into());
        dispatch!(dtype, T => {
            let mut tiny = <T as Element>::Tiny::default();
            tiny.as_mut()[0] = T::of(value);
            Array { buffer: T::tiny(tiny), layout }
        })
    }

    /// An array of zeros, with stride 0 and no storage of its own.
    pub fn zeros(shape: impl Into<Shape>, dtype: DType) -> Array {
        Array::full(shape, 0.0, dtype)
    }

    /// An array of ones, with stride 0 and no storage of its own.
    pub fn ones(shape: impl Into<Shape>, dtype: DType) -> Array {
        Array::full(shape, 1.0, dtype)
    }

    /// Stands for values that nobody should read: NaN, with stride 0 and no storage of its own.
    pub fn placeholder(shape: impl Into<Shape>, dtype: DType) -> Array {
        Array::full(shape, f64::NAN, dtype)
    }

    /// The element type.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.buffer.dtype()
    }

    /// The sizes of the axes.
    #[inline]
    pub fn shape(&self) -> &Shape {
        &self.layout.shape
    }

    /// The number of elements.
    #[inline]
    pub fn size(&self) -> usize {
        self.layout.shape.size()
    }

    /// The number of axes.
    #[inline]
    pub fn rank(&self) -> usize {
        self.layout.shape.len()
    }

    /// How far apart neighbours along each axis lie in the buffer, in elements.
    pub fn strides(&self) -> Vec<i32> {
        self.layout.strides()[..self.rank()].to_vec()
    }

    /// Whether the elements lie one after the other in row-major order.
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        self.layout.contiguous
    }

    /// The bytes of the buffer behind the array, shared or not. It may be larger than the array, since views are
    /// parts of their buffer and the pool rounds sizes up, and is 0 for the few elements that need no buffer.
    pub fn bytes(&self) -> usize {
        self.buffer.bytes()
    }

    /// Whether both read the same buffer. Arrays of at most 16 bytes hold their elements themselves and share none.
    pub fn shares_buffer(&self, other: &Array) -> bool {
        self.buffer.is_same(&other.buffer)
    }

    /// Where the buffer lies: a number that exactly the arrays have in common that share it, while any of them lives.
    /// Nothing for the few elements that need no buffer.
    pub fn buffer_address(&self) -> Option<usize> {
        let address = || dispatch!(self.dtype(), T => self.elements::<T>().as_ptr().addr());
        (self.bytes() > 0).then(address)
    }

    /// Whether no other array holds the buffer, so that writing needs no copy.
    #[inline]
    pub fn is_unique(&self) -> bool {
        self.buffer.is_unique()
    }

    /// The elements of the buffer, in its order, which the caller knows to be of type `T`.
    #[inline]
    #[track_caller]
    pub(crate) fn elements<T: Float>(&self) -> &[T] {
        T::elements(&self.buffer).unwrap_or_else(|| wrong_dtype(T::DTYPE, self.dtype()))
    }

    /// The elements in row-major order, or nothing if they are strided or of another type.
    #[inline]
    pub fn as_slice<T: Float>(&self) -> Option<&[T]> {
        let elements = T::elements(&self.buffer)?;
        self.layout.contiguous.then(|| &elements[self.layout.range()])
    }

    /// The elements for writing, in row-major order. If another array holds the buffer it is copied first, which
    /// [`pool::statistics`] counts; if the elements are strided they are laid out first.
    ///
    /// # Panics
    /// If the elements are not of type `T`.
    #[track_caller]
    pub fn make_mut<T: Float>(&mut self) -> &mut [T] {
        if self.dtype() != T::DTYPE {
            wrong_dtype(T::DTYPE, self.dtype());
        }
        if !self.is_unique() {
            pool::count_copy_on_write();
            *self = self.copied::<T>();
        } else if !self.layout.contiguous {
            *self = self.copied::<T>();
        }
        let range = self.layout.range();
        &mut T::elements_mut(&mut self.buffer).expect(OF_THIS_TYPE)[range]
    }

    /// A contiguous copy in a buffer of its own.
    pub(crate) fn copied<T: Float>(&self) -> Array {
        Array::build(*self.shape(), |out| Source::<T>::new(self, self.shape()).copy_to(0, out))
    }

    /// The elements in row-major order, converted to `T`.
    pub fn to_vec<T: Float>(&self) -> Vec<T> {
        let array = self.cast(T::DTYPE).contiguous();
        array.as_slice().expect("a contiguous array of this type").to_vec()
    }

    /// The only element.
    ///
    /// # Panics
    /// If there are more elements or none.
    #[track_caller]
    pub fn item(&self) -> f64 {
        let (shape, size) = (self.shape(), self.size());
        assert!(size == 1, "item: {shape} has {size} elements, expected 1");
        self.at(self.layout.offset as usize)
    }

    /// One element.
    ///
    /// # Panics
    /// If the index does not have an entry for each axis, or one is out of bounds.
    #[track_caller]
    pub fn get(&self, index: &[usize]) -> f64 {
        let shape = self.shape();
        let is_inside =
            index.len() == shape.len() && index.iter().zip(shape.iter()).all(|(i, size)| i < size);
        assert!(is_inside, "get: {index:?} is not an element of {shape}");
        self.at(self.layout.position(index))
    }

    fn at(&self, position: usize) -> f64 {
        dispatch!(self.dtype(), T => self.elements::<T>()[position].as_f64())
    }

    /// The elements in row-major order, as `f64`.
    pub fn iter(&self) -> impl Iterator<Item = f64> + use<> {
        self.to_vec::<f64>().into_iter()
    }

    /// The same elements in contiguous order: itself, or a copy.
    pub fn contiguous(&self) -> Array {
        if self.layout.contiguous {
            return self.clone();
        }
        dispatch!(self.dtype(), T => self.copied::<T>())
    }

    /// Whether dtype, shape and the bits of all elements are equal, so that NaN equals itself and -0 is not 0.
    pub fn bit_eq(&self, other: &Array) -> bool {
        // An f32 widens to f64 without loss.
        let bits = |array: &Array| array.iter().map(f64::to_bits).collect::<Arc<[u64]>>();
        self.dtype() == other.dtype() && self.shape() == other.shape() && bits(self) == bits(other)
    }
}

const OF_THIS_TYPE: &str = "the elements have this type";

#[cold]
#[track_caller]
fn wrong_dtype(expected: DType, found: DType) -> ! {
    panic!("array: the elements are {found}, not {expected}")
}

impl Default for Array {
    /// The number 0 in `f32`: what stays behind where an array is taken with [`std::mem::take`].
    fn default() -> Array {
        Array::scalar(0.0, DType::F32)
    }
}
