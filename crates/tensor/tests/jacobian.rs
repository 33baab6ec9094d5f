//! Products with Jacobians and Hessians, and the matrices themselves, against formulas and each other.

use wengert_tensor::{DType, Rng, Tensor, grad, gradcheck, gradgradcheck, hessian, hvp, jacobian, jvp, vjp};

fn random(shape: &[usize], seed: u64) -> Tensor {
    Tensor::randn(shape, &mut Rng::seed(seed)).cast(DType::F64)
}

#[track_caller]
fn near(given: &Tensor, expected: &Tensor) {
    assert_eq!(given.shape(), expected.shape());
    for (given, expected) in given.to_vec::<f64>().into_iter().zip(expected.to_vec::<f64>()) {
        assert!((given - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{given:e}, not {expected:e}");
    }
}

/// From [2, 3] to [4], with products, broadcasting and a nonlinear function.
fn four(x: &Tensor) -> Tensor {
    let a = random(&[3, 4], 1);
    (x.matmul(&a).tanh() * x.sum_keep([1])).sum_axes([0])
}

/// From [2, 3] to [3, 2, 2]: more results than arguments.
fn twelve(x: &Tensor) -> Tensor {
    x.t().reshape([3, 2, 1]).sin() * x.exp().sum_axes([1])
}

#[test]
fn the_product_from_the_right_is_that_of_the_matrix() {
    for f in [four, twelve] {
        let (x, dx) = (random(&[2, 3], 2), random(&[2, 3], 3));
        let (y, dy) = jvp(f, &x, &dx);
        let matrix = jacobian(f, &x).reshape([y.size(), 6]);
        near(&y, &f(&x));
        near(&dy, &matrix.matmul(&dx.reshape([6])).reshape(*y.shape()));
    }
}

#[test]
fn the_product_from_the_left_is_that_of_the_matrix() {
    for f in [four, twelve] {
        let x = random(&[2, 3], 2);
        let cotangent = random(f(&x).shape(), 4);
        let (y, dx) = vjp(f, &x, &cotangent);
        let matrix = jacobian(f, &x).reshape([y.size(), 6]);
        near(&dx, &cotangent.reshape([y.size()]).matmul(&matrix).reshape([2, 3]));
    }
}

#[test]
fn both_ways_to_a_jacobian_agree_with_its_formula() {
    // ∂(xᵢ Σ x)/∂xⱼ = δᵢⱼ Σ x + xᵢ, with the rows taken one by one, and the columns of twice as many rows.
    let x = random(&[3], 5);
    let formula = Tensor::eye(3).cast(DType::F64) * x.sum() + x.reshape([3, 1]);
    near(&jacobian(|x| x * x.sum(), &x), &formula);
    let twice = jacobian(|x| Tensor::concat(&[&(x * x.sum()), &(x * x.sum() * 2.0)], 0), &x);
    near(&twice, &Tensor::concat(&[&formula, &(&formula * 2.0)], 0));
}

#[test]
fn the_hessian_of_a_quadratic_form_is_its_matrix() {
    let (a, x, v) = (random(&[4, 4], 6), random(&[4], 7), random(&[4], 8));
    let form = |x: &Tensor| x.matmul(&a.matmul(x));
    let matrix = &a + a.t();
    near(&hessian(form, &x), &matrix);
    near(&hvp(form, &x, &v), &matrix.matmul(&v));
}

#[test]
fn the_hessian_has_the_axes_of_its_argument_twice() {
    let x = random(&[2, 2], 9);
    let second = hessian(|x| (x * x * x).sum(), &x);
    assert_eq!(*second.shape(), [2, 2, 2, 2]);
    near(&second.reshape([4, 4]), &(Tensor::eye(4).cast(DType::F64) * x.reshape([4]) * 6.0));
}

#[test]
fn what_does_not_depend_on_its_argument_has_jacobian_zero() {
    let (x, c) = (random(&[3], 1), random(&[2], 2));
    near(&jacobian(|_| c.clone(), &x), &Tensor::zeros([2, 3]).cast(DType::F64));
    near(&jacobian(|_| random(&[5], 3), &x), &Tensor::zeros([5, 3]).cast(DType::F64));
    near(&jvp(|_| c.clone(), &x, &x).1, &Tensor::zeros([2]).cast(DType::F64));
    near(&hessian(|x| x.sum(), &x), &Tensor::zeros([3, 3]).cast(DType::F64));
    near(&hvp(|x| x.sum(), &x, &x), &Tensor::zeros([3]).cast(DType::F64));
}

#[test]
fn empty_arguments_and_results_have_empty_jacobians() {
    assert_eq!(*jacobian(|x| x * 2.0, &Tensor::zeros([0])).shape(), [0, 0]);
    assert_eq!(*jacobian(|x| x.sum(), &Tensor::zeros([0, 2])).shape(), [0, 2]);
    assert_eq!(*jacobian(Tensor::exp, &Tensor::zeros([])).shape(), [0usize; 0]);
}

#[test]
fn they_nest() {
    let x = random(&[3], 10);
    // The third derivative of Σ x³ is 6 on the diagonal; and each of these can be differentiated itself.
    let third = jacobian(|x| hessian(|x| (x * x * x).sum(), x), &x).reshape([27]);
    let expected: Vec<f64> = (0..27).map(|i| if i % 13 == 0 { 6.0 } else { 0.0 }).collect();
    assert_eq!(third.to_vec::<f64>(), expected);
    let along = |x: &Tensor| jvp(|x| x.tanh() * x.sum(), x, &x.sin()).1;
    gradcheck(&x, along).unwrap();
    gradgradcheck(&x, along).unwrap();
    gradcheck(&x, |x| jacobian(|x| x.tanh() * x.sum(), x)).unwrap();
    gradcheck(&x, |x| hvp(|x| x.tanh().sum() * x.sum(), x, &x.cos())).unwrap();
}

#[test]
fn a_value_that_depends_on_an_outer_tensor_stays_tracked() {
    // d/da [jvp of a x² in direction 1] = 2x, and d/da of its value = x².
    let (a, x) = (Tensor::from(3.0), Tensor::from(5.0));
    let f = |a: &Tensor| jvp(|x| a * x.square(), &x, &Tensor::from(1.0));
    assert_eq!(grad(|a| f(a).1, &a).item(), 10.0);
    assert_eq!(grad(|a| f(a).0, &a).item(), 25.0);
}

#[test]
fn an_infinite_slope_that_does_not_count_stays_out() {
    let x = Tensor::from([-1.0, 0.0, 4.0]);
    let guarded = |x: &Tensor| x.greater(0.0).select(&x.sqrt(), &Tensor::zeros([3]));
    assert_eq!(jvp(guarded, &x, &Tensor::ones([3])).1.to_vec::<f32>(), [0.0, 0.0, 0.25]);
    let diagonal = jacobian(guarded, &x).to_vec::<f32>();
    assert_eq!(diagonal, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25]);
}

#[test]
#[should_panic(expected = "jvp: the tangent is [2], the argument [3]")]
fn a_tangent_of_another_shape_is_refused() {
    jvp(Tensor::exp, &Tensor::zeros([3]), &Tensor::zeros([2]));
}

#[test]
#[should_panic(expected = "hvp: the direction is [2], the argument [3]")]
fn a_direction_of_another_shape_is_refused() {
    hvp(Tensor::sum, &Tensor::zeros([3]), &Tensor::zeros([2]));
}

#[test]
#[should_panic(expected = "hessian: only a scalar has a gradient")]
fn the_hessian_of_more_than_a_scalar_is_refused() {
    hessian(Tensor::square, &Tensor::zeros([3]));
}

#[test]
#[should_panic(expected = "jacobian: [1, 1, 1, 1, 1] by [1, 1, 1, 1, 1] makes 10 axes")]
fn too_many_axes_are_refused() {
    jacobian(Tensor::square, &Tensor::zeros([1, 1, 1, 1, 1]));
}

#[test]
fn a_cotangent_in_f32_does_not_round_a_computation_in_f64() {
    let (x, one) = (Tensor::scalar(0.1, DType::F64), Tensor::from(1.0));
    near(&vjp(Tensor::exp, &x, &one).1, &x.exp());
    near(&hvp(Tensor::exp, &x, &one), &x.exp());
}
