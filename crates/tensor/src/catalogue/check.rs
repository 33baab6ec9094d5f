//! What is checked of every sample of every operation.

use wengert_array::{Array, DType};

use super::{Case, Failure, Summary};
use crate::gradcheck::{Gradcheck, GradcheckError};
use crate::sample::Kind;
use crate::{Tape, Tensor};

/// Two evaluations of one formula in `f64`, in another order or layout.
const SAME: f64 = 1e-12;
/// An evaluation in `f32`.
const SINGLE: f64 = 1e-4;
/// Known values.
const KNOWN: f64 = 4.0 * f64::EPSILON;

pub(super) fn case(case: &Case, summary: &mut Summary) -> Result<(), Failure> {
    match &case.kind {
        Kind::Timed => return Ok(()),
        Kind::Fails(message) => {
            summary.n_failures += 1;
            return fails(case, message);
        }
        Kind::Smooth => {
            value(case)?;
            differences(case)?;
        }
        Kind::Corner(derivatives) => {
            value(case)?;
            corner(case, derivatives)?;
        }
    }
    kernel_is_rule(case)?;
    each_argument_alone(case)?;
    zero_stays_zero(case)?;
    single_precision(case)?;
    summary.n_samples += 1;
    summary.n_layouts += layouts(case)?;
    Ok(())
}

impl Case {
    fn failure(&self, what: String) -> Failure {
        Failure { case: self.label.clone(), what }
    }

    fn tensors(&self) -> Vec<Tensor> {
        self.inputs.iter().cloned().map(Tensor::from).collect()
    }

    /// The derivatives of the result's weighted sum, by kernels or by recorded rules.
    fn derivatives(&self, inputs: &[Tensor], by_rule: bool) -> Vec<Tensor> {
        let weighted = |y: &Tensor| (y * weights(y)).sum();
        self.derivatives_of(weighted, inputs, |_| true, by_rule).into_iter().flatten().collect()
    }

    /// The derivatives of a number made of the result, with respect to the tracked arguments.
    fn derivatives_of(
        &self,
        loss: impl Fn(&Tensor) -> Tensor,
        inputs: &[Tensor],
        is_tracked: impl Fn(usize) -> bool,
        by_rule: bool,
    ) -> Vec<Option<Tensor>> {
        let track = |(arg, x): (usize, &Tensor)| if is_tracked(arg) { x.tracked() } else { x.clone() };
        let xs: Vec<Tensor> = inputs.iter().enumerate().map(track).collect();
        let loss = loss(&self.run(&xs));
        let tape = Tape::of(&loss);
        let one = |x: &Tensor| if by_rule { tape.differentiable_gradient(x) } else { tape.gradient(x) };
        xs.iter().enumerate().map(|(arg, x)| is_tracked(arg).then(|| one(x))).collect()
    }

    /// The derivatives of the weighted sum of all first derivatives.
    fn second_derivatives(&self, inputs: &[Tensor]) -> Vec<Tensor> {
        let xs: Vec<Tensor> = inputs.iter().map(Tensor::tracked).collect();
        let y = self.run(&xs);
        let loss = (&y * weights(&y)).sum();
        let tape = Tape::of(&loss);
        let first: Tensor =
            xs.iter().map(|x| tape.differentiable_gradient(x)).map(|dx| (&dx * weights(&dx)).sum()).sum();
        let tape = Tape::of(&first);
        let zeros = |x: &Tensor| Tensor::zeros(*x.shape()).cast(x.dtype());
        xs.iter().map(|x| if tape.holds(x) { tape.gradient(x) } else { zeros(x) }).collect()
    }
}

/// Fixed numbers of both signs to weigh a result with.
fn weights(y: &Tensor) -> Tensor {
    let element = |i: usize| (0.5 + (i % 7) as f64 / 5.0) * if i % 3 == 1 { -1.0 } else { 1.0 };
    Tensor::new((0..y.size()).map(element).collect::<Vec<f64>>(), *y.shape()).cast(y.dtype())
}

/// The shape rule says the shape of the value, and the value is what is known of it.
fn value(case: &Case) -> Result<(), Failure> {
    let y = case.run(&case.tensors());
    let shapes: Vec<_> = case.inputs.iter().map(|x| *x.shape()).collect();
    match (case.shape)(&shapes) {
        Ok(shape) if shape == *y.shape() => {}
        Ok(shape) => {
            return Err(case.failure(format!("the shape rule says {shape}, the value has {}", y.shape())));
        }
        Err(mismatch) => return Err(case.failure(format!("the shape rule refuses it: {mismatch}"))),
    }
    match &case.value {
        Some(expected) => near(case, "the value", &y.to_vec::<f64>(), expected, KNOWN),
        None => Ok(()),
    }
}

/// Shapes that do not fit are refused with the declared message.
fn fails(case: &Case, message: &str) -> Result<(), Failure> {
    let shapes: Vec<_> = case.inputs.iter().map(|x| *x.shape()).collect();
    match (case.shape)(&shapes) {
        Ok(shape) => Err(case.failure(format!("must be refused, but gives {shape}"))),
        Err(mismatch) if mismatch.report("").contains(message) => Ok(()),
        Err(mismatch) => Err(case.failure(format!("must be refused with `{message}`, but says: {mismatch}"))),
    }
}

/// First and second derivatives agree with central differences.
fn differences(case: &Case) -> Result<(), Failure> {
    // A longer step than the default: the rounding of a sum of some hundred elements, over 2 eps, must stay below atol.
    let tighter = Gradcheck { eps: 1e-5, atol: 1e-7, rtol: 1e-6, ..Gradcheck::default() };
    let f = |xs: &Vec<Tensor>| case.run(xs);
    let report = |order: &str, error: GradcheckError| case.failure(format!("{order} order: {error}"));
    tighter.first_order(&case.tensors(), f).map_err(|error| report("first", error))?;
    tighter.second_order(&case.tensors(), f).map_err(|error| report("second", error))
}

/// The derivatives at a kink or a special point are the declared ones.
fn corner(case: &Case, expected: &[Vec<f64>]) -> Result<(), Failure> {
    let xs: Vec<Tensor> = case.tensors().iter().map(Tensor::tracked).collect();
    let y = case.run(&xs).sum();
    let tape = Tape::of(&y);
    for (arg, (x, expected)) in xs.iter().zip(expected).enumerate() {
        for dx in [tape.gradient(x), tape.differentiable_gradient(x)] {
            near(case, &format!("the derivative of argument {arg}"), &dx.to_vec::<f64>(), expected, KNOWN)?;
        }
    }
    let is_finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
    let inputs = case.tensors();
    let is_finite_here = inputs.iter().all(|x| is_finite(&x.to_vec::<f64>()));
    if !is_finite_here || !expected.iter().all(|expected| is_finite(expected)) {
        return Ok(());
    }
    // An infinite one may be right: that of x^1.5 at 0 is.
    let is_nan = |second: &Tensor| second.to_vec::<f64>().iter().any(|value| value.is_nan());
    match case.second_derivatives(&inputs).iter().position(is_nan) {
        Some(arg) => Err(case.failure(format!("the second derivative of argument {arg} is NaN"))),
        None => Ok(()),
    }
}

/// The kernel gives what the recorded rule gives, in the shape of the input.
fn kernel_is_rule(case: &Case) -> Result<(), Failure> {
    let inputs = case.tensors();
    let (kernel, rule) = (case.derivatives(&inputs, false), case.derivatives(&inputs, true));
    for (arg, ((kernel, rule), x)) in kernel.iter().zip(&rule).zip(&inputs).enumerate() {
        for dx in [kernel, rule] {
            if dx.shape() != x.shape() {
                let what =
                    format!("the derivative of argument {arg} is {}, the argument {}", dx.shape(), x.shape());
                return Err(case.failure(what));
            }
        }
        let what = format!("the derivative kernel of argument {arg}, beside the rule");
        near(case, &what, &kernel.to_vec::<f64>(), &rule.to_vec::<f64>(), SAME)?;
    }
    Ok(())
}

/// The derivative of an argument is the same where no other is tracked: its rule has the values that it declares.
fn each_argument_alone(case: &Case) -> Result<(), Failure> {
    let inputs = case.tensors();
    let weighted = |y: &Tensor| (y * weights(y)).sum();
    for by_rule in [false, true] {
        let together = case.derivatives(&inputs, by_rule);
        for (arg, expected) in together.iter().enumerate() {
            let alone = case.derivatives_of(weighted, &inputs, |other| other == arg, by_rule);
            for dx in alone.into_iter().flatten() {
                let what = format!("the derivative of argument {arg} alone");
                near(case, &what, &dx.to_vec::<f64>(), &expected.to_vec::<f64>(), SAME)?;
            }
        }
    }
    Ok(())
}

/// Where the result does not count, the inputs do not either, even where the slope is infinite or NaN.
fn zero_stays_zero(case: &Case) -> Result<(), Failure> {
    let nothing = |y: &Tensor| y.greater(f64::INFINITY).select(y, 0.0).sum();
    for by_rule in [false, true] {
        let derivatives = case.derivatives_of(nothing, &case.tensors(), |_| true, by_rule);
        for (arg, dx) in derivatives.iter().flatten().enumerate() {
            let zeros = vec![0.0; dx.size()];
            near(
                case,
                &format!("the derivative of argument {arg} from 0"),
                &dx.to_vec::<f64>(),
                &zeros,
                0.0,
            )?;
        }
    }
    Ok(())
}

/// The same in `f32`, to its precision.
fn single_precision(case: &Case) -> Result<(), Failure> {
    let exact: Vec<Tensor> = case.tensors().iter().map(|x| x.cast(DType::F32).cast(DType::F64)).collect();
    let single: Vec<Tensor> = exact.iter().map(|x| x.cast(DType::F32)).collect();
    let (y, expected) = (case.run(&single), case.run(&exact));
    let is_conversion = case.label.starts_with("cast");
    if y.dtype() != DType::F32 && !is_conversion {
        return Err(case.failure("gives f64 from f32".to_string()));
    }
    near(case, "the value in f32", &y.to_vec::<f64>(), &expected.to_vec::<f64>(), SINGLE)?;
    let pairs = case.derivatives(&single, false).into_iter().zip(case.derivatives(&exact, false));
    for (arg, (dx, expected)) in pairs.enumerate() {
        let what = format!("the derivative of argument {arg} in f32");
        near(case, &what, &dx.to_vec::<f64>(), &expected.to_vec::<f64>(), SINGLE)?;
    }
    Ok(())
}

/// The same values in other layouts give the same results.
fn layouts(case: &Case) -> Result<usize, Failure> {
    let mut n_layouts = 0;
    for arg in 0..case.inputs.len() {
        for (layout, pair) in other_layouts(&case.inputs[arg]) {
            let with = |x: &Array| {
                let mut inputs = case.tensors();
                inputs[arg] = x.clone().into();
                inputs
            };
            let (strided, plain) = (with(&pair.strided), with(&pair.plain));
            let what = format!("argument {arg} {layout}");
            let (y, expected) = (case.run(&strided), case.run(&plain));
            near(case, &what, &y.to_vec::<f64>(), &expected.to_vec::<f64>(), SAME)?;
            let derivatives =
                case.derivatives(&strided, false).into_iter().zip(case.derivatives(&plain, false));
            for (dx, expected) in derivatives {
                near(
                    case,
                    &format!("{what}, derivative"),
                    &dx.to_vec::<f64>(),
                    &expected.to_vec::<f64>(),
                    SAME,
                )?;
            }
            n_layouts += 1;
        }
    }
    Ok(n_layouts)
}

/// One array in two layouts.
struct Pair {
    strided: Array,
    plain: Array,
}

/// The values of `x` with transposed, spaced and reversed storage, and a row of it repeated with stride 0.
fn other_layouts(x: &Array) -> Vec<(&'static str, Pair)> {
    let mut layouts = Vec::new();
    let same = |strided: Array| Pair { plain: strided.contiguous(), strided };
    let reversed: Vec<usize> = (0..x.rank()).rev().collect();
    if x.rank() >= 2 {
        layouts.push(("transposed", same(x.permute(&reversed).contiguous().permute(&reversed))));
    }
    if x.rank() >= 1 {
        let last = x.rank() - 1;
        let size = x.shape()[last];
        let spaced = x.place(x.shape().with(last, 2 * size + 1), last, 1, 2);
        layouts.push(("sliced", same(spaced.slice(last, 1, size, 2))));
        if size > 0 {
            let backward = x.slice(last, size - 1, size, -1).contiguous();
            layouts.push(("reversed", same(backward.slice(last, size - 1, size, -1))));
            layouts.push(("with stride 0", same(x.slice(last, 0, 1, 1).broadcast_to(*x.shape()))));
        }
    }
    layouts
}

/// Relative to the larger of 1 and the expected value; infinities and NaN must be themselves.
fn near(case: &Case, what: &str, given: &[f64], expected: &[f64], tolerance: f64) -> Result<(), Failure> {
    if given.len() != expected.len() {
        return Err(case.failure(format!("{what} has {} elements, not {}", given.len(), expected.len())));
    }
    for (index, (&given, &expected)) in given.iter().zip(expected).enumerate() {
        let is_same = given == expected || (given.is_nan() && expected.is_nan());
        let is_near = (given - expected).abs() <= tolerance * expected.abs().max(1.0);
        if !is_same && !is_near {
            return Err(case.failure(format!("{what} is {given:e} at element {index}, not {expected:e}")));
        }
    }
    Ok(())
}
