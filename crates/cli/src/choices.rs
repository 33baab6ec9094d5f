//! Losses, optimizers and what else is chosen by name.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use wengert::data::{Categories, Missing, Scaling};
use wengert::nn::{
    Activation, BinaryCrossentropy, Huber, LogCosh, Loss, MeanAbsoluteError, MeanAbsolutePercentageError,
    MeanSquaredError, MeanSquaredLogarithmicError, SparseCategoricalCrossentropy,
};
use wengert::optim::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Lamb, Lion, Nadam, Optimizer, RAdam, RMSprop, Rprop, Sgd,
};

/// What is to be made small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum LossChoice {
    #[value(alias = "mse")]
    MeanSquaredError,
    #[value(alias = "mae")]
    MeanAbsoluteError,
    #[value(alias = "mape")]
    MeanAbsolutePercentageError,
    #[value(alias = "msle")]
    MeanSquaredLogarithmicError,
    Huber,
    LogCosh,
    #[value(alias = "sparse_categorical_crossentropy")]
    CategoricalCrossentropy,
    BinaryCrossentropy,
}

impl LossChoice {
    /// What is usual for a task.
    pub(crate) fn usual(is_classification: bool) -> LossChoice {
        if is_classification { LossChoice::CategoricalCrossentropy } else { LossChoice::MeanSquaredError }
    }

    pub(crate) fn is_of_classes(self) -> bool {
        matches!(self, LossChoice::CategoricalCrossentropy | LossChoice::BinaryCrossentropy)
    }

    /// Whether it changes with the zero point of the target.
    pub(crate) fn is_relative(self) -> bool {
        matches!(self, LossChoice::MeanAbsolutePercentageError | LossChoice::MeanSquaredLogarithmicError)
    }

    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default()
    }

    pub(crate) fn build(self) -> Box<dyn Loss> {
        match self {
            LossChoice::MeanSquaredError => Box::new(MeanSquaredError::new()),
            LossChoice::MeanAbsoluteError => Box::new(MeanAbsoluteError::new()),
            LossChoice::MeanAbsolutePercentageError => Box::new(MeanAbsolutePercentageError::new()),
            LossChoice::MeanSquaredLogarithmicError => Box::new(MeanSquaredLogarithmicError::new()),
            LossChoice::Huber => Box::new(Huber::new()),
            LossChoice::LogCosh => Box::new(LogCosh::new()),
            // Of labels: the same numbers as of rows of 0 and 1.
            LossChoice::CategoricalCrossentropy => Box::new(SparseCategoricalCrossentropy::new()),
            LossChoice::BinaryCrossentropy => Box::new(BinaryCrossentropy::new()),
        }
    }
}

/// What makes it small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum OptimizerChoice {
    Sgd,
    Adam,
    AdamW,
    Adamax,
    Nadam,
    RAdam,
    RMSprop,
    Adagrad,
    Adadelta,
    Lamb,
    Lion,
    Rprop,
}

impl OptimizerChoice {
    /// The optimizer with its own rate, or with this one.
    pub(crate) fn build(self, rate: Option<f64>, momentum: f64) -> Box<dyn Optimizer> {
        macro_rules! with_rate {
            // A macro, because the constructors are no functions of one type.
            ($Kind:ident) => {
                Box::new(rate.map_or_else($Kind::default, $Kind::new))
            };
        }
        match self {
            OptimizerChoice::Sgd => Box::new(rate.map_or_else(Sgd::default, Sgd::new).momentum(momentum)),
            OptimizerChoice::Adam => with_rate!(Adam),
            OptimizerChoice::AdamW => with_rate!(AdamW),
            OptimizerChoice::Adamax => with_rate!(Adamax),
            OptimizerChoice::Nadam => with_rate!(Nadam),
            OptimizerChoice::RAdam => with_rate!(RAdam),
            OptimizerChoice::RMSprop => with_rate!(RMSprop),
            OptimizerChoice::Adagrad => with_rate!(Adagrad),
            OptimizerChoice::Adadelta => with_rate!(Adadelta),
            OptimizerChoice::Lamb => with_rate!(Lamb),
            OptimizerChoice::Lion => with_rate!(Lion),
            OptimizerChoice::Rprop => with_rate!(Rprop),
        }
    }
}

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TaskChoice {
    /// What the target speaks for, which is said
    Auto,
    /// Numbers
    Regression,
    /// A class
    Classification,
}

/// To what scale the numbers that are predicted from are brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScaleChoice {
    /// Mean 0 and standard deviation 1
    Standard,
    /// 0 to 1
    Minmax,
    /// As they are
    None,
}

impl ScaleChoice {
    pub(crate) fn scaling(self) -> Option<Scaling> {
        match self {
            ScaleChoice::Standard => Some(Scaling::Standard),
            ScaleChoice::Minmax => Some(Scaling::MinMax),
            ScaleChoice::None => None,
        }
    }
}

/// What becomes of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CategoriesChoice {
    /// A column of 0 and 1 for each category
    Onehot,
    /// The number of the category
    Codes,
}

impl CategoriesChoice {
    pub(crate) fn categories(self) -> Categories {
        match self {
            CategoriesChoice::Onehot => Categories::OneHot,
            CategoriesChoice::Codes => Categories::Codes,
        }
    }
}

/// What becomes of missing cells: a word, or the number that stands in their place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum MissingChoice {
    Fill(Missing),
    Drop,
}

pub(crate) fn missing(text: &str) -> Result<MissingChoice, String> {
    match (text, text.parse::<f64>()) {
        ("error", _) => Ok(MissingChoice::Fill(Missing::Refused)),
        ("mean", _) => Ok(MissingChoice::Fill(Missing::Mean)),
        ("median", _) => Ok(MissingChoice::Fill(Missing::Median)),
        ("drop", _) => Ok(MissingChoice::Drop),
        (_, Ok(number)) if number.is_finite() => Ok(MissingChoice::Fill(Missing::Constant(number))),
        _ => Err("expected error, drop, mean, median, or a number".to_string()),
    }
}

/// An activation by its name, for help and completions too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActivationName;

impl clap::builder::TypedValueParser for ActivationName {
    type Value = Activation;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Activation, clap::Error> {
        let parse = |text: &str| {
            let known = || format!("expected one of {}", Activation::NAMES.join(", "));
            Activation::named(text).map_err(|_| known())
        };
        clap::builder::TypedValueParser::parse_ref(&parse, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Activation::NAMES.iter().map(PossibleValue::new)))
    }
}

/// The sizes of the hidden layers: `100,100`, or `none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hidden(pub(crate) Vec<usize>);

pub(crate) fn hidden(text: &str) -> Result<Hidden, String> {
    if text == "none" {
        return Ok(Hidden(Vec::new()));
    }
    let size = |part: &str| part.trim().parse().ok().filter(|size| (1..=1_000_000).contains(size));
    let sizes: Option<Vec<usize>> = text.split(',').map(size).collect();
    sizes
        .map(Hidden)
        .ok_or_else(|| "expected sizes from 1 to 1000000 such as `100,100`, or `none`".to_string())
}

/// A number that is finite and above 0.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "expected a number above 0".to_string())
}

/// A number from 0 to below 1.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..1.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to below 1".to_string())
}

/// A whole number from 1 on.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "expected a whole number from 1 on".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(hidden("100, 20"), Ok(Hidden(vec![100, 20])));
        assert_eq!(hidden("none"), Ok(Hidden(Vec::new())));
        for text in ["", "0", "1,", "a", "-1", "1000001", "99999999999999999999"] {
            assert!(hidden(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_keep_to_their_ranges() {
        assert_eq!((positive("1e-3"), share("0.3"), count("7")), (Ok(0.001), Ok(0.3), Ok(7)));
        for text in ["0", "-1", "nan", "inf", ""] {
            assert!(positive(text).is_err(), "{text}");
        }
        assert!(share("1").is_err() && share("-0.1").is_err() && share("nan").is_err());
        assert!(count("0").is_err() && count("1.5").is_err());
    }

    #[test]
    fn what_becomes_of_missing_cells_is_read() {
        assert_eq!(missing("-1.5"), Ok(MissingChoice::Fill(Missing::Constant(-1.5))));
        assert_eq!(missing("drop"), Ok(MissingChoice::Drop));
        assert!(missing("nan").is_err() && missing("mode").is_err());
    }

    #[test]
    fn losses_are_called_as_the_library_calls_them() {
        for loss in LossChoice::value_variants() {
            let name = loss.build().name();
            assert_eq!(loss.name(), name.strip_prefix("sparse_").unwrap_or(name));
        }
    }
}
