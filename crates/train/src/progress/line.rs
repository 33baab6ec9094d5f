//! What a line of progress says: while an epoch runs as much as fits beside each other, and all of it when the epoch is over.

use std::fmt::{self, Write};
use std::time::Duration;

use super::ROOM;
use super::screen::Glyphs;
use crate::number::Number;

/// How far a training has come.
#[derive(Debug)]
pub(super) struct Line {
    epoch: usize,
    n_epochs: usize,
    n_done: usize,
    n_steps: Option<usize>,
    /// What the steps took: validation is no part of a step's time.
    trained: Duration,
    /// What the epoch took.
    taken: Duration,
    /// `loss: 0.1234`, `accuracy: 0.9812`, one behind the other, and where each ends.
    scores: String,
    ends: Vec<usize>,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Now {
    Training,
    Validating,
}

/// What a line shows of all that is known.
#[derive(Clone, Copy)]
struct Layout {
    /// Whether the number of the epoch is called one.
    has_word: bool,
    /// The columns of the bar.
    bar: usize,
    has_time: bool,
    has_pace: bool,
    n_scores: usize,
}

impl Line {
    pub(super) fn new(n_epochs: usize, n_steps: Option<usize>) -> Line {
        let (trained, taken) = (Duration::ZERO, Duration::ZERO);
        let (scores, ends) = (String::with_capacity(ROOM), Vec::with_capacity(16));
        Line { epoch: 0, n_epochs, n_done: 0, n_steps, trained, taken, scores, ends }
    }

    pub(super) fn begin(&mut self, epoch: usize) {
        (self.epoch, self.n_done, self.trained) = (epoch, 0, Duration::ZERO);
    }

    pub(super) fn step(&mut self, n_done: usize, trained: Duration) {
        (self.n_done, self.trained) = (n_done, trained);
    }

    pub(super) fn end<'a>(&mut self, taken: Duration, scores: impl Iterator<Item = (&'a str, f64)>) {
        self.taken = taken;
        // How many batches a loader has is known when it has gone through them.
        self.n_steps.get_or_insert(self.n_done);
        self.tell(scores);
    }

    /// Replaces the scores. Their text keeps its memory, so that drawing asks the system for none.
    pub(super) fn tell<'a>(&mut self, scores: impl Iterator<Item = (&'a str, f64)>) {
        self.scores.clear();
        self.ends.clear();
        for (name, value) in scores {
            let _ = write!(self.scores, "{name}: {}", Number(value));
            self.ends.push(self.scores.len());
        }
    }

    fn scores(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(&start, &end)| &self.scores[start..end])
    }

    /// Adds the line of an epoch that runs, in at most so many columns, and tells how many it takes. What there is no room for
    /// is left out: first the pace and the bar, then scores from the last on.
    pub(super) fn write_live(&self, out: &mut String, now: Now, width: usize, glyphs: Glyphs) -> usize {
        let start = out.len();
        for layout in layouts(self.ends.len()) {
            out.truncate(start);
            let _ = self.write(out, layout, now, glyphs);
            let n_columns = columns(&out[start..]);
            if n_columns <= width {
                return n_columns;
            }
        }
        while columns(&out[start..]) > width {
            out.pop();
        }
        columns(&out[start..])
    }

    /// `Epoch 3/10 ━━━━━╸────────── 150/469 eta 1s 2.5ms/step - loss: 0.1234`
    fn write(&self, out: &mut String, layout: Layout, now: Now, glyphs: Glyphs) -> fmt::Result {
        let Line { epoch, n_epochs, n_done, trained, .. } = *self;
        write!(out, "{}{epoch}/{n_epochs}", if layout.has_word { "Epoch " } else { "" })?;
        match self.n_steps {
            Some(n_steps) => {
                self.write_bar(out, layout.bar, n_steps, glyphs);
                let n_digits = n_steps.max(1).ilog10() as usize + 1;
                write!(out, " {n_done:>n_digits$}/{n_steps}")?;
            }
            None => write!(out, " {n_done} steps")?,
        }
        match self.n_steps {
            _ if !layout.has_time => {}
            _ if now == Now::Validating => out.push_str(" validating"),
            Some(n_steps) if n_done > 0 => {
                let n_left = n_steps.saturating_sub(n_done) as f64;
                let left = trained.as_secs_f64() / n_done as f64 * n_left;
                write!(out, " eta {}", Clock(left.ceil()))?;
            }
            Some(_) => {}
            None => write!(out, " {}", Clock(trained.as_secs_f64().floor()))?,
        }
        if layout.has_pace && n_done > 0 {
            write!(out, " {}", Pace(trained, n_done))?;
        }
        self.scores().take(layout.n_scores).try_for_each(|score| write!(out, " - {score}"))
    }

    fn write_bar(&self, out: &mut String, n_columns: usize, n_steps: usize, glyphs: Glyphs) {
        if n_columns == 0 {
            return;
        }
        let n_filled = (n_columns * self.n_done.min(n_steps)).checked_div(n_steps).unwrap_or(n_columns);
        out.push(' ');
        out.extend(std::iter::repeat_n(glyphs.done, n_filled));
        if n_filled < n_columns {
            out.push(if self.n_done == 0 { glyphs.left } else { glyphs.tip });
            out.extend(std::iter::repeat_n(glyphs.left, n_columns - n_filled - 1));
        }
    }

    /// Adds the line of an epoch that is over. Where there is a width, it goes on below rather than being broken in a word.
    ///
    /// `Epoch 3/10 - 469/469 - 1.2s - 2.5ms/step - loss: 0.1234`
    pub(super) fn write_finished(&self, out: &mut String, width: Option<usize>) {
        let Line { epoch, n_epochs, n_done, taken, trained, .. } = *self;
        let n_steps = self.n_steps.unwrap_or(n_done);
        let times = [Taken(taken).to_string(), Pace(trained, n_done).to_string()];
        let head = [format!("Epoch {epoch}/{n_epochs}"), format!("{n_done}/{n_steps}")];
        let most = width.map_or(usize::MAX, |width| width.saturating_sub(1));
        let mut n_columns = 0;
        for item in head.iter().chain(&times).map(String::as_str).chain(self.scores()) {
            let n = columns(item);
            if n_columns > 0 && n_columns + 3 + n > most {
                out.push_str("\n  ");
                n_columns = 2;
            } else if n_columns > 0 {
                out.push_str(" - ");
                n_columns += 3;
            }
            out.push_str(item);
            n_columns += n;
        }
    }
}

/// What may be shown, the best first.
fn layouts(n_scores: usize) -> impl Iterator<Item = Layout> {
    let whole = Layout { has_word: true, bar: 16, has_time: true, has_pace: true, n_scores };
    let timed = Layout { has_pace: false, ..whole };
    let all = [whole, timed, Layout { bar: 8, ..timed }, Layout { bar: 0, ..timed }];
    let some = (1..n_scores).rev().map(move |n_scores| Layout { bar: 8, n_scores, ..timed });
    let one = Layout { bar: 0, n_scores: n_scores.min(1), ..timed };
    let none = Layout { n_scores: 0, ..one };
    // The lines above have the word too.
    let unnamed = Layout { has_word: false, ..one };
    let few = [one, unnamed, Layout { has_time: false, ..one }, Layout { bar: 8, ..none }];
    let least = [Layout { has_time: false, ..none }, Layout { has_word: false, has_time: false, ..none }];
    all.into_iter().chain(some).chain(few).chain(least)
}

/// How wide a text is in a terminal.
pub(super) fn columns(text: &str) -> usize {
    console::measure_text_width(text)
}

/// Whole seconds: `7s`, `1:05`, `2:00:00`.
struct Clock(f64);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 as u64;
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        match (hours, minutes) {
            (0, 0) => write!(f, "{seconds}s"),
            (0, _) => write!(f, "{minutes}:{seconds:02}"),
            _ => write!(f, "{hours}:{minutes:02}:{seconds:02}"),
        }
    }
}

/// The same with more digits where that says something: `430ms`, `1.4s`.
struct Taken(Duration);

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        match seconds {
            _ if seconds < 0.9995 => write!(f, "{:.0}ms", 1e3 * seconds),
            _ if seconds < 9.95 => write!(f, "{seconds:.1}s"),
            _ => Clock(seconds.round()).fmt(f),
        }
    }
}

/// The mean time of a step: `61us/step`, `2.5ms/step`, `1.2s/step`.
struct Pace(Duration, usize);

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64() / self.1.max(1) as f64;
        match seconds {
            _ if seconds < 999.5e-6 => write!(f, "{:.0}us/step", 1e6 * seconds),
            _ if seconds < 9.95e-3 => write!(f, "{:.1}ms/step", 1e3 * seconds),
            _ if seconds < 0.9995 => write!(f, "{:.0}ms/step", 1e3 * seconds),
            _ => write!(f, "{seconds:.1}s/step"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::screen::UNICODE;
    use super::*;

    const SCORES: [(&str, f64); 2] = [("loss", 0.12341), ("accuracy", 0.98124)];

    /// 150 of 469 steps in 375 milliseconds.
    fn running(scores: &[(&str, f64)]) -> Line {
        let mut line = Line::new(10, Some(469));
        line.begin(3);
        line.step(150, Duration::from_millis(375));
        line.tell(scores.iter().copied());
        line
    }

    #[track_caller]
    fn check_live(line: &Line, now: Now, width: usize, expected: &str) {
        let mut text = String::new();
        let n_columns = line.write_live(&mut text, now, width, UNICODE);
        assert_eq!(text, expected);
        assert_eq!(n_columns, text.chars().count());
        assert!(n_columns <= width);
    }

    #[test]
    fn a_line_shows_what_there_is_room_for() {
        for (width, expected) in [
            (100, "Epoch 3/10 ━━━━━╸────────── 150/469 eta 1s 2.5ms/step - loss: 0.1234 - accuracy: 0.9812"),
            (79, "Epoch 3/10 ━━━━━╸────────── 150/469 eta 1s - loss: 0.1234 - accuracy: 0.9812"),
            (70, "Epoch 3/10 ━━╸───── 150/469 eta 1s - loss: 0.1234 - accuracy: 0.9812"),
            (60, "Epoch 3/10 150/469 eta 1s - loss: 0.1234 - accuracy: 0.9812"),
            (50, "Epoch 3/10 ━━╸───── 150/469 eta 1s - loss: 0.1234"),
            (40, "Epoch 3/10 150/469 eta 1s - loss: 0.1234"),
            (39, "3/10 150/469 eta 1s - loss: 0.1234"),
            (33, "Epoch 3/10 150/469 - loss: 0.1234"),
            (32, "Epoch 3/10 150/469"),
            (17, "3/10 150/469"),
            (9, "3/10 150/"),
            (0, ""),
        ] {
            check_live(&running(&SCORES), Now::Training, width, expected);
        }
    }

    #[test]
    fn long_names_take_the_place_of_the_bar_and_then_of_each_other() {
        let long = [("loss", 0.5), ("sparse_categorical_accuracy", 0.25), ("top_5_accuracy", 0.75)];
        let all = "Epoch 3/10 150/469 eta 1s - loss: 0.5000 - sparse_categorical_accuracy: 0.2500 - top_5_accuracy: 0.7500";
        check_live(&running(&long), Now::Training, 110, all);
        let two = "Epoch 3/10 ━━╸───── 150/469 eta 1s - loss: 0.5000 - sparse_categorical_accuracy: 0.2500";
        check_live(&running(&long), Now::Training, 90, two);
        check_live(&running(&long), Now::Training, 79, "Epoch 3/10 ━━╸───── 150/469 eta 1s - loss: 0.5000");
    }

    #[test]
    fn a_wide_letter_takes_two_columns() {
        let mut text = String::new();
        let line = running(&[("損失", 0.5)]);
        let n_columns = line.write_live(&mut text, Now::Training, 50, UNICODE);
        assert_eq!((n_columns, text.chars().count()), (49, 47));
    }

    #[test]
    fn an_epoch_that_begins_or_is_judged_says_so() {
        let mut line = Line::new(2, Some(8));
        line.begin(1);
        check_live(&line, Now::Training, 79, "Epoch 1/2 ──────────────── 0/8");
        line.step(8, Duration::from_secs(4));
        check_live(&line, Now::Training, 79, "Epoch 1/2 ━━━━━━━━━━━━━━━━ 8/8 eta 0s 500ms/step");
        check_live(&line, Now::Validating, 79, "Epoch 1/2 ━━━━━━━━━━━━━━━━ 8/8 validating 500ms/step");
    }

    #[test]
    fn the_batches_of_a_loader_are_counted_in_its_first_epoch() {
        let mut line = Line::new(2, None);
        line.begin(1);
        line.step(7, Duration::from_millis(14_900));
        check_live(&line, Now::Training, 79, "Epoch 1/2 7 steps 14s 2.1s/step");
        line.end(Duration::from_secs(15), std::iter::empty());
        line.begin(2);
        check_live(&line, Now::Training, 79, "Epoch 1/2 ──────────────── 0/7".replace("1/2", "2/2").as_str());
    }

    #[track_caller]
    fn check_finished(width: Option<usize>, expected: &str) {
        let mut line = running(&[]);
        line.step(469, Duration::from_millis(1_170));
        let scores = [("loss", 0.12341), ("accuracy", 1.0), ("val_loss", 0.0004), ("val_accuracy", 0.9)];
        line.end(Duration::from_millis(1_320), scores.into_iter());
        let mut text = String::new();
        line.write_finished(&mut text, width);
        assert_eq!(text, expected);
    }

    #[test]
    fn an_epoch_that_is_over_is_told_whole() {
        let whole = "Epoch 3/10 - 469/469 - 1.3s - 2.5ms/step - loss: 0.1234 - accuracy: 1.0000 - val_loss: 4.0000e-04 \
                     - val_accuracy: 0.9000";
        check_finished(None, whole);
        check_finished(Some(200), whole);
        let eighty = "Epoch 3/10 - 469/469 - 1.3s - 2.5ms/step - loss: 0.1234 - accuracy: 1.0000\n  val_loss: 4.0000e-04 - \
                      val_accuracy: 0.9000";
        check_finished(Some(80), eighty);
        let forty = "Epoch 3/10 - 469/469 - 1.3s\n  2.5ms/step - loss: 0.1234\n  accuracy: 1.0000\n  \
                     val_loss: 4.0000e-04\n  val_accuracy: 0.9000";
        check_finished(Some(40), forty);
    }

    #[test]
    fn times_are_as_long_as_they_need_to_be() {
        for (seconds, expected) in
            [(0.0, "0s"), (59.0, "59s"), (65.0, "1:05"), (3599.0, "59:59"), (7200.0, "2:00:00")]
        {
            assert_eq!(Clock(seconds).to_string(), expected);
        }
        for (millis, expected) in
            [(0, "0ms"), (430, "430ms"), (1_250, "1.2s"), (9_960, "10s"), (59_700, "1:00"), (65_400, "1:05")]
        {
            assert_eq!(Taken(Duration::from_millis(millis)).to_string(), expected);
        }
        for (micros, expected) in [
            (61, "61us/step"),
            (1_000, "1.0ms/step"),
            (2_500, "2.5ms/step"),
            (12_000, "12ms/step"),
            (1_200_000, "1.2s/step"),
        ] {
            assert_eq!(Pace(Duration::from_micros(3 * micros), 3).to_string(), expected);
        }
        assert_eq!(Pace(Duration::ZERO, 0).to_string(), "0us/step");
    }
}
