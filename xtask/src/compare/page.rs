//! The page `docs/benchmarks.md`: tables of what was measured, what is lost, and how to repeat it.

use wengert_protocol::Row;

use super::contestants::{Contestant, OWN};
use super::results::{Results, Summary};
use super::{Part, machine, rows, verdict};

const HEAD: &str = include_str!("page.md");

/// The whole page.
pub(super) fn page(parts: &[Results]) -> String {
    let sections: Vec<String> = parts.iter().map(section).collect();
    format!("{HEAD}\n{}", sections.join("\n"))
}

/// A part: the verdict, the tables, the conditions.
pub(super) fn section(results: &Results) -> String {
    let (title, tables) = match results.part {
        Part::Steps => ("Steps of training, and inference", steps(results)),
        Part::Products => ("Products of matrices", products(results)),
    };
    let sentences = busy(results).into_iter().chain(verdict::verdict(results));
    let verdict: Vec<String> = sentences.map(|sentence| format!("- {sentence}")).collect();
    let name = results.part.name();
    format!(
        "## {title}\n\n{}\n\n![{title}](benchmarks/{name}.svg)\n\n{tables}\n\n### Conditions of the {name}\n\n{}\n",
        verdict.join("\n"),
        conditions(results)
    )
}

/// From this load on somebody else had a core for much of the time.
const BUSY: f64 = 0.8;

/// A warning, if the machine had other things to do.
fn busy(results: &Results) -> Option<String> {
    let (_, load) = results.conditions.iter().find(|(name, _)| name == machine::LOAD)?;
    let is_busy = load.parse::<f64>().is_ok_and(|load| load >= BUSY);
    is_busy.then(|| {
        format!("**The machine was busy** (a load of {load} at the beginning): this is a trial, and no figure here is good.")
    })
}

fn steps(results: &Results) -> String {
    let n_threads = rows::threads(results.part)[0];
    let ratio = |summary: &Summary, own: Option<&Summary>| {
        let ratio = own.map_or(String::new(), |own| format!(" · {:.2}×", summary.median_us / own.median_us));
        format!("{}{ratio}", digits(summary.median_us))
    };
    let is_large = |row: &Row| matches!(row, Row::Train { batch, .. } if *batch > 32);
    let memory = |summary: &Summary, _: Option<&Summary>| {
        summary.peak_kb.map_or("–".to_string(), |kb| format!("{:.0}", kb as f64 / 1024.0))
    };
    let spread = |summary: &Summary, _: Option<&Summary>| format!("{:.0} %", 100.0 * summary.spread());
    let minimum = |summary: &Summary, _: Option<&Summary>| digits(summary.min_us);
    let table = |title: &str, rows: Vec<&Row>, cell: Cell<'_>| {
        format!("### {title}\n\n{}", by_contestant(results, &rows, n_threads, cell))
    };
    [
        table("Medians, in microseconds, and how many times Wengert's", results.rows(), &ratio),
        table("Minima, in microseconds", results.rows(), &minimum),
        table("Noise: how far the rounds' medians lie apart", results.rows(), &spread),
        table(
            "Peak memory of the process, in MiB",
            results.rows().into_iter().filter(|row| is_large(row)).collect(),
            &memory,
        ),
    ]
    .join("\n\n")
}

fn products(results: &Results) -> String {
    let tables = rows::threads(results.part).iter().map(|&n_threads| {
        let peak = results.peak_gflops(n_threads);
        let speed = |summary: &Summary, _: Option<&Summary>| {
            let gflops = summary.gflops().unwrap_or_default();
            let part = peak.map_or(String::new(), |peak| format!(" · {:.0} %", 100.0 * gflops / peak));
            format!("{gflops:.1}{part}")
        };
        let threads = if n_threads == 1 { "one thread".to_string() } else { format!("{n_threads} threads") };
        let title = match peak {
            Some(peak) => format!("GFLOP/s, {threads}, and the part of the machine's peak of {peak:.0}"),
            None => format!("GFLOP/s, {threads}"),
        };
        format!("### {title}\n\n{}", by_contestant(results, &results.rows(), n_threads, &speed))
    });
    tables.collect::<Vec<_>>().join("\n\n")
}

/// What a cell of a table says of a summary, beside Wengert's one of the same row.
type Cell<'a> = &'a dyn Fn(&Summary, Option<&Summary>) -> String;

/// A table with a line for each row and a column for each contestant.
fn by_contestant(results: &Results, rows: &[&Row], n_threads: usize, cell: Cell<'_>) -> String {
    let contestants: Vec<&Contestant> = results.contestants().collect();
    let mut lines = vec![vec!["row".to_string()]];
    lines[0].extend(contestants.iter().map(|contestant| contestant.label.to_string()));
    for row in rows {
        let own = results.summary(row, n_threads, OWN);
        let mut line = vec![format!("`{row}`")];
        line.extend(contestants.iter().map(|contestant| {
            let summary = results.summary(row, n_threads, contestant.name);
            summary.map_or("–".to_string(), |summary| cell(&summary, own.as_ref()))
        }));
        lines.push(line);
    }
    markdown(&lines)
}

/// A table whose first line is the head; all columns but the first are aligned to the right.
fn markdown(lines: &[Vec<String>]) -> String {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let mut text: Vec<String> = Vec::new();
    for line in lines {
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        text.push(format!("| {} |", cells.collect::<Vec<_>>().join(" | ")));
    }
    let rule = widths.iter().enumerate().map(|(column, &width)| match column {
        0 => "-".repeat(width + 2),
        _ => format!("{}:", "-".repeat(width + 1)),
    });
    text.insert(1, format!("|{}|", rule.collect::<Vec<_>>().join("|")));
    text.join("\n")
}

fn conditions(results: &Results) -> String {
    let versions: Vec<String> = results
        .contestants()
        .map(|contestant| format!("{} {}", contestant.label, results.versions[contestant.name]))
        .collect();
    let conditions = results.conditions.iter().map(|(name, text)| format!("- {name}: {text}"));
    conditions.chain([format!("- versions: {}", versions.join(", "))]).collect::<Vec<_>>().join("\n")
}

/// A time with three digits that count; from a hundred on, all before the point.
fn digits(time: f64) -> String {
    match time {
        100.0.. => format!("{time:.0}"),
        10.0.. => format!("{time:.1}"),
        _ => format!("{time:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::results_of;
    use super::*;

    #[test]
    fn a_table_is_aligned() {
        let lines = [["row", "a"], ["`x`", "1.5"]].map(|line| line.map(str::to_string).to_vec());
        assert_eq!(markdown(&lines), "| row |   a |\n|-----|----:|\n| `x` | 1.5 |");
    }

    #[test]
    fn times_have_three_digits() {
        assert_eq!([1.234, 12.34, 123.4, 1234.5].map(digits), ["1.23", "12.3", "123", "1234"]);
    }

    #[test]
    fn a_section_of_steps_has_ratios_and_memory() {
        let row = "train 784-512-512-10 relu entropy adam 128";
        let results = results_of(Part::Steps, &[(row, 2, &[("wengert", &[2.0, 2.0]), ("jax", &[3.0, 3.0])])]);
        let text = section(&results);
        for part in [
            "- Wengert is the fastest in 1 of 1 rows.\n- No row is lost.",
            "3.00 · 1.50× |",
            "### Peak memory of the process, in MiB",
            "- date: 2026-01-02\n- versions: Wengert 1.0, JAX 1.0",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn a_busy_machine_is_told_first() {
        let mut results = results_of(Part::Steps, &[("infer 2-2-1 relu 1", 2, &[("wengert", &[2.0])])]);
        results.conditions.push((machine::LOAD.to_string(), "0.79".to_string()));
        assert_eq!(busy(&results), None);
        results.conditions[1].1 = "1.50".to_string();
        let warning = "**The machine was busy** (a load of 1.50 at the beginning): this is a trial, and no figure here is \
                       good.";
        assert_eq!(busy(&results).as_deref(), Some(warning));
        assert!(section(&results).contains(&format!("inference\n\n- {warning}\n- Wengert")));
    }

    #[test]
    fn products_are_parts_of_the_peak() {
        let results = results_of(
            Part::Products,
            &[("peak", 1, &[("fma", &[10.0])]), ("nn 10x10x10", 1, &[("wengert", &[0.1])])],
        );
        let text = section(&results);
        assert!(
            text.contains("### GFLOP/s, one thread, and the part of the machine's peak of 111"),
            "{text}"
        );
        assert!(text.contains("| `nn 10x10x10` | 20.0 · 18 % |"), "{text}");
    }

    #[test]
    fn the_page_says_how_to_repeat_it() {
        let text = page(&[]);
        assert!(text.starts_with("# Benchmarks\n") && text.contains("cargo xtask compare"));
    }
}
