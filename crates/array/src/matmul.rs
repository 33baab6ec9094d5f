//! Matrix products over leading batch axes, and dense layers. One product of two matrices is in `product`.

use crate::array::Array;
use crate::dispatch;
use crate::dtype::Float;
use crate::layout::Layout;
use crate::product::{Finish, Matrix, multiply};
use crate::shape::Shape;

/// Matrix product over leading batch axes. Operands of any layout are read where they lie; mixed types promote.
///
/// `y[..., i, j] = Σₖ a[..., i, k] · b[..., k, j]`
///
/// # Shape
/// `[..., m, k]`, `[..., k, n]` → `[..., m, n]`; leading axes broadcast. With `k = 0` the result is zeros.
/// # Panics
/// If the shapes do not fit, which callers check with [`Shape::matmul`].
///
/// # Examples
/// ```
/// use wengert_array::{Array, matmul};
/// let a = Array::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [2, 2]);
/// assert_eq!(matmul(&a, &a.transpose()).to_vec::<f32>(), [5.0, 11.0, 11.0, 25.0]);
/// ```
#[track_caller]
pub fn matmul(a: &Array, b: &Array) -> Array {
    let shape = match Shape::matmul(a.shape(), b.shape()) {
        Ok(shape) => shape,
        Err(mismatch) => panic!("{}", mismatch.report("matmul")),
    };
    let dtype = a.dtype().promote(b.dtype());
    if a.dtype() == b.dtype() {
        dispatch!(dtype, T => typed::<T>(a, b, shape, Finish::none()))
    } else {
        dispatch!(dtype, T => typed::<T>(&a.cast(dtype), &b.cast(dtype), shape, Finish::none()))
    }
}

/// `a bᵀ` of two matrices, or `aᵀ b`: the products of a dense layer's derivatives, without a view for the transpose.
///
/// # Shape
/// [`Transposed::Right`]: `[m, k]`, `[n, k]` → `[m, n]`. [`Transposed::Left`]: `[k, m]`, `[k, n]` → `[m, n]`.
/// # Panics
/// If an operand is no matrix, or the inner sizes differ.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Transposed, matmul_transposed};
/// let a = Array::from_vec(vec![1.0_f32, 2.0], [1, 2]);
/// assert_eq!(matmul_transposed(&a, &a, Transposed::Right).to_vec::<f32>(), [5.0]);
/// assert_eq!(matmul_transposed(&a, &a, Transposed::Left).to_vec::<f32>(), [1.0, 2.0, 2.0, 4.0]);
/// ```
#[track_caller]
pub fn matmul_transposed(a: &Array, b: &Array, which: Transposed) -> Array {
    assert!(
        a.rank() == 2 && b.rank() == 2,
        "matmul_transposed: {} and {} are no matrices",
        a.shape(),
        b.shape()
    );
    let dtype = a.dtype().promote(b.dtype());
    if a.dtype() != b.dtype() {
        return matmul_transposed(&a.cast(dtype), &b.cast(dtype), which);
    }
    dispatch!(dtype, T => {
        let (a, b) = (matrix_of::<T>(a, &a.layout, 0), matrix_of::<T>(b, &b.layout, 0));
        let (a, b) = match which {
            Transposed::Left => (a.transpose(), b),
            Transposed::Right => (a, b.transpose()),
        };
        Array::build(Shape::from([a.rows, b.columns]), |out| multiply(a, b, out, Finish::none()))
    })
}

/// Which factor of [`matmul_transposed`] is read with its axes exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transposed {
    /// The first.
    Left,
    /// The second.
    Right,
}

/// A dense layer in one pass: a matrix product, a bias for each column, and perhaps the rectifier.
///
/// `y[..., i, j] = f(Σₖ x[..., i, k] · w[k, j] + bias[j])` with `f(s) = max(s, 0)` if `rectify`, else `f(s) = s`. The
/// bits are those of [`matmul`], an addition and a rectifier one after the other; a NaN passes all three. Mixed types
/// promote.
///
/// # Shape
/// `[..., m, k]`, `[k, n]`, `[n]` → `[..., m, n]`
/// # Panics
/// If the shapes do not fit, which callers check with [`Shape::affine`].
///
/// # Examples
/// ```
/// use wengert_array::{Array, affine};
/// let x = Array::from_vec(vec![1.0_f32, 2.0], [1, 2]);
/// let w = Array::from_vec(vec![1.0_f32, -1.0, 1.0, -1.0], [2, 2]);
/// let bias = Array::from_vec(vec![0.5_f32, 0.5], [2]);
/// assert_eq!(affine(&x, &w, Some(&bias), false).to_vec::<f32>(), [3.5, -2.5]);
/// assert_eq!(affine(&x, &w, Some(&bias), true).to_vec::<f32>(), [3.5, 0.0]);
/// ```
#[track_caller]
pub fn affine(x: &Array, w: &Array, bias: Option<&Array>, rectify: bool) -> Array {
    let shape = match Shape::affine(x.shape(), w.shape(), bias.map(Array::shape)) {
        Ok(shape) => shape,
        Err(mismatch) => panic!("{}", mismatch.report("affine")),
    };
    let dtype = [Some(w), bias].into_iter().flatten().fold(x.dtype(), |dtype, y| dtype.promote(y.dtype()));
    let is_ready = |y: &Array| y.dtype() == dtype && y.is_contiguous();
    if x.dtype() != dtype || w.dtype() != dtype || !bias.is_none_or(is_ready) {
        let bias = bias.map(|bias| bias.cast(dtype).contiguous());
        return affine(&x.cast(dtype), &w.cast(dtype), bias.as_ref(), rectify);
    }
    dispatch!(dtype, T => {
        let bias = bias.map(|bias| bias.as_slice::<T>().expect("contiguous and of this type"));
        typed::<T>(x, w, shape, Finish { bias, rectify })
    })
}

fn typed<T: Float>(a: &Array, b: &Array, shape: Shape, finish: Finish<'_, T>) -> Array {
    Array::build(shape, |out| {
        if let Some((a, b)) = as_one_product::<T>(a, b) {
            multiply(a, b, out, finish);
        } else {
            multiply_batch::<T>(a, b, &shape, out, finish);
        }
    })
}

/// Without a batch on the right, the leading axes on the left are further rows, if they continue them in memory.
fn as_one_product<'a, T: Float>(a: &'a Array, b: &'a Array) -> Option<(Matrix<'a, T>, Matrix<'a, T>)> {
    if b.rank() > 2 {
        return None;
    }
    let b = matrix_of::<T>(b, &b.layout, 0);
    if a.rank() == 2 {
        return Some((matrix_of::<T>(a, &a.layout, 0), b));
    }
    let rows: usize = a.shape()[..a.rank() - 1].iter().product();
    let joined = a.layout.reshape(Shape::from([rows, a.shape()[a.rank() - 1]]))?;
    Some((matrix_of::<T>(a, &joined, 0), b))
}

fn multiply_batch<T: Float>(a: &Array, b: &Array, shape: &Shape, out: &mut [T], finish: Finish<'_, T>) {
    let (batch, size) = (shape.leading(2), shape[shape.len() - 2] * shape[shape.len() - 1]);
    if size == 0 {
        return;
    }
    let broadcast = |x: &Array| {
        let own = x.shape();
        let full = batch.push(own[own.len() - 2]).push(own[own.len() - 1]);
        x.layout.broadcast_to(full)
    };
    let (layout_a, layout_b) = (broadcast(a), broadcast(b));
    for (index, c) in out.chunks_exact_mut(size).enumerate() {
        let place_a = batch_place(&layout_a, &batch, index);
        let place_b = batch_place(&layout_b, &batch, index);
        multiply(matrix_of::<T>(a, &layout_a, place_a), matrix_of::<T>(b, &layout_b, place_b), c, finish);
    }
}

/// How far from the first element matrix number `index` of a batch begins.
fn batch_place(layout: &Layout, batch: &Shape, mut index: usize) -> isize {
    let (mut place, strides) = (0, layout.strides());
    for axis in (0..batch.len()).rev() {
        place += (index % batch[axis]) as isize * strides[axis] as isize;
        index /= batch[axis];
    }
    place
}

fn matrix_of<'a, T: Float>(array: &'a Array, layout: &Layout, place: isize) -> Matrix<'a, T> {
    let (rank, strides) = (layout.shape.len(), layout.strides());
    Matrix {
        data: array.elements::<T>(),
        first: (layout.offset as isize + place) as usize,
        rows: layout.shape[rank - 2],
        columns: layout.shape[rank - 1],
        strides: [strides[rank - 2] as isize, strides[rank - 1] as isize],
    }
}
