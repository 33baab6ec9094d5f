//! Elementwise kernels that make a new array. Those that write in place are in `update`.

use crate::array::Array;
use crate::cpu::{Kernel, cost_in, vectorize};
use crate::dispatch;
use crate::dtype::{DType, Float};
use crate::shape::Shape;
use crate::source::{CHUNK, Source};
use crate::threads::{Rows, for_each_piece};

/// Up to this many elements a walk over the operands needs only small buffers.
const FEW: usize = 16;

/// A function of `N` numbers. Implementations should be `#[inline]`, so that loops over them can be vectorised.
pub trait Pointwise<const N: usize>: Sync {
    /// Roughly how many additions one value is worth, which decides from how many elements on it is worth other
    /// threads: 1 for arithmetic, about 30 for `exp` or `tanh`. It changes no bit of the result.
    const COST: usize = 1;

    /// The value at one place.
    fn apply<T: Float>(&self, xs: [T; N]) -> T;
}

/// Applies a function elementwise, with operands of any layout. All broadcast, and mixed types promote.
///
/// # Panics
/// If the shapes do not broadcast, which callers check to say it in their own words.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Float, Pointwise, pointwise};
///
/// struct Add;
/// impl Pointwise<2> for Add {
///     fn apply<T: Float>(&self, [x, y]: [T; 2]) -> T {
///         x + y
///     }
/// }
///
/// let x = Array::from_vec(vec![1.0_f32, 2.0], [2, 1]);
/// let y = Array::from_vec(vec![10.0_f32, 20.0], [2]);
/// assert_eq!(pointwise(&Add, [&x, &y]).to_vec::<f32>(), [11.0, 21.0, 12.0, 22.0]);
/// ```
#[track_caller]
pub fn pointwise<const N: usize, P: Pointwise<N>>(p: &P, xs: [&Array; N]) -> Array {
    let dtype = common_dtype(&xs);
    dispatch!(dtype, T => map::<T, N>(xs, P::COST, &|xs, out| vectorize(Map { p, xs, out })))
}

/// The common case, recognised cheaply: the result has the shape of an operand, and every operand is contiguous and
/// has either as many elements as the result or one.
#[inline]
fn plain_operands<'a, T: Float, const N: usize>(xs: &[&'a Array; N]) -> Option<(Shape, [&'a [T]; N])> {
    let mut largest = *xs.first()?;
    for x in &xs[1..] {
        if x.rank() > largest.rank() || (x.rank() == largest.rank() && x.size() > largest.size()) {
            largest = x;
        }
    }
    let (shape, n) = (largest.shape(), largest.size());
    for x in xs {
        // Equal counts are not enough: [1, 2] and [2, 1] make [2, 2].
        let is_same = x.size() == n && x.shape()[..] == shape[shape.len() - x.rank()..];
        if !(x.is_contiguous() && (is_same || x.size() == 1)) {
            return None;
        }
    }
    let slices = xs.map(|x| &x.elements::<T>()[x.layout.range()]);
    Some((*shape, slices))
}

/// The type that holds the values of all.
#[inline]
pub(crate) fn common_dtype(xs: &[&Array]) -> DType {
    xs.iter().fold(DType::F32, |dtype, x| dtype.promote(x.dtype()))
}

/// The shape that all broadcast to.
#[inline]
#[track_caller]
pub(crate) fn common_shape(name: &str, xs: &[&Array]) -> Shape {
    let first = xs.first().map_or_else(|| Shape::from(()), |x| *x.shape());
    if xs.iter().all(|x| *x.shape() == first) {
        return first;
    }
    let shapes: Vec<&Shape> = xs.iter().map(|x| x.shape()).collect();
    match Shape::broadcast(&shapes) {
        Ok(shape) => shape,
        Err(mismatch) => panic!("{}", mismatch.report(name)),
    }
}

type ChunkKernel<'a, T, const N: usize> = dyn Fn([&[T]; N], &mut [T]) + Sync + 'a;

// The walks do not depend on the function, so that they are compiled once for each element type.

#[track_caller]
fn map<T: Float, const N: usize>(xs: [&Array; N], cost: usize, kernel: &ChunkKernel<'_, T, N>) -> Array {
    if xs.iter().any(|x| x.dtype() != T::DTYPE) {
        let cast = xs.map(|x| x.cast(T::DTYPE));
        return map::<T, N>(cast.each_ref(), cost, kernel);
    }
    match plain_operands::<T, N>(&xs) {
        Some((shape, operands)) if shape.size() <= FEW => map_few(shape, operands, kernel),
        Some((shape, operands)) if operands.iter().all(|x| x.len() == shape.size()) => {
            map_flat(shape, operands, cost, kernel)
        }
        _ => map_mixed(xs, cost, kernel),
    }
}

/// For a few elements one call: setting up anything else would cost more than the work.
fn map_few<T: Float, const N: usize>(shape: Shape, xs: [&[T]; N], kernel: &ChunkKernel<'_, T, N>) -> Array {
    let n = shape.size();
    let mut buffers = [[T::zero(); FEW]; N];
    for (buffer, x) in buffers.iter_mut().zip(xs) {
        if x.len() != n {
            *buffer = [x[0]; FEW];
        }
    }
    let mut pairs = xs.into_iter().zip(&buffers);
    let operands = std::array::from_fn(|_| match pairs.next() {
        Some((x, _)) if x.len() == n => x,
        Some((_, buffer)) => &buffer[..n],
        None => unreachable!("a pair for each operand"),
    });
    Array::build(shape, |out| kernel(operands, out))
}

fn map_flat<T: Float, const N: usize>(
    shape: Shape,
    xs: [&[T]; N],
    cost: usize,
    kernel: &ChunkKernel<'_, T, N>,
) -> Array {
    Array::build(shape, |out| {
        let rows = Rows::of(out.len(), cost);
        for_each_piece([out], [1], rows, &|start, n, [out]| kernel(xs.map(|x| &x[start..start + n]), out));
    })
}

#[track_caller]
fn map_mixed<T: Float, const N: usize>(
    xs: [&Array; N],
    cost: usize,
    kernel: &ChunkKernel<'_, T, N>,
) -> Array {
    let shape = common_shape("pointwise", &xs);
    let sources = xs.map(|x| Source::<T>::new(x, &shape));
    let chunk = chunk_length(&sources);
    Array::build(shape, |out| {
        let rows = Rows::of(out.len(), cost);
        for_each_piece([out], [1], rows, &|start, n, [out]| {
            if n <= FEW {
                walk_chunks::<T, N, FEW>(&sources, FEW, start, out, kernel);
            } else {
                walk_chunks::<T, N, CHUNK>(&sources, chunk, start, out, kernel);
            }
        });
    })
}

/// As many elements as a chunk may have, or one row of a strided operand where that saves copying the row.
pub(crate) fn chunk_length<T: Float>(sources: &[Source<'_, T>]) -> usize {
    let runs = sources.iter().filter_map(Source::run_length);
    runs.filter(|run| (256..=CHUNK).contains(run)).min().unwrap_or(CHUNK)
}

fn walk_chunks<T: Float, const N: usize, const BUFFER: usize>(
    sources: &[Source<'_, T>; N],
    chunk: usize,
    start: usize,
    out: &mut [T],
    kernel: &ChunkKernel<'_, T, N>,
) {
    let mut buffers = sources.each_ref().map(Source::buffer::<BUFFER>);
    for (index, out) in out.chunks_mut(chunk).enumerate() {
        let at = start + index * chunk;
        kernel(read_all(sources, at, out.len(), &mut buffers), out);
    }
}

/// The same chunk of all operands.
#[inline]
pub(crate) fn read_all<'b, T: Float, const N: usize, const BUFFER: usize>(
    sources: &'b [Source<'_, T>; N],
    start: usize,
    n: usize,
    buffers: &'b mut [[T; BUFFER]; N],
) -> [&'b [T]; N] {
    let mut pairs = sources.iter().zip(buffers);
    std::array::from_fn(|_| {
        let (source, buffer) = pairs.next().expect("one buffer for each operand");
        source.read(start, &mut buffer[..n])
    })
}

// These do not depend on the function either; as closures inside a kernel they would be compiled with each.

/// The first `n` elements of each.
#[inline(always)]
pub(crate) fn first<T, const N: usize>(xs: [&[T]; N], n: usize) -> [&[T]; N] {
    xs.map(|x| &x[..n])
}

/// Element `i` of each, which all must have.
///
/// A check that the compiler cannot remove would leave the last elements of every chunk, up to two vectors of them, to a
/// loop that takes one at a time: a third of the time for a chunk of 512 `f32`.
///
/// # Safety
/// `i` must be below the length of each.
#[inline(always)]
pub(crate) unsafe fn at<T: Copy, const N: usize>(xs: &[&[T]; N], i: usize) -> [T; N] {
    // SAFETY: the caller's promise.
    std::array::from_fn(|k| unsafe { *xs[k].get_unchecked(i) })
}

/// Writes `term` of the elements of `N` rows, which must be at least as long as `out`: a loop for kernels that work on
/// rows.
///
/// # Panics
/// If a row is shorter than `out`.
///
/// # Examples
/// ```
/// let mut y = [0.0_f32; 2];
/// wengert_array::map_row(&mut y, [&[1.0, 2.0], &[10.0, 20.0]], |[a, b]| a + b);
/// assert_eq!(y, [11.0, 22.0]);
/// ```
#[inline(always)]
pub fn map_row<T: Float, const N: usize>(out: &mut [T], xs: [&[T]; N], term: impl Fn([T; N]) -> T) {
    let xs = first(xs, out.len());
    for (i, out) in out.iter_mut().enumerate() {
        // SAFETY: each has as many elements as `out`, and `i` is a place in it.
        *out = term(unsafe { at(&xs, i) });
    }
}

struct Map<'a, P, T, const N: usize> {
    p: &'a P,
    xs: [&'a [T]; N],
    out: &'a mut [T],
}

impl<P: Pointwise<N>, T: Float, const N: usize> Kernel for Map<'_, P, T, N> {
    const COST: usize = cost_in::<T>(P::COST);

    #[inline(always)]
    fn run(self) {
        map_row(self.out, self.xs, |xs| self.p.apply(xs));
    }
}
