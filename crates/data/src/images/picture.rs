//! What is done to a picture before it joins others: channels and size.

use wengert_tensor::Tensor;

/// The channels that all pictures are to have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Channels {
    Gray,
    Rgb,
}

impl Channels {
    pub(crate) fn count(self) -> usize {
        match self {
            Channels::Gray => 1,
            Channels::Rgb => 3,
        }
    }
}

/// The picture `[height, width, channels]` in other channels. Transparency is left aside.
pub(crate) fn in_channels(picture: &Tensor, channels: Channels) -> Tensor {
    let [height, width, n_given] = picture.shape()[..] else { return picture.clone() };
    let numbers = picture.to_vec::<f32>();
    let pixels = numbers.chunks_exact(n_given);
    let is_gray = n_given < 3;
    let changed = match channels {
        Channels::Gray if is_gray => pixels.map(|pixel| pixel[0]).collect(),
        // The luma of ITU-R BT.601.
        Channels::Gray => {
            pixels.map(|pixel| 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]).collect()
        }
        Channels::Rgb if is_gray => pixels.flat_map(|pixel| [pixel[0]; 3]).collect(),
        Channels::Rgb => pixels.flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
    };
    Tensor::new::<f32>(changed, [height, width, channels.count()])
}

/// The picture in another size, bilinear between the centres of the pixels, without smoothing.
pub(crate) fn resized(picture: &Tensor, height: usize, width: usize) -> Tensor {
    let [old_height, old_width, channels] = picture.shape()[..] else { return picture.clone() };
    if (old_height, old_width) == (height, width) {
        return picture.clone();
    }
    let old = picture.to_vec::<f32>();
    let (rows, columns) = (between(old_height, height), between(old_width, width));
    let mut new = Vec::with_capacity(height * width * channels);
    for row in &rows {
        for column in &columns {
            for channel in 0..channels {
                let at = |y: usize, x: usize| old[(y * old_width + x) * channels + channel];
                let top = mix(at(row.first, column.first), at(row.first, column.second), column.share);
                let bottom = mix(at(row.second, column.first), at(row.second, column.second), column.share);
                new.push(mix(top, bottom, row.share));
            }
        }
    }
    Tensor::new(new, [height, width, channels])
}

fn mix(first: f32, second: f32, share: f32) -> f32 {
    first + (second - first) * share
}

/// The two old places that a new one lies between, and the share of the second.
struct Between {
    first: usize,
    second: usize,
    share: f32,
}

/// The centre of pixel `i` lies at `(i + ½) · old / new - ½` in the old picture.
fn between(n_old: usize, n_new: usize) -> Vec<Between> {
    let place = |i: usize| ((i as f64 + 0.5) * n_old as f64 / n_new as f64 - 0.5).max(0.0);
    let pair = |place: f64| {
        let first = (place as usize).min(n_old - 1);
        Between { first, second: (first + 1).min(n_old - 1), share: (place - first as f64) as f32 }
    };
    (0..n_new).map(|i| pair(place(i))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_resized(from: &[f32], n_new: usize, expected: &[f32]) {
        let line = Tensor::new(from.to_vec(), [1, from.len(), 1]);
        assert_eq!(resized(&line, 1, n_new).to_vec::<f32>(), expected);
        assert_eq!(resized(&line.reshape([from.len(), 1, 1]), n_new, 1).to_vec::<f32>(), expected);
    }

    #[test]
    fn a_size_is_changed_between_the_centres() {
        check_resized(&[0.0, 1.0], 4, &[0.0, 0.25, 0.75, 1.0]);
        check_resized(&[0.0, 1.0, 2.0, 3.0], 2, &[0.5, 2.5]);
        check_resized(&[5.0], 3, &[5.0, 5.0, 5.0]);
        check_resized(&[1.0, 2.0], 2, &[1.0, 2.0]);
    }

    #[test]
    fn channels_are_changed() {
        let check = |from: &[f32], channels, expected: &[f32]| {
            let picture = in_channels(&Tensor::new(from.to_vec(), [1, 1, from.len()]), channels);
            assert_eq!(picture.to_vec::<f32>(), expected);
        };
        check(&[0.5, 0.1], Channels::Gray, &[0.5]);
        check(&[0.5], Channels::Rgb, &[0.5, 0.5, 0.5]);
        check(&[1.0, 0.0, 0.0, 0.3], Channels::Gray, &[0.299]);
        check(&[1.0, 0.25, 0.0, 0.3], Channels::Rgb, &[1.0, 0.25, 0.0]);
    }
}
