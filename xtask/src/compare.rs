//! Wengert and its peers, measured in alternating rounds in one go, and the page that tells of it.
//!
//! What is asked and answered is in `wengert-protocol`; the peers are in `benches/peers/`.

mod chart;
mod contestants;
mod machine;
mod page;
mod results;
mod rounds;
mod rows;
mod verdict;

use std::path::PathBuf;

use contestants::Contestant;
use results::Results;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Steps of training and inference, on two threads.
    Steps,
    /// Products of matrices, on one thread and on two.
    Products,
}

impl Part {
    /// The name on the command line and of the file of results.
    pub fn name(self) -> &'static str {
        match self {
            Part::Steps => "steps",
            Part::Products => "products",
        }
    }
}

/// What to compare, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The parts, in their order; none if the page is only written anew from what is stored.
    pub parts: Vec<Part>,
    /// How often each contestant does each row.
    pub rounds: usize,
    /// About how many seconds a step is repeated in a round; a product a twentieth of it.
    pub seconds: f64,
    /// Only rows that contain this.
    pub row: Option<String>,
    /// Only contestants of these names.
    pub only: Option<Vec<String>>,
    /// The interpreter that has the peers of Python.
    pub python: String,
    /// Whether the page is written although a contestant is missing.
    pub write: bool,
}

impl Options {
    /// Reads `steps --rounds 5 --only wengert,torch`.
    ///
    /// # Errors
    /// If an argument is unknown, or its value is not of its kind.
    pub fn parse(arguments: &[String]) -> Result<Options, String> {
        let mut options = Options {
            parts: vec![Part::Steps, Part::Products],
            rounds: 3,
            seconds: 1.0,
            row: None,
            only: None,
            python: "python3".to_string(),
            write: false,
        };
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("compare: `{argument}` needs a value"));
            match argument {
                "steps" => options.parts = vec![Part::Steps],
                "products" => options.parts = vec![Part::Products],
                "page" => options.parts = Vec::new(),
                "--rounds" => options.rounds = number(argument, value()?)?,
                "--seconds" => options.seconds = number(argument, value()?)?,
                "--row" => options.row = Some(value()?.to_string()),
                "--only" => options.only = Some(value()?.split(',').map(str::to_string).collect()),
                "--python" => options.python = value()?.to_string(),
                "--write" => options.write = true,
                _ => return Err(format!("compare: unexpected `{argument}`")),
            }
        }
        if options.rounds == 0 || !(options.seconds > 0.0 && options.seconds.is_finite()) {
            return Err("compare: at least one round, and more than no seconds".to_string());
        }
        Ok(options)
    }

    fn is_partial(&self) -> bool {
        self.row.is_some() || self.only.is_some()
    }

    fn has(&self, contestant: &Contestant) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|name| name == contestant.name))
    }
}

fn number<T: std::str::FromStr>(flag: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("compare: `{flag} {text}` is no number"))
}

/// Measures the parts one after the other, prints their tables, and writes the page.
///
/// Only a run of all rows and all contestants is written, to `docs/`, so that a short trial never replaces what was
/// measured; it replaces the parts that it measured and leaves the other as it was. The raw numbers of every run are
/// also left where cargo builds.
///
/// # Errors
/// If nothing could be measured, or a file cannot be read or written.
pub fn run(options: &Options) -> Result<(), String> {
    let mut is_new = options.parts.is_empty();
    for &part in &options.parts {
        let (results, missing) = rounds::measure(part, options)?;
        println!("\n{}", page::section(&results));
        let raw = contestants::target().join("compare").join(format!("{}.json", part.name()));
        save(&raw, &results.json())?;
        println!("compare: the numbers are in {}", raw.display());
        if options.is_partial() {
            println!("compare: some rows or contestants only; docs/benchmarks.md stays as it was");
        } else if !missing.is_empty() && !options.write {
            println!("compare: without {}; docs/benchmarks.md stays as it was (--write)", missing.join(", "));
        } else {
            save(&stored(part, "json"), &results.json())?;
            is_new = true;
        }
    }
    if is_new { write_page() } else { Ok(()) }
}

/// Writes the charts and the page from the results that are stored beside it.
fn write_page() -> Result<(), String> {
    let mut parts = Vec::new();
    for part in [Part::Steps, Part::Products] {
        // A part that was never measured is left out.
        if let Ok(text) = std::fs::read_to_string(stored(part, "json")) {
            let results = Results::parse(&text)?;
            save(&stored(part, "svg"), &chart::svg(&results))?;
            parts.push(results);
        }
    }
    save(&crate::root().join("docs/benchmarks.md"), &page::page(&parts))
}

/// A file of a part, beside the page.
fn stored(part: Part, extension: &str) -> PathBuf {
    crate::root().join("docs/benchmarks").join(format!("{}.{extension}", part.name()))
}

fn save(path: &PathBuf, text: &str) -> Result<(), String> {
    let folder = path.parent().expect("a file stands in a folder");
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
    written.map_err(|error| format!("compare: {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(str::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_in_any_order() {
        let options = parse("--only torch,jax products --rounds 5 --row 32x32 --seconds 0.5").expect("known");
        assert_eq!((options.parts.as_slice(), options.rounds), ([Part::Products].as_slice(), 5));
        assert_eq!((options.seconds, options.row.as_deref()), (0.5, Some("32x32")));
        assert_eq!(options.only, Some(vec!["torch".to_string(), "jax".to_string()]));
        assert!(options.is_partial() && !parse("--python p --write").expect("known").is_partial());
        assert_eq!(parse("page").expect("known").parts, []);
    }

    #[test]
    fn the_page_is_what_the_stored_results_say() {
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap_or_default();
        let parts = [Part::Steps, Part::Products].map(|part| Results::parse(&read(&stored(part, "json"))));
        let [steps, products] = parts.map(|results| results.expect("the results are stored"));
        assert_eq!(read(&stored(Part::Steps, "svg")), chart::svg(&steps), "`cargo xtask compare page`");
        assert_eq!(read(&stored(Part::Products, "svg")), chart::svg(&products), "`cargo xtask compare page`");
        let page = page::page(&[steps, products]);
        assert_eq!(read(&crate::root().join("docs/benchmarks.md")), page, "`cargo xtask compare page`");
    }

    #[test]
    fn wrong_options_are_named() {
        assert_eq!(parse("--round 3"), Err("compare: unexpected `--round`".to_string()));
        assert_eq!(parse("--rounds"), Err("compare: `--rounds` needs a value".to_string()));
        assert_eq!(parse("--rounds x"), Err("compare: `--rounds x` is no number".to_string()));
        let none = Err("compare: at least one round, and more than no seconds".to_string());
        assert_eq!(parse("--rounds 0"), none);
        assert_eq!(parse("--seconds -1"), none);
    }
}
