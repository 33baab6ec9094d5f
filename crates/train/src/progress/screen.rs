//! Where a training shows how it goes.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use console::Term;

use super::INTERVAL;

/// Where the progress of a training is shown, and as what: see [`Fit::screen`](crate::Fit::screen).
///
/// # Examples
/// ```
/// use std::fs::File;
/// use wengert_nn::{Dense, MeanSquaredError, Sequential};
/// use wengert_optim::Sgd;
/// use wengert_tensor::Tensor;
/// use wengert_train::{Compile, Fit, Screen};
///
/// let folder = tempfile::tempdir()?;
/// let log = folder.path().join("training.log");
/// let x = Tensor::from([[0.0], [1.0]]);
/// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::default(), MeanSquaredError::new());
/// model.fit(&x, &x, Fit::epochs(3).screen(Screen::lines(File::create(&log)?)))?;
/// assert_eq!(std::fs::read_to_string(&log)?.lines().count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Screen {
    writer: Arc<Mutex<dyn Write + Send>>,
    kind: Kind,
    interval: Duration,
}

#[derive(Clone)]
enum Kind {
    Lines,
    /// A terminal that is asked for its width at every drawing, because that may change.
    Terminal(Term, Glyphs),
    /// One of so many columns.
    Fixed(usize),
}

/// What a bar is drawn with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyphs {
    pub(super) done: char,
    pub(super) tip: char,
    pub(super) left: char,
}

pub(super) const UNICODE: Glyphs = Glyphs { done: '━', tip: '╸', left: '─' };
const ASCII: Glyphs = Glyphs { done: '=', tip: '>', left: '.' };

/// A terminal that does not tell its width is taken to be this wide.
const WIDTH: usize = 80;

impl Screen {
    /// The standard output: a live bar if that is a terminal, else lines.
    pub fn stdout() -> Screen {
        // A terminal that is no more than paper, such as that of an editor, has no way back to the beginning of a line.
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_live = io::stdout().is_terminal() && !is_dumb;
        let kind = if is_live { Kind::Terminal(Term::stdout(), glyphs()) } else { Kind::Lines };
        Screen { writer: Arc::new(Mutex::new(io::stdout())), kind, interval: INTERVAL }
    }

    /// A line for each epoch, to a file for example.
    pub fn lines(writer: impl Write + Send + 'static) -> Screen {
        Screen { writer: Arc::new(Mutex::new(writer)), kind: Kind::Lines, interval: INTERVAL }
    }

    /// A live bar in at most so many columns, whatever the writer is: for a terminal that is not the standard output. Lines are
    /// drawn again after a carriage return.
    pub fn live(writer: impl Write + Send + 'static, n_columns: usize) -> Screen {
        let kind = Kind::Fixed(n_columns);
        Screen { writer: Arc::new(Mutex::new(writer)), kind, interval: INTERVAL }
    }

    /// Draws a bar again not before so much time has passed: 50 milliseconds, unless said otherwise.
    pub fn every(self, interval: Duration) -> Screen {
        Screen { interval, ..self }
    }

    pub(super) fn is_live(&self) -> bool {
        !matches!(self.kind, Kind::Lines)
    }

    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// The number of columns there are now.
    pub(super) fn width(&self) -> usize {
        match &self.kind {
            Kind::Lines => WIDTH,
            Kind::Terminal(terminal, _) => terminal.size_checked().map_or(WIDTH, |(_, n)| usize::from(n)),
            Kind::Fixed(n_columns) => *n_columns,
        }
    }

    pub(super) fn glyphs(&self) -> Glyphs {
        if let Kind::Terminal(_, glyphs) = self.kind { glyphs } else { UNICODE }
    }

    /// A reader that went away, as `head` does, is no reason to end the training.
    pub(super) fn write(&self, text: &str) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writer.write_all(text.as_bytes()).and_then(|()| writer.flush());
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("is_live", &self.is_live()).field("interval", &self.interval).finish()
    }
}

/// Those that the user's language settings allow.
fn glyphs() -> Glyphs {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let charset = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default().to_lowercase();
    // No settings at all are those of a bare machine, whose terminal is elsewhere.
    let has_unicode = charset.is_empty() || charset.contains("utf-8") || charset.contains("utf8");
    if has_unicode || cfg!(windows) { UNICODE } else { ASCII }
}
