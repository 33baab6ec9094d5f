//! How the network is to be, and how it is trained.

use std::path::PathBuf;

use clap::Args;
use wengert::nn::Activation;

use crate::choices::{self, ActivationName, Hidden, LossChoice, OptimizerChoice};

#[derive(Args, Debug)]
#[command(next_help_heading = "The network")]
pub(super) struct NetworkOptions {
    /// The sizes of the hidden layers, or `none`
    #[arg(long, value_name = "SIZE,…", default_value = "100,100", value_parser = choices::hidden, conflicts_with = "from")]
    pub(super) hidden: Hidden,

    /// The activation of the hidden layers
    #[arg(long, value_name = "NAME", default_value = "relu", value_parser = ActivationName, hide_possible_values = true, conflicts_with = "from")]
    pub(super) activation: Activation,

    /// The share of hidden units that each step leaves out
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = choices::share, conflicts_with = "from")]
    pub(super) dropout: f64,

    /// Computes in f64
    #[arg(long, conflicts_with = "from")]
    pub(super) f64: bool,

    /// A model to go on from, whose columns, scale and layers stay
    #[arg(long, value_name = "MODEL")]
    pub(super) from: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "The training")]
pub(super) struct TrainingOptions {
    /// Passes over the table
    #[arg(long, value_name = "N", default_value = "10", value_parser = choices::count)]
    pub(super) epochs: usize,

    /// Rows of a step
    #[arg(long, value_name = "N", default_value = "32", value_parser = choices::count)]
    pub(super) batch_size: usize,

    /// What makes the loss small
    #[arg(long, value_enum, default_value = "adam")]
    pub(super) optimizer: OptimizerChoice,

    /// The size of its steps [default: the optimizer's own]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = choices::positive)]
    pub(super) learning_rate: Option<f64>,

    /// The momentum of sgd
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, default_value = "0", value_parser = choices::share)]
    pub(super) momentum: f64,

    /// What is to be made small [default: mean_squared_error, or categorical_crossentropy for classes]
    #[arg(long, value_enum)]
    pub(super) loss: Option<LossChoice>,

    /// The share of the rows, the last ones, to judge by and not to train on
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, default_value = "0", value_parser = choices::share)]
    pub(super) validation_split: f64,

    /// Takes that share of each class
    #[arg(long, requires = "validation_split")]
    pub(super) stratified: bool,

    /// Ends after N epochs that were no better, and keeps the best epoch's weights
    #[arg(long, value_name = "N", value_parser = choices::count)]
    pub(super) patience: Option<usize>,

    /// Keeps the order of the rows
    #[arg(long)]
    pub(super) no_shuffle: bool,

    /// Of the start values and of the order of the rows
    #[arg(long, value_name = "N", default_value = "0")]
    pub(super) seed: u64,
}
