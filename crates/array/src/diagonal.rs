//! The diagonal of matrices: a view, and its adjoint, which writes a diagonal into zeros.

use crate::array::Array;
use crate::dispatch;
use crate::dtype::Float;
use crate::shape::Shape;

impl Array {
    /// A view of the diagonal of the last two axes: the elements whose column is their row plus `offset`. It becomes
    /// the last axis, and is empty if it lies outside the matrix.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    ///
    /// # Examples
    /// ```
    /// use wengert_array::Array;
    /// let x = Array::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [2, 2]);
    /// assert_eq!(x.diagonal(0).to_vec::<f32>(), [1.0, 4.0]);
    /// assert_eq!(x.diagonal(-1).to_vec::<f32>(), [3.0]);
    /// ```
    #[track_caller]
    pub fn diagonal(&self, offset: isize) -> Array {
        assert!(self.rank() >= 2, "diagonal: {} is no matrix", self.shape());
        Array { buffer: self.buffer.clone(), layout: self.layout.diagonal(offset) }
    }

    /// The adjoint of [`Array::diagonal`]: zeros of shape `into`, with this array as the diagonal.
    ///
    /// # Panics
    /// If the diagonal of `into` does not have the shape of this array.
    #[track_caller]
    pub fn place_diagonal(&self, into: Shape, offset: isize) -> Array {
        assert!(into.len() >= 2, "place_diagonal: {into} is no matrix");
        let expected = into.diagonal(offset);
        assert!(*self.shape() == expected, "place_diagonal: {} is not {expected}", self.shape());
        dispatch!(self.dtype(), T => self.on_diagonal::<T>(into, offset))
    }

    fn on_diagonal<T: Float>(&self, into: Shape, offset: isize) -> Array {
        let from = self.contiguous();
        let from = from.as_slice::<T>().expect("contiguous and of this type");
        let [m, n] = [into[into.len() - 2], into[into.len() - 1]];
        let start = if offset < 0 { offset.unsigned_abs() * n } else { offset as usize };
        let len = self.shape()[self.rank() - 1];
        Array::build(into, |out: &mut [T]| {
            out.fill(T::default());
            if len > 0 {
                for (out, from) in out.chunks_exact_mut(m * n).zip(from.chunks_exact(len)) {
                    for (i, &x) in from.iter().enumerate() {
                        out[start + i * (n + 1)] = x;
                    }
                }
            }
        })
    }
}
