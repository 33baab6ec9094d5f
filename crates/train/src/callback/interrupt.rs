//! The end of a training when the user asks for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use super::{Callback, Run};

/// Ends the training after the batch that is running when the user asks for it, with the weights as they are then, and a
/// history that says so in [`History::stopped`](crate::History::stopped).
///
/// A library must not take Ctrl-C from a program that did not ask for it. So this is a callback:
///
/// - [`Interrupt::ctrl_c`] listens to Ctrl-C while `fit` runs. The first ends the training; the second, before it has ended,
///   ends the program, as does each Ctrl-C when no training listens (with the code 130, as shells say it).
///   A program that handles Ctrl-C itself, or ignores it, keeps that: then this does nothing.
/// - [`Interrupt::by`] looks at a flag, which such a program sets, or a button, or another thread.
///
/// What the epoch had so far is validated and reported, as for every training that is stopped.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::Tensor;
/// use wengert_train::{Compile, Fit, Interrupt, On};
///
/// let x = Tensor::from([[0.0], [1.0]]);
/// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::default(), MeanSquaredError::new());
///
/// let button = Arc::new(AtomicBool::new(false));
/// let pressed = Arc::clone(&button);
/// let press = On::batch_end(move |run| pressed.store(run.epoch() == 3, Ordering::Relaxed));
/// let fit = Fit::epochs(1000).callback(press).callback(Interrupt::by(button)).callback(Interrupt::ctrl_c());
/// let history = model.fit(&x, &x, fit.verbose(0))?;
/// let stopped = history.stopped().expect("the button was pressed");
/// assert_eq!((stopped.epoch, stopped.reason.as_str()), (3, "interrupt: asked for by the program"));
/// # Ok::<(), wengert_train::FitError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Interrupt {
    source: Source,
    asked: Arc<AtomicBool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    CtrlC,
    Program,
}

impl Interrupt {
    /// By Ctrl-C.
    pub fn ctrl_c() -> Interrupt {
        Interrupt { source: Source::CtrlC, asked: Arc::default() }
    }

    /// By a flag that is set. It is not taken back: who uses it again takes it back first.
    pub fn by(flag: Arc<AtomicBool>) -> Interrupt {
        Interrupt { source: Source::Program, asked: flag }
    }

    fn look(&self, run: &mut Run<'_>) {
        if self.asked.load(Ordering::Relaxed) {
            run.stop(match self.source {
                Source::CtrlC => "interrupt: Ctrl-C",
                Source::Program => "interrupt: asked for by the program",
            });
        }
    }
}

impl Callback for Interrupt {
    fn name(&self) -> &str {
        "interrupt"
    }

    fn train_begin(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        if self.source == Source::CtrlC {
            // A flag of this training alone, which nobody listens with any more when the training is gone.
            self.asked = Arc::default();
            listen(&self.asked)?;
        }
        self.look(run);
        Ok(())
    }

    fn batch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.look(run);
        Ok(())
    }

    fn epoch_end(&mut self, run: &mut Run<'_>) -> Result<(), String> {
        self.look(run);
        Ok(())
    }
}

/// The flags of the trainings that listen to Ctrl-C.
static LISTENING: Mutex<Vec<Weak<AtomicBool>>> = Mutex::new(Vec::new());

/// Listens with a flag for as long as it lives. What listens to the system is put up once and stays, since it cannot be taken
/// away again; without a flag it does what Ctrl-C does without it.
fn listen(flag: &Arc<AtomicBool>) -> Result<(), String> {
    static HANDLER: OnceLock<Result<(), String>> = OnceLock::new();
    HANDLER
        .get_or_init(|| match ctrlc::try_set_handler(pressed) {
            // The program has a handler of its own, or was started so that it ignores Ctrl-C.
            Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(()),
            Err(error) => Err(format!("Ctrl-C cannot be listened to\n  {error}")),
        })
        .clone()?;
    let mut listening = LISTENING.lock().unwrap_or_else(PoisonError::into_inner);
    listening.retain(|flag| flag.strong_count() > 0);
    listening.push(Arc::downgrade(flag));
    Ok(())
}

/// What Ctrl-C does, on a thread of its own.
fn pressed() {
    /// 128 and the number of the signal.
    const CODE: i32 = 130;
    let listening = LISTENING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut is_first = false;
    for flag in listening.iter().filter_map(Weak::upgrade) {
        is_first |= !flag.swap(true, Ordering::Relaxed);
    }
    if !is_first {
        std::process::exit(CODE);
    }
}
