//! Diagnoses of a training as a drawing: a panel for each quantity, in it a line for each layer and a column for each
//! diagnosis.

use std::io;
use std::path::Path;

use super::text::{number, shortened};
use super::{Diagnosis, DiagnosisLog, LayerDiagnosis, UnitsDiagnosis};
use crate::drawing::{ALARM, Drawing};
use crate::pictures::{between, save_picture};

const LEFT: f64 = 210.0;
const WIDTH: f64 = 420.0;
const ROW: f64 = 15.0;
/// Above the lines of a panel, and below them.
const HEAD: f64 = 46.0;
const FOOT: f64 = 26.0;
/// The scale of colours to the right of a panel.
const SCALE: [f64; 2] = [LEFT + WIDTH + 24.0, 14.0];
const N_SHADES: usize = 24;
const BLUE: [u8; 3] = [0, 70, 130];
const ORANGE: [u8; 3] = [213, 94, 0];

impl DiagnosisLog {
    /// The diagnoses as a drawing, from left to right in the order of the epochs, with a panel for the gradient that came back
    /// to each layer, how far a step moves it, which part of its units is dead or nearly so, and which part of its values lies
    /// where the activation is flat; the last two only where there are some. A standalone SVG.
    pub fn to_svg(&self) -> String {
        let diagnoses = self.diagnoses();
        let panels = panels(&diagnoses);
        let height = panels.iter().map(Panel::height).sum::<f64>().max(60.0);
        let mut drawing =
            Drawing::new(SCALE[0] + SCALE[1] + 76.0, height + 14.0, "Diagnoses over the epochs");
        let mut top = 0.0;
        for panel in &panels {
            panel.draw(&mut drawing, top);
            top += panel.height();
        }
        if panels.is_empty() {
            drawing.text([20.0, 30.0], "start", "there is no diagnosis");
        }
        drawing.end()
    }

    /// Writes [`to_svg`](DiagnosisLog::to_svg) to a file: see [`save_picture`].
    ///
    /// # Errors
    /// If the file cannot be written, or its name ends in something else than `.svg` or `.png`.
    pub fn plot(&self, path: impl AsRef<Path>) -> io::Result<()> {
        save_picture(&self.to_svg(), path)
    }
}

/// One quantity of several layers at several epochs.
struct Panel {
    title: &'static str,
    epochs: Vec<usize>,
    /// The name of a layer, and its number at each epoch, if it has one.
    rows: Vec<(String, Vec<Option<f64>>)>,
    /// A fraction, where much is bad, or a size, of which only the power of ten matters.
    is_share: bool,
}

fn panels(diagnoses: &[(usize, Diagnosis)]) -> Vec<Panel> {
    let epochs: Vec<usize> = diagnoses.iter().map(|(epoch, _)| *epoch).collect();
    let Some((_, first)) = diagnoses.first() else { return Vec::new() };
    let layers = |value: fn(&LayerDiagnosis) -> Option<f64>| {
        let row = |name: &str| {
            let at = |(_, diagnosis): &(usize, Diagnosis)| {
                diagnosis.layers.iter().find(|layer| layer.name == name).and_then(value)
            };
            (shortened(name), diagnoses.iter().map(at).collect::<Vec<_>>())
        };
        first.layers.iter().map(|layer| row(&layer.name)).collect::<Vec<_>>()
    };
    // The operations of a model stay the same, but their names do not tell them apart.
    let units = |value: fn(&UnitsDiagnosis) -> f64| {
        let row = |(place, units): (usize, &UnitsDiagnosis)| {
            let at = |(_, diagnosis): &(usize, Diagnosis)| diagnosis.units.get(place).map(value);
            let name = format!("{} ({})", shortened(&units.layer), units.operation);
            (name, diagnoses.iter().map(at).collect::<Vec<_>>())
        };
        first.units.iter().enumerate().map(row).collect::<Vec<_>>()
    };
    let weak = |units: &UnitsDiagnosis| (units.n_dead + units.n_nearly_dead) as f64 / units.n_units as f64;
    let panels = [
        ("gradient that came back", layers(|layer| Some(layer.returned)), false),
        ("step through weights", layers(|layer| layer.update_ratio), false),
        ("units that are dead or nearly dead", units(weak), true),
        ("values where the slope is nearly 0", units(|units| units.flat), true),
    ];
    let has = |rows: &[(String, Vec<Option<f64>>)], is_told: fn(f64) -> bool| {
        rows.iter().flat_map(|(_, row)| row).flatten().any(|&x| is_told(x))
    };
    let panels = panels.into_iter().filter(|(_, rows, is_share)| match is_share {
        true => has(rows, |share| share >= 0.01),
        false => has(rows, |_| true),
    });
    panels.map(|(title, rows, is_share)| Panel { title, epochs: epochs.clone(), rows, is_share }).collect()
}

impl Panel {
    fn height(&self) -> f64 {
        HEAD + ROW * self.rows.len() as f64 + FOOT
    }

    /// What the lightest and the darkest colour say: fractions, or powers of ten, at least one apart.
    fn ends(&self) -> [f64; 2] {
        if self.is_share {
            return [0.0, 1.0];
        }
        let numbers = self.rows.iter().flat_map(|(_, row)| row).flatten().copied();
        let powers = numbers.filter(|&x| x > 0.0 && x.is_finite()).map(f64::log10);
        let [low, high] =
            powers.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)]);
        if low > high { [-1.0, 0.0] } else { [low.floor(), high.ceil().max(low.floor() + 1.0)] }
    }

    /// From 0 to 1, if the number has a place on the scale.
    fn place(&self, x: f64) -> Option<f64> {
        let [low, high] = self.ends();
        let x = if self.is_share { x } else { x.log10() };
        x.is_finite().then(|| ((x - low) / (high - low)).clamp(0.0, 1.0))
    }

    fn colour(&self, place: f64) -> String {
        let place = (place * N_SHADES as f64).round() / N_SHADES as f64;
        between([242, 243, 245], if self.is_share { ORANGE } else { BLUE }, place)
    }

    fn draw(&self, drawing: &mut Drawing, top: f64) {
        let (first, n) = (top + HEAD, self.epochs.len());
        let width = WIDTH / n as f64;
        // Whole numbers, so that no seam shows between columns.
        let left = |column: usize| (LEFT + width * column as f64).round();
        drawing.styled_text([LEFT, top + 32.0], "start", "font-weight=\"bold\"", self.title);
        for (row, (name, numbers)) in self.rows.iter().enumerate() {
            let y = first + ROW * row as f64;
            drawing.text([LEFT - 10.0, y + 11.0], "end", name);
            for (column, x) in numbers.iter().enumerate() {
                let Some(x) = x else { continue };
                let colour = self.place(*x).map_or(ALARM.to_string(), |place| self.colour(place));
                let label = format!("{name}, epoch {}: {}", self.epochs[column], number(*x));
                drawing.area(
                    [left(column), y],
                    [left(column + 1) - left(column), ROW - 1.0],
                    &colour,
                    &label,
                );
            }
        }
        let bottom = first + ROW * self.rows.len() as f64;
        drawing.text([LEFT - 10.0, bottom + 15.0], "end", "epoch");
        let step = n.div_ceil((WIDTH / 32.0) as usize);
        for (column, epoch) in self.epochs.iter().enumerate().step_by(step) {
            drawing.text([LEFT + width * (column as f64 + 0.5), bottom + 15.0], "middle", &epoch.to_string());
        }
        self.draw_scale(drawing, first, bottom);
    }

    fn draw_scale(&self, drawing: &mut Drawing, first: f64, bottom: f64) {
        // Panels of one line have a scale that is higher than they are.
        let height = (bottom - first).max(2.0 * ROW);
        let edge = |shade: usize| (2.0 * (first + height * shade as f64 / N_SHADES as f64)).round() / 2.0;
        for shade in 0..N_SHADES {
            let place = 1.0 - (shade as f64 + 0.5) / N_SHADES as f64;
            let colour = self.colour(place);
            drawing.area([SCALE[0], edge(shade)], [SCALE[1], edge(shade + 1) - edge(shade)], &colour, "");
        }
        let written = |end: f64| {
            if self.is_share { format!("{:.0} %", 100.0 * end) } else { format!("1e{}", end as i64) }
        };
        let [low, high] = self.ends().map(written);
        let x = SCALE[0] + SCALE[1] + 6.0;
        drawing.text([x, first + 9.0], "start", &high);
        drawing.text([x, first + height], "start", &low);
        let is_lost = |x: &Option<f64>| x.is_some_and(|x| self.place(x).is_none());
        if self.rows.iter().any(|(_, row)| row.iter().any(is_lost)) {
            drawing.area([SCALE[0], first - 22.0], [SCALE[1], 12.0], ALARM, "");
            drawing.text([x, first - 12.0], "start", "0 or NaN");
        }
    }
}
