//! Pictures that a classifier takes for something else, as a drawing.

use std::io;
use std::path::Path;

use super::{Mosaic, save_picture};
use crate::drawing::Drawing;
use crate::{Mistake, Mistakes};

/// The longer side of a picture on the drawing.
const TILE: f64 = 84.0;
const GAP: f64 = 26.0;
const CAPTION: f64 = 42.0;
const MARGIN: f64 = 20.0;
const TOP: f64 = 48.0;
const N_COLUMNS: usize = 6;
/// So many are drawn: the surest.
const MOST: usize = 24;
/// Steps from dark to bright of each colour.
const N_SHADES: usize = 32;

impl Mistakes {
    /// The pictures that were taken for something else, the surest mistakes first, at most 24, each with what it is, what it
    /// was taken for, and how sure that seemed. Rows are pictures of this height and width, in lines from the top: grey, or with
    /// red, green and blue for each pixel, or with these and transparency, which is left aside. The least number of all rows is
    /// black and the greatest white. A standalone SVG.
    ///
    /// # Panics
    /// If a row has not one, three or four numbers for each pixel.
    ///
    /// # Examples
    /// ```
    /// use wengert_nn::{Activation, Output};
    /// use wengert_tensor::{Indices, Tensor};
    /// use wengert_train::Mistakes;
    ///
    /// let pictures = Tensor::from([[0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]]);
    /// let output = Output { raw: Tensor::from([[0.1, 0.9], [0.3, 0.7]]), activation: Activation::Linear };
    /// let mistakes = Mistakes::of(&pictures, &output, &Indices::from([0, 1]).into())?;
    /// assert!(mistakes.to_svg(2, 2).contains("1 of 2 wrong"));
    /// # Ok::<(), String>(())
    /// ```
    #[track_caller]
    pub fn to_svg(&self, height: usize, width: usize) -> String {
        let shape = self.x().shape();
        let n_numbers: usize = shape[1..].iter().product();
        let n_channels = [1, 3, 4].into_iter().find(|n| n * height * width == n_numbers && n_numbers > 0);
        assert!(
            n_channels.is_some() || self.is_empty(),
            "mistakes: rows have {n_numbers} numbers, expected {} or three or four times as many, for pictures of {height} × {width}",
            height * width
        );
        let n_shown = self.len().min(MOST);
        let side = TILE / height.max(width).max(1) as f64;
        let step = [side * width as f64 + GAP, side * height as f64 + CAPTION];
        let n_columns = n_shown.clamp(1, N_COLUMNS);
        let n_lines = n_shown.div_ceil(N_COLUMNS);
        // Captions of long names may reach a little beyond narrow pictures; the title needs its room too.
        let across = (step[0].max(TILE + GAP) * n_columns as f64 - GAP).max(280.0) + 2.0 * MARGIN;
        let step = [step[0].max(TILE + GAP), step[1]];
        let mut drawing = Drawing::new(across, TOP + step[1] * n_lines as f64 + 8.0, "Mistakes");
        let order = if n_shown < self.len() { format!(", the {n_shown} surest") } else { String::new() };
        let title = format!("{} of {} wrong{order}", self.len(), self.n_rows());
        drawing.styled_text([MARGIN, 28.0], "start", "font-weight=\"bold\" font-size=\"14\"", &title);
        let numbers: Vec<f64> = self.x().to_vec();
        for (place, mistake) in self.iter().take(MOST).enumerate() {
            let origin = [
                MARGIN + step[0] * (place % N_COLUMNS) as f64 + (step[0] - GAP - side * width as f64) / 2.0,
                TOP + step[1] * (place / N_COLUMNS) as f64,
            ];
            self.describe(&mut drawing, mistake, origin, [side * width as f64, side * height as f64]);
            let pixels = &numbers[place * n_numbers..][..n_numbers];
            self.draw(&mut drawing, origin, side, (pixels, width, n_channels.unwrap_or(1)));
        }
        drawing.end()
    }

    /// Writes [`to_svg`](Mistakes::to_svg) to a file: see [`save_picture`].
    ///
    /// # Errors
    /// If the file cannot be written, or its name ends in something else than `.svg` or `.png`.
    ///
    /// # Panics
    /// If a row has not one, three or four numbers for each pixel.
    #[track_caller]
    pub fn plot(&self, path: impl AsRef<Path>, height: usize, width: usize) -> io::Result<()> {
        save_picture(&self.to_svg(height, width), path)
    }

    /// The frame of a picture, and what is said below it.
    fn describe(
        &self,
        drawing: &mut Drawing,
        mistake: &Mistake,
        [x, y]: [f64; 2],
        [width, height]: [f64; 2],
    ) {
        let [right, predicted] = [mistake.right, mistake.predicted].map(|class| shortened(&self.name(class)));
        let label = format!("row {}: {right}, taken for {predicted}", mistake.row);
        drawing.area([x - 0.5, y - 0.5], [width + 1.0, height + 1.0], "#bbbbbb", &label);
        let (middle, below) = (x + width / 2.0, y + height);
        drawing.text([middle, below + 14.0], "middle", &format!("{right}, not {predicted}"));
        let sure = format!("{:.0} % sure", 100.0 * mistake.confidence);
        drawing.styled_text([middle, below + 27.0], "middle", "font-size=\"10\" fill=\"#777777\"", &sure);
    }

    fn draw(
        &self,
        drawing: &mut Drawing,
        origin: [f64; 2],
        side: f64,
        (pixels, width, n_channels): (&[f64], usize, usize),
    ) {
        let [low, high] = self.range();
        let shade = |x: f64| {
            let share = if high > low { (x - low) / (high - low) } else { 0.0 };
            (share.clamp(0.0, 1.0) * (N_SHADES - 1) as f64).round() as usize
        };
        let colour = |pixel: &[f64]| match pixel {
            _ if pixel.iter().any(|x| !x.is_finite()) => None,
            [grey] => Some([shade(*grey); 3]),
            _ => Some([pixel[0], pixel[1], pixel[2]].map(shade)),
        };
        let number = |[red, green, blue]: [usize; 3]| (red * N_SHADES + green) * N_SHADES + blue;
        let mut mosaic = Mosaic::new(origin, side);
        for (row, line) in pixels.chunks(width * n_channels).enumerate() {
            let line: Vec<Option<usize>> =
                line.chunks(n_channels).map(|pixel| colour(pixel).map(number)).collect();
            mosaic.line(row, &line);
        }
        let byte = |shade: usize| (shade % N_SHADES * 255 + (N_SHADES - 1) / 2) / (N_SHADES - 1);
        mosaic.draw(drawing, |number| {
            let [red, green, blue] = [number / N_SHADES / N_SHADES, number / N_SHADES, number].map(byte);
            format!("#{red:02x}{green:02x}{blue:02x}")
        });
    }
}

/// A name that leaves room for another beside it.
fn shortened(name: &str) -> String {
    let n = name.chars().count();
    if n <= 7 { name.to_string() } else { name.chars().take(6).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use wengert_nn::{Activation, Output};
    use wengert_tensor::{Indices, Tensor};

    use crate::Mistakes;

    /// All of class 0, and all taken for 1.
    fn wrong(x: &Tensor) -> Mistakes {
        let n = x.shape()[0];
        let raw = Tensor::new([0.25, 0.75_f64].repeat(n), [n, 2]);
        let output = Output { raw, activation: Activation::Linear };
        Mistakes::of(x, &output, &Indices::from(vec![0; n]).into())
            .expect("classes")
            .named(["cat", "hippopotamus"])
    }

    #[test]
    fn pixels_lie_as_in_the_picture_grey_or_coloured() {
        let svg = wrong(&Tensor::from([[0.0, 1.0]])).to_svg(1, 2);
        assert!(
            svg.contains("h42.0v42.0h-42.0z\" fill=\"#000000\"") && svg.contains("fill=\"#ffffff\""),
            "{svg}"
        );
        assert!(svg.contains(">cat, not hippop…</text>") && svg.contains(">75 % sure</text>"));
        let svg = wrong(&Tensor::from([[255.0, 0.0, 0.0, 0.0, 0.0, 255.0]])).to_svg(2, 1);
        let (red, blue) = (svg.find("fill=\"#ff0000\"").unwrap(), svg.find("fill=\"#0000ff\"").unwrap());
        assert!(blue < red, "one path for each colour, the colours in their order");
    }

    #[test]
    fn of_many_the_surest_are_drawn() {
        let svg = wrong(&Tensor::ones([30, 4])).to_svg(2, 2);
        assert!(svg.contains("30 of 30 wrong, the 24 surest"));
        assert_eq!(svg.matches("<title>row ").count(), 24);
    }

    #[test]
    fn a_model_without_mistakes_is_drawn() {
        let output = Output { raw: Tensor::from([[1.0, 0.0]]), activation: Activation::Linear };
        let none = Mistakes::of(&Tensor::ones([1, 4]), &output, &Indices::from([0]).into()).expect("classes");
        assert!(none.to_svg(2, 2).contains("0 of 1 wrong"));
    }

    #[test]
    #[should_panic(
        expected = "mistakes: rows have 4 numbers, expected 9 or three or four times as many, for pictures of 3 × 3"
    )]
    fn pictures_of_another_size_are_refused() {
        wrong(&Tensor::ones([2, 4])).to_svg(3, 3);
    }
}
