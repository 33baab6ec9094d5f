//! The interface of every optimizer, and the step that shows it the parameters of a model.

use std::fmt::Debug;

use wengert_array::{Array, Float};
use wengert_tensor::module::{PairVisitor, Path};
use wengert_tensor::{Gradients, Module, Param};

/// A rule that changes parameters by their gradients.
///
/// Implement [`update`](Optimizer::update) for a rule of your own; [`Train::step`] does the rest.
pub trait Optimizer: Debug + Send {
    /// A step begins: every parameter is updated once before the next.
    fn start(&mut self) {}

    /// Changes one parameter in place. `slot` is its number, the same in every step, for moments and the like; the
    /// gradient has the parameter's shape and dtype.
    fn update(&mut self, slot: usize, param: &mut Array, gradient: &Array);

    /// The learning rate of the next step.
    fn learning_rate(&self) -> f64;

    /// Changes the learning rate.
    ///
    /// # Panics
    /// Those of this crate: if it is not a finite number of at least 0.
    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64);
}

impl<O: Optimizer + ?Sized> Optimizer for Box<O> {
    fn start(&mut self) {
        (**self).start();
    }
    fn update(&mut self, slot: usize, param: &mut Array, gradient: &Array) {
        (**self).update(slot, param, gradient);
    }
    fn learning_rate(&self) -> f64 {
        (**self).learning_rate()
    }
    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        (**self).set_learning_rate(rate);
    }
}

/// A step of training, which every [`Optimizer`] can do.
pub trait Train {
    /// Changes the trainable parameters of `model` by their gradients, brings those with a
    /// [`Constraint`](wengert_tensor::Constraint) back to it, and takes over the state that the training pass left in
    /// `gradients`. Frozen parameters stay as they are.
    ///
    /// # Panics
    /// If the gradients are not those of a model built like `model`. Nothing has been changed then, and the step does
    /// not count.
    #[track_caller]
    fn step<M: Module>(&mut self, model: &mut M, gradients: &Gradients<M>);
}

impl<O: Optimizer + ?Sized> Train for O {
    #[track_caller]
    fn step<M: Module>(&mut self, model: &mut M, gradients: &Gradients<M>) {
        gradients.pair_with(model, &mut Step { optimizer: self, slot: 0 });
    }
}

struct Step<'a, O: ?Sized> {
    optimizer: &'a mut O,
    slot: usize,
}

impl<O: Optimizer + ?Sized> PairVisitor for Step<'_, O> {
    fn param(&mut self, _: &Path<'_>, param: &mut Param, gradient: &Param) {
        let slot = self.slot;
        self.slot += 1;
        if slot == 0 {
            // Not before: the pairing may have refused the gradients, and such a step does not count.
            self.optimizer.start();
        }
        if param.is_trainable() {
            let array = param.value_mut().array_mut();
            self.optimizer.update(slot, array, &gradient.array().cast(array.dtype()));
            param.constrain();
        }
    }
}

/// The number, if it is one that can scale a step.
#[track_caller]
pub(crate) fn checked(what: &str, number: f64) -> f64 {
    assert!(number.is_finite() && number >= 0.0, "{what} {number} is not a finite number of at least 0");
    number
}

/// The moments of each parameter: `K` arrays in its shape and dtype, zero at first.
#[derive(Clone, Debug)]
pub(crate) struct Moments<const K: usize>(Vec<Option<[Array; K]>>);

impl<const K: usize> Default for Moments<K> {
    fn default() -> Self {
        Moments(Vec::new())
    }
}

impl<const K: usize> Moments<K> {
    /// Those of the parameter in a slot.
    ///
    /// # Panics
    /// If the slot held a parameter of another shape before: the optimizer has been used on another model.
    #[track_caller]
    pub(crate) fn of(&mut self, slot: usize, param: &Array) -> &mut [Array; K] {
        if self.0.len() <= slot {
            self.0.resize(slot + 1, None);
        }
        let zeros = || std::array::from_fn(|_| Array::zeros(*param.shape(), param.dtype()));
        let moments = self.0[slot].get_or_insert_with(zeros);
        for moment in moments.iter_mut() {
            let (given, expected) = (param.shape(), *moment.shape());
            assert!(
                *given == expected,
                "optimizer: parameter {slot} is {given}, but was {expected} in earlier steps"
            );
            if moment.dtype() != param.dtype() {
                *moment = moment.cast(param.dtype());
            }
        }
        moments
    }
}

/// Zero for what is too small for full precision: arithmetic on denormal numbers is many times slower, and the
/// moments of units that have died would fill with them.
#[inline(always)]
pub(crate) fn flush<T: Float>(x: T) -> T {
    if x.abs() < T::min_positive_value() { T::zero() } else { x }
}
