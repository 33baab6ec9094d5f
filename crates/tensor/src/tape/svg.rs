//! A tape as a drawing, without any program installed. Where the boxes stand is found in `tape/layers.rs`.

use std::fmt::Write;

use super::Tape;
use super::graph::{Graph, Item, Kind};
use super::layers::{Layout, Place};

/// Sizes in pixels. A character of a monospaced font of 12 pixels is 7.2 wide.
const CHARACTER: f64 = 7.3;
const LINE: f64 = 16.0;
const PADDING: f64 = 8.0;
const BOX_HEIGHT: f64 = 3.0 * LINE + PADDING;
const LAYER_HEIGHT: f64 = BOX_HEIGHT + 44.0;
const MARGIN: f64 = 20.0;
/// Of a longer line the end is shown, where a path is most telling; the whole shows when pointed at.
const MOST_CHARACTERS: usize = 36;

impl Tape<'_> {
    /// The tape as a drawing, from the leaves at the top to the result at the bottom: a standalone SVG that any browser
    /// shows.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{Tape, Tensor};
    ///
    /// let x = Tensor::from([1.0, 2.0]).tracked();
    /// let loss = x.square().sum();
    /// let svg = Tape::of(&loss).to_svg();               // std::fs::write("tape.svg", svg) makes a file of it
    /// assert!(svg.starts_with("<svg") && svg.contains("square"));
    /// ```
    pub fn to_svg(&self) -> String {
        let graph = Graph::of(self);
        let widths: Vec<f64> = graph.boxes.iter().map(width).collect();
        let arrows: Vec<(usize, usize)> = graph.arrows.iter().map(|arrow| (arrow.from, arrow.to)).collect();
        let layout = Layout::new(&widths, &arrows);
        Drawing::of(&graph, &layout).finish()
    }
}

struct Drawing<'a> {
    graph: &'a Graph,
    layout: &'a Layout,
    left: f64,
    width: f64,
    text: String,
}

impl<'a> Drawing<'a> {
    fn of(graph: &'a Graph, layout: &'a Layout) -> Drawing<'a> {
        let edges = |side: f64| layout.places.iter().map(move |place| place.x + side * place.width / 2.0);
        let left = edges(-1.0).reduce(f64::min).unwrap_or(0.0) - MARGIN;
        let right = edges(1.0).reduce(f64::max).unwrap_or(0.0) + MARGIN;
        Drawing { graph, layout, left, width: right - left, text: String::new() }
    }

    // Writing to a string does not fail, so that the results of `write!` mean nothing here.

    fn finish(mut self) -> String {
        let height = self.layout.n_layers as f64 * LAYER_HEIGHT - (LAYER_HEIGHT - BOX_HEIGHT) + 2.0 * MARGIN;
        let _ = write!(
            self.text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0} {1:.0}\" width=\"{0:.0}\" \
             height=\"{1:.0}\" font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
             <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
             orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555555\"/></marker></defs>\n",
            self.width,
            height.max(2.0 * MARGIN),
        );
        self.text.push_str("<g fill=\"none\" stroke=\"#555555\">\n");
        self.lines();
        self.text.push_str("</g>\n");
        for (item, place) in self.graph.boxes.iter().zip(&self.layout.places) {
            self.item(item, place);
        }
        self.text.push_str("</svg>\n");
        self.text
    }

    fn lines(&mut self) {
        let (graph, layout) = (self.graph, self.layout);
        let n_boxes = graph.boxes.len();
        for &(from, to) in layout.lines.iter().filter(|line| line.1 >= n_boxes) {
            // Straight on through the layer, between its boxes.
            let curve = self.curve(from, self.x(to), layout.places[to].layer);
            let _ = writeln!(self.text, "<path d=\"{curve}v{BOX_HEIGHT}\"/>");
        }
        for (arrow, &stop) in graph.arrows.iter().zip(&layout.last_stops) {
            let to = &layout.places[arrow.to];
            let share = (arrow.arg + 1) as f64 / (arrow.n_args + 1) as f64 - 0.5;
            let curve = self.curve(stop, self.x(arrow.to) + share * to.width, to.layer);
            let (from_id, to_id) = (&graph.boxes[arrow.from].id, &graph.boxes[arrow.to].id);
            let _ = writeln!(
                self.text,
                "<path d=\"{curve}\" marker-end=\"url(#head)\" data-from=\"{from_id}\" data-to=\"{to_id}\"/>"
            );
        }
    }

    /// From the lower side of a place to the upper side of the next layer, where nothing else stands.
    fn curve(&self, from: usize, x: f64, layer: usize) -> String {
        let (x0, y0) = (self.x(from), top(self.layout.places[from].layer) + BOX_HEIGHT);
        let y = top(layer);
        let middle = (y0 + y) / 2.0;
        format!("M{x0:.1} {y0:.1}C{x0:.1} {middle:.1} {x:.1} {middle:.1} {x:.1} {y:.1}")
    }

    fn item(&mut self, item: &Item, place: &Place) {
        let (x, y) = (place.x - self.left, top(place.layer));
        let (id, kind) = (&item.id, item.kind.name());
        let corner = if item.kind == Kind::Leaf { BOX_HEIGHT / 2.0 } else { 4.0 };
        let dashes = match item.kind {
            Kind::Untracked | Kind::Outer => " stroke-dasharray=\"4 3\"",
            _ => "",
        };
        let _ = writeln!(
            self.text,
            "<g class=\"{kind}\" data-id=\"{id}\"><title>{}</title><rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" \
             height=\"{BOX_HEIGHT}\" rx=\"{corner}\" fill=\"{}\" stroke=\"#333333\"{dashes}/>",
            escaped(&item.lines.join("\n")),
            x - place.width / 2.0,
            place.width,
            item.kind.fill(),
        );
        let first = y + (BOX_HEIGHT - item.lines.len() as f64 * LINE) / 2.0 + 12.0;
        for (number, line) in item.lines.iter().enumerate() {
            let (line, weight) = (shortened(line), if number == 0 { " font-weight=\"bold\"" } else { "" });
            let _ = writeln!(
                self.text,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" textLength=\"{:.1}\" \
                 lengthAdjust=\"spacingAndGlyphs\"{weight}>{}</text>",
                first + number as f64 * LINE,
                length(&line),
                escaped(&line),
            );
        }
        self.text.push_str("</g>\n");
    }

    fn x(&self, place: usize) -> f64 {
        self.layout.places[place].x - self.left
    }
}

fn top(layer: usize) -> f64 {
    MARGIN + layer as f64 * LAYER_HEIGHT
}

/// Wide enough for every line, and for the round ends of a leaf.
fn width(item: &Item) -> f64 {
    let text = item.lines.iter().map(|line| length(&shortened(line))).fold(0.0, f64::max);
    text + 2.0 * if item.kind == Kind::Leaf { 2.5 * PADDING } else { PADDING }
}

/// The length of a line in pixels; a character that is not ASCII may be as wide as two.
fn length(line: &str) -> f64 {
    line.chars().map(|c| if c.is_ascii() { CHARACTER } else { 2.0 * CHARACTER }).sum()
}

fn shortened(line: &str) -> String {
    let n = line.chars().count();
    if n <= MOST_CHARACTERS {
        return line.to_string();
    }
    std::iter::once('…').chain(line.chars().skip(n + 1 - MOST_CHARACTERS)).collect()
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
