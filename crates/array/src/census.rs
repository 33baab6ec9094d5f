//! What kinds of numbers an array holds: whether all are finite, which a step of training asks of every gradient, and a
//! census for the search for a NaN.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::array::Array;
use crate::cpu::{Kernel, vectorize};
use crate::dispatch;
use crate::dtype::Float;
use crate::lanes::{Sum, in_lanes};
use crate::team::share;
use crate::threads::{MIN_PARALLEL_ELEMENTS, PIECE_ELEMENTS};

/// How many elements of an array are NaN or infinite, and between which numbers the others lie.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Census {
    /// Elements that are NaN.
    pub n_nan: usize,
    /// Elements that are infinity or minus infinity.
    pub n_infinite: usize,
    /// The place of the first of these in row-major order.
    pub first_nonfinite: Option<usize>,
    /// The least and the greatest of all other elements, if there are any.
    pub finite: Option<(f64, f64)>,
}

impl Census {
    /// Whether no element is NaN or infinite.
    pub fn is_finite(&self) -> bool {
        self.n_nan + self.n_infinite == 0
    }
}

impl Array {
    /// Counts the elements that are not finite.
    ///
    /// # Examples
    /// ```
    /// use wengert_array::Array;
    /// let census = Array::from_vec(vec![1.0, f64::NAN, -2.0], [3]).census();
    /// assert_eq!((census.n_nan, census.n_infinite), (1, 0));
    /// assert_eq!(census.first_nonfinite, Some(1));
    /// assert_eq!(census.finite, Some((-2.0, 1.0)));
    /// ```
    pub fn census(&self) -> Census {
        let array = self.contiguous();
        dispatch!(array.dtype(), T => take_census::<T>(array.as_slice().expect("contiguous and of this type")))
    }

    /// Whether no element is NaN or infinite: one pass that reads at the speed of memory.
    ///
    /// # Examples
    /// ```
    /// use wengert_array::Array;
    /// assert!(Array::from_vec(vec![1.0, f64::MAX], [2]).is_finite());
    /// assert!(!Array::from_vec(vec![1.0, f64::NEG_INFINITY], [2]).is_finite());
    /// ```
    pub fn is_finite(&self) -> bool {
        let array = self.contiguous();
        dispatch!(array.dtype(), T => are_finite::<T>(array.as_slice().expect("contiguous and of this type")))
    }
}

/// Fewer numbers than these are asked one by one.
const FEW: usize = 64;

fn are_finite<T: Float>(xs: &[T]) -> bool {
    if xs.len() < FEW {
        return xs.iter().all(|x| x.is_finite());
    }
    if xs.len() < MIN_PARALLEL_ELEMENTS {
        return sum_vanishes(xs);
    }
    let has_found = AtomicBool::new(false);
    share(xs.len().div_ceil(PIECE_ELEMENTS), &|piece| {
        let from = piece * PIECE_ELEMENTS;
        let piece = &xs[from..xs.len().min(from + PIECE_ELEMENTS)];
        // Nobody waits for what another has found: a relaxed look is enough to end early.
        if !has_found.load(Ordering::Relaxed) && !sum_vanishes(piece) {
            has_found.store(true, Ordering::Relaxed);
        }
    });
    !has_found.into_inner()
}

/// Whether the sum of `0 · x` is 0, which it is if all `x` are finite, and NaN if not.
fn sum_vanishes<T: Float>(xs: &[T]) -> bool {
    let mut sum = T::zero();
    vectorize(Vanish { xs, sum: &mut sum });
    sum == T::zero()
}

struct Vanish<'a, T> {
    xs: &'a [T],
    sum: &'a mut T,
}

impl<T: Float> Kernel for Vanish<'_, T> {
    /// Four quarters side by side: memory answers several streams of reads faster than one.
    #[inline(always)]
    fn run(self) {
        let (quarter, zero) = (self.xs.len() / 4, T::zero());
        let (quarters, rest) = self.xs.split_at(4 * quarter);
        let quarters = std::array::from_fn(|k| &quarters[k * quarter..(k + 1) * quarter]);
        let sum =
            in_lanes::<T, Sum, 4>(quarters, |[a, b, c, d]| (zero * a + zero * b) + (zero * c + zero * d));
        *self.sum = rest.iter().fold(sum, |sum, &x| sum + zero * x);
    }
}

fn take_census<T: Float>(xs: &[T]) -> Census {
    let mut census = Census { first_nonfinite: xs.iter().position(|x| !x.is_finite()), ..Census::default() };
    let (mut least, mut greatest) = (T::infinity(), T::neg_infinity());
    for &x in xs {
        census.n_nan += usize::from(x.is_nan());
        census.n_infinite += usize::from(x.is_infinite());
        if x.is_finite() {
            least = least.min(x);
            greatest = greatest.max(x);
        }
    }
    census.finite = (least <= greatest).then(|| (least.as_f64(), greatest.as_f64()));
    census
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strided_view_is_counted_by_its_own_elements() {
        let x = Array::from_vec(vec![f32::NAN, 1.0, f32::INFINITY, 2.0], [2, 2]);
        assert!(x.slice(1, 1, 1, 1).census().is_finite());
        let column = x.slice(1, 0, 1, 1).census();
        assert_eq!((column.n_nan, column.n_infinite, column.finite), (1, 1, None));
    }

    /// At every place of arrays that are asked one by one, in lanes, in pieces, and on several threads.
    #[test]
    fn a_number_that_is_not_finite_is_found_wherever_it_stands() {
        for n in [1, 15, 63, 64, 67, 131, 300, 2 * PIECE_ELEMENTS + 5, MIN_PARALLEL_ELEMENTS + 3] {
            let step = (n / 50).max(1);
            assert!(Array::from_vec(vec![f32::MAX; n], [n]).is_finite(), "{n}");
            for (at, wrong) in
                (0..n).step_by(step).chain([n - 1]).zip([f64::NAN, f64::INFINITY].iter().cycle())
            {
                let mut xs = vec![f64::MIN; n];
                xs[at] = *wrong;
                assert!(!Array::from_vec(xs, [n]).is_finite(), "{wrong} at {at} of {n}");
            }
        }
        let x = Array::from_vec(vec![f32::NAN, 1.0, f32::INFINITY, 2.0], [2, 2]);
        assert!(x.slice(1, 1, 1, 1).is_finite() && !x.slice(1, 0, 1, 1).is_finite());
    }

    #[test]
    fn of_nothing_all_is_finite() {
        assert!(Array::from_vec(Vec::<f32>::new(), [0]).is_finite());
        assert_eq!(Array::from_vec(Vec::<f32>::new(), [0]).census(), Census::default());
    }
}
