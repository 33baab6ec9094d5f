//! The interface of every optimizer, and the step that shows it the parameters of a model.

use std::fmt::Debug;

use wengert_array::{Array, DType, Shape};
use wengert_tensor::module::{PairVisitor, Path};
use wengert_tensor::{Gradients, Module, Param};

use crate::average;
use crate::gradients::{self, Look};
use crate::rule::{Parameter, checked};
use crate::shared::{Core, Rate, Slot};
use crate::{NonFiniteGradient, State};

/// A rule that changes parameters by their gradients.
///
/// [`Train::step`] uses it, [`Tune`](crate::Tune) sets what all optimizers have in common. A rule of your own holds a
/// [`Core`], names the arrays that it keeps for a parameter, and gives its arithmetic for one place:
///
/// # Examples
/// ```
/// use wengert_array::{Float, Update};
/// use wengert_optim::{Core, Optimizer, Parameter, Train, Tune};
/// use wengert_tensor::{Param, Tensor, value_and_grad};
///
/// #[derive(Clone, Debug)]
/// struct HeavyBall(Core);
///
/// impl Optimizer for HeavyBall {
///     fn core(&self) -> &Core { &self.0 }
///     fn core_mut(&mut self) -> &mut Core { &mut self.0 }
///     fn moments(&self, _: &str, _: &wengert_array::Shape) -> &'static [&'static str] { &["velocity"] }
///     fn update(&self, parameter: &mut Parameter<'_>) {
///         parameter.apply(Rule { rate: parameter.rate });
///     }
/// }
///
/// struct Rule { rate: f64 }
/// impl Update<2, 1> for Rule {
///     fn apply<T: Float>(&self, [w, v]: [T; 2], [g]: [T; 1]) -> [T; 2] {
///         let v = T::of(0.9) * v - T::of(self.rate) * g;
///         [w + v, v]
///     }
/// }
///
/// let mut ball = HeavyBall(Core::new("heavy ball", 0.1)).clip_norm(1.0);
/// let mut weight = Param::new(Tensor::from([3.0]));
/// let (_loss, grads) = value_and_grad(&weight, |w| w.square().sum());
/// ball.step(&mut weight, &grads);
/// assert_eq!(weight.to_vec::<f32>(), [2.9]);
/// ```
pub trait Optimizer: Debug + Send {
    /// The rate, the settings and the memory.
    fn core(&self) -> &Core;

    /// The same, to be changed.
    fn core_mut(&mut self) -> &mut Core;

    /// The names of the arrays that the rule keeps for a parameter, the same in every step.
    fn moments(&self, name: &str, shape: &Shape) -> &'static [&'static str] {
        let _ = (name, shape);
        &[]
    }

    /// What such an array holds at first.
    fn initial(&self, moment: &str) -> f64 {
        let _ = moment;
        0.0
    }

    /// An update begins: that of the given number, from 1. Every parameter is updated once before the next.
    fn start(&mut self, step: u64) {
        let _ = step;
    }

    /// Changes one parameter in place.
    fn update(&self, parameter: &mut Parameter<'_>);

    /// The learning rate of the next update.
    ///
    /// # Panics
    /// If it is that of a schedule, and not a finite number of at least 0.
    #[track_caller]
    fn learning_rate(&self) -> f64 {
        self.core().rate()
    }

    /// Changes the learning rate, to the same in all updates from now on: a schedule ends with this.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        let core = self.core_mut();
        core.rate = Rate::Fixed(checked(core.name, "the learning rate", rate));
    }
}

impl<O: Optimizer + ?Sized> Optimizer for Box<O> {
    fn core(&self) -> &Core {
        (**self).core()
    }
    fn core_mut(&mut self) -> &mut Core {
        (**self).core_mut()
    }
    fn moments(&self, name: &str, shape: &Shape) -> &'static [&'static str] {
        (**self).moments(name, shape)
    }
    fn initial(&self, moment: &str) -> f64 {
        (**self).initial(moment)
    }
    fn start(&mut self, step: u64) {
        (**self).start(step);
    }
    fn update(&self, parameter: &mut Parameter<'_>) {
        (**self).update(parameter);
    }
    #[track_caller]
    fn learning_rate(&self) -> f64 {
        (**self).learning_rate()
    }
    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        (**self).set_learning_rate(rate);
    }
}

/// A step of training, which every [`Optimizer`] can do, and what goes with it.
pub trait Train {
    /// Changes the trainable parameters of `model` by their gradients, brings those with a
    /// [`Constraint`](wengert_tensor::Constraint) back to it, and takes over the state that the training pass left in
    /// `gradients`. Frozen parameters stay as they are.
    ///
    /// # Panics
    /// If the gradients are not those of a model built like `model` or like that of earlier steps, or one of them is
    /// not finite. Nothing has been changed then, and the step does not count.
    #[track_caller]
    fn step<M: Module>(&mut self, model: &mut M, gradients: &Gradients<M>) {
        if let Err(error) = self.try_step(model, gradients) {
            panic!("{error}");
        }
    }

    /// The same, for a loop that can do something about a gradient that is not finite. With
    /// [`skip_nonfinite`](crate::Tune::skip_nonfinite) such a step is left out without an error.
    ///
    /// # Errors
    /// If a gradient is not finite: which, and why if that is known. Nothing has been changed then, and the step does
    /// not count.
    ///
    /// # Panics
    /// If the gradients are not those of a model built like `model`, or like that of earlier steps.
    #[track_caller]
    fn try_step<M: Module>(
        &mut self,
        model: &mut M,
        gradients: &Gradients<M>,
    ) -> Result<(), NonFiniteGradient>;

    /// The model with the running averages of its weights, which [`Tune::average`](crate::Tune::average) asks for. What
    /// has not been trained yet is as in the model.
    ///
    /// # Panics
    /// If the optimizer keeps no averages, or those of another model.
    #[track_caller]
    fn averaged<M: Module + Clone>(&self, model: &M) -> M;

    /// Exchanges the weights of the model and their running averages. Do it a second time before the training goes on.
    ///
    /// # Panics
    /// As for [`averaged`](Train::averaged).
    #[track_caller]
    fn swap_averages<M: Module>(&mut self, model: &mut M);

    /// All that a later training needs to continue with the same bits, beside the settings. See [`State`].
    fn state(&self) -> State;

    /// Continues where a state was taken, on this model.
    ///
    /// # Errors
    /// If the state is that of another kind of optimizer or of another model: what is missing, left over or of another
    /// shape is listed. Nothing has been changed then.
    fn restore(&mut self, state: &State, model: &dyn Module) -> Result<(), wengert_array::Mismatch>;
}

impl<O: Optimizer + ?Sized> Train for O {
    #[track_caller]
    fn try_step<M: Module>(
        &mut self,
        model: &mut M,
        gradients: &Gradients<M>,
    ) -> Result<(), NonFiniteGradient> {
        let core = self.core_mut();
        let mut look = Look::new(core);
        gradients.visit(&Path::root(), &mut look);
        if let Some(culprit) = look.into_culprit() {
            return gradients::refuse(core, culprit, gradients.nonfinite());
        }
        if core.settings.n_accumulated > 1 {
            gradients.assert_fits(model);
            gradients::gather(core, &**gradients);
        }
        let scales = gradients::is_update(core).then(|| (core.rate(), gradients::scale(core, &**gradients)));
        gradients.pair_with(model, &mut Step { optimizer: self, slot: 0, scales });
        Ok(())
    }

    #[track_caller]
    fn averaged<M: Module + Clone>(&self, model: &M) -> M {
        let mut copy = model.clone();
        average::read(self.core(), &mut copy);
        copy
    }

    #[track_caller]
    fn swap_averages<M: Module>(&mut self, model: &mut M) {
        average::swap(self.core_mut(), model);
    }

    fn state(&self) -> State {
        State::of(self)
    }

    fn restore(&mut self, state: &State, model: &dyn Module) -> Result<(), wengert_array::Mismatch> {
        state.restore_into(self, model)
    }
}

struct Step<'a, O: ?Sized> {
    optimizer: &'a mut O,
    slot: usize,
    /// The learning rate and the factor of all gradients, if this step is an update.
    scales: Option<(f64, f64)>,
}

impl<O: Optimizer + ?Sized> PairVisitor for Step<'_, O> {
    fn param(&mut self, _: &Path<'_>, param: &mut Param, gradient: &Param) {
        let slot = self.slot;
        self.slot += 1;
        let Some(scales) = self.scales else { return };
        if slot == 0 {
            // Not before: the pairing may have refused the gradients, and such a step does not count.
            let core = self.optimizer.core_mut();
            core.n_updates = core.n_updates.saturating_add(1);
            core.n_gathered = 0;
            let n_updates = core.n_updates;
            self.optimizer.start(n_updates);
        }
        if param.is_trainable() {
            update_one(self.optimizer, (slot, scales), param.value_mut().array_mut(), gradient.array());
            param.constrain();
        }
    }
}

/// Changes the parameter in a slot. Its memory is taken out meanwhile, because the rule reads the optimizer.
fn update_one<O: Optimizer + ?Sized>(
    optimizer: &mut O,
    (index, (rate, scale)): (usize, (f64, f64)),
    value: &mut Array,
    gradient: &Array,
) {
    let slot = &mut optimizer.core_mut().slots[index];
    let (mut moments, gathered) = (std::mem::take(&mut slot.moments), slot.gathered.take());
    let is_new = moments.is_empty();
    let (core, gradient) = (optimizer.core(), gathered.as_deref().unwrap_or(gradient));
    let Slot { name, shape, .. } = &core.slots[index];
    complete(&mut moments, optimizer, (name, shape), value.dtype());
    let scale = gradients::scale_of_one(core, scale, gradient);
    let (rate, prepare) = core.prepare(index, (rate, scale));
    let (step, moments_now) = (core.n_updates, &mut moments[..]);
    optimizer.update(&mut Parameter {
        name,
        value,
        gradient,
        moments: moments_now,
        rate,
        step,
        is_new,
        prepare,
    });
    let core = optimizer.core_mut();
    let slot = &mut core.slots[index];
    (slot.moments, slot.gathered) = (moments, gathered);
    if let Some(momentum) = core.settings.average {
        average::follow(&mut slot.average, value, momentum);
    }
}

/// Makes the moments that a rule asks for, and brings those there are to the dtype of the weights.
fn complete<O: Optimizer + ?Sized>(
    moments: &mut Vec<Array>,
    optimizer: &O,
    (name, shape): (&str, &Shape),
    dtype: DType,
) {
    for moment in moments.iter_mut().filter(|moment| moment.dtype() != dtype) {
        *moment = moment.cast(dtype);
    }
    for moment in optimizer.moments(name, shape).iter().skip(moments.len()) {
        moments.push(Array::full(*shape, optimizer.initial(moment), dtype));
    }
}
