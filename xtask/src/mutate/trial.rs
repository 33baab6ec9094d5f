//! Running one mutant: first the checks of the operations of its file, then every test of the crate.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::scratch::Programs;

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// By the probe, or a test program.
    Caught(String),
    /// By none.
    Survived,
}

/// How long a program may run: an infinite loop is caught too.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many mutants are tried at a time.
const AT_ONCE: usize = 2;

/// Tries mutants, each given by its number and the names of the operations to check first.
pub(super) fn try_all(programs: &Programs, mutants: &[(usize, String)]) -> Vec<(usize, Verdict)> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((id, operations)) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = try_one(programs, *id, operations);
                    let mut done = done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    done.push((*id, verdict));
                    if done.len().is_multiple_of(100) {
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

/// Runs everything without a mutant, and from then on the quickest first. The error names what fails.
pub(super) fn measure(programs: &mut Programs, operations: &str) -> Result<(), String> {
    let mut timed = Vec::new();
    let probe = ("probe".to_string(), programs.probe.clone());
    for (name, path) in std::iter::once(probe).chain(programs.tests.drain(..)) {
        let start = Instant::now();
        if !passes(&path, 0, operations) {
            return Err(format!("mutate: {name} fails without a mutant"));
        }
        timed.push((start.elapsed(), name, path));
    }
    let mut tests = timed.split_off(1);
    tests.sort();
    programs.tests = tests.into_iter().map(|(_, name, path)| (name, path)).collect();
    Ok(())
}

fn try_one(programs: &Programs, id: usize, operations: &str) -> Verdict {
    if !passes(&programs.probe, id, operations) {
        return Verdict::Caught("probe".to_string());
    }
    match programs.tests.iter().find(|(_, path)| !passes(path, id, "")) {
        Some((name, _)) => Verdict::Caught(name.clone()),
        None => Verdict::Survived,
    }
}

fn passes(program: &Path, id: usize, operations: &str) -> bool {
    let child = Command::new(program)
        .env("WENGERT_MUTANT", id.to_string())
        .env("WENGERT_OPERATIONS", operations)
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
