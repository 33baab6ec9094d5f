//! A copy of the workspace with mutants in it, and how it is built without those that do not compile.
//!
//! The real sources know nothing of mutants.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::places::{Mutant, Plant};
use super::schemata::Schema;
use crate::tree::Tree;

/// The folder of the operations in the workspace.
pub(super) const OPERATIONS: &str = "crates/tensor/src/ops/";

/// The copy.
pub(super) struct Scratch {
    sources: PathBuf,
    target: PathBuf,
}

/// The programs that try a mutant.
pub(super) struct Programs {
    /// Checks operations of the catalogue by their names.
    pub(super) probe: PathBuf,
    /// The test programs of the crate with their names.
    pub(super) tests: Vec<(String, PathBuf)>,
}

/// The module that the library of the copy has more.
const MUTATION: &str = include_str!("mutation.txt");

const WITHOUT: &str = "
impl Needs {
    pub(crate) fn without(self, other: Needs) -> Needs {
        Needs(self.0 & !other.0)
    }
}
";

const PROBE: &str = r#"
#[test]
fn probe() {
    std::panic::set_hook(Box::new(|_| ()));
    let names = std::env::var("WENGERT_OPERATIONS").unwrap_or_default();
    let entries = wengert_tensor::catalogue::all();
    for name in names.split(',').filter(|name| !name.is_empty()) {
        entries.iter().find(|entry| entry.name == name).unwrap().check().unwrap();
    }
}
"#;

impl Scratch {
    /// A copy in a folder. What is built there stays for the next time.
    pub(super) fn new(folder: &Path) -> Scratch {
        Scratch { sources: folder.join("workspace"), target: folder.join("target") }
    }

    /// Copies the workspace and plants the mutants, of which each file has its own. Returns those that compile, and
    /// the programs to try them with.
    ///
    /// # Errors
    /// If a file cannot be written, or the copy does not compile for another reason than a mutant.
    pub(super) fn build(
        &self,
        tree: &Tree,
        mutants: &[(String, Mutant)],
    ) -> Result<(BTreeSet<usize>, Programs), String> {
        self.copy(tree)?;
        let mut alive: BTreeSet<usize> = (1..=mutants.len()).collect();
        loop {
            let schemata = self.plant(tree, mutants, &alive)?;
            let quick = ["check", "--package", "wengert-tensor", "--features", "catalogue"];
            let mut messages = self.cargo(&quick)?;
            if errors(&messages).is_empty() {
                let whole = ["test", "--package", "wengert-tensor", "--no-run", "--test", "*"];
                messages = self.cargo(&whole)?;
                if errors(&messages).is_empty() {
                    return Ok((alive, programs(&messages)?));
                }
            }
            let errors = errors(&messages);
            let blamed: BTreeSet<usize> = errors.iter().flat_map(|error| blamed(error, &schemata)).collect();
            if blamed.is_empty() {
                let text = errors[0]["rendered"].as_str().unwrap_or_default();
                return Err(format!("mutate: the copy does not compile\n{text}"));
            }
            println!("{} mutants do not compile", blamed.len());
            alive.retain(|id| !blamed.contains(id));
        }
    }

    fn copy(&self, tree: &Tree) -> Result<(), String> {
        for file in tree.files().iter().filter(|file| !file.path.starts_with(OPERATIONS)) {
            let text = match file.path.as_str() {
                "crates/tensor/src/op.rs" => format!("{}{WITHOUT}", file.text),
                // The one file that reads what all operations declare: to keep it, and to show it to rules.
                "crates/tensor/src/node.rs" => {
                    let mutated = "&crate::mutation::needs(O::NAME, O::NEEDS)";
                    let kept = replaced(&file.text, "(&xs, &O::NEEDS", &format!("(&xs, {mutated}"))?;
                    replaced(&kept, "&self.edges, &O::NEEDS", &format!("&self.edges, {mutated}"))?
                }
                "crates/tensor/src/lib.rs" => continue,
                _ => file.text.clone(),
            };
            self.write(&file.path, &text)?;
        }
        self.write("crates/tensor/tests/probe.rs", PROBE)
    }

    /// Writes the files with mutants in them.
    fn plant(
        &self,
        tree: &Tree,
        mutants: &[(String, Mutant)],
        alive: &BTreeSet<usize>,
    ) -> Result<BTreeMap<String, Schema>, String> {
        let mut schemata = BTreeMap::new();
        for file in tree.files().iter().filter(|file| file.path.starts_with(OPERATIONS)) {
            let numbered = (1..).zip(mutants);
            let mine: Vec<(usize, &Mutant)> = numbered
                .filter(|(id, (path, _))| alive.contains(id) && *path == file.path)
                .map(|(id, (_, mutant))| (id, mutant))
                .collect();
            let schema = Schema::new(&file.text, &mine);
            self.write(&file.path, &schema.text)?;
            schemata.insert(file.path.clone(), schema);
        }
        let library = "crates/tensor/src/lib.rs";
        let text = tree.files().iter().find(|file| file.path == library).map_or("", |file| &file.text);
        self.write(library, &format!("{text}{}", mutation(mutants, alive)))?;
        Ok(schemata)
    }

    /// Writes a file if it is another than before, so that what does not change is not built again.
    fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.sources.join(path);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.sources);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("mutate: {}: {error}", path.display()))
    }

    /// What cargo says, one message each.
    fn cargo(&self, arguments: &[&str]) -> Result<Vec<Value>, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(arguments)
            .args(["--quiet", "--message-format=json"])
            .current_dir(&self.sources)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0")
            .env("RUSTFLAGS", "--cap-lints=allow")
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("mutate: cargo does not start: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let messages: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        match !output.status.success() && errors(&messages).is_empty() {
            true => Err("mutate: cargo fails, but not because of an error in a file".to_string()),
            false => Ok(messages),
        }
    }
}

fn mutation(mutants: &[(String, Mutant)], alive: &BTreeSet<usize>) -> String {
    let mut arms = String::new();
    for (id, (_, mutant)) in (1..).zip(mutants).filter(|(id, _)| alive.contains(id)) {
        if let Plant::Needs { operation, argument } = &mutant.plant {
            arms.push_str(&format!(
                "({id}, {operation:?}, {argument}, Needs::{}),\n",
                &mutant.original["Needs::".len()..]
            ));
        }
    }
    MUTATION.replace("// ARMS", &arms).replace("N_MUTANTS", &mutants.len().to_string())
}

fn replaced(text: &str, old: &str, new: &str) -> Result<String, String> {
    match text.matches(old).count() {
        1 => Ok(text.replace(old, new)),
        n => Err(format!("mutate: `{old}` is {n} times in node.rs, not once; change scratch.rs with it")),
    }
}

fn errors(messages: &[Value]) -> Vec<&Value> {
    let of_compiler = messages.iter().filter(|message| message["reason"] == "compiler-message");
    of_compiler.map(|message| &message["message"]).filter(|message| message["level"] == "error").collect()
}

/// The mutants that an error is about, by its first span, or else by its others.
fn blamed(error: &Value, schemata: &BTreeMap<String, Schema>) -> Vec<usize> {
    let spans = error["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
    let (primary, others): (Vec<&Value>, Vec<&Value>) =
        spans.iter().partition(|span| span["is_primary"] == true);
    let of = |spans: &[&Value]| -> Vec<usize> {
        spans.iter().flat_map(|span| blamed_at(span, schemata)).collect()
    };
    match of(&primary) {
        found if found.is_empty() => of(&others),
        found => found,
    }
}

fn blamed_at(span: &Value, schemata: &BTreeMap<String, Schema>) -> Vec<usize> {
    let byte = |key: &str| span[key].as_u64().unwrap_or_default() as usize;
    let path = span["file_name"].as_str().unwrap_or_default().replace('\\', "/");
    let schema = schemata.iter().find(|(file, _)| path.ends_with(&**file));
    schema.map_or(Vec::new(), |(_, schema)| schema.blamed(byte("byte_start")..byte("byte_end")))
}

fn programs(messages: &[Value]) -> Result<Programs, String> {
    let mut tests = Vec::new();
    let mut probe = None;
    for message in messages.iter().filter(|message| message["reason"] == "compiler-artifact") {
        let Some(path) = message["executable"].as_str() else { continue };
        match message["target"]["name"].as_str() {
            // Its entries are tried one by one, by the probe.
            Some("catalogue") => {}
            Some("probe") => probe = Some(PathBuf::from(path)),
            Some(name) => tests.push((name.to_string(), PathBuf::from(path))),
            None => {}
        }
    }
    let probe = probe.ok_or("mutate: cargo built no probe")?;
    Ok(Programs { probe, tests })
}
