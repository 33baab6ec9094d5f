//! The difficult points of differentiation of `docs/corners.md`: one test for each row that is about this crate.

extern crate wengert_tensor as wengert;

use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::{Arc, Mutex};

use wengert_tensor::{
    DType, Indices, Module, Param, Rng, Tape, Tensor, grad, gradcheck, gradgradcheck, value_and_grad,
};

fn f64s(values: &[f64]) -> Tensor {
    Tensor::new(values.to_vec(), [values.len()])
}

fn scalar(value: f64) -> Tensor {
    Tensor::scalar(value, DType::F64)
}

/// The derivative of the sum of `f` is the right answer, in `f64` and in `f32`.
#[track_caller]
fn check(f: impl Fn(&Tensor) -> Tensor, x: &Tensor, expected: &[f64]) {
    for dtype in [DType::F64, DType::F32] {
        let dx = grad(|x| f(x).sum(), &x.cast(dtype));
        assert_eq!(dx.to_vec::<f64>(), expected, "{dtype}");
    }
}

#[track_caller]
fn check_second(f: impl Fn(&Tensor) -> Tensor, x: f64, expected: f64) {
    assert_eq!(grad(|x| grad(&f, x), &scalar(x)).item(), expected);
}

#[test]
fn a_column_plus_a_row() {
    let (a, b) = (Tensor::from([[1.0], [2.0]]), Tensor::from([[1.0, 2.0, 3.0]]));
    let weights = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    check(|a| (a + &b) * &weights, &a, &[6.0, 15.0]);
    check(|b| (&a + b) * &weights, &b, &[5.0, 7.0, 9.0]);
}

#[test]
fn the_same_tensor_as_both_operands() {
    check(|x| x.matmul(&x.t()), &Tensor::from([[1.0, 2.0], [3.0, 4.0]]), &[8.0, 12.0, 8.0, 12.0]);
}

#[test]
fn relu_at_0() {
    check(Tensor::relu, &f64s(&[0.0, -0.0]), &[0.0, 0.0]);
}

#[test]
fn abs_at_0() {
    check(Tensor::abs, &f64s(&[0.0, -0.0]), &[0.0, 0.0]);
}

#[test]
fn maximum_at_a_tie() {
    let two = scalar(2.0);
    check(|a| a.maximum(&two), &two, &[0.5]);
    check(|b| two.maximum(b), &two, &[0.5]);
}

#[test]
fn reduced_maximum_with_ties() {
    check(Tensor::max, &f64s(&[1.0, 3.0, 3.0, 2.0]), &[0.0, 0.5, 0.5, 0.0]);
    check(|x| x.max_axes(1), &Tensor::from([[1.0, 3.0, 3.0, 2.0]]), &[0.0, 0.5, 0.5, 0.0]);
}

#[test]
fn norm_at_the_zero_vector() {
    check(|x| x.norm(2.0), &f64s(&[0.0; 3]), &[0.0; 3]);
    check(|x| x.norm_axes(2.0, 1), &Tensor::zeros([2, 2]), &[0.0; 4]);
}

/// What the page says of the composed norm: the root's slope is infinite, and infinity times 0 is no number.
#[test]
fn a_composed_norm_at_the_zero_vector_is_nan_which_is_why_there_is_norm() {
    let dx = grad(|x| x.square().sum().sqrt(), &f64s(&[0.0; 3]));
    assert!(dx.to_vec::<f64>().iter().all(|dx| dx.is_nan()));
    check(|x| (x.square().sum().sqrt() * 0.0).exp(), &f64s(&[0.0; 3]), &[0.0; 3]);
}

#[test]
fn power_0_at_0() {
    check(|x| x.powf(0.0), &scalar(0.0), &[0.0]);
    check(|x| x.powi(0), &scalar(0.0), &[0.0]);
    check(|x| x.pow(0.0), &scalar(0.0), &[0.0]);
}

#[test]
fn tensor_exponent_2_at_0() {
    check(|x| x.pow(&scalar(2.0).cast(x.dtype())), &scalar(0.0), &[0.0]);
    check(|p| scalar(0.0).cast(p.dtype()).pow(p), &scalar(2.0), &[0.0]);
}

#[test]
fn tensor_exponent_3_at_minus_2() {
    let three = scalar(3.0);
    assert_eq!(scalar(-2.0).pow(&three).item(), -8.0);
    check(|x| x.pow(&three.cast(x.dtype())), &scalar(-2.0), &[12.0]);
}

#[test]
fn second_derivatives_of_powers() {
    let cubes: [fn(&Tensor) -> Tensor; 3] = [|x| x.powi(3), |x| x.powf(3.0), |x| x.pow(3.0)];
    cubes.iter().for_each(|f| check_second(f, -2.0, -12.0));
    let squares: [fn(&Tensor) -> Tensor; 4] =
        [|x| x.powi(2), |x| x.powf(2.0), |x| x.pow(2.0), Tensor::square];
    squares.iter().for_each(|f| check_second(f, 0.0, 2.0));
}

#[test]
fn product_with_one_and_two_zeros() {
    check(Tensor::prod, &f64s(&[2.0, 0.0, 3.0]), &[0.0, 6.0, 0.0]);
    check(Tensor::prod, &f64s(&[0.0, 2.0, 0.0]), &[0.0, 0.0, 0.0]);
}

#[test]
fn the_branch_that_where_does_not_take() {
    check(|x| x.greater(0.0).select(&x.sqrt(), 0.0), &scalar(-1.0), &[0.0]);
    check(|x| x.greater(0.0).select(&x.sqrt(), 0.0), &f64s(&[-1.0, 0.0, 4.0]), &[0.0, 0.0, 0.25]);
}

#[test]
fn softmax_and_log_softmax_of_huge_logits() {
    for dtype in [DType::F64, DType::F32] {
        let x = f64s(&[1e4, 0.0, -1e4]).cast(dtype);
        let functions: [fn(&Tensor) -> Tensor; 2] = [|x| x.softmax(-1), |x| x.log_softmax(-1)];
        for f in functions {
            let dx = grad(|x| (f(x) * Tensor::arange(3)).sum(), &x);
            assert!(f(&x).to_vec::<f64>().iter().chain(&dx.to_vec::<f64>()).all(|y| y.is_finite()));
        }
        assert_eq!(x.softmax(-1).to_vec::<f64>(), [1.0, 0.0, 0.0]);
        assert_eq!(x.log_softmax(-1).to_vec::<f64>(), [0.0, -1e4, -2e4]);
    }
}

#[test]
fn logsumexp_of_minus_infinities() {
    let x = f64s(&[f64::NEG_INFINITY; 3]);
    assert_eq!(x.logsumexp().item(), f64::NEG_INFINITY);
    check(Tensor::logsumexp, &x, &[0.0; 3]);
}

#[test]
fn exponential_units_above_the_overflow_of_the_exponential() {
    let scale = 1.050_700_987_355_480_5;
    for x in [89.0, 710.0] {
        assert_eq!(grad(|x| x.elu(1.0), &scalar(x)).item(), 1.0);
        assert_eq!(grad(|x| x.celu(1.0), &scalar(x)).item(), 1.0);
        assert_eq!(grad(Tensor::selu, &scalar(x)).item(), scale);
        let single = scalar(x).cast(DType::F32);
        assert_eq!(grad(|x| x.elu(1.0), &single).item(), 1.0);
        assert_eq!(grad(|x| x.celu(1.0), &single).item(), 1.0);
        assert_eq!(grad(Tensor::selu, &single).item(), f64::from(scale as f32));
    }
}

/// `Φ(x) + x φ(x)`, computed with mpmath at 40 digits.
#[test]
fn the_derivative_of_gelu() {
    let expected = [
        (-8.0, -3.979_607_261_086_796e-14),
        (-3.0, -0.011_945_647_204_183_927),
        (-1.0, -0.083_315_470_587_686_3),
        (-0.25, 0.304_626_645_116_363_95),
        (0.0, 0.5),
        (0.5, 0.867_495_124_656_162_9),
        (1.0, 1.083_315_470_587_686_4),
        (2.5, 1.037_611_085_908_145),
        (6.0, 1.000_000_035_468_709_5),
    ];
    for (x, expected) in expected {
        let given = grad(Tensor::gelu, &scalar(x)).item();
        assert!((given - expected).abs() < 1e-15, "at {x}: {given:e}, expected {expected:e}");
    }
}

#[test]
fn duplicate_indices() {
    let (weights, twice) = (Tensor::from([1.0, 3.0, 6.0]), Indices::from([0, 2, 0]));
    let x = f64s(&[1.0, 1.0, 1.0]);
    check(|x| x.gather(0, &twice) * &weights, &x, &[7.0, 0.0, 3.0]);
    check(|x| x.index_select(0, &twice) * &weights, &x, &[7.0, 0.0, 3.0]);
}

#[test]
fn the_target_of_scatter_add() {
    let (picks, source) = (Indices::from([1, 2]), Tensor::from([5.0, 6.0]));
    check(|x| x.scatter_add(0, &picks, &source), &f64s(&[1.0; 3]), &[1.0, 1.0, 1.0]);
}

#[test]
fn the_target_of_scatter() {
    let (picks, source) = (Indices::from([1, 2]), Tensor::from([5.0, 6.0]));
    check(|x| x.scatter(0, &picks, &source), &f64s(&[1.0; 3]), &[1.0, 0.0, 0.0]);
}

#[test]
fn layer_norm_and_softmax_over_the_last_axis() {
    let of = |shape: &[usize]| Tensor::from(Rng::seed(4).normal(shape, 0.0, 1.0, DType::F64));
    let all = |xs: &Vec<Tensor>| xs[0].layer_norm(-1, &xs[1], &xs[2], 1e-5);
    let xs = vec![of(&[2, 3, 4]), of(&[4]), of(&[4])];
    gradcheck(&xs, |xs| (all(xs) * Tensor::arange(4)).square().sum()).unwrap();
    gradgradcheck(&xs, |xs| (all(xs) * Tensor::arange(4)).square().sum()).unwrap();
    let x: Tensor = Rng::seed(3).normal([2, 3, 4], 0.0, 1.0, DType::F64).into();
    let weighted = |x: &Tensor| (x.softmax(-1) * Tensor::arange(4)).square().sum();
    gradcheck(&x, weighted).unwrap();
    gradgradcheck(&x, weighted).unwrap();
}

#[test]
fn products_and_sums_of_size_zero() {
    let (a, b) = (Tensor::zeros([2, 0]), Tensor::zeros([0, 3]));
    assert_eq!(a.matmul(&b).to_vec::<f32>(), [0.0; 6]);
    assert_eq!(Tensor::zeros([0, 3]).sum().item(), 0.0);
    assert_eq!(Tensor::zeros([0, 3]).sum_axes(0).to_vec::<f32>(), [0.0; 3]);
    assert_eq!(*grad(|a| a.matmul(&b).sum(), &a).shape(), [2, 0]);
    assert_eq!(grad(|x| x.sum_axes(1).sum(), &a).size(), 0);
}

#[test]
fn a_chain_of_a_million_operations() {
    let on_a_small_stack = std::thread::Builder::new().stack_size(128 * 1024).spawn(|| {
        let x = Tensor::from(1.0).tracked();
        let mut y = x.clone();
        for _ in 0..1_000_000 {
            y = y + 1.0;
        }
        assert_eq!(Tape::of(&y).len(), 1_000_001);
        assert_eq!(Tape::of(&y).gradient(&x).item(), 1.0);
        drop(y);
    });
    on_a_small_stack.unwrap().join().unwrap();
}

#[test]
fn grad_of_grad() {
    check_second(|x| x * x * x, 2.0, 12.0);
}

#[derive(Module, Clone, Debug)]
struct Network {
    first: Param,
    second: Param,
}

/// One step of gradient descent over 200 rows.
fn step() -> Vec<f32> {
    let mut rng = Rng::seed(1);
    let x = Tensor::randn([200, 300], &mut rng);
    let network = Network {
        first: Param::new(Tensor::randn([300, 200], &mut rng) * 0.05),
        second: Param::new(Tensor::randn([200, 10], &mut rng) * 0.05),
    };
    let labels: Vec<usize> = (0..200).map(|row| row % 10).collect();
    let (_, gradients) = value_and_grad(&network, |network| {
        x.matmul(&network.first).tanh().matmul(&network.second).cross_entropy(Indices::from(labels.clone()))
    });
    let update = |param: &Param, gradient: &Param| (&**param - &**gradient * 0.1).to_vec::<f32>();
    [update(&network.first, &gradients.first), update(&network.second, &gradients.second)].concat()
}

#[test]
fn bits_on_one_and_two_threads() {
    let x = Tensor::uniform([4_000_000], -1.0, 1.0, &mut Rng::seed(2));
    let run = || (x.sum().item().to_bits(), step().into_iter().map(f32::to_bits).collect::<Vec<_>>());
    let on =
        |threads: usize| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run);
    assert!(on(1) == on(2));
}

#[test]
fn seeding_the_generator() {
    let draw = |seed: u64| Tensor::randn([5], &mut Rng::seed(seed)).to_vec::<f32>();
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[test]
fn a_shape_error() {
    let seen = Arc::new(Mutex::new((String::new(), String::new(), 0)));
    let (hook, inside) = (take_hook(), seen.clone());
    set_hook(Box::new(move |info| {
        let place = info.location().unwrap();
        let message = info.payload_as_str().unwrap_or_default().to_string();
        *inside.lock().unwrap() = (message, place.file().to_string(), place.line());
    }));
    let line = line!() + 1;
    let result = catch_unwind(|| Tensor::zeros([2, 3]).matmul(&Tensor::zeros([4, 5])));
    set_hook(hook);
    assert!(result.is_err());
    let (message, file, at) = seen.lock().unwrap().clone();
    assert!(["matmul", "[2, 3]", "[4, 5]"].iter().all(|part| message.contains(part)), "{message}");
    assert_eq!((file.as_str(), at), (file!(), line));
}

#[test]
fn the_page_names_a_test_for_each_row_or_says_that_it_comes_later() {
    let page = include_str!("../../../docs/corners.md");
    let source = include_str!("corners.rs");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| point"));
    let (mut n_tested, mut n_later) = (0, 0);
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 9, "{row}");
        match (cells[2], cells[8].trim_matches('`')) {
            ("later", "") => n_later += 1,
            ("y", test) => {
                assert!(source.contains(&format!("#[test]\nfn {test}() {{")), "no test `{test}`");
                n_tested += 1;
            }
            other => panic!("{other:?}: {row}"),
        }
    }
    assert_eq!((n_tested, n_later), (27, 6));
}
