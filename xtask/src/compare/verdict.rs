//! What is won and what is lost, in words, from the numbers alone.

use wengert_protocol::Row;

use super::contestants::{Contestant, OWN};
use super::results::{Results, Summary};
use super::{Part, rows};

/// Sentences, each an item of a list.
pub(super) fn verdict(results: &Results) -> Vec<String> {
    match results.part {
        Part::Steps => steps(results),
        Part::Products => products(results),
    }
}

/// How a peer's row stands to Wengert's.
#[derive(Debug, PartialEq)]
enum Outcome {
    Won,
    Lost,
    /// The rounds of one overlap with those of the other: another run could say the opposite.
    Open,
}

fn outcome(own: &Summary, peer: &Summary) -> Outcome {
    if own.range_us[1] < peer.range_us[0] {
        Outcome::Won
    } else if peer.range_us[1] < own.range_us[0] {
        Outcome::Lost
    } else {
        Outcome::Open
    }
}

/// The rows that one of the peers does in less time, and those that are open; what is won is said in one sentence.
fn steps(results: &Results) -> Vec<String> {
    let (mut lost, mut open, mut n_won) = (Vec::new(), Vec::new(), 0);
    for row in results.rows() {
        let pairs = pairs(results, row, rows::threads(results.part)[0]);
        let told = |wanted: Outcome| {
            let chosen = pairs.iter().filter(|(_, own, peer)| outcome(own, peer) == wanted);
            let told = chosen.map(|(peer, own, other)| {
                format!("{} takes {:.2} of the time", peer.label, other.median_us / own.median_us)
            });
            told.collect::<Vec<_>>().join(", ")
        };
        let (losses, draws) = (told(Outcome::Lost), told(Outcome::Open));
        if !losses.is_empty() {
            lost.push(format!("**Lost**: `{row}`: {losses}."));
        }
        if !draws.is_empty() {
            open.push(format!("Open (the rounds overlap): `{row}`: {draws}."));
        }
        n_won += usize::from(losses.is_empty() && draws.is_empty());
    }
    let mut told = vec![format!("Wengert is the fastest in {n_won} of {} rows.", results.rows().len())];
    if lost.is_empty() {
        told.push("No row is lost.".to_string());
    }
    told.extend(lost);
    told.extend(open);
    told
}

/// For each peer and number of threads, how many products are lost to it, and the worst of them.
fn products(results: &Results) -> Vec<String> {
    let mut told = Vec::new();
    for &n_threads in rows::threads(results.part) {
        for peer in results.peers() {
            let rows = results.rows();
            let pairs = rows.iter().filter_map(|&row| {
                let (own, other) =
                    (results.summary(row, n_threads, OWN)?, results.summary(row, n_threads, peer.name)?);
                Some((row, own, other))
            });
            let pairs: Vec<(&Row, Summary, Summary)> = pairs.collect();
            if pairs.is_empty() {
                continue;
            }
            let of =
                |wanted: Outcome| pairs.iter().filter(move |(_, own, peer)| outcome(own, peer) == wanted);
            let slowness = |(_, own, peer): &&(&Row, Summary, Summary)| own.median_us / peer.median_us;
            let worst = of(Outcome::Lost).max_by(|a, b| slowness(a).total_cmp(&slowness(b)));
            let worst = worst.map(|pair| {
                format!("; the worst loss is `{}`, at {:.2} of its speed", pair.0, 1.0 / slowness(&pair))
            });
            told.push(format!(
                "{} on {n_threads} thread{}: {} of {} products won, {} **lost**, {} open (the rounds overlap){}.",
                peer.label,
                if n_threads == 1 { "" } else { "s" },
                of(Outcome::Won).count(),
                pairs.len(),
                of(Outcome::Lost).count(),
                of(Outcome::Open).count(),
                worst.unwrap_or_default()
            ));
        }
    }
    told
}

/// Each peer that did a row, with Wengert's summary and its own.
fn pairs(results: &Results, row: &Row, n_threads: usize) -> Vec<(&'static Contestant, Summary, Summary)> {
    let Some(own) = results.summary(row, n_threads, OWN) else { return Vec::new() };
    let pair = |peer: &'static Contestant| {
        results.summary(row, n_threads, peer.name).map(|summary| (peer, own.clone(), summary))
    };
    results.peers().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::super::results::results_of;
    use super::*;

    #[test]
    fn a_lost_row_is_told_with_its_ratio() {
        let results = results_of(
            Part::Steps,
            &[
                (
                    "infer 2-2-1 relu 1",
                    2,
                    &[("wengert", &[4.0, 4.0]), ("burn", &[2.0, 2.0]), ("jax", &[9.0, 9.0])],
                ),
                (
                    "infer 3-3-1 relu 1",
                    2,
                    &[("wengert", &[4.0, 5.0]), ("burn", &[6.0, 7.0]), ("jax", &[9.0, 9.0])],
                ),
                ("infer 4-4-1 relu 1", 2, &[("wengert", &[4.0, 6.0]), ("burn", &[5.0, 7.0])]),
            ],
        );
        let expected = [
            "Wengert is the fastest in 1 of 3 rows.",
            "**Lost**: `infer 2-2-1 relu 1`: burn takes 0.50 of the time.",
            "Open (the rounds overlap): `infer 4-4-1 relu 1`: burn takes 1.20 of the time.",
        ];
        assert_eq!(verdict(&results), expected);
    }

    #[test]
    fn nothing_lost_is_told_too() {
        let results =
            results_of(Part::Steps, &[("infer 2-2-1 relu 1", 2, &[("wengert", &[1.0]), ("burn", &[2.0])])]);
        assert_eq!(verdict(&results), ["Wengert is the fastest in 1 of 1 rows.", "No row is lost."]);
    }

    #[test]
    fn the_worst_product_is_named() {
        let results = results_of(
            Part::Products,
            &[
                ("nn 2x2x2", 1, &[("wengert", &[4.0]), ("gemm", &[2.0])]),
                ("nn 3x3x3", 1, &[("wengert", &[4.0]), ("gemm", &[1.0])]),
                ("nn 4x4x4", 1, &[("wengert", &[4.0]), ("gemm", &[8.0])]),
                ("nn 4x4x4", 2, &[("wengert", &[4.0]), ("gemm", &[8.0])]),
            ],
        );
        let expected = [
            "gemm on 1 thread: 1 of 3 products won, 2 **lost**, 0 open (the rounds overlap); the worst loss is \
             `nn 3x3x3`, at 0.25 of its speed.",
            "gemm on 2 threads: 1 of 1 products won, 0 **lost**, 0 open (the rounds overlap).",
        ];
        assert_eq!(verdict(&results), expected);
    }
}
