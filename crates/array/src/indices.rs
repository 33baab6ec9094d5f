//! Integers that pick things, such as labels or the rows of a batch. They are no numbers to differentiate.

use std::sync::Arc;

use crate::shape::Shape;

/// Integers that pick things, with a shape. A clone shares them.
///
/// # Examples
/// ```
/// use wengert_array::Indices;
/// let labels = Indices::from([2, 0, 1]);
/// assert_eq!(labels.max(), Some(2));
/// assert_eq!(labels.select(&[2, 0]), Indices::from([1, 2]));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Indices {
    values: Arc<[u32]>,
    shape: Shape,
}

impl Indices {
    /// Indices of the given shape, in row-major order.
    ///
    /// # Panics
    /// If their number is not the size of the shape, or one is negative or needs more than 32 bits.
    #[track_caller]
    pub fn new<I: TryInto<u32>>(values: Vec<I>, shape: impl Into<Shape>) -> Indices {
        let shape = shape.into();
        let (n, size) = (values.len(), shape.size());
        assert!(n == size, "indices: {n} values do not fill {shape}, which holds {size}");
        let mut small = Vec::with_capacity(n);
        for (position, value) in values.into_iter().enumerate() {
            match value.try_into() {
                Ok(value) => small.push(value),
                Err(_) => panic!("indices: value {position} is negative or more than {}", u32::MAX),
            }
        }
        Indices { values: small.into(), shape }
    }

    /// The sizes of the axes.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All of them in row-major order.
    pub fn as_slice(&self) -> &[u32] {
        &self.values
    }

    /// All of them in row-major order, as `usize`.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.values.iter().map(|&index| index as usize)
    }

    /// The greatest, if there is one.
    pub fn max(&self) -> Option<usize> {
        self.iter().max()
    }

    /// The entries at the given places of the first axis, in that order.
    ///
    /// # Panics
    /// If there is no first axis or a place lies outside it.
    #[track_caller]
    pub fn select(&self, places: &[usize]) -> Indices {
        assert!(!self.shape.is_empty(), "select: indices of rank 0 have no first axis");
        let shape = self.shape.with(0, places.len());
        let width: usize = self.shape[1..].iter().product();
        let mut values = Vec::with_capacity(shape.size());
        for &place in places {
            assert!(place < self.shape[0], "select: place {place} is outside {} entries", self.shape[0]);
            values.extend_from_slice(&self.values[place * width..(place + 1) * width]);
        }
        Indices { values: values.into(), shape }
    }
}

impl From<Vec<usize>> for Indices {
    #[track_caller]
    fn from(values: Vec<usize>) -> Indices {
        let n = values.len();
        Indices::new(values, n)
    }
}

impl From<&[usize]> for Indices {
    #[track_caller]
    fn from(values: &[usize]) -> Indices {
        Indices::from(values.to_vec())
    }
}

impl<const N: usize> From<[usize; N]> for Indices {
    #[track_caller]
    fn from(values: [usize; N]) -> Indices {
        Indices::from(values.to_vec())
    }
}
