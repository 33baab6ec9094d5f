//! What every optimizer has beside its rule: the rate, the settings of a step, and the memory of each parameter. The
//! methods that set the settings stand in `tune.rs`.

use std::fmt;
use std::sync::Arc;

use wengert_array::{Array, Shape};

use crate::rule::{Prepare, checked};
use crate::{Group, Schedule};

/// The rate, the settings and the memory of an optimizer.
///
/// An optimizer of your own holds one and hands it out in [`Optimizer::core`](crate::Optimizer::core), and has all that
/// the methods of [`Tune`](crate::Tune) set, and a state that can be saved.
#[derive(Clone, Debug)]
pub struct Core {
    pub(crate) name: &'static str,
    pub(crate) rate: Rate,
    pub(crate) settings: Settings,
    /// Updates so far.
    pub(crate) n_updates: u64,
    /// Gradients that wait for the next update.
    pub(crate) n_gathered: u64,
    pub(crate) n_skipped: u64,
    /// One for each parameter, in the order of the model's walk.
    pub(crate) slots: Vec<Slot>,
}

/// The learning rate, as it was given.
#[derive(Clone)]
pub(crate) enum Rate {
    Fixed(f64),
    Scheduled(Arc<dyn Schedule>),
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rate::Fixed(rate) => write!(f, "{rate}"),
            Rate::Scheduled(_) => f.write_str("scheduled"),
        }
    }
}

/// What is done with gradients and weights around the rule.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The share of a weight, times the rate, that is taken away before the rule.
    pub(crate) decay: f64,
    /// The multiple of a weight that is added to its gradient.
    pub(crate) l2: f64,
    pub(crate) clip: Option<Clip>,
    /// Gradients that make an update.
    pub(crate) n_accumulated: u64,
    /// The momentum of the running averages of the weights.
    pub(crate) average: Option<f64>,
    pub(crate) skips_nonfinite: bool,
    pub(crate) groups: Vec<Group>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Clip {
    Value(f64),
    Norm(f64),
    GlobalNorm(f64),
}

/// The memory of one parameter.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// Which of the groups it belongs to.
    pub(crate) group: Option<usize>,
    pub(crate) moments: Vec<Array>,
    /// The sum of the gradients that wait.
    pub(crate) gathered: Option<Box<Array>>,
    /// The running average of the weights.
    pub(crate) average: Option<Box<Array>>,
}

impl Core {
    /// The core of an optimizer with a name, for messages, and a learning rate.
    ///
    /// # Panics
    /// If the rate is not a finite number of at least 0.
    #[track_caller]
    pub fn new(name: &'static str, rate: f64) -> Core {
        Core {
            name,
            rate: Rate::Fixed(checked(name, "the learning rate", rate)),
            settings: Settings {
                decay: 0.0,
                l2: 0.0,
                clip: None,
                n_accumulated: 1,
                average: None,
                skips_nonfinite: false,
                groups: Vec::new(),
            },
            n_updates: 0,
            n_gathered: 0,
            n_skipped: 0,
            slots: Vec::new(),
        }
    }

    /// The optimizer's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How many updates have been made. With [`accumulate`](crate::Tune::accumulate), several steps make one.
    pub fn n_updates(&self) -> u64 {
        self.n_updates
    }

    /// How many steps were skipped, because a gradient was not finite.
    pub fn n_skipped(&self) -> u64 {
        self.n_skipped
    }

    /// The learning rate of the next update.
    #[track_caller]
    pub(crate) fn rate(&self) -> f64 {
        match &self.rate {
            Rate::Fixed(rate) => *rate,
            Rate::Scheduled(schedule) => {
                checked(self.name, "the scheduled learning rate", schedule.rate(self.n_updates))
            }
        }
    }

    /// The number of a parameter in the walk, which has a slot from then on.
    ///
    /// # Panics
    /// If the slot held a parameter of another shape before: the optimizer has been used on another model.
    #[track_caller]
    pub(crate) fn admit(&mut self, slot: usize, shape: &Shape, name: impl fmt::Display) {
        match self.slots.get(slot) {
            Some(Slot { name, shape: before, .. }) => assert!(
                before == shape,
                "{}: the parameter `{name}` is {shape}, but was {before} in earlier steps",
                self.name
            ),
            None => {
                let name = name.to_string();
                let group = self.group_of(&name);
                let (moments, shape) = (Vec::new(), *shape);
                self.slots.push(Slot { name, shape, group, moments, gathered: None, average: None });
            }
        }
    }

    /// The first group that a parameter belongs to.
    pub(crate) fn group_of(&self, name: &str) -> Option<usize> {
        self.settings.groups.iter().position(|group| group.has(name))
    }

    /// The rate of a parameter, and what is done with its gradient and weights before the rule sees them.
    pub(crate) fn prepare(&self, slot: usize, (rate, scale): (f64, f64)) -> (f64, Prepare) {
        let Settings { decay, l2, clip, groups, .. } = &self.settings;
        let group = self.slots[slot].group.map(|index| &groups[index]);
        let rate = group.map_or(rate, |group| rate * group.rate_factor);
        let decay = group.and_then(|group| group.decay).unwrap_or(*decay);
        let limit = if let Some(Clip::Value(limit)) = clip { *limit } else { f64::INFINITY };
        let l2 = group.and_then(|group| group.l2).unwrap_or(*l2);
        (rate, Prepare { scale, limit, l2, decay: rate * decay })
    }
}
