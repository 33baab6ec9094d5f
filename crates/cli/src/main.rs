//! The program `wengert`: from a table to a trained network and its predictions, from the shell.
//!
//! What it can do is in the library; here are arguments, and texts for people. `docs/command-line.md` is its manual.
#![forbid(unsafe_code)]

mod arguments;
mod choices;
mod describe;
mod evaluate;
mod failure;
mod input;
mod network;
mod output;
mod plot;
mod predict;
mod summary;
mod train;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command};
use failure::Failure;

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Train(arguments) => train::run(&arguments),
        Command::Predict(arguments) => predict::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Summary(arguments) => summary::run(&arguments),
        Command::Describe(arguments) => describe::run(&arguments),
        Command::Plot(arguments) => plot::run(&arguments),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "wengert", &mut script);
            output::print(&script)
        }
    }
}
