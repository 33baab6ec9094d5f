//! What training shows while it runs: a live bar in a terminal, a line per epoch elsewhere.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::Fit;
use crate::number::number;

/// The live bar is drawn this often at most.
const BETWEEN_DRAWS: Duration = Duration::from_millis(50);

const TEMPLATE: &str = "{prefix} {bar:16} {pos}/{len} {wide_msg}";

/// The display of a training run.
#[derive(Debug)]
pub(crate) struct Progress {
    n_epochs: usize,
    n_steps: Option<usize>,
    epoch: usize,
    display: Display,
}

#[derive(Debug)]
enum Display {
    Silent,
    Lines,
    Live(Live),
}

/// A bar, when it was begun and drawn last, and how far it is since when: validation is not part of a step's time.
#[derive(Debug)]
struct Live {
    bar: ProgressBar,
    begun: Instant,
    drawn: Instant,
    n_done: usize,
    elapsed: Duration,
}

impl Progress {
    /// The display that the settings ask for; in a terminal the bar is drawn on the standard output.
    pub(crate) fn new(fit: &Fit, n_steps: Option<usize>) -> Progress {
        let display = match fit.verbose {
            0 => Display::Silent,
            1 if io::stdout().is_terminal() => Display::Live(Live::of(ProgressBar::hidden())),
            _ => Display::Lines,
        };
        Progress { n_epochs: fit.epochs, n_steps, epoch: 0, display }
    }

    /// An epoch begins; the first is number 1.
    pub(crate) fn begin(&mut self, epoch: usize) {
        self.epoch = epoch;
        if let Display::Live(live) = &mut self.display {
            *live = Live::of(live_bar(self.n_steps, title(epoch, self.n_epochs)));
        }
    }

    /// So many steps of the epoch are done. The scores are asked for only when they are drawn.
    pub(crate) fn step<'a, S: Iterator<Item = (&'a str, f64)>>(
        &mut self,
        n_done: usize,
        scores: impl FnOnce() -> S,
    ) {
        if let Display::Live(live) = &mut self.display {
            let now = Instant::now();
            (live.n_done, live.elapsed) = (n_done, now - live.begun);
            if now - live.drawn >= BETWEEN_DRAWS {
                live.drawn = now;
                live.bar.set_position(n_done as u64);
                live.bar.set_message(format!("{} - {}", pace(now - live.begun, n_done), listed(scores())));
            }
        }
    }

    /// The epoch is over, validation included.
    pub(crate) fn end<'a>(&mut self, scores: impl Iterator<Item = (&'a str, f64)>) {
        let title = title(self.epoch, self.n_epochs);
        let line = match &self.display {
            Display::Silent => return,
            Display::Lines => format!("{title} - {}", listed(scores)),
            Display::Live(Live { bar, n_done: n, elapsed, .. }) => {
                bar.finish_and_clear();
                let seconds = elapsed.as_secs_f64();
                // How many batches a loader has is known when it has gone through them.
                let all = *self.n_steps.get_or_insert(*n);
                format!("{title} {n}/{all} {seconds:.1}s {} - {}", pace(*elapsed, *n), listed(scores))
            }
        };
        self.say(&line);
    }

    /// A line of its own.
    pub(crate) fn say(&self, line: &str) {
        if !matches!(self.display, Display::Silent) {
            // A reader that went away, as `head` does, is no reason to end the training.
            let _ = writeln!(io::stdout(), "{line}");
        }
    }

    /// Something that should be looked at.
    pub(crate) fn warn(&self, warning: &str) {
        if !matches!(self.display, Display::Silent) {
            let _ = writeln!(io::stderr(), "warning: {warning}");
        }
    }
}

impl Live {
    fn of(bar: ProgressBar) -> Live {
        let now = Instant::now();
        Live { bar, begun: now, drawn: now, n_done: 0, elapsed: Duration::ZERO }
    }
}

/// `Epoch 3/10`
fn title(epoch: usize, n_epochs: usize) -> String {
    format!("Epoch {epoch}/{n_epochs}")
}

/// `loss: 0.1234 - accuracy: 0.9812`
fn listed<'a>(scores: impl Iterator<Item = (&'a str, f64)>) -> String {
    scores.map(|(name, value)| format!("{name}: {}", number(value))).collect::<Vec<_>>().join(" - ")
}

/// `0.35 ms/step`
fn pace(elapsed: Duration, n_steps: usize) -> String {
    format!("{:.2} ms/step", 1000.0 * elapsed.as_secs_f64() / n_steps.max(1) as f64)
}

fn live_bar(n_steps: Option<usize>, title: String) -> ProgressBar {
    let target = ProgressDrawTarget::stdout_with_hz(20);
    let style = ProgressStyle::with_template(TEMPLATE)
        .map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("━╸─"));
    ProgressBar::with_draw_target(n_steps.map(|n| n as u64), target).with_style(style).with_prefix(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_the_epoch_and_its_scores() {
        let scores = [("loss", 0.12341), ("accuracy", 1.0), ("val_loss", 0.0004)];
        let line = format!("{} - {}", title(3, 10), listed(scores.into_iter()));
        assert_eq!(line, "Epoch 3/10 - loss: 0.1234 - accuracy: 1.0000 - val_loss: 4.0000e-04");
    }

    #[test]
    fn the_pace_is_a_mean_over_steps() {
        assert_eq!(pace(Duration::from_millis(1500), 300), "5.00 ms/step");
        assert_eq!(pace(Duration::ZERO, 0), "0.00 ms/step");
    }

    #[test]
    fn scores_are_not_asked_for_where_nothing_is_drawn() {
        for verbose in [0, 2] {
            let mut progress = Progress::new(&Fit::epochs(1).verbose(verbose), Some(4));
            progress.begin(1);
            progress.step(1, || -> std::iter::Empty<(&str, f64)> { panic!("asked for scores") });
        }
    }

    #[test]
    fn the_live_bar_has_its_own_style() {
        let bar = live_bar(Some(4), title(1, 2));
        assert_eq!((bar.length(), bar.prefix().as_str()), (Some(4), "Epoch 1/2"));
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
