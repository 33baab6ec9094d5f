//! Kernels that work on whole rows along the last axis, such as a softmax.

use std::mem::take;
use std::ops::Range;

use crate::array::Array;
use crate::cpu::{Kernel, cost_in, vectorize};
use crate::dtype::{DType, Float};
use crate::operands::{InEach, MOST, Ready, Work, all, all_mut, blank, elements, list};
use crate::pointwise::common_dtype;
use crate::shape::Shape;
use crate::threads::{Rows as Split, for_each_part};

/// A function from `N` rows to `K` rows, at most 8 each. Implementations should be `#[inline]`.
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
    const { assert!(N <= MOST && K <= MOST, "a function of rows has at most 8 operands and 8 results") };
    let mut results = blank();
    walk(&xs, (&mut results, &widths), R::COST, InEach::of(&OnRows::<R, N, K>(r)));
    results
}

struct OnRows<'a, R, const N: usize, const K: usize>(&'a R);

impl<T: Float, R: Rows<N, K>, const N: usize, const K: usize> Work<T> for OnRows<'_, R, N, K> {
    fn run(&self, rows: Range<usize>, xs: &[&[T]], outs: &mut [&mut [T]]) {
        vectorize(Each { r: self.0, rows, xs: all(xs), outs: all_mut(outs) });
    }
}

/// The part that does not depend on the function, so that it is compiled once.
#[track_caller]
fn walk(xs: &[&Array], results: (&mut [Array], &[usize]), cost: usize, work: InEach<'_>) {
    let (dtype, leading) = (common_dtype(xs), common_leading(xs));
    let ready = Ready::new(xs, |x| prepared(x, &leading, dtype));
    match dtype {
        DType::F32 => walk_in(&ready, (leading, cost), results, work.f32),
        DType::F64 => walk_in(&ready, (leading, cost), results, work.f64),
    }
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

/// An operand with all rows in the given type and next to each other, unless it is that already.
fn prepared(x: &Array, leading: &Shape, dtype: DType) -> Option<Array> {
    let is_whole = x.shape().leading(1) == *leading;
    if is_whole && x.dtype() == dtype && x.is_contiguous() {
        return None;
    }
    let x = x.cast(dtype);
    let whole = if is_whole { x } else { x.broadcast_to(leading.push(x.shape()[x.rank() - 1])) };
    Some(whole.contiguous())
}

fn walk_in<T: Float>(
    xs: &Ready<'_>,
    (leading, cost): (Shape, usize),
    (results, widths): (&mut [Array], &[usize]),
    work: &dyn Work<T>,
) {
    for (result, width) in results.iter_mut().zip(widths) {
        *result = Array::build::<T>(leading.push(*width), |_| ());
    }
    let sizes = list(xs.arrays().map(|x| x.shape()[x.rank() - 1]));
    let data = list(xs.arrays().map(|x| elements::<T>(x)));
    let n = xs.len();
    let widest = sizes[..n].iter().chain(widths).copied().max().unwrap_or(1);
    let split = Split::of(leading.size(), widest.saturating_mul(cost));
    let mut outs = list(results.iter_mut().map(Array::make_mut::<T>));
    for_each_part(&mut outs[..widths.len()], widths, split, &|rows, outs| {
        let operands = data.iter().zip(sizes).map(|(x, size)| &x[rows.start * size..rows.end * size]);
        work.run(rows.clone(), &list(operands)[..n], outs);
    });
}

struct Each<'a, R, T, const N: usize, const K: usize> {
    r: &'a R,
    rows: Range<usize>,
    xs: [&'a [T]; N],
    outs: [&'a mut [T]; K],
}

impl<R: Rows<N, K>, T: Float, const N: usize, const K: usize> Kernel for Each<'_, R, T, N, K> {
    const COST: usize = cost_in::<T>(R::COST);

    #[inline(always)]
    fn run(mut self) {
        let n = self.rows.len();
        if n == 0 {
            return;
        }
        for (i, row) in self.rows.enumerate() {
            self.r.apply(row, row_of(self.xs, i, n), row_of_mut(&mut self.outs, i, n));
        }
    }
}

// Apart from the kernel, so that they are not compiled with each.

/// Row `row` of `n` of each.
#[inline(always)]
fn row_of<T, const N: usize>(mut xs: [&[T]; N], row: usize, n: usize) -> [&[T]; N] {
    for x in &mut xs {
        let size = x.len() / n;
        *x = &x[row * size..(row + 1) * size];
    }
    xs
}

#[inline(always)]
fn row_of_mut<'a, T, const K: usize>(outs: &'a mut [&mut [T]; K], row: usize, n: usize) -> [&'a mut [T]; K] {
    let mut parts = all_mut(outs);
    for part in &mut parts {
        let width = part.len() / n;
        *part = &mut take(part)[row * width..(row + 1) * width];
    }
    parts
}
