//! The page `docs/ops.md`: `cargo xtask ops` writes it, and `cargo test` compares it with what is so.

#[path = "../golden/distance.rs"]
mod distance;
#[path = "../golden/keras.rs"]
mod keras;
mod source;
#[path = "../golden/torch.rs"]
mod torch;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use wengert_tensor::catalogue::{self, Summary};

use distance::Distance;
use source::{Family, Written};

/// Set by `cargo xtask ops`, so that the page is written and not compared.
const WRITE: &str = "WENGERT_WRITE_OPS_PAGE";

#[test]
fn the_page_of_operations_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ops.md");
    let page = page();
    if std::env::var_os(WRITE).is_some() {
        return std::fs::write(path, page).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    let mut pairs = there.lines().chain(std::iter::repeat("")).zip(page.lines());
    if let Some((there, now)) = pairs.find(|(there, now)| without_distances(there) != without_distances(now))
    {
        panic!("docs/ops.md is out of date\n  there  {there}\n  now    {now}\n  help: run `cargo xtask ops`");
    }
    assert_eq!(there.lines().count(), page.lines().count(), "docs/ops.md: run `cargo xtask ops`");
}

/// A line of the page without the last cell, which depends on the machine: its mathematics library rounds.
fn without_distances(line: &str) -> &str {
    let row = line.strip_suffix('|').and_then(|row| row.rsplit_once('|'));
    row.map_or(line, |(cells, _)| cells)
}

fn page() -> String {
    let families = source::families();
    let summaries: BTreeMap<&str, Summary> =
        catalogue::all().iter().map(|entry| (entry.name, entry.check().unwrap())).collect();
    let written =
        families.iter().flat_map(|family| &family.operations).map(|operation| operation.name.as_str());
    let missing = summaries.keys().filter(|name| !written.clone().any(|written| written == **name));
    assert_eq!(missing.collect::<Vec<_>>(), [] as [&&str; 0], "no file in src/ops has these names");
    let references = references();
    let mut page = introduction(&summaries, &references);
    for family in &families {
        add_family(&mut page, family, &summaries, &references);
    }
    page
}

fn introduction(summaries: &BTreeMap<&str, Summary>, references: &BTreeMap<&str, Reference>) -> String {
    let total = |count: fn(&Summary) -> usize| summaries.values().map(count).sum::<usize>();
    let file = torch::file();
    let n_cases = file["ops"].as_object().unwrap().len();
    let mut used: Vec<&str> = torch::cases().map(|case| case.0).collect();
    used.sort();
    used.dedup();
    format!(
        "# Operations\n\n\
         `cargo xtask ops` writes this page from the sources and from a run of the checks; a test compares it.\n\n\
         **{} operations, {} samples, {} layouts of them, {} refused.** On every sample are checked: the value where it is\n\
         known, the shape rule, the first and second derivatives against central differences in `f64` (at a kink or a special\n\
         point, against the known ones), the derivative kernel against the rule, and `f32` against `f64`; then all of it on\n\
         transposed, sliced, reversed and stride-0 inputs (the *layouts*). *Refused* are inputs that do not fit, and the\n\
         message is checked. No operation is without a first and a second derivative; where one is 0, it is given as 0.\n\n\
         {} operations stand beside a reference as well: {} of the {n_cases} cases of PyTorch 2.15 (the others are of losses,\n\
         see `losses.md`, and of operations that are not here yet), and all {} activation functions of Keras 3.15. The last column has the\n\
         largest relative distance of the value, of the first and, where the reference has them, of the second derivatives,\n\
         each rounded up to a power of ten. Differences up to 1e-15, for Keras 1e-14, count for nothing; what is known to be\n\
         inaccurate in the reference is left out (`crates/tensor/tests/golden/README.md`). Where it says *differences*, there\n\
         is no such reference: the derivatives stand on the central differences, and the values on known points.\n",
        summaries.len(),
        total(|summary| summary.n_samples),
        total(|summary| summary.n_layouts),
        total(|summary| summary.n_failures),
        references.len(),
        used.len(),
        keras::FUNCTIONS.len(),
    )
}

fn add_family(
    page: &mut String,
    family: &Family,
    summaries: &BTreeMap<&str, Summary>,
    references: &BTreeMap<&str, Reference>,
) {
    let Family { file, about, operations } = family;
    let title = file.trim_end_matches(".rs").replace('_', " ");
    writeln!(page, "\n## [{title}](../crates/tensor/src/ops/{file})\n\n{about}\n").unwrap();
    writeln!(page, "| operation | formula | derivative | samples | layouts | refused | distance |").unwrap();
    writeln!(page, "|---|---|---|--:|--:|--:|---|").unwrap();
    for Written { name, formula, derivative } in operations {
        let Summary { n_samples, n_layouts, n_failures } = summaries
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{file}: `{name}` is not in the catalogue"));
        let cells = format!("`{name}` | {} | {}", escaped(formula), escaped(derivative));
        let distance = references.get(name.as_str()).map_or("differences".to_string(), Reference::to_string);
        writeln!(page, "| {cells} | {n_samples} | {n_layouts} | {n_failures} | {distance} |").unwrap();
    }
}

/// A vertical line would end the cell.
fn escaped(formula: &str) -> String {
    formula.replace('|', "\\|")
}

/// The largest distances of an operation from its reference: of the value, and of the derivatives by their order.
struct Reference {
    library: &'static str,
    orders: [Option<f64>; 3],
}

impl Reference {
    fn new(library: &'static str) -> Reference {
        Reference { library, orders: [None; 3] }
    }

    fn add(&mut self, distance: &Distance) {
        let order = match distance.what.split(' ').next() {
            Some("value") => 0,
            Some("second") => 2,
            _ => 1,
        };
        let largest = self.orders[order].get_or_insert(0.0);
        *largest = largest.max(distance.relative);
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bounds: Vec<String> =
            self.orders.iter().flatten().map(|&distance| power_of_ten(distance)).collect();
        write!(f, "{} {}", self.library, bounds.join(", "))
    }
}

/// The power of ten that a distance does not exceed.
fn power_of_ten(distance: f64) -> String {
    format!("1e{}", distance.max(1e-15).log10().ceil())
}

/// What is known of each operation that has a reference; that of PyTorch where both have one.
fn references() -> BTreeMap<&'static str, Reference> {
    let mut references = BTreeMap::new();
    let file = torch::file();
    for case in torch::cases().filter(|case| case.1 != torch::SEVERAL) {
        let reference = references.entry(case.1).or_insert_with(|| Reference::new("PyTorch"));
        let distances = torch::distances(&file, case).into_iter();
        let is_accurate = |distance: &Distance| torch::tolerance(case.0, &distance.what) <= 1e-12;
        distances.filter(is_accurate).for_each(|distance| reference.add(&distance));
    }
    let file = keras::file();
    let functions = keras::FUNCTIONS.iter().flat_map(|&(name, operation, f)| {
        keras::distances(&file, name, f).map(|distance| (name, operation, distance))
    });
    let rows = keras::distances_of_rows(&file).into_iter().map(|(name, distance)| (name, name, distance));
    for (name, operation, distance) in functions.chain(rows) {
        let reference = references.entry(operation).or_insert_with(|| Reference::new("Keras"));
        if reference.library == "Keras" && keras::tolerance(name, &distance.what) <= 1e-12 {
            reference.add(&distance);
        }
    }
    references
}

#[test]
fn a_row_is_compared_without_its_last_cell() {
    assert_eq!(without_distances("| a | \\|b\\| | 1e-15 |"), "| a | \\|b\\| ");
    assert_eq!(without_distances("words | words"), "words | words");
}

#[test]
fn distances_are_rounded_up() {
    let distances = [0.0, 1e-15, 1.1e-15, 9e-13].map(power_of_ten);
    assert_eq!(distances, ["1e-15", "1e-15", "1e-14", "1e-12"]);
}
