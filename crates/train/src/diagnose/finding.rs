//! From measurements to verdicts: the thresholds, and how a finding reads.

use std::fmt;
use std::panic::Location;

use wengert_tensor::{Operation, Tensor};

use super::Diagnosis;

/// Something that ails a model. `Display` says what, where, and what helps.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// A value is NaN or infinite: [`Diagnosis::nonfinite`] has the whole of it.
    NotFinite {
        /// The operation that gave it.
        operation: &'static str,
        /// Where the program asked for it.
        site: &'static Location<'static>,
    },
    /// All values are finite, but the slope of an operation is not, such as that of a root at 0.
    SlopeNotFinite {
        /// The operation.
        operation: &'static str,
        /// Where the program asked for it.
        site: &'static Location<'static>,
    },
    /// The loss does not depend on a layer.
    Unreached {
        /// The layer.
        layer: String,
    },
    /// No gradient at all comes back to a layer, though the loss depends on it.
    NoGradient {
        /// The layer furthest from the input to which none comes back.
        layer: String,
        /// How many layers get none.
        n_layers: usize,
    },
    /// The gradient shrinks on its way back, to less than a thousandth.
    Vanishing {
        /// The layer to which the least comes back.
        layer: String,
        /// What comes back there through what comes back to the last layer.
        ratio: f64,
        /// The factor of a layer, on the geometric mean.
        per_layer: f64,
    },
    /// The gradient grows on its way back, to more than a thousand times.
    Exploding {
        /// The layer to which the most comes back.
        layer: String,
        /// What comes back there through what comes back to the last layer.
        ratio: f64,
        /// The factor of a layer, on the geometric mean.
        per_layer: f64,
    },
    /// A tenth of the units of a layer or more are dead, or half of them dead or nearly so.
    Dead {
        /// The layer.
        layer: String,
        /// Its activation.
        operation: &'static str,
        /// Dead units.
        n_dead: usize,
        /// Nearly dead units.
        n_nearly_dead: usize,
        /// All units.
        n_units: usize,
    },
    /// More than half of the values of a bounded activation lie where it is flat.
    Saturated {
        /// The layer.
        layer: String,
        /// Its activation.
        operation: &'static str,
        /// The fraction of the values that do.
        flat: f64,
    },
    /// A step moves a layer by more than a tenth of its weights.
    LargeUpdates {
        /// The layer that is moved the most.
        layer: String,
        /// The norm of the step through that of the weights.
        ratio: f64,
    },
    /// A step moves no layer by more than a hundred thousandth of its weights.
    SmallUpdates {
        /// The layer that is moved the most.
        layer: String,
        /// The norm of the step through that of the weights.
        ratio: f64,
    },
}

/// Beyond this factor, or its inverse, between the last layer and another, the gradient explodes or vanishes.
const FAR: f64 = 1e3;
/// From this fraction of dead units on it is worth a word; a rectifier has some by chance.
const MANY_DEAD: f64 = 0.1;
const MANY_NEARLY_DEAD: f64 = 0.5;
const MOSTLY_FLAT: f64 = 0.5;
/// About 0.001 is usual (Stanford's course CS231n, "Ratio of weights:updates").
const LARGE_UPDATE: f64 = 0.1;
const SMALL_UPDATE: f64 = 1e-5;

/// All findings, what makes others meaningless first.
pub(super) fn all(diagnosis: &Diagnosis, steep: Option<Finding>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(culprit) = &diagnosis.nonfinite {
        findings.push(Finding::NotFinite { operation: culprit.operation, site: culprit.site });
    }
    findings.extend(steep);
    let unreached = diagnosis.layers.iter().filter(|layer| !layer.is_reached);
    findings.extend(unreached.map(|layer| Finding::Unreached { layer: layer.name.clone() }));
    findings.extend(no_gradient(diagnosis));
    findings.extend(flow(diagnosis));
    findings.extend(dead(diagnosis));
    findings.extend(saturated(diagnosis));
    findings.extend(updates(diagnosis));
    findings
}

/// The first operation, on the way back, whose derivative is finite and that of its argument is not.
pub(super) fn steep(operations: &[Operation], derivatives: &[Option<Tensor>]) -> Option<Finding> {
    let is_finite = |number: usize| derivatives[number].as_ref().is_none_or(|dy| dy.array().is_finite());
    let victim = (0..operations.len()).rev().find(|&number| !is_finite(number))?;
    let culprit = operations.iter().rev().find(|operation| operation.inputs.contains(&Some(victim)))?;
    Some(Finding::SlopeNotFinite { operation: culprit.name, site: culprit.site })
}

fn no_gradient(diagnosis: &Diagnosis) -> Option<Finding> {
    let without = diagnosis.layers.iter().filter(|layer| layer.is_reached && layer.returned == 0.0);
    let layer = without.clone().next_back()?;
    Some(Finding::NoGradient { layer: layer.name.clone(), n_layers: without.count() })
}

/// Whether what comes back to the layers differs too much from what comes back to the last.
fn flow(diagnosis: &Diagnosis) -> Vec<Finding> {
    let reached: Vec<(usize, &str, f64)> = diagnosis
        .layers
        .iter()
        .enumerate()
        .filter(|(_, layer)| layer.is_reached && layer.returned > 0.0 && layer.returned.is_finite())
        .map(|(place, layer)| (place, layer.name.as_str(), layer.returned))
        .collect();
    let Some(&(last_place, _, last)) = reached.last() else { return Vec::new() };
    let least = reached.iter().min_by(|a, b| a.2.total_cmp(&b.2));
    let most = reached.iter().max_by(|a, b| a.2.total_cmp(&b.2));
    let mut findings = Vec::new();
    let about = |&(place, layer, returned): &(usize, &str, f64)| {
        let ratio = returned / last;
        (layer.to_string(), ratio, ratio.powf(1.0 / (last_place - place).max(1) as f64))
    };
    if let Some((layer, ratio, per_layer)) = most.map(about).filter(|(_, ratio, _)| *ratio > FAR) {
        findings.push(Finding::Exploding { layer, ratio, per_layer });
    }
    if let Some((layer, ratio, per_layer)) = least.map(about).filter(|(_, ratio, _)| *ratio < 1.0 / FAR) {
        findings.push(Finding::Vanishing { layer, ratio, per_layer });
    }
    findings
}

fn dead(diagnosis: &Diagnosis) -> impl Iterator<Item = Finding> {
    let sick = diagnosis.units.iter().filter(|units| {
        let share = |n: usize| n as f64 / units.n_units as f64;
        let n_weak = units.n_dead + units.n_nearly_dead;
        share(units.n_dead) >= MANY_DEAD || share(n_weak) >= MANY_NEARLY_DEAD
    });
    // A bounded function that is flat everywhere is saturated, which has another cure.
    sick.filter(|units| !units.is_bounded).map(|units| Finding::Dead {
        layer: units.layer.clone(),
        operation: units.operation,
        n_dead: units.n_dead,
        n_nearly_dead: units.n_nearly_dead,
        n_units: units.n_units,
    })
}

fn saturated(diagnosis: &Diagnosis) -> impl Iterator<Item = Finding> {
    let sick = diagnosis.units.iter().filter(|units| units.is_bounded && units.flat > MOSTLY_FLAT);
    sick.map(|units| Finding::Saturated {
        layer: units.layer.clone(),
        operation: units.operation,
        flat: units.flat,
    })
}

fn updates(diagnosis: &Diagnosis) -> Option<Finding> {
    let ratios = diagnosis.layers.iter().filter_map(|layer| Some((layer, layer.update_ratio?)));
    let (layer, ratio) = ratios.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let layer = layer.name.clone();
    match ratio {
        _ if ratio > LARGE_UPDATE => Some(Finding::LargeUpdates { layer, ratio }),
        _ if ratio < SMALL_UPDATE => Some(Finding::SmallUpdates { layer, ratio }),
        _ => None,
    }
}

impl Finding {
    /// What helps.
    pub fn help(&self) -> &'static str {
        match self {
            Finding::NotFinite { .. } => "print `Diagnosis::nonfinite` for its arguments",
            Finding::SlopeNotFinite { .. } => {
                "keep its argument away from where it is vertical, or use `norm` for a root"
            }
            Finding::Unreached { .. } => "use the layer in `forward`, or freeze it",
            Finding::NoGradient { .. } => "look at the activation behind it: all of it is dead",
            Finding::Vanishing { .. } => {
                "start from Glorot's or He's initializer, or use rectifiers, residual layers or a normalisation"
            }
            Finding::Exploding { .. } => {
                "start from smaller weights, use a normalisation, or clip the gradients"
            }
            Finding::Dead { .. } => "lower the learning rate, scale the data, or use `leaky_relu`",
            Finding::Saturated { .. } => "start from smaller weights, scale the data, or use a normalisation",
            Finding::LargeUpdates { .. } => "lower the learning rate, or clip the gradients",
            Finding::SmallUpdates { .. } => "raise the learning rate",
        }
    }

    /// The layer that it is about, if it is about one.
    pub fn layer(&self) -> Option<&str> {
        match self {
            Finding::NotFinite { .. } | Finding::SlopeNotFinite { .. } => None,
            Finding::Unreached { layer }
            | Finding::NoGradient { layer, .. }
            | Finding::Vanishing { layer, .. }
            | Finding::Exploding { layer, .. }
            | Finding::Dead { layer, .. }
            | Finding::Saturated { layer, .. }
            | Finding::LargeUpdates { layer, .. }
            | Finding::SmallUpdates { layer, .. } => Some(layer),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::NotFinite { operation, site } => write!(f, "not finite: {operation} at {site}"),
            Finding::SlopeNotFinite { operation, site } => {
                write!(f, "gradient not finite: all values are, but not the slope of {operation} at {site}")
            }
            Finding::Unreached { layer } => write!(f, "unreached: the loss does not depend on {layer}"),
            Finding::NoGradient { layer, n_layers: 1 } => {
                write!(f, "no gradient: none comes back to {layer}")
            }
            Finding::NoGradient { layer, n_layers } => {
                write!(f, "no gradient: none comes back to {layer} and {} more", n_layers - 1)
            }
            Finding::Vanishing { layer, ratio, per_layer } => write!(
                f,
                "vanishing: of the gradient at the last layer {ratio:.1e} comes back to {layer}, {per_layer:.2} per layer"
            ),
            Finding::Exploding { layer, ratio, per_layer } => write!(
                f,
                "exploding: {ratio:.1e} times the gradient at the last layer comes back to {layer}, {per_layer:.2} per layer"
            ),
            Finding::Dead { layer, operation, n_dead, n_nearly_dead, n_units } => write!(
                f,
                "dead: {n_dead} of {n_units} units ({operation}) in {layer}, and {n_nearly_dead} nearly"
            ),
            Finding::Saturated { layer, operation, flat } => {
                write!(f, "saturated: {:.0} % of the values of {operation} in {layer}", 100.0 * flat)
            }
            Finding::LargeUpdates { layer, ratio } => {
                write!(
                    f,
                    "large updates: a step moves {layer} by {ratio:.1e} of its weights, at most 0.1 is safe"
                )
            }
            Finding::SmallUpdates { layer, ratio } => write!(
                f,
                "small updates: a step moves {layer}, the most, by {ratio:.1e} of its weights, about 1e-3 is usual"
            ),
        }
    }
}
