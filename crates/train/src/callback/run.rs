//! A training as its callbacks see it.

use wengert_nn::Loss;
use wengert_optim::Optimizer;
use wengert_tensor::{Module, NonFinite, Target, Tensor};

use crate::diagnose::Patient;
use crate::meter::{Meter, Reported};
use crate::{Diagnosis, History, Problem};

/// A training that is going on: what a [`Callback`](crate::Callback) may look at and change.
pub struct Run<'a> {
    pub(crate) model: &'a mut dyn Patient,
    pub(crate) optimizer: &'a mut dyn Optimizer,
    pub(crate) loss: &'a dyn Loss,
    pub(crate) metrics: &'a [Reported],
    /// How often the data have been gone through, over all calls of `fit`; what checkpoints keep.
    pub(crate) n_passes: u64,
    pub(crate) place: &'a mut Place,
    pub(crate) history: &'a History,
    pub(crate) known: Known<'a>,
}

/// How far a training has come.
#[derive(Debug, Default)]
pub(crate) struct Place {
    pub(crate) epoch: usize,
    pub(crate) n_epochs: usize,
    pub(crate) step: usize,
    pub(crate) n_steps: Option<usize>,
    pub(crate) batch_loss: f64,
    pub(crate) culprit: Option<Box<NonFinite>>,
    pub(crate) stop: Option<String>,
}

/// The values that there are at a point.
#[derive(Clone, Copy)]
pub(crate) enum Known<'a> {
    Nothing,
    /// Those of the epoch so far.
    Running(&'a Meter),
    /// Those of the epoch, validation included.
    Epoch(&'a [f64]),
}

impl Run<'_> {
    /// The number of the epoch, from 1, as in the output of `fit`. (Keras counts from 0 in callbacks, and from 1 elsewhere.)
    pub fn epoch(&self) -> usize {
        self.place.epoch
    }

    /// The number of the last epoch, if nothing ends the training before.
    pub fn n_epochs(&self) -> usize {
        self.place.n_epochs
    }

    /// The number of the batch in its epoch, from 1; 0 before the first.
    pub fn step(&self) -> usize {
        self.place.step
    }

    /// The number of batches of an epoch, if it is known.
    pub fn n_steps(&self) -> Option<usize> {
        self.place.n_steps
    }

    /// The loss of the last batch alone.
    pub fn batch_loss(&self) -> f64 {
        self.place.batch_loss
    }

    /// Where the NaN or infinity in the loss of the last batch came from, if it holds one.
    pub fn culprit(&self) -> Option<&NonFinite> {
        self.place.culprit.as_deref()
    }

    /// What is reported: `loss`, the metrics, then the same with `val_` before it if there is validation.
    pub fn names(&self) -> &[String] {
        self.history.names()
    }

    /// The value of a name: after a batch that of the epoch so far, after an epoch that of the epoch.
    pub fn value(&self, name: &str) -> Option<f64> {
        let place = self.names().iter().position(|other| other == name)?;
        match self.known {
            Known::Nothing => None,
            Known::Running(meter) => meter.value(place, self.metrics),
            Known::Epoch(values) => values.get(place).copied(),
        }
    }

    /// All names that have a value, with it.
    pub fn values(&self) -> impl Iterator<Item = (&str, f64)> {
        self.names().iter().filter_map(|name| Some((name.as_str(), self.value(name)?)))
    }

    /// Whether more is better of what has this name, if that is known.
    pub fn is_larger_better(&self, name: &str) -> Option<bool> {
        match name.strip_prefix("val_").unwrap_or(name) {
            "loss" => Some(false),
            name => {
                let reported = self.metrics.iter().find(|reported| reported.metric.name() == name)?;
                reported.metric.is_larger_better()
            }
        }
    }

    /// The epochs so far.
    pub fn history(&self) -> &History {
        self.history
    }

    /// The model.
    pub fn model(&self) -> &dyn Module {
        self.model.module()
    }

    /// The model, to be changed.
    pub fn model_mut(&mut self) -> &mut dyn Module {
        self.model.module_mut()
    }

    /// Examines the model with its loss and optimizer on a batch, which changes nothing: see
    /// [`Compiled::diagnose`](crate::Compiled::diagnose). For diagnoses over a training there is
    /// [`DiagnosisLogger`](crate::DiagnosisLogger).
    ///
    /// # Errors
    /// If the data are wrong, as for [`fit`](crate::Compiled::fit).
    pub fn diagnose(&mut self, x: &Tensor, y: &Target) -> Result<Diagnosis, Problem> {
        self.model.diagnose(self.optimizer, self.loss, (x, y))
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &dyn Optimizer {
        self.optimizer
    }

    /// The optimizer, to change its learning rate for example.
    pub fn optimizer_mut(&mut self) -> &mut dyn Optimizer {
        self.optimizer
    }

    /// Ends the training after this batch, or this epoch, and tells why in the history. What has been trained stays; an
    /// epoch that is cut short is reported with what there was of it.
    pub fn stop(&mut self, reason: impl Into<String>) {
        self.place.stop.get_or_insert(reason.into());
    }

    /// Whether the training is about to end early.
    pub fn is_stopping(&self) -> bool {
        self.place.stop.is_some()
    }
}
