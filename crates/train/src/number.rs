//! How a loss or metric is written, which is how Keras writes it.

use std::fmt::{self, Write};

/// Four decimals, or scientific where that would show next to nothing: `0.1235`, `4.5000e-04`, `nan`.
pub(crate) fn number(x: f64) -> String {
    Number(x).to_string()
}

/// The same, written without memory of its own: the progress bar writes it while a model trains.
pub(crate) struct Number(pub(crate) f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0;
        if x.is_nan() {
            f.write_str("nan")
        } else if x == 0.0 || x.abs() > 1e-3 {
            write!(f, "{x:.4}")
        } else {
            let mut text = Short::default();
            write!(text, "{x:.4e}")?;
            let (digits, exponent) = text.as_str().split_once("e-").unwrap_or((text.as_str(), "0"));
            write!(f, "{digits}e-{exponent:0>2}")
        }
    }
}

/// A text of a few letters, on the stack. The longest that is written here is `-1.0000e-308`.
#[derive(Default)]
struct Short {
    bytes: [u8; 16],
    length: usize,
}

impl Short {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_written_as_keras_writes_them() {
        let cases = [
            (0.12345, "0.1235"),
            (1234.5, "1234.5000"),
            (-0.5, "-0.5000"),
            (1.0, "1.0000"),
            (0.00101, "0.0010"),
            (0.001, "1.0000e-03"),
            (0.00045, "4.5000e-04"),
            (-9.99999e-5, "-1.0000e-04"),
            (1.25e-10, "1.2500e-10"),
            (3e-123, "3.0000e-123"),
            (-5e-324, "-4.9407e-324"),
            (0.0, "0.0000"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (x, text) in cases {
            assert_eq!(number(x), text);
        }
    }
}
