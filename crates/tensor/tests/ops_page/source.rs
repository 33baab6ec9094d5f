//! What the sources in `src/ops` say of their operations: the file's opening sentence, and formula and derivative in
//! the first line of each operation's documentation.

use std::path::Path;

/// A file of operations.
pub(crate) struct Family {
    /// The name of the file.
    pub(crate) file: String,
    /// Its first sentence.
    pub(crate) about: String,
    /// Its operations, in the order of the file.
    pub(crate) operations: Vec<Written>,
}

/// What is written of an operation.
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) formula: String,
    pub(crate) derivative: String,
}

/// All files that have operations, by name.
pub(crate) fn families() -> Vec<Family> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut families: Vec<Family> = files
        .map(|path| {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            family(file, &std::fs::read_to_string(&path).unwrap())
        })
        .filter(|family| !family.operations.is_empty())
        .collect();
    families.sort_by(|a, b| a.file.cmp(&b.file));
    families
}

fn family(file: String, text: &str) -> Family {
    let lines: Vec<&str> = text.lines().collect();
    let opening: Vec<&str> = lines.iter().map_while(|line| line.strip_prefix("//! ")).collect();
    let opening = opening.join(" ");
    let about = opening.split_inclusive(". ").next().unwrap_or_default().trim_end().to_string();
    let names = (0..lines.len()).filter_map(|at| Some((at, name_in(lines[at])?)));
    let operations = names.map(|(at, name)| {
        documentation(&lines, at)
            .and_then(|line| line.split_once(",  "))
            .map(|(formula, derivative)| Written {
                name: name.to_string(),
                formula: formula.to_string(),
                derivative: derivative.to_string(),
            })
            .unwrap_or_else(|| {
                panic!("{file}: `{name}` has no line `/// y = ...,  dy/dx = ...` before its struct")
            })
    });
    Family { operations: operations.collect(), about, file }
}

fn name_in(line: &str) -> Option<&str> {
    line.trim().strip_prefix("const NAME: &'static str = \"")?.strip_suffix("\";")
}

/// The first line of the documentation of the type whose `impl` the line `at` stands in.
fn documentation<'a>(lines: &[&'a str], at: usize) -> Option<&'a str> {
    let header = lines[..at].iter().rev().find(|line| line.starts_with("impl"))?;
    let ty = header.split(" for ").nth(1)?.split(['<', ' ', '{']).next()?;
    let is_type = |line: &str| {
        let after = line.split_once("struct ").map(|(_, after)| after);
        after.is_some_and(|after| after.split(|c: char| !c.is_alphanumeric()).next() == Some(ty))
    };
    let end = lines.iter().position(|line| is_type(line))?;
    let above =
        lines[..end].iter().rev().take_while(|line| line.starts_with("///") || line.starts_with("#["));
    above.filter_map(|line| line.strip_prefix("/// ")).last()
}
