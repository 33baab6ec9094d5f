//! A confusion matrix as a drawing.

use std::io;
use std::path::Path;

use super::{between, save_picture};
use crate::ConfusionMatrix;
use crate::drawing::Drawing;

const CELL: f64 = 44.0;
const LEFT: f64 = 120.0;
/// With names over the columns in one line, or two.
const TOP: [f64; 2] = [66.0, 90.0];

/// A confusion matrix: for each right class a row, for each predicted one a column. Cells are the darker, the more of their
/// row they hold: right ones blue, wrong ones orange. A standalone SVG.
///
/// # Panics
/// If there are not as many rows, and as many counts in each, as names.
///
/// # Examples
/// ```
/// use wengert_train::confusion_svg;
/// let svg = confusion_svg(&["cat", "dog"], &[vec![8, 2], vec![1, 9]]);
/// assert!(svg.starts_with("<svg") && svg.contains("right dog, predicted cat: 1 of 10"));
/// ```
#[track_caller]
pub fn confusion_svg(names: &[impl AsRef<str>], counts: &[Vec<usize>]) -> String {
    let n = names.len();
    assert!(
        counts.len() == n && counts.iter().all(|row| row.len() == n),
        "confusion: {n} names, but counts of {} rows of {:?} columns",
        counts.len(),
        counts.iter().map(Vec::len).max().unwrap_or(0)
    );
    let side = CELL * n as f64;
    let top = TOP[usize::from(is_wide(names))];
    let mut drawing = Drawing::new(LEFT + side + 30.0, top + side + 30.0, "Confusion matrix");
    drawing.styled_text([LEFT + side / 2.0, 26.0], "middle", "font-weight=\"bold\"", "predicted");
    drawing.styled_text([14.0, top - 12.0], "start", "font-weight=\"bold\"", "right");
    for (row, right) in names.iter().enumerate() {
        let place = CELL * (row as f64 + 0.5);
        drawing.text([LEFT - 10.0, top + place + 4.0], "end", &shortened(right.as_ref()));
        drawing.text(
            [LEFT + place, top - 12.0 - 14.0 * (row % 2) as f64 * f64::from(is_wide(names))],
            "middle",
            &shortened(right.as_ref()),
        );
        let total: usize = counts[row].iter().sum();
        for (column, predicted) in names.iter().enumerate() {
            let count = counts[row][column];
            let share = if total == 0 { 0.0 } else { count as f64 / total as f64 };
            let [x, y] = [LEFT + CELL * column as f64, top + CELL * row as f64];
            let dark = if row == column { [0, 114, 178] } else { [213, 94, 0] };
            let label =
                format!("right {}, predicted {}: {count} of {total}", right.as_ref(), predicted.as_ref());
            // A single mistake of a hundred is to be seen: the root lifts small shares.
            drawing.area(
                [x, y],
                [CELL - 2.0, CELL - 2.0],
                &between([245, 245, 245], dark, share.sqrt()),
                &label,
            );
            if count > 0 {
                let ink = if share.sqrt() > 0.6 { "fill=\"#ffffff\"" } else { "fill=\"#333333\"" };
                drawing.styled_text(
                    [x + CELL / 2.0 - 1.0, y + CELL / 2.0 + 3.0],
                    "middle",
                    ink,
                    &count.to_string(),
                );
            }
        }
    }
    drawing.end()
}

impl ConfusionMatrix {
    /// The matrix as a drawing: see [`confusion_svg`].
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::Indices;
    /// use wengert_train::ConfusionMatrix;
    /// let matrix = ConfusionMatrix::of_labels(&Indices::from([0, 1, 1]), &Indices::from([0, 1, 0]));
    /// assert!(matrix.named(["cat", "dog"]).to_svg().contains("right dog, predicted cat: 1 of 2"));
    /// ```
    pub fn to_svg(&self) -> String {
        let n = self.n_classes();
        let counts: Vec<Vec<usize>> =
            (0..n).map(|right| (0..n).map(|predicted| self.count(right, predicted)).collect()).collect();
        confusion_svg(self.names(), &counts)
    }

    /// Writes [`to_svg`](ConfusionMatrix::to_svg) to a file: see [`save_picture`](crate::save_picture).
    ///
    /// # Errors
    /// If the file cannot be written, or its name ends in something else than `.svg` or `.png`.
    pub fn plot(&self, path: impl AsRef<Path>) -> io::Result<()> {
        save_picture(&self.to_svg(), path)
    }
}

/// Whether names over the columns need two lines, so as not to touch.
fn is_wide(names: &[impl AsRef<str>]) -> bool {
    names.iter().any(|name| name.as_ref().chars().count() > 6)
}

fn shortened(name: &str) -> String {
    let n = name.chars().count();
    if n <= 12 { name.to_string() } else { name.chars().take(11).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_says_what_it_counts() {
        let svg = confusion_svg(&["a", "<b>", "c"], &[vec![5, 0, 0], vec![1, 3, 0], vec![0, 0, 0]]);
        assert_eq!(svg.matches("<title>right ").count(), 9);
        assert!(svg.contains("right &lt;b&gt;, predicted a: 1 of 4"));
        assert!(
            svg.contains("right c, predicted c: 0 of 0"),
            "a class that never came is no division by zero"
        );
    }

    #[test]
    #[should_panic(expected = "confusion: 2 names, but counts of 2 rows of 3 columns")]
    fn a_matrix_that_is_not_square_is_refused() {
        confusion_svg(&["a", "b"], &[vec![1, 2, 3], vec![1, 2, 3]]);
    }
}
