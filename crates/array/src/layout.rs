//! Where an array's elements lie in its buffer: shape, strides and offset, and the views that only change these.

use crate::shape::{MAX_RANK, Shape};

/// Shape, strides and offset, all in elements.
///
/// Nearly every array is contiguous or a constant, whose strides follow from the shape. Only other views keep theirs, in
/// a box, so that arrays are small: they are moved more often than anything else.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) shape: Shape,
    /// Those of neither a contiguous array nor a constant. They may be negative, and 0 where an axis was broadcast.
    own_strides: Option<Box<Strides>>,
    pub(crate) offset: u32,
    /// Whether the elements lie one after the other in row-major order.
    pub(crate) contiguous: bool,
}

/// How far apart neighbours along each axis lie; 0 beyond the rank.
pub(crate) type Strides = [i32; MAX_RANK];

impl Layout {
    /// Row-major order from the beginning of a buffer.
    #[inline]
    pub(crate) fn row_major(shape: Shape) -> Layout {
        Layout { shape, own_strides: None, offset: 0, contiguous: true }
    }

    /// Every element is the buffer's first.
    pub(crate) fn constant(shape: Shape) -> Layout {
        Layout { shape, own_strides: None, offset: 0, contiguous: shape.size() <= 1 }
    }

    fn new(shape: Shape, strides: Strides, offset: u32) -> Layout {
        let contiguous = is_contiguous(&shape, &strides);
        let is_own = !contiguous && strides != [0; MAX_RANK];
        Layout { shape, own_strides: is_own.then(|| Box::new(strides)), offset, contiguous }
    }

    /// How far apart neighbours along each axis lie.
    #[inline]
    pub(crate) fn strides(&self) -> Strides {
        match &self.own_strides {
            Some(strides) => **strides,
            None if self.contiguous => row_major_strides(&self.shape),
            None => [0; MAX_RANK],
        }
    }

    /// The elements' places in the buffer, if they are contiguous.
    #[inline]
    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        debug_assert!(self.contiguous);
        let start = self.offset as usize;
        start..start + self.shape.size()
    }

    /// The place of one element in the buffer.
    pub(crate) fn position(&self, index: &[usize]) -> usize {
        let steps = index.iter().zip(self.strides()).map(|(&i, stride)| i as i64 * i64::from(stride));
        (i64::from(self.offset) + steps.sum::<i64>()) as usize
    }

    pub(crate) fn permute(&self, axes: &[usize]) -> Layout {
        let (old, mut strides) = (self.strides(), [0; MAX_RANK]);
        for (stride, &from) in strides.iter_mut().zip(axes) {
            *stride = old[from];
        }
        Layout::new(self.shape.permuted(axes), strides, self.offset)
    }

    pub(crate) fn broadcast_to(&self, shape: Shape) -> Layout {
        Layout::new(shape, self.broadcast_strides(&shape), self.offset)
    }

    /// The strides of a broadcast to `shape`.
    pub(crate) fn broadcast_strides(&self, shape: &Shape) -> Strides {
        let lead = shape.len() - self.shape.len();
        let (old, mut strides) = (self.strides(), [0; MAX_RANK]);
        for (axis, &size) in self.shape.iter().enumerate() {
            if size != 1 || shape[lead + axis] == 1 {
                strides[lead + axis] = old[axis];
            }
        }
        strides
    }

    pub(crate) fn slice(&self, axis: usize, start: usize, len: usize, step: isize) -> Layout {
        let (shape, mut strides) = (self.shape.with(axis, len), self.strides());
        let stride = strides[axis] as isize;
        // An empty view may start one past the end, which a later view must not turn into a place.
        let skipped = if shape.size() > 0 { start as isize * stride } else { 0 };
        // With one element or none the step means nothing and may be any number.
        if len > 1 {
            strides[axis] = (stride * step) as i32;
        }
        Layout::new(shape, strides, (self.offset as isize + skipped) as u32)
    }

    pub(crate) fn insert_axis(&self, axis: usize) -> Layout {
        let mut strides = self.strides();
        strides.copy_within(axis..MAX_RANK - 1, axis + 1);
        strides[axis] = 0;
        Layout::new(self.shape.insert(axis, 1), strides, self.offset)
    }

    pub(crate) fn remove_axis(&self, axis: usize) -> Layout {
        let mut strides = self.strides();
        strides.copy_within(axis + 1.., axis);
        strides[MAX_RANK - 1] = 0;
        Layout::new(self.shape.without(axis), strides, self.offset)
    }

    /// Windows of `size` along `axis`, `step` apart, as a new last axis.
    pub(crate) fn windows(&self, axis: usize, size: usize, step: usize) -> Layout {
        let count = (self.shape[axis] - size) / step + 1;
        let mut strides = self.strides();
        let stride = strides[axis];
        strides[self.shape.len()] = stride;
        // With one window the step means nothing and may be any number.
        if count > 1 {
            strides[axis] = (i64::from(stride) * step as i64) as i32;
        }
        Layout::new(self.shape.with(axis, count).push(size), strides, self.offset)
    }

    /// The diagonal of the last two axes, whose column is the row plus `offset`, as the last axis.
    pub(crate) fn diagonal(&self, offset: isize) -> Layout {
        let (row, column) = (self.shape.len() - 2, self.shape.len() - 1);
        let shape = self.shape.diagonal(offset);
        let axis = if offset < 0 { row } else { column };
        let mut strides = self.strides();
        let skipped =
            if shape.size() > 0 { offset.unsigned_abs() as i64 * i64::from(strides[axis]) } else { 0 };
        strides[row] = strides[row].wrapping_add(strides[column]);
        strides[column] = 0;
        Layout::new(shape, strides, (i64::from(self.offset) + skipped) as u32)
    }

    /// The same elements under another shape of the same size, if strides can express it.
    pub(crate) fn reshape(&self, shape: Shape) -> Option<Layout> {
        if self.contiguous {
            return Some(Layout { offset: self.offset, ..Layout::row_major(shape) });
        }
        let strides = regrouped_strides(self, &shape)?;
        Some(Layout::new(shape, strides, self.offset))
    }
}

fn row_major_strides(shape: &Shape) -> Strides {
    let mut strides = [0; MAX_RANK];
    let mut stride = 1;
    for axis in (0..shape.len()).rev() {
        strides[axis] = stride as i32;
        stride *= shape[axis].max(1);
    }
    strides
}

fn is_contiguous(shape: &Shape, strides: &Strides) -> bool {
    let mut expected = 1;
    let mut in_order = true;
    for axis in (0..shape.len()).rev() {
        if shape[axis] != 1 {
            in_order &= strides[axis] as i64 == expected;
            expected *= shape[axis] as i64;
        }
    }
    in_order || expected == 0
}

/// Splits old and new axes into groups of equal size; each group of old axes must be one run in memory, which the
/// group of new axes then divides.
fn regrouped_strides(old: &Layout, shape: &Shape) -> Option<Strides> {
    let axes: Vec<(usize, i32)> =
        old.shape.iter().copied().zip(old.strides()).filter(|axis| axis.0 != 1).collect();
    let mut strides = [0; MAX_RANK];
    let (mut from, mut to) = (0, 0);
    while from < axes.len() {
        let (mut old_size, mut new_size) = (axes[from].0, 1);
        let (first_from, first_to) = (from, to);
        from += 1;
        while new_size != old_size {
            if new_size < old_size {
                new_size *= shape[to];
                to += 1;
            } else {
                old_size *= axes[from].0;
                from += 1;
            }
        }
        if !is_one_run(&axes[first_from..from]) {
            return None;
        }
        divide_run(axes[from - 1].1, &shape[first_to..to], &mut strides[first_to..to]);
    }
    Some(strides)
}

fn is_one_run(axes: &[(usize, i32)]) -> bool {
    axes.windows(2).all(|pair| pair[0].1 as i64 == pair[1].1 as i64 * pair[1].0 as i64)
}

fn divide_run(step: i32, sizes: &[usize], strides: &mut [i32]) {
    let mut stride = step;
    for (size, place) in sizes.iter().zip(strides).rev() {
        *place = stride;
        stride = stride.wrapping_mul(*size as i32);
    }
}
