//! L-BFGS: a quasi-Newton method for a loss over all data. Its line search stands in `lbfgs/line_search.rs`.

mod line_search;
mod memory;

use wengert_array::{Array, Axes, DType, Float, Pointwise, Reduce, Term, concat, pointwise, reduce, total};
use wengert_tensor::module::{Path, Visitor, VisitorMut};
use wengert_tensor::{Module, Param, Tensor, value_and_grad};

use self::line_search::{Point, search};
use self::memory::Memory;
use crate::gradients::{self, Look};
use crate::rule::checked;
use crate::{Core, NonFiniteGradient};

/// L-BFGS with a line search for the strong Wolfe conditions, with PyTorch's arithmetic and defaults (Keras has none):
/// rate 1, 20 iterations and 25 evaluations in a call, a history of 100, tolerances of 1e-7 and 1e-9.
///
/// It goes along `d = -H g`, where `H` approximates the inverse of the second derivatives by the last changes of weights
/// and gradients, and looks along `d` for a step after which the loss is low enough and its slope flat enough. The loss
/// must be the same function in each call: of all rows, and without chance.
///
/// Clipping, decay and the like are not for this method; what is to be added to the loss is added to the loss.
///
/// # Examples
/// ```
/// use wengert_optim::Lbfgs;
/// use wengert_tensor::{Param, Tensor};
///
/// let mut point = Param::new(Tensor::from([-1.2, 1.0]));
/// let rosenbrock = |p: &Param| {
///     let (x, y) = (p.slice(0, 0..1), p.slice(0, 1..2));
///     ((&y - x.square()).square() * 100.0 + (x - 1.0).square()).sum()
/// };
/// let minimum = Lbfgs::new().iterations(100).minimize(&mut point, rosenbrock)?;
/// assert!(minimum.loss < 1e-9 && minimum.is_converged());
/// # Ok::<(), wengert_optim::NonFiniteGradient>(())
/// ```
///
/// # References
/// D. C. Liu, J. Nocedal, "On the limited memory BFGS method for large scale optimization", 1989; J. Nocedal, S. J. Wright,
/// "Numerical optimization", 2006, algorithms 3.5, 3.6 and 7.4.
#[derive(Clone, Debug)]
pub struct Lbfgs {
    core: Core,
    most_iterations: usize,
    most_evaluations: Option<usize>,
    gradient_tolerance: f64,
    change_tolerance: f64,
    memory: Memory,
}

/// What a call of [`Lbfgs::minimize`] found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minimum {
    /// The loss before.
    pub first_loss: f64,
    /// The loss now.
    pub loss: f64,
    /// Steps taken in this call.
    pub n_iterations: usize,
    /// Calls of the loss.
    pub n_evaluations: usize,
    /// Why it ended.
    pub stop: Stop,
}

impl Minimum {
    /// Whether a tolerance was reached, and not a limit of the work.
    pub fn is_converged(&self) -> bool {
        !matches!(self.stop, Stop::Iterations | Stop::Evaluations)
    }
}

/// Why L-BFGS ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// As many iterations as allowed.
    Iterations,
    /// As many evaluations as allowed.
    Evaluations,
    /// No number of the gradient is above the tolerance.
    Gradient,
    /// The loss hardly falls along the direction, changed hardly, or the step was tiny.
    Change,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Lbfgs::new()
    }
}

impl Lbfgs {
    /// L-BFGS with PyTorch's defaults.
    pub fn new() -> Lbfgs {
        Lbfgs {
            core: Core::new("lbfgs", 1.0),
            most_iterations: 20,
            most_evaluations: None,
            gradient_tolerance: 1e-7,
            change_tolerance: 1e-9,
            memory: Memory::new(100),
        }
    }

    /// The same with another first step of each line search than 1.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn rate(self, rate: f64) -> Lbfgs {
        Lbfgs { core: Core::new("lbfgs", rate), ..self }
    }

    /// The same with at most so many iterations in a call.
    pub fn iterations(self, most: usize) -> Lbfgs {
        Lbfgs { most_iterations: most, ..self }
    }

    /// The same with no iteration more after so many evaluations in a call; if it is not said, 5 for 4 iterations.
    pub fn evaluations(self, most: usize) -> Lbfgs {
        Lbfgs { most_evaluations: Some(most), ..self }
    }

    /// The same with other tolerances: of the greatest number of the gradient, and of changes of loss and weights.
    ///
    /// # Panics
    /// If one is not a finite number of at least 0.
    #[track_caller]
    pub fn tolerances(self, gradient: f64, change: f64) -> Lbfgs {
        let gradient_tolerance = checked("lbfgs", "the tolerance of gradients", gradient);
        let change_tolerance = checked("lbfgs", "the tolerance of changes", change);
        Lbfgs { gradient_tolerance, change_tolerance, ..self }
    }

    /// The same with so many remembered changes, each as large as the model twice.
    ///
    /// # Panics
    /// If the number is 0.
    #[track_caller]
    pub fn history(self, n_changes: usize) -> Lbfgs {
        assert!(n_changes > 0, "lbfgs: a history of 0 changes, expected at least 1");
        Lbfgs { memory: Memory::new(n_changes), ..self }
    }

    /// Lowers a loss of the model until a tolerance or a limit is reached. A second call continues with what the first
    /// has learned of the loss. The state of layers moves with each evaluation.
    ///
    /// # Errors
    /// If a gradient is not finite where the model stands. The model has not been changed then. Where the search meets
    /// such a place further on, it turns back.
    ///
    /// # Panics
    /// If the loss does not depend on a trainable parameter, or the model is another than in an earlier call.
    #[track_caller]
    pub fn minimize<M: Module + Clone>(
        &mut self,
        model: &mut M,
        loss: impl Fn(&M) -> Tensor,
    ) -> Result<Minimum, NonFiniteGradient> {
        let (first_loss, gradients) = value_and_grad(model, &loss);
        let mut look = Look::new(&mut self.core);
        gradients.visit(&Path::root(), &mut look);
        if let Some(culprit) = look.into_culprit() {
            gradients::refuse(&mut self.core, culprit, gradients.nonfinite())?;
        }
        model.adopt(&gradients);
        let start = Point { t: 0.0, loss: first_loss.item(), gradient: flat(&*gradients), slope: 0.0 };
        let weights = flat(model);
        Ok(self.descend(start, &mut Evaluation { model, loss, weights, n: 1 }))
    }

    fn descend<M: Module + Clone, F: Fn(&M) -> Tensor>(
        &mut self,
        start: Point,
        evaluation: &mut Evaluation<'_, M, F>,
    ) -> Minimum {
        let (first_loss, mut point, mut n_iterations) = (start.loss, start, 0);
        let mut stop = self.stop(&point, (0, evaluation.n)).filter(|stop| *stop != Stop::Evaluations);
        while stop.is_none() {
            n_iterations += 1;
            let (direction, first_step) = self.memory.direction(&point.gradient, self.core.rate());
            point.slope = dot(&point.gradient, &direction);
            if point.slope.is_nan() || point.slope > -self.change_tolerance {
                stop = Some(Stop::Change);
                break;
            }
            let (before, size) = (point.loss, largest(&direction));
            let least = self.change_tolerance / size;
            point = search(point, (first_step, least), &mut |t| evaluation.at(t, &direction));
            self.memory.keep_step(point.t);
            evaluation.accept(point.t, &direction);
            let is_still = point.t <= least || (point.loss - before).abs() < self.change_tolerance;
            stop = self.stop(&point, (n_iterations, evaluation.n));
            stop = stop.or(is_still.then_some(Stop::Change));
            point.t = 0.0;
        }
        let stop = stop.expect("the loop ends with a reason");
        Minimum { first_loss, loss: point.loss, n_iterations, n_evaluations: evaluation.n, stop }
    }

    /// Why it should end here, but for changes.
    fn stop(&self, point: &Point, (n_iterations, n_evaluations): (usize, usize)) -> Option<Stop> {
        let most_evaluations = self.most_evaluations.unwrap_or(self.most_iterations * 5 / 4);
        if largest(&point.gradient) <= self.gradient_tolerance {
            Some(Stop::Gradient)
        } else if n_iterations >= self.most_iterations {
            Some(Stop::Iterations)
        } else {
            (n_evaluations >= most_evaluations).then_some(Stop::Evaluations)
        }
    }
}

/// A model, its loss, and the weights from which a search starts.
struct Evaluation<'a, M, F> {
    model: &'a mut M,
    loss: F,
    weights: Array,
    n: usize,
}

impl<M: Module + Clone, F: Fn(&M) -> Tensor> Evaluation<'_, M, F> {
    /// The loss after a step along the direction, where it leaves the model.
    fn at(&mut self, t: f64, direction: &Array) -> Point {
        self.n += 1;
        self.place(&pointwise(&Along(t), [&self.weights, direction]));
        let (loss, gradients) = value_and_grad(&*self.model, &self.loss);
        self.model.adopt(&gradients);
        let gradient = flat(&*gradients);
        Point { t, loss: loss.item(), slope: dot(&gradient, direction), gradient }
    }

    /// Takes the step.
    fn accept(&mut self, t: f64, direction: &Array) {
        self.weights = pointwise(&Along(t), [&self.weights, direction]);
        let weights = self.weights.clone();
        self.place(&weights);
    }

    fn place(&mut self, weights: &Array) {
        self.model.visit_mut(&Path::root(), &mut Place { weights, at: 0 });
    }
}

/// All trainable parameters of a model, one after the other.
fn flat(model: &impl Module) -> Array {
    let mut list = Flat(Vec::new());
    model.visit(&Path::root(), &mut list);
    let pieces: Vec<&Array> = list.0.iter().collect();
    if pieces.is_empty() { Array::zeros([0], DType::F32) } else { concat(&pieces, 0) }
}

struct Flat(Vec<Array>);

impl<'m> Visitor<'m> for Flat {
    fn param(&mut self, _: &Path<'_>, param: &'m Param) {
        if param.is_trainable() {
            self.0.push(param.array().contiguous().reshape([param.size()].into()));
        }
    }
}

/// The same way back.
struct Place<'a> {
    weights: &'a Array,
    at: usize,
}

impl VisitorMut for Place<'_> {
    fn param(&mut self, _: &Path<'_>, param: &mut Param) {
        if param.is_trainable() {
            let (shape, size) = (*param.shape(), param.size());
            let piece = self.weights.slice(0, self.at, size, 1).reshape(shape).cast(param.dtype());
            self.at += size;
            param.set(piece.into());
        }
    }
}

fn dot(x: &Array, y: &Array) -> f64 {
    total(&Product, [x, y])
}

/// The greatest size of a number; NaN if there is one.
fn largest(x: &Array) -> f64 {
    let largest = |how: Reduce| reduce(x, Axes::all(1), how).iter().next().unwrap_or(f64::NAN);
    let (most, least) = (largest(Reduce::Max), largest(Reduce::Min));
    if x.size() == 0 {
        0.0
    } else if most.abs() > least.abs() {
        most.abs()
    } else {
        least.abs()
    }
}

struct Product;

impl Term<2> for Product {
    #[inline(always)]
    fn apply<T: Float>(&self, [x, y]: [T; 2]) -> T {
        x * y
    }
}

/// `x + t d`
struct Along(f64);

impl Pointwise<2> for Along {
    #[inline(always)]
    fn apply<T: Float>(&self, [x, d]: [T; 2]) -> T {
        x + T::of(self.0) * d
    }
}
