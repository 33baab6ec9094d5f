//! Pictures of data and models, as standalone SVG: the curves of a training, a confusion matrix, the weights of a first
//! layer, where a model draws its boundaries, and what it gets wrong. How lines and axes are written stands in `drawing.rs`, how a
//! picture becomes a file in `file.rs`.

mod boundary;
mod confusion;
mod curves;
mod file;
mod mistakes;
#[cfg(feature = "png")]
mod raster;
mod weights;

use std::collections::BTreeMap;
use std::fmt::Write;

pub use boundary::decision_boundary_svg;
pub use confusion::confusion_svg;
pub use file::save_picture;
pub use weights::weights_svg;

use crate::drawing::Drawing;

/// Small squares of a few colours, gathered by colour and by runs along a line, so that ten thousand of them make a small
/// file.
struct Mosaic {
    origin: [f64; 2],
    side: f64,
    paths: BTreeMap<usize, String>,
}

impl Mosaic {
    fn new(origin: [f64; 2], side: f64) -> Mosaic {
        Mosaic { origin, side, paths: BTreeMap::new() }
    }

    /// A line of squares, by their colours; nothing where there is none.
    fn line(&mut self, row: usize, colours: &[Option<usize>]) {
        let y = self.origin[1] + self.side * row as f64;
        let mut column = 0;
        for run in colours.chunk_by(|a, b| a == b) {
            if let Some(colour) = run[0] {
                let (x, width) = (self.origin[0] + self.side * column as f64, self.side * run.len() as f64);
                let path = self.paths.entry(colour).or_default();
                // A string can always be written to.
                let _ = write!(path, "M{x:.1} {y:.1}h{width:.1}v{:.1}h-{width:.1}z", self.side);
            }
            column += run.len();
        }
    }

    fn draw(self, drawing: &mut Drawing, colour: impl Fn(usize) -> String) {
        for (index, path) in self.paths {
            let fill = colour(index);
            // Without it browsers show the seams between the squares.
            drawing.add(format_args!("<path d=\"{path}\" fill=\"{fill}\" shape-rendering=\"crispEdges\"/>"));
        }
    }
}

/// A colour between two, of red, green and blue.
pub(crate) fn between(from: [u8; 3], to: [u8; 3], share: f64) -> String {
    let mixed =
        |i: usize| f64::from(from[i]) + (f64::from(to[i]) - f64::from(from[i])) * share.clamp(0.0, 1.0);
    format!("#{:02x}{:02x}{:02x}", mixed(0).round() as u8, mixed(1).round() as u8, mixed(2).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_a_colour_are_one_area() {
        let mut mosaic = Mosaic::new([10.0, 20.0], 2.0);
        mosaic.line(1, &[Some(0), Some(0), None, Some(1)]);
        let paths: Vec<&str> = mosaic.paths.values().map(String::as_str).collect();
        assert_eq!(paths, ["M10.0 22.0h4.0v2.0h-4.0z", "M16.0 22.0h2.0v2.0h-2.0z"]);
    }

    #[test]
    fn colours_are_mixed_by_their_share() {
        assert_eq!(between([255, 255, 255], [0, 114, 178], 0.0), "#ffffff");
        assert_eq!(between([255, 255, 255], [0, 114, 178], 1.0), "#0072b2");
        assert_eq!(between([0, 0, 0], [100, 200, 50], 0.5), "#326419");
        assert_eq!(between([0, 0, 0], [100, 200, 50], f64::NAN), "#000000");
    }
}
