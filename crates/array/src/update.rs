//! Elementwise kernels that rewrite arrays in place, one pass for all of them. New arrays come from `pointwise`.

use std::array::from_fn;

use crate::array::Array;
use crate::cpu::{Kernel, MIN_SCALAR_COST, cost_in, prefetch, vectorize};
use crate::dispatch;
use crate::dtype::Float;
use crate::pointwise::{at, chunk_length, first, read_all};
use crate::pool;
use crate::shape::Shape;
use crate::source::{CHUNK, Source};
use crate::threads::{Rows, for_each_piece};

/// A function from `K` numbers of state and `N` others to the new state. Implementations should be `#[inline]`.
pub trait Update<const K: usize, const N: usize>: Sync {
    /// Roughly how many additions one place is worth, which decides from how many elements on it is worth other
    /// threads: about 4 for Adam, about 30 for `exp` or `tanh`. It changes no bit of the result.
    const COST: usize = 1;

    /// The new state at one place.
    fn apply<T: Float>(&self, state: [T; K], xs: [T; N]) -> [T; K];
}

/// Rewrites the state elementwise: `state[..][i] = u(state[..][i], xs[..][i])`, in one pass.
///
/// The other operands broadcast to the state's shape and are cast to its type. A state that another array shares, or
/// that is strided, moves to a new buffer on the way; for a shared one [`pool::statistics`] counts a copy.
///
/// # Panics
/// If the states differ in shape or type, or an operand does not broadcast to them.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Float, Update, update};
///
/// struct Descend(f64);
/// impl Update<1, 1> for Descend {
///     fn apply<T: Float>(&self, [w]: [T; 1], [dw]: [T; 1]) -> [T; 1] {
///         [w - T::of(self.0) * dw]
///     }
/// }
///
/// let mut w = Array::from_vec(vec![1.0_f64, 2.0], [2]);
/// let dw = Array::from_vec(vec![1.0_f64, -1.0], [2]);
/// update(&Descend(0.5), [&mut w], [&dw]);
/// assert_eq!(w.to_vec::<f64>(), [0.5, 2.5]);
/// ```
#[track_caller]
pub fn update<const K: usize, const N: usize, U: Update<K, N>>(
    u: &U,
    state: [&mut Array; K],
    xs: [&Array; N],
) {
    let Some(first) = state.first() else { return };
    let (dtype, shape) = (first.dtype(), *first.shape());
    for other in &state {
        let is_alike = other.dtype() == dtype && *other.shape() == shape;
        assert!(is_alike, "update: a state is {} {}, expected {dtype} {shape}", other.dtype(), other.shape());
    }
    for x in &xs {
        check_broadcast(x, &shape);
    }
    dispatch!(dtype, T => walk_cast::<T, K, N>(U::COST, state, xs, &|s, xs| vectorize(Rewrite { u, state: s, xs })));
}

#[track_caller]
fn check_broadcast(x: &Array, shape: &Shape) {
    if x.shape() != shape {
        let joined = Shape::broadcast(&[x.shape(), shape]);
        assert!(
            joined.is_ok_and(|joined| joined == *shape),
            "update: {} does not broadcast to {shape}",
            x.shape()
        );
    }
}

type ChunkKernel<'a, T, const K: usize, const N: usize> = dyn Fn([&mut [T]; K], [&[T]; N]) + Sync + 'a;

// The part that does not depend on the function, so that it is compiled once.

/// [`walk`] with all operands of the state's type.
fn walk_cast<T: Float, const K: usize, const N: usize>(
    cost: usize,
    state: [&mut Array; K],
    xs: [&Array; N],
    kernel: &ChunkKernel<'_, T, K, N>,
) {
    if xs.iter().all(|x| x.dtype() == T::DTYPE) {
        walk(cost, state, xs, kernel);
    } else {
        let cast = xs.map(|x| x.cast(T::DTYPE));
        walk(cost, state, cast.each_ref(), kernel);
    }
}

fn walk<T: Float, const K: usize, const N: usize>(
    cost: usize,
    mut state: [&mut Array; K],
    xs: [&Array; N],
    kernel: &ChunkKernel<'_, T, K, N>,
) {
    let Some(shape) = state.first().map(|first| *first.shape()) else { return };
    let rows = Rows::of(shape.size(), cost);
    let is_flat = xs.iter().all(|x| x.is_contiguous() && *x.shape() == shape);
    if is_flat && state.iter().all(|array| is_own(array)) {
        let slices = xs.map(|x| x.as_slice::<T>().expect("contiguous and of this type"));
        let outs = state.map(|array| array.make_mut::<T>());
        return for_each_piece(outs, [1; K], rows, &|start, n, outs| {
            kernel(outs, slices.map(|x| &x[start..start + n]));
        });
    }
    let old = state.each_mut().map(|array| replace_unless_own::<T>(array));
    let old = old.each_ref().map(|old| old.as_ref().map(|old| Source::<T>::new(old, &shape)));
    let sources = xs.map(|x| Source::<T>::new(x, &shape));
    let outs = state.map(|array| array.make_mut::<T>());
    let chunk = chunk_length(&sources);
    for_each_piece(outs, [1; K], rows, &|start, n, outs| {
        walk_chunks(Operands { old: &old, sources: &sources }, (start, n, chunk), outs, kernel);
    });
}

/// Whether an array can be written in place.
fn is_own(array: &Array) -> bool {
    array.is_unique() && array.is_contiguous()
}

/// Leaves an array alone if it can be written in place; else puts a new one there and returns the old.
fn replace_unless_own<T: Float>(array: &mut Array) -> Option<Array> {
    if is_own(array) {
        return None;
    }
    if !array.is_unique() {
        pool::count_copy_on_write();
    }
    let fresh = Array::build::<T>(*array.shape(), |_| ());
    Some(std::mem::replace(array, fresh))
}

struct Operands<'a, T, const K: usize, const N: usize> {
    old: &'a [Option<Source<'a, T>>; K],
    sources: &'a [Source<'a, T>; N],
}

fn walk_chunks<T: Float, const K: usize, const N: usize>(
    operands: Operands<'_, T, K, N>,
    (start, n, chunk): (usize, usize, usize),
    mut outs: [&mut [T]; K],
    kernel: &ChunkKernel<'_, T, K, N>,
) {
    let mut buffers = operands.sources.each_ref().map(Source::buffer::<CHUNK>);
    for from in (0..n).step_by(chunk) {
        let to = n.min(from + chunk);
        let mut old = operands.old.iter();
        let parts = outs.each_mut().map(|out| {
            let part = &mut out[from..to];
            if let Some(Some(old)) = old.next() {
                old.copy_to(start + from, part);
            }
            part
        });
        kernel(parts, read_all(operands.sources, start + from, to - from, &mut buffers));
    }
}

// As in `pointwise.rs`, apart from the kernel so that they are not compiled with each.

/// As many elements of each state as the first has, and how many.
#[inline(always)]
fn first_of_states<T, const K: usize>(state: [&mut [T]; K]) -> (usize, [&mut [T]; K]) {
    let n = state.first().map_or(0, |state| state.len());
    (n, state.map(|state| &mut state[..n]))
}

#[inline(always)]
fn states_at<T: Copy, const K: usize>(state: &[&mut [T]; K], i: usize) -> [T; K] {
    from_fn(|k| state[k][i])
}

#[inline(always)]
fn write_states<T, const K: usize>(state: &mut [&mut [T]; K], i: usize, new: [T; K]) {
    for (state, new) in state.iter_mut().zip(new) {
        state[i] = new;
    }
}

struct Rewrite<'a, U, T, const K: usize, const N: usize> {
    u: &'a U,
    state: [&'a mut [T]; K],
    xs: [&'a [T]; N],
}

impl<U: Update<K, N>, T: Float, const K: usize, const N: usize> Kernel for Rewrite<'_, U, T, K, N> {
    const COST: usize = cost_in::<T>(U::COST);

    #[inline(always)]
    fn run(self) {
        let (n, mut state) = first_of_states(self.state);
        let xs = first(self.xs, n);
        let mut start = 0;
        // Several arrays and arithmetic that is compiled for vectors.
        if const { K > 1 && Self::COST < MIN_SCALAR_COST } && n >= BLOCK {
            start = n - n % BLOCK;
            rewrite_blocks(self.u, &mut state, &xs, start);
        }
        for i in start..n {
            // SAFETY: each has been cut to `n` elements.
            let new = self.u.apply(states_at(&state, i), unsafe { at(&xs, i) });
            write_states(&mut state, i, new);
        }
    }
}

/// The first `n` elements, which are whole blocks.
///
/// The arithmetic is done on copies, of which the compiler knows that they lie apart from each other and from the
/// function's numbers. Of the arrays it would have to make sure, and give up vectors where there are many.
#[inline(always)]
fn rewrite_blocks<T: Float, const K: usize, const N: usize>(
    u: &impl Update<K, N>,
    state: &mut [&mut [T]; K],
    xs: &[&[T]; N],
    n: usize,
) {
    let (mut blocks, mut others) = ([[T::zero(); BLOCK]; K], [[T::zero(); BLOCK]; N]);
    for from in (0..n).step_by(BLOCK) {
        load_states(&mut blocks, state, from);
        load_all(&mut others, xs, from);
        for i in 0..BLOCK {
            let new = u.apply(of_blocks(&blocks, i), of_blocks(&others, i));
            write_to_blocks(&mut blocks, i, new);
        }
        store_all(&blocks, state, from);
    }
}

/// Elements that are worked on at a time: four or eight lines of the cache.
const BLOCK: usize = 64;

/// How far ahead memory is asked for. The processor does that by itself, but less the more arithmetic stands between two
/// reads: with this, Adam goes over arrays in a quarter less time.
const AHEAD_BYTES: usize = 1024;

const LINE_BYTES: usize = 64;

#[inline(always)]
fn of_blocks<T: Copy, const N: usize>(blocks: &[[T; BLOCK]; N], i: usize) -> [T; N] {
    from_fn(|k| blocks[k][i])
}

#[inline(always)]
fn write_to_blocks<T: Copy, const K: usize>(blocks: &mut [[T; BLOCK]; K], i: usize, new: [T; K]) {
    for (block, new) in blocks.iter_mut().zip(new) {
        block[i] = new;
    }
}

/// Copies a block, and asks for the memory of a later one. Past the end of the array that does nothing.
#[inline(always)]
fn load<T: Copy>(block: &mut [T; BLOCK], from: &[T]) {
    for line in (0..BLOCK * size_of::<T>()).step_by(LINE_BYTES) {
        prefetch(from.as_ptr().wrapping_byte_add(AHEAD_BYTES + line));
    }
    block.copy_from_slice(&from[..BLOCK]);
}

#[inline(always)]
fn load_all<T: Copy, const N: usize>(blocks: &mut [[T; BLOCK]; N], xs: &[&[T]; N], from: usize) {
    for (block, x) in blocks.iter_mut().zip(xs) {
        load(block, &x[from..]);
    }
}

#[inline(always)]
fn load_states<T: Copy, const K: usize>(blocks: &mut [[T; BLOCK]; K], state: &[&mut [T]; K], from: usize) {
    for (block, state) in blocks.iter_mut().zip(state) {
        load(block, &state[from..]);
    }
}

#[inline(always)]
fn store_all<T: Copy, const K: usize>(blocks: &[[T; BLOCK]; K], state: &mut [&mut [T]; K], from: usize) {
    for (block, state) in blocks.iter().zip(state) {
        state[from..from + BLOCK].copy_from_slice(block);
    }
}
