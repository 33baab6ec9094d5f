//! Learning rates as drawings: the curves of a sweep, and the loss over the rate of a range test.

use std::io;
use std::path::Path;

use super::{RateRange, RateSweep};
use crate::drawing::{ALARM, Axis, COLOURS, Drawing, Frame, spans_decades};
use crate::pictures::save_picture;

impl RateSweep {
    /// The loss of each training over its epochs: a standalone SVG.
    ///
    /// # Examples
    /// See [`learning_rate_sweep`](crate::learning_rate_sweep): `sweep.plot("rates.svg")?`.
    pub fn to_svg(&self) -> String {
        let mut drawing = Drawing::new(Frame::WIDTH, Frame::HEIGHT, "Learning rates side by side");
        let n_epochs = self.runs().iter().map(|run| self.losses(run).len()).max().unwrap_or(0);
        let losses = || self.runs().iter().flat_map(|run| self.losses(run)).copied();
        // Where a training diverges beside others, only powers of ten show both.
        let frame = Frame::new([1.0, n_epochs.max(2) as f64], losses(), spans_decades(losses()));
        frame.draw(&mut drawing, ["epoch", self.judged_by()]);
        for (place, run) in self.runs().iter().enumerate() {
            let colour = COLOURS[place % COLOURS.len()];
            let losses = self.losses(run);
            let points = losses.iter().enumerate().map(|(epoch, &loss)| frame.at(epoch as f64 + 1.0, loss));
            drawing.curve(points, &format!("stroke=\"{colour}\" stroke-width=\"2\""));
            frame.legend(&mut drawing, place, colour, &format!("{:?}: {}", run.rate, self.verdict(run)));
        }
        drawing.end()
    }

    /// Writes [`to_svg`](RateSweep::to_svg) to a file: see [`save_picture`](crate::save_picture).
    ///
    /// # Errors
    /// If the file cannot be written, or its name ends in something else than `.svg` or `.png`.
    pub fn plot(&self, path: impl AsRef<Path>) -> io::Result<()> {
        save_picture(&self.to_svg(), path)
    }
}

impl RateRange {
    /// The loss over the rate, as it was and smoothed, with the suggestion: a standalone SVG.
    ///
    /// # Examples
    /// See [`learning_rate_range`](crate::learning_rate_range): `range.plot("range.svg")?`.
    pub fn to_svg(&self) -> String {
        let mut drawing = Drawing::new(Frame::WIDTH, Frame::HEIGHT, "Range test of the learning rate");
        let mut frame = Frame::new([0.0, 1.0], self.losses().iter().copied(), false);
        let [left, width] = Frame::ACROSS;
        frame.x = Axis::logarithmic(self.rates().iter().copied(), left, width);
        frame.draw(&mut drawing, ["learning rate", "loss"]);
        let curve = |losses: &[f64]| -> Vec<[f64; 2]> {
            self.rates().iter().zip(losses).map(|(&rate, &loss)| frame.at(rate, loss)).collect()
        };
        drawing.curve(curve(self.losses()), "stroke=\"#bbbbbb\"");
        drawing.curve(curve(self.smoothed()), &format!("stroke=\"{}\" stroke-width=\"2\"", COLOURS[0]));
        frame.legend(&mut drawing, 0, COLOURS[0], "smoothed loss");
        frame.styled_legend(&mut drawing, 1, "stroke=\"#bbbbbb\"", "loss");
        for (place, (rate, colour, what)) in
            [(self.suggestion(), COLOURS[2], "begin with"), (self.limit(), ALARM, "lowest")]
                .into_iter()
                .enumerate()
        {
            if let Some(rate) = rate {
                let style = format!("stroke=\"{colour}\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\"");
                let text = format!("{what}: {rate:.1e}");
                frame.explained_mark(&mut drawing, rate, place + 2, [&style, &text]);
            }
        }
        drawing.end()
    }

    /// Writes [`to_svg`](RateRange::to_svg) to a file: see [`save_picture`](crate::save_picture).
    ///
    /// # Errors
    /// If the file cannot be written, or its name ends in something else than `.svg` or `.png`.
    pub fn plot(&self, path: impl AsRef<Path>) -> io::Result<()> {
        save_picture(&self.to_svg(), path)
    }
}
