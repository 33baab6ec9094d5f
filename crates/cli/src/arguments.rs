//! The commands of the program. The arguments of each stand with it.

use clap::{Parser, Subcommand};

use crate::{describe, evaluate, plot, predict, summary, train};

const ABOUT: &str = "Trains a neural network on a table, judges it, and predicts with it.";

const EXAMPLES: &str = "\
Examples:
  wengert describe shots.csv
  wengert train shots.csv --target shot_result --hidden 100,100 --epochs 10 \\
      --validation-split 0.3 --out model.safetensors
  wengert evaluate model.safetensors later.csv
  wengert predict model.safetensors new.csv --out predictions.csv

`wengert <COMMAND> --help` has examples of each. Results go to the standard output, errors and remarks to the
standard error. The code is 0 when all went well, 1 when the work could not be done, and 2 for wrong arguments.";

#[derive(Parser, Debug)]
#[command(name = "wengert", version, about = ABOUT, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Trains a network on a table, and saves it with all that new tables need
    #[command(after_help = train::EXAMPLES)]
    Train(Box<train::Train>),
    /// Predicts the target of each row of a table
    #[command(after_help = predict::EXAMPLES)]
    Predict(predict::Predict),
    /// Compares predictions with the targets of a table
    #[command(after_help = evaluate::EXAMPLES)]
    Evaluate(evaluate::Evaluate),
    /// Shows the layers of a model, its columns and its classes
    #[command(after_help = summary::EXAMPLES)]
    Summary(summary::Summary),
    /// Shows what the columns of a table hold
    #[command(after_help = describe::EXAMPLES)]
    Describe(describe::Describe),
    /// Draws the curves of a training, a confusion matrix, or the weights of a first layer, as SVG
    #[command(after_help = plot::EXAMPLES)]
    Plot(plot::Plot),
    /// Writes the completions for a shell
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

const COMPLETIONS: &str = "\
Examples:
  wengert completions bash > ~/.local/share/bash-completion/completions/wengert
  wengert completions zsh > ~/.zfunc/_wengert
  wengert completions fish > ~/.config/fish/completions/wengert.fish";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        super::Arguments::command().debug_assert();
    }
}
