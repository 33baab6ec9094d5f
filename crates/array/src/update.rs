//! Elementwise kernels that rewrite arrays in place, one pass for all of them. New arrays come from `pointwise`.

use std::ops::Range;

use crate::array::Array;
use crate::cpu::{Kernel, MIN_SCALAR_COST, cost_in, prefetch, vectorize};
use crate::dtype::{DType, Float};
use crate::operands::{InEach, MOST, Ready, Work, all, all_mut, at, elements, even, first, list, parts};
use crate::pool;
use crate::shape::Shape;
use crate::source::{Reader, SCRATCH, Source};
use crate::threads::{Rows, for_each_part};

/// A function from `K` numbers of state and `N` others, at most 8 each, to the new state. Implementations should be `#[inline]`.
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
    mut state: [&mut Array; K],
    xs: [&Array; N],
) {
    const { assert!(K <= MOST && N <= MOST, "an update has at most 8 states and 8 operands") };
    rewrite(&mut state, &xs, U::COST, InEach::of(&Rewriting::<U, K, N>(u)));
}

struct Rewriting<'a, U, const K: usize, const N: usize>(&'a U);

impl<T: Float, U: Update<K, N>, const K: usize, const N: usize> Work<T> for Rewriting<'_, U, K, N> {
    fn run(&self, _: Range<usize>, xs: &[&[T]], state: &mut [&mut [T]]) {
        vectorize(Rewrite { u: self.0, state: all_mut(state), xs: all(xs) });
    }
}

// What does not depend on the function, so that it is compiled once.

#[track_caller]
fn rewrite(state: &mut [&mut Array], xs: &[&Array], cost: usize, work: InEach<'_>) {
    let Some((first, others)) = state.split_first() else { return };
    let (dtype, shape) = (first.dtype(), first.shape());
    for other in others {
        let is_alike = other.dtype() == dtype && other.shape() == shape;
        assert!(is_alike, "update: a state is {} {}, expected {dtype} {shape}", other.dtype(), other.shape());
    }
    let mut is_flat = state.iter().all(|array| is_own(array));
    for x in xs {
        let is_whole = x.shape() == shape;
        if !is_whole {
            check_broadcast(x, shape);
        }
        is_flat &= is_whole && x.dtype() == dtype && x.is_contiguous();
    }
    let rows = Rows::of(shape.size(), cost);
    match (dtype, is_flat) {
        (DType::F32, true) => rewrite_flat(state, xs, rows, work.f32),
        (DType::F64, true) => rewrite_flat(state, xs, rows, work.f64),
        (DType::F32, false) => rewrite_strided(state, xs, rows, work.f32),
        (DType::F64, false) => rewrite_strided(state, xs, rows, work.f64),
    }
}

#[track_caller]
fn check_broadcast(x: &Array, shape: &Shape) {
    let joined = Shape::broadcast(&[x.shape(), shape]);
    assert!(
        joined.is_ok_and(|joined| joined == *shape),
        "update: {} does not broadcast to {shape}",
        x.shape()
    );
}

/// The common case: all states can be written in place, and all operands are contiguous, of their shape and type.
fn rewrite_flat<T: Float>(state: &mut [&mut Array], xs: &[&Array], rows: Rows, work: &dyn Work<T>) {
    let n_states = state.len();
    let slices = list(xs.iter().map(|x| elements::<T>(x)));
    let mut outs = list(state.iter_mut().map(|array| array.make_mut::<T>()));
    for_each_part(&mut outs[..n_states], &[1; MOST][..n_states], rows, &|range, outs| {
        let parts = parts(&slices[..xs.len()], &range);
        work.run(range, &parts[..xs.len()], outs);
    });
}

/// Not inlined, since what it keeps on the stack would be set up in the common case as well.
#[inline(never)]
fn rewrite_strided<T: Float>(state: &mut [&mut Array], xs: &[&Array], rows: Rows, work: &dyn Work<T>) {
    let (n_states, shape) = (state.len(), *state[0].shape());
    let ready = Ready::cast(xs, T::DTYPE);
    let sources = list(ready.arrays().map(|x| Source::<T>::new(x, &shape)));
    let old = list(state.iter_mut().map(|array| replace_unless_own::<T>(array)));
    let old = list(old.iter().map(|old| old.as_ref().map(|old| Source::<T>::new(old, &shape))));
    let mut outs = list(state.iter_mut().map(|array| array.make_mut::<T>()));
    for_each_part(&mut outs[..n_states], &[1; MOST][..n_states], rows, &|range, outs| {
        let mut scratch = [T::zero(); SCRATCH];
        rewrite_chunks(Reader::new(&sources[..xs.len()], &mut scratch), &old, range, outs, work);
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

fn rewrite_chunks<T: Float>(
    mut reader: Reader<'_, T>,
    old: &[Option<Source<'_, T>>],
    range: Range<usize>,
    outs: &mut [&mut [T]],
    work: &dyn Work<T>,
) {
    let (n, n_states) = (reader.sources.len(), outs.len());
    for from in range.clone().step_by(reader.chunk) {
        let part = from..range.end.min(from + reader.chunk);
        let mut parts = list(outs.iter_mut().map(|out| &mut out[from - range.start..part.end - range.start]));
        for (part, old) in parts.iter_mut().zip(old) {
            if let Some(old) = old {
                old.copy_to(from, part);
            }
        }
        work.run(part.clone(), &reader.read(part)[..n], &mut parts[..n_states]);
    }
}

// Apart from the kernel so that they are not compiled with each.

#[inline(always)]
fn states_at<T: Float, const K: usize>(state: &[&mut [T]; K], i: usize) -> [T; K] {
    let mut values = [T::zero(); K];
    for k in 0..K {
        values[k] = state[k][i];
    }
    values
}

#[inline(always)]
fn write_states<T: Float, const K: usize>(state: &mut [&mut [T]; K], i: usize, new: [T; K]) {
    for k in 0..K {
        state[k][i] = new[k];
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
        let (n, mut state) = even(self.state);
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
fn of_blocks<T: Float, const N: usize>(blocks: &[[T; BLOCK]; N], i: usize) -> [T; N] {
    let mut values = [T::zero(); N];
    for k in 0..N {
        values[k] = blocks[k][i];
    }
    values
}

#[inline(always)]
fn write_to_blocks<T: Float, const K: usize>(blocks: &mut [[T; BLOCK]; K], i: usize, new: [T; K]) {
    for k in 0..K {
        blocks[k][i] = new[k];
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
