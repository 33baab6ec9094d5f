//! Elementwise kernels that make a new array. Those that write in place are in `update`.

use std::ops::Range;

use crate::array::Array;
use crate::cpu::{Kernel, cost_in, vectorize};
use crate::dtype::{DType, Float};
use crate::operands::{InEach, MOST, Ready, Work, all, at, elements, first, list, parts};
use crate::shape::Shape;
use crate::source::{Reader, SCRATCH, Source, n_buffers};
use crate::threads::{Rows, for_each_part};

/// How many elements fit into the small buffers of walks over few elements.
const FEW: usize = 32;

/// A function of `N` numbers, at most 8. Implementations should be `#[inline]`, so that loops over them can be vectorised.
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
    const { assert!(N <= MOST, "a function of arrays has at most 8 operands") };
    map(&xs, P::COST, InEach::of(&Mapped::<P, N>(p)))
}

struct Mapped<'a, P, const N: usize>(&'a P);

impl<T: Float, P: Pointwise<N>, const N: usize> Work<T> for Mapped<'_, P, N> {
    fn run(&self, _: Range<usize>, xs: &[&[T]], outs: &mut [&mut [T]]) {
        vectorize(Map { p: self.0, xs: all(xs), out: outs[0] });
    }
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

#[track_caller]
fn map(xs: &[&Array], cost: usize, work: InEach<'_>) -> Array {
    match common_dtype(xs) {
        DType::F32 => map_in(xs, cost, work.f32),
        DType::F64 => map_in(xs, cost, work.f64),
    }
}

#[track_caller]
fn map_in<T: Float>(xs: &[&Array], cost: usize, work: &dyn Work<T>) -> Array {
    let mixed = || map_mixed(xs, cost, work);
    let Some(shape) = plain_shape(xs, T::DTYPE) else { return mixed() };
    let n = shape.size();
    let slices = list(xs.iter().map(|x| elements::<T>(x)));
    let slices = &slices[..xs.len()];
    match slices.iter().filter(|x| x.len() != n).count() {
        0 => map_flat(shape, slices, cost, work),
        n_constants if n * n_constants <= FEW => map_few(shape, slices, work),
        _ => mixed(),
    }
}

/// The shape of the result in the common case, recognised cheaply: it is that of an operand, and every operand is contiguous,
/// of one type, and has either as many elements as the result or one.
fn plain_shape(xs: &[&Array], dtype: DType) -> Option<Shape> {
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
        if !(x.dtype() == dtype && x.is_contiguous() && (is_same || x.size() == 1)) {
            return None;
        }
    }
    Some(*shape)
}

fn map_flat<T: Float>(shape: Shape, xs: &[&[T]], cost: usize, work: &dyn Work<T>) -> Array {
    Array::build(shape, |out| {
        let rows = Rows::of(out.len(), cost);
        for_each_part(&mut [out], &[1], rows, &|range, outs| {
            let parts = parts(xs, &range);
            work.run(range, &parts[..xs.len()], outs);
        });
    })
}

/// For a few elements one call: setting up anything else would cost more than the work.
fn map_few<T: Float>(shape: Shape, xs: &[&[T]], work: &dyn Work<T>) -> Array {
    let n = shape.size();
    let mut scratch = [T::zero(); FEW];
    let mut rest = &mut scratch[..];
    let operands = list(xs.iter().map(|&x| {
        if x.len() == n {
            return x;
        }
        let (buffer, later) = std::mem::take(&mut rest).split_at_mut(n);
        rest = later;
        buffer.fill(x[0]);
        buffer
    }));
    Array::build(shape, |out| work.run(0..n, &operands[..xs.len()], &mut [out]))
}

/// Not inlined, since what it keeps on the stack would be set up in the common case as well.
#[inline(never)]
#[track_caller]
fn map_mixed<T: Float>(xs: &[&Array], cost: usize, work: &dyn Work<T>) -> Array {
    let shape = common_shape("pointwise", xs);
    let ready = Ready::cast(xs, T::DTYPE);
    let sources = list(ready.arrays().map(|x| Source::<T>::new(x, &shape)));
    let sources = &sources[..xs.len()];
    Array::build(shape, |out| {
        let rows = Rows::of(out.len(), cost);
        for_each_part(&mut [out], &[1], rows, &|range, outs| {
            if range.len() * n_buffers(sources) <= FEW {
                walk_chunks(Reader::new(sources, &mut [T::zero(); FEW]), range, outs, work);
            } else {
                walk_chunks(Reader::new(sources, &mut [T::zero(); SCRATCH]), range, outs, work);
            }
        });
    })
}

fn walk_chunks<T: Float>(
    mut reader: Reader<'_, T>,
    range: Range<usize>,
    outs: &mut [&mut [T]],
    work: &dyn Work<T>,
) {
    let (n, chunk) = (reader.sources.len(), reader.chunk);
    for (index, out) in outs[0].chunks_mut(chunk).enumerate() {
        let at = range.start + index * chunk;
        let range = at..at + out.len();
        work.run(range.clone(), &reader.read(range)[..n], &mut [out]);
    }
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
    let n = out.len();
    let xs = first(xs, n);
    #[expect(
        clippy::needless_range_loop,
        reason = "an iterator is half as much again to compile, in every kernel"
    )]
    for i in 0..n {
        // SAFETY: each has as many elements as `out`, and `i` is a place in it.
        out[i] = term(unsafe { at(&xs, i) });
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
