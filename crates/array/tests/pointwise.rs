//! Elementwise kernels against the same functions applied one index at a time.

mod support;

use support::{SHAPES, broadcast_get, check_threads, elements, indices_of, layouts};
use wengert_array::{Array, DType, Float, Pointwise, Rng, Shape, Update, pointwise, pool, update};

struct Negate;
impl Pointwise<1> for Negate {
    #[inline]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        -x
    }
}

struct Mix;
impl Pointwise<2> for Mix {
    #[inline]
    fn apply<T: Float>(&self, [x, y]: [T; 2]) -> T {
        x * T::of(0.5) - y
    }
}

struct Choose;
impl Pointwise<3> for Choose {
    #[inline]
    fn apply<T: Float>(&self, [condition, x, y]: [T; 3]) -> T {
        if condition > T::zero() { x } else { y }
    }
}

/// A running mean `m` of `x`, and `p` that follows it.
struct Follow;
impl Update<2, 2> for Follow {
    #[inline]
    fn apply<T: Float>(&self, [p, m]: [T; 2], [x, rate]: [T; 2]) -> [T; 2] {
        let m = m + rate * (x - m);
        [p - m * T::of(0.25), m]
    }
}

#[track_caller]
fn check_same(what: &str, got: &Array, expected: impl Iterator<Item = f64>) {
    let expected: Vec<f64> = expected.collect();
    let found = elements(got);
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found.to_bits(), expected.to_bits(), "{what}: {found} is not {expected}");
    }
}

#[test]
fn one_operand_of_any_layout_gives_the_function_of_each_element() {
    for dtype in [DType::F32, DType::F64] {
        for shape in SHAPES {
            for (name, x) in layouts(shape, dtype, 1) {
                let y = pointwise(&Negate, [&x]);
                assert_eq!((y.dtype(), y.shape()), (dtype, x.shape()));
                check_same(&format!("{shape:?} {name}"), &y, elements(&x).into_iter().map(|x| -x));
            }
        }
    }
}

#[test]
fn two_operands_of_any_layouts_give_the_function_of_each_pair() {
    for shape in SHAPES {
        for (name_x, x) in layouts(shape, DType::F64, 2) {
            for (name_y, y) in layouts(shape, DType::F64, 3) {
                let expected = elements(&x).into_iter().zip(elements(&y)).map(|(x, y)| x * 0.5 - y);
                let what = format!("{shape:?} {name_x} and {name_y}");
                check_same(&what, &pointwise(&Mix, [&x, &y]), expected);
            }
        }
    }
}

#[test]
fn operands_broadcast() {
    let cases: &[(&[usize], &[usize], &[usize])] = &[
        (&[1, 2], &[2, 1], &[2, 2]),
        (&[3], &[1, 1], &[1, 3]),
        (&[], &[2, 3], &[2, 3]),
        (&[1], &[], &[1]),
        (&[4, 1, 3], &[5, 1], &[4, 5, 3]),
        (&[0], &[1], &[0]),
        (&[3, 0], &[1], &[3, 0]),
        (&[1], &[6], &[6]),
        (&[40, 100], &[100], &[40, 100]),
        (&[40, 1], &[1, 100], &[40, 100]),
        (&[7, 600], &[7, 1], &[7, 600]),
        (&[2, 1, 9, 1], &[8, 1, 30], &[2, 8, 9, 30]),
    ];
    for (left, right, result) in cases {
        for (_, x) in layouts(left, DType::F64, 4) {
            for (_, y) in layouts(right, DType::F64, 5) {
                for (x, y) in [(&x, &y), (&y, &x)] {
                    let z = pointwise(&Mix, [x, y]);
                    assert_eq!(z.shape(), &Shape::from(*result));
                    let indices = indices_of(result).into_iter();
                    let expected = indices.map(|i| broadcast_get(x, &i) * 0.5 - broadcast_get(y, &i));
                    check_same(&format!("{left:?} with {right:?}"), &z, expected);
                }
            }
        }
    }
}

#[test]
fn three_operands_broadcast_together() {
    let condition = Array::from_vec(vec![1.0_f32, -1.0, 0.0], [3, 1]);
    let x = Array::from_vec(vec![10.0_f32, 20.0], [2]);
    let y = pointwise(&Choose, [&condition, &x, &Array::scalar(5.0, DType::F32)]);
    assert_eq!(y.to_vec::<f32>(), [10.0, 20.0, 5.0, 5.0, 5.0, 5.0]);
}

#[test]
fn mixed_types_promote() {
    let x = Array::from_vec(vec![0.1_f32, 0.2], [2]);
    let y = Array::from_vec(vec![1.0_f64, 2.0], [2]);
    let z = pointwise(&Mix, [&x, &y]);
    assert_eq!(z.dtype(), DType::F64);
    assert_eq!(z.to_vec::<f64>(), [f64::from(0.1_f32) * 0.5 - 1.0, f64::from(0.2_f32) * 0.5 - 2.0]);
}

#[test]
fn nan_and_infinity_pass_through() {
    let x = Array::from_vec(vec![f64::NAN, f64::INFINITY, -0.0], [3]);
    let y = pointwise(&Negate, [&x]).to_vec::<f64>();
    assert!(y[0].is_nan() && y[1] == f64::NEG_INFINITY && y[2].to_bits() == 0);
}

#[test]
#[should_panic(expected = "pointwise: shapes do not broadcast")]
fn shapes_that_do_not_broadcast_panic() {
    pointwise(&Mix, [&Array::zeros([2], DType::F32), &Array::zeros([3], DType::F32)]);
}

#[test]
fn an_update_of_any_layout_gives_the_function_of_each_element() {
    for shape in SHAPES {
        for (name_p, p) in layouts(shape, DType::F64, 6) {
            for (name_x, x) in layouts(shape, DType::F64, 7) {
                check_update(&format!("{shape:?} {name_p} and {name_x}"), &p, &x);
            }
        }
    }
}

/// Around the blocks of 64 in which long arrays are worked on, and the pieces that threads share.
#[test]
fn an_update_reaches_each_element_once_whatever_the_length() {
    for n in [1, 63, 64, 65, 127, 128, 200, (1 << 17) + 67] {
        for dtype in [DType::F32, DType::F64] {
            // Whole numbers, of which no type rounds anything here.
            let [p, x] = [17, 23].map(|m| Array::from_vec((0..n).map(|i| (i % m) as f64).collect(), [n]));
            check_update(&format!("{n} {dtype}"), &p.cast(dtype), &x);
        }
    }
}

#[track_caller]
fn check_update(what: &str, p: &Array, x: &Array) {
    let rate = Array::scalar(0.5, DType::F32);
    let m = Array::ones(*p.shape(), p.dtype());
    let new_m = |x: f64| 1.0 + 0.5 * (x - 1.0);
    let expected_m: Vec<f64> = elements(x).into_iter().map(new_m).collect();
    let expected_p: Vec<f64> = elements(p).iter().zip(&expected_m).map(|(p, m)| p - m * 0.25).collect();
    let (mut new_p, mut m) = (p.clone(), m);
    let before = elements(p);
    update(&Follow, [&mut new_p, &mut m], [x, &rate]);
    check_same(what, &new_p, expected_p.into_iter());
    check_same(what, &m, expected_m.into_iter());
    check_same(&format!("{what}: the clone"), p, before.into_iter());
}

struct Add;
impl Update<1, 1> for Add {
    #[inline]
    fn apply<T: Float>(&self, [x]: [T; 1], [y]: [T; 1]) -> [T; 1] {
        [x + y]
    }
}

#[test]
fn an_update_writes_in_place_unless_the_buffer_is_shared() {
    let mut x = Array::from_vec(vec![1.0_f32; 100], [100]);
    let y = Array::from_vec(vec![2.0_f64; 100], [100]);
    let place = x.as_slice::<f32>().expect("contiguous").as_ptr();
    let copies = pool::statistics().copies_on_write;
    update(&Add, [&mut x], [&y]);
    assert_eq!(x.as_slice::<f32>().expect("contiguous").as_ptr(), place);
    assert_eq!(pool::statistics().copies_on_write, copies);
    let clone = x.clone();
    update(&Add, [&mut x], [&y]);
    assert_eq!(pool::statistics().copies_on_write, copies + 1);
    assert_eq!((clone.get(&[0]), x.get(&[0])), (3.0, 5.0));
}

#[test]
fn an_update_may_read_the_array_that_it_writes() {
    let mut x = Array::from_vec((0..600).map(f64::from).collect(), [600]);
    let backward = x.slice(0, 599, 600, -1);
    update(&Add, [&mut x], [&backward]);
    assert!(x.iter().all(|x| x == 599.0));
}

#[test]
#[should_panic(expected = "update: [2, 3] does not broadcast to [3]")]
fn an_operand_larger_than_the_state_panics() {
    update(&Add, [&mut Array::zeros([3], DType::F32)], [&Array::zeros([2, 3], DType::F32)]);
}

/// Costly enough for other threads at a few thousand elements.
struct Tanh;
impl Pointwise<1> for Tanh {
    const COST: usize = 30;

    #[inline]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        x.tanh()
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let mut rng = Rng::seed(8);
    let mut random = |shape: &[usize]| rng.uniform(Shape::from(shape), -2.0, 2.0, DType::F32);
    let (x, y, bias) = (random(&[701, 503]), random(&[503, 701]), random(&[503]));
    check_threads("flat", || pointwise(&Negate, [&x]));
    check_threads("costly", || pointwise(&Tanh, [&bias.broadcast_to([30, 503].into())]));
    check_threads("transposed", || pointwise(&Mix, [&x, &y.transpose()]));
    check_threads("bias", || pointwise(&Mix, [&x, &bias]));
    check_threads("update", || {
        let mut state = x.clone();
        update(&Add, [&mut state], [&bias]);
        state
    });
}
