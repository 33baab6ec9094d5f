//! `wengert describe`: what the columns of a table hold.

use clap::Args;

use crate::failure::Failure;
use crate::input::Input;
use crate::output;

pub(crate) const EXAMPLES: &str = "\
Examples:
  wengert describe wages.csv
  wengert describe --separator ';' --decimal-comma preise.csv
  zcat wages.csv.gz | wengert describe -";

#[derive(Args, Debug)]
pub(crate) struct Describe {
    #[command(flatten)]
    input: Input,
}

pub(crate) fn run(arguments: &Describe) -> Result<(), Failure> {
    output::print(arguments.input.read()?.describe().to_string())
}
