//! Running averages of weights: how they follow, and how a model gets them.

use wengert_array::{Array, Float, Update, update};
use wengert_tensor::module::{Path, VisitorMut};
use wengert_tensor::{Module, Param};

use crate::shared::Core;

/// Moves the average of a parameter towards its new value; that of the first is the value itself, as in Keras.
pub(crate) fn follow(average: &mut Option<Box<Array>>, value: &Array, momentum: f64) {
    let is_first = average.is_none();
    let average = average.get_or_insert_with(|| Box::new(Array::zeros(*value.shape(), value.dtype())));
    if average.dtype() != value.dtype() {
        **average = average.cast(value.dtype());
    }
    let gain = if is_first { 1.0 } else { 1.0 - momentum };
    update(&Follow { keep: 1.0 - gain, gain }, [average], [value]);
}

struct Follow {
    keep: f64,
    gain: f64,
}

impl Update<1, 1> for Follow {
    #[inline(always)]
    fn apply<T: Float>(&self, [average]: [T; 1], [w]: [T; 1]) -> [T; 1] {
        [T::of(self.keep) * average + T::of(self.gain) * w]
    }
}

/// Writes the averages into a model.
#[track_caller]
pub(crate) fn read(core: &Core, model: &mut impl Module) {
    check(core, model);
    model.visit_mut(&Path::root(), &mut Read { core, slot: 0 });
}

/// Exchanges the averages and the weights of a model.
#[track_caller]
pub(crate) fn swap(core: &mut Core, model: &mut impl Module) {
    check(core, model);
    model.visit_mut(&Path::root(), &mut Swap { core, slot: 0 });
}

#[track_caller]
fn check(core: &Core, model: &impl Module) {
    let name = core.name;
    assert!(
        core.settings.average.is_some(),
        "{name}: keeps no averages of weights\n  help: `.average(0.99)` when it is made"
    );
    // Before the first step there is nothing to compare with.
    for (slot, (part, param)) in core.slots.iter().zip(model.parameters()) {
        let (given, expected) = (param.shape(), &slot.shape);
        assert!(
            given == expected,
            "{name}: the parameter `{part}` is {given}, but was {expected} in earlier steps"
        );
    }
}

struct Read<'a> {
    core: &'a Core,
    slot: usize,
}

impl VisitorMut for Read<'_> {
    fn param(&mut self, _: &Path<'_>, param: &mut Param) {
        let average = self.core.slots.get(self.slot).and_then(|slot| slot.average.as_deref());
        self.slot += 1;
        if let Some(average) = average {
            param.set(average.cast(param.dtype()).into());
        }
    }
}

struct Swap<'a> {
    core: &'a mut Core,
    slot: usize,
}

impl VisitorMut for Swap<'_> {
    fn param(&mut self, _: &Path<'_>, param: &mut Param) {
        let average = self.core.slots.get_mut(self.slot).and_then(|slot| slot.average.as_deref_mut());
        self.slot += 1;
        if let Some(average) = average {
            let dtype = param.dtype();
            std::mem::swap(param.value_mut().array_mut(), average);
            // The model keeps its type.
            if param.dtype() != dtype {
                param.set(param.value().cast(dtype));
            }
        }
    }
}
