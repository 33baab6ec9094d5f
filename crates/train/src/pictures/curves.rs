//! The curves of a training: loss and metrics over the epochs.

use std::io;
use std::path::Path;

use super::save_picture;
use crate::History;
use crate::drawing::{COLOURS, Drawing, Frame, spans_decades};
use crate::number::number;

/// The picture of a history is this high for each name.
const PANEL: f64 = Frame::HEIGHT;

impl History {
    /// The curves as a drawing, a panel for the loss and one for each metric: training, validation, a mark at the epoch
    /// with the lowest `val_loss` (`loss`, if there was no validation), and one where a callback
    /// [stopped](History::stopped) the training. A standalone SVG.
    ///
    /// # Examples
    /// ```
    /// use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// use wengert_optim::Sgd;
    /// use wengert_tensor::Tensor;
    /// use wengert_train::{Compile, Fit};
    ///
    /// let mut model = Sequential::new([1]).add(Dense::units(1)).compile(Sgd::default(), MeanSquaredError::new());
    /// let x = Tensor::from([[0.0], [1.0], [2.0], [3.0]]);
    /// let history = model.fit(&x, &x, Fit::epochs(5).validation_split(0.25).verbose(0))?;
    /// assert!(history.to_svg().contains("val_loss"));
    /// # Ok::<(), wengert_train::FitError>(())
    /// ```
    pub fn to_svg(&self) -> String {
        let curves = self.names().iter().map(|name| (name.as_str(), &self[name.as_str()])).collect();
        let stopped = self.stopped().map(|stopped| stopped.epoch);
        Curves { curves, first_epoch: self.first_epoch(), stopped }.to_svg()
    }

    /// Writes [`to_svg`](History::to_svg) to a file: see [`save_picture`](crate::save_picture).
    ///
    /// # Errors
    /// If the file cannot be written, or its name ends in something else than `.svg` or `.png`.
    pub fn plot(&self, path: impl AsRef<Path>) -> io::Result<()> {
        save_picture(&self.to_svg(), path)
    }
}

/// Names and their values, epoch by epoch.
struct Curves<'h> {
    curves: Vec<(&'h str, &'h [f64])>,
    first_epoch: usize,
    /// The epoch after which a callback ended the training.
    stopped: Option<usize>,
}

impl Curves<'_> {
    fn get(&self, name: &str) -> Option<&[f64]> {
        self.curves.iter().find(|(other, _)| *other == name).map(|(_, values)| *values)
    }

    /// The place of the epoch with the lowest loss; the first of several. Nothing if none is a number.
    fn best(&self) -> Option<usize> {
        let losses = self.get("val_loss").or_else(|| self.get("loss"))?;
        let numbers = losses.iter().enumerate().filter(|(_, loss)| !loss.is_nan());
        numbers.min_by(|a, b| a.1.total_cmp(b.1)).map(|(index, _)| index)
    }

    /// The last epoch, if it is not the best or a callback chose it, and what to call it.
    fn end(&self, last: usize) -> Option<(usize, &'static str)> {
        match self.stopped.filter(|&stopped| stopped >= self.first_epoch) {
            Some(stopped) => Some((stopped, "stopped")),
            None => self.best().filter(|&best| best < last).map(|_| (self.first_epoch + last, "end")),
        }
    }

    fn to_svg(&self) -> String {
        let panels: Vec<&str> =
            self.curves.iter().map(|(name, _)| *name).filter(|name| self.is_panel(name)).collect();
        let mut drawing = Drawing::new(Frame::WIDTH, PANEL * panels.len().max(1) as f64, "Training");
        for (place, name) in panels.into_iter().enumerate() {
            drawing.add(format_args!("<g transform=\"translate(0 {:.0})\">", PANEL * place as f64));
            self.panel(&mut drawing, name);
            drawing.add(format_args!("</g>"));
        }
        drawing.end()
    }

    /// Whether a name has a panel of its own: what is validated stands beside what is trained.
    fn is_panel(&self, name: &str) -> bool {
        name.strip_prefix("val_").is_none_or(|trained| self.get(trained).is_none())
    }

    fn panel(&self, drawing: &mut Drawing, name: &str) {
        let validation = format!("val_{name}");
        let curves = [(name, COLOURS[0]), (validation.as_str(), COLOURS[1])];
        let values = || curves.iter().filter_map(|(name, _)| self.get(name)).flatten().copied();
        let n_epochs = self.get(name).map_or(0, <[f64]>::len);
        let epoch = |place: usize| (self.first_epoch + place) as f64;
        let last = n_epochs.saturating_sub(1);
        let frame = Frame::new([epoch(0), epoch(last.max(1))], values(), spans_decades(values()));
        frame.draw(drawing, ["epoch", name]);
        let mut place = 0;
        for (name, colour) in curves {
            let Some(values) = self.get(name) else { continue };
            let point = |(place, &value): (usize, &f64)| frame.at(epoch(place), value);
            drawing.curve(
                values.iter().enumerate().map(point),
                &format!("stroke=\"{colour}\" stroke-width=\"2\""),
            );
            if let [only] = values
                && only.is_finite()
            {
                // One point makes no line.
                drawing.dot(frame.at(epoch(0), *only), colour, &number(*only));
            }
            frame.legend(drawing, place, colour, name);
            place += 1;
        }
        if let Some(best) = self.best() {
            let judged =
                self.get(&validation).or_else(|| self.get(name)).map_or(f64::NAN, |values| values[best]);
            let style = format!("stroke=\"{}\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\"", COLOURS[2]);
            let text = format!("best, epoch {}", epoch(best));
            frame.explained_mark(drawing, epoch(best), place, [&style, &text]);
            frame.legend(drawing, place + 1, "none", &number(judged));
            place += 2;
        }
        if let Some((end, how)) = self.end(last) {
            let style = "stroke=\"#555555\" stroke-width=\"1.5\" stroke-dasharray=\"2 3\"";
            frame.explained_mark(drawing, end as f64, place, [style, &format!("{how}, epoch {end}")]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two names, and two numbers for each epoch.
    struct Epochs([Vec<f64>; 2]);

    fn curves<'h>(curves: Vec<(&'h str, &'h [f64])>) -> Curves<'h> {
        Curves { curves, first_epoch: 1, stopped: None }
    }

    impl Epochs {
        fn new(epochs: &[[f64; 2]]) -> Epochs {
            Epochs([0, 1].map(|name| epochs.iter().map(|epoch| epoch[name]).collect()))
        }

        fn curves(&self) -> Curves<'_> {
            curves(vec![("loss", self.0[0].as_slice()), ("val_loss", self.0[1].as_slice())])
        }
    }

    #[test]
    fn the_best_epoch_is_that_of_validation_and_never_a_nan() {
        let nan = f64::NAN;
        let epochs = [[3.0, 2.0], [2.0, 1.0], [1.0, 1.0], [0.0, nan]];
        assert_eq!(Epochs::new(&epochs).curves().best(), Some(1));
        assert_eq!(Epochs::new(&[[3.0, nan]]).curves().best(), None);
        assert_eq!(curves(vec![("loss", [2.0, 1.0].as_slice())]).best(), Some(1));
    }

    #[test]
    fn both_curves_stand_in_one_panel_with_their_marks() {
        let svg = Epochs::new(&[[3.0, 2.0], [2.0, 1.0], [1.0, 1.5]]).curves().to_svg();
        assert_eq!((svg.matches("<g ").count(), svg.matches("<path").count()), (1, 2));
        assert!(svg.contains("best, epoch 2") && svg.contains("end, epoch 3") && !svg.contains("stopped"));
        let svg = Epochs::new(&[[3.0, 2.0], [2.0, 1.0]]).curves().to_svg();
        assert!(svg.contains("best, epoch 2") && !svg.contains("end,"), "the end is the best");
    }

    #[test]
    fn the_end_is_marked_where_a_callback_stopped_the_training() {
        let epochs = Epochs::new(&[[3.0, 2.0], [2.0, 1.0]]);
        // The training before had ten epochs; this one was stopped in its best.
        let svg = Curves { first_epoch: 11, stopped: Some(12), ..epochs.curves() }.to_svg();
        assert!(svg.contains("best, epoch 12") && svg.contains("stopped, epoch 12"), "{svg}");
        let nan = Epochs::new(&[[f64::NAN, f64::NAN]]);
        let svg = Curves { stopped: Some(1), ..nan.curves() }.to_svg();
        assert!(!svg.contains("best") && svg.contains("stopped, epoch 1"), "none is the best");
    }

    #[test]
    fn empty_and_short_histories_are_drawn() {
        for losses in [&[][..], &[[1.0, 2.0]][..], &[[f64::NAN, f64::INFINITY]][..]] {
            let svg = Epochs::new(losses).curves().to_svg();
            assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
        }
    }
}
