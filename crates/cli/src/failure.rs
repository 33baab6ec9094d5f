//! How the program ends when it cannot do what it was asked: a message on the standard error, and a code.

use std::io;
use std::process::ExitCode;

use wengert::data::DataError;
use wengert::io::IoError;
use wengert::train::{FitError, HistoryError, Problem};

/// Why the program ends.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The work could not be done: code 1.
    Work(String),
    /// What was asked for makes no sense: code 2, as for arguments that cannot be read.
    Usage(String),
    /// Ctrl-C ended the training in this epoch; what was trained is written: code 130, as shells say it.
    Interrupted(usize),
    /// Who read the standard output went away, as `head` does: no failure.
    Unread,
}

/// What the library advises a programmer, and what to advise here.
const HINTS: [(&str, &str); 8] = [
    (
        "`fill` puts a value there, `drop_missing` leaves such rows out",
        "`--missing drop` leaves such rows out; `wengert train --missing mean` puts a value there",
    ),
    ("`Csv::separator` sets what", "`--separator` sets what"),
    ("`Csv::decimal_comma` reads", "`--decimal-comma` reads"),
    (
        "`one_hot` and `codes` make numbers of categories, `drop` leaves a column out",
        "a column of categories must be one when the model is trained; `wengert train --drop` leaves it out",
    ),
    (
        "`Categories::Codes` numbers them in one column",
        "`--drop` leaves the column out; `--categories codes` numbers them in one column",
    ),
    ("a regression predicts numbers", "`--task regression` predicts numbers"),
    ("`Sequential::load` gives the model alone", "`wengert train --out` writes files with both"),
    (
        "`load_parameters` fills a model that the program has built; `read_tensors` gives what is there",
        "`wengert train --out` writes files with a model",
    ),
];

impl Failure {
    /// Tells the user, and gives the code that the program ends with.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Failure::Work(message) => {
                eprintln!("error: {}", advised(message));
                ExitCode::from(1)
            }
            Failure::Usage(message) => {
                eprintln!("error: {}\n\nFor more information, try '--help'.", advised(message));
                ExitCode::from(2)
            }
            Failure::Interrupted(epoch) => {
                eprintln!("interrupted: the training ended in epoch {epoch}");
                ExitCode::from(130)
            }
            Failure::Unread => ExitCode::SUCCESS,
        }
    }
}

/// The message with advice for the shell.
pub(crate) fn advised(message: &str) -> String {
    HINTS.iter().fold(message.to_string(), |text, (library, shell)| text.replace(library, shell))
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Failure {
        Failure::Work(error.to_string())
    }
}

impl From<IoError> for Failure {
    fn from(error: IoError) -> Failure {
        Failure::Work(error.to_string())
    }
}

impl From<FitError> for Failure {
    fn from(error: FitError) -> Failure {
        let message = error.to_string();
        let Problem::NonFinite(_) = error.problem() else { return Failure::Work(message) };
        // Where in the library it began tells a programmer something, and a user of the shell nothing.
        let message = message.split("\n  origin").next().unwrap_or_default();
        let help = "a smaller `--learning-rate` may do, or `--scale standard`";
        Failure::Work(format!("{message}\n  help: {help}"))
    }
}

impl From<HistoryError> for Failure {
    fn from(error: HistoryError) -> Failure {
        Failure::Work(error.to_string())
    }
}

impl Failure {
    /// The failure of writing to the standard output.
    pub(crate) fn of_output(error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Unread,
            _ => Failure::Work(format!("the standard output cannot be written\n  reason  {error}")),
        }
    }
}
