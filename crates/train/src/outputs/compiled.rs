//! Training, judging and asking a model with several outputs: the calls of [`Compiled`] with targets and outputs by name.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use wengert_nn::{Loss, Reduction};
use wengert_optim::Optimizer;
use wengert_tensor::{Target, Tensor};

use super::joined::Joined;
use super::judges::{JointLoss, OfOutput};
use super::layout::Layout;
use super::{Head, MultiOutput, NamedTargets};
use crate::{Compile, Compiled, Evaluation, Fit, FitError, History, Problem};

/// A model with several outputs, an optimizer, and what judges each output: what
/// [`compile_outputs`](super::CompileOutputs::compile_outputs) gives. It reads as the model.
#[derive(Debug)]
pub struct CompiledOutputs<M> {
    compiled: Compiled<Joined<M>>,
    /// What targets must fit, in the order of the outputs.
    losses: Vec<Arc<dyn Loss>>,
}

impl<M: MultiOutput + Clone + 'static> CompiledOutputs<M> {
    #[track_caller]
    pub(super) fn new(
        model: M,
        optimizer: impl Optimizer + 'static,
        layout: Layout,
        mut heads: Vec<Head>,
    ) -> CompiledOutputs<M> {
        let layout = Arc::new(layout);
        heads.sort_by_key(|head| layout.parts.iter().position(|part| part.name == head.name));
        for head in &heads {
            let reduction = head.loss.reduction();
            assert!(
                reduction == Reduction::Mean,
                "compile_outputs: the loss of `{}` is reduced by {reduction:?}, expected Mean",
                head.name
            );
        }
        let losses = heads.iter().map(|head| (Arc::clone(&head.loss), head.weight)).collect();
        let loss = JointLoss { layout: Arc::clone(&layout), losses };
        let mut compiled = Joined { model, layout: Arc::clone(&layout) }.compile(optimizer, loss);
        for (head, part) in heads.iter().zip(&layout.parts) {
            let (name, judge) = (format!("{}_loss", head.name), Arc::clone(&head.loss));
            compiled = compiled.metric(OfOutput { name, part: part.clone(), judge });
        }
        for (head, part) in heads.iter_mut().zip(&layout.parts) {
            for judge in std::mem::take(&mut head.metrics) {
                let name = format!("{}_{}", head.name, judge.name());
                compiled = compiled.metric(OfOutput { name, part: part.clone(), judge });
            }
        }
        let losses = heads.into_iter().map(|head| head.loss).collect();
        CompiledOutputs { compiled, losses }
    }

    /// Targets by name as one, for [`Fit::validation`].
    ///
    /// # Errors
    /// If there is not one for each output, they differ in their number of rows, or one does not fit its loss.
    pub fn targets(&self, targets: impl Into<NamedTargets>) -> Result<Target, FitError> {
        self.joined(targets.into()).map_err(|problem| problem.during("targets"))
    }

    fn joined(&self, targets: NamedTargets) -> Result<Target, Problem> {
        self.compiled.model().layout.joined(&targets, &self.losses)
    }

    /// Trains the model on rows `x` and a target for each output: see [`Compiled::fit`].
    ///
    /// # Errors
    /// As there, and for targets as for [`targets`](CompiledOutputs::targets). Weights of classes and splits by class are
    /// refused: which output would they be of?
    #[track_caller]
    pub fn fit(&mut self, x: &Tensor, y: impl Into<NamedTargets>, fit: Fit) -> Result<History, FitError> {
        let y = self.joined(y.into()).map_err(|problem| problem.during("fit"))?;
        for (is_asked, purpose) in
            [(!fit.class_weights.is_empty(), "class_weights"), (fit.is_stratified, "stratified")]
        {
            if is_asked {
                let message = "there are several targets, expected one".to_string();
                return Err(Problem::Classes { purpose, message }.during("fit"));
            }
        }
        self.compiled.fit(x, y, fit)
    }

    /// Takes one step: see [`Compiled::train_on_batch`].
    ///
    /// # Errors
    /// As there, and for targets as for [`targets`](CompiledOutputs::targets).
    #[track_caller]
    pub fn train_on_batch(&mut self, x: &Tensor, y: impl Into<NamedTargets>) -> Result<Evaluation, FitError> {
        let y = self.joined(y.into()).map_err(|problem| problem.during("train_on_batch"))?;
        self.compiled.train_on_batch(x, y)
    }

    /// The loss, that of each output, and the metrics: see [`Compiled::evaluate`].
    ///
    /// # Errors
    /// As there, and for targets as for [`targets`](CompiledOutputs::targets).
    #[track_caller]
    pub fn evaluate(&self, x: &Tensor, y: impl Into<NamedTargets>) -> Result<Evaluation, FitError> {
        let y = self.joined(y.into()).map_err(|problem| problem.during("evaluate"))?;
        self.compiled.evaluate(x, y)
    }

    /// The outputs for rows `x`, by name: see [`Compiled::predict`].
    ///
    /// # Errors
    /// As there.
    #[track_caller]
    pub fn predict(&self, x: &Tensor) -> Result<BTreeMap<String, Tensor>, FitError> {
        let all = self.compiled.predict(x)?;
        let parts = &self.compiled.model().layout.parts;
        Ok(parts.iter().map(|part| (part.name.clone(), part.output(&all).raw)).collect())
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.compiled.model().model
    }

    /// The model, to be changed.
    pub fn model_mut(&mut self) -> &mut M {
        &mut self.compiled.model_mut().model
    }

    /// The model alone.
    pub fn into_model(self) -> M {
        self.compiled.into_model().model
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &dyn Optimizer {
        self.compiled.optimizer()
    }

    /// The optimizer, to change its learning rate for example.
    pub fn optimizer_mut(&mut self) -> &mut dyn Optimizer {
        self.compiled.optimizer_mut()
    }
}

impl<M> Deref for CompiledOutputs<M> {
    type Target = M;
    fn deref(&self) -> &M {
        self.compiled.model()
    }
}
