//! The charts: drawings in SVG of the results of a part, written without any library.

use std::fmt::Write;

use wengert_protocol::{Layout, Row};

use super::contestants::{Contestant, OWN};
use super::results::Results;
use super::{Part, rows};

/// Colours that are told apart by those who see red and green alike too (Okabe and Ito, 2008); Wengert's is the first.
const COLOURS: [&str; 7] = ["#d55e00", "#0072b2", "#56b4e9", "#009e73", "#cc79a7", "#7a6a00", "#555555"];

/// The chart of a part.
pub(super) fn svg(results: &Results) -> String {
    match results.part {
        Part::Steps => steps(results),
        Part::Products => products(results),
    }
}

/// A drawing that grows by elements.
struct Drawing(String);

impl Drawing {
    fn new(width: f64, height: f64, title: &str) -> Drawing {
        Drawing(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n<title>{title}</title>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
        ))
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // A string can always be written to.
        let _ = writeln!(self.0, "{element}");
    }

    fn line(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], style: &str) {
        self.add(format_args!("<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {style}/>"));
    }

    fn dot(&mut self, [x, y]: [f64; 2], colour: &str, label: &str) {
        self.add(format_args!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{colour}\" fill-opacity=\"0.85\"><title>{label}</title></circle>"
        ));
    }

    fn text(&mut self, [x, y]: [f64; 2], anchor: &str, text: &str) {
        self.add(format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"));
    }

    /// The contestants with their colours, from left to right.
    fn legend(&mut self, [mut x, y]: [f64; 2], contestants: &[&Contestant]) {
        for (contestant, colour) in contestants.iter().zip(COLOURS) {
            self.dot([x, y], colour, contestant.label);
            self.text([x + 10.0, y + 4.0], "start", contestant.label);
            x += 40.0 + 6.6 * contestant.label.len() as f64;
        }
    }

    fn end(self) -> String {
        self.0 + "</svg>\n"
    }
}

/// A logarithmic axis from `low` to `high` over the points from `start` on.
struct Axis {
    low: f64,
    high: f64,
    start: f64,
    length: f64,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        self.start + self.length * (value / self.low).ln() / (self.high / self.low).ln()
    }

    /// The numbers 1, 2 and 5 times the powers of ten that lie on it.
    fn ticks(&self) -> Vec<f64> {
        let powers = (-6..10).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
        powers.filter(|tick| (self.low * 0.999..=self.high * 1.001).contains(tick)).collect()
    }
}

const GRID: &str = "stroke=\"#dddddd\"";

/// A line for each row, and on it a dot for each contestant: how many times Wengert's time it takes.
fn steps(results: &Results) -> String {
    let contestants: Vec<&Contestant> = results.contestants().collect();
    let n_threads = rows::threads(results.part)[0];
    let mut lines = Vec::new();
    for row in results.rows() {
        let Some(own) = results.summary(row, n_threads, OWN) else { continue };
        let ratio = |contestant: &&Contestant| {
            Some(results.summary(row, n_threads, contestant.name)?.median_us / own.median_us)
        };
        lines.push((row, own.median_us, contestants.iter().map(ratio).collect::<Vec<_>>()));
    }
    let ratios = || lines.iter().flat_map(|(_, _, ratios)| ratios.iter().flatten().copied());
    let (low, high) = (ratios().fold(0.8, f64::min) * 0.9, ratios().fold(2.0, f64::max) * 1.1);
    let (height, bottom) = (110.0 + 36.0 * lines.len() as f64, 70.0 + 36.0 * lines.len() as f64);
    let axis = Axis { low, high, start: 400.0, length: 470.0 };
    let mut drawing = Drawing::new(900.0, height, "Time of a step, as a multiple of Wengert's");
    drawing.legend([30.0, 22.0], &contestants);
    for tick in axis.ticks() {
        let style = if tick == 1.0 { "stroke=\"#888888\" stroke-width=\"2\"" } else { GRID };
        drawing.line([axis.at(tick), 45.0], [axis.at(tick), bottom], style);
        drawing.text([axis.at(tick), bottom + 16.0], "middle", &format!("{tick}"));
    }
    drawing.text([635.0, bottom + 34.0], "middle", "times Wengert's time: to the left of 1 is faster");
    for (index, (row, own, ratios)) in lines.iter().enumerate() {
        let y = 66.0 + 36.0 * index as f64;
        drawing.text([390.0, y - 2.0], "end", &row.to_string());
        drawing.text([390.0, y + 12.0], "end", &format!("Wengert {}", time(*own)));
        drawing.line([axis.start, y], [axis.start + axis.length, y], GRID);
        // Wengert's dot comes last, so that no other hides it.
        for ((contestant, colour), ratio) in contestants.iter().zip(COLOURS).zip(ratios).rev() {
            if let Some(ratio) = ratio {
                drawing.dot([axis.at(*ratio), y], colour, &format!("{}: {ratio:.2}", contestant.label));
            }
        }
    }
    drawing.end()
}

/// A time in the unit in which it has one to three digits before the point.
fn time(microseconds: f64) -> String {
    match microseconds {
        1e6.. => format!("{:.2} s", microseconds / 1e6),
        1e3.. => format!("{:.2} ms", microseconds / 1e3),
        _ => format!("{microseconds:.2} µs"),
    }
}

/// For each number of threads a panel: the part of the machine's peak over the side of square matrices.
fn products(results: &Results) -> String {
    let contestants: Vec<&Contestant> = results.contestants().collect();
    let panels = rows::threads(results.part);
    let mut drawing = Drawing::new(900.0, 90.0 + 290.0 * panels.len() as f64, "Products of square matrices");
    drawing.legend([30.0, 22.0], &contestants);
    let sides: Vec<(f64, &Row)> = results.rows().into_iter().filter_map(side).collect();
    let low = sides.iter().map(|(side, _)| *side).fold(f64::INFINITY, f64::min).min(32.0);
    let high = sides.iter().map(|(side, _)| *side).fold(64.0, f64::max);
    let axis = Axis { low, high, start: 70.0, length: 800.0 };
    for (index, &n_threads) in panels.iter().enumerate() {
        let Some(peak) = results.peak_gflops(n_threads) else { continue };
        let top = 70.0 + 290.0 * index as f64;
        let height = |part: f64| top + 220.0 * (1.0 - part);
        let threads = if n_threads == 1 { "one thread".to_string() } else { format!("{n_threads} threads") };
        drawing.text(
            [70.0, top - 12.0],
            "start",
            &format!("{threads}, part of the peak of {peak:.0} GFLOP/s"),
        );
        for percent in [0, 20, 40, 60, 80, 100] {
            let y = height(f64::from(percent) / 100.0);
            drawing.line([axis.start, y], [axis.start + axis.length, y], GRID);
            drawing.text([60.0, y + 4.0], "end", &format!("{percent} %"));
        }
        for (side, _) in &sides {
            drawing.text([axis.at(*side), top + 238.0], "middle", &format!("{side}"));
        }
        for (contestant, colour) in contestants.iter().zip(COLOURS).rev() {
            let point = |(side, row): &(f64, &Row)| {
                let part = results.summary(row, n_threads, contestant.name)?.gflops()? / peak;
                Some((
                    [axis.at(*side), height(part)],
                    format!("{} {row}: {:.0} %", contestant.label, 100.0 * part),
                ))
            };
            let points: Vec<([f64; 2], String)> = sides.iter().filter_map(point).collect();
            for pair in points.windows(2) {
                drawing.line(pair[0].0, pair[1].0, &format!("stroke=\"{colour}\" stroke-width=\"2\""));
            }
            for (place, label) in &points {
                drawing.dot(*place, colour, label);
            }
        }
    }
    drawing.text([470.0, 50.0 + 290.0 * panels.len() as f64], "middle", "side of the matrices");
    drawing.end()
}

fn side(row: &Row) -> Option<(f64, &Row)> {
    match *row {
        Row::Product { layout: Layout::Plain, m, k, n } if m == k && k == n => Some((m as f64, row)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::results_of;
    use super::*;

    #[test]
    fn a_chart_of_steps_has_a_dot_for_each_time() {
        let results = results_of(
            Part::Steps,
            &[
                ("infer 2-2-1 relu 1", 2, &[("wengert", &[4.0]), ("burn", &[2.0]), ("jax", &[90.0])]),
                ("infer 3-3-1 relu 1", 2, &[("wengert", &[4.0]), ("burn", &[6.0])]),
            ],
        );
        let text = svg(&results);
        let drawing = roxmltree::Document::parse(&text).expect("well-formed");
        let labels: Vec<&str> = drawing
            .descendants()
            .filter(|node| node.has_tag_name("circle"))
            .filter_map(|node| node.first_element_child()?.text())
            .collect();
        let dots = ["burn: 0.50", "JAX: 22.50", "Wengert: 1.00", "burn: 1.50", "Wengert: 1.00"];
        assert_eq!(labels[3..], dots, "after the three of the legend; Wengert's is drawn last");
        let places = drawing.descendants().filter_map(|node| node.attribute("cx")?.parse::<f64>().ok());
        assert!(places.skip(3).all(|x| (400.0..=870.0).contains(&x)));
    }

    #[test]
    fn a_chart_of_products_joins_the_squares() {
        let times: &[(&str, &[f64])] = &[("wengert", &[1.0]), ("gemm", &[2.0])];
        let results = results_of(
            Part::Products,
            &[
                ("peak", 1, &[("fma", &[1.0])]),
                ("nn 32x32x32", 1, times),
                ("nn 64x64x64", 1, times),
                ("nn 64x64x65", 1, times),
            ],
        );
        let text = svg(&results);
        let drawing = roxmltree::Document::parse(&text).expect("well-formed");
        let count = |name: &str| drawing.descendants().filter(|node| node.has_tag_name(name)).count();
        assert_eq!((count("circle"), count("line")), (2 + 4, 6 + 2));
    }

    #[test]
    fn an_axis_is_logarithmic() {
        let axis = Axis { low: 1.0, high: 100.0, start: 0.0, length: 10.0 };
        assert!((axis.at(10.0) - 5.0).abs() < 1e-12);
        assert_eq!(axis.ticks(), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
    }

    #[test]
    fn times_have_their_unit() {
        assert_eq!([2.5, 2500.0, 2.5e6].map(time), ["2.50 µs", "2.50 ms", "2.50 s"]);
    }
}
