//! An array as a file holds it: bytes, and how they are to be read.

use wengert_array::{DType, Float, Mismatch, dispatch};
use wengert_tensor::{Indices, Shape, Tensor};

use super::element::Number;
use crate::files::{FileError, FileErrorKind};
use crate::finite::index_of;
use crate::{DataError, Element};

/// An array from a file, in the file's own numbers. It becomes a tensor or indices when it is asked to.
///
/// # Examples
/// ```
/// use wengert_data::{Element, idx_from_bytes};
/// let array = idx_from_bytes(&[0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1])?;
/// assert_eq!((array.element(), array.shape().to_vec()), (Element::U8, vec![3]));
/// assert_eq!(array.to_tensor()?.to_vec::<f32>(), [7.0, 2.0, 1.0]);
/// assert_eq!(array.to_indices()?.as_slice(), [7, 2, 1]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RawArray {
    pub(crate) format: &'static str,
    pub(crate) layout: Layout,
    pub(crate) bytes: Vec<u8>,
}

/// How bytes make an array.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) element: Element,
    pub(crate) shape: Shape,
    pub(crate) is_big_endian: bool,
    /// Whether the first index runs fastest.
    pub(crate) is_fortran: bool,
}

impl RawArray {
    /// The numbers that `bytes` hold from `start` on, and nothing else may follow.
    pub(crate) fn new(
        format: &'static str,
        layout: Layout,
        mut bytes: Vec<u8>,
        start: usize,
    ) -> Result<RawArray, FileError> {
        let n_expected = layout.shape.size() as u64 * layout.element.size_of() as u64;
        let n_bytes = bytes.len().saturating_sub(start) as u64;
        if n_bytes != n_expected {
            let found = format!("{n_bytes} bytes of numbers");
            let expected = format!("expected {n_expected} for {} {}", layout.element, layout.shape);
            return Err(match n_bytes < n_expected {
                true => FileError::cut_off(format, found, expected),
                false => FileError::malformed(format, "length", found, expected),
            });
        }
        bytes.drain(..start);
        Ok(RawArray { format, layout, bytes })
    }

    /// The sizes along the axes.
    pub fn shape(&self) -> &Shape {
        &self.layout.shape
    }

    /// The type of the numbers in the file.
    pub fn element(&self) -> Element {
        self.layout.element
    }

    /// The numbers as a tensor of [`Element::dtype`]: `f32` for bytes, halves and floats, `f64` for what needs it.
    ///
    /// # Errors
    /// If a 64-bit integer is too large to be held exactly.
    pub fn to_tensor(&self) -> Result<Tensor, DataError> {
        self.to_tensor_of(self.layout.element.dtype())
    }

    /// The numbers as a tensor of a dtype of your choice; to `f32` they are rounded.
    ///
    /// # Errors
    /// If a 64-bit integer is too large to be held exactly by an `f64`, or a finite number becomes infinite.
    pub fn to_tensor_of(&self, dtype: DType) -> Result<Tensor, DataError> {
        dispatch!(dtype, T => {
            let numbers = self.collect("a number", "one that a float can hold", |number| {
                let wide = number.as_f64()?;
                let float = <T as Float>::of(wide);
                // An infinity in the file stays one.
                (float.as_f64().is_finite() || !wide.is_finite()).then_some(float)
            })?;
            Ok(Tensor::new(numbers, self.layout.shape))
        })
    }

    /// The numbers as indices, such as labels.
    ///
    /// # Errors
    /// If a number is negative, fractional or too large: it is named with its place.
    pub fn to_indices(&self) -> Result<Indices, DataError> {
        let indices = self.collect("an index", "a whole number from 0 to 4294967295", Number::as_index)?;
        Ok(Indices::new(indices, self.layout.shape))
    }

    /// All numbers in row-major order, each converted, or an error that names the first that cannot be.
    fn collect<T: Copy>(
        &self,
        what: &str,
        expected: &str,
        convert: impl Fn(Number) -> Option<T>,
    ) -> Result<Vec<T>, DataError> {
        let converted = match self.layout.element.size_of() {
            1 => self.convert_bytes(convert),
            2 => self.convert::<2, T>(convert),
            4 => self.convert::<4, T>(convert),
            _ => self.convert::<8, T>(convert),
        };
        match converted {
            Ok(numbers) if self.layout.is_fortran => Ok(row_major(&numbers, &self.layout.shape)),
            Ok(numbers) => Ok(numbers),
            Err((position, number)) => {
                let problem = Mismatch::new(format!("the file holds what is not {what}"));
                let problem = problem.row(format!("{:?}", self.index_in_file(position)), number);
                let problem = problem.note(format!("expected {expected}"));
                Err(FileError::new(self.format, FileErrorKind::Content, problem).into())
            }
        }
    }

    /// All numbers of `N` bytes in the order of the file; or the first that cannot be converted and its place.
    fn convert<const N: usize, T>(
        &self,
        convert: impl Fn(Number) -> Option<T>,
    ) -> Result<Vec<T>, (usize, Number)> {
        let Layout { element, shape, is_big_endian, .. } = self.layout;
        let mut numbers = Vec::with_capacity(shape.size());
        for (position, bytes) in self.bytes.as_chunks::<N>().0.iter().enumerate() {
            let mut word = [0; 8];
            word[..N].copy_from_slice(bytes);
            if is_big_endian {
                word[..N].reverse();
            }
            let number = Number::of(element, u64::from_le_bytes(word));
            numbers.push(convert(number).ok_or((position, number))?);
        }
        Ok(numbers)
    }

    /// The same for numbers of one byte, of which there are 256.
    fn convert_bytes<T: Copy>(
        &self,
        convert: impl Fn(Number) -> Option<T>,
    ) -> Result<Vec<T>, (usize, Number)> {
        let number = |byte: u8| Number::of(self.layout.element, byte.into());
        let all: Vec<Option<T>> = (0..=u8::MAX).map(|byte| convert(number(byte))).collect();
        let convert =
            |(position, &byte): (usize, &u8)| all[usize::from(byte)].ok_or((position, number(byte)));
        self.bytes.iter().enumerate().map(convert).collect()
    }

    fn index_in_file(&self, position: usize) -> Vec<usize> {
        let shape = &self.layout.shape;
        if !self.layout.is_fortran {
            return index_of(position, shape);
        }
        let mut index = index_of(position, &reversed(shape));
        index.reverse();
        index
    }
}

fn reversed(shape: &Shape) -> Shape {
    let sizes: Vec<usize> = shape.iter().rev().copied().collect();
    Shape::from(&sizes[..])
}

/// Numbers in the order in which the last index runs fastest, from one in which the first does.
fn row_major<T: Copy>(numbers: &[T], shape: &Shape) -> Vec<T> {
    let mut strides = vec![1; shape.len()];
    for axis in 1..shape.len() {
        strides[axis] = strides[axis - 1] * shape[axis - 1];
    }
    let (mut index, mut place) = (vec![0; shape.len()], 0);
    let mut ordered = Vec::with_capacity(numbers.len());
    for _ in 0..numbers.len() {
        ordered.push(numbers[place]);
        // Counts the index up, as an odometer does.
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            place -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    ordered
}
