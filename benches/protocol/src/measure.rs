//! Timing: a warm-up, then batches of steps, each long enough for the clock.

use std::time::{Duration, Instant};

use crate::Work;
use crate::row::Row;

/// What the steps of a row took.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The median over the batches of the mean time of a step, in microseconds.
    pub median_us: f64,
    /// The least of them.
    pub min_us: f64,
    /// How many batches there were.
    pub n_batches: usize,
    /// The most memory that this process ever had, in KiB; only Linux tells.
    pub peak_kb: Option<u64>,
    /// Floating-point operations of a step, if the contestant said so.
    pub flops: Option<u64>,
}

/// Into how many batches the time is split; fewer if a step takes longer than that.
const N_BATCHES: u32 = 25;

/// Even of steps that take longer than all the time there is, so many are measured.
const MIN_BATCHES: usize = 3;

/// Repeats the work for about this many seconds, after a warm-up of a fifth of it.
pub fn measure(mut work: Work<'_>, seconds: f64) -> Measurement {
    let time = Duration::from_secs_f64(seconds);
    let n_steps = steps_in(&mut work, time / 5, time / N_BATCHES);
    let mut batches = Vec::new();
    let start = Instant::now();
    while batches.len() < MIN_BATCHES || start.elapsed() < time {
        let batch_start = Instant::now();
        for _ in 0..n_steps {
            (work.step)();
        }
        batches.push(batch_start.elapsed().as_secs_f64() * 1e6 / f64::from(n_steps));
    }
    batches.sort_by(f64::total_cmp);
    Measurement {
        median_us: median(&batches),
        min_us: batches[0],
        n_batches: batches.len(),
        peak_kb: peak_kb(),
        flops: work.flops,
    }
}

/// Warms up, and finds how many steps fill a batch: their number is doubled until they take long enough.
fn steps_in(work: &mut Work<'_>, warm_up: Duration, batch: Duration) -> u32 {
    // The first step may allocate and compile what the others use: it says nothing of them.
    (work.step)();
    let start = Instant::now();
    let mut n_steps = 1_u32;
    loop {
        let batch_start = Instant::now();
        for _ in 0..n_steps {
            (work.step)();
        }
        let elapsed = batch_start.elapsed();
        if elapsed < batch / 2 {
            n_steps *= 2;
        } else if start.elapsed() >= warm_up {
            let steps = batch.as_secs_f64() / elapsed.as_secs_f64() * f64::from(n_steps);
            return (steps as u32).max(1);
        }
    }
}

/// The median of sorted numbers, of which there must be one.
pub fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { (sorted[middle - 1] + sorted[middle]) / 2.0 } else { sorted[middle] }
}

fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

impl Measurement {
    /// The line that a contestant prints.
    pub fn json(&self, row: &Row, version: &str) -> String {
        let Measurement { median_us, min_us, n_batches, .. } = self;
        let number = |number: Option<u64>| number.map_or("null".to_string(), |number| number.to_string());
        let (peak_kb, flops) = (number(self.peak_kb), number(self.flops));
        format!(
            "{{\"row\":\"{row}\",\"median_us\":{median_us:.4},\"min_us\":{min_us:.4},\"n_batches\":{n_batches},\
             \"peak_kb\":{peak_kb},\"flops\":{flops},\"version\":\"{version}\"}}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_numbers() {
        assert_eq!(median(&[1.0, 2.0, 4.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 4.0, 8.0]), 3.0);
    }

    #[test]
    fn every_step_is_counted_at_least_thrice() {
        let mut n_steps = 0;
        let measurement = measure(Work::new(|| n_steps += 1), 0.0);
        assert!(n_steps >= MIN_BATCHES && measurement.n_batches >= MIN_BATCHES);
        assert!(measurement.min_us <= measurement.median_us);
    }

    #[test]
    fn a_line_of_json() {
        let measurement =
            Measurement { median_us: 2.5, min_us: 2.0, n_batches: 25, peak_kb: Some(8), flops: None };
        let expected = "{\"row\":\"peak\",\"median_us\":2.5000,\"min_us\":2.0000,\"n_batches\":25,\"peak_kb\":8,\
                        \"flops\":null,\"version\":\"1.2\"}";
        assert_eq!(measurement.json(&Row::Peak, "1.2"), expected);
    }
}
