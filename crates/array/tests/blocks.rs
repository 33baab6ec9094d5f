//! Kernels over blocks of rows, beside sums written plainly.

mod support;

use std::ops::Range;

use support::check_threads;
use wengert_array::{Array, Axes, Blocks, DType, Float, Per, Reduce, Rng, add_rows, blocks, reduce, row_sum};

/// The rows doubled, the product of the columns of both operands summed over each block, and the height of the block.
struct Describe;

impl Blocks<2, 3> for Describe {
    fn apply<T: Float>(&self, rows: Range<usize>, [x, y]: [&[T]; 2], [doubled, sums, height]: [&mut [T]; 3]) {
        doubled.iter_mut().zip(x).for_each(|(doubled, &x)| *doubled = x + x);
        sums.fill(T::zero());
        let ones = vec![T::one(); sums.len()];
        add_rows(sums, [x, y], [&ones], |[x, y], [one]| one * x * y);
        height[0] = T::of(rows.len() as f64);
    }
}

fn described(n_rows: usize, width: usize) -> ([Array; 2], [Array; 3]) {
    let mut rng = Rng::seed(1);
    let x = rng.uniform([n_rows, width], -1.0, 1.0, DType::F64);
    let y = rng.uniform([width, n_rows], -1.0, 1.0, DType::F32).transpose();
    let results = blocks(&Describe, [&x, &y], [Per::Row(width), Per::Block(width), Per::Block(1)]);
    ([x, y], results)
}

#[test]
fn every_row_is_in_one_block() {
    for (n_rows, width) in
        [(1, 1), (3, 5), (64, 7), (65, 7), (200, 33), (70, 5000), (0, 3), (3, 0), (5000, 40)]
    {
        let ([x, y], [doubled, sums, heights]) = described(n_rows, width);
        let heights = heights.to_vec::<f64>();
        assert_eq!(heights.iter().sum::<f64>(), n_rows as f64);
        assert!(heights.iter().rev().skip(1).all(|&height| (16.0..=64.0).contains(&height)), "{heights:?}");
        assert_eq!(doubled.to_vec::<f64>(), x.iter().map(|x| x * 2.0).collect::<Vec<_>>());
        assert_eq!(sums.shape(), [heights.len(), width]);
        let total = reduce(&sums, Axes::of(&[0]), Reduce::Sum).to_vec::<f64>();
        for (column, total) in total.into_iter().enumerate() {
            let expected: f64 = (0..n_rows).map(|row| x.get(&[row, column]) * y.get(&[row, column])).sum();
            assert!((total - expected).abs() < 1e-12, "{n_rows}x{width}: {total} is not {expected}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for result in 0..3 {
        check_threads("blocks", || described(1000, 300).1[result].clone());
    }
}

#[test]
fn a_long_row_is_summed_precisely() {
    let x = Rng::seed(2).uniform([1_000_003], 0.0, 1.0, DType::F32).to_vec::<f32>();
    let exact: f64 = x.iter().map(|&x| f64::from(x)).sum();
    let given = f64::from(row_sum([&x], |[x]| x));
    assert!((given - exact).abs() / exact < 1e-7, "{given} is not {exact}");
}

#[test]
#[should_panic(expected = "blocks: the operands are not matrices with the same number of rows")]
fn operands_must_have_as_many_rows() {
    let _ = blocks(
        &Describe,
        [&Array::ones([2, 3], DType::F32), &Array::ones([3, 3], DType::F32)],
        [Per::Row(3), Per::Block(3), Per::Block(1)],
    );
}
