//! Each level against sums in `f64`, over ragged sizes, layouts, and numbers that are none.

use super::{Finish, Matrix, multiply_at};
use crate::cpu::{Level, available};
use crate::dtype::Float;

/// The levels that this machine has.
fn levels() -> impl Iterator<Item = Level> {
    [Level::Portable, Level::Avx2, Level::Avx512].into_iter().filter(|level| *level <= available())
}

/// Numbers that look random, from a linear congruence: Knuth, The Art of Computer Programming 2, 3.3.4.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 >> 33
    }

    /// From 1 to `most`.
    fn size(&mut self, most: usize) -> usize {
        1 + self.next() as usize % most
    }

    fn fill<T: Float>(&mut self, n: usize) -> Vec<T> {
        (0..n).map(|_| T::of(self.next() as f64 / (1_u64 << 30) as f64 - 1.0)).collect()
    }
}

/// How a matrix lies in its slice.
#[derive(Clone, Copy, Debug)]
enum Lies {
    ByRows,
    ByColumns,
    WithGaps,
    EverySecond,
    Backward,
    OneRow,
    OneColumn,
    Constant,
}

const ALL: [Lies; 8] = [
    Lies::ByRows,
    Lies::ByColumns,
    Lies::WithGaps,
    Lies::EverySecond,
    Lies::Backward,
    Lies::OneRow,
    Lies::OneColumn,
    Lies::Constant,
];

fn lay<T: Float>(data: &[T], rows: usize, columns: usize, lies: Lies) -> Matrix<'_, T> {
    let (r, c) = (rows as isize, columns as isize);
    let (first, strides) = match lies {
        Lies::ByRows => (0, [c, 1]),
        Lies::ByColumns => (0, [1, r]),
        Lies::WithGaps => (1, [c + 3, 1]),
        Lies::EverySecond => (1, [2 * c + 1, 2]),
        Lies::Backward => (r * c - 1, [-c, -1]),
        Lies::OneRow => (0, [0, 1]),
        Lies::OneColumn => (0, [1, 0]),
        Lies::Constant => (0, [0, 0]),
    };
    Matrix { data, first: first as usize, rows, columns, strides }
}

/// Elements that any layout of this size needs.
fn room(rows: usize, columns: usize) -> usize {
    rows * (2 * columns + 3) + 2
}

#[track_caller]
fn check<T: Float>(level: Level, a: Matrix<'_, T>, b: Matrix<'_, T>, what: &str) {
    let mut c = vec![T::of(7.0); a.rows * b.columns];
    multiply_at(level, a, b, &mut c, Finish::none());
    for (place, c) in c.iter().enumerate() {
        let (i, j) = (place / b.columns, place % b.columns);
        let products = || (0..a.columns).map(|k| a.at(i, k).as_f64() * b.at(k, j).as_f64());
        let (sum, size): (f64, f64) = (products().sum(), products().map(f64::abs).sum());
        let tolerance = size * T::epsilon().as_f64() * 4.0 * (a.columns as f64).sqrt();
        let is_near = (c.as_f64() - sum).abs() <= tolerance || (c.is_nan() && sum.is_nan());
        let is_same = c.as_f64() == sum;
        assert!(is_near || is_same, "{what} at {level:?}, [{i}, {j}]: {c} is not {sum}");
    }
}

fn ragged<T: Float>() {
    let mut numbers = Numbers(1);
    for round in 0..48 {
        let most = [9, 40, 70][round % 3];
        let (m, k, n) = (numbers.size(most), numbers.size(most), numbers.size(most));
        let (left, right) = (numbers.fill::<T>(room(m, k)), numbers.fill::<T>(room(k, n)));
        let lies = [ALL[round % 8], ALL[round / 8 % 8]];
        let (a, b) = (lay(&left, m, k, lies[0]), lay(&right, k, n, lies[1]));
        for level in levels() {
            check(level, a, b, &format!("{m}x{k}x{n} {lies:?}"));
        }
    }
}

#[test]
fn ragged_sizes_agree_with_sums_in_f64_in_every_layout() {
    ragged::<f32>();
    ragged::<f64>();
}

#[test]
fn sizes_beyond_the_blocks_agree_with_sums_in_f64() {
    let mut numbers = Numbers(2);
    // Several blocks of sums, of rows, of columns; sizes around whole tiles; one row or column.
    let sizes = [
        [3, 390, 200],
        [530, 195, 30],
        [40, 130, 2070],
        [524, 128, 65],
        [1, 400, 1100],
        [70, 500, 1],
        [9, 512, 512],
    ];
    for [m, k, n] in sizes {
        let (left, right) = (numbers.fill::<f32>(room(m, k)), numbers.fill::<f32>(room(k, n)));
        for lies in [[Lies::ByRows, Lies::ByRows], [Lies::ByColumns, Lies::ByColumns]] {
            for level in levels() {
                let (a, b) = (lay(&left, m, k, lies[0]), lay(&right, k, n, lies[1]));
                check(level, a, b, &format!("{m}x{k}x{n} {lies:?}"));
            }
        }
    }
}

#[test]
fn nan_and_infinity_reach_what_the_definition_says() {
    let mut numbers = Numbers(3);
    for [m, k, n] in [[1, 5, 20], [7, 3, 17], [20, 33, 50], [34, 200, 70], [260, 260, 49]] {
        let (mut left, mut right) = (numbers.fill::<f32>(m * k), numbers.fill::<f32>(k * n));
        left[m / 2 * k + k / 3] = f32::NAN;
        left[(m - 1) * k] = f32::INFINITY;
        right[n / 2] = 0.0;
        right[k / 2 * n + n - 1] = f32::NEG_INFINITY;
        for level in levels() {
            let (a, b) = (lay(&left, m, k, Lies::ByRows), lay(&right, k, n, Lies::ByRows));
            check(level, a, b, &format!("{m}x{k}x{n}"));
            let (a, b) = (lay(&left, m, k, Lies::ByColumns), lay(&right, k, n, Lies::ByColumns));
            check(level, a, b, &format!("{m}x{k}x{n} by columns"));
        }
    }
}

#[test]
fn a_row_of_a_batch_has_the_bits_of_the_row_alone() {
    let mut numbers = Numbers(4);
    for [m, k, n] in [[2, 10, 100], [31, 300, 70], [260, 270, 130]] {
        let (left, right) = (numbers.fill::<f32>(m * k), numbers.fill::<f32>(k * n));
        let (a, b) = (lay(&left, m, k, Lies::ByRows), lay(&right, k, n, Lies::ByRows));
        for level in levels().filter(|level| *level > Level::Portable) {
            let (mut batch, mut alone) = (vec![0.0; m * n], vec![0.0; n]);
            multiply_at(level, a, b, &mut batch, Finish::none());
            for (i, row) in batch.chunks_exact(n).enumerate() {
                multiply_at(level, a.part(i..i + 1, 0..k), b, &mut alone, Finish::none());
                assert_eq!(row, alone, "row {i} of {m}x{k}x{n} at {level:?}");
            }
        }
    }
}

#[test]
fn both_levels_with_fused_multiplication_give_the_same_bits() {
    let mut numbers = Numbers(6);
    for [m, k, n] in [[1, 300, 70], [13, 40, 30], [70, 300, 90]] {
        let (left, right) = (numbers.fill::<f32>(m * k), numbers.fill::<f32>(k * n));
        let (a, b) = (lay(&left, m, k, Lies::ByColumns), lay(&right, k, n, Lies::ByRows));
        let products = levels().filter(|level| *level > Level::Portable).map(|level| {
            let mut c = vec![0.0; m * n];
            multiply_at(level, a, b, &mut c, Finish::none());
            c
        });
        let products: Vec<Vec<f32>> = products.collect();
        assert!(products.windows(2).all(|pair| pair[0] == pair[1]), "{m}x{k}x{n}");
    }
}

#[test]
fn sums_are_finished_once_and_as_a_pass_would() {
    let mut numbers = Numbers(5);
    for [m, k, n] in [[1, 9, 100], [1, 300, 30], [5, 0, 3], [5, 400, 60], [9, 30, 1], [300, 250, 100]] {
        let (left, right) = (numbers.fill::<f64>(m * k), numbers.fill::<f64>(k * n));
        let mut bias = numbers.fill::<f64>(n);
        bias[n / 2] = f64::NAN;
        let (a, b) = (lay(&left, m, k, Lies::ByRows), lay(&right, k, n, Lies::ByRows));
        for level in levels() {
            for (bias, rectify) in [(None, true), (Some(&bias[..]), false), (Some(&bias[..]), true)] {
                let (mut found, mut expected) = (vec![0.0; m * n], vec![0.0; m * n]);
                multiply_at(level, a, b, &mut found, Finish { bias, rectify });
                multiply_at(level, a, b, &mut expected, Finish::none());
                for (place, c) in expected.iter_mut().enumerate() {
                    *c += bias.map_or(0.0, |bias| bias[place % n]);
                    *c = if rectify && *c < 0.0 { 0.0 } else { *c };
                }
                let bits = |c: &[f64]| c.iter().map(|c| c.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&found), bits(&expected), "{m}x{k}x{n} at {level:?}, rectify {rectify}");
            }
        }
    }
}

#[test]
#[should_panic(expected = "the operands lie within their buffers")]
fn an_operand_that_reaches_beyond_its_slice_panics() {
    let data = [0.0_f32; 10];
    let a = lay(&data, 3, 4, Lies::ByRows);
    multiply_at(Level::Portable, a, lay(&data, 4, 2, Lies::ByRows), &mut [0.0; 6], Finish::none());
}
