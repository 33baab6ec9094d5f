//! What a terminal shows of a training, and what a file holds.

use std::io;
use std::sync::{Arc, Mutex};

use super::*;

/// What has been written so far.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text")
    }

    /// What a terminal shows: a carriage return goes back to the beginning of the line, and what stands there is written over.
    fn shown(&self) -> Vec<String> {
        let over = |line: &str| {
            let mut cells: Vec<char> = Vec::new();
            for part in line.split('\r') {
                let letters: Vec<char> = part.chars().collect();
                cells.splice(..letters.len().min(cells.len()), letters);
            }
            cells.into_iter().collect::<String>().trim_end().to_string()
        };
        self.text().split('\n').map(over).collect()
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const SCORES: [(&str, f64); 2] = [("loss", 0.5), ("accuracy", 0.25)];

fn live(written: &Written, width: usize, interval: Duration) -> Progress {
    let screen = Screen::live(written.clone(), width).every(interval);
    Progress::new(&Fit::epochs(2).screen(screen), Some(4))
}

/// A line without its times, which are different at every run.
fn untimed(line: &str) -> String {
    let is_time = |item: &&str| !item.ends_with("s/step") && !item.ends_with('s');
    line.split(" - ").filter(is_time).collect::<Vec<_>>().join(" - ")
}

#[test]
fn a_bar_is_drawn_over_itself_and_ends_as_a_line() {
    let written = Written::default();
    let mut progress = live(&written, 80, Duration::ZERO);
    progress.begin(1);
    assert_eq!(written.shown(), ["Epoch 1/2 ──────────────── 0/4"]);
    progress.step(1, || SCORES.into_iter());
    let shown = written.shown();
    assert_eq!(shown.len(), 1);
    assert!(
        shown[0].starts_with("Epoch 1/2 ━━━━╸─────────── 1/4 eta ") && shown[0].ends_with("accuracy: 0.2500")
    );
    progress.validate(SCORES.into_iter());
    assert!(written.shown()[0].starts_with("Epoch 1/2 ━━━━╸─────────── 1/4 validating "));
    progress.end(SCORES.into_iter());
    let shown = written.shown();
    assert_eq!(
        shown.iter().map(|line| untimed(line)).collect::<Vec<_>>(),
        ["Epoch 1/2 - 1/4 - loss: 0.5000 - accuracy: 0.2500", ""]
    );
}

#[test]
fn nothing_is_left_of_a_longer_line() {
    let written = Written::default();
    let mut progress = live(&written, 100, Duration::ZERO);
    progress.begin(1);
    progress.step(2, || [("loss", 1e12), ("a_metric_of_a_long_name", 1.0)].into_iter());
    progress.step(3, || [("loss", 0.5)].into_iter());
    let shown = written.shown();
    assert!(shown[0].ends_with("loss: 0.5000"), "{shown:?}");
    progress.step(4, || [("loss", 1e12), ("a_metric_of_a_long_name", 1.0)].into_iter());
    progress.say("stopped");
    assert_eq!(written.shown(), ["stopped", ""]);
}

#[test]
fn a_line_that_goes_on_below_blanks_the_bar_at_its_end() {
    let written = Written::default();
    let mut progress = live(&written, 40, Duration::ZERO);
    progress.begin(1);
    progress.step(4, || SCORES.into_iter());
    progress.end([("categorical_accuracy_of_all", 1.0), ("loss", 0.5)].into_iter());
    let lines: Vec<String> = written.shown().iter().map(|line| untimed(line)).collect();
    assert_eq!(lines[0], "Epoch 1/2 - 4/4");
    assert_eq!(lines[1..], ["  categorical_accuracy_of_all: 1.0000", "  loss: 0.5000", ""]);
    assert!(written.shown().iter().all(|line| line.chars().count() < 40));
}

#[test]
fn no_line_reaches_the_last_column() {
    for width in [0, 1, 2, 12, 40, 80, 132] {
        let written = Written::default();
        let mut progress = live(&written, width, Duration::ZERO);
        progress.begin(1);
        progress.step(3, || SCORES.into_iter());
        for line in written.shown() {
            assert!(line.chars().count() <= width.saturating_sub(1), "{width}: {line:?}");
        }
    }
}

#[test]
fn what_was_drawn_just_now_is_not_drawn_again() {
    let written = Written::default();
    let mut progress = live(&written, 80, Duration::from_secs(3600));
    progress.begin(1);
    let drawn = written.text();
    for step in 1..=4 {
        progress.step(step, || -> std::iter::Empty<(&str, f64)> { panic!("asked for scores") });
    }
    assert_eq!(written.text(), drawn);
    progress.end(SCORES.into_iter());
    progress.begin(2);
    assert_eq!(written.text().matches("Epoch 2/2").count(), 0, "an hour has not passed");
    progress.validate(SCORES.into_iter());
    assert_eq!(written.text().matches("validating").count(), 0, "there is no bar to say it");
}

#[test]
fn an_epoch_that_is_not_ended_leaves_its_bar_on_a_line_of_its_own() {
    let written = Written::default();
    let mut progress = live(&written, 80, Duration::ZERO);
    progress.begin(1);
    drop(progress);
    assert_eq!(written.shown(), ["Epoch 1/2 ──────────────── 0/4", ""]);
}

#[test]
fn lines_have_no_carriage_returns_and_no_width() {
    for (verbose, screen) in [
        (1, Screen::lines as fn(Written) -> Screen),
        (2, Screen::lines as fn(Written) -> Screen),
        (2, |written| Screen::live(written, 20)),
    ] {
        let written = Written::default();
        let fit = Fit::epochs(1000).verbose(verbose).screen(screen(written.clone()));
        let mut progress = Progress::new(&fit, Some(4));
        for epoch in 1..=1000 {
            progress.begin(epoch);
            for step in 1..=4 {
                progress.step(step, || -> std::iter::Empty<(&str, f64)> { panic!("asked for scores") });
            }
            progress.validate(SCORES.into_iter());
            progress.end(SCORES.into_iter());
        }
        let text = written.text();
        assert!(!text.contains('\r') && text.is_ascii());
        assert_eq!(text.lines().count(), 1000);
        let last = text.lines().last().expect("a line");
        assert_eq!(untimed(last), "Epoch 1000/1000 - 4/4 - loss: 0.5000 - accuracy: 0.2500");
    }
}

#[test]
fn a_silent_training_writes_nothing() {
    let written = Written::default();
    let fit = Fit::epochs(1).verbose(0).screen(Screen::live(written.clone(), 80).every(Duration::ZERO));
    let mut progress = Progress::new(&fit, Some(4));
    progress.begin(1);
    progress.step(1, || -> std::iter::Empty<(&str, f64)> { panic!("asked for scores") });
    progress.validate(SCORES.into_iter());
    progress.end(SCORES.into_iter());
    progress.say("stopped");
    drop(progress);
    assert_eq!(written.text(), "");
}

#[test]
fn a_reader_that_went_away_ends_nothing() {
    struct Gone;
    impl io::Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let mut progress = Progress::new(&Fit::epochs(1).screen(Screen::live(Gone, 80)), Some(4));
    progress.begin(1);
    progress.end(SCORES.into_iter());
}
