//! Derivatives of functions: nesting, what is recorded and what is not, and the difficult points.

extern crate wengert_tensor as wengert;

use wengert_tensor::{
    DType, Gradcheck, Indices, Module, Param, Rng, Tape, Tensor, grad, gradcheck, gradgradcheck,
    value_and_grad, vjp,
};

fn f64s(values: &[f64]) -> Tensor {
    Tensor::new(values.to_vec(), [values.len()])
}

fn scalar(value: f64) -> Tensor {
    Tensor::scalar(value, DType::F64)
}

#[track_caller]
fn near(given: f64, expected: f64, tolerance: f64) {
    assert!(
        (given - expected).abs() <= tolerance * expected.abs().max(1.0),
        "given {given:e}, expected {expected:e}"
    );
}

fn fifth_power(x: &Tensor) -> Tensor {
    x * x * x * x * x
}

#[test]
fn third_order_of_the_fifth_power_is_exact() {
    let third = grad(|x| grad(|x| grad(fifth_power, x), x), &scalar(2.0));
    assert_eq!(third.item(), 60.0 * 4.0);
}

#[test]
fn inner_and_outer_variables_are_not_confused() {
    // d/dx [x · d/dy (x + y)] = 1
    let outer = grad(|x| x * grad(|y| (x + y).sum(), &scalar(5.0)), &scalar(3.0));
    assert_eq!(outer.item(), 1.0);
}

#[test]
fn second_derivative_through_an_elementwise_chain() {
    let x = f64s(&[-1.5, 0.25, 2.0]);
    let second = grad(|x| grad(|x| x.tanh().sum(), x).sum(), &x);
    for (given, x) in second.to_vec::<f64>().iter().zip([-1.5_f64, 0.25, 2.0]) {
        near(*given, -2.0 * x.tanh() * (1.0 - x.tanh().powi(2)), 1e-15);
    }
}

#[test]
fn reused_input_accumulates() {
    let x = f64s(&[1.0, 2.0]);
    assert_eq!(grad(|x| (x * x + x * 3.0 + x).sum(), &x).to_vec::<f64>(), [6.0, 8.0]);
    let square = Tensor::new(vec![1.0_f64, 2.0, 3.0, 4.0], [2, 2]);
    // d/dx sum(x xᵀ) = 2 · column sums, in each row
    assert_eq!(grad(|x| x.matmul(&x.t()).sum(), &square).to_vec::<f64>(), [8.0, 12.0, 8.0, 12.0]);
}

#[test]
fn broadcasting_is_undone() {
    let (a, b) = (Tensor::new(vec![1.0_f64, 2.0], [2, 1]), Tensor::new(vec![3.0_f64, 4.0, 5.0], [1, 3]));
    let weights = Tensor::new(vec![1.0_f64, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3]);
    assert_eq!(grad(|a| ((a + &b) * &weights).sum(), &a).to_vec::<f64>(), [6.0, 15.0]);
    assert_eq!(grad(|b| ((&a + b) * &weights).sum(), &b).to_vec::<f64>(), [5.0, 7.0, 9.0]);
    assert_eq!(*grad(|b| (&a + b).sum(), &b).shape(), [1, 3]);
}

#[test]
fn a_function_that_ignores_its_argument_has_gradient_zero() {
    assert_eq!(grad(|_| scalar(3.0), &f64s(&[1.0, 2.0])).to_vec::<f64>(), [0.0, 0.0]);
}

#[test]
fn the_branch_not_taken_cannot_poison_a_derivative() {
    let x = f64s(&[-1.0, 4.0, 0.0]);
    let root = |x: &Tensor| x.greater(0.0).select(&x.sqrt(), 0.0).sum();
    assert_eq!(grad(root, &x).to_vec::<f64>(), [0.0, 0.25, 0.0]);
    let second = grad(|x| grad(root, x).sum(), &x);
    assert_eq!(second.to_vec::<f64>(), [0.0, -1.0 / 32.0, 0.0]);
    let quotient = |x: &Tensor| x.not_equal(0.0).select(&(1.0 / x), 0.0).sum();
    assert_eq!(grad(quotient, &f64s(&[0.0, 2.0])).to_vec::<f64>(), [0.0, -0.25]);
}

#[test]
fn a_nan_in_a_row_that_does_not_count_reaches_no_derivative() {
    let x = Tensor::new(vec![1.0, 2.0, f64::NAN, 0.0], [2, 2]);
    let labels = Indices::from([0, 1]);
    let masked = |y: Tensor| y.greater(-10.0).select(&y, 0.0).sum();
    let losses: [&dyn Fn(&Tensor) -> Tensor; 5] = [
        &|x| masked(x.cross_entropy_rows(&labels)),
        &|x| masked(x.cross_entropy_rows(Tensor::one_hot(&labels, 2))),
        &|x| masked(x.softmax(-1)),
        &|x| masked(x.log_softmax(-1)),
        &|x| masked(x.max_axes(1)),
    ];
    for loss in losses {
        assert_eq!(grad(loss, &x).to_vec::<f64>()[2..], [0.0, 0.0]);
        assert_eq!(grad(|x| grad(loss, x).sum(), &x).to_vec::<f64>()[2..], [0.0, 0.0]);
    }
}

#[test]
fn saturated_sigmoid_has_derivatives_of_every_order() {
    for x in [Tensor::from(89.0), Tensor::from(-200.0), scalar(800.0), scalar(-800.0)] {
        let third = grad(|x| grad(|x| grad(Tensor::sigmoid, x), x), &x).item();
        assert!(third.abs() < 1e-30, "{third}");
    }
}

#[test]
fn many_parameters_take_one_sweep() {
    let xs: Vec<Tensor> = (0..20_000).map(|i| scalar(f64::from(i)).tracked()).collect();
    let y: Tensor = xs.iter().map(|x| x * 2.0).sum();
    let gradients = Tape::of(&y).gradients(xs.iter().chain([&xs[7]]));
    assert!(gradients.len() == 20_001 && gradients.iter().all(|dx| dx.item() == 2.0));
}

#[test]
fn derivatives_have_the_dtype_of_the_computation() {
    let x = Tensor::from([1.0, 2.0]);
    assert_eq!(grad(|x| (x * f64s(&[1.0, 0.1])).sum(), &x).dtype(), DType::F64);
    assert_eq!(grad(|x| (x * 0.1).sum(), &x).dtype(), DType::F32);
    assert_eq!(grad(|x| x.cast(DType::F64).square().sum().cast(DType::F32), &x).to_vec::<f32>(), [2.0, 4.0]);
}

#[test]
fn nothing_is_recorded_without_a_leaf() {
    let y = (Tensor::from([1.0, 2.0]) * 3.0).exp().sum();
    assert!(!y.is_tracked());
    assert!(Tape::of(&y).is_empty());
    assert!(!grad(|x| x.square().sum(), &Tensor::from([1.0])).is_tracked());
}

#[test]
fn a_detached_gradient_differs_from_a_differentiable_one() {
    let x = scalar(3.0).tracked();
    let y = &x * &x * &x;
    let tape = Tape::of(&y);
    assert!(!tape.gradient(&x).is_tracked());
    let dy = tape.differentiable_gradient(&x);
    assert_eq!(dy.item(), 27.0);
    let second = Tape::of(&dy).differentiable_gradient(&x);
    assert_eq!(second.item(), 18.0);
    assert_eq!(Tape::of(&second).gradient(&x).item(), 6.0);
}

#[test]
fn what_comes_back_from_a_nested_call_depends_on_outer_tensors_only() {
    let x = scalar(2.0).tracked();
    let inner = grad(|w| (w * &x).square().sum(), &scalar(3.0)); // 2 w x²
    assert_eq!(inner.item(), 24.0);
    assert_eq!(Tape::of(&inner).gradient(&x).item(), 24.0); // 4 w x
    assert!(!grad(|w| w.square().sum(), &scalar(3.0)).is_tracked());
}

#[test]
fn vjp_gives_value_and_product() {
    let x = f64s(&[4.0, 9.0]);
    let (y, dx) = vjp(|x| x.sqrt(), &x, &f64s(&[1.0, 0.0]));
    assert_eq!(y.to_vec::<f64>(), [2.0, 3.0]);
    assert_eq!(dx.to_vec::<f64>(), [0.25, 0.0]);
    assert!(!y.is_tracked() && !dx.is_tracked());
}

#[derive(Module, Clone, Debug)]
struct Mlp {
    first: Param,
    second: Param,
}

fn mlp() -> Mlp {
    let mut rng = Rng::seed(5);
    let mut param = |shape: [usize; 2]| Param::new(rng.normal(shape, 0.0, 0.7, DType::F64).into());
    Mlp { first: param([3, 4]), second: param([4, 2]) }
}

impl Mlp {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.matmul(&self.first).tanh().matmul(&self.second)
    }
}

fn data() -> Tensor {
    Rng::seed(9).normal([5, 3], 0.0, 1.0, DType::F64).into()
}

/// The squared size of the gradient of the output with respect to the data.
fn penalty(model: &Mlp, x: &Tensor) -> Tensor {
    grad(|x| model.forward(x).square().sum(), x).square().sum()
}

#[test]
fn a_gradient_penalty_agrees_with_differences_both_ways_round() {
    let tight = Gradcheck { atol: 1e-6, rtol: 1e-6, ..Gradcheck::default() };
    // Inner derivative with respect to data, outer with respect to parameters.
    tight.first_order(&mlp(), |model| penalty(model, &data())).unwrap();
    // Inner with respect to parameters, outer with respect to data.
    let reverse = |x: &Tensor| {
        let (_, grads) = value_and_grad(&mlp(), |model| model.forward(x).square().sum());
        grads.first.square().sum() + grads.second.square().sum()
    };
    tight.first_order(&data(), reverse).unwrap();
    let (loss, grads) = value_and_grad(&mlp(), |model| penalty(model, &data()));
    assert!(!loss.is_tracked() && !grads.first.is_tracked());
}

#[test]
fn extra_outputs_come_back_detached() {
    let ((loss, (y, count)), _) = value_and_grad(&mlp(), |model| {
        let y = model.forward(&data());
        (y.square().mean(), (y, 7_usize))
    });
    assert!(!loss.is_tracked() && !y.is_tracked());
    assert_eq!((*y.shape(), count), ([5, 2].into(), 7));
}

#[test]
fn the_same_model_is_differentiated_from_eight_threads_at_once() {
    let model = mlp();
    let gradient =
        |model: &Mlp| value_and_grad(model, |m| m.forward(&data()).square().mean()).1.first.to_vec::<f64>();
    let expected = gradient(&model);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| gradient(&model))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), expected);
        }
    });
}

#[test]
fn a_wide_graph_drops_without_a_deep_stack() {
    let on_a_small_stack = std::thread::Builder::new().stack_size(128 * 1024).spawn(|| {
        let x = Tensor::from(1.0).tracked();
        let mut y = x.clone();
        for _ in 0..100_000 {
            y = &y * 0.5 + &y * 0.5;
        }
        assert_eq!(Tape::of(&y).gradient(&x).item(), 1.0);
    });
    on_a_small_stack.unwrap().join().unwrap();
}

#[test]
fn cross_entropy_by_labels_and_by_probabilities_agree_at_both_orders() {
    let logits = Tensor::new(vec![0.3, -1.2, 2.0, 0.0, 0.5, -0.5], [2, 3]);
    let labels = Indices::from([2, 0]);
    let one_hot = Tensor::one_hot(&labels, 3);
    assert_eq!(logits.cross_entropy(&labels).item(), logits.cross_entropy(&one_hot).item());
    gradcheck(&logits, |x| x.cross_entropy(&labels)).unwrap();
    gradgradcheck(&logits, |x| x.cross_entropy(&labels)).unwrap();
    gradgradcheck(&logits, |x| x.cross_entropy(&one_hot)).unwrap();
}

#[test]
fn softmax_along_another_axis_is_that_of_the_transpose() {
    let x = Tensor::new(vec![0.3, -1.2, 2.0, 0.0, 0.5, -0.5], [2, 3]);
    assert_eq!(x.softmax(0).to_vec::<f64>(), x.t().softmax(-1).t().to_vec::<f64>());
    gradgradcheck(&x, |x| x.log_softmax(0)).unwrap();
}
