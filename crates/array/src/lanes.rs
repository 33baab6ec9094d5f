//! Combining a row of numbers in independent lanes, which a processor can do side by side.
//!
//! The order is decided by the length of the row alone, never by the width of the machine's vectors.

use crate::dtype::Float;
use crate::operands::{at, between, first, length};

/// How many independent partial results a row has: enough to keep the widest vectors busy while additions take
/// their time.
pub(crate) const LANES: usize = 32;

/// The lanes that take what is left of a row after whole chunks of [`LANES`].
const FEW_LANES: usize = 8;

/// A way to combine two numbers, associative up to rounding.
pub(crate) trait Combine: Send + Sync + 'static {
    /// What changes nothing when it is combined.
    fn identity<T: Float>() -> T;

    /// The combination of two numbers.
    fn combine<T: Float>(a: T, b: T) -> T;
}

/// Addition.
pub(crate) struct Sum;
/// Multiplication.
pub(crate) struct Product;
/// The greater, or NaN.
pub(crate) struct Max;
/// The lesser, or NaN.
pub(crate) struct Min;

impl Combine for Sum {
    #[inline(always)]
    fn identity<T: Float>() -> T {
        T::zero()
    }
    #[inline(always)]
    fn combine<T: Float>(a: T, b: T) -> T {
        a + b
    }
}

impl Combine for Product {
    #[inline(always)]
    fn identity<T: Float>() -> T {
        T::one()
    }
    #[inline(always)]
    fn combine<T: Float>(a: T, b: T) -> T {
        a * b
    }
}

impl Combine for Max {
    #[inline(always)]
    fn identity<T: Float>() -> T {
        T::neg_infinity()
    }
    #[inline(always)]
    fn combine<T: Float>(a: T, b: T) -> T {
        // A NaN on the right fails the comparison and is taken; one on the left is asked for.
        if a > b || a.is_nan() { a } else { b }
    }
}

impl Combine for Min {
    #[inline(always)]
    fn identity<T: Float>() -> T {
        T::infinity()
    }
    #[inline(always)]
    fn combine<T: Float>(a: T, b: T) -> T {
        if a < b || a.is_nan() { a } else { b }
    }
}

/// Elements of a row that are summed in lanes: 64 for each lane.
pub(crate) const ROW_LEAF: usize = 64 * LANES;

/// Rows shorter than this are combined one element after the other: many of them are independent of each other as well.
const SHORT: usize = 16;

/// The sum of `term` over the elements of `N` rows of equal length, for kernels that work on rows: in an order that
/// vectors can do side by side, and that the length alone decides.
///
/// # Examples
/// ```
/// use wengert_array::row_sum;
/// let (x, y) = ([1.0_f32, 2.0, 3.0], [1.0, 10.0, 100.0]);
/// assert_eq!(row_sum([&x, &y], |[x, y]| x * y), 321.0);
/// ```
#[inline(always)]
pub fn row_sum<T: Float, const N: usize>(rows: [&[T]; N], term: impl Fn([T; N]) -> T) -> T {
    let n = length(&rows);
    if n < SHORT {
        let rows = first(rows, n);
        // SAFETY: each has been cut to `n` elements.
        return (0..n).fold(T::zero(), |sum, i| sum + term(unsafe { at(&rows, i) }));
    }
    let mut sum = 0.0;
    for from in (0..n).step_by(ROW_LEAF) {
        let to = n.min(from + ROW_LEAF);
        // In f64, so that the error does not grow with the number of leaves.
        sum += in_lanes::<T, Sum, N>(between(rows, from, to), &term).as_f64();
    }
    T::of(sum)
}

/// The greatest element of a row, for kernels that work on rows: minus infinity of none, and NaN if there is one.
///
/// # Examples
/// ```
/// assert_eq!(wengert_array::row_max(&[1.0_f32, 3.0, 2.0]), 3.0);
/// ```
#[inline(always)]
pub fn row_max<T: Float>(row: &[T]) -> T {
    if row.len() < SHORT {
        return row.iter().fold(T::neg_infinity(), |max, &x| Max::combine(max, x));
    }
    in_lanes::<T, Max, 1>([row], |[x]| x)
}

/// Combines `term` of the elements of `N` rows of equal length.
#[inline(always)]
pub(crate) fn in_lanes<T: Float, C: Combine, const N: usize>(
    rows: [&[T]; N],
    term: impl Fn([T; N]) -> T,
) -> T {
    let n = length(&rows);
    let rows = first(rows, n);
    let n_wide = if n < LANES { 0 } else { n - n % LANES };
    let n_even = n - n % FEW_LANES;
    let mut result = C::identity();
    if n_even > 0 {
        let mut few = [C::identity::<T>(); FEW_LANES];
        if n_wide > 0 {
            let mut lanes = [C::identity::<T>(); LANES];
            add_chunks::<T, C, N, LANES>(&mut lanes, first(rows, n_wide), &term);
            halve::<T, C, 16>(&mut lanes);
            halve::<T, C, 8>(&mut lanes);
            few.copy_from_slice(&lanes[..FEW_LANES]);
        }
        add_chunks::<T, C, N, FEW_LANES>(&mut few, between(rows, n_wide, n_even), &term);
        halve::<T, C, 4>(&mut few);
        halve::<T, C, 2>(&mut few);
        halve::<T, C, 1>(&mut few);
        result = few[0];
    }
    for i in n_even..n {
        // SAFETY: each has been cut to `n` elements.
        result = C::combine(result, term(unsafe { at(&rows, i) }));
    }
    result
}

#[inline(always)]
fn add_chunks<T: Float, C: Combine, const N: usize, const WIDTH: usize>(
    lanes: &mut [T; WIDTH],
    rows: [&[T]; N],
    term: &impl Fn([T; N]) -> T,
) {
    let n = length(&rows);
    for from in (0..n - n % WIDTH).step_by(WIDTH) {
        for (i, lane) in lanes.iter_mut().enumerate() {
            // SAFETY: all rows are as long as the first, and the chunk ends before that.
            *lane = C::combine(*lane, term(unsafe { at(&rows, from + i) }));
        }
    }
}

/// Combines the second `WIDTH` lanes into the first. A function for each width, so that the lanes stay in registers.
#[inline(always)]
fn halve<T: Float, C: Combine, const WIDTH: usize>(lanes: &mut [T]) {
    for i in 0..WIDTH {
        lanes[i] = C::combine(lanes[i], lanes[i + WIDTH]);
    }
}
