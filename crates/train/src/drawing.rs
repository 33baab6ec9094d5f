//! Drawings in SVG, written without any library: lines, areas, text and axes. What is drawn stands with what is told.

use std::fmt::Write;

/// Colours that are told apart by those who see red and green alike too (M. Okabe, K. Ito, "Color universal design",
/// 2008).
pub(crate) const COLOURS: [&str; 7] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#7a6a00", "#555555"];
pub(crate) const GRID: &str = "stroke=\"#dddddd\"";
pub(crate) const ALARM: &str = "#d55e00";

/// A drawing that grows by elements. Its texts are for people; they are made safe for XML here.
pub(crate) struct Drawing(String);

impl Drawing {
    pub(crate) fn new(width: f64, height: f64, title: &str) -> Drawing {
        let title = escaped(title);
        Drawing(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
             height=\"{height:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n<title>{title}</title>\n\
             <rect width=\"{width:.0}\" height=\"{height:.0}\" fill=\"#ffffff\"/>\n"
        ))
    }

    pub(crate) fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // A string can always be written to.
        let _ = writeln!(self.0, "{element}");
    }

    pub(crate) fn line(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], style: &str) {
        self.add(format_args!("<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {style}/>"));
    }

    /// A line through points. It is broken where one of them is not finite.
    pub(crate) fn curve(&mut self, points: impl IntoIterator<Item = [f64; 2]>, style: &str) {
        let mut path = String::new();
        let mut command = 'M';
        for [x, y] in points {
            if !(x.is_finite() && y.is_finite()) {
                command = 'M';
                continue;
            }
            let _ = write!(path, "{command}{x:.1} {y:.1}");
            command = 'L';
        }
        self.add(format_args!("<path d=\"{path}\" fill=\"none\" {style}/>"));
    }

    /// A rectangle that says more when it is pointed at.
    pub(crate) fn area(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], fill: &str, label: &str) {
        let label = escaped(label);
        self.add(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"><title>{label}</title></rect>"
        ));
    }

    pub(crate) fn dot(&mut self, [x, y]: [f64; 2], colour: &str, label: &str) {
        let label = escaped(label);
        self.add(format_args!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"><title>{label}</title></circle>"
        ));
    }

    pub(crate) fn text(&mut self, [x, y]: [f64; 2], anchor: &str, text: &str) {
        self.styled_text([x, y], anchor, "", text);
    }

    pub(crate) fn styled_text(&mut self, [x, y]: [f64; 2], anchor: &str, style: &str, text: &str) {
        let text = escaped(text);
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {style}>{text}</text>"
        ));
    }

    pub(crate) fn end(self) -> String {
        self.0 + "</svg>\n"
    }
}

/// An axis from one number to another over a stretch of the drawing.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    is_logarithmic: bool,
    start: f64,
    length: f64,
}

impl Axis {
    /// Over all numbers, with a little room; `length` may be negative, as that of an axis upward is.
    pub(crate) fn linear(numbers: impl Iterator<Item = f64>, start: f64, length: f64) -> Axis {
        let (low, high) = range(numbers.filter(|x| x.is_finite())).unwrap_or((0.0, 1.0));
        let room = if high > low { 0.04 * (high - low) } else { 0.5 };
        Axis { low: low - room, high: high + room, is_logarithmic: false, start, length }
    }

    /// The same, in powers of ten, over those that are greater than 0; from one power to another, so that there are
    /// at least two.
    pub(crate) fn logarithmic(numbers: impl Iterator<Item = f64>, start: f64, length: f64) -> Axis {
        let logarithms = numbers.filter(|&x| x > 0.0 && x.is_finite()).map(f64::log10);
        let (low, high) = range(logarithms).unwrap_or((0.0, 0.0));
        let low = low.floor();
        Axis {
            is_logarithmic: true,
            ..Axis::linear([low, high.ceil().max(low + 1.0)].into_iter(), start, length)
        }
    }

    /// Exactly from `low` to `high`.
    pub(crate) fn exact([low, high]: [f64; 2], start: f64, length: f64) -> Axis {
        Axis { low, high, is_logarithmic: false, start, length }
    }

    pub(crate) fn at(&self, value: f64) -> f64 {
        let value = if self.is_logarithmic { value.log10() } else { value };
        self.start + self.length * (value - self.low) / (self.high - self.low)
    }

    /// The number that lies at a place.
    pub(crate) fn value_at(&self, place: f64) -> f64 {
        let value = self.low + (place - self.start) / self.length * (self.high - self.low);
        if self.is_logarithmic { 10_f64.powf(value) } else { value }
    }

    /// Four to nine round numbers that lie on it, and how they are written.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let mut step = 10_f64.powf(((self.high - self.low) / 5.0).log10().floor());
        step *= [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .find(|m| (self.high - self.low) / (step * m) <= 6.0)
            .unwrap_or(1.0);
        if self.is_logarithmic {
            step = step.max(1.0).round();
        }
        let decimals = if step < 1.0 { (-step.log10()).ceil() as usize } else { 0 };
        let (first, last) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        let tick = |n: i64| {
            let value = n as f64 * step;
            match self.is_logarithmic {
                true => (10_f64.powf(value), format!("1e{value:.0}")),
                false => (value, format!("{value:.decimals$}")),
            }
        };
        (first..=last).map(tick).collect()
    }
}

/// Two axes with their grid and names, room for curves between them, and a legend to the right.
pub(crate) struct Frame {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl Frame {
    pub(crate) const WIDTH: f64 = 760.0;
    pub(crate) const HEIGHT: f64 = 380.0;
    /// Where the curves begin, and how far they reach.
    pub(crate) const ACROSS: [f64; 2] = [70.0, 500.0];
    const UP: [f64; 2] = [325.0, -295.0];

    /// From one number to another across, and over all numbers upward.
    pub(crate) fn new(across: [f64; 2], upward: impl Iterator<Item = f64>, is_logarithmic: bool) -> Frame {
        let ([left, width], [bottom, height]) = (Frame::ACROSS, Frame::UP);
        let y = if is_logarithmic { Axis::logarithmic } else { Axis::linear };
        Frame { x: Axis::exact(across, left, width), y: y(upward, bottom, height) }
    }

    pub(crate) fn at(&self, x: f64, y: f64) -> [f64; 2] {
        [self.x.at(x), self.y.at(y)]
    }

    pub(crate) fn draw(&self, drawing: &mut Drawing, [across, upward]: [&str; 2]) {
        let ([left, width], [bottom, height]) = (Frame::ACROSS, Frame::UP);
        for (tick, label) in self.x.ticks() {
            drawing.line([self.x.at(tick), bottom], [self.x.at(tick), bottom + height], GRID);
            drawing.text([self.x.at(tick), bottom + 18.0], "middle", &label);
        }
        for (tick, label) in self.y.ticks() {
            drawing.line([left, self.y.at(tick)], [left + width, self.y.at(tick)], GRID);
            drawing.text([left - 8.0, self.y.at(tick) + 4.0], "end", &label);
        }
        drawing.text([left + width / 2.0, bottom + 40.0], "middle", across);
        drawing.styled_text([left, bottom + height - 10.0], "start", "font-weight=\"bold\"", upward);
    }

    /// A line upward at a place.
    pub(crate) fn mark(&self, drawing: &mut Drawing, x: f64, style: &str) {
        let [bottom, height] = Frame::UP;
        drawing.line([self.x.at(x), bottom], [self.x.at(x), bottom + height], style);
    }

    /// A line of the legend.
    pub(crate) fn legend(&self, drawing: &mut Drawing, place: usize, colour: &str, text: &str) {
        self.styled_legend(drawing, place, &format!("stroke=\"{colour}\" stroke-width=\"3\""), text);
    }

    /// A line of the legend, with a piece of what it explains.
    pub(crate) fn styled_legend(&self, drawing: &mut Drawing, place: usize, style: &str, text: &str) {
        let y = 40.0 + 20.0 * place as f64;
        let x = Frame::ACROSS[0] + Frame::ACROSS[1] + 14.0;
        drawing.line([x, y - 4.0], [x + 16.0, y - 4.0], style);
        drawing.text([x + 22.0, y], "start", text);
    }

    /// A line upward at a place, and what it says in the legend.
    pub(crate) fn explained_mark(
        &self,
        drawing: &mut Drawing,
        x: f64,
        place: usize,
        [style, text]: [&str; 2],
    ) {
        self.mark(drawing, x, style);
        self.styled_legend(drawing, place, style, text);
    }
}

/// Whether numbers are all positive and so far apart that small ones show only on a logarithmic axis.
pub(crate) fn spans_decades(values: impl Iterator<Item = f64>) -> bool {
    let finite = values.filter(|x| x.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    low > 0.0 && low.is_finite() && high > 50.0 * low
}

fn range(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    numbers.fold(None, |range, x| {
        let (low, high) = range.unwrap_or((x, x));
        Some((low.min(x), high.max(x)))
    })
}

/// Text for XML, which knows no control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push(c),
            _ if c.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_axis_has_round_ticks() {
        let axis = Axis::exact([0.0, 1.0], 10.0, 100.0);
        assert_eq!((axis.at(0.5), axis.value_at(60.0)), (60.0, 0.5));
        let labels: Vec<String> = axis.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    }

    #[test]
    fn a_logarithmic_axis_has_powers_of_ten() {
        let axis = Axis::logarithmic([1e-6, 1.0, f64::NAN, 0.0].into_iter(), 0.0, 100.0);
        assert!((axis.at(1e-3) - 50.0).abs() < 1e-9);
        let labels: Vec<String> = axis.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["1e-6", "1e-4", "1e-2", "1e0"]);
    }

    #[test]
    fn an_axis_over_one_number_or_none_has_a_length() {
        for numbers in [vec![], vec![2.0], vec![f64::NAN]] {
            let axis = Axis::linear(numbers.into_iter(), 0.0, 10.0);
            assert!(axis.at(0.7).is_finite() && !axis.ticks().is_empty());
        }
    }

    #[test]
    fn texts_are_safe_and_curves_have_gaps() {
        let mut drawing = Drawing::new(10.0, 10.0, "a < b");
        drawing.curve([[0.0, 0.0], [1.0, f64::NAN], [2.0, 2.0], [3.0, 3.0]], "");
        drawing.text([1.0, 1.0], "start", "x & \"y\"\u{7}");
        let svg = drawing.end();
        assert!(svg.contains("<title>a &lt; b</title>") && svg.contains("x &amp; &quot;y&quot;\u{fffd}"));
        assert!(svg.contains("d=\"M0.0 0.0M2.0 2.0L3.0 3.0\""));
    }

    #[test]
    fn a_loss_over_decades_has_a_logarithmic_axis() {
        assert!(spans_decades([1.0, 0.01].into_iter()));
        assert!(!spans_decades([1.0, 0.5].into_iter()));
        assert!(!spans_decades([1.0, 0.0].into_iter()), "zero has no logarithm");
        assert!(!spans_decades(std::iter::empty()));
    }
}
