//! The files that a training writes: looked at before it, written after it.

use std::path::PathBuf;

use clap::Args;
use wengert::io::{Pipeline, write_whole};
use wengert::prelude::*;

use crate::failure::Failure;
use crate::output::{self, Planned};

#[derive(Args, Debug)]
#[command(next_help_heading = "What is written")]
pub(super) struct FileOptions {
    /// The model, a .safetensors file
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Loss and metrics of each epoch, a .csv or .json file
    #[arg(long, value_name = "FILE")]
    pub(super) history: Option<PathBuf>,

    /// The curves of the training, an .svg file, or .png where the program was built with that
    #[arg(long, value_name = "FILE")]
    pub(super) plot: Option<PathBuf>,

    /// Replaces files that are there
    #[arg(long)]
    pub(super) force: bool,

    /// 0: nothing; 1: a live bar, lines where there is no terminal; 2: lines
    #[arg(long, value_name = "0-2", default_value = "1", value_parser = clap::value_parser!(u8).range(0..=2))]
    pub(super) verbose: u8,
}

impl FileOptions {
    /// Refuses what could not be written, before it is worked for.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let planned =
            |argument, path: &Option<PathBuf>, endings| path.clone().map(|path| (argument, path, endings));
        let all: Vec<(&'static str, PathBuf, &'static [&'static str])> = [
            planned("--out", &self.out, &["safetensors"][..]),
            planned("--history", &self.history, &["csv", "json"][..]),
            planned("--plot", &self.plot, output::PICTURES),
        ]
        .into_iter()
        .flatten()
        .collect();
        let all: Vec<Planned<'_>> =
            all.iter().map(|(argument, path, endings)| Planned { argument, path, endings }).collect();
        output::check(&all, self.force)
    }

    /// The model first, because it took the longest.
    pub(super) fn write(&self, model: &Pipeline, history: &History) -> Result<(), Failure> {
        let mut written = Vec::new();
        if let Some(path) = &self.out {
            model.save(path)?;
            written.push(("model", path));
        }
        if let Some(path) = &self.history {
            let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
            let text = if is_json { history.to_json() + "\n" } else { history.to_csv() };
            write_whole(path, text.as_bytes())?;
            written.push(("history", path));
        }
        if let Some(path) = &self.plot {
            output::draw(path, &history.to_svg())?;
            written.push(("curves", path));
        }
        if self.verbose == 0 || written.is_empty() {
            return Ok(());
        }
        let lines = written.iter().map(|(what, path)| format!("{what:7}  {}\n", path.display()));
        output::print(format!("\n{}", lines.collect::<String>()))
    }
}
