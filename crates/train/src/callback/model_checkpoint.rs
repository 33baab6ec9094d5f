//! Files of a model while it trains.

use std::path::PathBuf;

use super::monitor::Monitor;
use super::template::Template;
use super::{Callback, Mode, Run};

/// Writes the model to a file after every epoch, or after those that are better than all before.
///
/// The name of the file may hold the number of the epoch and the values of the epoch, as in
/// `{epoch:02}-{val_loss:.2}.safetensors`: a width, which a 0 before it fills with zeros, and the number of decimals. It
/// ends in `.safetensors`. A file of the same name is replaced when the new one is whole.
///
/// What is written is all that training needs to go on: see
/// [`Compiled::load_checkpoint`](crate::Compiled::load_checkpoint). The model alone can be read from it too, with
/// [`wengert_io::load_parameters`].
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Adam;
/// use wengert_tensor::Tensor;
/// use wengert_train::{Compile, Fit, ModelCheckpoint};
///
/// let folder = tempfile::tempdir()?;
/// let x = Tensor::from([[0.0], [1.0]]);
/// let model = || Sequential::new([1]).add(Dense::units(1)).compile(Adam::default(), MeanSquaredError::new());
/// let checkpoint = ModelCheckpoint::new(folder.path().join("{epoch:02}-{loss:.2}.safetensors")).monitor("loss");
/// let mut first = model();
/// let history = first.fit(&x, &x, Fit::epochs(3).callback(checkpoint).verbose(0))?;
///
/// let mut second = model();
/// second.load_checkpoint(folder.path().join(format!("03-{:.2}.safetensors", history.last("loss"))))?;
/// assert_eq!(second.predict(&x)?.to_vec::<f32>(), first.predict(&x)?.to_vec::<f32>());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ModelCheckpoint {
    path: PathBuf,
    monitor: Monitor,
    only_best: bool,
    only_weights: bool,
    every: usize,
    template: Option<Template>,
    best: Option<f64>,
}

impl ModelCheckpoint {
    /// After every epoch, to a file of this name.
    pub fn new(path: impl Into<PathBuf>) -> ModelCheckpoint {
        ModelCheckpoint {
            path: path.into(),
            monitor: Monitor::new(0.0),
            only_best: false,
            only_weights: false,
            every: 1,
            template: None,
            best: None,
        }
    }

    /// Watches the value of this name in the place of `val_loss`. It matters with
    /// [`save_best_only`](ModelCheckpoint::save_best_only) alone.
    pub fn monitor(mut self, name: impl Into<String>) -> ModelCheckpoint {
        self.monitor.name = name.into();
        self
    }

    /// Says whether smaller or larger is better, where the metric does not.
    pub fn mode(mut self, mode: Mode) -> ModelCheckpoint {
        self.monitor.mode = mode;
        self
    }

    /// Writes only after an epoch that is better than all before. A NaN is never better.
    pub fn save_best_only(self) -> ModelCheckpoint {
        ModelCheckpoint { only_best: true, ..self }
    }

    /// Writes parameters and state of the model, and nothing of the optimizer.
    pub fn save_weights_only(self) -> ModelCheckpoint {
        ModelCheckpoint { only_weights: true, ..self }
    }

    /// Looks only at every so many epochs.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn every(self, n_epochs: usize) -> ModelCheckpoint {
        assert!(n_epochs > 0, "model_checkpoint: every 0 epochs, expected at least 1");
        ModelCheckpoint { every: n_epochs, ..self }
    }

    fn write(&self, run: &Run<'_>) -> Result<(), String> {
        let Some(template) = &self.template else { return Ok(()) };
        let number = |name: &str| if name == "epoch" { Some(run.epoch() as f64) } else { run.value(name) };
        let path = template.fill(number);
        let written = if self.only_weights {
            wengert_io::save_parameters(run.model(), &path)
        } else {
            wengert_io::save_checkpoint(run.model(), run.optimizer(), run.n_passes, &path)
        };
        written.map_err(|error| error.to_string())
    }
}

impl Callback for ModelCheckpoint {
    fn name(&self) -> &str {
        "model_checkpoint"
    }

    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.best = None;
        if self.only_best {
            self.monitor.begin(run)?;
        }
        let path = self.path.to_str().ok_or_else(|| format!("the path {:?} is no text", self.path))?;
        let template = Template::parse(path)?;
        if let Some(name) = template.unknown(|name| name == "epoch" || run.names().iter().any(|n| n == name))
        {
            let names = run.names().join(", ");
            return Err(format!("there is no `{name}` for the name of the file, only epoch, {names}"));
        }
        self.template = Some(template);
        Ok(())
    }

    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        if !run.epoch().is_multiple_of(self.every) {
            return Ok(());
        }
        if self.only_best {
            let value = self.monitor.value(run).filter(|&value| self.monitor.is_better(value, self.best));
            let Some(value) = value else { return Ok(()) };
            self.best = Some(value);
        }
        self.write(run)
    }
}
