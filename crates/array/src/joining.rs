//! Putting arrays together along an axis. Taking them apart is slicing, which is in `views`.

use crate::array::Array;
use crate::dispatch;
use crate::dtype::{DType, Float};
use crate::shape::Shape;

/// The arrays one after the other along `axis`. Mixed types promote.
///
/// # Panics
/// If the axis does not exist, or the arrays differ along another axis.
///
/// # Examples
/// ```
/// use wengert_array::{Array, concat};
/// let x = Array::from_vec(vec![1.0_f32, 2.0], [1, 2]);
/// let y = concat(&[&x, &x, &x], 0);
/// assert_eq!(y.shape(), [3, 2]);
/// assert_eq!(y.to_vec::<f32>(), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
/// ```
#[track_caller]
pub fn concat(pieces: &[&Array], axis: usize) -> Array {
    assert!(!pieces.is_empty(), "concat: there is nothing to put together");
    let first = pieces[0].shape();
    let fits = |piece: &&Array| axis < piece.rank() && piece.shape().without(axis) == first.without(axis);
    assert!(axis < first.len() && pieces.iter().all(fits), "concat: a piece does not fit to {first}");
    let shape = first.with(axis, pieces.iter().map(|piece| piece.shape()[axis]).sum());
    let dtype = pieces.iter().map(|piece| piece.dtype()).fold(DType::F32, DType::promote);
    let ready: Vec<Array> = pieces.iter().map(|piece| piece.cast(dtype).contiguous()).collect();
    dispatch!(dtype, T => joined::<T>(&ready, axis, shape))
}

fn joined<T: Float>(pieces: &[Array], axis: usize, shape: Shape) -> Array {
    let inner: usize = shape[axis + 1..].iter().product();
    let row = shape[axis] * inner;
    Array::build(shape, |out: &mut [T]| {
        let mut start = 0;
        for piece in pieces {
            let width = piece.shape()[axis] * inner;
            let from = piece.as_slice::<T>().expect("contiguous and of this type");
            if width > 0 {
                for (to, from) in out.chunks_exact_mut(row).zip(from.chunks_exact(width)) {
                    to[start..start + width].copy_from_slice(from);
                }
            }
            start += width;
        }
    })
}
