//! What was wrong with shapes, as data: a title, labelled rows and a hint. The op's name is added by the caller.
//!
//! Texts from outside pass through [`shown`] before they stand in a message.

use std::fmt;

/// What was wrong with the shapes given to an op, without the op's name.
///
/// `Display` prints everything after `op: `, and [`Mismatch::report`] the whole.
///
/// # Examples
/// ```
/// use wengert_array::{Mismatch, Shape};
/// let mismatch = Mismatch::new("inner sizes differ")
///     .row("left", Shape::from([64, 784]))
///     .row("right", Shape::from([512, 784]))
///     .note("expected 784 rows")
///     .help("did you mean `x.matmul(&w.t())`?");
/// assert_eq!(
///     mismatch.report("matmul"),
///     "matmul: inner sizes differ\n  \
///        left   [64, 784]\n  \
///        right  [512, 784]   <- expected 784 rows\n  \
///        help: did you mean `x.matmul(&w.t())`?"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What is wrong, in a few lower-case words.
    pub title: String,
    /// What was given: a label, its shape or value, and perhaps what was expected of it.
    pub rows: Vec<(String, String, Option<String>)>,
    /// One hint, where the cause is likely.
    pub help: Option<String>,
}

impl Mismatch {
    /// A mismatch with a title only.
    pub fn new(title: impl Into<String>) -> Mismatch {
        Mismatch { title: title.into(), rows: Vec::new(), help: None }
    }

    /// Adds a row that says what was given.
    pub fn row(mut self, label: impl Into<String>, text: impl fmt::Display) -> Mismatch {
        self.rows.push((label.into(), text.to_string(), None));
        self
    }

    /// Says on the latest row what was expected.
    ///
    /// # Panics
    /// If there is no row yet.
    #[track_caller]
    pub fn note(mut self, note: impl Into<String>) -> Mismatch {
        let row = self.rows.last_mut().expect("a note belongs to a row");
        row.2 = Some(note.into());
        self
    }

    /// Adds the hint.
    pub fn help(mut self, help: impl Into<String>) -> Mismatch {
        self.help = Some(help.into());
        self
    }

    /// The whole message, beginning with the name of the op.
    pub fn report(&self, op: &str) -> String {
        format!("{op}: {self}")
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.title)?;
        let width = self.rows.iter().map(|row| row.0.chars().count()).max().unwrap_or(0);
        for (label, text, note) in &self.rows {
            write!(formatter, "\n  {label:width$}  {text}")?;
            if let Some(note) = note {
                write!(formatter, "   <- {note}")?;
            }
        }
        if let Some(help) = &self.help {
            write!(formatter, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mismatch {}

/// A text from a file as a message may show it: a file must not be able to move the cursor, reverse the reading
/// direction, or fill the screen.
///
/// # Examples
/// ```
/// assert_eq!(wengert_array::shown("a\tb\u{1b}[2J"), "a\\tb\\u{1b}[2J");
/// ```
pub fn shown(text: &str) -> String {
    const MOST_LETTERS: usize = 200;
    let mut safe = String::new();
    for letter in text.chars().take(MOST_LETTERS) {
        match letter {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                safe.extend(letter.escape_unicode());
            }
            _ if letter.is_control() => safe.extend(letter.escape_default()),
            _ => safe.push(letter),
        }
    }
    if text.chars().nth(MOST_LETTERS).is_some() {
        safe.push('…');
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_from_files_cannot_control_a_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\nc\u{202e}d ü"), "a\\u{1b}[2Jb\\nc\\u{202e}d ü");
        assert_eq!(shown(&"x".repeat(200)), "x".repeat(200));
        assert_eq!(shown(&"x".repeat(201)), "x".repeat(200) + "…");
    }
}
