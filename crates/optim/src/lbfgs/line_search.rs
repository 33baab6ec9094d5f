//! The search for a step along a direction that meets the strong Wolfe conditions: the loss falls by a share of what its
//! slope promises, and the slope becomes flat.
//!
//! Nocedal and Wright, algorithms 3.5 (a bracket) and 3.6 (its refinement), with the interpolation and the limits that
//! PyTorch takes over from minFunc (M. Schmidt, 2005), so that both try the same steps.

use wengert_array::Array;

/// A step along the direction: how far, the loss there, its gradient, and its slope along the direction.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) t: f64,
    pub(super) loss: f64,
    pub(super) gradient: Array,
    pub(super) slope: f64,
}

/// The share of the promised fall that is asked for.
const FALL: f64 = 1e-4;

/// The share of the first slope that may be left.
const FLATNESS: f64 = 0.9;

const MOST_STEPS: usize = 25;

/// The conditions, which depend on where the search starts.
struct Wolfe {
    loss: f64,
    slope: f64,
}

impl Wolfe {
    /// A loss that is NaN is too high.
    fn is_too_high(&self, point: &Point) -> bool {
        point.loss.is_nan() || point.loss > self.loss + FALL * point.t * self.slope
    }

    fn is_flat(&self, point: &Point) -> bool {
        point.slope.abs() <= -FLATNESS * self.slope
    }
}

/// The point to go to from `start`: one that meets the conditions, or the lowest that was found. `first` is the step to
/// try first, `least` that below which two steps are one.
pub(super) fn search(start: Point, (first, least): (f64, f64), at: &mut dyn FnMut(f64) -> Point) -> Point {
    let wolfe = Wolfe { loss: start.loss, slope: start.slope };
    let (mut last, mut point) = (start.clone(), at(first));
    for n_steps in 0..MOST_STEPS {
        let is_higher = n_steps > 1 && point.loss >= last.loss;
        if !wolfe.is_too_high(&point) && !is_higher && wolfe.is_flat(&point) {
            return point;
        }
        if wolfe.is_too_high(&point) || is_higher || point.slope >= 0.0 {
            return refine(&wolfe, [last, point], (n_steps, least), at);
        }
        let limits = (point.t + 0.01 * (point.t - last.t), point.t * 10.0);
        let next = interpolated(&last, &point, limits);
        last = std::mem::replace(&mut point, at(next));
    }
    if point.loss < start.loss { point } else { start }
}

/// Narrows two steps between which one meets the conditions.
fn refine(
    wolfe: &Wolfe,
    mut bracket: [Point; 2],
    (n_before, least): (usize, f64),
    at: &mut dyn FnMut(f64) -> Point,
) -> Point {
    let mut is_slow = false;
    let mut low = lower(&bracket);
    for _ in n_before..MOST_STEPS {
        let (from, to) = (bracket[0].t.min(bracket[1].t), bracket[0].t.max(bracket[1].t));
        if to - from < least {
            break;
        }
        let t = interpolated(&bracket[0], &bracket[1], (from, to));
        let point = at(away_from_ends(t, (from, to), &mut is_slow));
        let high = 1 - low;
        if wolfe.is_too_high(&point) || point.loss >= bracket[low].loss {
            bracket[high] = point;
            low = lower(&bracket);
            continue;
        }
        let is_done = wolfe.is_flat(&point);
        if !is_done && point.slope * (bracket[high].t - bracket[low].t) >= 0.0 {
            bracket[high] = bracket[low].clone();
        }
        bracket[low] = point;
        if is_done {
            break;
        }
    }
    let [first, second] = bracket;
    if low == 0 { first } else { second }
}

/// Which of the two is the lower; the second if the first is NaN.
fn lower(bracket: &[Point; 2]) -> usize {
    usize::from(!(bracket[0].loss <= bracket[1].loss || bracket[1].loss.is_nan()))
}

/// A step close to an end of the bracket brings little: the second of them in a row, and one at the very end, is moved a
/// tenth of the bracket inwards.
fn away_from_ends(t: f64, (from, to): (f64, f64), is_slow: &mut bool) -> f64 {
    let margin = 0.1 * (to - from);
    if (to - t).min(t - from) >= margin {
        *is_slow = false;
        return t;
    }
    if *is_slow || t >= to || t <= from {
        *is_slow = false;
        return if (t - to).abs() < (t - from).abs() { to - margin } else { from + margin };
    }
    *is_slow = true;
    t
}

/// Where the cubic through two points with their slopes is lowest, within limits; their middle if that is nowhere.
fn interpolated(a: &Point, b: &Point, (from, to): (f64, f64)) -> f64 {
    let (a, b) = if a.t <= b.t { (a, b) } else { (b, a) };
    let d = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.t - b.t);
    let root = (d * d - a.slope * b.slope).sqrt();
    let t = b.t - (b.t - a.t) * ((b.slope + root - d) / (b.slope - a.slope + 2.0 * root));
    if t.is_finite() { t.max(from).min(to) } else { (from + to) / 2.0 }
}
