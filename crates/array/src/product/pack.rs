//! Copies a part of a matrix to rows that lie together, so that the kernel reads it in sequence.

use crate::buffer::Strided;
use crate::cpu::{Kernel, run_at};
use crate::product::vectors::Vector;

/// How far ahead rows are fetched. Each may lie in a page of its own, which the processor does not foresee.
const ROWS_AHEAD: isize = 4;

/// A copy from a strided matrix to one whose rows are `to_row` apart, with neighbouring columns together and zeros, less
/// than a vector of them, up to the next row.
pub(crate) struct Copy<V: Vector> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) from: Strided<*const V::Scalar>,
    pub(crate) to: *mut V::Scalar,
    pub(crate) to_row: usize,
}

impl<V: Vector> Copy<V> {
    /// Does the work.
    ///
    /// # Safety
    /// The machine has `V::LEVEL`, and the pointers are good for what the sizes and strides reach.
    pub(crate) unsafe fn copy(self) {
        match V::N {
            16 => run_at(V::LEVEL, Elements::<V, 16>(self)),
            8 => run_at(V::LEVEL, Elements::<V, 8>(self)),
            _ => run_at(V::LEVEL, Elements::<V, 4>(self)),
        }
    }
}

/// A copy with vectors of `W` numbers. Only [`Copy::copy`] makes one.
struct Elements<V: Vector, const W: usize>(Copy<V>);

impl<V: Vector, const W: usize> Kernel for Elements<V, W> {
    #[inline(always)]
    fn run(self) {
        let copy = self.0;
        // SAFETY: the promise of whoever called `Copy::copy`; `W` is `V::N`.
        unsafe {
            match [copy.from.row, copy.from.column] {
                [_, 1] if copy.columns == 3 * V::N => whole_vectors::<V, 3>(&copy),
                [_, 1] => along_rows(&copy),
                [1, _] if [copy.columns, copy.to_row] == [8, 8] && W >= 8 => across_tile::<V, 8>(&copy),
                [1, _] if [copy.columns, copy.to_row] == [4, 4] => across_tile::<V, 4>(&copy),
                [1, _] => across_rows::<V, W>(&copy),
                _ => one_by_one(&copy),
            }
        }
    }
}

/// As [`along_rows`], for rows of `N` vectors.
#[inline(always)]
unsafe fn whole_vectors<V: Vector, const N: usize>(copy: &Copy<V>) {
    for i in 0..copy.rows {
        // SAFETY: the caller's promise.
        unsafe {
            let from = copy.from.pointer.wrapping_offset(i as isize * copy.from.row);
            let to = copy.to.add(i * copy.to_row);
            for j in 0..N {
                V::prefetch(from.wrapping_offset((j * V::N) as isize + ROWS_AHEAD * copy.from.row));
                V::load(from.add(j * V::N)).store(to.add(j * V::N));
            }
        }
    }
}

#[inline(always)]
unsafe fn along_rows<V: Vector>(copy: &Copy<V>) {
    let n_whole = copy.columns / V::N * V::N;
    for i in 0..copy.rows {
        // SAFETY: the caller's promise; beyond `n_whole` there is less than a vector, and in the copy at most one.
        unsafe {
            let from = copy.from.pointer.wrapping_offset(i as isize * copy.from.row);
            let to = copy.to.add(i * copy.to_row);
            let mut j = 0;
            while j < n_whole {
                V::prefetch(from.wrapping_offset(j as isize + ROWS_AHEAD * copy.from.row));
                V::load(from.add(j)).store(to.add(j));
                j += V::N;
            }
            if j < copy.columns {
                let rest = V::load_masked(from.wrapping_add(j), V::first(copy.columns - j));
                rest.store_masked(to.wrapping_add(j), V::first(copy.to_row - j));
            }
        }
    }
}

/// Columns of the source lie together: squares are turned in registers.
#[inline(always)]
unsafe fn across_rows<V: Vector, const W: usize>(copy: &Copy<V>) {
    for j in (0..copy.columns).step_by(W) {
        for i in (0..copy.rows).step_by(W) {
            let (height, width) = (W.min(copy.rows - i), W.min(copy.columns - j));
            // SAFETY: the caller's promise; the masks and `take` keep within the matrix and the row of the copy.
            unsafe {
                let (down, right) = (V::first(height), V::first(W.min(copy.to_row - j)));
                let from = copy.from.pointer.wrapping_offset(i as isize + j as isize * copy.from.column);
                let mut square = [V::zero(); W];
                for (t, column) in square.iter_mut().enumerate().take(width) {
                    V::prefetch(from.wrapping_offset((t + W) as isize * copy.from.column));
                    *column = V::load_masked(from.wrapping_offset(t as isize * copy.from.column), down);
                }
                let to = copy.to.add(i * copy.to_row + j);
                for (t, row) in turned(square).into_iter().enumerate().take(height) {
                    row.store_masked(to.wrapping_add(t * copy.to_row), right);
                }
            }
        }
    }
}

/// As [`across_rows`], for `H` columns whose rows lie in the copy without gaps, so that a vector holds several rows.
#[inline(always)]
unsafe fn across_tile<V: Vector, const H: usize>(copy: &Copy<V>) {
    for i in (0..copy.rows).step_by(V::N) {
        let n_rows = V::N.min(copy.rows - i);
        // SAFETY: the caller's promise; the masks keep within the matrix.
        unsafe {
            let from = copy.from.pointer.wrapping_add(i);
            let mut columns = [V::zero(); H];
            for (t, column) in columns.iter_mut().enumerate() {
                let from = from.wrapping_offset(t as isize * copy.from.column);
                *column = V::load_masked(from, V::first(n_rows));
            }
            let to = copy.to.wrapping_add(i * H);
            for (t, rows) in turned(columns).into_iter().enumerate() {
                let n = (n_rows * H).saturating_sub(t * V::N).min(V::N);
                rows.store_masked(to.wrapping_add(t * V::N), V::first(n));
            }
        }
    }
}

/// The transpose of some rows, without gaps between its rows.
///
/// Write the place of an element as the bits of its row followed by the bits of its lane. Zipping row `i` with row
/// `i + H / 2` moves each element to the place whose bits are rotated by one; after as many rounds as the number of a row
/// has bits, that number stands where the lowest bits of the lane were.
///
/// # Safety
/// As [`Vector::zip`]; `H` is a power of two, and not more than `V::N`.
#[inline(always)]
unsafe fn turned<V: Vector, const H: usize>(mut rows: [V; H]) -> [V; H] {
    let mut round = 1;
    while round < H {
        let before = rows;
        for i in 0..H / 2 {
            // SAFETY: the caller's promise.
            let [low, high] = unsafe { before[i].zip(before[i + H / 2]) };
            rows[2 * i] = low;
            rows[2 * i + 1] = high;
        }
        round *= 2;
    }
    rows
}

#[inline(always)]
unsafe fn one_by_one<V: Vector>(copy: &Copy<V>) {
    for i in 0..copy.rows {
        for j in 0..copy.columns {
            let place = i as isize * copy.from.row + j as isize * copy.from.column;
            // SAFETY: the caller's promise.
            unsafe { *copy.to.add(i * copy.to_row + j) = *copy.from.pointer.wrapping_offset(place) };
        }
        // SAFETY: the row has this room, of less than a vector.
        unsafe {
            let beyond = copy.to.wrapping_add(i * copy.to_row + copy.columns);
            V::zero().store_masked(beyond, V::first(copy.to_row - copy.columns));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::arch::x86_64::{__m256, __m512};

    use super::*;
    use crate::cpu::available;

    /// Copies five rows of nineteen numbers that lie in these strides.
    fn check<V: Vector<Scalar = f32>>(row: usize, column: usize) {
        if V::LEVEL > available() {
            return;
        }
        let (rows, columns) = (5, 19);
        let source: Vec<f32> = (1..=200).map(|x| x as f32).collect();
        let to_row = usize::next_multiple_of(columns, V::N);
        let mut copies = vec![-1.0; rows * to_row];
        let from = Strided { pointer: source.as_ptr(), row: row as isize, column: column as isize };
        let copy = Copy::<V> { rows, columns, from, to: copies.as_mut_ptr(), to_row };
        // SAFETY: the machine has the level, and both vectors are as long as the sizes and strides reach.
        unsafe { copy.copy() };
        let expected = (0..rows).flat_map(|i| {
            let source = &source;
            (0..to_row).map(move |j| if j < columns { source[i * row + j * column] } else { 0.0 })
        });
        assert_eq!(copies, expected.collect::<Vec<_>>(), "{:?}, strides {row} and {column}", V::LEVEL);
    }

    #[test]
    fn rows_of_a_copy_end_with_zeros_however_the_source_lies() {
        for [row, column] in [[21, 1], [1, 7], [40, 2]] {
            check::<__m512>(row, column);
            check::<__m256>(row, column);
        }
    }
}
