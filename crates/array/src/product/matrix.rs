//! A strided operand of a matrix product, and a region of its row-major result.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Range;

use crate::buffer::Strided;
use crate::dtype::Float;

/// A strided matrix within a slice.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    pub(crate) data: &'a [T],
    /// The place of the first element.
    pub(crate) first: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// The distances between rows and between columns.
    pub(crate) strides: [isize; 2],
}

impl<'a, T: Float> Matrix<'a, T> {
    #[inline]
    pub(crate) fn at(&self, row: usize, column: usize) -> T {
        self.data[self.place(row, column)]
    }

    #[inline]
    fn place(&self, row: usize, column: usize) -> usize {
        (self.first as isize + row as isize * self.strides[0] + column as isize * self.strides[1]) as usize
    }

    /// Whether all elements lie within the slice. The extremes of a linear function are at the corners.
    pub(crate) fn is_within(&self) -> bool {
        let reach = |n: usize, stride: isize| (n as i128 - 1) * stride as i128;
        let (down, right) = (reach(self.rows, self.strides[0]), reach(self.columns, self.strides[1]));
        let first = self.first as i128;
        let (least, most) = (first + down.min(0) + right.min(0), first + down.max(0) + right.max(0));
        self.rows == 0 || self.columns == 0 || (least >= 0 && most < self.data.len() as i128)
    }

    pub(crate) fn part(&self, rows: Range<usize>, columns: Range<usize>) -> Matrix<'a, T> {
        Matrix {
            first: self.place(rows.start, columns.start),
            rows: rows.len(),
            columns: columns.len(),
            ..*self
        }
    }

    pub(crate) fn transpose(&self) -> Matrix<'a, T> {
        let [row, column] = self.strides;
        Matrix { rows: self.columns, columns: self.rows, strides: [column, row], ..*self }
    }

    /// The first column, copied unless its elements lie one after the other.
    pub(crate) fn column(&self) -> Cow<'a, [T]> {
        match self.strides[0] {
            1 => Cow::Borrowed(&self.data[self.first..self.first + self.rows]),
            _ => (0..self.rows).map(|row| self.at(row, 0)).collect(),
        }
    }

    pub(crate) fn strided(&self) -> Strided<*const T> {
        // Strides may be negative, so the pointer must be good for the whole slice, not only from `first` on.
        let pointer = self.data.as_ptr().wrapping_add(self.first);
        Strided { pointer, row: self.strides[0], column: self.strides[1] }
    }
}

/// A rectangle of a row-major result, which is written by one thread.
pub(crate) struct Region<'c, T> {
    pub(crate) first: *mut T,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// The distance between rows, at least `columns`.
    pub(crate) stride: usize,
    borrow: PhantomData<&'c mut [T]>,
}

// SAFETY: a region stands for an exclusive borrow of its elements, which are themselves `Send`; through a shared region
// one can only call `part`, whose caller promises that parts do not overlap.
unsafe impl<T: Float> Send for Region<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Float> Sync for Region<'_, T> {}

impl<'c, T: Float> Region<'c, T> {
    pub(crate) fn whole(c: &'c mut [T], columns: usize) -> Region<'c, T> {
        Region {
            rows: c.len() / columns,
            columns,
            stride: columns,
            first: c.as_mut_ptr(),
            borrow: PhantomData,
        }
    }

    /// Where an element is, which exists.
    #[inline]
    pub(crate) fn at(&self, row: usize, column: usize) -> *mut T {
        debug_assert!(row < self.rows && column < self.columns);
        self.first.wrapping_add(row * self.stride + column)
    }

    /// # Safety
    /// No other part that is in use, nor the region itself, may share an element with this one.
    pub(crate) unsafe fn part(&self, rows: Range<usize>, columns: Range<usize>) -> Region<'_, T> {
        assert!(rows.start < rows.end && rows.end <= self.rows, "the part lies within the region");
        assert!(
            columns.start < columns.end && columns.end <= self.columns,
            "the part lies within the region"
        );
        // SAFETY: the element exists, since the part is not empty and lies within the region.
        let first = unsafe { self.first.add(rows.start * self.stride + columns.start) };
        Region { first, rows: rows.len(), columns: columns.len(), stride: self.stride, borrow: PhantomData }
    }
}
