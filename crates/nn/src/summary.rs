//! The table that says what a model is made of.

use std::fmt;

use wengert_tensor::module::{Path, Visitor};
use wengert_tensor::{Buffer, Param, Shape, Tensor};

use crate::Layer;

/// A table of layers, the shapes of their outputs and their numbers of parameters.
///
/// As in Keras, running statistics are counted too: among what is not trained.
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
    n_resting: usize,
    n_bytes: usize,
}

impl Summary {
    pub(crate) fn new<'a>(layers: impl Iterator<Item = (&'a str, &'a dyn Layer, &'a Shape)>) -> Summary {
        Summary { rows: layers.map(|(name, layer, output)| Row::new(name, layer, output)).collect() }
    }

    /// The number of numbers in all parameters and running statistics.
    pub fn n_parameters(&self) -> usize {
        self.n_trainable() + self.n_non_trainable()
    }

    /// The number of those that an optimizer changes.
    pub fn n_trainable(&self) -> usize {
        self.rows.iter().map(|row| row.n_trainable).sum()
    }

    /// The number of the others: frozen parameters and running statistics.
    pub fn n_non_trainable(&self) -> usize {
        self.rows.iter().map(|row| row.n_resting).sum()
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
            n_resting: 0,
            n_bytes: 0,
        };
        layer.visit(&Path::root(), &mut row);
        row
    }

    fn count(&mut self, tensor: &Tensor, is_trainable: bool) {
        self.n_bytes += tensor.size() * tensor.dtype().size_of();
        *if is_trainable { &mut self.n_trainable } else { &mut self.n_resting } += tensor.size();
    }
}

impl<'m> Visitor<'m> for Row {
    fn param(&mut self, _: &Path<'_>, param: &'m Param) {
        self.count(param, param.is_trainable());
    }
    fn buffer(&mut self, _: &Path<'_>, buffer: &'m Buffer) {
        self.count(&buffer.value(), false);
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["Layer (type)", "Output shape", "Param #"];
        let cells =
            |row: &Row| [row.layer.clone(), row.output.clone(), thousands(row.n_trainable + row.n_resting)];
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
        write!(f, "Non-trainable: {}", thousands(self.n_non_trainable()))
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
