//! Rprop: steps whose size grows while the sign of a gradient stays, and shrinks when it changes.

use wengert_array::{Float, Shape, Update};

use crate::rule::{checked, sign};
use crate::{Core, Optimizer, Parameter};

/// Resilient backpropagation, with PyTorch's arithmetic and defaults (Keras has none): rate 0.01, factors 0.5 and 1.2, steps
/// between 1e-6 and 50. For the gradients of all rows: the signs of those of batches change by chance.
///
/// Each weight has a step `s`, at first the rate. `s` grows by the second factor where the last two gradients have the same
/// sign, and shrinks by the first where they do not, in which case the gradient counts as 0; `w ← w - sign(g) s`. The rate
/// counts in the first update only, so that a schedule has no effect.
///
/// # References
/// M. Riedmiller, H. Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm", 1993,
/// without stepping back.
#[derive(Clone, Debug)]
pub struct Rprop {
    core: Core,
    shrink: f64,
    grow: f64,
    least: f64,
    most: f64,
}

impl Default for Rprop {
    /// PyTorch's rate, 0.01.
    fn default() -> Self {
        Rprop::new(0.01)
    }
}

impl Rprop {
    /// Rprop with the size of the first steps.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Rprop {
        Rprop { core: Core::new("rprop", rate), shrink: 0.5, grow: 1.2, least: 1e-6, most: 50.0 }
    }

    /// The same with other factors.
    ///
    /// # Panics
    /// If the first is not between 0 and 1, or the second not a finite number above 1.
    #[track_caller]
    pub fn factors(self, shrink: f64, grow: f64) -> Rprop {
        assert!(
            shrink > 0.0 && shrink < 1.0 && grow > 1.0 && grow.is_finite(),
            "rprop: the factors {shrink} and {grow}, expected one between 0 and 1 and one above 1"
        );
        Rprop { shrink, grow, ..self }
    }

    /// The same with other limits of the steps.
    ///
    /// # Panics
    /// If one is not a finite number of at least 0, or the first is the greater.
    #[track_caller]
    pub fn limits(self, least: f64, most: f64) -> Rprop {
        for limit in [least, most] {
            checked("rprop", "the limit of steps", limit);
        }
        assert!(least <= most, "rprop: steps between {least} and {most}, expected the lesser first");
        Rprop { least, most, ..self }
    }
}

impl Optimizer for Rprop {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, _: &str, _: &Shape) -> &'static [&'static str] {
        &["last", "step"]
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        parameter.apply(Rule {
            // The steps of the first update, which there are none of before.
            start: if parameter.is_new { parameter.rate } else { 0.0 },
            shrink: self.shrink,
            grow: self.grow,
            least: self.least,
            most: self.most,
        });
    }
}

struct Rule {
    start: f64,
    shrink: f64,
    grow: f64,
    least: f64,
    most: f64,
}

impl Update<3, 1> for Rule {
    const COST: usize = 4;

    #[inline(always)]
    fn apply<T: Float>(&self, [w, last, step]: [T; 3], [g]: [T; 1]) -> [T; 3] {
        let (zero, least, most) = (T::zero(), T::of(self.least), T::of(self.most));
        // The signs and not the product of the gradients, which may vanish though neither does.
        let turn = sign(g) * sign(last);
        // 1 or 0 each. Arithmetic rather than a choice, of which the compiler would make branches.
        let (is_same, is_other) = (turn.max(zero), (-turn).max(zero));
        let factor =
            is_same * T::of(self.grow) + is_other * T::of(self.shrink) + (T::one() - is_same - is_other);
        let step = ((step + T::of(self.start)) * factor).max(least).min(most);
        let g = (T::one() - is_other) * g;
        [w - sign(g) * step, g, step]
    }
}
