//! The checker catches wrong rules of first and of second order, and says where they are wrong.

extern crate wengert_tensor as wengert;

use wengert_tensor::{
    Algebra, Array, Buffer, DType, Domain, Float, Generator, GradcheckError, Mismatch, Module, Needs, Op,
    Param, Sample, Shape, Tensor, Unary, apply, catalogue, grad, gradcheck, gradgradcheck, value_and_grad,
};

/// An elementwise cube whose slope is `FACTOR · x²`, right for 3.
#[derive(Clone, Default)]
struct Cube<const FACTOR: i32>;

impl<const FACTOR: i32> Unary for Cube<FACTOR> {
    const NAME: &'static str = "cube";
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-2.0, 2.0);
    fn value<F: Float>(&self, x: F) -> F {
        x * x * x
    }
    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(f64::from(FACTOR)) * x.square()
    }
}

/// A cube with mistakes to choose from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mistake {
    None,
    /// Right at first order; its derivative is cut off.
    Detached,
    /// The kernel and the rule differ.
    Kernel,
    /// The derivative has a shape of its own.
    ShapeOfDerivative,
    /// The rule reads what it does not declare.
    Undeclared,
    /// The value does not have the promised number.
    Value,
    /// The message of the sample that must fail.
    Message,
    NoSamples,
}

macro_rules! mistaken_cubes {
    ($($Name:ident: $mistake:expr;)*) => {$(
        #[derive(Clone)]
        struct $Name;
        impl Op<1> for $Name {
            const NAME: &'static str = "cube";
            const NEEDS: [Needs; 1] =
                [if matches!($mistake, Mistake::Undeclared) { Needs::NONE } else { Needs::input(0) }];
            fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
                if x.len() == 1 { Ok(*x) } else { Err(Mismatch::new("a vector is needed").row("x", x)) }
            }
            fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
                let x = Tensor::from(x.clone());
                (&x * &x * &x).array().clone()
            }
            fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
                let x = if $mistake == Mistake::Detached { x.detach() } else { x.clone() };
                let dx = dy * (x.square() * 3.0);
                if $mistake == Mistake::ShapeOfDerivative { dx.slice(0, 0..0) } else { dx }
            }
            fn vjp_kernel(&self, _: [bool; 1], [x]: [&Array; 1], _: &Array, dy: &mut Array) -> Option<[Option<Array>; 1]> {
                let (x, dy) = (Tensor::from(x.clone()), Tensor::from(dy.clone()));
                let factor = if $mistake == Mistake::Kernel { 3.001 } else { 3.0 };
                ($mistake == Mistake::Kernel).then(|| [Some((dy * x.square() * factor).array().clone())])
            }
            fn samples() -> Vec<Sample<Self, 1>> {
                let value = if $mistake == Mistake::Value { 8.0001 } else { 8.0 };
                let message = if $mistake == Mistake::Message { "a matrix is needed" } else { "a vector is needed" };
                if $mistake == Mistake::NoSamples {
                    return Vec::new();
                }
                vec![
                    Sample::random($Name, [&[3]]),
                    Sample::new($Name, [Array::from_vec(vec![2.0], [1])]).gives(&[value]),
                    Sample::fails($Name, [&[2, 2]], message),
                ]
            }
        }
    )*};
}
// One operation with one mistake each: the constants of a trait cannot be chosen by a value.
mistaken_cubes! {
    Right: Mistake::None;
    Detached: Mistake::Detached;
    WrongKernel: Mistake::Kernel;
    WrongShape: Mistake::ShapeOfDerivative;
    Undeclared: Mistake::Undeclared;
    WrongValue: Mistake::Value;
    WrongMessage: Mistake::Message;
    NoSamples: Mistake::NoSamples;
}

#[track_caller]
fn caught<O: Op<1>>(expected: &str) {
    let failure = catalogue::check::<O, 1>().expect_err("the mistake was not caught").to_string();
    assert!(failure.contains(expected), "caught, but for another reason: {failure}");
}

#[test]
fn the_right_operations_pass() {
    catalogue::check::<Cube<3>, 1>().unwrap();
    assert_eq!(catalogue::check::<Right, 1>().unwrap().n_samples, 2);
}

#[test]
fn planted_mistakes_are_caught() {
    caught::<Cube<2>>("first order");
    caught::<Cube<-3>>("first order");
    caught::<Detached>("second order");
    caught::<WrongKernel>("first order");
    caught::<Undeclared>("first order");
    caught::<WrongValue>("the value is 8e0 at element 0, not 8.0001e0");
    caught::<WrongMessage>("must be refused with `a matrix is needed`");
    caught::<NoSamples>("there are no samples");
}

#[test]
#[should_panic(expected = "cube: the rule of argument 0 gives [0], the argument is [3]")]
fn a_derivative_of_another_shape_is_refused() {
    let _ = catalogue::check::<WrongShape, 1>();
}

fn vector(values: &[f64]) -> Tensor {
    Tensor::new(values.to_vec(), [values.len()])
}

#[test]
fn the_report_names_tensor_index_and_both_values() {
    let inputs = (vector(&[1.0, 2.0]), vector(&[3.0, 0.0, 1.0]));
    let error = gradcheck(&inputs, |(a, b)| a.sum() + apply(Cube::<2>, [b]).sum()).unwrap_err();
    let GradcheckError::Disagreement(found) = &error else { panic!("another error: {error}") };
    assert_eq!((found.tensor.as_str(), found.index.as_slice()), ("x[1]", &[0][..]));
    assert_eq!((found.n_wrong, found.n_elements), (2, 3));
    assert!((found.numeric / found.analytic - 1.5).abs() < 1e-6);
    let lines: Vec<String> = error.to_string().lines().map(str::to_string).collect();
    assert_eq!(lines[0], "gradcheck: the derivative with respect to `x[1]` is wrong at [0]");
    assert!(lines[1].starts_with("  analytic  ") && lines[2].starts_with("  numeric   "));
    assert_eq!(lines[3], "  allowed   1e-5 + 1e-3 · |numeric|");
    assert_eq!(lines[4], "  wrong in 2 of 3 elements");
}

#[test]
fn a_kink_is_told_from_a_wrong_rule() {
    let error = gradcheck(&vector(&[1.0, 0.0]), |x| x.relu() * 2.0).unwrap_err().to_string();
    let help = error.lines().last().unwrap();
    assert!(
        help.starts_with("  help: the function has a kink here, slope ") && error.contains("wrong at [1]"),
        "{error}"
    );
    let error = gradcheck(&vector(&[1.0]), |x| apply(Cube::<2>, [x])).unwrap_err().to_string();
    assert!(!error.contains("kink"), "{error}");
}

#[test]
fn wrong_second_derivatives_are_caught_where_first_ones_are_right() {
    let x = vector(&[1.0, -2.0]);
    gradcheck(&x, |x| apply(Detached, [x])).unwrap();
    assert!(gradgradcheck(&x, |x| apply(Detached, [x])).is_err());
}

#[test]
fn a_function_that_rounds_to_single_precision_is_refused_with_its_line() {
    let error = gradcheck(&vector(&[1.0]), |x| x.cast(DType::F32).square().cast(DType::F64)).unwrap_err();
    let expected = format!("at      {}:{}", file!(), line!() - 1);
    assert!(error.to_string().contains(&expected), "{error}");
    assert!(matches!(
        gradcheck(&vector(&[1.0]), |x| x.cast(DType::F32)),
        Err(GradcheckError::Rounded { .. })
    ));
}

#[test]
fn nested_derivatives_over_single_precision_data_are_checked() {
    let model = Param::new(Tensor::from([[1.0], [2.0]]));
    let x = Tensor::from([[0.3, 0.4]]);
    gradcheck(&model, |m| grad(|x| x.matmul(m).tanh().sum(), &x).square().sum()).unwrap();
    gradcheck(&x, |x| value_and_grad(&model, |m| x.matmul(m).tanh().sum()).1.square().sum()).unwrap();
}

/// A layer with everything that a model may hold: a weight, a frozen weight, running state and noise.
#[derive(Module, Clone, Debug)]
struct Noisy {
    weight: Param,
    frozen: Param,
    mean: Buffer,
    noise: Generator,
}

impl Noisy {
    fn new() -> Noisy {
        Noisy {
            weight: Param::new(Tensor::from([0.5, -1.0])),
            frozen: Param::new(Tensor::from([2.0, 3.0])).frozen(),
            mean: Buffer::new(Tensor::zeros([2])),
            noise: Generator::new(3),
        }
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x * &self.weight * &self.frozen;
        self.mean.stage(&(self.mean.value() * 0.9 + y.mean_axes(0) * 0.1));
        match self.noise.draw() {
            Some(mut rng) => y * Tensor::from(rng.uniform(*x.shape(), 0.5, 1.5, DType::F64)),
            None => y,
        }
    }
}

#[test]
fn a_single_precision_model_is_checked_in_double_precision() {
    let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    gradcheck(&Noisy::new(), |model| model.forward(&x).tanh().mean()).unwrap();
    gradgradcheck(&Noisy::new(), |model| model.forward(&x).tanh()).unwrap();
    gradcheck(&(Noisy::new(), x), |(model, x)| model.forward(x).tanh()).unwrap();
}

#[test]
fn a_wrong_parameter_is_named() {
    let wrong = |model: &Noisy| apply(Cube::<2>, [&model.weight]).sum();
    let error = gradcheck(&Noisy::new(), wrong).unwrap_err().to_string();
    assert!(error.contains("with respect to `weight`"), "{error}");
}
