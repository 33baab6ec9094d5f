//! Every operation of the catalogue passes every check on all its samples.

use wengert_tensor::catalogue;

#[test]
fn every_operation_passes_every_check() {
    let mut failures = Vec::new();
    for entry in catalogue::all() {
        match entry.check() {
            Ok(summary) => {
                println!(
                    "{:<22} {:>3} samples, {:>3} layouts",
                    entry.name, summary.n_samples, summary.n_layouts
                );
                let least = if entry.is_elementwise { 8 } else { 20 };
                if summary.n_samples < least {
                    failures.push(format!("{}: {} samples, not {least}", entry.name, summary.n_samples));
                }
            }
            Err(failure) => failures.push(failure.to_string()),
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = catalogue::all().iter().map(|entry| entry.name).collect();
    names.sort();
    let n_names = names.len();
    names.dedup();
    assert_eq!(names.len(), n_names);
}
