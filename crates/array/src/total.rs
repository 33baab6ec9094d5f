//! Sums over all elements of a function of several arrays: norms and products. Reductions that leave an array are in
//! `reduce`.

use std::ops::Range;

use crate::array::Array;
use crate::cpu::{Kernel, cost_in, vectorize};
use crate::dtype::{DType, Float};
use crate::lanes::{ROW_LEAF, Sum, in_lanes};
use crate::operands::{InEach, MOST, Ready, Work, all, elements, list, parts};
use crate::pointwise::common_dtype;
use crate::reduce::{Reduce, reduce};
use crate::threads::{MIN_PARALLEL_ELEMENTS, both};
use crate::{Axes, Pointwise, pointwise};

/// What is summed: a function of `N` numbers, at most 8. Implementations should be `#[inline]`.
pub trait Term<const N: usize>: Sync {
    /// Roughly how many additions one place is worth, as [`Update::COST`](crate::Update::COST).
    const COST: usize = 1;

    /// The term at one place.
    fn apply<T: Float>(&self, xs: [T; N]) -> T;
}

/// The sum of a function over all places of arrays of one shape; mixed types promote.
///
/// Up to 2,048 terms are summed in the arrays' own type, their sums in `f64`, in an order that the size alone decides.
///
/// # Panics
/// If the shapes differ.
///
/// # Examples
/// ```
/// use wengert_array::{Array, Float, Term, total};
///
/// struct Product;
/// impl Term<2> for Product {
///     fn apply<T: Float>(&self, [x, y]: [T; 2]) -> T {
///         x * y
///     }
/// }
///
/// let x = Array::from_vec(vec![1.0_f32, 2.0, 3.0], [3]);
/// assert_eq!(total(&Product, [&x, &x]), 14.0);
/// ```
#[track_caller]
pub fn total<const N: usize, M: Term<N>>(term: &M, xs: [&Array; N]) -> f64 {
    const { assert!(N <= MOST, "a term has at most 8 operands") };
    total_of(&xs, M::COST, InEach::of(&Summed::<M, N>(term)))
}

struct Summed<'a, M, const N: usize>(&'a M);

impl<T: Float, M: Term<N>, const N: usize> Work<T> for Summed<'_, M, N> {
    fn run(&self, _: Range<usize>, xs: &[&[T]], sums: &mut [&mut [T]]) {
        vectorize(Leaf { term: self.0, xs: all(xs), sum: &mut sums[0][0] });
    }
}

/// The part that does not depend on the term, so that it is compiled once.
#[track_caller]
fn total_of(xs: &[&Array], cost: usize, leaf: InEach<'_>) -> f64 {
    let Some(first) = xs.first() else { return 0.0 };
    for x in xs {
        assert!(x.shape() == first.shape(), "total: an operand is {}, expected {}", x.shape(), first.shape());
    }
    let dtype = common_dtype(xs);
    let ready = Ready::contiguous(xs, dtype);
    match dtype {
        DType::F32 => add(&list(ready.arrays().map(elements))[..xs.len()], cost, leaf.f32),
        DType::F64 => add(&list(ready.arrays().map(elements))[..xs.len()], cost, leaf.f64),
    }
}

impl Array {
    /// The Euclidean norm, `√(Σ x²)`, of all elements. It neither overflows nor vanishes on the way: where the squares
    /// would, the elements are divided by the greatest of them first.
    ///
    /// # Examples
    /// ```
    /// use wengert_array::Array;
    /// assert_eq!(Array::from_vec(vec![3e30_f32, 4e30], [2]).norm(), f64::from(4e30_f32) * 1.25);
    /// ```
    pub fn norm(&self) -> f64 {
        if self.size() == 0 {
            return 0.0;
        }
        let squares = total(&Square, [self]);
        // Below, squares of what contributes may have lost digits: the smallest normal number of f32 has 1e-38.
        if squares.is_finite() && squares > 1e-30 {
            return squares.sqrt();
        }
        let size = pointwise(&Magnitude, [self]);
        let largest = reduce(&size, Axes::all(size.rank()), Reduce::Max).iter().next().unwrap_or(f64::NAN);
        if largest == 0.0 || !largest.is_finite() {
            return largest;
        }
        largest * total(&Square, [&pointwise(&DividedBy(largest), [self])]).sqrt()
    }
}

struct Square;

impl Term<1> for Square {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        x * x
    }
}

struct Magnitude;

impl Pointwise<1> for Magnitude {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        x.abs()
    }
}

struct DividedBy(f64);

impl Pointwise<1> for DividedBy {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        x / T::of(self.0)
    }
}

fn add<T: Float>(xs: &[&[T]], cost: usize, leaf: &dyn Work<T>) -> f64 {
    let n = xs[0].len();
    if n <= ROW_LEAF {
        let mut sum = [T::zero()];
        leaf.run(0..n, xs, &mut [&mut sum]);
        return sum[0].as_f64();
    }
    let middle = n.div_ceil(ROW_LEAF) / 2 * ROW_LEAF;
    let (left, right) = (parts(xs, &(0..middle)), parts(xs, &(middle..n)));
    let left = || add(&left[..xs.len()], cost, leaf);
    let right = || add(&right[..xs.len()], cost, leaf);
    let (left, right) =
        if n.saturating_mul(cost) >= MIN_PARALLEL_ELEMENTS { both(&left, &right) } else { (left(), right()) };
    left + right
}

struct Leaf<'a, M, T, const N: usize> {
    term: &'a M,
    xs: [&'a [T]; N],
    sum: &'a mut T,
}

impl<M: Term<N>, T: Float, const N: usize> Kernel for Leaf<'_, M, T, N> {
    const COST: usize = cost_in::<T>(M::COST);

    #[inline(always)]
    fn run(self) {
        *self.sum = in_lanes::<T, Sum, N>(self.xs, |xs| self.term.apply(xs));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_norm_is_right_where_squares_are_not() {
        for scale in [1e-300, 1e-200, 1e-20, 1.0, 1e20, 1e200, 1e300] {
            let x = Array::from_vec(vec![3.0 * scale, -4.0 * scale, 0.0], [3]);
            assert!((x.norm() / scale - 5.0).abs() < 1e-14, "{scale}: {}", x.norm());
        }
        for scale in [1e-42_f32, 1e-37, 1e-25, 1.0, 1e25, 1e37] {
            let x = Array::from_vec(vec![scale; 100], [10, 10]);
            let expected = f64::from(scale) * 10.0;
            assert!((x.norm() / expected - 1.0).abs() < 1e-6, "{scale}: {}", x.norm());
        }
    }

    #[test]
    fn a_norm_of_zeros_is_zero_and_of_a_nan_not_finite() {
        assert_eq!(Array::zeros([5], crate::DType::F32).norm(), 0.0);
        assert_eq!(Array::from_vec(Vec::<f64>::new(), [0]).norm(), 0.0);
        for wrong in [f32::NAN, f32::INFINITY] {
            assert!(!Array::from_vec(vec![1.0, wrong], [2]).norm().is_finite());
        }
    }

    /// `1 + 2 + … + n`, exact in f64 at every size, on one thread and on several.
    #[test]
    fn a_total_is_the_sum_of_all_terms() {
        struct Itself;
        impl Term<1> for Itself {
            fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
                x
            }
        }
        for n in [0, 1, 7, 33, 2048, 2049, 10_000, MIN_PARALLEL_ELEMENTS + 77] {
            let x = Array::from_vec((1..=n).map(|i| i as f64).collect(), [n]);
            assert_eq!(total(&Itself, [&x]), (n * (n + 1) / 2) as f64, "{n}");
        }
    }
}
