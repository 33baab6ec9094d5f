//! A tape in the language of Graphviz.

use std::fmt::Write;

use super::Tape;
use super::graph::{Graph, Item, Kind};

impl Tape<'_> {
    /// The tape as a graph in Graphviz' language DOT: a box for each operation with its number, name, shape, dtype and
    /// line, and an arrow for each input. Leaves and inputs that are not tracked look different.
    ///
    /// [`to_svg`](Tape::to_svg) draws without Graphviz.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{Tape, Tensor};
    ///
    /// let x = Tensor::from([1.0, 2.0]).tracked();
    /// let dot = Tape::of(&x.square().sum()).to_dot();
    /// assert!(dot.starts_with("digraph tape {"));
    /// assert!(dot.contains("n0 -> n1"));
    /// ```
    pub fn to_dot(&self) -> String {
        let graph = Graph::of(self);
        let mut dot =
            String::from("digraph tape {\n  node [shape=box, style=filled, fontname=\"monospace\"];\n");
        // Writing to a string does not fail.
        for item in &graph.boxes {
            let (id, label, style) = (&item.id, label(item), style(item.kind));
            let _ = writeln!(dot, "  n{id} [label=\"{label}\", fillcolor=\"{}\"{style}];", item.kind.fill());
        }
        for arrow in &graph.arrows {
            let (from, to) = (&graph.boxes[arrow.from].id, &graph.boxes[arrow.to].id);
            let _ = writeln!(dot, "  n{from} -> n{to};");
        }
        dot.push_str("}\n");
        dot
    }
}

fn style(kind: Kind) -> &'static str {
    match kind {
        Kind::Operation => "",
        Kind::Leaf => ", shape=ellipse",
        Kind::Result => ", penwidth=2",
        Kind::Untracked => ", style=\"filled,dashed\"",
        Kind::Outer => ", style=\"filled,dotted\"",
    }
}

/// The lines of a box, in quotes.
fn label(item: &Item) -> String {
    let escape = |line: &String| line.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ");
    item.lines.iter().map(escape).collect::<Vec<_>>().join("\\n")
}
