//! Diagnoses of one model at several epochs: as values, text and CSV. How they are drawn stands in `over_epochs.rs`.

use std::fmt::{self, Write};
use std::io;
use std::mem::discriminant;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Diagnosis, Finding};

/// The diagnoses that a [`DiagnosisLogger`](crate::DiagnosisLogger) made, each with its epoch; 0 is before the training.
/// Clones share them. `Display` says what was found in each.
#[derive(Clone, Debug, Default)]
pub struct DiagnosisLog {
    diagnoses: Arc<Mutex<Vec<(usize, Diagnosis)>>>,
}

impl DiagnosisLog {
    pub(crate) fn push(&self, epoch: usize, diagnosis: Diagnosis) {
        self.diagnoses.lock().unwrap_or_else(PoisonError::into_inner).push((epoch, diagnosis));
    }

    pub(crate) fn clear(&self) {
        self.diagnoses.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The diagnoses so far, each with the number of the epoch after which it was made.
    pub fn diagnoses(&self) -> Vec<(usize, Diagnosis)> {
        self.diagnoses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A table with a line for each number: the columns `epoch`, `layer`, `operation`, `quantity` and `value`. The
    /// `loss` has no layer. Layers have `weight_norm`, `gradient_norm`, `returned` and, where there is one, `update_ratio`;
    /// activations, which have an operation, have `dead` and `nearly_dead` (fractions of the units), `flat`, `mean` and `std`:
    /// see [`LayerDiagnosis`](crate::LayerDiagnosis) and [`UnitsDiagnosis`](crate::UnitsDiagnosis).
    pub fn to_csv(&self) -> String {
        let mut text = "epoch,layer,operation,quantity,value\n".to_string();
        for (epoch, diagnosis) in self.diagnoses() {
            let mut add = |layer: &str, operation: &str, quantity: &str, value: f64| {
                let value = format!("{value:?}").to_lowercase();
                // A string can always be written to.
                let _ = writeln!(text, "{epoch},{layer},{operation},{quantity},{value}");
            };
            add("", "", "loss", diagnosis.loss);
            for layer in &diagnosis.layers {
                add(&layer.name, "", "weight_norm", layer.weight_norm);
                add(&layer.name, "", "gradient_norm", layer.gradient_norm);
                add(&layer.name, "", "returned", layer.returned);
                if let Some(ratio) = layer.update_ratio {
                    add(&layer.name, "", "update_ratio", ratio);
                }
            }
            for units in &diagnosis.units {
                let share = |n: usize| n as f64 / units.n_units as f64;
                add(&units.layer, units.operation, "dead", share(units.n_dead));
                add(&units.layer, units.operation, "nearly_dead", share(units.n_nearly_dead));
                add(&units.layer, units.operation, "flat", units.flat);
                add(&units.layer, units.operation, "mean", units.mean);
                add(&units.layer, units.operation, "std", units.std);
            }
        }
        text
    }

    /// Writes [`to_csv`](DiagnosisLog::to_csv) to a file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save_csv(&self, path: impl AsRef<Path>) -> io::Result<()> {
        std::fs::write(path, self.to_csv())
    }
}

impl fmt::Display for DiagnosisLog {
    /// The findings of each epoch, unless they are of the same kinds in the same layers as in the one before.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = None;
        for (epoch, diagnosis) in self.diagnoses() {
            let line_end = if before.is_some() { "\n" } else { "" };
            write!(f, "{line_end}epoch {epoch}: loss {}", super::text::number(diagnosis.loss))?;
            let kind = |finding: &Finding| (discriminant(finding), finding.layer().map(String::from));
            let kinds: Vec<_> = diagnosis.findings.iter().map(kind).collect();
            if diagnosis.is_healthy() {
                f.write_str(", nothing was found")?;
            } else if before.as_ref() == Some(&kinds) {
                f.write_str(", as before")?;
            } else {
                for finding in &diagnosis.findings {
                    super::text::wrapped(f, "  - ", &finding.to_string())?;
                }
            }
            before = Some(kinds);
        }
        Ok(())
    }
}
