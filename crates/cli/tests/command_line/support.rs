//! A folder with tables, and the program run in it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder of its own for a test.
pub(crate) struct Place(TempDir);

/// What the program said, and the code that it ended with.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    /// The folder with some tables.
    pub(crate) fn with_tables() -> Place {
        let place = Place::new();
        place.write("shots.csv", &shots(60));
        place.write("later.csv", &shots(20));
        place.write("wages.csv", &wages(60));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The names of all files.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wengert"));
        command.current_dir(self.0.path());
        command
    }

    /// Runs the program with these arguments, between which are spaces.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_on("", arguments)
    }

    /// The same with something on the standard input.
    pub(crate) fn run_on(&self, input: &str, arguments: &str) -> Ran {
        let mut command = self.command();
        command.args(arguments.split_whitespace());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that does not read its input ends before all is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Runs what must go well, and gives the standard output.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &str) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments}: {}", ran.stderr);
        ran.stdout
    }

    /// Runs what must fail with this code and message, and write nothing.
    #[track_caller]
    pub(crate) fn fails(&self, arguments: &str, code: i32, message: &str) {
        let before = self.files();
        let ran = self.run(arguments);
        let end = if code == 2 { "\n\nFor more information, try '--help'.\n" } else { "\n" };
        assert_eq!((ran.code, ran.stderr), (code, format!("error: {message}{end}")), "{arguments}");
        assert_eq!(self.files(), before);
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Shots that hit from near by: a text, a number and a truth value to predict a class from.
fn shots(n_rows: usize) -> String {
    let row = |i: usize| {
        let place = (i * 7) % 30;
        // Between those that hit and those that miss is room.
        let distance = if place < 15 { place / 2 } else { place };
        let side = ["left", "right", "middle"][i % 3];
        format!(
            "{i},{distance}.5,{side},{},{}\n",
            i.is_multiple_of(2),
            if place < 15 { "hit" } else { "miss" }
        )
    };
    format!("id,distance,side,home,shot_result\n{}", (0..n_rows).map(row).collect::<String>())
}

/// Wages that grow with years of education and experience.
fn wages(n_rows: usize) -> String {
    let row = |i: usize| {
        let (education, experience) = (8 + i % 9, (i * 5) % 23);
        let wage = 0.5 * education as f64 + 0.25 * experience as f64 + 1.125;
        format!("{wage},{education},{experience}\n")
    };
    format!("wage_per_hour,education_yrs,experience_yrs\n{}", (0..n_rows).map(row).collect::<String>())
}

/// The cells of CSV without quotes.
pub(crate) fn cells(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split(',').collect()).collect()
}
