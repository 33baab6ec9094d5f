//! Derivatives of functions: with respect to a tensor, and with respect to the parameters of a model.

use std::panic::Location;

use crate::module::{Path, Visitor, VisitorMut};
use crate::node::next_id;
use crate::tape::{Tape, assert_scalar};
use crate::{Buffer, Generator, Gradients, Module, Outcome, Param, Tensor};

/// The gradient of the scalar `f(x)` with respect to `x`.
///
/// Calls nest: the gradient of a gradient is a second derivative, to any order. Where `f` does not depend on its
/// argument the gradient is zero.
///
/// # Shape
/// That of `x`.
///
/// # Panics
/// If `f` does not return a scalar.
///
/// # Examples
/// ```
/// use wengert_tensor::{grad, Tensor};
///
/// let x = Tensor::from(2.0);
/// let cube = |x: &Tensor| x * x * x;
/// assert_eq!(grad(cube, &x).item(), 12.0);
/// assert_eq!(grad(|x| grad(cube, x), &x).item(), 12.0);
/// assert_eq!(grad(|x| grad(|x| grad(cube, x), x), &x).item(), 6.0);
/// ```
#[track_caller]
pub fn grad(f: impl FnOnce(&Tensor) -> Tensor, x: &Tensor) -> Tensor {
    gradient("grad", f, x)
}

/// [`grad`] under the name of the function that the user called.
#[track_caller]
pub(crate) fn gradient(name: &str, f: impl FnOnce(&Tensor) -> Tensor, x: &Tensor) -> Tensor {
    let site = Location::caller();
    let since = next_id();
    let leaf = x.leaf(site);
    let y = f(&leaf);
    assert_scalar(name, &y.array);
    let tape = Tape::since(since, [&y]);
    tape.pull_back(&y, one_like(&y), &[&leaf]).pop().flatten().unwrap_or_else(|| zeros_like(x))
}

/// The value `y = f(x)` and the vector-Jacobian product `dyᵀ · ∂y/∂x`.
///
/// # Shape
/// `dy` has the shape of `y`; the product has that of `x`.
///
/// # Panics
/// If the shape of `dy` is not that of `f(x)`.
///
/// # Examples
/// ```
/// use wengert_tensor::{vjp, Tensor};
/// let (y, dx) = vjp(|x| x.square(), &Tensor::from([1.0, 3.0]), &Tensor::from([1.0, 10.0]));
/// assert_eq!(y.to_vec::<f32>(), [1.0, 9.0]);
/// assert_eq!(dx.to_vec::<f32>(), [2.0, 60.0]);
/// ```
#[track_caller]
pub fn vjp(f: impl FnOnce(&Tensor) -> Tensor, x: &Tensor, dy: &Tensor) -> (Tensor, Tensor) {
    let site = Location::caller();
    let since = next_id();
    let leaf = x.leaf(site);
    let y = f(&leaf);
    assert!(
        y.shape() == dy.shape(),
        "vjp: the function gives {}, the cotangent has {}",
        y.shape(),
        dy.shape()
    );
    let tape = Tape::since(since, [&y]);
    let dy = dy.cast(y.dtype());
    let dx = tape.pull_back(&y, dy, &[&leaf]).pop().flatten().unwrap_or_else(|| zeros_like(x));
    let value = if tape.reaches_outer(&y) { y.clone() } else { y.detach() };
    (value, dx)
}

/// The value of `f(model)` and the gradients of its loss with respect to every trainable parameter of `model`.
///
/// `f` gets a copy of the model whose parameters are leaves and whose stateful layers are training; the model itself
/// is not changed. The function returns the loss, or `(loss, extra)`. All that comes back is detached from this call.
/// Where the loss is NaN or infinite, [`Gradients::nonfinite`] names the operation and the line that it came from.
///
/// # Panics
/// If the loss is not a scalar, or does not depend on one of the trainable parameters: the message names them. A loss
/// that may leave some out is for [`value_and_grad_allowing_unreached`].
///
/// # Examples
/// ```standalone_crate
/// # extern crate wengert_tensor as wengert;
/// use wengert_tensor::{value_and_grad, Module, Param, Tensor};
///
/// #[derive(Module, Clone, Debug)]
/// struct Line { slope: Param, offset: Param }
///
/// let line = Line { slope: Param::new(Tensor::from(2.0)), offset: Param::new(Tensor::from(1.0)) };
/// let (x, y) = (Tensor::from([1.0, 2.0]), Tensor::from([4.0, 4.0]));
/// let (loss, grads) = value_and_grad(&line, |line| (&x * &line.slope + &line.offset - &y).square().mean());
/// assert_eq!(loss.item(), 1.0);
/// assert_eq!(grads.slope.item(), 1.0);
/// assert_eq!(grads.offset.item(), 0.0);
/// ```
#[track_caller]
pub fn value_and_grad<M: Module + Clone, R: Outcome>(
    model: &M,
    f: impl FnOnce(&M) -> R,
) -> (R, Gradients<M>) {
    let (outcome, gradients, unreached) = differentiate(Location::caller(), model, f);
    if !unreached.is_empty() {
        panic!(
            "value_and_grad: the loss does not depend on {}\n  help: freeze what is not to be trained, or call \
             `value_and_grad_allowing_unreached`",
            unreached.join(", ")
        );
    }
    (outcome, gradients)
}

/// [`value_and_grad`] for a loss that does not depend on every parameter: the gradient of one that it leaves out is
/// zero.
///
/// # Panics
/// If the loss is not a scalar.
#[track_caller]
pub fn value_and_grad_allowing_unreached<M: Module + Clone, R: Outcome>(
    model: &M,
    f: impl FnOnce(&M) -> R,
) -> (R, Gradients<M>) {
    let (outcome, gradients, _) = differentiate(Location::caller(), model, f);
    (outcome, gradients)
}

/// Outcome, gradients, and the names of the parameters that the loss did not reach.
#[track_caller]
fn differentiate<M: Module + Clone, R: Outcome>(
    site: &'static Location<'static>,
    model: &M,
    f: impl FnOnce(&M) -> R,
) -> (R, Gradients<M>, Vec<String>) {
    let since = next_id();
    let mut copy = training_copy(model);
    copy.visit_mut(&Path::root(), &mut MakeLeaves { site });
    let mut outcome = f(&copy);
    assert_scalar("value_and_grad", &outcome.loss().array);
    // One tape serves the loss and whatever stands beside it.
    let mut outputs = Vec::with_capacity(1);
    outcome.each_tensor(&mut |x| outputs.push(x.clone()));
    let tape = Tape::since(since, &outputs);
    let loss = outcome.loss();
    let is_finite = loss.item().is_finite();
    let nonfinite = if is_finite { None } else { Tape::of(loss).cause_of_nonfinite() };
    let gradients = tape.pull_back(loss, one_like(loss), &leaves(&copy));
    let mut on_tape = outputs.iter();
    outcome.each_tensor(&mut |x| {
        if on_tape.next().is_some_and(|x| !tape.reaches_outer(x)) {
            *x = x.detach();
        }
    });
    let mut collect = TakeGradients { gradients: gradients.into_iter(), unreached: Vec::new() };
    copy.visit_mut(&Path::root(), &mut collect);
    (outcome, Gradients::new(copy, nonfinite), collect.unreached)
}

/// A copy of the model in which stateful layers train.
pub(crate) fn training_copy<M: Module + Clone>(model: &M) -> M {
    let mut copy = model.clone();
    copy.visit_mut(&Path::root(), &mut BeginTraining);
    copy
}

pub(crate) fn one_like(y: &Tensor) -> Tensor {
    Tensor::scalar(1.0, y.dtype()).reshape(*y.shape())
}

pub(crate) fn zeros_like(x: &Tensor) -> Tensor {
    Tensor::zeros(*x.shape()).cast(x.dtype())
}

struct BeginTraining;

impl VisitorMut for BeginTraining {
    fn param(&mut self, _: &Path<'_>, _: &mut Param) {}
    fn buffer(&mut self, _: &Path<'_>, buffer: &mut Buffer) {
        buffer.begin_training();
    }
    fn generator(&mut self, _: &Path<'_>, generator: &mut Generator) {
        generator.begin_training();
    }
}

struct MakeLeaves {
    site: &'static Location<'static>,
}

impl VisitorMut for MakeLeaves {
    fn param(&mut self, _: &Path<'_>, param: &mut Param) {
        if param.is_trainable() {
            let leaf = param.leaf(self.site);
            param.set(leaf);
        }
    }
}

/// Room for this many parameters is made at once.
const FEW_PARAMETERS: usize = 16;

/// The trainable parameters.
fn leaves(model: &impl Module) -> Vec<&Tensor> {
    let mut leaves = Leaves(Vec::with_capacity(FEW_PARAMETERS));
    model.visit(&Path::root(), &mut leaves);
    leaves.0
}

struct Leaves<'m>(Vec<&'m Tensor>);

impl<'m> Visitor<'m> for Leaves<'m> {
    fn param(&mut self, _: &Path<'_>, param: &'m Param) {
        if param.is_trainable() {
            self.0.push(param.value());
        }
    }
}

/// Turns the copy of a model into its gradients.
struct TakeGradients {
    gradients: std::vec::IntoIter<Option<Tensor>>,
    unreached: Vec<String>,
}

impl VisitorMut for TakeGradients {
    fn param(&mut self, path: &Path<'_>, param: &mut Param) {
        let gradient =
            if param.is_trainable() { self.gradients.next().flatten() } else { Some(zeros_like(param)) };
        param.set(gradient.unwrap_or_else(|| {
            self.unreached.push(format!("`{path}` {}", param.shape()));
            zeros_like(param)
        }));
    }
    fn buffer(&mut self, _: &Path<'_>, buffer: &mut Buffer) {
        buffer.end_training();
    }
    fn generator(&mut self, _: &Path<'_>, generator: &mut Generator) {
        generator.end_training();
    }
}
