//! The lines of a PNG picture: filters undone, and samples of any depth to numbers from 0 to 1.

use super::png::{FORMAT, malformed};
use crate::files::FileError;

/// What the first chunk says of the picture.
#[derive(Clone, Copy, Default)]
pub(crate) struct Header {
    pub(crate) width: u32,
    pub(crate) height: u32,
    depth: u8,
    pub(crate) color: Color,
    is_interlaced: bool,
    pub(crate) palette_has_alpha: bool,
}

/// What the samples of a pixel mean.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Color {
    #[default]
    Gray,
    Rgb,
    Palette,
    GrayAlpha,
    Rgba,
}

impl Header {
    pub(crate) fn parse(data: &[u8]) -> Result<Header, FileError> {
        let Ok(&[w0, w1, w2, w3, h0, h1, h2, h3, depth, color, packing, filter, interlacing]) =
            <&[u8; 13]>::try_from(data)
        else {
            return Err(malformed("header", format!("{} bytes", data.len()), "expected 13"));
        };
        let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
        let is_size = |size| (1..=i32::MAX as u32).contains(&size);
        if !is_size(width) || !is_size(height) {
            return Err(malformed(
                "header",
                format!("{width} x {height} pixels"),
                "expected 1 to 2147483647 each",
            ));
        }
        let color = match (color, depth) {
            (0, 1 | 2 | 4 | 8 | 16) => Color::Gray,
            (2, 8 | 16) => Color::Rgb,
            (3, 1 | 2 | 4 | 8) => Color::Palette,
            (4, 8 | 16) => Color::GrayAlpha,
            (6, 8 | 16) => Color::Rgba,
            _ => {
                return Err(malformed(
                    "header",
                    format!("colour type {color} of {depth} bits"),
                    "expected one that exists",
                ));
            }
        };
        if packing != 0 || filter != 0 || interlacing > 1 {
            let found = format!("methods {packing}, {filter}, {interlacing}");
            return Err(FileError::unsupported(FORMAT, "header", found, "expected 0, 0 and 0 or 1"));
        }
        Ok(Header { width, height, depth, color, is_interlaced: interlacing == 1, palette_has_alpha: false })
    }

    /// The channels of the tensor.
    pub(crate) fn channels(&self) -> usize {
        match self.color {
            Color::Gray => 1,
            Color::GrayAlpha => 2,
            Color::Palette => 3 + usize::from(self.palette_has_alpha),
            Color::Rgb => 3,
            Color::Rgba => 4,
        }
    }

    fn samples(&self) -> usize {
        if self.color == Color::Palette { 1 } else { self.channels() }
    }

    fn line_bytes(&self, width: usize) -> usize {
        (width * self.samples() * usize::from(self.depth)).div_ceil(8)
    }

    /// The passes: all at once, or the seven of Adam7.
    fn passes(&self) -> impl Iterator<Item = Pass> + use<> {
        const ADAM7: [(usize, usize, usize, usize); 7] = [
            (0, 0, 8, 8),
            (4, 0, 8, 8),
            (0, 4, 4, 8),
            (2, 0, 4, 4),
            (0, 2, 2, 4),
            (1, 0, 2, 2),
            (0, 1, 1, 2),
        ];
        const WHOLE: [(usize, usize, usize, usize); 1] = [(0, 0, 1, 1)];
        let (width, height) = (self.width as usize, self.height as usize);
        let grids = if self.is_interlaced { &ADAM7[..] } else { &WHOLE };
        let passes = grids.iter().map(move |&(x, y, dx, dy)| {
            let (width, height) =
                (width.saturating_sub(x).div_ceil(dx), height.saturating_sub(y).div_ceil(dy));
            Pass { x, y, dx, dy, width, height }
        });
        passes.filter(|pass| pass.width > 0 && pass.height > 0)
    }
}

/// Pixels in a grid: which, and how many.
struct Pass {
    x: usize,
    y: usize,
    dx: usize,
    dy: usize,
    width: usize,
    height: usize,
}

/// The bytes of all lines, each with the number of its filter before it.
pub(crate) fn n_bytes(header: &Header) -> usize {
    header.passes().map(|pass| pass.height * (1 + header.line_bytes(pass.width))).sum()
}

/// The pixels of lines that hold [`n_bytes`].
pub(crate) fn pixels(
    header: &Header,
    palette: &[[u8; 3]],
    alphas: &[u8],
    mut lines: Vec<u8>,
) -> Result<Vec<f32>, FileError> {
    let (width, channels) = (header.width as usize, header.channels());
    let mut pixels = vec![0.0; width * header.height as usize * channels];
    let step = (header.samples() * usize::from(header.depth)).div_ceil(8);
    let mut rest = &mut lines[..];
    for pass in header.passes() {
        let length = header.line_bytes(pass.width);
        let mut above = vec![0; length];
        for row in 0..pass.height {
            let (line, after) = rest.split_at_mut(1 + length);
            rest = after;
            let (filter, line) = (line[0], &mut line[1..]);
            unfilter(filter, line, &above, step)?;
            above.copy_from_slice(line);
            let row_start = (pass.y + row * pass.dy) * width;
            for column in 0..pass.width {
                let place = (row_start + pass.x + column * pass.dx) * channels;
                let pixel = &mut pixels[place..place + channels];
                match header.color {
                    Color::Palette => looked_up(sample(line, column, header.depth), palette, alphas, pixel)?,
                    _ => {
                        let most = f32::from(u16::MAX >> (16 - header.depth));
                        for (channel, value) in pixel.iter_mut().enumerate() {
                            *value =
                                f32::from(sample(line, column * channels + channel, header.depth)) / most;
                        }
                    }
                }
            }
        }
    }
    Ok(pixels)
}

/// The sample of this number in a line of samples of so many bits.
fn sample(line: &[u8], index: usize, depth: u8) -> u16 {
    match depth {
        16 => u16::from_be_bytes([line[2 * index], line[2 * index + 1]]),
        8 => line[index].into(),
        _ => {
            let per_byte = usize::from(8 / depth);
            let shift = 8 - usize::from(depth) * (index % per_byte + 1);
            u16::from(line[index / per_byte] >> shift & (0xff >> (8 - depth)))
        }
    }
}

fn looked_up(index: u16, palette: &[[u8; 3]], alphas: &[u8], pixel: &mut [f32]) -> Result<(), FileError> {
    let Some(color) = palette.get(usize::from(index)) else {
        return Err(malformed(
            "pixel",
            format!("colour {index}"),
            format!("expected one of the {} of the palette", palette.len()),
        ));
    };
    for (value, &channel) in pixel.iter_mut().zip(color) {
        *value = f32::from(channel) / 255.0;
    }
    if let Some(alpha) = pixel.get_mut(3) {
        *alpha = f32::from(*alphas.get(usize::from(index)).unwrap_or(&255)) / 255.0;
    }
    Ok(())
}

/// Undoes the filter of a line, whose bytes were replaced by differences to the ones before and above.
fn unfilter(filter: u8, line: &mut [u8], above: &[u8], step: usize) -> Result<(), FileError> {
    for at in 0..line.len() {
        let left = if at < step { 0 } else { line[at - step] };
        let corner = if at < step { 0 } else { above[at - step] };
        let predicted = match filter {
            0 => return Ok(()),
            1 => left,
            2 => above[at],
            3 => ((u16::from(left) + u16::from(above[at])) / 2) as u8,
            4 => paeth(left, above[at], corner),
            _ => return Err(malformed("filter", filter, "expected 0 to 4")),
        };
        line[at] = line[at].wrapping_add(predicted);
    }
    Ok(())
}

/// The neighbour that is nearest to left + above - corner.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
    let distance = |neighbour: i16| (a + b - c - neighbour).abs();
    if distance(a) <= distance(b) && distance(a) <= distance(c) {
        left
    } else if distance(b) <= distance(c) {
        above
    } else {
        corner
    }
}
