//! Event files for TensorBoard. Their bytes stand in `tensor_board/`.

mod event;
mod record;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Callback, Run};

/// Writes event files that TensorBoard shows, in the layout of Keras' callback of this name: `tensorboard --logdir logs`.
///
/// In the folder there will be a run `train` and, with validation, a run `validation`, so that both curves lie in one chart.
///
/// | tag | in | at step |
/// |---|---|---|
/// | `epoch_loss`, `epoch_accuracy` and so on | both | the epoch, from 1 (in Keras from 0) |
/// | `epoch_learning_rate` | `train` | the epoch |
/// | `batch_loss` and so on, with [`update_freq`](TensorBoard::update_freq) | `train` | the batch, over all epochs |
/// | `dense/weight/histogram` and so on, with [`histogram_freq`](TensorBoard::histogram_freq) | `train` | the epoch |
///
/// Numbers are written as `f32`, as in Keras, and each event when it happens, so that a training can be followed. A training
/// that uses the same folder again adds files to it: give each a folder of its own, in a common one, to see them side by side.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::Tensor;
/// use wengert_train::{Compile, Fit, TensorBoard};
///
/// let logs = tempfile::tempdir()?;
/// let x = Tensor::from([[0.0], [1.0], [2.0], [3.0]]);
/// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::new(0.1), MeanSquaredError::new());
/// let board = TensorBoard::new(logs.path().join("rate 0.1")).histogram_freq(1);
/// model.fit(&x, &x, Fit::epochs(3).validation_split(0.25).callback(board).verbose(0))?;
/// assert!(logs.path().join("rate 0.1/train").is_dir() && logs.path().join("rate 0.1/validation").is_dir());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Keras 3, `keras.callbacks.TensorBoard`; TensorBoard, `tensorboard.plugins.scalar` and `tensorboard.plugins.histogram`.
#[derive(Clone, Debug)]
pub struct TensorBoard {
    folder: PathBuf,
    update_freq: Option<usize>,
    histogram_freq: Option<usize>,
    train: Option<EventFile>,
    validation: Option<EventFile>,
    /// Batches so far, over all epochs.
    n_batches: usize,
}

impl TensorBoard {
    /// Into this folder, which is made if it is not there.
    pub fn new(folder: impl Into<PathBuf>) -> TensorBoard {
        TensorBoard {
            folder: folder.into(),
            update_freq: None,
            histogram_freq: None,
            train: None,
            validation: None,
            n_batches: 0,
        }
    }

    /// Writes the values of the epoch so far too, after every so many batches.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn update_freq(self, n_batches: usize) -> TensorBoard {
        assert!(n_batches > 0, "tensor_board: every 0 batches, expected at least 1");
        TensorBoard { update_freq: Some(n_batches), ..self }
    }

    /// Writes how the numbers of each parameter are distributed, after every so many epochs.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn histogram_freq(self, n_epochs: usize) -> TensorBoard {
        assert!(n_epochs > 0, "tensor_board: histograms every 0 epochs, expected at least 1");
        TensorBoard { histogram_freq: Some(n_epochs), ..self }
    }

    fn write_epoch(&self, run: &Run<'_>) -> Result<(), String> {
        let tagged = |name: &str, value: f64| (format!("epoch_{name}"), value);
        let (mut train, mut validation) = (Vec::new(), Vec::new());
        for (name, value) in run.values() {
            match name.strip_prefix("val_") {
                Some(name) if self.validation.is_some() => validation.push(tagged(name, value)),
                _ => train.push(tagged(name, value)),
            }
        }
        train.extend(run.history().learning_rates().last().map(|&rate| tagged("learning_rate", rate)));
        for (file, values) in [(&self.train, train), (&self.validation, validation)] {
            let Some(file) = file else { continue };
            let values = values.iter().map(|(tag, value)| (tag.as_str(), *value));
            file.add(&event::scalars(now(), run.epoch(), values))?;
        }
        Ok(())
    }

    fn write_histograms(&self, run: &Run<'_>) -> Result<(), String> {
        let Some(file) = &self.train else { return Ok(()) };
        // One event for each: those of a large model would be a large one together.
        for (name, param) in run.model().parameters() {
            let tag = format!("{}/histogram", name.replace('.', "/"));
            let buckets = event::buckets(&param.to_vec::<f64>());
            file.add(&event::histograms(now(), run.epoch(), [(tag.as_str(), buckets)]))?;
        }
        Ok(())
    }
}

impl Callback for TensorBoard {
    fn name(&self) -> &str {
        "tensor_board"
    }

    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        let is_validated = run.names().iter().any(|name| name == "val_loss");
        self.train = Some(EventFile::create(&self.folder.join("train"))?);
        self.validation =
            if is_validated { Some(EventFile::create(&self.folder.join("validation"))?) } else { None };
        // A training that goes on counts on, where it is known from where.
        self.n_batches = run.n_steps().unwrap_or(0) * (run.history().first_epoch() - 1);
        Ok(())
    }

    fn batch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.n_batches += 1;
        let Some((file, n)) = self.train.as_ref().zip(self.update_freq) else { return Ok(()) };
        if !self.n_batches.is_multiple_of(n) {
            return Ok(());
        }
        let values: Vec<(String, f64)> =
            run.values().map(|(name, value)| (format!("batch_{name}"), value)).collect();
        let values = values.iter().map(|(tag, value)| (tag.as_str(), *value));
        file.add(&event::scalars(now(), self.n_batches, values))
    }

    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.write_epoch(run)?;
        match self.histogram_freq {
            Some(n) if run.epoch().is_multiple_of(n) => self.write_histograms(run),
            _ => Ok(()),
        }
    }

    fn train_end(&mut self, _: &mut Run<'_>) -> Result<(), String> {
        (self.train, self.validation) = (None, None);
        Ok(())
    }
}

/// A file of events that grows.
#[derive(Clone, Debug)]
struct EventFile {
    path: PathBuf,
    file: Arc<File>,
}

impl EventFile {
    /// A new file in a folder, by a name that no other has: its second, its process and its number in that.
    fn create(folder: &Path) -> Result<EventFile, String> {
        static N_FILES: AtomicU64 = AtomicU64::new(0);
        let number = N_FILES.fetch_add(1, Ordering::Relaxed);
        let name =
            format!("events.out.tfevents.{:010.0}.wengert.{}.{number}.v2", now().floor(), std::process::id());
        let path = folder.join(name);
        let open = || {
            fs::create_dir_all(folder)?;
            OpenOptions::new().append(true).create_new(true).open(&path)
        };
        let file = open().map_err(|error| failed(&path, &error))?;
        let file = EventFile { path, file: Arc::new(file) };
        file.add(&event::first(now()))?;
        Ok(file)
    }

    fn add(&self, event: &[u8]) -> Result<(), String> {
        (&*self.file).write_all(&record::framed(event)).map_err(|error| failed(&self.path, &error))
    }
}

fn failed(path: &Path, error: &io::Error) -> String {
    format!("the file cannot be written\n  file  {}\n  {error}", path.display())
}

/// Seconds since 1970, by which TensorBoard can lay out what happened; 0 on a machine whose clock is before.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}
