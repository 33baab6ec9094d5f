//! A diagnosis as a drawing: what came back to each layer, how far a step moves it, and its units.

use std::io;
use std::path::Path;

use super::text::{number, shortened};
use super::{Diagnosis, UnitsDiagnosis};
use crate::drawing::{ALARM, Axis, COLOURS, Drawing, GRID};
use crate::pictures::save_picture;

const ROW: f64 = 20.0;
const LEFT: f64 = 210.0;
const PANEL: f64 = 250.0;
const GAP: f64 = 40.0;
const WIDTH: f64 = LEFT + 2.0 * PANEL + GAP + 60.0;
/// From the top of a part to its first row.
const HEAD: f64 = 56.0;

impl Diagnosis {
    /// The diagnosis as a drawing: a standalone SVG that any browser shows. Each layer is a row: to the left what came back
    /// to it, to the right how far a step moves its weights; below, the units of each activation.
    ///
    /// # Examples
    /// ```
    /// use wengert_nn::{Dense, Layer, Sequential};
    /// use wengert_tensor::{Rng, Tensor};
    /// use wengert_train::diagnose;
    /// let x = Tensor::normal([64, 4], 0.0, 1.0, &mut Rng::seed(0));
    /// let model = Sequential::new([4]).add(Dense::units(8).tanh()).add(Dense::units(1));
    /// let svg = diagnose(&model, |model| model.forward(&x).square().mean()).to_svg();
    /// assert!(svg.starts_with("<svg") && svg.contains("dense_1"));
    /// ```
    pub fn to_svg(&self) -> String {
        let findings = 24.0 + 18.0 * self.findings.len().max(1) as f64;
        let layers = HEAD + ROW * self.layers.len() as f64 + 30.0;
        let units = if self.units.is_empty() { 0.0 } else { HEAD + ROW * self.units.len() as f64 };
        let mut drawing = Drawing::new(WIDTH, findings + layers + units, "Diagnosis");
        self.draw_findings(&mut drawing);
        self.draw_layers(&mut drawing, findings);
        if !self.units.is_empty() {
            self.draw_units(&mut drawing, findings + layers);
        }
        drawing.end()
    }

    /// Writes [`to_svg`](Diagnosis::to_svg) to a file: see [`save_picture`](crate::save_picture).
    ///
    /// # Errors
    /// If the file cannot be written, or its name ends in something else than `.svg` or `.png`.
    pub fn plot(&self, path: impl AsRef<Path>) -> io::Result<()> {
        save_picture(&self.to_svg(), path)
    }

    fn draw_layers(&self, drawing: &mut Drawing, top: f64) {
        let returned = || self.layers.iter().map(|layer| layer.returned);
        let updates = || self.layers.iter().filter_map(|layer| layer.update_ratio);
        let first = top + HEAD;
        let bottom = first + ROW * self.layers.len() as f64;
        let panel = |drawing: &mut Drawing, title: &str, axis: &Axis, left: f64| {
            drawing.styled_text([left, top + 22.0], "start", "font-weight=\"bold\"", title);
            for (tick, label) in axis.ticks() {
                drawing.line([axis.at(tick), first - 12.0], [axis.at(tick), bottom], GRID);
                drawing.text([axis.at(tick), bottom + 14.0], "middle", &label);
            }
        };
        let (left, right) = (LEFT, LEFT + PANEL + GAP);
        let back = Axis::logarithmic(returned(), left, PANEL);
        let moved = Axis::logarithmic(updates().chain([1e-4, 1e-2]), right, PANEL);
        panel(drawing, "gradient that came back", &back, left);
        if updates().next().is_some() {
            panel(drawing, "step through weights", &moved, right);
            drawing.line(
                [moved.at(1e-3), first - 12.0],
                [moved.at(1e-3), bottom],
                "stroke=\"#009e73\" stroke-dasharray=\"4 3\"",
            );
        }
        for (row, layer) in self.layers.iter().enumerate() {
            let y = first + ROW * row as f64;
            drawing.text([LEFT - 10.0, y + 4.0], "end", &shortened(&layer.name));
            if layer.returned > 0.0 && layer.returned.is_finite() {
                drawing.dot(
                    [back.at(layer.returned), y],
                    COLOURS[0],
                    &format!("{}: {}", layer.name, number(layer.returned)),
                );
            } else {
                let what = match layer.is_reached {
                    false => "not reached",
                    true if layer.returned == 0.0 => "none",
                    true => "not finite",
                };
                drawing.styled_text([left + 4.0, y + 4.0], "start", &format!("fill=\"{ALARM}\""), what);
            }
            if let Some(ratio) = layer.update_ratio {
                let label = format!("{}: {}", layer.name, number(ratio));
                if ratio > 0.0 && ratio.is_finite() {
                    drawing.dot([moved.at(ratio), y], COLOURS[2], &label);
                } else {
                    drawing.text([right + 4.0, y + 4.0], "start", "none");
                }
            }
        }
    }

    /// A bar for each activation: dead, nearly dead and other units, and beside it the part of flat values.
    fn draw_units(&self, drawing: &mut Drawing, top: f64) {
        let right = LEFT + PANEL + GAP;
        drawing.styled_text(
            [LEFT, top + 22.0],
            "start",
            "font-weight=\"bold\"",
            "units: dead, nearly dead, others",
        );
        drawing.styled_text(
            [right, top + 22.0],
            "start",
            "font-weight=\"bold\"",
            "values where the slope is nearly 0",
        );
        for (row, units) in self.units.iter().enumerate() {
            let y = top + HEAD + ROW * row as f64 - 16.0;
            let name = format!("{} ({})", shortened(&units.layer), units.operation);
            drawing.text([LEFT - 10.0, y + 11.0], "end", &name);
            bar(drawing, [LEFT, y], &parts(units));
            let flat = [
                (units.flat, if units.is_bounded { ALARM } else { COLOURS[4] }),
                (1.0 - units.flat, "#eeeeee"),
            ];
            bar(drawing, [right, y], &flat);
            drawing.text([right + PANEL + 6.0, y + 11.0], "start", &format!("{:.0} %", 100.0 * units.flat));
        }
    }

    fn draw_findings(&self, drawing: &mut Drawing) {
        if self.is_healthy() {
            drawing.styled_text([20.0, 26.0], "start", "font-weight=\"bold\"", "nothing was found");
        }
        for (row, finding) in self.findings.iter().enumerate() {
            let style = format!("fill=\"{ALARM}\" font-weight=\"bold\"");
            drawing.styled_text([20.0, 26.0 + 18.0 * row as f64], "start", &style, &finding.to_string());
        }
    }
}

fn parts(units: &UnitsDiagnosis) -> [(f64, &'static str); 3] {
    let share = |n: usize| n as f64 / units.n_units as f64;
    let (dead, nearly) = (share(units.n_dead), share(units.n_nearly_dead));
    [(dead, ALARM), (nearly, "#e6b800"), (1.0 - dead - nearly, COLOURS[0])]
}

fn bar(drawing: &mut Drawing, [left, y]: [f64; 2], parts: &[(f64, &str)]) {
    let mut x = left;
    for &(share, colour) in parts.iter().filter(|(share, _)| *share > 0.0) {
        drawing.area([x, y], [PANEL * share, ROW - 6.0], colour, &format!("{:.1} %", 100.0 * share));
        x += PANEL * share;
    }
}
