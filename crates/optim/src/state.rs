//! The memory of an optimizer as named tensors, to be saved, and its way back.

use std::collections::BTreeMap;

use wengert_array::{Array, DType, Mismatch, Shape};
use wengert_tensor::{Module, Tensor};

use crate::Optimizer;
use crate::shared::{Core, Rate, Slot};

/// All that an optimizer remembers between steps: its counters, and its arrays under the names of the parameters, such as
/// `hidden.weight/m`. The settings are the program's.
///
/// [`Train::state`](crate::Train::state) takes it, [`Train::restore`](crate::Train::restore) continues from it; in a file
/// it stands beside the model.
///
/// # Examples
/// ```
/// use wengert_optim::{Adam, Sgd, Train};
/// use wengert_tensor::{Param, Tensor, value_and_grad};
///
/// let mut weights = vec![Param::new(Tensor::from([1.0, -2.0]))];
/// let (_loss, grads) = value_and_grad(&weights, |w| w[0].square().sum());
/// let mut adam = Adam::default();
/// adam.step(&mut weights, &grads);
///
/// let state = adam.state();
/// let names: Vec<&String> = state.tensors().keys().collect();
/// assert_eq!(names, ["0/m", "0/v", "gathered", "rate", "skipped", "step"]);
/// let mut resumed = Adam::default();
/// resumed.restore(&state, &weights)?;
/// assert!(Sgd::default().restore(&state, &weights).is_err());
/// # Ok::<(), wengert_array::Mismatch>(())
/// ```
#[derive(Clone, Debug)]
pub struct State {
    kind: String,
    tensors: BTreeMap<String, Tensor>,
}

/// The counters, and the rate unless there is a schedule. A model's name cannot be one of them and a slash.
const STEP: &str = "step";
const GATHERED: &str = "gathered";
const SKIPPED: &str = "skipped";
const RATE: &str = "rate";

const AVERAGE: &str = "average";

impl State {
    /// A state from its parts, as they come from a file.
    pub fn new(kind: impl Into<String>, tensors: BTreeMap<String, Tensor>) -> State {
        State { kind: kind.into(), tensors }
    }

    /// The name of the optimizer: `adam`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What it holds, by name.
    pub fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.tensors
    }

    pub(crate) fn of(optimizer: &(impl Optimizer + ?Sized)) -> State {
        let core = optimizer.core();
        let mut tensors = BTreeMap::new();
        let mut put = |name: String, array: &Array| tensors.insert(name, Tensor::from(array.clone()));
        for (name, count) in [(STEP, core.n_updates), (GATHERED, core.n_gathered), (SKIPPED, core.n_skipped)]
        {
            put(name.to_string(), &number(count as f64));
        }
        if let Rate::Fixed(rate) = core.rate {
            put(RATE.to_string(), &number(rate));
        }
        for slot in &core.slots {
            for (moment, array) in optimizer.moments(&slot.name, &slot.shape).iter().zip(&slot.moments) {
                put(named(&slot.name, moment), array);
            }
            // What was gathered for earlier updates is only memory that will be used again.
            if let Some(gathered) = slot.gathered.as_deref().filter(|_| core.n_gathered > 0) {
                put(named(&slot.name, GATHERED), gathered);
            }
            if let Some(average) = slot.average.as_deref() {
                put(named(&slot.name, AVERAGE), average);
            }
        }
        State { kind: core.name.to_string(), tensors }
    }

    pub(crate) fn restore_into(
        &self,
        optimizer: &mut (impl Optimizer + ?Sized),
        model: &dyn Module,
    ) -> Result<(), Mismatch> {
        let core = optimizer.core();
        if self.kind != core.name {
            let problem = Mismatch::new("the state is that of another optimizer");
            return Err(problem.row("state", &self.kind).note(format!("expected {}", core.name)));
        }
        let mut reading = Reading { left: self.tensors.clone(), problems: Vec::new() };
        let counts = [STEP, GATHERED, SKIPPED].map(|name| reading.count(name));
        let rate = reading.rate(core);
        let mut slots = Vec::new();
        for (name, param) in model.parameters() {
            let is_needed = param.is_trainable() && counts[0] > 0;
            slots.push(reading.slot(optimizer, (&name, param.shape()), is_needed));
        }
        reading.finish()?;
        let core = optimizer.core_mut();
        [core.n_updates, core.n_gathered, core.n_skipped] = counts;
        (core.rate, core.slots) = (rate, slots);
        Ok(())
    }
}

fn number(value: f64) -> Array {
    Array::full((), value, DType::F64)
}

/// `hidden.weight/m`
fn named(param: &str, array: &str) -> String {
    format!("{param}/{array}")
}

/// What has not been found a place for, and what does not fit.
struct Reading {
    left: BTreeMap<String, Tensor>,
    problems: Vec<(String, String, Option<String>)>,
}

impl Reading {
    const MOST_PROBLEMS: usize = 16;

    /// A whole number up to where f64 has all of them.
    fn count(&mut self, name: &str) -> u64 {
        let value = self.number(name);
        let is_count = value.is_some_and(|x| x >= 0.0 && x <= (1_u64 << 53) as f64 && x.fract() == 0.0);
        if !is_count {
            self.expect(name, &value.map_or("missing".to_string(), |x| x.to_string()), "expected a count");
        }
        value.filter(|_| is_count).unwrap_or(0.0) as u64
    }

    /// The rate of the state, unless the program has a schedule or the state had one.
    fn rate(&mut self, core: &Core) -> Rate {
        match (self.number(RATE), &core.rate) {
            (Some(rate), Rate::Fixed(_)) if rate.is_finite() && rate >= 0.0 => Rate::Fixed(rate),
            (Some(rate), Rate::Fixed(_)) => {
                self.expect(RATE, &rate.to_string(), "expected a finite number of at least 0");
                core.rate.clone()
            }
            (_, own) => own.clone(),
        }
    }

    fn number(&mut self, name: &str) -> Option<f64> {
        let tensor = self.left.remove(name)?;
        (tensor.size() == 1).then(|| tensor.item())
    }

    fn slot(
        &mut self,
        optimizer: &(impl Optimizer + ?Sized),
        (name, shape): (&str, &Shape),
        is_needed: bool,
    ) -> Slot {
        let moments = optimizer.moments(name, shape);
        let is_there = moments.iter().any(|moment| self.left.contains_key(&named(name, moment)));
        let mut found = Vec::new();
        for moment in moments.iter().filter(|_| is_there || is_needed) {
            let full_name = named(name, moment);
            match self.array(&full_name, shape) {
                Some(array) => found.push(array),
                None => self.expect(&full_name, "missing", &format!("expected {shape}")),
            }
        }
        Slot {
            name: name.to_string(),
            shape: *shape,
            group: optimizer.core().group_of(name),
            moments: found,
            gathered: self.array(&named(name, GATHERED), shape).map(Box::new),
            average: self.array(&named(name, AVERAGE), shape).map(Box::new),
        }
    }

    fn array(&mut self, name: &str, shape: &Shape) -> Option<Array> {
        let array = self.left.remove(name)?.array().clone();
        if array.shape() != shape {
            self.expect(name, &array.shape().to_string(), &format!("expected {shape}"));
        }
        Some(array)
    }

    fn expect(&mut self, name: &str, found: &str, expected: &str) {
        self.problems.push((name.to_string(), found.to_string(), Some(expected.to_string())));
    }

    fn finish(mut self) -> Result<(), Mismatch> {
        for (name, tensor) in std::mem::take(&mut self.left) {
            self.expect(&name, &tensor.shape().to_string(), "not in the model");
        }
        if self.problems.is_empty() {
            return Ok(());
        }
        let n_more = self.problems.len().saturating_sub(Self::MOST_PROBLEMS);
        self.problems.truncate(Self::MOST_PROBLEMS);
        if n_more > 0 {
            self.problems.push(("…".to_string(), format!("and {n_more} more"), None));
        }
        let mut problem = Mismatch::new("the state of the optimizer does not fit the model");
        problem.rows = self.problems;
        Err(problem)
    }
}
