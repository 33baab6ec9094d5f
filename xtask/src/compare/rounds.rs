//! The rounds: in each, every row is done by every contestant in turn, and the turn begins with another one each time.

use std::process::Command;

use serde_json::Value;
use wengert_protocol::{Layout, Row};

use super::contestants::{self, Contestant};
use super::results::{Results, Sample};
use super::{Options, Part, machine, rows};

/// A contestant's answer to a row.
#[derive(Debug, PartialEq)]
struct Answer {
    row: Row,
    sample: Sample,
    version: String,
}

/// All results of a part, and the contestants that are missing somewhere.
///
/// # Errors
/// If no contestant can take part.
pub(super) fn measure(part: Part, options: &Options) -> Result<(Results, Vec<String>), String> {
    let rows: Vec<Row> = rows::all(part).into_iter().filter(|row| is_wanted(row, options)).collect();
    let (ready, mut missing) = ready(part, options);
    if ready.is_empty() || rows.is_empty() {
        return Err("compare: nobody, or nothing, to compare".to_string());
    }
    let mut results = Results::new(part, options, machine::conditions(&options.python));
    for round in 0..options.rounds {
        for &n_threads in rows::threads(part) {
            for group in groups(part, &rows) {
                for contestant in rotated(&ready, round) {
                    let asked: Vec<&Row> = group.iter().filter(|row| contestant.takes(row)).collect();
                    if asked.is_empty() {
                        continue;
                    }
                    let seconds = seconds(part, options, &asked);
                    let mut command = contestant.command(options, n_threads, seconds, &asked);
                    let told = format!("round {} of {}, {n_threads} threads", round + 1, options.rounds);
                    match ask(&mut command, asked.len()) {
                        Ok(answers) => {
                            for answer in answers {
                                println!(
                                    "{told}: {:<14} {:<42} {:.4} us",
                                    contestant.name, answer.row, answer.sample.median_us
                                );
                                results.add(
                                    answer.row,
                                    n_threads,
                                    contestant.name,
                                    &answer.version,
                                    answer.sample,
                                );
                            }
                        }
                        Err(error) => {
                            println!("{told}: {} failed: {error}", contestant.name);
                            missing.push(contestant.name.to_string());
                        }
                    }
                }
            }
        }
    }
    results.end(machine::load());
    missing.sort();
    missing.dedup();
    Ok((results, missing))
}

fn is_wanted(row: &Row, options: &Options) -> bool {
    // Without the machine's peak a product has nothing to be a fraction of.
    *row == Row::Peak || options.row.as_ref().is_none_or(|text| row.to_string().contains(text))
}

/// Those that can take part, and the names of those that cannot.
fn ready(part: Part, options: &Options) -> (Vec<&'static Contestant>, Vec<String>) {
    let (mut ready, mut missing) = (Vec::new(), Vec::new());
    let is_asked = |one: &&Contestant| options.has(one) || one.name == contestants::PEAK;
    for contestant in contestants::all(part).iter().filter(is_asked) {
        match contestant.ready(options) {
            Ok(()) => ready.push(contestant),
            Err(reason) => {
                println!("compare: without {}: {reason}", contestant.label);
                missing.push(contestant.name.to_string());
            }
        }
    }
    (ready, missing)
}

/// The rows that a contestant does in one process: a step has its own, of which the memory is measured; products are
/// done together, squares and others, since most of the time would be spent on beginning.
fn groups(part: Part, rows: &[Row]) -> Vec<&[Row]> {
    let is_square =
        |row: &Row| matches!(row, Row::Product { layout: Layout::Plain, m, k, n } if m == k && k == n);
    match part {
        Part::Steps => rows.chunks(1).collect(),
        Part::Products => rows.chunk_by(|a, b| is_square(a) == is_square(b)).collect(),
    }
}

/// All contestants, beginning with another one in each round.
fn rotated<T>(all: &[T], round: usize) -> impl Iterator<Item = &T> {
    let (before, after) = all.split_at(round % all.len());
    after.iter().chain(before)
}

fn seconds(part: Part, options: &Options, asked: &[&Row]) -> f64 {
    match part {
        Part::Steps => options.seconds,
        Part::Products if *asked[0] == Row::Peak => options.seconds / 4.0,
        Part::Products => options.seconds / 20.0,
    }
}

fn ask(command: &mut Command, n_rows: usize) -> Result<Vec<Answer>, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(text.lines().last().unwrap_or("it says nothing").to_string());
    }
    let answers: Vec<Answer> =
        String::from_utf8_lossy(&output.stdout).lines().map(answer).collect::<Result<_, _>>()?;
    if answers.len() != n_rows {
        return Err(format!("{} answers to {n_rows} rows", answers.len()));
    }
    Ok(answers)
}

/// Reads a line that a contestant printed.
fn answer(line: &str) -> Result<Answer, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("`{line}`: {error}"))?;
    if let Some(error) = value["error"].as_str() {
        return Err(format!("{}: {error}", value["row"]));
    }
    let sample = Sample::of(&value).ok_or(format!("`{line}` lacks a time"))?;
    let row = value["row"].as_str().unwrap_or_default().parse()?;
    Ok(Answer { row, sample, version: value["version"].as_str().unwrap_or("?").to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read() {
        let line = r#"{"row":"peak","median_us":2.5,"min_us":2,"n_batches":25,"peak_kb":null,"flops":7,"version":"1"}"#;
        let sample = Sample { median_us: 2.5, min_us: 2.0, peak_kb: None, flops: Some(7) };
        assert_eq!(answer(line), Ok(Answer { row: Row::Peak, sample, version: "1".to_string() }));
    }

    #[test]
    fn what_is_no_answer_is_told() {
        assert_eq!(
            answer(r#"{"row":"peak","error":"no such row"}"#),
            Err("\"peak\": no such row".to_string())
        );
        let line = r#"{"row":"peak","median_us":0,"min_us":0}"#;
        assert_eq!(answer(line), Err(format!("`{line}` lacks a time")));
        assert!(answer("Traceback").is_err());
    }

    #[test]
    fn a_contestant_that_fails_says_why() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no torch >&2; exit 1"]);
        assert_eq!(ask(&mut command, 1), Err("no torch".to_string()));
        assert_eq!(ask(&mut Command::new("true"), 1), Err("0 answers to 1 rows".to_string()));
    }

    #[test]
    fn each_round_begins_with_another() {
        let order = |round| rotated(&["a", "b", "c"], round).copied().collect::<String>();
        assert_eq!([order(0), order(1), order(2), order(3)], ["abc", "bca", "cab", "abc"]);
    }

    #[test]
    fn steps_are_alone_and_products_are_not() {
        let products = rows::all(Part::Products);
        assert_eq!(
            groups(Part::Products, &products).iter().map(|group| group.len()).sum::<usize>(),
            products.len()
        );
        assert_eq!(groups(Part::Products, &products).len(), 3);
        assert!(groups(Part::Steps, &rows::all(Part::Steps)).iter().all(|group| group.len() == 1));
    }
}
