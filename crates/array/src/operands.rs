//! The operands and results of a walk as slices, however many there are. The walks themselves are in `pointwise`, `update`,
//! `rows` and `blocks`: each is compiled once for each element type, and not for each function or number of operands.

use std::array::from_fn;
use std::mem::take;
use std::ops::Range;

use crate::array::Array;
use crate::dtype::{DType, Float};

/// The most operands that a function of arrays can have, and the most results.
pub(crate) const MOST: usize = 8;

/// What a walk does with a piece. A trait and not a closure: to be called once, twice or from several threads, which every
/// closure can be, is compiled for each as well.
pub(crate) trait Work<T>: Sync {
    /// Which elements, rows or blocks it is, that part of the operands, and that of the results.
    fn run(&self, range: Range<usize>, xs: &[&[T]], outs: &mut [&mut [T]]);
}

/// The work in each element type, from which a walk takes one when it runs.
#[derive(Clone, Copy)]
pub(crate) struct InEach<'a> {
    pub(crate) f32: &'a dyn Work<f32>,
    pub(crate) f64: &'a dyn Work<f64>,
}

impl<'a> InEach<'a> {
    #[inline]
    pub(crate) fn of<W: Work<f32> + Work<f64>>(work: &'a W) -> InEach<'a> {
        InEach { f32: work, f64: work }
    }
}

/// Up to [`MOST`] of a kind, and defaults in the other places: a list without an allocation.
#[inline]
pub(crate) fn list<X: Default>(items: impl IntoIterator<Item = X>) -> [X; MOST] {
    let mut items = items.into_iter();
    from_fn(|_| items.next().unwrap_or_default())
}

/// Part of each operand.
#[inline]
pub(crate) fn parts<'a, T>(xs: &[&'a [T]], range: &Range<usize>) -> [&'a [T]; MOST] {
    list(xs.iter().map(|x| &x[range.clone()]))
}

/// The elements of an array that a walk has made sure of.
#[inline]
#[track_caller]
pub(crate) fn elements<T: Float>(x: &Array) -> &[T] {
    x.as_slice().expect("contiguous and of this type")
}

/// Operands, some of them made fit for a walk.
pub(crate) struct Ready<'a> {
    given: &'a [&'a Array],
    made: [Option<Array>; MOST],
}

impl<'a> Ready<'a> {
    /// What `make` returns stands in the place of the operand.
    #[track_caller]
    pub(crate) fn new(given: &'a [&'a Array], make: impl Fn(&Array) -> Option<Array>) -> Ready<'a> {
        Ready { given, made: list(given.iter().map(|x| make(x))) }
    }

    /// All in one type.
    pub(crate) fn cast(given: &'a [&'a Array], dtype: DType) -> Ready<'a> {
        Ready::new(given, |x| (x.dtype() != dtype).then(|| x.cast(dtype)))
    }

    /// All in one type and contiguous.
    pub(crate) fn contiguous(given: &'a [&'a Array], dtype: DType) -> Ready<'a> {
        let is_fit = |x: &Array| x.dtype() == dtype && x.is_contiguous();
        Ready::new(given, |x| (!is_fit(x)).then(|| x.cast(dtype).contiguous()))
    }

    pub(crate) fn len(&self) -> usize {
        self.given.len()
    }

    pub(crate) fn arrays(&self) -> impl Iterator<Item = &Array> {
        self.given.iter().zip(&self.made).map(|(&given, made)| made.as_ref().unwrap_or(given))
    }
}

// What a kernel makes of the slices: arrays of known lengths. Loops, since `map` and `from_fn` of arrays become ten times the
// code, in each kernel anew, before the compiler has made that a few moves.

/// The operands, of which there are `N`.
#[inline(always)]
pub(crate) fn all<'a, T, const N: usize>(xs: &[&'a [T]]) -> [&'a [T]; N] {
    *xs.first_chunk().expect("N operands")
}

/// The results, of which there are `K`.
#[inline(always)]
pub(crate) fn all_mut<'a, T, const K: usize>(outs: &'a mut [&mut [T]]) -> [&'a mut [T]; K] {
    let mut all: [&mut [T]; K] = from_fn(|_| Default::default());
    for (place, out) in all.iter_mut().zip(outs) {
        *place = out;
    }
    all
}

/// How many elements the first has.
#[inline(always)]
pub(crate) fn length<T>(xs: &[&[T]]) -> usize {
    match xs {
        [x, ..] => x.len(),
        [] => 0,
    }
}

/// The first `n` elements of each.
#[inline(always)]
pub(crate) fn first<T, const N: usize>(xs: [&[T]; N], n: usize) -> [&[T]; N] {
    between(xs, 0, n)
}

/// The elements `from..to` of each.
#[inline(always)]
pub(crate) fn between<T, const N: usize>(mut xs: [&[T]; N], from: usize, to: usize) -> [&[T]; N] {
    for x in &mut xs {
        *x = &x[from..to];
    }
    xs
}

/// How many elements the first has, and as many of each.
#[inline(always)]
pub(crate) fn even<T, const K: usize>(mut outs: [&mut [T]; K]) -> (usize, [&mut [T]; K]) {
    let n = match &outs[..] {
        [out, ..] => out.len(),
        [] => 0,
    };
    for out in &mut outs {
        *out = &mut take(out)[..n];
    }
    (n, outs)
}

/// Element `i` of each, which all must have.
///
/// A check that the compiler cannot remove would leave the last elements of every chunk, up to two vectors of them, to a
/// loop that takes one at a time: a third of the time for a chunk of 512 `f32`.
///
/// # Safety
/// `i` must be below the length of each.
#[inline(always)]
pub(crate) unsafe fn at<T: Copy + Default, const N: usize>(xs: &[&[T]; N], i: usize) -> [T; N] {
    let mut values = [T::default(); N];
    for k in 0..N {
        // SAFETY: the caller's promise.
        values[k] = unsafe { *xs[k].get_unchecked(i) };
    }
    values
}

/// New arrays for results, still without their content.
pub(crate) fn blank<const K: usize>() -> [Array; K] {
    from_fn(|_| Array::default())
}
