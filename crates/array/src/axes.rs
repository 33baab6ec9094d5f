//! A set of axes. Which axes exist is a matter of [`Shape`](crate::Shape).

use std::fmt;

use crate::shape::MAX_RANK;

/// A set of axes, such as those that a reduction runs over.
///
/// # Examples
/// ```
/// use wengert_array::Axes;
/// let axes = Axes::of(&[2, 0]);
/// assert_eq!(axes.to_string(), "[0, 2]");
/// assert!(axes.contains(2) && !axes.contains(1));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Axes(u8);

impl Axes {
    /// The set of the axes listed; an axis listed twice counts once.
    ///
    /// # Panics
    /// If an axis is 8 or more, since no array has it.
    #[track_caller]
    pub fn of(axes: &[usize]) -> Axes {
        axes.iter().copied().collect()
    }

    /// All axes of an array with `rank` axes.
    ///
    /// # Panics
    /// If `rank` is more than 8.
    #[track_caller]
    pub fn all(rank: usize) -> Axes {
        assert!(rank <= MAX_RANK, "axes: rank {rank} is more than {MAX_RANK}");
        Axes(((1_u16 << rank) - 1) as u8)
    }

    /// Whether `axis` is in the set.
    #[inline]
    pub fn contains(self, axis: usize) -> bool {
        axis < MAX_RANK && self.0 & (1 << axis) != 0
    }

    /// The axes of the set in ascending order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..MAX_RANK).filter(move |&axis| self.contains(axis))
    }

    /// Whether no axis is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The number of axes in the set.
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }
}

impl FromIterator<usize> for Axes {
    /// # Panics
    /// As [`Axes::of`].
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = usize>>(axes: I) -> Axes {
        let mut mask = 0;
        for axis in axes {
            assert!(
                axis < MAX_RANK,
                "axes: axis {axis} does not exist: an array has at most {MAX_RANK} axes"
            );
            mask |= 1 << axis;
        }
        Axes(mask)
    }
}

impl fmt::Display for Axes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}
