//! Mistakes planted in the rules of the operations, and whether the checks of the catalogue and the tests catch each.
//!
//! All mutants are compiled into one copy of the workspace (`mutate/schemata.rs`), so that trying one takes
//! milliseconds. `docs/mutants.md` lists those that cannot be caught.

mod mistakes;
mod places;
mod schemata;
mod scratch;
mod trial;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use crate::tree::Tree;
use places::{Mutant, mutants};
use scratch::{OPERATIONS, Scratch};
use trial::{Reach, Verdict, try_all};

/// The least part of the mutants that must be caught, in percent.
pub const LEAST: f64 = 98.0;

/// What to mutate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Only files whose path ends like this.
    pub file: Option<String>,
    /// Only functions and operations of this name.
    pub within: Option<String>,
}

impl Options {
    /// Reads `--file ops/power.rs --in slope`.
    ///
    /// # Errors
    /// If there is another argument.
    pub fn parse(arguments: &[String]) -> Result<Options, String> {
        let mut options = Options::default();
        for pair in arguments.chunks(2) {
            match pair {
                [flag, value] if flag == "--file" => options.file = Some(value.clone()),
                [flag, value] if flag == "--in" => options.within = Some(value.clone()),
                _ => return Err(format!("mutate: unexpected `{}`; known: --file, --in", pair.join(" "))),
            }
        }
        Ok(options)
    }

    fn has(&self, path: &str, mutant: &Mutant) -> bool {
        self.file.as_ref().is_none_or(|file| path.ends_with(file.as_str()))
            && self.within.as_ref().is_none_or(|within| mutant.within == *within)
    }
}

/// Plants the mistakes and tries each, in the folder where cargo builds.
///
/// # Errors
/// If the copy cannot be built, or fewer than [`LEAST`] percent are caught.
pub fn run(options: &Options) -> Result<(), String> {
    let start = Instant::now();
    let tree = Tree::read(crate::root()).map_err(|error| format!("mutate: {error}"))?;
    let mut planted: Vec<(String, Mutant)> = Vec::new();
    let mut operations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in tree.files().iter().filter(|file| file.path.starts_with(OPERATIONS)) {
        let (found, names) =
            mutants(&file.text).map_err(|error| format!("mutate: {}: {error}", file.path))?;
        let chosen = found.into_iter().filter(|mutant| options.has(&file.path, mutant));
        planted.extend(chosen.map(|mutant| (file.path.clone(), mutant)));
        operations.insert(file.path.clone(), names);
    }
    let folder = folder();
    println!("{} mutants, built in {}", planted.len(), folder.display());
    let (alive, programs) = Scratch::new(&folder).build(&tree, &planted)?;
    println!("{} of them compile, after {} s", alive.len(), start.elapsed().as_secs());
    let entries: Vec<String> = operations.values().flatten().cloned().collect();
    let reach = Reach::measure(&programs, &entries, &folder.join("reached.txt"))?;
    let own = |id: usize| operations.get(&planted[id - 1].0).cloned().unwrap_or_default();
    let trials: Vec<(usize, Vec<String>)> = alive.iter().map(|&id| (id, own(id))).collect();
    let verdicts = try_all(&programs, &reach, &trials);
    let report = report(&planted, &verdicts, known(&tree));
    let list = folder.join("mutants.txt");
    std::fs::write(&list, &report.text).map_err(|error| format!("mutate: {}: {error}", list.display()))?;
    println!("{}in {} s; also in {}", report.text, start.elapsed().as_secs(), list.display());
    match report.percent >= LEAST {
        true => Ok(()),
        false => Err(format!("mutate: {:.1} % are caught, not {LEAST} %", report.percent)),
    }
}

/// Where cargo builds, a folder for mutants.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| crate::root().join("target")).join("mutants")
}

struct Report {
    text: String,
    percent: f64,
}

/// The file that lists the mutants that compute the same as the original.
const LIST: &str = "docs/mutants.md";

/// The items of the list, as often as each stands there.
fn known(tree: &Tree) -> Vec<String> {
    let list = tree.files().iter().find(|file| file.path == LIST);
    let items = list.into_iter().flat_map(|file| file.text.lines());
    items.filter_map(|line| line.strip_prefix("- ops/")).map(|item| format!("ops/{item}")).collect()
}

/// How a mutant stands in the list: without its line, which changes often.
fn item((path, mutant): &(String, Mutant)) -> String {
    let (kind, within) = (mutant.kind, &mutant.within);
    let path = path.rsplit_once("/ops/").map_or(path.as_str(), |(_, name)| name);
    format!("ops/{path}: {kind:?} in {within}: `{}` -> `{}`", shown(&mutant.original), shown(&mutant.text))
}

fn report(planted: &[(String, Mutant)], verdicts: &[(usize, Verdict)], mut known: Vec<String>) -> Report {
    let survived = verdicts.iter().filter(|(_, verdict)| !matches!(verdict, Verdict::Caught(_)));
    let survived: BTreeMap<usize, &Verdict> = survived.map(|(id, verdict)| (*id, verdict)).collect();
    let mut text = String::new();
    let mut line = |args: std::fmt::Arguments<'_>| {
        // A string can always be written to.
        let _ = writeln!(text, "{args}");
    };
    let mut n_known = 0;
    for (&id, verdict) in &survived {
        let item = item(&planted[id - 1]);
        if let Some(at) = known.iter().position(|known| *known == item) {
            known.swap_remove(at);
            n_known += 1;
            continue;
        }
        let unreached = if **verdict == Verdict::Unreached { " (never reached)" } else { "" };
        line(format_args!("{item} (line {}){unreached}", planted[id - 1].1.line));
    }
    let mut kinds: BTreeMap<_, [usize; 2]> = BTreeMap::new();
    for (id, _) in verdicts {
        let counts = kinds.entry(planted[id - 1].1.kind).or_default();
        counts[0] += 1;
        counts[1] += usize::from(survived.contains_key(id));
    }
    for (kind, [tried, survived]) in kinds {
        line(format_args!("{:<10} {tried:>5} tried, {survived:>3} survived", format!("{kind:?}")));
    }
    let mut programs: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, verdict) in verdicts {
        if let Verdict::Caught(by) = verdict {
            *programs.entry(by).or_default() += 1;
        }
    }
    line(format_args!("caught by {programs:?}"));
    let n_caught = verdicts.len() - survived.len();
    let part = |n: usize| 100.0 * n_caught as f64 / n.max(1) as f64;
    let percent = part(verdicts.len() - n_known);
    let n_broken = planted.len() - verdicts.len();
    line(format_args!(
        "{} mutants: {n_broken} do not compile, {n_caught} caught, {} survived: {:.2} %",
        planted.len(),
        survived.len(),
        part(verdicts.len())
    ));
    line(format_args!("without {n_known} that compute the same ({LIST}): {percent:.2} %"));
    Report { text, percent }
}

/// A piece of code on one line, and not too much of it.
fn shown(code: &str) -> String {
    let words: Vec<&str> = code.split_whitespace().collect();
    words.join(" ").chars().take(100).collect()
}

#[cfg(test)]
mod tests;
