//! What training shows while it runs: a live bar in a terminal, a line per epoch elsewhere. Where it goes stands in
//! `progress/screen.rs`, what it says in `progress/line.rs`.

mod line;
mod screen;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

pub use screen::Screen;

use crate::Fit;
use line::{Line, Now};

/// The display of a training run.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Nothing for a silent run.
    display: Option<Display>,
    line: Line,
    begun: Instant,
}

/// A screen, and what stands on it.
#[derive(Debug)]
struct Display {
    screen: Screen,
    is_live: bool,
    /// When the bar was drawn last.
    drawn: Option<Instant>,
    /// The columns of the bar that stands on the line of the cursor; 0 if there is none.
    n_columns: usize,
    text: String,
}

impl Progress {
    /// The display that the settings ask for.
    pub(crate) fn new(fit: &Fit, n_steps: Option<usize>) -> Progress {
        let screen = || fit.screen.clone().unwrap_or_else(Screen::stdout);
        let display = match fit.verbose {
            0 => None,
            verbose => Some(Display::new(screen(), verbose == 1)),
        };
        Progress { display, line: Line::new(fit.epochs, n_steps), begun: Instant::now() }
    }

    /// An epoch begins; the first is number 1.
    pub(crate) fn begin(&mut self, epoch: usize) {
        self.begun = Instant::now();
        self.line.begin(epoch);
        // What takes long shows from the beginning that it has begun.
        self.draw_if_due(self.begun, Now::Training, std::iter::empty);
    }

    /// So many steps of the epoch are done. The scores are asked for only when they are drawn.
    pub(crate) fn step<'a, S: Iterator<Item = (&'a str, f64)>>(
        &mut self,
        n_done: usize,
        scores: impl FnOnce() -> S,
    ) {
        if self.display.is_some() {
            let now = Instant::now();
            self.line.step(n_done, now - self.begun);
            self.draw_if_due(now, Now::Training, scores);
        }
    }

    /// All steps of the epoch are done, and the model is about to be judged by the validation rows.
    pub(crate) fn validate<'a>(&mut self, scores: impl Iterator<Item = (&'a str, f64)>) {
        // Only below a bar that is seen: an epoch of a few milliseconds has none.
        if let Some(display) = self.display.as_mut().filter(|display| display.n_columns > 0) {
            display.drawn = None;
            self.draw_if_due(Instant::now(), Now::Validating, || scores);
        }
    }

    /// The epoch is over, validation included.
    pub(crate) fn end<'a>(&mut self, scores: impl Iterator<Item = (&'a str, f64)>) {
        if let Some(display) = &mut self.display {
            self.line.end(self.begun.elapsed(), scores);
            display.say(|text, width| self.line.write_finished(text, width));
        }
    }

    /// A line of its own.
    pub(crate) fn say(&mut self, line: &str) {
        if let Some(display) = &mut self.display {
            display.say(|text, _| text.push_str(line));
        }
    }

    /// Something that should be looked at.
    pub(crate) fn warn(&self, warning: &str) {
        if self.display.is_some() {
            let _ = writeln!(io::stderr(), "warning: {warning}");
        }
    }

    /// Draws the bar, if there is one and the last drawing is long enough ago.
    fn draw_if_due<'a, S: Iterator<Item = (&'a str, f64)>>(
        &mut self,
        at: Instant,
        now: Now,
        scores: impl FnOnce() -> S,
    ) {
        let Some(display) = self.display.as_mut().filter(|display| display.is_due(at)) else { return };
        display.drawn = Some(at);
        self.line.tell(scores());
        display.draw(&self.line, now);
    }
}

impl Display {
    fn new(screen: Screen, may_be_live: bool) -> Display {
        let is_live = may_be_live && screen.is_live();
        Display { screen, is_live, drawn: None, n_columns: 0, text: String::with_capacity(ROOM) }
    }

    fn is_due(&self, now: Instant) -> bool {
        self.is_live && self.drawn.is_none_or(|drawn| now - drawn >= self.screen.interval())
    }

    /// Draws the bar over the one that stands there.
    fn draw(&mut self, line: &Line, now: Now) {
        let width = self.screen.width();
        self.text.clear();
        self.text.push('\r');
        // The last column stays free: some terminals go to the next line when it is written.
        let n_columns = line.write_live(&mut self.text, now, width.saturating_sub(1), self.screen.glyphs());
        self.blank(n_columns, width);
        self.n_columns = n_columns;
        self.screen.write(&self.text);
    }

    /// Writes lines that stay, over the bar if one stands there.
    fn say(&mut self, write: impl FnOnce(&mut String, Option<usize>)) {
        self.text.clear();
        if self.n_columns > 0 {
            self.text.push('\r');
        }
        let start = self.text.len();
        write(&mut self.text, self.is_live.then(|| self.screen.width()));
        if self.n_columns > 0 {
            let n_written = line::columns(self.text[start..].lines().next().unwrap_or_default());
            let n_blanks = self.n_columns.saturating_sub(n_written);
            let end = self.text[start..].find('\n').map_or(self.text.len(), |place| start + place);
            self.text.insert_str(end, &" ".repeat(n_blanks));
        }
        self.text.push('\n');
        self.n_columns = 0;
        self.screen.write(&self.text);
    }

    /// Blanks what is left of a longer bar. Not by a control sequence, which not every terminal knows.
    fn blank(&mut self, n_columns: usize, width: usize) {
        let n_left = self.n_columns.min(width.saturating_sub(1)).saturating_sub(n_columns);
        if n_left > 0 {
            let _ = write!(self.text, "{:n_left$}", "");
        }
    }
}

impl Drop for Progress {
    /// A training that ends in the middle of an epoch leaves its bar, and what follows begins on a line of its own.
    fn drop(&mut self) {
        if let Some(display) = self.display.as_ref().filter(|display| display.n_columns > 0) {
            display.screen.write("\n");
        }
    }
}

/// Bytes for a line, so that its text seldom grows while a model trains.
const ROOM: usize = 512;

/// Between two drawings of the bar, unless the screen says otherwise.
const INTERVAL: Duration = Duration::from_millis(50);
