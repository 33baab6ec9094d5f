//! What was measured, by row, number of threads and contestant, and the file that keeps it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wengert_protocol::{Row, median};

use super::contestants::{self, Contestant, OWN, PEAK};
use super::{Options, Part, machine};

/// What a contestant measured in one round.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) median_us: f64,
    pub(super) min_us: f64,
    pub(super) peak_kb: Option<u64>,
    pub(super) flops: Option<u64>,
}

impl Sample {
    /// What a line of JSON says; nothing if it has no time, or one that is not more than 0.
    pub(super) fn of(value: &Value) -> Option<Sample> {
        let time = |name: &str| value[name].as_f64().filter(|time| *time > 0.0);
        let (peak_kb, flops) = (value["peak_kb"].as_u64(), value["flops"].as_u64());
        Some(Sample { median_us: time("median_us")?, min_us: time("min_us")?, peak_kb, flops })
    }

    fn json(&self) -> Value {
        let Sample { median_us, min_us, peak_kb, flops } = self;
        json!({ "median_us": median_us, "min_us": min_us, "peak_kb": peak_kb, "flops": flops })
    }
}

/// All that was measured of a part, and under which conditions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Results {
    pub(super) part: Part,
    /// Names and texts, in the order in which they are told.
    pub(super) conditions: Vec<(String, String)>,
    /// By the contestants' names.
    pub(super) versions: BTreeMap<String, String>,
    cells: Vec<Cell>,
}

#[derive(Clone, Debug, PartialEq)]
struct Cell {
    row: Row,
    n_threads: usize,
    contestant: String,
    samples: Vec<Sample>,
}

/// What the rounds of a contestant come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Summary {
    /// The median over the rounds of their medians, in microseconds.
    pub(super) median_us: f64,
    /// The least time of all.
    pub(super) min_us: f64,
    /// The least and the largest median of a round.
    pub(super) range_us: [f64; 2],
    /// The median of the peaks of memory, in KiB.
    pub(super) peak_kb: Option<u64>,
    /// Floating-point operations of a step.
    pub(super) flops: Option<u64>,
}

impl Summary {
    /// How far the rounds lie apart, as a fraction of the median.
    pub(super) fn spread(&self) -> f64 {
        (self.range_us[1] - self.range_us[0]) / self.median_us
    }

    /// The median speed, in 10⁹ floating-point operations a second.
    pub(super) fn gflops(&self) -> Option<f64> {
        self.flops.map(|flops| flops as f64 / self.median_us / 1e3)
    }
}

impl Results {
    /// Nothing yet, measured today.
    pub(super) fn new(part: Part, options: &Options, conditions: Vec<(String, String)>) -> Results {
        let (rounds, seconds) = (options.rounds, options.seconds);
        let first = [("date".to_string(), machine::today()), ("rounds".to_string(), rounds.to_string())];
        let last = [("seconds for each step in a round".to_string(), seconds.to_string())];
        let conditions = first.into_iter().chain(last).chain(conditions).collect();
        Results { part, conditions, versions: BTreeMap::new(), cells: Vec::new() }
    }

    /// Adds what a contestant measured.
    pub(super) fn add(
        &mut self,
        row: Row,
        n_threads: usize,
        contestant: &str,
        version: &str,
        sample: Sample,
    ) {
        self.versions.insert(contestant.to_string(), version.to_string());
        match self.cells.iter_mut().find(|cell| cell.is(&row, n_threads, contestant)) {
            Some(cell) => cell.samples.push(sample),
            None => self.cells.push(Cell {
                row,
                n_threads,
                contestant: contestant.to_string(),
                samples: vec![sample],
            }),
        }
    }

    /// Notes how busy the machine was when all was measured.
    pub(super) fn end(&mut self, load: String) {
        if !load.is_empty() {
            self.conditions.push(("load at the end, of this comparison itself".to_string(), load));
        }
    }

    /// The rows, without the machine's peak, in the order in which they came.
    pub(super) fn rows(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = Vec::new();
        for cell in self.cells.iter().filter(|cell| cell.row != Row::Peak) {
            if !rows.contains(&&cell.row) {
                rows.push(&cell.row);
            }
        }
        rows
    }

    /// The contestants that measured something, in the order of tables.
    pub(super) fn contestants(&self) -> impl Iterator<Item = &'static Contestant> {
        let is_there = |one: &&Contestant| one.name != PEAK && self.versions.contains_key(one.name);
        contestants::all(self.part).iter().filter(is_there)
    }

    /// The same without Wengert.
    pub(super) fn peers(&self) -> impl Iterator<Item = &'static Contestant> {
        self.contestants().filter(|contestant| contestant.name != OWN)
    }

    /// What a contestant measured of a row.
    pub(super) fn summary(&self, row: &Row, n_threads: usize, contestant: &str) -> Option<Summary> {
        let cell = self.cells.iter().find(|cell| cell.is(row, n_threads, contestant))?;
        let sorted = |of: fn(&Sample) -> f64| {
            let mut numbers: Vec<f64> = cell.samples.iter().map(of).collect();
            numbers.sort_by(f64::total_cmp);
            numbers
        };
        let (medians, minima) = (sorted(|sample| sample.median_us), sorted(|sample| sample.min_us));
        let mut peaks: Vec<u64> = cell.samples.iter().filter_map(|sample| sample.peak_kb).collect();
        peaks.sort_unstable();
        Some(Summary {
            median_us: median(&medians),
            min_us: minima[0],
            range_us: [medians[0], medians[medians.len() - 1]],
            peak_kb: peaks.get(peaks.len() / 2).copied(),
            flops: row.flops().or(cell.samples[0].flops),
        })
    }

    /// The most that the machine can do, in GFLOP/s: of the fastest batch, since nothing but a disturbance makes the
    /// others slower.
    pub(super) fn peak_gflops(&self, n_threads: usize) -> Option<f64> {
        let peak = self.summary(&Row::Peak, n_threads, PEAK)?;
        Some(peak.flops? as f64 / peak.min_us / 1e3)
    }

    /// The text of the file that keeps the results.
    pub(super) fn json(&self) -> String {
        let cell = |cell: &Cell| {
            let samples: Vec<Value> = cell.samples.iter().map(Sample::json).collect();
            let (row, contestant) = (cell.row.to_string(), &cell.contestant);
            json!({ "row": row, "threads": cell.n_threads, "contestant": contestant, "rounds": samples })
        };
        let cells: Vec<String> = self.cells.iter().map(|one| format!("    {}", cell(one))).collect();
        let head = json!({
            "part": self.part.name(),
            "conditions": self.conditions,
            "versions": self.versions,
        });
        let head = serde_json::to_string_pretty(&head).expect("strings can be written");
        let head = head.trim_end_matches("\n}");
        // A line for each cell, so that a change can be read.
        format!("{head},\n  \"cells\": [\n{}\n  ]\n}}\n", cells.join(",\n"))
    }

    /// Reads what [`Results::json`] wrote.
    ///
    /// # Errors
    /// If something else stands there.
    pub(super) fn parse(text: &str) -> Result<Results, String> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("compare: results: {error}"))?;
        let wrong = |what: &str| format!("compare: results without {what}");
        let part = [Part::Steps, Part::Products].into_iter().find(|part| value["part"] == part.name());
        let read = |name: &str| serde_json::from_value(value[name].clone()).map_err(|_| wrong(name));
        let versions = serde_json::from_value(value["versions"].clone()).map_err(|_| wrong("versions"))?;
        let mut cells = Vec::new();
        for cell in value["cells"].as_array().ok_or(wrong("cells"))? {
            let samples = cell["rounds"].as_array().ok_or(wrong("rounds"))?;
            let samples: Vec<Sample> = samples.iter().filter_map(Sample::of).collect();
            if samples.is_empty() {
                return Err(wrong("rounds"));
            }
            cells.push(Cell {
                row: cell["row"].as_str().unwrap_or_default().parse()?,
                n_threads: cell["threads"].as_u64().ok_or(wrong("threads"))? as usize,
                contestant: cell["contestant"].as_str().unwrap_or_default().to_string(),
                samples,
            });
        }
        Ok(Results { part: part.ok_or(wrong("a part"))?, conditions: read("conditions")?, versions, cells })
    }
}

impl Cell {
    fn is(&self, row: &Row, n_threads: usize, contestant: &str) -> bool {
        self.row == *row && self.n_threads == n_threads && self.contestant == contestant
    }
}

/// A row, its threads, and for each contestant the medians of its rounds.
#[cfg(test)]
pub(super) type Measured<'a> = (&'a str, usize, &'a [(&'a str, &'a [f64])]);

/// Results for tests.
#[cfg(test)]
pub(super) fn results_of(part: Part, rows: &[Measured<'_>]) -> Results {
    let conditions = vec![("date".to_string(), "2026-01-02".to_string())];
    let mut results = Results { part, conditions, versions: BTreeMap::new(), cells: Vec::new() };
    for (row, n_threads, contestants) in rows {
        let row: Row = row.parse().expect("a row");
        for (contestant, times) in *contestants {
            for &median_us in *times {
                let flops = (row == Row::Peak).then_some(1_000_000);
                let sample = Sample { median_us, min_us: median_us * 0.9, peak_kb: Some(2048), flops };
                results.add(row.clone(), *n_threads, contestant, "1.0", sample);
            }
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Results {
        let rows: &[Measured<'_>] = &[
            ("peak", 1, &[("fma", &[10.0, 8.0, 9.0])]),
            ("nn 10x10x10", 1, &[("torch", &[0.5]), ("wengert", &[0.2, 0.1, 0.4, 0.3])]),
        ];
        results_of(Part::Products, rows)
    }

    #[test]
    fn rounds_are_summarised_by_medians_and_minima() {
        let results = example();
        let row = results.rows()[0];
        let summary = results.summary(row, 1, OWN).expect("measured");
        assert_eq!((summary.median_us, summary.min_us, summary.range_us), (0.25, 0.1 * 0.9, [0.1, 0.4]));
        assert!((summary.spread() - 1.2).abs() < 1e-12);
        assert_eq!((summary.flops, summary.gflops()), (Some(2000), Some(8.0)));
        assert_eq!(results.summary(row, 2, OWN), None);
    }

    #[test]
    fn the_peak_is_no_contestant() {
        let results = example();
        assert!((results.peak_gflops(1).expect("measured") - 1e6 / 7.2e3).abs() < 1e-9);
        assert_eq!(results.contestants().map(|one| one.name).collect::<Vec<_>>(), ["wengert", "torch"]);
        assert_eq!(results.peers().map(|one| one.name).collect::<Vec<_>>(), ["torch"]);
        assert_eq!(results.rows().len(), 1);
    }

    #[test]
    fn results_are_read_as_they_are_written() {
        let results = example();
        assert_eq!(Results::parse(&results.json()), Ok(results));
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        assert_eq!(Results::parse("{}"), Err("compare: results without versions".to_string()));
        assert!(Results::parse("no json").is_err());
    }
}
