//! Views, which share the buffer and change the layout, and the operations that undo them or convert the type.

use crate::array::Array;
use crate::dispatch;
use crate::dtype::{DType, Float};
use crate::layout::Layout;
use crate::shape::Shape;
use crate::source::Source;

impl Array {
    #[inline]
    fn with_layout(&self, layout: Layout) -> Array {
        Array { buffer: self.buffer.clone(), layout }
    }

    /// The same elements in row-major order under another shape: a view wherever strides allow it, else a copy.
    ///
    /// The caller has checked that the sizes agree.
    ///
    /// # Examples
    /// ```
    /// use wengert_array::Array;
    /// let x = Array::from_vec((0..24).map(f64::from).collect(), [2, 3, 4]);
    /// let y = x.permute(&[1, 2, 0]).reshape([12, 2].into());
    /// assert!(y.shares_buffer(&x));
    /// ```
    pub fn reshape(&self, shape: Shape) -> Array {
        debug_assert_eq!(self.size(), shape.size(), "reshape: {} to {shape}", self.shape());
        match self.layout.reshape(shape) {
            Some(layout) => self.with_layout(layout),
            None => self.contiguous().reshape(shape),
        }
    }

    /// A view with the axes in another order: axis `i` of the result is axis `axes[i]`.
    ///
    /// # Panics
    /// If `axes` does not list every axis once.
    #[track_caller]
    pub fn permute(&self, axes: &[usize]) -> Array {
        let rank = self.rank();
        let is_permutation = axes.len() == rank && (0..rank).all(|axis| axes.contains(&axis));
        assert!(is_permutation, "permute: {axes:?} does not list each axis of {} once", self.shape());
        self.with_layout(self.layout.permute(axes))
    }

    /// A view with the last two axes exchanged.
    ///
    /// # Panics
    /// If there are fewer than 2 axes.
    #[track_caller]
    pub fn transpose(&self) -> Array {
        let rank = self.rank();
        assert!(rank >= 2, "transpose: {} has fewer than 2 axes", self.shape());
        let mut axes = [0, 1, 2, 3, 4, 5, 6, 7];
        axes.swap(rank - 2, rank - 1);
        self.with_layout(self.layout.permute(&axes[..rank]))
    }

    /// A view that repeats axes of size 1, and missing leading axes, with stride 0.
    ///
    /// # Panics
    /// If the array does not broadcast to `shape`.
    #[track_caller]
    pub fn broadcast_to(&self, shape: Shape) -> Array {
        let lead = shape.len().checked_sub(self.rank());
        let is_possible = lead.is_some_and(|lead| {
            self.shape().iter().zip(&shape[lead..]).all(|(from, to)| from == to || *from == 1)
        });
        assert!(is_possible, "broadcast_to: {} does not broadcast to {shape}", self.shape());
        self.with_layout(self.layout.broadcast_to(shape))
    }

    /// A view of `len` elements of an axis: `start`, `start + step`, and so on.
    ///
    /// # Panics
    /// If the axis does not exist or an element lies outside it.
    #[track_caller]
    pub fn slice(&self, axis: usize, start: usize, len: usize, step: isize) -> Array {
        check_slice("slice", self.shape(), axis, (start, len, step));
        self.with_layout(self.layout.slice(axis, start, len, step))
    }

    /// A view with an axis of size 1 before `axis`.
    ///
    /// # Panics
    /// If there is no such place, or there are 8 axes already.
    #[track_caller]
    pub fn insert_axis(&self, axis: usize) -> Array {
        self.with_layout(self.layout.insert_axis(axis))
    }

    /// A view without `axis`.
    ///
    /// # Panics
    /// If the axis does not exist or its size is not 1.
    #[track_caller]
    pub fn remove_axis(&self, axis: usize) -> Array {
        assert!(self.shape().get(axis) == Some(&1), "remove_axis: axis {axis} of {} is not 1", self.shape());
        self.with_layout(self.layout.remove_axis(axis))
    }

    /// The adjoint of [`Array::slice`]: zeros of shape `into`, with this array written where that slice reads.
    ///
    /// # Panics
    /// If the slice does not lie within `into` or the other axes differ.
    #[track_caller]
    pub fn place(&self, into: Shape, axis: usize, start: usize, step: isize) -> Array {
        assert!(self.rank() == into.len(), "place: {} does not fit into {into}", self.shape());
        check_slice("place", &into, axis, (start, self.shape()[axis], step));
        assert!(
            into.with(axis, self.shape()[axis]) == *self.shape(),
            "place: {} does not fit into {into}",
            self.shape()
        );
        dispatch!(self.dtype(), T => self.placed::<T>(into, axis, start, step))
    }

    fn placed<T: Float>(&self, into: Shape, axis: usize, start: usize, step: isize) -> Array {
        let from = self.contiguous();
        let from = from.as_slice::<T>().expect("a contiguous array of this type");
        let len = self.shape()[axis];
        let (outer, inner): (usize, usize) =
            (into[..axis].iter().product(), into[axis + 1..].iter().product());
        Array::build(into, |out: &mut [T]| {
            out.fill(T::zero());
            for (row, place) in (0..outer).flat_map(|o| (0..len).map(move |i| (o * len + i, (o, i)))) {
                let (o, i) = place;
                let to = o * into[axis] + (start as isize + i as isize * step) as usize;
                out[to * inner..][..inner].copy_from_slice(&from[row * inner..][..inner]);
            }
        })
    }

    /// The same elements as another type, rounded; the same array if it has that type already.
    pub fn cast(&self, dtype: DType) -> Array {
        if self.dtype() == dtype {
            return self.clone();
        }
        // Repeated elements stay repeated: only the axes that move are converted.
        let packed = self.without_repeats();
        let converted =
            dispatch!(self.dtype(), From => dispatch!(dtype, To => packed.converted::<From, To>()));
        converted.broadcast_to(*self.shape())
    }

    /// A view with size 1 along axes of stride 0.
    fn without_repeats(&self) -> Array {
        let (mut layout, strides) = (self.layout.clone(), self.layout.strides());
        for (axis, stride) in strides.into_iter().enumerate().take(self.rank()) {
            if stride == 0 && self.shape()[axis] > 1 {
                layout = layout.slice(axis, 0, 1, 1);
            }
        }
        self.with_layout(layout)
    }

    fn converted<From: Float, To: Float>(&self) -> Array {
        Array::build(*self.shape(), |out: &mut [To]| {
            let source = Source::<From>::new(self, self.shape());
            source.for_each_chunk(out, |to, from| {
                for (to, from) in to.iter_mut().zip(from) {
                    *to = To::of(from.as_f64());
                }
            });
        })
    }
}

#[track_caller]
fn check_slice(name: &str, shape: &Shape, axis: usize, (start, len, step): (usize, usize, isize)) {
    assert!(axis < shape.len(), "{name}: axis {axis} does not exist in {shape}");
    let size = shape[axis] as i128;
    let last = start as i128 + (len as i128 - 1) * step as i128;
    let is_inside = len == 0 || ((start as i128) < size && (0..size).contains(&last));
    assert!(is_inside, "{name}: {len} elements from {start} in steps of {step} leave axis {axis} of {shape}");
}
