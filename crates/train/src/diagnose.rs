//! What ails a model, asked on one batch: units that are dead or saturated, gradients that vanish or explode, updates that
//! are too large or too small, and where a NaN arises. The parts are measured in `diagnose/`; what makes a verdict of them
//! stands in `diagnose/finding.rs`.

mod finding;
mod layers;
mod log;
mod origin;
mod over_epochs;
mod picture;
mod text;
mod units;

pub use finding::Finding;
pub use layers::LayerDiagnosis;
pub use log::DiagnosisLog;
pub use units::UnitsDiagnosis;
use wengert_nn::{Layer, Loss};
use wengert_optim::{Optimizer, Train};
use wengert_tensor::{
    Module, NonFinite, Tape, Target, Tensor, value_and_grad_allowing_unreached as value_and_grad,
};

use self::layers::Backward;
use self::origin::Origins;
use crate::examples::Examples;
use crate::step::is_regularized;
use crate::{Compiled, FitError, Problem, prepare};

/// What was found out about a model on one batch. `Display` prints it within 80 columns, and
/// [`to_svg`](Diagnosis::to_svg) draws it.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    loss: f64,
    layers: Vec<LayerDiagnosis>,
    units: Vec<UnitsDiagnosis>,
    nonfinite: Option<NonFinite>,
    findings: Vec<Finding>,
}

impl Diagnosis {
    /// The loss of the batch.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The layers that have trainable parameters, in the order in which they are applied.
    pub fn layers(&self) -> &[LayerDiagnosis] {
        &self.layers
    }

    /// The activations, in the order in which they are applied.
    pub fn units(&self) -> &[UnitsDiagnosis] {
        &self.units
    }

    /// The first operation that gave a NaN or an infinity of its own, if there is one.
    pub fn nonfinite(&self) -> Option<&NonFinite> {
        self.nonfinite.as_ref()
    }

    /// What ails the model, the worst first; nothing if it is healthy.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether nothing was found.
    pub fn is_healthy(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Examines a model on a batch, by the tape of the loss. Any module will do, a struct of your own as well: activations are
/// found by their operations, wherever they are called, and named after the layer whose parameters they come from.
///
/// As in [`value_and_grad`](wengert_tensor::value_and_grad), the closure gets a copy that trains; the model is not changed.
/// A batch should have 32 rows or more: that a unit is silent on a few rows says little. It takes about three times as long
/// as a step of training, and memory for all values and all their derivatives.
///
/// Operations inside a [`checkpoint`](wengert_tensor::checkpoint) are not on the tape, and not seen.
///
/// # Panics
/// If the loss is not a scalar.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, Layer, Sequential};
/// use wengert_tensor::{Module, Rng, Tensor};
/// use wengert_train::{Finding, diagnose};
///
/// let x = Tensor::normal([64, 4], 0.0, 1.0, &mut Rng::seed(0));
/// let loss = |model: &Sequential| model.forward(&x).square().mean();
/// let mut model = Sequential::new([4]).add(Dense::units(8).relu()).add(Dense::units(1));
/// assert!(diagnose(&model, loss).is_healthy());
///
/// model.set_parameter("dense.bias", &Tensor::full([8], -100.0));
/// let diagnosis = diagnose(&model, loss);
/// assert_eq!(diagnosis.units()[0].n_dead, 8);
/// assert!(diagnosis.findings().iter().any(|finding| matches!(finding, Finding::Dead { .. })));
/// ```
#[track_caller]
pub fn diagnose<M: Module + Clone>(model: &M, loss: impl FnOnce(&M) -> Tensor) -> Diagnosis {
    examine(model, None, loss)
}

/// [`diagnose`], and how far a step of the optimizer would move each layer. The step is made on a copy; the optimizer is
/// afterwards as it was before.
///
/// # Panics
/// If the loss is not a scalar, or the optimizer has been used on a model of other parameters.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, Layer, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::{Rng, Tensor};
/// use wengert_train::diagnose_step;
///
/// let x = Tensor::normal([64, 4], 0.0, 1.0, &mut Rng::seed(0));
/// let model = Sequential::new([4]).add(Dense::units(8).relu()).add(Dense::units(1));
/// let diagnosis = diagnose_step(&model, &mut Sgd::new(0.01), |model| model.forward(&x).square().mean());
/// assert!(diagnosis.layers()[0].update_ratio.is_some_and(|ratio| ratio < 0.1));
/// ```
#[track_caller]
pub fn diagnose_step<M: Module + Clone>(
    model: &M,
    optimizer: &mut dyn Optimizer,
    loss: impl FnOnce(&M) -> Tensor,
) -> Diagnosis {
    examine(model, Some(optimizer), loss)
}

impl<M: Layer + Clone> Compiled<M> {
    /// Examines the model with its loss and optimizer on a batch: [`diagnose_step`] in one word. Nothing is changed by it;
    /// the optimizer makes a step on a copy and goes back.
    ///
    /// # Errors
    /// If the data are wrong, as for [`fit`](Compiled::fit).
    ///
    /// # Examples
    /// ```
    /// use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// use wengert_optim::Sgd;
    /// use wengert_tensor::{Rng, Tensor};
    /// use wengert_train::Compile;
    ///
    /// let x = Tensor::normal([64, 4], 0.0, 1.0, &mut Rng::seed(0));
    /// let y = x.sum_keep(1);
    /// let model = Sequential::new([4]).add(Dense::units(8).tanh()).add(Dense::units(1));
    /// let mut model = model.compile(Sgd::new(0.01), MeanSquaredError::new());
    /// let diagnosis = model.diagnose(&x, &y)?;
    /// assert!(diagnosis.is_healthy(), "{diagnosis}");
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    #[track_caller]
    pub fn diagnose(&mut self, x: &Tensor, y: impl Into<Target>) -> Result<Diagnosis, FitError> {
        let in_diagnose = |problem: Problem| problem.during("diagnose");
        let batch: Examples = self.examples(x, &y.into()).map_err(in_diagnose)?;
        Ok(examine_batch(&self.model, &mut *self.optimizer, &*self.loss, &batch))
    }
}

/// A model of any type, as callbacks see it.
pub(crate) trait Patient {
    fn module(&self) -> &dyn Module;
    fn module_mut(&mut self) -> &mut dyn Module;
    /// [`Compiled::diagnose`] of its parts.
    fn diagnose(
        &self,
        optimizer: &mut dyn Optimizer,
        loss: &dyn Loss,
        rows: (&Tensor, &Target),
    ) -> Result<Diagnosis, Problem>;
}

impl<M: Layer + Clone> Patient for M {
    fn module(&self) -> &dyn Module {
        self
    }
    fn module_mut(&mut self) -> &mut dyn Module {
        self
    }
    fn diagnose(
        &self,
        optimizer: &mut dyn Optimizer,
        loss: &dyn Loss,
        (x, y): (&Tensor, &Target),
    ) -> Result<Diagnosis, Problem> {
        let batch = prepare::rows(self, loss, x, y)?;
        Ok(examine_batch(self, optimizer, loss, &batch))
    }
}

#[track_caller]
fn examine_batch<M: Layer + Clone>(
    model: &M,
    optimizer: &mut dyn Optimizer,
    loss: &dyn Loss,
    batch: &Examples,
) -> Diagnosis {
    let is_regularized = is_regularized(model);
    examine(model, Some(optimizer), |model| {
        let value = batch.loss(loss, &model.forward_raw(&batch.x));
        if is_regularized { value + model.penalty() } else { value }
    })
}

#[track_caller]
fn examine<M: Module + Clone>(
    model: &M,
    optimizer: Option<&mut dyn Optimizer>,
    loss: impl FnOnce(&M) -> Tensor,
) -> Diagnosis {
    let mut seen = None;
    let (value, gradients) = value_and_grad(model, |copy| {
        let loss = loss(copy);
        if loss.size() == 1 {
            seen = Some(Seen::of(copy, &loss));
        }
        loss
    });
    // Without a scalar there are no gradients, and the call above has said so.
    let Some(Seen { backward, units, nonfinite, steep }) = seen else { unreachable!("a loss of one number") };
    let updated = optimizer.and_then(|optimizer| {
        let (mut moved, state) = (model.clone(), optimizer.state());
        let is_done = optimizer.try_step(&mut moved, &gradients).is_ok();
        if let Err(mismatch) = optimizer.restore(&state, model) {
            panic!("diagnose: {mismatch}");
        }
        is_done.then_some(moved)
    });
    let layers = layers::measure(model, &gradients, updated.as_ref(), &backward);
    let mut diagnosis = Diagnosis { loss: value.item(), layers, units, nonfinite, findings: Vec::new() };
    diagnosis.findings = finding::all(&diagnosis, steep);
    diagnosis
}

/// What only the tape knows.
struct Seen {
    backward: Backward,
    units: Vec<UnitsDiagnosis>,
    nonfinite: Option<NonFinite>,
    /// The operation whose slope is the first, on the way back, that is not finite, though all values are.
    steep: Option<Finding>,
}

impl Seen {
    #[track_caller]
    fn of<M: Module>(model: &M, loss: &Tensor) -> Seen {
        let tape = Tape::of(loss);
        let (operations, derivatives) = (tape.operations(), tape.derivatives());
        let origins = Origins::of(model, &tape, &operations);
        let nonfinite = tape.first_nonfinite();
        let steep = if nonfinite.is_none() { finding::steep(&operations, &derivatives) } else { None };
        Seen {
            backward: Backward::of(&origins, &derivatives),
            units: units::measure(&tape, &operations, &origins),
            nonfinite,
            steep,
        }
    }
}
