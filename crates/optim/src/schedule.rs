//! Learning rates that change with the number of updates. Each family has a file; what combines them stands in
//! `schedule/combined.rs`.

mod combined;
mod cosine;
mod decay;
mod one_cycle;

pub use combined::{Staircase, Then, Times, Warmup};
pub use cosine::{Cosine, CosineRestarts};
pub use decay::{Exponential, InverseTime, Piecewise, Polynomial, StepDecay};
pub use one_cycle::OneCycle;

/// The learning rate of each update; the first is number 0.
///
/// A closure is one, and so is a number, which is the rate of all. Give it to [`Tune::schedule`](crate::Tune::schedule).
///
/// # Examples
/// ```
/// use wengert_optim::{Exponential, Optimizer, Schedule, Sgd, Tune};
///
/// let halved = Exponential::new(0.1, 10.0, 0.5).warmup(5);
/// assert_eq!([halved.rate(0), halved.rate(5), halved.rate(15)], [0.0, 0.1, 0.05]);
/// let sgd = Sgd::default().schedule(|step| 0.5 / (step + 1) as f64);
/// assert_eq!(sgd.learning_rate(), 0.5);
/// ```
pub trait Schedule: Send + Sync {
    /// The rate of an update.
    fn rate(&self, step: u64) -> f64;

    /// So many updates before, in which the rate grows in even steps from 0 to the first of this schedule. That of
    /// update 0 is 0, as in Keras; [`Warmup::from`] begins higher.
    fn warmup(self, n_steps: u64) -> Warmup<Self>
    where
        Self: Sized,
    {
        Warmup::new(self, n_steps)
    }

    /// Another schedule from an update on, which it counts as its own number 0.
    fn then<S: Schedule>(self, at: u64, next: S) -> Then<Self, S>
    where
        Self: Sized,
    {
        Then::new(self, at, next)
    }

    /// The rates of two schedules multiplied.
    fn times<S: Schedule>(self, factor: S) -> Times<Self, S>
    where
        Self: Sized,
    {
        Times::new(self, factor)
    }

    /// The same, changing only every so many updates.
    ///
    /// # Panics
    /// If that is 0.
    #[track_caller]
    fn staircase(self, every: u64) -> Staircase<Self>
    where
        Self: Sized,
    {
        Staircase::new(self, every)
    }
}

impl<F: Fn(u64) -> f64 + Send + Sync> Schedule for F {
    fn rate(&self, step: u64) -> f64 {
        self(step)
    }
}

impl Schedule for f64 {
    fn rate(&self, _: u64) -> f64 {
        *self
    }
}

impl Schedule for Box<dyn Schedule> {
    fn rate(&self, step: u64) -> f64 {
        (**self).rate(step)
    }
}

/// The number, if steps can be divided by it.
#[track_caller]
fn positive(name: &str, what: &str, number: f64) -> f64 {
    assert!(number.is_finite() && number > 0.0, "{name}: {what} {number} is not a finite number above 0");
    number
}
