//! The gradients of a model: a model whose parameters hold gradients and whose state is the new state.

use std::ops::Deref;

use super::{Buffer, Generator, Module, Param, Path, Visitor, VisitorMut};
use crate::NonFinite;

/// The gradients of a model, in the form of the model: `grads.hidden.weight` is the gradient of `hidden.weight`.
///
/// State slots (buffers, generators) hold what the training pass left there.
#[derive(Clone, Debug)]
pub struct Gradients<M> {
    model: M,
    nonfinite: Option<Box<NonFinite>>,
}

impl<M> Gradients<M> {
    /// Where the NaN or infinity in the loss came from; nothing if the loss is finite.
    ///
    /// The search replays the tape, and happens only where the loss is not finite. A finite loss may still have
    /// gradients that are not.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{value_and_grad, Param, Tensor};
    ///
    /// let scale = vec![Param::new(Tensor::from(-2.0))];
    /// let x = Tensor::from([1.0, 3.0]);
    /// let (_loss, grads) = value_and_grad(&scale, |scale| (&x * &scale[0]).ln().sum());
    /// let culprit = grads.nonfinite().expect("the logarithm of a negative number");
    /// assert_eq!((culprit.operation, culprit.n_nan), ("ln", 2));
    /// ```
    pub fn nonfinite(&self) -> Option<&NonFinite> {
        self.nonfinite.as_deref()
    }
}

impl<M: Module> Gradients<M> {
    pub(crate) fn new(model: M, nonfinite: Option<NonFinite>) -> Self {
        Gradients { model, nonfinite: nonfinite.map(Box::new) }
    }

    /// Looks whether `model` is built like the model that these are the gradients of.
    ///
    /// # Panics
    /// If it is not: the first difference is named.
    #[track_caller]
    pub fn assert_fits(&self, model: &M) {
        Parts::of(&self.model).assert_fit(&Parts::of(model));
    }

    /// Shows every parameter of `model` beside its gradient to the visitor, and takes over the new state.
    ///
    /// # Panics
    /// As for [`assert_fits`](Gradients::assert_fits); nothing has been changed then.
    #[track_caller]
    pub fn pair_with(&self, model: &mut M, visitor: &mut dyn PairVisitor) {
        let new = Parts::of(&self.model);
        new.assert_fit(&Parts::of(model));
        model.visit_mut(&Path::root(), &mut Pairing { new: new.0.into_iter(), visitor });
    }

    pub(crate) fn adopt_into(&self, model: &mut M) {
        self.pair_with(model, &mut Adopt);
    }
}

impl<M> Deref for Gradients<M> {
    type Target = M;
    fn deref(&self) -> &M {
        &self.model
    }
}

/// Sees every parameter of a model beside its gradient. State is adopted by the pairing itself.
pub trait PairVisitor {
    /// A parameter and its gradient. That of a frozen parameter is zero.
    fn param(&mut self, path: &Path<'_>, param: &mut Param, gradient: &Param);
}

/// Adopts the state and leaves the parameters.
struct Adopt;

impl PairVisitor for Adopt {
    fn param(&mut self, _: &Path<'_>, _: &mut Param, _: &Param) {}
}

enum Part<'m> {
    Param(&'m Param),
    Buffer(&'m Buffer),
    Generator(&'m Generator),
}

struct Parts<'m>(Vec<Part<'m>>);

/// Room for this many is made at once.
const FEW_PARTS: usize = 16;

impl<'m> Parts<'m> {
    fn of(model: &'m impl Module) -> Self {
        let mut parts = Parts(Vec::with_capacity(FEW_PARTS));
        model.visit(&Path::root(), &mut parts);
        parts
    }

    #[track_caller]
    fn assert_fit(&self, model: &Parts<'_>) {
        let (n_new, n_parts) = (self.0.len(), model.0.len());
        assert!(
            n_new == n_parts,
            "gradients: {n_new} gradients and states do not fit a model of {n_parts} parts"
        );
        for (index, (new, part)) in self.0.iter().zip(&model.0).enumerate() {
            if let (Part::Param(gradient), Part::Param(param)) = (new, part) {
                let (given, expected) = (gradient.shape(), param.shape());
                assert!(
                    given == expected,
                    "gradients: part {index} is {expected} in the model, its gradient {given}"
                );
            } else {
                let is_same_kind = std::mem::discriminant(new) == std::mem::discriminant(part);
                assert!(
                    is_same_kind,
                    "gradients: part {index} of the model is of another kind than its gradient"
                );
            }
        }
    }
}

impl<'m> Visitor<'m> for Parts<'m> {
    fn param(&mut self, _: &Path<'_>, param: &'m Param) {
        self.0.push(Part::Param(param));
    }
    fn buffer(&mut self, _: &Path<'_>, buffer: &'m Buffer) {
        self.0.push(Part::Buffer(buffer));
    }
    fn generator(&mut self, _: &Path<'_>, generator: &'m Generator) {
        self.0.push(Part::Generator(generator));
    }
}

/// Hands out the new parts in the order of the walk, which was compared before.
struct Pairing<'a, 'm> {
    new: std::vec::IntoIter<Part<'m>>,
    visitor: &'a mut dyn PairVisitor,
}

impl VisitorMut for Pairing<'_, '_> {
    fn param(&mut self, path: &Path<'_>, param: &mut Param) {
        if let Some(Part::Param(gradient)) = self.new.next() {
            self.visitor.param(path, param, gradient);
        }
    }

    fn buffer(&mut self, _: &Path<'_>, buffer: &mut Buffer) {
        if let Some(Part::Buffer(new)) = self.new.next()
            && !buffer.is_frozen()
        {
            buffer.set(new.value());
        }
    }

    fn generator(&mut self, _: &Path<'_>, generator: &mut Generator) {
        if let Some(Part::Generator(new)) = self.new.next() {
            *generator = Generator::from_state(new.state());
        }
    }
}
