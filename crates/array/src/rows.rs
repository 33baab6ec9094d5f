//! Kernels that work on whole rows along the last axis, such as a softmax.

use crate::array::Array;
use crate::cpu::{Kernel, cost_in, vectorize};
use crate::dispatch;
use crate::dtype::{DType, Float};
use crate::pointwise::common_dtype;
use crate::shape::Shape;
use crate::threads::{Rows as Split, for_each_piece};

/// A function from `N` rows to `K` rows. Implementations should be `#[inline]`.
pub trait Rows<const N: usize, const K: usize>: Sync {
    /// Roughly how many additions one element of a row is worth, which decides from how many elements on rows are worth other
    /// threads: 1 for a sum, about 30 for `exp` or `tanh`. It changes no bit of the result.
    const COST: usize = 1;

    /// Writes the rows numbered `row` of the results, whose content before is arbitrary.
    fn apply<T: Float>(&self, row: usize, xs: [&[T]; N], outs: [&mut [T]; K]);
}

/// Applies a function to each row along the last axis.
///
/// The operands' leading axes broadcast; their last axes may differ in size. Result `k` has the leading axes and a last
/// axis of size `widths[k]`. Mixed types promote. Rows are numbered in row-major order of the leading axes.
///
/// # Panics
/// If an operand has rank 0 or the leading axes do not broadcast.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Float, Rows, rows};
///
/// struct Mean;
/// impl Rows<1, 1> for Mean {
///     fn apply<T: Float>(&self, _: usize, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
///         y[0] = x.iter().fold(T::zero(), |sum, &x| sum + x) / T::of(x.len() as f64);
///     }
/// }
///
/// let x = Array::from_vec(vec![1.0_f32, 3.0, 5.0, 9.0], [2, 2]);
/// let [mean] = rows(&Mean, [&x], [1]);
/// assert_eq!(mean.shape(), [2, 1]);
/// assert_eq!(mean.to_vec::<f32>(), [2.0, 7.0]);
/// ```
#[track_caller]
pub fn rows<const N: usize, const K: usize, R: Rows<N, K>>(
    r: &R,
    xs: [&Array; N],
    widths: [usize; K],
) -> [Array; K] {
    let dtype = common_dtype(&xs);
    let leading = common_leading(&xs);
    let ready = prepare_all(xs, &leading, dtype);
    dispatch!(dtype, T => walk::<T, N, K>((leading, R::COST), ready.each_ref(), widths, &|first, n, xs, outs| {
        vectorize(Each { r, first, n, xs, outs });
    }))
}

#[track_caller]
fn common_leading(xs: &[&Array]) -> Shape {
    assert!(xs.iter().all(|x| x.rank() > 0), "rows: an operand of rank 0 has no rows");
    let mut leading = xs.iter().map(|x| x.shape().leading(1));
    let first = leading.next().unwrap_or_else(|| Shape::from(()));
    leading.fold(first, |joined, shape| match joined == shape {
        true => joined,
        false => match Shape::broadcast(&[&joined, &shape]) {
            Ok(joined) => joined,
            Err(mismatch) => panic!("{}", mismatch.report("rows")),
        },
    })
}

fn prepare_all<const N: usize>(xs: [&Array; N], leading: &Shape, dtype: DType) -> [Array; N] {
    xs.map(|x| prepare(x, leading).cast(dtype).contiguous())
}

fn prepare(x: &Array, leading: &Shape) -> Array {
    if x.shape().leading(1) == *leading {
        return x.clone();
    }
    x.broadcast_to(leading.push(x.shape()[x.rank() - 1]))
}

type PieceKernel<'a, T, const N: usize, const K: usize> =
    dyn Fn(usize, usize, [&[T]; N], [&mut [T]; K]) + Sync + 'a;

/// The part that does not depend on the function, so that it is compiled once.
fn walk<T: Float, const N: usize, const K: usize>(
    (leading, cost): (Shape, usize),
    xs: [&Array; N],
    widths: [usize; K],
    kernel: &PieceKernel<'_, T, N, K>,
) -> [Array; K] {
    let n_rows = leading.size();
    let data = xs.map(|x| x.as_slice::<T>().expect("contiguous and of this type"));
    let sizes = xs.map(|x| x.shape()[x.rank() - 1]);
    let mut results = widths.map(|width| Array::build::<T>(leading.push(width), |_| ()));
    let outs = results.each_mut().map(Array::make_mut::<T>);
    let widest = sizes.iter().chain(&widths).copied().max().unwrap_or(1);
    for_each_piece(outs, widths, Split::of(n_rows, widest.saturating_mul(cost)), &|first, n, outs| {
        let mut sizes = sizes.iter();
        let parts = data.map(|data| {
            let size = sizes.next().expect("one size for each operand");
            &data[first * size..(first + n) * size]
        });
        kernel(first, n, parts, outs);
    });
    results
}

struct Each<'a, R, T, const N: usize, const K: usize> {
    r: &'a R,
    first: usize,
    n: usize,
    xs: [&'a [T]; N],
    outs: [&'a mut [T]; K],
}

impl<R: Rows<N, K>, T: Float, const N: usize, const K: usize> Kernel for Each<'_, R, T, N, K> {
    const COST: usize = cost_in::<T>(R::COST);

    #[inline(always)]
    fn run(mut self) {
        if self.n == 0 {
            return;
        }
        let n = self.n;
        for row in 0..n {
            self.r.apply(self.first + row, row_of(self.xs, row, n), row_of_mut(&mut self.outs, row, n));
        }
    }
}

// Apart from the kernel, so that they are not compiled with each.

/// Row `row` of `n` of each.
#[inline(always)]
fn row_of<T, const N: usize>(xs: [&[T]; N], row: usize, n: usize) -> [&[T]; N] {
    xs.map(|x| {
        let size = x.len() / n;
        &x[row * size..(row + 1) * size]
    })
}

#[inline(always)]
fn row_of_mut<'a, T, const K: usize>(outs: &'a mut [&mut [T]; K], row: usize, n: usize) -> [&'a mut [T]; K] {
    outs.each_mut().map(|out| {
        let width = out.len() / n;
        &mut out[row * width..(row + 1) * width]
    })
}
