//! The training loop: epochs, batches, and the callbacks between them. A step stands in `step.rs`.

use wengert_nn::Layer;

use crate::callback::{Known, Place};
use crate::examples::Examples;
use crate::meter::Meter;
use crate::progress::Progress;
use crate::source::{Pass, Source};
use crate::{Callback, Compiled, Fit, History, Problem, Run, classes};

/// A training that is going on.
pub(crate) struct Session<'a, M> {
    compiled: &'a mut Compiled<M>,
    fit: &'a Fit,
    callbacks: Vec<Box<dyn Callback>>,
    place: Place,
    meter: Meter,
    /// The values of the epoch that is over.
    values: Vec<f64>,
    history: History,
    progress: Progress,
}

/// One of the points at which callbacks are called.
type Hook = fn(&mut dyn Callback, &mut Run<'_>) -> Result<(), String>;

/// Which values there are at a point.
#[derive(Clone, Copy)]
enum Stage {
    Nothing,
    Running,
    Epoch,
}

impl<'a, M: Layer + Clone> Session<'a, M> {
    /// A training that is about to begin, with batches of their own for `n_steps` of an epoch if it is known.
    pub(crate) fn new(
        compiled: &'a mut Compiled<M>,
        fit: &'a Fit,
        source: &dyn Source,
        has_validation: bool,
    ) -> Session<'a, M> {
        let n_steps = fit.steps_per_epoch.or(source.n_batches());
        let mut names = compiled.names_and_better("");
        if has_validation {
            names.extend(compiled.names_and_better("val_"));
        }
        Session {
            callbacks: fit.callbacks.clone(),
            place: Place { n_epochs: fit.epochs, n_steps, ..Place::default() },
            meter: Meter::new(compiled.metrics.len()),
            values: Vec::with_capacity(names.len()),
            history: History::new(names, fit.initial_epoch + 1),
            progress: Progress::new(fit, n_steps),
            compiled,
            fit,
        }
    }

    /// Tells the user, in the history and on the standard error.
    pub(crate) fn warn(&mut self, warning: Option<String>) {
        if let Some(warning) = warning {
            self.progress.warn(&warning);
            self.history.warn(warning);
        }
    }

    /// Trains to the end.
    #[track_caller]
    pub(crate) fn run(
        mut self,
        source: &dyn Source,
        validation: Option<&dyn Source>,
    ) -> Result<History, Problem> {
        self.call(Stage::Nothing, |callback, run| callback.train_begin(run))?;
        let mut pass = None;
        for epoch in self.fit.initial_epoch + 1..=self.fit.epochs {
            if self.place.stop.is_none() {
                (self.place.epoch, self.place.step) = (epoch, 0);
                self.call(Stage::Nothing, |callback, run| callback.epoch_begin(run))?;
            }
            if self.place.stop.is_some() {
                break;
            }
            self.progress.begin(epoch);
            self.train_epoch(source, &mut pass)?;
            self.end_epoch(validation)?;
        }
        self.call(Stage::Epoch, |callback, run| callback.train_end(run))?;
        if let Some(reason) = self.place.stop {
            self.history.stop(reason);
        }
        if let Some(stopped) = self.history.stopped() {
            self.progress.say(&format!("stopped after epoch {}: {}", stopped.epoch, stopped.reason));
        }
        Ok(self.history)
    }

    #[track_caller]
    fn train_epoch<'s>(
        &mut self,
        source: &'s dyn Source,
        pass: &mut Option<Pass<'s>>,
    ) -> Result<(), Problem> {
        self.meter.clear();
        while self.place.stop.is_none() && self.fit.steps_per_epoch != Some(self.place.step) {
            let Some(batch) = self.next_batch(source, pass)? else { break };
            self.place.step += 1;
            self.call(Stage::Nothing, |callback, run| callback.batch_begin(run))?;
            self.train_batch(&batch)?;
        }
        if self.place.step == 0 { Err(Problem::NoBatches) } else { Ok(()) }
    }

    /// The next batch of the pass. Where an epoch is a number of batches, a new pass follows the one that ended.
    #[track_caller]
    fn next_batch<'s>(
        &mut self,
        source: &'s dyn Source,
        pass: &mut Option<Pass<'s>>,
    ) -> Result<Option<Examples>, Problem> {
        for _old_and_new in 0..2 {
            let batches = match pass {
                Some(batches) => batches,
                None => {
                    let batches = source.pass(self.compiled.n_epochs)?;
                    self.compiled.n_epochs += 1;
                    pass.insert(batches)
                }
            };
            if let Some(batch) = batches.next() {
                let batch = batch?;
                return Ok(Some(if source.is_checked() {
                    batch
                } else {
                    classes::weighted(self.compiled.checked(batch)?, &self.fit.class_weights)?
                }));
            }
            *pass = None;
            if self.fit.steps_per_epoch.is_none() {
                break;
            }
        }
        Ok(None)
    }

    #[track_caller]
    fn train_batch(&mut self, batch: &Examples) -> Result<(), Problem> {
        match self.compiled.step(batch, &mut self.meter) {
            Ok(step) => (self.place.batch_loss, self.place.culprit) = (step.loss, step.culprit),
            Err(problem) => return self.forgive(problem),
        }
        let (names, meter, metrics) = (self.history.names(), &self.meter, &self.compiled.metrics);
        let scores = || names.iter().map(String::as_str).zip(meter.values(metrics));
        self.progress.step(self.place.step, scores);
        self.call(Stage::Running, |callback, run| callback.batch_end(run))
    }

    /// Ends the training without an error where a callback says so.
    fn forgive(&mut self, problem: Problem) -> Result<(), Problem> {
        let Problem::NonFinite(error) = &problem else { return Err(problem) };
        let Session { compiled, callbacks, place, history, meter, .. } = self;
        let known = Known::Running(meter);
        let mut run = compiled.run(place, history, known);
        for callback in callbacks {
            callback.nonfinite(error, &mut run);
        }
        if self.place.stop.is_some() { Ok(()) } else { Err(problem) }
    }

    #[track_caller]
    fn end_epoch(&mut self, validation: Option<&dyn Source>) -> Result<(), Problem> {
        self.values.clear();
        self.values.extend(self.meter.values(&self.compiled.metrics));
        if let Some(validation) = validation {
            let names = self.history.names().iter().map(String::as_str);
            self.progress.validate(names.zip(self.values.iter().copied()));
            let meter = self.compiled.measure(validation)?;
            self.values.extend(meter.values(&self.compiled.metrics));
        }
        self.history.push(&self.values, self.compiled.optimizer.learning_rate());
        let names = self.history.names().iter().map(String::as_str);
        self.progress.end(names.zip(self.values.iter().copied()));
        self.call(Stage::Epoch, |callback, run| callback.epoch_end(run))
    }

    /// Calls all callbacks at one point.
    fn call(&mut self, stage: Stage, hook: Hook) -> Result<(), Problem> {
        let Session { compiled, callbacks, place, history, meter, values, .. } = self;
        let known = match stage {
            Stage::Nothing => Known::Nothing,
            Stage::Running => Known::Running(meter),
            Stage::Epoch => Known::Epoch(values),
        };
        let mut run = compiled.run(place, history, known);
        for callback in callbacks {
            if let Err(message) = hook(&mut **callback, &mut run) {
                return Err(Problem::Callback { name: callback.name().to_string(), message });
            }
        }
        Ok(())
    }
}

impl<M: Layer + Clone> Compiled<M> {
    /// What is reported, and whether larger is better.
    fn names_and_better(&self, prefix: &str) -> Vec<(String, Option<bool>)> {
        let metrics = self.metrics.iter().map(|reported| reported.metric.is_larger_better());
        let better = std::iter::once(Some(false)).chain(metrics);
        self.names().map(|name| format!("{prefix}{name}")).zip(better).collect()
    }

    fn run<'a>(&'a mut self, place: &'a mut Place, history: &'a History, known: Known<'a>) -> Run<'a> {
        Run {
            model: &mut self.model,
            optimizer: &mut *self.optimizer,
            loss: &*self.loss,
            metrics: &self.metrics,
            n_passes: self.n_epochs,
            place,
            history,
            known,
        }
    }
}
