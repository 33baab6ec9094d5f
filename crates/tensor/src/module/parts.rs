//! The three kinds of things that a model holds: parameters, buffers of state, and generators of random numbers.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use wengert_array::Rng;

use super::{Constraint, Module, Path, Regularizer, Visitor, VisitorMut};
use crate::{DType, Tensor};

/// A tensor that training changes. It reads as the tensor that it holds.
///
/// A parameter may be frozen, and carry a [`Constraint`] and a [`Regularizer`]; its clones have the same.
///
/// # Examples
/// ```
/// use wengert_tensor::{Constraint, Param, Tensor};
/// let weight = Param::new(Tensor::from([[1.0, 2.0]]));
/// assert_eq!(*weight.shape(), [1, 2]);
/// assert!(!weight.clone().frozen().is_trainable());
/// assert!(weight.constrained(Constraint::non_negative()).constraint().is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Param {
    value: Tensor,
    /// What sets it apart; nothing for most, which are trained without rules and must stay cheap to copy.
    apart: Option<Arc<Apart>>,
}

/// What sets a parameter apart from one that is trained without rules.
#[derive(Clone, Debug, Default)]
struct Apart {
    is_frozen: bool,
    constraint: Option<Constraint>,
    regularizer: Option<Regularizer>,
}

impl Param {
    /// A trainable parameter without rules.
    pub fn new(value: Tensor) -> Param {
        Param { value, apart: None }
    }

    /// The same parameter, left alone by training: it is no leaf and gets no gradient, and its rules rest.
    pub fn frozen(mut self) -> Param {
        self.set_frozen(true);
        self
    }

    /// The same parameter, trained again.
    pub fn unfrozen(mut self) -> Param {
        self.set_frozen(false);
        self
    }

    /// The same parameter, brought back to a constraint after every step of an optimizer. The value stays until then.
    ///
    /// # Panics
    /// If the parameter does not have the axes of the constraint.
    #[track_caller]
    pub fn constrained(mut self, constraint: Constraint) -> Param {
        if let Err(mismatch) = constraint.check(self.shape()) {
            panic!("{}", mismatch.report("constraint"));
        }
        self.apart_mut().constraint = Some(constraint);
        self
    }

    /// The same parameter with a share in [`Module::penalty`].
    pub fn regularized(mut self, regularizer: Regularizer) -> Param {
        self.apart_mut().regularizer = Some(regularizer);
        self
    }

    /// Whether training changes it.
    pub fn is_trainable(&self) -> bool {
        self.apart.as_ref().is_none_or(|apart| !apart.is_frozen)
    }

    /// The constraint, if it has one.
    pub fn constraint(&self) -> Option<&Constraint> {
        self.apart.as_ref()?.constraint.as_ref()
    }

    /// The regularizer, if it has one.
    pub fn regularizer(&self) -> Option<&Regularizer> {
        self.apart.as_ref()?.regularizer.as_ref()
    }

    /// Brings the value back to the constraint, if there is one. An optimizer's step does this by itself.
    #[track_caller]
    pub fn constrain(&mut self) {
        if let Some(constraint) = self.constraint() {
            self.value = constraint.apply(&self.value);
        }
    }

    /// The tensor.
    pub fn value(&self) -> &Tensor {
        &self.value
    }

    /// Replaces the tensor.
    pub fn set(&mut self, value: Tensor) {
        self.value = value;
    }

    /// The tensor, to be changed in place.
    pub fn value_mut(&mut self) -> &mut Tensor {
        &mut self.value
    }

    pub(super) fn set_frozen(&mut self, is_frozen: bool) {
        if self.is_trainable() == is_frozen {
            self.apart_mut().is_frozen = is_frozen;
        }
    }

    /// Clones that share it keep theirs.
    fn apart_mut(&mut self) -> &mut Apart {
        Arc::make_mut(self.apart.get_or_insert_default())
    }
}

impl Deref for Param {
    type Target = Tensor;
    fn deref(&self) -> &Tensor {
        &self.value
    }
}

impl AsRef<Tensor> for Param {
    fn as_ref(&self) -> &Tensor {
        &self.value
    }
}

impl From<Tensor> for Param {
    fn from(value: Tensor) -> Param {
        Param::new(value)
    }
}

impl Module for Param {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        visitor.param(path, self);
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        visitor.param(path, self);
    }
}

/// State that training changes without a gradient, such as a running mean.
///
/// Inside [`value_and_grad`](crate::value_and_grad) a model is a training copy: what a layer stages there is read by
/// later uses of the same layer, and reaches the model with the optimizer's step. Outside, and where it is
/// [frozen](Module::freeze), staging does nothing.
///
/// # Examples
/// ```
/// use wengert_tensor::{Buffer, Tensor};
/// let mean = Buffer::new(Tensor::zeros([2]));
/// assert!(!mean.is_training());
/// mean.stage(&Tensor::ones([2]));                       // a model at rest does not change
/// assert_eq!(mean.value().to_vec::<f32>(), [0.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Buffer {
    value: Tensor,
    stage: Option<Arc<Mutex<Tensor>>>,
    is_frozen: bool,
}

impl Buffer {
    /// A buffer with its first value.
    pub fn new(value: Tensor) -> Buffer {
        Buffer { value: value.detach(), stage: None, is_frozen: false }
    }

    /// The same buffer, left alone by training: it does not move, and [`is_training`](Buffer::is_training) is false
    /// everywhere.
    pub fn frozen(self) -> Buffer {
        Buffer { is_frozen: true, ..self }
    }

    /// The same buffer, moved by training again.
    pub fn unfrozen(self) -> Buffer {
        Buffer { is_frozen: false, ..self }
    }

    /// Whether training leaves it alone.
    pub fn is_frozen(&self) -> bool {
        self.is_frozen
    }

    /// The value: in a training copy, what was staged last, in the dtype of this copy.
    pub fn value(&self) -> Tensor {
        match &self.stage {
            Some(stage) => stage.lock().unwrap_or_else(PoisonError::into_inner).cast(self.value.dtype()),
            None => self.value.clone(),
        }
    }

    /// Whether this belongs to a training copy, so that layers with two ways of working know which to take.
    pub fn is_training(&self) -> bool {
        self.stage.is_some()
    }

    /// In a training copy, the value for the next use and, after the step, of the model. It is detached.
    pub fn stage(&self, value: &Tensor) {
        if let Some(stage) = &self.stage {
            *stage.lock().unwrap_or_else(PoisonError::into_inner) = value.detach();
        }
    }

    /// Replaces the value.
    pub fn set(&mut self, value: Tensor) {
        *self = Buffer { is_frozen: self.is_frozen, ..Buffer::new(value) };
    }

    pub(super) fn set_frozen(&mut self, is_frozen: bool) {
        self.is_frozen = is_frozen;
    }

    /// Converts the value. A training copy keeps its stage, which its clones share.
    pub(crate) fn cast(&mut self, dtype: DType) {
        self.value = self.value.cast(dtype);
    }

    pub(crate) fn begin_training(&mut self) {
        if !self.is_frozen {
            self.stage = Some(Arc::new(Mutex::new(self.value.clone())));
        }
    }

    pub(crate) fn end_training(&mut self) {
        let value = self.value();
        self.set(value);
    }

    /// Leaves the stage that this copy shares, with what it holds now.
    pub(crate) fn fork(&mut self) {
        if self.is_training() {
            self.end_training();
            self.begin_training();
        }
    }
}

impl Module for Buffer {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        visitor.buffer(path, self);
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        visitor.buffer(path, self);
    }
}

/// A source of random numbers inside a model, such as that of a dropout layer: a key that the caller chose, and a
/// count of draws that moves on in training only.
///
/// # Examples
/// ```
/// use wengert_tensor::Generator;
/// let generator = Generator::new(7);
/// assert!(generator.draw().is_none());                  // a model at rest draws nothing
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    key: u64,
    position: u64,
    stage: Option<Arc<AtomicU64>>,
}

/// Random words that one draw may use before it meets the next one: 2³².
const WORDS_PER_DRAW: u32 = 32;

impl Generator {
    /// A generator with a key of its own.
    pub fn new(key: u64) -> Generator {
        Generator { key, position: 0, stage: None }
    }

    /// In a training copy, the numbers of the next draw; outside, nothing.
    pub fn draw(&self) -> Option<Rng> {
        let stage = self.stage.as_ref()?;
        let position = stage.fetch_add(1, Ordering::Relaxed);
        Some(Rng::at(self.key, position << WORDS_PER_DRAW))
    }

    /// The key and the number of draws so far: all that is needed to continue elsewhere.
    pub fn state(&self) -> (u64, u64) {
        let position = self.stage.as_ref().map_or(self.position, |stage| stage.load(Ordering::Relaxed));
        (self.key, position)
    }

    /// A generator that continues from a state.
    pub fn from_state((key, position): (u64, u64)) -> Generator {
        Generator { key, position, stage: None }
    }

    pub(crate) fn begin_training(&mut self) {
        self.stage = Some(Arc::new(AtomicU64::new(self.position)));
    }

    pub(crate) fn end_training(&mut self) {
        *self = Generator::from_state(self.state());
    }

    /// Leaves the stage that this copy shares, and draws on from the same position.
    pub(crate) fn fork(&mut self) {
        if self.stage.is_some() {
            self.end_training();
            self.begin_training();
        }
    }
}

impl Module for Generator {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        visitor.generator(path, self);
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        visitor.generator(path, self);
    }
}
