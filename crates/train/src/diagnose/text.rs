//! A diagnosis as text, at most 80 columns wide.

use std::fmt;

use super::{Diagnosis, LayerDiagnosis, UnitsDiagnosis};

const WIDTH: usize = 80;
/// Of a longer name the end is shown, where a path is most telling.
const NAME: usize = 24;

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "loss {}", number(self.loss))?;
        if !self.layers.is_empty() {
            let name = width(self.layers.iter().map(|layer| &layer.name));
            write!(f, "\n\n{:<name$}  {:>10}", "layer", "parameters")?;
            write!(f, "  {:>8}  {:>8}  {:>8}  {:>8}", "weights", "gradient", "returned", "update")?;
            self.layers.iter().try_for_each(|layer| row(f, name, layer))?;
        }
        if !self.units.is_empty() {
            let name = width(self.units.iter().map(|units| &units.layer));
            write!(f, "\n\n{:<name$}  {:<12}  {:>5}", "layer", "activation", "units")?;
            write!(f, "  {:>5}  {:>6}  {:>5}  {:>9}", "dead", "nearly", "flat", "std")?;
            self.units.iter().try_for_each(|units| units_row(f, name, units))?;
        }
        f.write_str("\n")?;
        if self.is_healthy() {
            f.write_str("\nnothing was found")?;
        }
        for finding in &self.findings {
            wrapped(f, "- ", &finding.to_string())?;
            wrapped(f, "  help: ", finding.help())?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: usize, layer: &LayerDiagnosis) -> fmt::Result {
    write!(f, "\n{:<name$}  {:>10}", shortened(&layer.name), layer.n_parameters)?;
    write!(f, "  {:>8}", number(layer.weight_norm))?;
    if !layer.is_reached {
        return write!(f, "  not reached by the loss");
    }
    let update = layer.update_ratio.map_or("-".to_string(), number);
    write!(f, "  {:>8}  {:>8}  {update:>8}", number(layer.gradient_norm), number(layer.returned))
}

fn units_row(f: &mut fmt::Formatter<'_>, name: usize, units: &UnitsDiagnosis) -> fmt::Result {
    write!(f, "\n{:<name$}  {:<12}  {:>5}", shortened(&units.layer), units.operation, units.n_units)?;
    write!(f, "  {:>5}  {:>6}  {:>3.0} %", units.n_dead, units.n_nearly_dead, 100.0 * units.flat)?;
    write!(f, "  {:>9}", number(units.std))
}

fn width<'a>(names: impl Iterator<Item = &'a String>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0).clamp(5, NAME)
}

pub(super) fn shortened(name: &str) -> String {
    let n = name.chars().count();
    if n <= NAME {
        return name.to_string();
    }
    std::iter::once('…').chain(name.chars().skip(n + 1 - NAME)).collect()
}

/// At most eight characters: `0.0123`, `12.3`, `1.2e-07`, `0`.
pub(super) fn number(x: f64) -> String {
    match x.abs() {
        0.0 => "0".to_string(),
        0.001..1.0 => format!("{x:.4}"),
        1.0..100.0 => format!("{x:.2}"),
        100.0..100_000.0 => format!("{x:.0}"),
        size if size.is_finite() => format!("{x:.1e}"),
        _ => x.to_string(),
    }
}

/// Text on a line of its own, broken between words, the further lines indented to stand under the first word.
pub(super) fn wrapped(f: &mut fmt::Formatter<'_>, start: &str, text: &str) -> fmt::Result {
    let mut column = start.chars().count();
    let indent = column;
    write!(f, "\n{start}")?;
    for (place, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if place > 0 && column + 1 + length > WIDTH {
            write!(f, "\n{:indent$}{word}", "")?;
            column = indent + length;
        } else {
            let space = if place > 0 { " " } else { "" };
            write!(f, "{space}{word}")?;
            column += space.len() + length;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{number, shortened};

    #[test]
    fn numbers_have_at_most_eight_characters() {
        let cases = [
            (0.0, "0"),
            (0.01234, "0.0123"),
            (12.345, "12.35"),
            (12_345.6, "12346"),
            (-0.000_012, "-1.2e-5"),
            (1.5e-120, "1.5e-120"),
            (2e5, "2.0e5"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
        ];
        for (x, text) in cases {
            assert_eq!(number(x), text);
            assert!(text.len() <= 8);
        }
    }

    #[test]
    fn of_a_long_name_the_end_is_shown() {
        assert_eq!(shortened("encoder.blocks.11.attention.query"), "…ocks.11.attention.query");
        assert_eq!(shortened("hidden"), "hidden");
    }
}
