//! What the contestants of `cargo xtask compare` are asked, and how they answer.
//!
//! A contestant is a program that is called with a number of seconds and some rows, `contestant 1 "nn 64x64x64"`. For
//! each row it prints one line of JSON. How many threads it may use stands in the environment, in `RAYON_NUM_THREADS`.
//! This package has no dependencies, so that each peer can be built with it alone.
#![forbid(unsafe_code)]

mod measure;
mod row;

pub use measure::{Measurement, measure, median};
pub use row::{Hidden, INFERENCE, Layout, Loss, Optimizer, Row, TRAINING};

/// A step of the work of a row, ready to be repeated, and what it costs.
pub struct Work<'a> {
    /// Does it once.
    pub step: Box<dyn FnMut() + 'a>,
    /// Floating-point operations of a step, where only the contestant knows them.
    pub flops: Option<u64>,
}

impl<'a> Work<'a> {
    /// A step whose operations follow from the row.
    pub fn new(step: impl FnMut() + 'a) -> Work<'a> {
        Work { step: Box::new(step), flops: None }
    }
}

/// The whole `main` of a contestant: measures each row of the command line and prints what came out. A row for which
/// `prepare` has no work is answered with an error.
///
/// # Panics
/// If the command line is not as the protocol says.
pub fn answer<'a>(version: &str, prepare: impl Fn(&Row) -> Option<Work<'a>>) {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|text| text.parse().ok());
    let seconds = seconds.expect("usage: contestant <seconds> <row>...");
    for text in arguments {
        let row: Row = text.parse().expect("a row");
        match prepare(&row) {
            Some(work) => println!("{}", measure(work, seconds).json(&row, version)),
            None => println!("{{\"row\":\"{row}\",\"error\":\"no such row\"}}"),
        }
    }
}

/// How many threads a contestant may use.
pub fn threads() -> usize {
    let wanted = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Numbers between -1 and 1 that look random, the same ones for the same seed: data of which only the size matters.
pub fn data(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = || {
        // Knuth's multiplier, The Art of Computer Programming, volume 2, 3.3.4; the low bits are dropped.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

/// Class labels below `n_classes`, every class as often as the others.
pub fn labels(n: usize, n_classes: usize) -> Vec<usize> {
    (0..n).map(|index| index * 7 % n_classes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_fill_the_interval_and_repeat() {
        let x = data(10_000, 3);
        let mean = x.iter().map(|&x| f64::from(x)).sum::<f64>() / 1e4;
        let square = x.iter().map(|&x| f64::from(x * x)).sum::<f64>() / 1e4;
        assert!(mean.abs() < 0.02 && (square - 1.0 / 3.0).abs() < 0.02, "{mean} {square}");
        assert!(x.iter().all(|x| (-1.0..1.0).contains(x)));
        assert_eq!(x, data(10_000, 3));
        assert_ne!(x, data(10_000, 4));
    }

    #[test]
    fn labels_are_balanced() {
        let labels = labels(20, 10);
        assert!((0..10).all(|class| labels.iter().filter(|&&label| label == class).count() == 2));
    }
}
