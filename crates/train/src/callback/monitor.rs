//! A value that is watched, and when it is better than before.

use super::Run;

/// Whether a value that is watched is better where it is smaller or larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As the metric says: an error is better where it is smaller, an accuracy where it is larger.
    #[default]
    Auto,
    /// Better where it is smaller.
    Min,
    /// Better where it is larger.
    Max,
}

/// The value of a name, compared with the best so far. NaN is never better than anything.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    pub(super) name: String,
    pub(super) mode: Mode,
    pub(super) min_delta: f64,
    is_larger_better: bool,
}

impl Monitor {
    /// Of `val_loss`.
    pub(super) fn new(min_delta: f64) -> Monitor {
        Monitor { name: "val_loss".to_string(), mode: Mode::Auto, min_delta, is_larger_better: false }
    }

    /// Looks whether there is such a value, and which way it gets better.
    pub(super) fn begin(&mut self, run: &Run<'_>) -> Result<(), String> {
        let name = &self.name;
        if !run.names().contains(name) {
            let names = run.names().join(", ");
            let is_validation = name.starts_with("val_") && !names.contains("val_");
            let help =
                if is_validation { "\n  help: give `fit` a validation_split or validation rows" } else { "" };
            return Err(format!("there is no `{name}` to watch, only {names}{help}"));
        }
        self.is_larger_better = match self.mode {
            Mode::Min => false,
            Mode::Max => true,
            Mode::Auto => run.is_larger_better(name).ok_or_else(|| {
                format!(
                    "it is not known whether `{name}` is better where it is larger\n  help: say so with \
                     `.mode(Mode::Max)` or `.mode(Mode::Min)`"
                )
            })?,
        };
        Ok(())
    }

    pub(super) fn value(&self, run: &Run<'_>) -> Option<f64> {
        run.value(&self.name)
    }

    /// Whether a value is better than another by more than `min_delta`; of nothing, whether it is a number at all.
    pub(super) fn is_better(&self, value: f64, than: Option<f64>) -> bool {
        match than {
            None => !value.is_nan(),
            Some(than) if self.is_larger_better => value - self.min_delta > than,
            Some(than) => value + self.min_delta < than,
        }
    }
}
