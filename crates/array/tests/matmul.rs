//! Matrix products against sums of products taken one index at a time.

mod support;

use support::{broadcast_get, check_threads, indices_of};
use wengert_array::{Array, DType, Pointwise, Rng, Shape, affine, matmul, pointwise};

#[track_caller]
fn check(what: &str, a: &Array, b: &Array, tolerance: f64) {
    let c = matmul(a, b);
    let shape = Shape::matmul(a.shape(), b.shape()).expect("the shapes fit");
    assert_eq!(c.shape(), &shape, "{what}");
    let (rank, inner) = (shape.len(), a.shape()[a.rank() - 1]);
    for index in indices_of(&shape) {
        let (mut sum, mut size) = (0.0, 0.0_f64);
        for k in 0..inner {
            let (mut left, mut right) = (index.clone(), index.clone());
            left[rank - 1] = k;
            right[rank - 2] = k;
            let product = broadcast_get(a, &left) * broadcast_get(b, &right);
            sum += product;
            size += product.abs();
        }
        let found = c.get(&index);
        assert!((found - sum).abs() <= tolerance * size, "{what} at {index:?}: {found} is not {sum}");
    }
}

/// The same matrix size in several layouts.
fn matrices(rows: usize, columns: usize, dtype: DType, rng: &mut Rng) -> Vec<(&'static str, Array)> {
    let mut random = |shape: [usize; 2]| rng.uniform(shape, -1.0, 1.0, dtype);
    vec![
        ("plain", random([rows, columns])),
        ("transposed", random([columns, rows]).transpose()),
        ("reversed", random([rows, columns]).slice(1, columns.saturating_sub(1), columns, -1)),
        ("every second row", random([2 * rows, columns]).slice(0, 0, rows, 2)),
        ("one row repeated", random([1, columns]).broadcast_to([rows, columns].into())),
        ("one column repeated", random([rows, 1]).broadcast_to([rows, columns].into())),
        ("a constant", Array::full([rows, columns], 0.5, dtype)),
    ]
}

#[test]
fn ragged_sizes_agree_with_the_definition_in_every_pair_of_layouts() {
    let mut rng = Rng::seed(1);
    let sizes = [
        [1, 1, 1],
        [2, 2, 1],
        [1, 7, 9],
        [8, 1, 8],
        [9, 8, 7],
        [13, 17, 19],
        [33, 5, 1],
        [1, 65, 33],
        [31, 2, 40],
    ];
    for [m, k, n] in sizes {
        for (dtype, tolerance) in [(DType::F32, 1e-5), (DType::F64, 1e-14)] {
            for (name_a, a) in matrices(m, k, dtype, &mut rng) {
                for (name_b, b) in matrices(k, n, dtype, &mut rng) {
                    check(&format!("{m}x{k}x{n} {name_a} by {name_b}"), &a, &b, tolerance);
                }
            }
        }
    }
}

#[test]
fn products_large_enough_for_several_blocks_agree_with_the_definition() {
    let mut rng = Rng::seed(2);
    for [m, k, n] in [[70, 600, 50], [150, 90, 160], [5, 300, 1100]] {
        let a = rng.uniform([k, m], -1.0, 1.0, DType::F64).transpose();
        let b = rng.uniform([n, k], -1.0, 1.0, DType::F64).transpose();
        check(&format!("{m}x{k}x{n}"), &a, &b, 1e-14);
        check(&format!("{m}x{k}x{n} contiguous"), &a.contiguous(), &b.contiguous(), 1e-14);
    }
}

#[test]
fn leading_axes_broadcast() {
    let mut rng = Rng::seed(3);
    let cases: &[(&[usize], &[usize])] = &[
        (&[3, 2, 4], &[3, 4, 5]),
        (&[3, 2, 4], &[4, 5]),
        (&[2, 4], &[3, 4, 5]),
        (&[2, 1, 2, 4], &[3, 4, 5]),
        (&[1, 2, 4], &[6, 4, 1]),
        (&[2, 1, 3, 4], &[2, 1, 4, 5]),
        (&[2, 3, 9, 30], &[30, 20]),
        (&[2, 3, 0], &[2, 0, 4]),
        (&[0, 3, 2], &[2, 4]),
    ];
    for (left, right) in cases {
        let a = rng.uniform(*left, -1.0, 1.0, DType::F64);
        let b = rng.uniform(*right, -1.0, 1.0, DType::F64);
        check(&format!("{left:?} by {right:?}"), &a, &b, 1e-14);
        let (turned_a, turned_b) =
            (a.transpose().contiguous().transpose(), b.transpose().contiguous().transpose());
        check(&format!("{left:?} by {right:?} transposed"), &turned_a, &turned_b, 1e-14);
        let order: Vec<usize> = (0..a.rank()).rev().collect();
        let scattered = a.permute(&order).contiguous().permute(&order);
        check(&format!("{left:?} scattered by {right:?}"), &scattered, &b, 1e-14);
    }
}

#[test]
fn an_empty_inner_axis_gives_zeros_and_empty_outer_axes_nothing() {
    let zeros = |shape: [usize; 2]| Array::zeros(shape, DType::F32);
    assert_eq!(matmul(&zeros([2, 0]), &zeros([0, 3])).to_vec::<f32>(), [0.0; 6]);
    assert_eq!(matmul(&zeros([0, 2]), &zeros([2, 3])).shape(), [0, 3]);
    assert_eq!(matmul(&zeros([2, 2]), &zeros([2, 0])).shape(), [2, 0]);
}

#[test]
fn nan_reaches_its_row_only() {
    for n in [2, 30] {
        let mut a = Array::ones([n, n], DType::F32);
        a.make_mut::<f32>()[n + 1] = f32::NAN;
        let c = matmul(&a, &Array::zeros([n, n], DType::F32));
        for index in indices_of(&[n, n]) {
            assert_eq!(c.get(&index).is_nan(), index[0] == 1, "{index:?} of {n}");
        }
    }
}

#[test]
fn mixed_types_promote() {
    let a = Array::from_vec(vec![0.1_f32], [1, 1]);
    let c = matmul(&a, &Array::ones([1, 1], DType::F64));
    assert_eq!((c.dtype(), c.item()), (DType::F64, f64::from(0.1_f32)));
}

#[test]
#[should_panic(expected = "matmul: inner sizes differ")]
fn inner_sizes_that_differ_panic() {
    matmul(&Array::zeros([2, 3], DType::F32), &Array::zeros([2, 3], DType::F32));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let mut rng = Rng::seed(4);
    let sizes = [
        [129, 517, 301],
        [301, 517, 129],
        [1000, 64, 33],
        [33, 64, 1000],
        [5, 2000, 301],
        [301, 2000, 5],
        [157, 257, 157],
        [1, 400, 401],
        [401, 400, 1],
        [530, 200, 2100],
    ];
    for [m, k, n] in sizes {
        for dtype in [DType::F32, DType::F64] {
            let mut random = |shape: [usize; 2]| rng.normal(shape, 0.0, 1.0, dtype);
            let (a, b) = (random([m, k]), random([k, n]));
            let (turned_a, turned_b) = (random([k, m]).transpose(), random([n, k]).transpose());
            check_threads(&format!("{m}x{k}x{n}"), || matmul(&a, &b));
            check_threads(&format!("{m}x{k}x{n} transposed"), || matmul(&turned_a, &turned_b));
        }
    }
}

#[test]
fn batches_give_the_same_bits_on_any_number_of_threads() {
    let mut rng = Rng::seed(5);
    let a = rng.normal([7, 90, 110], 0.0, 1.0, DType::F32);
    let b = rng.normal([7, 110, 70], 0.0, 1.0, DType::F32);
    check_threads("batch", || matmul(&a, &b));
}

struct Add;

impl Pointwise<2> for Add {
    fn apply<T: wengert_array::Float>(&self, [x, y]: [T; 2]) -> T {
        x + y
    }
}

struct Rectifier;

impl Pointwise<1> for Rectifier {
    fn apply<T: wengert_array::Float>(&self, [x]: [T; 1]) -> T {
        if x < T::zero() { T::zero() } else { x }
    }
}

#[test]
fn a_dense_layer_has_the_bits_of_its_three_operations() {
    let mut rng = Rng::seed(6);
    let shapes: [(&[usize], usize); 8] = [
        (&[3, 4], 5),
        (&[1, 40], 70),
        (&[6, 30], 33),
        (&[50, 0], 20),
        (&[2, 9, 30], 20),
        (&[70, 300], 130),
        (&[40, 9], 1),
        (&[0, 3], 4),
    ];
    for (left, n) in shapes {
        for dtype in [DType::F32, DType::F64] {
            let k = left[left.len() - 1];
            let x = rng.normal(left, 0.0, 1.0, dtype);
            let w = rng.normal([k, n], 0.0, 1.0, dtype);
            let bias = rng.normal([n], 0.0, 1.0, dtype);
            let product = matmul(&x, &w);
            let sum = pointwise(&Add, [&product, &bias]);
            assert!(affine(&x, &w, None, false).bit_eq(&product), "{left:?} {n}");
            assert!(affine(&x, &w, Some(&bias), false).bit_eq(&sum), "{left:?} {n} with bias");
            let rectified = pointwise(&Rectifier, [&sum]);
            assert!(affine(&x, &w, Some(&bias), true).bit_eq(&rectified), "{left:?} {n} rectified");
            let rectified = pointwise(&Rectifier, [&product]);
            assert!(affine(&x, &w, None, true).bit_eq(&rectified), "{left:?} {n} rectified, no bias");
        }
    }
}

#[test]
fn the_rectifier_of_a_dense_layer_passes_nan_and_negative_zero() {
    for n in [2, 40] {
        let x = Array::ones([n, n], DType::F64);
        let w = Array::full([n, n], -0.0, DType::F64);
        let mut bias = Array::full([n], -0.0, DType::F64);
        bias.make_mut::<f64>()[0] = f64::NAN;
        let y = affine(&x, &w, Some(&bias), true);
        // Sums begin at 0 or at the first product, so that the sign of a zero sum is the product's own.
        let product = matmul(&x, &w);
        for index in indices_of(&[n, n]) {
            assert_eq!(y.get(&index).is_nan(), index[1] == 0);
            if index[1] > 0 {
                assert_eq!(y.get(&index).is_sign_negative(), product.get(&index).is_sign_negative());
            }
        }
    }
}

#[test]
#[should_panic(
    expected = "affine: the bias does not fit the weight\n  weight  [2, 3]\n  bias    [2]   <- expected [3]"
)]
fn a_bias_of_another_length_panics() {
    let x = Array::zeros([2, 2], DType::F32);
    affine(&x, &Array::zeros([2, 3], DType::F32), Some(&Array::zeros([2], DType::F32)), false);
}

#[test]
#[should_panic(expected = "affine: the weight is no matrix")]
fn weights_with_a_batch_panic() {
    affine(&Array::zeros([2, 2], DType::F32), &Array::zeros([1, 2, 3], DType::F32), None, false);
}
