//! Bugs found in the trackers of other frameworks, each as the fact that holds here.

use wengert_tensor::{DType, Mask, Tensor, grad};

fn f64s(values: &[f64]) -> Tensor {
    Tensor::new(values.to_vec(), [values.len()])
}

fn scalar(value: f64) -> Tensor {
    Tensor::scalar(value, DType::F64)
}

/// The derivative of `f` at each of the points.
fn slopes(f: impl Fn(&Tensor) -> Tensor, points: &[f64]) -> Vec<f64> {
    grad(|x| f(x).sum(), &f64s(points)).to_vec()
}

/// The second derivative of `f` at each of the points.
fn curvatures(f: impl Fn(&Tensor) -> Tensor, points: &[f64]) -> Vec<f64> {
    grad(|x| grad(|x| f(x).sum(), x).sum(), &f64s(points)).to_vec()
}

#[test]
fn derivative_of_relu_at_0_is_0() {
    assert_eq!(slopes(Tensor::relu, &[-1.0, -0.0, 0.0, 1.0]), [0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn derivative_of_abs_at_0_is_0() {
    assert_eq!(slopes(Tensor::abs, &[-1.0, -0.0, 0.0, 1.0]), [-1.0, 0.0, 0.0, 1.0]);
    assert_eq!(curvatures(Tensor::abs, &[-1.0, 0.0, 1.0]), [0.0; 3]);
}

#[test]
fn ties_of_maximum_and_minimum_share_equally() {
    let (a, b) = (f64s(&[1.0, 2.0, 3.0]), f64s(&[2.0, 2.0, 2.0]));
    assert_eq!(grad(|a| a.maximum(&b).sum(), &a).to_vec::<f64>(), [0.0, 0.5, 1.0]);
    assert_eq!(grad(|b| a.maximum(b).sum(), &b).to_vec::<f64>(), [1.0, 0.5, 0.0]);
    assert_eq!(grad(|a| a.minimum(&b).sum(), &a).to_vec::<f64>(), [1.0, 0.5, 0.0]);
    assert_eq!(grad(|b| a.minimum(b).sum(), &b).to_vec::<f64>(), [0.0, 0.5, 1.0]);
    assert_eq!(grad(|a| a.maximum(a).sum(), &a).to_vec::<f64>(), [1.0; 3]);
}

#[test]
fn maximum_passes_nan_from_either_side() {
    let (a, b) = (f64s(&[f64::NAN, 1.0]), f64s(&[1.0, f64::NAN]));
    assert!(a.maximum(&b).to_vec::<f64>().iter().all(|x| x.is_nan()));
    assert!(a.minimum(&b).to_vec::<f64>().iter().all(|x| x.is_nan()));
}

#[test]
fn comparisons_and_sign_have_derivative_0() {
    let points = [-1.5, 0.0, 2.5];
    let comparisons: [fn(&Tensor) -> Mask; 3] = [|x| x.greater(0.0), |x| x.less_equal(1.0), |x| x.equal(x)];
    for compare in comparisons {
        assert_eq!(slopes(|x| compare(x).to_tensor(x.dtype()), &points), [0.0; 3]);
    }
    for f in [Tensor::sign, Tensor::floor, Tensor::ceil, Tensor::round, Tensor::trunc] {
        assert_eq!(slopes(f, &points), [0.0; 3]);
        assert_eq!(slopes(|x| f(x) * x, &points), f(&f64s(&points)).to_vec::<f64>());
    }
}

#[test]
fn rounding_goes_to_the_even_of_two() {
    let x = f64s(&[0.5, 1.5, 2.5, -0.5, -1.5, 2.4999]);
    assert_eq!(x.round().to_vec::<f64>(), [0.0, 2.0, 2.0, -0.0, -2.0, 2.0]);
}

#[test]
fn remainder_has_the_sign_of_the_divisor() {
    let (a, b) = (f64s(&[5.0, -5.0, 5.0, -5.0]), f64s(&[3.0, 3.0, -3.0, -3.0]));
    assert_eq!(a.remainder(&b).to_vec::<f64>(), [2.0, 1.0, -1.0, -2.0]);
    assert_eq!(grad(|b| a.remainder(b).sum(), &b).to_vec::<f64>(), [-1.0, 2.0, 2.0, -1.0]);
}

#[test]
fn slope_of_a_root_at_0_is_infinite_and_never_nan() {
    assert_eq!(slopes(Tensor::sqrt, &[0.0, 4.0]), [f64::INFINITY, 0.25]);
    assert_eq!(slopes(|x| x.powf(0.5), &[0.0, 4.0]), [f64::INFINITY, 0.25]);
    assert_eq!(slopes(|x| x.sqrt() * 0.0, &[0.0, 4.0]), [0.0, 0.0]);
}

/// Exponent, and value, first, second and third derivative at base 0.
const AT_BASE_0: [(f64, [f64; 4]); 5] = [
    (0.0, [1.0, 0.0, 0.0, 0.0]),
    (1.0, [0.0, 1.0, 0.0, 0.0]),
    (2.0, [0.0, 0.0, 2.0, 0.0]),
    (3.0, [0.0, 0.0, 0.0, 6.0]),
    (0.5, [0.0, f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY]),
];

#[test]
fn powers_with_a_constant_exponent_are_right_at_base_0() {
    for (exponent, expected) in AT_BASE_0 {
        check_power(exponent, expected, |x| x.powf(exponent));
    }
}

#[test]
fn powers_with_a_tensor_exponent_are_right_at_base_0() {
    for (exponent, expected) in AT_BASE_0 {
        check_power(exponent, expected, |x| x.pow(&scalar(exponent)));
    }
}

#[track_caller]
fn check_power(exponent: f64, expected: [f64; 4], f: impl Fn(&Tensor) -> Tensor) {
    let first = |x: &Tensor| grad(|x| f(x), x);
    let second = |x: &Tensor| grad(|x| first(x), x);
    let zero = scalar(0.0);
    let given = [f(&zero), first(&zero), second(&zero), grad(second, &zero)].map(|y| y.item());
    assert_eq!(given, expected, "exponent {exponent}");
}

#[test]
fn powers_of_a_negative_base_with_an_integer_exponent_are_real() {
    let cubes: [fn(&Tensor) -> Tensor; 3] = [|x| x.powf(3.0), |x| x.powi(3), |x| x.pow(&scalar(3.0))];
    for f in cubes {
        let x = f64s(&[-2.0]);
        assert_eq!(f(&x).to_vec::<f64>(), [-8.0]);
        assert_eq!(slopes(f, &[-2.0]), [12.0]);
        assert_eq!(curvatures(f, &[-2.0]), [-12.0]);
    }
}

#[test]
fn derivative_by_the_exponent_at_base_0_is_0() {
    let zero = f64s(&[0.0; 4]);
    let exponents = f64s(&[0.0, 0.5, 1.0, 2.0]);
    assert_eq!(grad(|p| zero.pow(p).sum(), &exponents).to_vec::<f64>(), [0.0; 4]);
    let falling = grad(|p| zero.pow(p).sum(), &f64s(&[-1.0; 4]));
    assert_eq!(falling.to_vec::<f64>(), [f64::NEG_INFINITY; 4]);
}

#[test]
fn mixed_derivative_of_a_power_at_exponent_0_is_the_reciprocal_of_the_base() {
    let by_base = |p: &Tensor| grad(|x| x.pow(p), &scalar(4.0));
    assert_eq!(grad(by_base, &scalar(0.0)).item(), 0.25);
}

#[test]
fn derivatives_of_atan2_at_the_origin_are_0() {
    let origin = scalar(0.0);
    assert_eq!(grad(|y| y.atan2(&origin), &origin).item(), 0.0);
    assert_eq!(grad(|x| origin.atan2(x), &origin).item(), 0.0);
    assert_eq!(grad(|y| grad(|y| y.atan2(&origin), y), &origin).item(), 0.0);
}

#[test]
fn derivatives_of_hypot_at_the_origin_are_0() {
    let origin = scalar(0.0);
    assert_eq!(grad(|a| a.hypot(&origin), &origin).item(), 0.0);
    assert_eq!(grad(|a| grad(|a| a.hypot(&origin), a), &origin).item(), 0.0);
}

#[test]
fn xlogy_at_the_origin_is_0_with_its_derivatives() {
    let origin = scalar(0.0);
    assert_eq!(origin.xlogy(&origin).item(), 0.0);
    assert_eq!(grad(|a| a.xlogy(&origin), &origin).item(), 0.0);
    assert_eq!(grad(|b| origin.xlogy(b), &origin).item(), 0.0);
}

#[test]
fn logaddexp_of_nothing_is_nothing() {
    let none = f64s(&[f64::NEG_INFINITY, f64::NEG_INFINITY]);
    let other = f64s(&[f64::NEG_INFINITY, 0.0]);
    assert_eq!(none.logaddexp(&other).to_vec::<f64>(), [f64::NEG_INFINITY, 0.0]);
    assert_eq!(grad(|a| a.logaddexp(&other).sum(), &none).to_vec::<f64>(), [0.0, 0.0]);
    assert_eq!(grad(|b| none.logaddexp(b).sum(), &other).to_vec::<f64>(), [0.0, 1.0]);
}

#[test]
fn nan_or_infinity_in_the_branch_not_taken_does_not_count() {
    let functions: [fn(&Tensor) -> Tensor; 6] =
        [Tensor::sqrt, Tensor::ln, |x| x.powf(0.5), Tensor::rsqrt, Tensor::log2, |x| 1.0 / (x + 1.0)];
    for f in functions {
        let safe = |x: &Tensor| x.greater(0.0).select(&f(x), 0.0);
        for orders in [slopes(safe, &[-1.0, 0.0]), curvatures(safe, &[-1.0, 0.0])] {
            assert_eq!(orders, [0.0, 0.0]);
        }
    }
}

#[test]
fn saturated_sigmoid_and_log_sigmoid_are_accurate() {
    let is_tail = |given: f64| (given / (-40.0_f64).exp() - 1.0).abs() <= 2.0 * f64::EPSILON;
    let sigmoid = slopes(Tensor::sigmoid, &[40.0, 1000.0, -1000.0]);
    assert!(is_tail(sigmoid[0]) && sigmoid[1..] == [0.0, 0.0], "{sigmoid:?}");
    let log_sigmoid = slopes(Tensor::log_sigmoid, &[40.0, 0.0, 1000.0, -1000.0]);
    assert!(is_tail(log_sigmoid[0]) && log_sigmoid[1..] == [0.5, 0.0, 1.0], "{log_sigmoid:?}");
    assert_eq!(f64s(&[-1e4, 1e4]).log_sigmoid().to_vec::<f64>(), [-1e4, -0.0]);
    assert_eq!(f64s(&[-1e4, 1e4]).softplus().to_vec::<f64>(), [0.0, 1e4]);
}

#[test]
fn derivatives_of_exponential_units_survive_overflow_of_the_branch_not_taken() {
    let units: [fn(&Tensor) -> Tensor; 2] = [|x| x.elu(1.0), |x| x.celu(1.0)];
    for f in units {
        for point in [89.0, 710.0, 1e4] {
            assert_eq!(slopes(f, &[point]), [1.0]);
            assert_eq!(curvatures(f, &[point]), [0.0]);
            assert_eq!(grad(f, &Tensor::from(point as f32)).item(), 1.0);
        }
        assert_eq!(slopes(f, &[-1e4]), [0.0]);
    }
    assert_eq!(slopes(Tensor::selu, &[89.0, 1e4]), [1.050_700_987_355_480_5; 2]);
}

#[test]
fn silu_is_right_at_0_and_where_it_is_saturated() {
    assert_eq!(f64s(&[0.0, -1000.0, 1000.0]).silu().to_vec::<f64>(), [0.0, -0.0, 1000.0]);
    assert_eq!(slopes(Tensor::silu, &[0.0, -1000.0, 1000.0]), [0.5, 0.0, 1.0]);
    assert_eq!(curvatures(Tensor::silu, &[0.0, -1000.0, 1000.0]), [0.5, 0.0, 0.0]);
}

#[test]
fn second_derivatives_of_powers_are_right_at_negative_numbers_and_0() {
    assert_eq!(curvatures(|x| x * x * x, &[-2.0, 2.0]), [-12.0, 12.0]);
    assert_eq!(curvatures(|x| x * x, &[0.0]), [2.0]);
    assert_eq!(curvatures(Tensor::square, &[0.0]), [2.0]);
}

#[test]
fn derivatives_at_infinity_are_limits_at_both_orders() {
    let infinity = f64::INFINITY;
    let half = std::f64::consts::FRAC_1_SQRT_2;
    type Function = fn(&Tensor) -> Tensor;
    let cases: [(Function, [f64; 2]); 5] = [
        (|x| x.squareplus(4.0), [1.0, 0.0]),
        (|x| x.hypot(3.0), [1.0, -1.0]),
        (|x| x.hypot(x), [2.0 * half, -2.0 * half]),
        (|x| x.logaddexp(0.0), [1.0, 0.0]),
        (|x| x.gelu_tanh(), [1.0, 0.0]),
    ];
    for (f, expected) in cases {
        assert_eq!(slopes(f, &[infinity, -infinity]), expected);
        assert_eq!(curvatures(f, &[infinity, -infinity]), [0.0; 2]);
    }
    assert_eq!(slopes(|x| x.logaddexp(x), &[infinity]), [1.0]);
    assert_eq!(curvatures(|x| x.logaddexp(x), &[infinity]), [0.0]);
}
