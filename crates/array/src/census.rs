//! What kinds of numbers an array holds. Nothing in training asks; it is for the search for a NaN.

use crate::array::Array;
use crate::dispatch;
use crate::dtype::Float;

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

    #[test]
    fn of_nothing_all_is_finite() {
        assert_eq!(Array::from_vec(Vec::<f32>::new(), [0]).census(), Census::default());
    }
}
