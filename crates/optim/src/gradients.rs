//! What happens to gradients before an update: a look whether all are finite, their accumulation, and their norms.

use std::error::Error;
use std::fmt;

use wengert_array::{Array, Census, Float, Shape, Update, update};
use wengert_tensor::module::{Path, Visitor};
use wengert_tensor::{Module, NonFinite, Param};

use crate::shared::{Clip, Core};

/// A gradient with a NaN or an infinity in it, for which a step was refused.
#[derive(Clone, PartialEq)]
pub struct NonFiniteGradient {
    optimizer: &'static str,
    culprit: Box<Culprit>,
    origin: Option<String>,
}

/// The first parameter whose gradient is not finite.
#[derive(Clone, PartialEq)]
pub(crate) struct Culprit {
    name: String,
    shape: Shape,
    census: Census,
}

impl NonFiniteGradient {
    /// The parameter, such as `hidden.weight`.
    pub fn name(&self) -> &str {
        &self.culprit.name
    }

    /// What its gradient holds.
    pub fn census(&self) -> &Census {
        &self.culprit.census
    }
}

impl fmt::Display for NonFiniteGradient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Culprit { name, shape, census } = &*self.culprit;
        let Census { n_nan, n_infinite, .. } = census;
        write!(f, "{}: the gradient of `{name}` {shape} is not finite", self.optimizer)?;
        write!(f, "\n  NaN       {n_nan} of {n}\n  infinite  {n_infinite} of {n}", n = shape.size())?;
        match &self.origin {
            Some(origin) => write!(f, "\n  origin    {origin}"),
            None => {
                f.write_str("\n  help: a smaller learning rate, or `skip_nonfinite` to leave such steps out")
            }
        }
    }
}

impl fmt::Debug for NonFiniteGradient {
    /// The message, because this is what a program shows whose `main` returns the error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for NonFiniteGradient {}

/// Looks at all gradients before anything is changed, and gives each parameter its slot.
pub(crate) struct Look<'a> {
    core: &'a mut Core,
    slot: usize,
    culprit: Option<Culprit>,
}

impl<'a> Look<'a> {
    pub(crate) fn new(core: &'a mut Core) -> Self {
        Look { core, slot: 0, culprit: None }
    }

    pub(crate) fn into_culprit(self) -> Option<Culprit> {
        self.culprit
    }
}

impl<'m> Visitor<'m> for Look<'_> {
    fn param(&mut self, path: &Path<'_>, gradient: &'m Param) {
        self.core.admit(self.slot, gradient.shape(), path);
        self.slot += 1;
        // That of a frozen parameter is zero, and as large as the parameter.
        if gradient.is_trainable() && self.culprit.is_none() && !gradient.array().is_finite() {
            let (shape, census) = (*gradient.shape(), gradient.array().census());
            self.culprit = Some(Culprit { name: path.to_string(), shape, census });
        }
    }
}

/// The error of a step that is not taken, or none if such steps are skipped.
pub(crate) fn refuse(
    core: &mut Core,
    culprit: Culprit,
    origin: Option<&NonFinite>,
) -> Result<(), NonFiniteGradient> {
    if core.settings.skips_nonfinite {
        core.n_skipped += 1;
        return Ok(());
    }
    let origin = origin.map(|origin| origin.to_string());
    Err(NonFiniteGradient { optimizer: core.name, culprit: Box::new(culprit), origin })
}

/// Adds gradients to those that wait for the next update.
pub(crate) fn gather(core: &mut Core, gradients: &dyn Module) {
    core.n_gathered += 1;
    gradients.visit(&Path::root(), &mut Gather { core, slot: 0 });
}

struct Gather<'a> {
    core: &'a mut Core,
    slot: usize,
}

impl<'m> Visitor<'m> for Gather<'_> {
    fn param(&mut self, _: &Path<'_>, gradient: &'m Param) {
        let slot = &mut self.core.slots[self.slot];
        self.slot += 1;
        match &mut slot.gathered {
            _ if !gradient.is_trainable() => {}
            // The first of them replaces what is left of those before.
            Some(sum) if self.core.n_gathered > 1 => update(&Add, [sum], [gradient.array()]),
            Some(sum) => update(&Replace, [sum], [gradient.array()]),
            None => {
                let mut sum = Array::zeros(*gradient.shape(), gradient.dtype());
                update(&Replace, [&mut sum], [gradient.array()]);
                slot.gathered = Some(Box::new(sum));
            }
        }
    }
}

struct Add;

impl Update<1, 1> for Add {
    #[inline(always)]
    fn apply<T: Float>(&self, [sum]: [T; 1], [g]: [T; 1]) -> [T; 1] {
        [sum + g]
    }
}

struct Replace;

impl Update<1, 1> for Replace {
    #[inline(always)]
    fn apply<T: Float>(&self, _: [T; 1], [g]: [T; 1]) -> [T; 1] {
        [g]
    }
}

/// Whether enough gradients have come for an update.
pub(crate) fn is_update(core: &Core) -> bool {
    core.settings.n_accumulated <= 1 || core.n_gathered >= core.settings.n_accumulated
}

/// The factor of all gradients of an update: of their mean, and of what the global norm allows.
pub(crate) fn scale(core: &Core, gradients: &dyn Module) -> f64 {
    let mean = 1.0 / core.settings.n_accumulated as f64;
    let Some(Clip::GlobalNorm(limit)) = core.settings.clip else { return mean };
    let mut norms = GlobalNorm { core, slot: 0, norm: 0.0 };
    gradients.visit(&Path::root(), &mut norms);
    mean * within(limit, mean * norms.norm)
}

struct GlobalNorm<'a> {
    core: &'a Core,
    slot: usize,
    norm: f64,
}

impl<'m> Visitor<'m> for GlobalNorm<'_> {
    fn param(&mut self, _: &Path<'_>, gradient: &'m Param) {
        let gathered = self.core.slots[self.slot].gathered.as_deref();
        self.slot += 1;
        if gradient.is_trainable() {
            self.norm = self.norm.hypot(gathered.unwrap_or(gradient.array()).norm());
        }
    }
}

/// The factor of one gradient, if its own norm counts.
pub(crate) fn scale_of_one(core: &Core, scale: f64, gradient: &Array) -> f64 {
    match core.settings.clip {
        Some(Clip::Norm(limit)) => scale * within(limit, scale * gradient.norm()),
        _ => scale,
    }
}

/// The factor that brings a norm down to the limit, if it is above.
fn within(limit: f64, norm: f64) -> f64 {
    if norm > limit { limit / norm } else { 1.0 }
}
