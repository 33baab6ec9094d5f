//! Reductions against sums taken one index at a time in double precision.

mod support;

use support::{SHAPES, check_threads, elements, indices_of, layouts};
use wengert_array::{
    Array, Axes, DType, Float, Reduce, Rng, Rows, Shape, arg_reduce_last, pointwise, reduce, rows, sum_to,
};

const ALL: [Reduce; 4] = [Reduce::Sum, Reduce::Product, Reduce::Max, Reduce::Min];

/// The reduction by definition: each element goes to the place that its kept indices name.
fn naive(x: &Array, axes: Axes, how: Reduce) -> Vec<f64> {
    let shape = axes.iter().fold(*x.shape(), |shape, axis| shape.with(axis, 1));
    let start = match how {
        Reduce::Sum => 0.0,
        Reduce::Product => 1.0,
        Reduce::Max => f64::NEG_INFINITY,
        Reduce::Min => f64::INFINITY,
    };
    let places = indices_of(&shape);
    let mut result = vec![start; places.len()];
    for index in indices_of(x.shape()) {
        let kept: Vec<usize> =
            (0..index.len()).map(|axis| if axes.contains(axis) { 0 } else { index[axis] }).collect();
        let place = places.iter().position(|place| *place == kept).expect("a kept index is a place");
        let (old, new) = (result[place], x.get(&index));
        result[place] = match how {
            Reduce::Sum => old + new,
            Reduce::Product => old * new,
            Reduce::Max if old.is_nan() || new.is_nan() => f64::NAN,
            Reduce::Min if old.is_nan() || new.is_nan() => f64::NAN,
            Reduce::Max => old.max(new),
            Reduce::Min => old.min(new),
        };
    }
    result
}

#[track_caller]
fn check(what: &str, x: &Array, axes: Axes, how: Reduce, tolerance: f64) {
    let y = reduce(x, axes, how);
    let shape = axes.iter().fold(*x.shape(), |shape, axis| shape.with(axis, 1));
    assert_eq!((y.shape(), y.dtype()), (&shape, x.dtype()), "{what}");
    for (found, expected) in elements(&y).into_iter().zip(naive(x, axes, how)) {
        let is_near = found == expected
            || (found - expected).abs() <= tolerance * expected.abs().max(1.0)
            || (found.is_nan() && expected.is_nan());
        assert!(is_near, "{what} {how:?} over {axes}: {found} is not {expected}");
    }
}

#[test]
fn every_set_of_axes_reduces_as_the_definition_says_in_any_layout() {
    for dtype in [DType::F32, DType::F64] {
        let tolerance = if dtype == DType::F32 { 1e-4 } else { 1e-12 };
        for shape in SHAPES.iter().filter(|shape| shape.iter().product::<usize>() < 600) {
            for (name, x) in layouts(shape, dtype, 1) {
                for mask in 0..1_usize << shape.len() {
                    let axes: Vec<usize> = (0..shape.len()).filter(|axis| mask & (1 << axis) != 0).collect();
                    for how in ALL {
                        check(&format!("{shape:?} {name}"), &x, Axes::of(&axes), how, tolerance);
                    }
                }
            }
        }
    }
}

#[test]
fn long_rows_and_columns_reduce_as_the_definition_says() {
    let mut rng = Rng::seed(2);
    for shape in [[3, 5000], [700, 3], [300, 5], [1, 2049], [70, 131]] {
        let x = rng.uniform(shape, -1.0, 1.0, DType::F64);
        for axes in [Axes::of(&[0]), Axes::of(&[1]), Axes::all(2)] {
            check(&format!("{shape:?}"), &x, axes, Reduce::Sum, 1e-13);
            check(&format!("{shape:?}"), &x, axes, Reduce::Max, 0.0);
        }
    }
}

#[test]
fn nothing_reduces_to_the_identity() {
    let x = Array::zeros([2, 0], DType::F32);
    let of = |how| reduce(&x, Axes::of(&[1]), how).to_vec::<f32>();
    assert_eq!(of(Reduce::Sum), [0.0, 0.0]);
    assert_eq!(of(Reduce::Product), [1.0, 1.0]);
    assert_eq!(of(Reduce::Max), [f32::NEG_INFINITY; 2]);
    assert_eq!(of(Reduce::Min), [f32::INFINITY; 2]);
}

#[test]
fn nan_propagates_from_every_place() {
    for n in [3, 40, 3000] {
        for at in [0, 1, n / 2, n - 1] {
            let mut data = vec![1.0_f32; n];
            data[at] = f32::NAN;
            for how in ALL {
                let row = Array::from_slice(&data, [1, n]);
                assert!(reduce(&row, Axes::of(&[1]), how).item().is_nan(), "{how:?} {at} of {n}");
                let column = Array::from_slice(&data, [n, 1]).broadcast_to([n, 2].into());
                assert!(reduce(&column, Axes::of(&[0]), how).iter().all(f64::is_nan), "{how:?} {at} of {n}");
            }
        }
    }
}

#[test]
fn single_precision_sums_of_many_numbers_stay_accurate() {
    let n = 1 << 20;
    let x = Array::from_vec(vec![0.1_f32; n], [n]);
    let exact = f64::from(0.1_f32) * n as f64;
    let row = reduce(&x, Axes::of(&[0]), Reduce::Sum).item();
    assert!((row / exact - 1.0).abs() < 1e-6, "{row} is not {exact}");
    let columns = reduce(&x.reshape([n / 2, 2].into()), Axes::of(&[0]), Reduce::Sum);
    assert!(columns.iter().all(|sum| (sum / (exact / 2.0) - 1.0).abs() < 1e-6));
}

#[test]
fn a_sum_to_a_shape_undoes_broadcasting() {
    let cases: &[(&[usize], &[usize])] = &[
        (&[4, 3], &[3]),
        (&[4, 3], &[4, 1]),
        (&[4, 3], &[1, 3]),
        (&[4, 3], &[]),
        (&[4, 3], &[1]),
        (&[4, 3], &[4, 3]),
        (&[2, 4, 3], &[4, 1]),
        (&[2, 5, 3], &[2, 1, 3]),
        (&[0, 3], &[3]),
        (&[1, 3], &[3]),
    ];
    for (large, small) in cases {
        for (name, x) in layouts(large, DType::F64, 3) {
            let found = sum_to(&x, &Shape::from(*small));
            assert_eq!(found.shape(), &Shape::from(*small));
            let mut expected = vec![0.0; Shape::from(*small).size()];
            let spread = Array::from_vec((0..expected.len()).map(|i| i as f64).collect(), *small);
            for (index, place) in
                indices_of(large).iter().zip(elements(&spread.broadcast_to((*large).into())))
            {
                expected[place as usize] += x.get(index);
            }
            for (found, expected) in elements(&found).iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12, "{large:?} {name} to {small:?}");
            }
        }
    }
}

#[test]
#[should_panic(expected = "sum_to: [2] does not broadcast to [4, 3]")]
fn a_sum_to_a_foreign_shape_panics() {
    sum_to(&Array::zeros([4, 3], DType::F32), &[2].into());
}

#[test]
#[should_panic(expected = "reduce: axes [1, 2] do not exist in [4, 3]")]
fn a_missing_axis_panics() {
    reduce(&Array::zeros([4, 3], DType::F32), Axes::of(&[1, 2]), Reduce::Sum);
}

#[test]
fn the_argument_is_the_first_of_equals_and_the_first_nan() {
    let cases: &[(&[f64], u32, u32)] = &[
        (&[1.0, 3.0, 3.0], 1, 0),
        (&[2.0, 2.0, 2.0], 0, 0),
        (&[1.0, f64::NAN, 5.0, f64::NAN], 1, 1),
        (&[f64::NEG_INFINITY, f64::NEG_INFINITY], 0, 0),
        (&[-0.0, 0.0], 0, 0),
    ];
    for (data, max, min) in cases {
        let x = Array::from_slice(data, [1, data.len()]);
        assert_eq!(arg_reduce_last(&x, 1, true).as_slice(), [*max], "{data:?}");
        assert_eq!(arg_reduce_last(&x, 1, false).as_slice(), [*min], "{data:?}");
    }
}

#[test]
fn the_argument_names_the_extreme_along_any_axis_in_any_layout() {
    for (name, x) in layouts(&[2, 3, 4], DType::F32, 4) {
        for axis in 0..3 {
            let found = arg_reduce_last(&x, axis, true);
            let extreme = reduce(&x, Axes::of(&[axis]), Reduce::Max).remove_axis(axis);
            for (index, at) in indices_of(found.shape()).into_iter().zip(found.iter()) {
                let mut full = index.clone();
                full.insert(axis, at);
                assert_eq!(x.get(&full), extreme.get(&index), "{name} axis {axis}");
            }
        }
    }
}

/// The row number, the sum of the products, and the first operand's row reversed.
struct Describe;
impl Rows<2, 2> for Describe {
    #[inline]
    fn apply<T: Float>(&self, row: usize, [x, y]: [&[T]; 2], [summary, reversed]: [&mut [T]; 2]) {
        summary[0] = T::of(row as f64);
        summary[1] = y.iter().fold(T::zero(), |sum, &y| sum + y);
        for (to, &from) in reversed.iter_mut().zip(x.iter().rev()) {
            *to = from;
        }
    }
}

#[test]
fn row_kernels_see_each_row_in_any_layout() {
    for (name, x) in layouts(&[3, 2, 4], DType::F64, 5) {
        for (_, y) in layouts(&[2, 3], DType::F32, 6) {
            let [summary, reversed] = rows(&Describe, [&x, &y], [2, 4]);
            assert_eq!((summary.shape(), reversed.shape()), (&[3, 2, 2].into(), x.shape()));
            for (number, row) in indices_of(&[3, 2]).into_iter().enumerate() {
                let at = |i| [row[0], row[1], i];
                assert_eq!(summary.get(&at(0)), number as f64);
                let sum = (0..3).fold(0.0, |sum, i| sum + y.get(&[row[1], i]));
                assert_eq!(summary.get(&at(1)), sum, "{name}");
                for i in 0..4 {
                    assert_eq!(reversed.get(&at(i)), x.get(&at(3 - i)), "{name}");
                }
            }
        }
    }
}

#[test]
fn row_kernels_run_on_no_rows_and_on_empty_rows() {
    let [summary, reversed] =
        rows(&Describe, [&Array::zeros([0, 4], DType::F32), &Array::zeros([0, 1], DType::F32)], [2, 4]);
    assert_eq!((summary.shape(), reversed.shape()), (&[0, 2].into(), &[0, 4].into()));
    let [summary, _] =
        rows(&Describe, [&Array::zeros([2, 0], DType::F32), &Array::zeros([2, 0], DType::F32)], [2, 0]);
    assert_eq!(summary.to_vec::<f32>(), [0.0, 0.0, 1.0, 0.0]);
}

struct Square;
impl wengert_array::Pointwise<1> for Square {
    #[inline]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        x * x
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let mut rng = Rng::seed(7);
    for shape in [[1, 300_001], [300_001, 1], [401, 701], [70_001, 5], [3, 100_003]] {
        let x = pointwise(&Square, [&rng.normal(shape, 0.0, 1.0, DType::F32)]);
        for axes in [Axes::of(&[0]), Axes::of(&[1]), Axes::all(2)] {
            check_threads(&format!("{shape:?} over {axes}"), || reduce(&x, axes, Reduce::Sum));
        }
        check_threads("rows", || rows(&Describe, [&x, &x], [2, shape[1]])[0].clone());
    }
}
