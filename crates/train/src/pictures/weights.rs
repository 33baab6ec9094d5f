//! The weights of a first layer as images: what each unit looks for.

use wengert_tensor::Tensor;

use super::{Mosaic, between};
use crate::drawing::Drawing;

/// The side of an image on the drawing.
const TILE: f64 = 72.0;
const GAP: f64 = 8.0;
const MARGIN: f64 = 16.0;
const TOP: f64 = 40.0;
/// Colours between the most negative and the most positive weight; the one in the middle is white.
const N_COLOURS: usize = 17;

/// The weights `[height · width, n_units]` of a layer on pictures, a picture for each unit: blue where a bright pixel
/// excites it, orange where it inhibits it, white at 0. Each is drawn on a scale of its own, up to its largest weight. A
/// standalone SVG.
///
/// # Panics
/// If the weights are not of that shape, or there are none.
///
/// # Examples
/// ```
/// use wengert_nn::Dense;
/// use wengert_tensor::Rng;
/// use wengert_train::weights_svg;
/// let first = Dense::new(64, 16, &mut Rng::seed(0));
/// assert!(weights_svg(&first.weight, 8, 8).contains("unit 15"));
/// ```
#[track_caller]
pub fn weights_svg(weight: &Tensor, height: usize, width: usize) -> String {
    let shape = weight.shape();
    assert!(
        shape.len() == 2 && shape[0] == height * width && weight.size() > 0,
        "weights: the shape is {shape}, expected [{}, n_units], for pictures of {height} × {width}",
        height * width
    );
    let n_units = shape[1];
    let n_columns = (n_units as f64).sqrt().ceil() as usize;
    let side = TILE / height.max(width) as f64;
    let step = [side * width as f64 + GAP, side * height as f64 + GAP + 14.0];
    let size = [n_columns as f64 * step[0], n_units.div_ceil(n_columns) as f64 * step[1]];
    let mut drawing =
        Drawing::new(size[0].max(220.0) + 2.0 * MARGIN, size[1] + TOP + MARGIN, "Weights of a layer");
    let title = format!("{n_units} units, each up to its own largest weight");
    drawing.styled_text([MARGIN, 22.0], "start", "font-weight=\"bold\"", &title);
    let numbers: Vec<f64> = weight.to_vec();
    for unit in 0..n_units {
        let pixels: Vec<f64> = numbers.iter().skip(unit).step_by(n_units).copied().collect();
        let (x, y) =
            ((unit % n_columns) as f64 * step[0] + MARGIN, (unit / n_columns) as f64 * step[1] + TOP);
        let frame = [side * width as f64, side * height as f64];
        drawing.area(
            [x - 0.5, y - 0.5],
            [frame[0] + 1.0, frame[1] + 1.0],
            "#bbbbbb",
            &format!("unit {unit}"),
        );
        let mut mosaic = Mosaic::new([x, y], side);
        let most = pixels.iter().filter(|w| w.is_finite()).fold(0.0_f64, |most, w| most.max(w.abs()));
        for (row, line) in pixels.chunks(width).enumerate() {
            let colours: Vec<Option<usize>> = line.iter().map(|&w| colour_of(w, most)).collect();
            mosaic.line(row, &colours);
        }
        mosaic.draw(&mut drawing, shade);
        let style = "font-size=\"9\" fill=\"#777777\"";
        drawing.styled_text([x + frame[0] / 2.0, y + frame[1] + 10.0], "middle", style, &unit.to_string());
    }
    drawing.end()
}

/// The number of a weight's colour; nothing for one that is not finite, which stays grey.
fn colour_of(weight: f64, most: f64) -> Option<usize> {
    let part = if most > 0.0 { weight / most } else { 0.0 };
    weight.is_finite().then(|| ((part + 1.0) / 2.0 * (N_COLOURS - 1) as f64).round() as usize)
}

fn shade(colour: usize) -> String {
    let part = 2.0 * colour as f64 / (N_COLOURS - 1) as f64 - 1.0;
    between([255, 255, 255], if part > 0.0 { [0, 114, 178] } else { [213, 94, 0] }, part.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_weight_is_blue_the_least_orange_and_zero_white() {
        let shade_of = |weight: f64| colour_of(weight, 2.0).map(shade);
        assert_eq!(shade_of(2.0).as_deref(), Some("#0072b2"));
        assert_eq!(shade_of(-2.0).as_deref(), Some("#d55e00"));
        assert_eq!(shade_of(0.0).as_deref(), Some("#ffffff"));
        assert_eq!(shade_of(f64::NAN), None);
        assert_eq!(colour_of(0.0, 0.0).map(shade).as_deref(), Some("#ffffff"));
    }

    #[test]
    fn pixels_lie_as_in_the_picture() {
        // Two units on pictures of 1 × 2: the first looks to the left, the second to the right.
        let svg = weights_svg(&Tensor::from([[1.0, 0.0], [0.0, 1.0]]), 1, 2);
        let left = format!("d=\"M{MARGIN:.1} {TOP:.1}h36.0v36.0h-36.0z\" fill=\"#0072b2\"");
        let second = MARGIN + TILE + GAP + 36.0;
        let right = format!("d=\"M{second:.1} {TOP:.1}h36.0v36.0h-36.0z\" fill=\"#0072b2\"");
        assert!(svg.contains(&left) && svg.contains(&right), "{svg}");
    }

    #[test]
    #[should_panic(expected = "weights: the shape is [4, 3], expected [6, n_units], for pictures of 2 × 3")]
    fn weights_of_other_pictures_are_refused() {
        weights_svg(&Tensor::ones([4, 3]), 2, 3);
    }
}
