//! Groups of parameters, by their names, that are trained in another way than the rest.

use crate::rule::checked;

/// Parameters whose names fit a pattern, and what is different for them. See [`Tune::group`](crate::Tune::group).
///
/// In a pattern `*` stands for any letters, also none: `*.bias`, `hidden.*`, `layers.*.weight`.
///
/// # Examples
/// ```
/// use wengert_optim::{AdamW, Group, Tune};
/// let adam = AdamW::default()
///     .group(Group::named("*.bias").weight_decay(0.0))
///     .group(Group::named("hidden.*").rate_factor(0.1));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pattern: String,
    pub(crate) rate_factor: f64,
    pub(crate) decay: Option<f64>,
    pub(crate) l2: Option<f64>,
}

impl Group {
    /// The parameters whose whole name fits the pattern.
    pub fn named(pattern: impl Into<String>) -> Group {
        Group { pattern: pattern.into(), rate_factor: 1.0, decay: None, l2: None }
    }

    /// The same with the optimizer's rate times a number, so that it follows the schedule.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn rate_factor(self, factor: f64) -> Group {
        Group { rate_factor: checked("group", "the factor of the rate", factor), ..self }
    }

    /// The same with another [`weight_decay`](crate::Tune::weight_decay).
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn weight_decay(self, decay: f64) -> Group {
        Group { decay: Some(checked("group", "the weight decay", decay)), ..self }
    }

    /// The same with another [`l2`](crate::Tune::l2).
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn l2(self, l2: f64) -> Group {
        Group { l2: Some(checked("group", "the L2 decay", l2)), ..self }
    }

    /// Whether a parameter belongs to it.
    pub fn has(&self, name: &str) -> bool {
        fits(&self.pattern, name)
    }
}

/// What stands between two stars is looked for from left to right, and the first place taken; the last part must end
/// the name.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let Some((middle, end)) = rest.rsplit_once('*') else { return name.ends_with(rest) };
    for part in middle.split('*') {
        let Some(at) = name.find(part) else { return false };
        name = &name[at + part.len()..];
    }
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name, expected) in [
            ("hidden.weight", "hidden.weight", true),
            ("hidden", "hidden.weight", false),
            ("*", "", true),
            ("*.bias", "layers.0.bias", true),
            ("*.bias", "bias", false),
            ("*bias", "bias", true),
            ("hidden.*", "hidden.weight", true),
            ("hidden.*", "a.hidden.weight", false),
            ("layers.*.weight", "layers.12.weight", true),
            ("layers.*.weight", "layers.weight", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
            ("a*a", "a", false),
            ("*é*", "xéx", true),
        ] {
            assert_eq!(Group::named(pattern).has(name), expected, "{pattern} {name}");
        }
    }
}
