//! Where a model of two numbers draws its boundaries.

use wengert_tensor::{DType, Indices, Tensor};

use super::{Mosaic, between};
use crate::drawing::{Axis, COLOURS, Drawing};

/// The plane is asked at so many places across, and as many upward.
const N: usize = 120;
const SIDE: f64 = 4.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 20.0;
/// Shades of a colour, by how sure the model is.
const N_SHADES: usize = 6;

/// What a model says all over the plane, and the points that it learned from: `x` is `[n_rows, 2]`, `labels` has a class
/// for each row. The plane is the darker, the surer the model is. A standalone SVG.
///
/// `predict` gives for rows `[n, 2]` either the probability of class 1, `[n]` or `[n, 1]`, or a number for each of several
/// classes, `[n, n_classes]`, of which the greatest wins.
///
/// # Panics
/// If `x`, the labels or the predictions are not of these shapes.
///
/// # Examples
/// ```
/// use wengert_nn::{Dense, Layer, Sequential};
/// use wengert_tensor::{Indices, Rng, Tensor};
/// use wengert_train::decision_boundary_svg;
///
/// let model = Sequential::new([2]).add(Dense::units(8).tanh()).add(Dense::units(1).sigmoid());
/// let x = Tensor::normal([4, 2], 0.0, 1.0, &mut Rng::seed(0));
/// let svg = decision_boundary_svg(&x, &Indices::from([0, 1, 1, 0]), |x| model.forward(x));
/// assert_eq!(svg.matches("<circle").count(), 4);
/// ```
#[track_caller]
pub fn decision_boundary_svg(
    x: &Tensor,
    labels: &Indices,
    predict: impl FnOnce(&Tensor) -> Tensor,
) -> String {
    let shape = x.shape();
    assert!(
        shape.len() == 2 && shape[1] == 2,
        "decision_boundary: x has the shape {shape}, expected [n_rows, 2]"
    );
    let labels: Vec<usize> = labels.iter().collect();
    assert!(labels.len() == shape[0], "decision_boundary: {} labels for {} rows", labels.len(), shape[0]);
    let points: Vec<f64> = x.to_vec();
    let column = |which: usize| points.iter().skip(which).step_by(2).copied();
    let length = SIDE * N as f64;
    let across = Axis::linear(column(0), LEFT, length);
    let upward = Axis::linear(column(1), TOP + length, -length);
    let answers = Answers::new(&predict(&plane(&across, &upward, x.dtype())));

    let mut drawing = Drawing::new(LEFT + length + 130.0, TOP + length + 50.0, "Decision boundary");
    let mut mosaic = Mosaic::new([LEFT, TOP], SIDE);
    for row in 0..N {
        let places: Vec<Option<usize>> = (0..N).map(|column| answers.shade(row * N + column)).collect();
        mosaic.line(row, &places);
    }
    mosaic.draw(&mut drawing, |place| {
        let share = 0.12 + 0.38 * (place % N_SHADES) as f64 / (N_SHADES - 1) as f64;
        between([255, 255, 255], rgb(place / N_SHADES), share)
    });
    for (tick, label) in across.ticks() {
        drawing.text([across.at(tick), TOP + length + 18.0], "middle", &label);
    }
    for (tick, label) in upward.ticks() {
        drawing.text([LEFT - 8.0, upward.at(tick) + 4.0], "end", &label);
    }
    for (point, &label) in points.chunks(2).zip(&labels) {
        let place = [across.at(point[0]), upward.at(point[1])];
        drawing.add(format_args!(
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" fill=\"{}\" stroke=\"#ffffff\"/>",
            place[0],
            place[1],
            COLOURS[label % COLOURS.len()]
        ));
    }
    let n_classes = labels.iter().map(|&label| label + 1).max().unwrap_or(0).max(answers.n_classes);
    for class in 0..n_classes.min(2 * COLOURS.len()) {
        let y = TOP + 14.0 + 20.0 * class as f64;
        drawing.area([LEFT + length + 14.0, y - 10.0], [12.0, 12.0], COLOURS[class % COLOURS.len()], "");
        drawing.text([LEFT + length + 34.0, y], "start", &format!("class {class}"));
    }
    drawing.end()
}

/// The middles of all squares, line by line from the top.
fn plane(across: &Axis, upward: &Axis, dtype: DType) -> Tensor {
    let middle = |index: usize| SIDE * (index as f64 + 0.5);
    let mut rows: Vec<f64> = Vec::with_capacity(2 * N * N);
    for row in 0..N {
        for column in 0..N {
            rows.extend([across.value_at(LEFT + middle(column)), upward.value_at(TOP + middle(row))]);
        }
    }
    Tensor::new(rows, [N * N, 2]).cast(dtype)
}

/// What the model says at each place.
struct Answers {
    numbers: Vec<f64>,
    n_outputs: usize,
    n_classes: usize,
}

impl Answers {
    #[track_caller]
    fn new(y: &Tensor) -> Answers {
        let shape = y.shape();
        let n_outputs = if shape.len() == 2 { shape[1] } else { 1 };
        assert!(
            matches!(shape.len(), 1 | 2) && shape[0] == N * N && n_outputs > 0,
            "decision_boundary: the predictions have the shape {shape}, expected [{n}], [{n}, 1] or [{n}, n_classes]",
            n = N * N
        );
        Answers { numbers: y.to_vec(), n_outputs, n_classes: n_outputs.max(2) }
    }

    /// The number of the class's shade at a place; nothing where the answer is NaN.
    fn shade(&self, place: usize) -> Option<usize> {
        let row = &self.numbers[self.n_outputs * place..self.n_outputs * (place + 1)];
        if row.iter().any(|y| y.is_nan()) {
            return None;
        }
        let (class, sure) = match *row {
            [p] => (usize::from(p > 0.5), (2.0 * p - 1.0).abs()),
            _ => winner(row),
        };
        let shade = (sure.clamp(0.0, 1.0) * (N_SHADES - 1) as f64).round() as usize;
        Some(class * N_SHADES + shade)
    }
}

/// The greatest, and how far it is above the next.
fn winner(row: &[f64]) -> (usize, f64) {
    let class = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0);
    let others = row.iter().enumerate().filter(|(other, _)| *other != class);
    let next = others.map(|(_, &y)| y).fold(f64::NEG_INFINITY, f64::max);
    (class, row[class] - next)
}

fn rgb(class: usize) -> [u8; 3] {
    let colour = COLOURS[class % COLOURS.len()];
    [1, 3, 5].map(|at| u8::from_str_radix(&colour[at..at + 2], 16).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corners() -> (Tensor, Indices) {
        (Tensor::from([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), Indices::from([0, 1, 1, 0]))
    }

    #[test]
    fn the_plane_is_seen_the_right_way_up() {
        let (x, labels) = corners();
        // Class 1 in the upper half: its first line of squares is the top one, over the whole width.
        let svg = decision_boundary_svg(&x, &labels, |x| ((x.slice(1, 1..2) - 0.5) * 1e6).sigmoid());
        let whole = format!("M{LEFT:.1} {TOP:.1}h{:.1}", SIDE * N as f64);
        let fill = between([255, 255, 255], rgb(1), 0.5);
        let line = svg.lines().find(|line| line.contains(&whole)).expect("a line over the whole width");
        assert!(line.contains(&format!("fill=\"{fill}\"")), "{line}");
    }

    #[test]
    fn answers_are_one_probability_or_one_number_for_each_class() {
        let one = Answers { numbers: vec![0.0, 0.5, 1.0, f64::NAN], n_outputs: 1, n_classes: 2 };
        let shades: Vec<Option<usize>> = (0..4).map(|place| one.shade(place)).collect();
        assert_eq!(shades, [Some(N_SHADES - 1), Some(0), Some(2 * N_SHADES - 1), None]);
        let three = Answers { numbers: vec![0.25, 0.0, 0.75, 0.4, 0.4, 0.2], n_outputs: 3, n_classes: 3 };
        assert_eq!(three.shade(0), Some(2 * N_SHADES + 3), "0.5 above the next");
        assert_eq!(three.shade(1), Some(N_SHADES), "a tie is not sure at all");
    }

    #[test]
    #[should_panic(expected = "decision_boundary: x has the shape [4, 3], expected [n_rows, 2]")]
    fn three_numbers_are_refused() {
        decision_boundary_svg(&Tensor::ones([4, 3]), &Indices::from([0, 1, 1, 0]), Tensor::clone);
    }

    #[test]
    #[should_panic(expected = "decision_boundary: 2 labels for 4 rows")]
    fn missing_labels_are_refused() {
        decision_boundary_svg(&corners().0, &Indices::from([0, 1]), Tensor::clone);
    }

    #[test]
    #[should_panic(expected = "decision_boundary: the predictions have the shape [2], expected [14400]")]
    fn predictions_of_other_rows_are_refused() {
        let (x, labels) = corners();
        decision_boundary_svg(&x, &labels, |_| Tensor::ones([2]));
    }
}
