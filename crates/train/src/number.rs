//! How a loss or metric is written, which is how Keras writes it.

/// Four decimals, or scientific where that would show next to nothing: `0.1235`, `4.5000e-04`, `nan`.
pub(crate) fn number(x: f64) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else if x == 0.0 || x.abs() > 1e-3 {
        format!("{x:.4}")
    } else {
        let text = format!("{x:.4e}");
        let (digits, exponent) = text.split_once("e-").unwrap_or((&text, "0"));
        format!("{digits}e-{exponent:0>2}")
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
