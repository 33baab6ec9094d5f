//! A model together with what trains and judges it. The training itself stands in `training.rs`.

use std::ops::Deref;

use wengert_nn::{Layer, Loss};
use wengert_optim::Optimizer;

use crate::Metric;
use crate::meter::Reported;

/// Gives a model an optimizer and a loss, after which it can be trained. Every [`Layer`] that is `Clone` has it.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_train::{Compile, MeanAbsoluteError};
///
/// let model = Sequential::new([3])
///     .add(Dense::units(1))
///     .compile(Sgd::default(), MeanSquaredError::new())
///     .metric(MeanAbsoluteError);
/// assert_eq!(model.summary().n_parameters(), 4);
/// ```
pub trait Compile: Layer + Clone + Sized {
    /// The model with its optimizer and loss.
    fn compile(self, optimizer: impl Optimizer + 'static, loss: impl Loss + 'static) -> Compiled<Self> {
        Compiled {
            model: self,
            optimizer: Box::new(optimizer),
            loss: Box::new(loss),
            metrics: Vec::new(),
            n_epochs: 0,
        }
    }
}

impl<M: Layer + Clone> Compile for M {}

/// A model with an optimizer, a loss, and metrics: what [`Compile::compile`] gives. It reads as the model.
#[derive(Debug)]
pub struct Compiled<M> {
    pub(crate) model: M,
    pub(crate) optimizer: Box<dyn Optimizer>,
    pub(crate) loss: Box<dyn Loss>,
    pub(crate) metrics: Vec<Reported>,
    /// Passes over the data that have begun so far, which number the streams that shuffle: one for each epoch, unless an
    /// epoch is a number of steps.
    pub(crate) n_epochs: u64,
}

impl<M> Compiled<M> {
    /// The same with a metric more, to be reported beside the loss.
    ///
    /// # Panics
    /// If there is a metric of that name already.
    #[track_caller]
    pub fn metric(mut self, metric: impl Metric + 'static) -> Self {
        self.report(Box::new(metric), false);
        self
    }

    /// The same with a metric more in which rows count by their weights, where [`fit`](Compiled::fit) has any: those of
    /// [`Fit::sample_weights`](crate::Fit::sample_weights).
    ///
    /// # Panics
    /// If there is a metric of that name already, or the metric cannot tell rows apart.
    #[track_caller]
    pub fn weighted_metric(mut self, metric: impl Metric + 'static) -> Self {
        let name = metric.name();
        assert!(metric.takes_weights(), "weighted_metric: `{name}` takes no weights; see `Custom::rows`");
        self.report(Box::new(metric), true);
        self
    }

    #[track_caller]
    fn report(&mut self, metric: Box<dyn Metric>, is_weighted: bool) {
        let name = metric.name();
        assert!(!self.names().any(|other| other == name), "metric: there is a `{name}` already");
        self.metrics.push(Reported { metric, is_weighted });
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The model, to be changed.
    pub fn model_mut(&mut self) -> &mut M {
        &mut self.model
    }

    /// The model alone.
    pub fn into_model(self) -> M {
        self.model
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &dyn Optimizer {
        &*self.optimizer
    }

    /// The optimizer, to change its learning rate for example.
    pub fn optimizer_mut(&mut self) -> &mut dyn Optimizer {
        &mut *self.optimizer
    }

    /// What is reported: `loss`, then the metrics.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once("loss").chain(self.metrics.iter().map(|reported| reported.metric.name()))
    }
}

impl<M> Deref for Compiled<M> {
    type Target = M;
    fn deref(&self) -> &M {
        &self.model
    }
}
