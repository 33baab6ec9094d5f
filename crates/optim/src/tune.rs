//! What can be set of every optimizer: schedules, decay, clipping, accumulation, averages, groups.

use std::sync::Arc;

use crate::rule::{checked, checked_share};
use crate::shared::{Clip, Rate};
use crate::{Group, Optimizer, Schedule};

/// The settings that all optimizers share, as methods that can be put one after the other.
///
/// In an update, whatever the order in which they were set: the gradients are averaged ([`accumulate`](Tune::accumulate)),
/// then clipped; L2 decay is added to them; decoupled decay shrinks the weights; the rule changes the weights with the
/// rate of the schedule and of the group; the averages follow. This is Keras' order, and PyTorch's for a loop that clips
/// before its step. What is elementwise of this happens within the rule's own pass over memory.
///
/// # Examples
/// ```
/// use wengert_optim::{Adam, Cosine, Group, Optimizer, Schedule, Tune};
///
/// let adam = Adam::default()
///     .schedule(Cosine::new(0.01, 900).warmup(100))
///     .weight_decay(0.004)
///     .group(Group::named("*.bias").weight_decay(0.0))
///     .clip_global_norm(1.0)
///     .accumulate(4)
///     .average(0.999);
/// assert_eq!(adam.learning_rate(), 0.0);
/// ```
pub trait Tune: Optimizer + Sized {
    /// Takes the rate of each update from a schedule, in the place of the one that the optimizer was made with.
    fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.core_mut().rate = Rate::Scheduled(Arc::new(schedule));
        self
    }

    /// Decoupled weight decay: `w ← w - rate · decay · w` before the rule, as in Keras and in PyTorch's AdamW. It does
    /// not pass through the moments.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    ///
    /// # References
    /// I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.
    #[track_caller]
    fn weight_decay(mut self, decay: f64) -> Self {
        let core = self.core_mut();
        core.settings.decay = checked(core.name, "the weight decay", decay);
        self
    }

    /// L2 decay: `g ← g + l2 · w`, the gradient of `l2 / 2 · Σ w²`, as `weight_decay` of PyTorch's other optimizers.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    fn l2(mut self, l2: f64) -> Self {
        let core = self.core_mut();
        core.settings.l2 = checked(core.name, "the L2 decay", l2);
        self
    }

    /// Clips every number of a gradient to `[-limit, limit]`: Keras' `clipvalue`.
    ///
    /// # Panics
    /// If the limit is not a finite number of at least 0, or gradients are clipped in another way already.
    #[doc(alias("clipvalue", "clip_grad_value_"))]
    #[track_caller]
    fn clip_value(mut self, limit: f64) -> Self {
        set_clip(&mut self, Clip::Value(limit), limit);
        self
    }

    /// Scales the gradient of each parameter down to this norm, if it is longer: Keras' `clipnorm`.
    ///
    /// # Panics
    /// As for [`clip_value`](Tune::clip_value).
    #[doc(alias("clipnorm"))]
    #[track_caller]
    fn clip_norm(mut self, limit: f64) -> Self {
        set_clip(&mut self, Clip::Norm(limit), limit);
        self
    }

    /// Scales all gradients together, so that their common norm is at most this: Keras' `global_clipnorm`, PyTorch's
    /// `clip_grad_norm_` (which adds 1e-6 to the norm).
    ///
    /// # Panics
    /// As for [`clip_value`](Tune::clip_value).
    ///
    /// # References
    /// R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", 2013, algorithm 1.
    #[doc(alias("global_clipnorm", "clip_grad_norm_"))]
    #[track_caller]
    fn clip_global_norm(mut self, limit: f64) -> Self {
        set_clip(&mut self, Clip::GlobalNorm(limit), limit);
        self
    }

    /// Makes one update of so many steps, with the mean of their gradients. The steps between take over the state of
    /// the model and change no parameter.
    ///
    /// # Panics
    /// If the number is 0.
    #[doc(alias("gradient_accumulation_steps"))]
    #[track_caller]
    fn accumulate(mut self, n_steps: usize) -> Self {
        let core = self.core_mut();
        assert!(n_steps > 0, "{}: an update of 0 steps, expected at least 1", core.name);
        core.settings.n_accumulated = n_steps as u64;
        self
    }

    /// Keeps a running average of the weights after each update, `a ← μ a + (1 - μ) w`, the first being the weights
    /// themselves: Keras' `use_ema`, whose momentum is 0.99. [`Train::averaged`](crate::Train::averaged) gives a model
    /// with them, [`Train::swap_averages`](crate::Train::swap_averages) puts them into a model and takes them out again.
    ///
    /// # Panics
    /// If the momentum lies outside [0, 1).
    ///
    /// # References
    /// B. T. Polyak, A. B. Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
    #[doc(alias("use_ema", "ema_momentum"))]
    #[track_caller]
    fn average(mut self, momentum: f64) -> Self {
        let core = self.core_mut();
        core.settings.average = Some(checked_share(core.name, "the momentum of averages", momentum));
        self
    }

    /// Treats the parameters of a group in another way. The first group that has a parameter counts.
    fn group(mut self, group: Group) -> Self {
        let core = self.core_mut();
        core.settings.groups.push(group);
        for index in 0..core.slots.len() {
            core.slots[index].group = core.group_of(&core.slots[index].name);
        }
        self
    }

    /// Leaves a step out if a gradient is not finite, in the place of an error. Nothing is changed by it, the state of
    /// the model included, and it does not count; [`Core::n_skipped`](crate::Core::n_skipped) does.
    fn skip_nonfinite(mut self) -> Self {
        self.core_mut().settings.skips_nonfinite = true;
        self
    }
}

impl<O: Optimizer> Tune for O {}

/// Which of two ways should come first would be a guess, so that there is one.
#[track_caller]
fn set_clip(optimizer: &mut impl Optimizer, clip: Clip, limit: f64) {
    let core = optimizer.core_mut();
    checked(core.name, "the limit of gradients", limit);
    assert!(
        core.settings.clip.is_none(),
        "{}: gradients are clipped already, expected one of `clip_value`, `clip_norm`, `clip_global_norm`",
        core.name
    );
    core.settings.clip = Some(clip);
}
