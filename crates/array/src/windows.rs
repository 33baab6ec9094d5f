//! Windows that slide along an axis: a view, and its adjoint, which adds what overlaps.

use crate::array::Array;
use crate::dispatch;
use crate::dtype::Float;
use crate::shape::Shape;

impl Array {
    /// A view of all windows of `size` elements along `axis`, which begin `step` apart. The axis counts the windows;
    /// a new last axis runs through each.
    ///
    /// # Panics
    /// If the axis does not exist or is shorter than a window, or the step is 0.
    ///
    /// # Examples
    /// ```
    /// use wengert_array::Array;
    /// let x = Array::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0], [5]);
    /// let y = x.windows(0, 3, 1);
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 2.0, 3.0, 2.0, 3.0, 4.0, 3.0, 4.0, 5.0]);
    /// assert!(y.shares_buffer(&x));
    /// ```
    #[track_caller]
    pub fn windows(&self, axis: usize, size: usize, step: usize) -> Array {
        check("windows", self.shape(), (axis, size, step));
        Array { buffer: self.buffer.clone(), layout: self.layout.windows(axis, size, step) }
    }

    /// The adjoint of [`Array::windows`]: zeros of shape `into`, with each window added where it was seen.
    ///
    /// # Panics
    /// If the windows of `into` do not have the shape of this array.
    #[track_caller]
    pub fn add_windows(&self, into: Shape, axis: usize, step: usize) -> Array {
        let size = self.shape().last().copied().unwrap_or(0);
        let count = check("add_windows", &into, (axis, size, step));
        let expected = into.with(axis, count).push(size);
        assert!(*self.shape() == expected, "add_windows: {} is not {expected}", self.shape());
        dispatch!(self.dtype(), T => self.overlapped::<T>(into, axis, step))
    }

    fn overlapped<T: Float>(&self, into: Shape, axis: usize, step: usize) -> Array {
        let from = self.contiguous();
        let from = from.as_slice::<T>().expect("contiguous and of this type");
        let (count, size) = (self.shape()[axis], self.shape()[self.rank() - 1]);
        let inner: usize = into[axis + 1..].iter().product();
        Array::build(into, |out: &mut [T]| {
            out.fill(T::default());
            for (row, window) in from.chunks_exact(size).enumerate() {
                let (outer, number, i) = (row / inner / count, row / inner % count, row % inner);
                let start = (outer * into[axis] + number * step) * inner + i;
                for (k, &x) in window.iter().enumerate() {
                    out[start + k * inner] += x;
                }
            }
        })
    }
}

/// How many windows there are.
#[track_caller]
fn check(name: &str, shape: &Shape, (axis, size, step): (usize, usize, usize)) -> usize {
    assert!(axis < shape.len(), "{name}: axis {axis} does not exist in {shape}");
    let is_possible = (1..=shape[axis]).contains(&size) && step > 0;
    assert!(is_possible, "{name}: no windows of {size} in steps of {step} along axis {axis} of {shape}");
    (shape[axis] - size) / step + 1
}
