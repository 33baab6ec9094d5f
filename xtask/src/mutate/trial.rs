//! Running one mutant: first the checks of the catalogue that come by it, then the other tests that do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::scratch::Programs;

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// By the catalogue, or a test program.
    Caught(String),
    /// By none.
    Survived,
    /// No check comes by the place, so none can catch it.
    Unreached,
}

/// How long a program may run: an infinite loop is caught too.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many mutants are tried at a time.
const AT_ONCE: usize = 2;

/// Which mutants each check comes by, when there is no mistake: the others need not be tried with it.
pub(super) struct Reach {
    /// By the entries of the catalogue, in its order.
    entries: Vec<(String, BTreeSet<usize>)>,
    /// By the test programs, the quickest first.
    tests: Vec<(PathBuf, String, BTreeSet<usize>)>,
}

impl Reach {
    /// Runs every check without a mutant.
    ///
    /// # Errors
    /// If one fails.
    pub(super) fn measure(programs: &Programs, entries: &[String], notes: &Path) -> Result<Reach, String> {
        let run = |program: &Path, operations: &str| -> Result<BTreeSet<usize>, String> {
            // A file that is not there needs no removal.
            let _ = std::fs::remove_file(notes);
            if !passes(program, 0, operations, Some(notes)) {
                return Err(format!("mutate: {} {operations} fails without a mutant", program.display()));
            }
            let text = std::fs::read_to_string(notes).unwrap_or_default();
            Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
        };
        let mut reach = Reach { entries: Vec::new(), tests: Vec::new() };
        for entry in entries {
            reach.entries.push((entry.clone(), run(&programs.probe, entry)?));
        }
        let mut timed = Vec::new();
        for (name, path) in &programs.tests {
            let start = Instant::now();
            let reached = run(path, "")?;
            timed.push((start.elapsed(), path.clone(), name.clone(), reached));
        }
        timed.sort();
        reach.tests = timed.into_iter().map(|(_, path, name, reached)| (path, name, reached)).collect();
        Ok(reach)
    }

    /// The entries that come by a mutant, those of its own file first.
    fn entries_for(&self, id: usize, own: &[String]) -> String {
        let reaching = self.entries.iter().filter(|(_, reached)| reached.contains(&id));
        let names = reaching.map(|(name, _)| name.as_str());
        let (first, others): (Vec<&str>, Vec<&str>) =
            names.partition(|name| own.iter().any(|own| own == name));
        [first, others].concat().join(",")
    }
}

/// Tries mutants, each given by its number and the names of the operations of its file.
pub(super) fn try_all(
    programs: &Programs,
    reach: &Reach,
    mutants: &[(usize, Vec<String>)],
) -> Vec<(usize, Verdict)> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((id, own)) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = try_one(programs, reach, *id, own);
                    let mut done = done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    done.push((*id, verdict));
                    if done.len().is_multiple_of(200) {
                        println!("{} of {} mutants tried", done.len(), mutants.len());
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(id, _)| *id);
    done
}

fn try_one(programs: &Programs, reach: &Reach, id: usize, own: &[String]) -> Verdict {
    let entries = reach.entries_for(id, own);
    if !entries.is_empty() && !passes(&programs.probe, id, &entries, None) {
        return Verdict::Caught("catalogue".to_string());
    }
    let mut tests = reach.tests.iter().filter(|(.., reached)| reached.contains(&id)).peekable();
    if entries.is_empty() && tests.peek().is_none() {
        return Verdict::Unreached;
    }
    match tests.find(|(path, ..)| !passes(path, id, "", None)) {
        Some((_, name, _)) => Verdict::Caught(name.clone()),
        None => Verdict::Survived,
    }
}

fn passes(program: &Path, id: usize, operations: &str, notes: Option<&Path>) -> bool {
    let child = Command::new(program)
        .env("WENGERT_MUTANT", id.to_string())
        .env("WENGERT_OPERATIONS", operations)
        .envs(notes.map(|notes| ("WENGERT_REACHED", notes)))
        .env("RUST_BACKTRACE", "0")
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    child.is_ok_and(|child| succeeds_in_time(child, PATIENCE))
}

fn succeeds_in_time(mut child: Child, patience: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < patience {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(Duration::from_millis(3)),
            Err(_) => return false,
        }
    }
    // That it ended by itself meanwhile is no error.
    let _ = child.kill();
    let _ = child.wait();
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(program: &str, argument: &str) -> Child {
        Command::new(program).arg(argument).spawn().expect("the program starts")
    }

    #[test]
    #[cfg(unix)]
    fn a_program_that_does_not_end_has_failed() {
        assert!(!succeeds_in_time(start("sleep", "1000"), Duration::from_millis(20)));
        assert!(succeeds_in_time(start("sleep", "0"), PATIENCE));
        assert!(!succeeds_in_time(start("false", ""), PATIENCE));
    }
}
