//! The kernel of matrix products: a tile of the result in registers, and the row of tiles that shares one panel of the
//! right operand. How operands are cut into panels is in `blocks`.

use std::ops::Range;

use crate::buffer::Strided;
use crate::cpu::{Kernel, Level, run_at};
use crate::product::finish::Finish;
use crate::product::order::Parts;
use crate::product::vectors::Vector;

/// The longest block of the summed axis: a panel of three vectors of AVX-512 then takes 36 KiB, and stays within a first
/// cache of today beside the tile's rows of the left operand.
pub(crate) const MOST_K: usize = 192;

/// The blocks of a summed axis of length `k`: sums begin anew in each. They depend on `k` alone, and so do the bits.
#[inline(always)]
pub(crate) fn blocks(k: usize) -> impl Iterator<Item = Range<usize>> {
    Parts::of(0..k, MOST_K).iter()
}

/// Vectors side by side in the widest tile.
pub(crate) const PANEL_VECTORS: usize = 3;

/// Rows of the highest tile. With three vectors beside each other, 8 rows take 24 of the 32 registers of AVX-512 and 4
/// rows take 12 of the 16 of AVX2; the others hold a row of the right operand and what is broadcast from the left.
pub(crate) const fn tile_rows<V: Vector>() -> usize {
    match V::LEVEL {
        Level::Avx512 => 8,
        _ => 4,
    }
}

/// How a block of the left operand lies.
#[derive(Clone, Copy)]
pub(crate) enum Left<T> {
    /// As the caller gave it.
    InPlace(Strided<*const T>),
    /// Tile after tile of [`tile_height`] rows, and column after column of each: as the kernel reads it.
    ByTiles(*const T),
}

impl<T> Left<T> {
    /// The tile of `R` rows that begins at `row`. Sums are of `k` products.
    #[inline(always)]
    fn tile<const R: usize>(self, row: usize, k: usize) -> Strided<*const T> {
        match self {
            Left::InPlace(Strided { pointer, row: down, column }) => {
                Strided { pointer: pointer.wrapping_offset(row as isize * down), row: down, column }
            }
            Left::ByTiles(first) => {
                Strided { pointer: first.wrapping_add(row * k), row: 1, column: R as isize }
            }
        }
    }

    /// Where the kernel reads `k` numbers when it is done with all rows before `row`, if it is worth fetching them: the
    /// processor does not foresee the next tile.
    #[inline(always)]
    fn later(self, row: usize, k: usize) -> Option<*const T> {
        match self {
            Left::InPlace(_) => None,
            Left::ByTiles(first) => Some(first.wrapping_add(row * k)),
        }
    }
}

/// A block of the left operand times a panel of the right, written or added to a panel of the result.
pub(crate) struct Panel<'a, V: Vector> {
    /// Rows of the left operand and of the result.
    pub(crate) rows: usize,
    /// Columns of the right operand and of the result.
    pub(crate) columns: usize,
    /// The length of the sums.
    pub(crate) k: usize,
    pub(crate) a: Left<V::Scalar>,
    /// Neighbouring columns lie together; so do those of the result.
    pub(crate) b: *const V::Scalar,
    pub(crate) b_row: isize,
    /// Whether its rows can be read as whole vectors. What lies beyond the columns does not count.
    pub(crate) b_is_whole: bool,
    pub(crate) c: *mut V::Scalar,
    pub(crate) c_row: usize,
    /// Whether the sums begin here, so that the result is not read.
    pub(crate) is_first: bool,
    /// What to do with the sums, if they end here. The bias has an element for each column of the panel.
    pub(crate) finish: Finish<'a, V::Scalar>,
    /// What is needed when the panel is done.
    pub(crate) ahead: Ahead<V::Scalar>,
}

/// A matrix whose rows are fetched to the second cache, one after the other, while there is something to compute.
#[derive(Clone, Copy)]
pub(crate) struct Ahead<T> {
    pub(crate) first: *const T,
    pub(crate) between: isize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

impl<T> Ahead<T> {
    pub(crate) const NOTHING: Ahead<T> = Ahead { first: std::ptr::null(), between: 0, rows: 0, columns: 0 };
}

impl<T> Ahead<T> {
    /// Asks for a row, if there is one.
    #[inline(always)]
    fn fetch<V: Vector<Scalar = T>>(self, row: usize) {
        if row < self.rows {
            let first = self.first.wrapping_offset(row as isize * self.between);
            for column in (0..self.columns).step_by(V::N) {
                // SAFETY: a prefetch never faults.
                unsafe { V::prefetch_far(first.wrapping_add(column)) };
            }
        }
    }
}

impl<V: Vector> Panel<'_, V> {
    /// Does the work.
    ///
    /// # Safety
    /// The machine has `V::LEVEL`, and the pointers are good for what the sizes and strides reach. There are at most
    /// `PANEL_VECTORS * V::N` columns, and one at least.
    #[inline]
    pub(crate) unsafe fn multiply(self) {
        match self.columns.div_ceil(V::N) {
            1 => run_at(V::LEVEL, Tiles::<V, 1>(self)),
            2 => run_at(V::LEVEL, Tiles::<V, 2>(self)),
            _ => run_at(V::LEVEL, Tiles::<V, PANEL_VECTORS>(self)),
        }
    }
}

/// A panel that is `N` vectors wide. Only [`Panel::multiply`] makes one.
struct Tiles<'a, V: Vector, const N: usize>(Panel<'a, V>);

impl<V: Vector, const N: usize> Kernel for Tiles<'_, V, N> {
    #[inline(always)]
    fn run(self) {
        let mut row = 0;
        while row < self.0.rows {
            let rows = tile_height::<V>(self.0.rows - row);
            // SAFETY: the promise of whoever called `Panel::multiply`, and the tile's rows exist.
            unsafe {
                match rows {
                    1 => tile::<V, 1, N>(&self.0, row),
                    2 => tile::<V, 2, N>(&self.0, row),
                    4 => tile::<V, 4, N>(&self.0, row),
                    _ if const { tile_rows::<V>() == 4 } => unreachable!("a tile has 1, 2 or 4 rows"),
                    3 => tile::<V, 3, N>(&self.0, row),
                    6 => tile::<V, 6, N>(&self.0, row),
                    _ => tile::<V, 8, N>(&self.0, row),
                }
            }
            row += rows;
        }
    }
}

/// How many of the remaining rows the next tile takes, of 1, 2, 3, 4, 6 and 8, or of 1, 2 and 4: low tiles are slow, but
/// each height costs time to compile.
#[inline(always)]
pub(crate) fn tile_height<V: Vector>(remaining: usize) -> usize {
    match remaining {
        3 if const { tile_rows::<V>() == 4 } => 2,
        _ if const { tile_rows::<V>() == 4 } => remaining.min(4),
        5 => 3,
        7 => 4,
        9 | 10 | 12 => 6,
        _ => remaining.min(8),
    }
}

/// `R` rows by `N` vectors of the result. Each sum begins at 0 and adds its products in their order, each with one
/// rounding, so that its bits do not depend on the tile.
///
/// # Safety
/// As [`Panel::multiply`]; the panel has at least `R` rows from `row` on and `N` vectors.
#[inline(always)]
unsafe fn tile<V: Vector, const R: usize, const N: usize>(panel: &Panel<'_, V>, row: usize) {
    // SAFETY: the caller's promise. The last vector of a row may reach beyond the panel, and is masked. Pointers are
    // moved beyond the operands only after their last use, by `wrapping` arithmetic.
    unsafe {
        let last = V::first(panel.columns - (N - 1) * V::N);
        let c = panel.c.add(row * panel.c_row);
        let mut sums = [[V::zero(); N]; R];
        let mut operands = Operands::of::<R, V>(panel, row);
        let mut k = 0;
        for part in 1..=R {
            // The result is fetched a row at a time, while there is something to compute.
            for j in 0..N {
                V::prefetch(c.wrapping_add((part - 1) * panel.c_row + j * V::N));
            }
            // So is a part of the next tile's left operand, and of what comes after the panel.
            panel.ahead.fetch::<V>(row + part - 1);
            if let Some(next) = panel.a.later(row + R + part - 1, panel.k) {
                for k in (0..panel.k).step_by(V::N) {
                    V::prefetch(next.wrapping_add(k));
                }
            }
            let end = panel.k * part / R;
            if panel.b_is_whole {
                add_products::<V, R, N>(&mut sums, &mut operands, end - k, None);
            } else {
                add_products::<V, R, N>(&mut sums, &mut operands, end - k, Some(last));
            }
            k = end;
        }
        // One pass after the other over the tile, each so simple that it stays in registers.
        if !panel.is_first {
            for (i, sums) in sums.iter_mut().enumerate() {
                for (sum, before) in sums.iter_mut().zip(load_row::<V, N>(c.add(i * panel.c_row), Some(last)))
                {
                    *sum = before.add(*sum);
                }
            }
        }
        if let Some(bias) = panel.finish.bias {
            let bias = load_row::<V, N>(bias.as_ptr(), Some(last));
            for sums in &mut sums {
                for (sum, bias) in sums.iter_mut().zip(bias) {
                    *sum = sum.add(bias);
                }
            }
        }
        if panel.finish.rectify {
            for sum in sums.as_flattened_mut() {
                *sum = sum.rectify();
            }
        }
        for (i, sums) in sums.iter().enumerate() {
            let c = c.add(i * panel.c_row);
            for (j, sum) in sums.iter().enumerate() {
                if j + 1 < N {
                    sum.store(c.add(j * V::N));
                } else {
                    sum.store_masked(c.add(j * V::N), last);
                }
            }
        }
    }
}

/// Where a tile stands in its operands.
struct Operands<T> {
    /// A load may add a register to its pointer for nothing. So a pointer for every four rows of the left operand and the
    /// distances below it take two additions a step; a pointer for each row would take eight, on the units that multiply.
    a: [*const T; 2],
    downs: [isize; 4],
    a_column: isize,
    b: *const T,
    b_row: isize,
}

impl<T: Copy> Operands<T> {
    #[inline(always)]
    fn of<const R: usize, V: Vector<Scalar = T>>(panel: &Panel<'_, V>, row: usize) -> Operands<T> {
        let Strided { pointer, row: down, column } = panel.a.tile::<R>(row, panel.k);
        Operands {
            a: [pointer, pointer.wrapping_offset(4 * down)],
            downs: [0, down, 2 * down, 3 * down],
            a_column: column,
            b: panel.b,
            b_row: panel.b_row,
        }
    }
}

/// Adds the next `n` products to each sum. The vectors of the right operand are whole, or the last of a row is masked: that
/// takes the units that multiply an instruction more, which is 4 % of the time of the largest tile.
///
/// # Safety
/// As [`tile`], and there are as many products.
#[inline(always)]
unsafe fn add_products<V: Vector, const R: usize, const N: usize>(
    sums: &mut [[V; N]; R],
    at: &mut Operands<V::Scalar>,
    n: usize,
    last: Option<V::Mask>,
) {
    for _ in 0..n {
        // SAFETY: the caller's promise.
        unsafe {
            let b_row = load_row::<V, N>(at.b, last);
            for (i, sums) in sums.iter_mut().enumerate() {
                let x = V::splat(*at.a[i / 4].wrapping_offset(at.downs[i % 4]));
                for (sum, y) in sums.iter_mut().zip(b_row) {
                    *sum = x.multiply_add(y, *sum);
                }
            }
        }
        for a in &mut at.a {
            *a = a.wrapping_offset(at.a_column);
        }
        at.b = at.b.wrapping_offset(at.b_row);
    }
}

/// `N` vectors that lie together, of which the last may be masked.
///
/// # Safety
/// As [`Vector::load`].
#[inline(always)]
pub(crate) unsafe fn load_row<V: Vector, const N: usize>(
    from: *const V::Scalar,
    last: Option<V::Mask>,
) -> [V; N] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut row = [V::zero(); N];
        for (j, vector) in row.iter_mut().enumerate() {
            let from = from.wrapping_add(j * V::N);
            *vector = match last {
                Some(last) if j + 1 == N => V::load_masked(from, last),
                _ => V::load(from),
            };
        }
        row
    }
}
