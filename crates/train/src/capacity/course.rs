//! The loop that the course does by hand: more units, then more layers, then fewer units in more layers.

use std::collections::BTreeMap;

use super::{Capacity, CapacityRow, NextStep};

pub(super) type Scores = BTreeMap<Capacity, f64>;

/// Where the loop begins, where it ends at the latest, and what counts as an improvement.
pub(super) struct Course {
    pub(super) start: Capacity,
    pub(super) most: Capacity,
    pub(super) tolerance: f64,
}

/// How far the loop comes with the scores that are known.
pub(super) struct Walk {
    pub(super) rows: Vec<CapacityRow>,
    /// The capacity whose score it needs to go on.
    pub(super) missing: Option<Capacity>,
}

impl Course {
    /// The capacities to train next: the one that the loop needs, and up to `n` in all of those that it may need after
    /// that, nearest first, whatever the scores will be. Empty if the loop is done.
    pub(super) fn wanted(&self, scores: &Scores, n: usize) -> Vec<Capacity> {
        // What is supposed of capacities whose scores are not known: whether each is an improvement.
        let (mut wanted, mut futures) = (Vec::new(), vec![Vec::new()]);
        while !futures.is_empty() && wanted.len() < n {
            let mut later = Vec::new();
            for future in futures {
                let Some(missing) = self.follow(scores, &future).missing else { continue };
                if !wanted.contains(&missing) && wanted.len() < n {
                    wanted.push(missing);
                }
                for is_improvement in [true, false] {
                    later.push([&future[..], &[(missing, is_improvement)]].concat());
                }
            }
            futures = later;
        }
        wanted
    }

    pub(super) fn walk(&self, scores: &Scores) -> Walk {
        self.follow(scores, &[])
    }

    fn follow(&self, scores: &Scores, supposed: &[(Capacity, bool)]) -> Walk {
        let mut rows = Vec::new();
        let (mut at, mut step) = (self.start, NextStep::Widen);
        let (mut best, mut best_score) = (self.start, f64::INFINITY);
        loop {
            let (score, is_improvement) = match scores.get(&at) {
                // Of infinity, which is there at first, everything else is an improvement.
                Some(&score) if best_score.is_infinite() => (score, score < best_score),
                Some(&score) => (score, score < best_score - self.tolerance * best_score.abs()),
                None => match supposed.iter().find(|(capacity, _)| *capacity == at) {
                    Some((_, true)) => (f64::NEG_INFINITY, true),
                    Some((_, false)) => (f64::INFINITY, false),
                    None => return Walk { rows, missing: Some(at) },
                },
            };
            if is_improvement {
                (best, best_score) = (at, score);
            }
            let following = self.following(if is_improvement { step } else { after(step) }, best, at);
            step = following.map_or(NextStep::Done, |(step, _)| step);
            rows.push(CapacityRow { capacity: at, score, next: step });
            match following {
                Some((_, capacity)) => at = capacity,
                None => return Walk { rows, missing: None },
            }
        }
    }

    /// What is tried next, by the step that is due or the first one after it for which there is room.
    fn following(&self, step: NextStep, best: Capacity, at: Capacity) -> Option<(NextStep, Capacity)> {
        let capacity = match step {
            NextStep::Widen => Capacity { n_units: best.n_units.saturating_mul(2), ..best },
            NextStep::Deepen => Capacity { n_layers: best.n_layers + 1, ..best },
            NextStep::Narrow => Capacity { n_units: at.n_units * 4 / 5, ..at },
            NextStep::Done => return None,
        };
        let has_room =
            (1..=self.most.n_units).contains(&capacity.n_units) && capacity.n_layers <= self.most.n_layers;
        if has_room { Some((step, capacity)) } else { self.following(after(step), best, at) }
    }
}

/// What is tried when a step no longer improves the score.
fn after(step: NextStep) -> NextStep {
    match step {
        NextStep::Widen => NextStep::Deepen,
        NextStep::Deepen => NextStep::Narrow,
        NextStep::Narrow | NextStep::Done => NextStep::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(n_layers: usize, n_units: usize) -> Capacity {
        Capacity { n_layers, n_units }
    }

    fn course(most: Capacity) -> Course {
        Course { start: size(1, 100), most, tolerance: 0.0 }
    }

    #[test]
    fn the_first_wanted_is_what_the_loop_needs_and_the_others_what_it_may_need() {
        let course = course(size(6, 2048));
        assert_eq!(course.wanted(&Scores::new(), 1), [size(1, 100)]);
        // After the start: wider if it is a number, deeper if it is not.
        assert_eq!(course.wanted(&Scores::new(), 3), [size(1, 100), size(1, 200), size(2, 100)]);
        let known = Scores::from([(size(1, 100), 5.0), (size(1, 200), 6.0)]);
        assert_eq!(course.wanted(&known, 3), [size(2, 100), size(3, 100), size(2, 80)]);
    }

    #[test]
    fn where_there_is_no_room_the_next_step_is_taken() {
        let scores = Scores::from([(size(1, 100), 5.0), (size(1, 80), 6.0)]);
        let walk = course(size(1, 100)).walk(&scores);
        let steps: Vec<NextStep> = walk.rows.iter().map(|row| row.next).collect();
        assert_eq!((steps, walk.missing), (vec![NextStep::Narrow, NextStep::Done], None));
    }

    #[test]
    fn a_start_that_diverges_is_not_the_best() {
        let course = course(size(6, 2048));
        let walk = course.walk(&Scores::from([(size(1, 100), f64::NAN)]));
        assert_eq!(walk.missing, Some(size(2, 100)), "as many units, one layer more");
    }
}
