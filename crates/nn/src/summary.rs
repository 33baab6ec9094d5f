//! The table that says what a model is made of.

use std::fmt;

use wengert_tensor::Shape;

use crate::Layer;

/// A table of layers, the shapes of their outputs and their numbers of parameters.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, Sequential};
/// let summary = Sequential::new([10]).add(Dense::units(2)).summary();
/// assert_eq!(summary.n_parameters(), 22);
/// assert!(summary.to_string().contains("dense (Dense)"));
/// ```
#[derive(Clone, Debug)]
pub struct Summary {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    layer: String,
    output: String,
    n_trainable: usize,
    n_frozen: usize,
    n_bytes: usize,
}

impl Summary {
    pub(crate) fn new<'a>(layers: impl Iterator<Item = (&'a str, &'a dyn Layer, &'a Shape)>) -> Summary {
        Summary { rows: layers.map(|(name, layer, output)| Row::new(name, layer, output)).collect() }
    }

    /// The number of numbers in all parameters.
    pub fn n_parameters(&self) -> usize {
        self.n_trainable() + self.rows.iter().map(|row| row.n_frozen).sum::<usize>()
    }

    /// The number of those that training changes.
    pub fn n_trainable(&self) -> usize {
        self.rows.iter().map(|row| row.n_trainable).sum()
    }

    fn n_bytes(&self) -> usize {
        self.rows.iter().map(|row| row.n_bytes).sum()
    }
}

impl Row {
    fn new(name: &str, layer: &dyn Layer, output: &Shape) -> Row {
        let sizes: Vec<String> = output.iter().map(|size| format!(", {size}")).collect();
        let mut row = Row {
            layer: format!("{name} ({})", layer.kind()),
            output: format!("(None{})", sizes.concat()),
            n_trainable: 0,
            n_frozen: 0,
            n_bytes: 0,
        };
        for (_, param) in layer.parameters() {
            row.n_bytes += param.size() * param.dtype().size_of();
            *if param.is_trainable() { &mut row.n_trainable } else { &mut row.n_frozen } += param.size();
        }
        row
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["Layer (type)", "Output shape", "Param #"];
        let cells =
            |row: &Row| [row.layer.clone(), row.output.clone(), thousands(row.n_trainable + row.n_frozen)];
        let rows: Vec<[String; 3]> = self.rows.iter().map(cells).collect();
        let width = |i: usize| {
            rows.iter().map(|row| row[i].chars().count()).chain([heads[i].len()]).max().unwrap_or(0)
        };
        let [layer, output, count] = [width(0), width(1), width(2)];
        let line = "─".repeat(layer + output + count + 4);
        writeln!(f, "{:layer$}  {:output$}  {:>count$}", heads[0], heads[1], heads[2])?;
        writeln!(f, "{line}")?;
        for row in &rows {
            writeln!(f, "{:layer$}  {:output$}  {:>count$}", row[0], row[1], row[2])?;
        }
        writeln!(f, "{line}")?;
        writeln!(f, "Total parameters: {} ({})", thousands(self.n_parameters()), bytes(self.n_bytes()))?;
        writeln!(f, "Trainable: {}", thousands(self.n_trainable()))?;
        write!(f, "Frozen: {}", thousands(self.n_parameters() - self.n_trainable()))
    }
}

/// `21502` as `21,502`.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn bytes(n: usize) -> String {
    match n {
        0..1024 => format!("{n} B"),
        1024..1_048_576 => format!("{:.2} KiB", n as f64 / 1024.0),
        _ => format!("{:.2} MiB", n as f64 / 1_048_576.0),
    }
}
