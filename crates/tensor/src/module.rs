//! What a model is made of: a walk over its parameters and state, which `#[derive(Module)]` writes. How a model is
//! differentiated stands in `differentiate.rs`.

mod gradients;
mod parts;
mod path;
mod rules;
mod walks;

pub use gradients::{Gradients, PairVisitor};
pub use parts::{Buffer, Generator, Param};
pub use path::Path;
pub use rules::{Constraint, CustomRule, NormBounds, Regularizer};

use crate::{DType, Tensor};
use walks::{CastTo, Each, Freeze, Named, Parameters, Penalty};

/// A part of a model: something that holds parameters and state, or parts that do.
///
/// Derive it: `#[derive(Module, Clone, Debug)]`. Fields are parts; numbers, booleans and strings count as parts
/// without parameters; anything else is marked `#[module(skip)]`.
///
/// # Examples
/// ```standalone_crate
/// # extern crate wengert_tensor as wengert;
/// use wengert_tensor::{Module, Param, Tensor};
///
/// #[derive(Module, Clone, Debug)]
/// struct Line { slope: Param, offset: Param }
///
/// let line = Line { slope: Param::new(Tensor::from([2.0])), offset: Param::new(Tensor::from([1.0])) };
/// assert_eq!(line.parameters()[0].0, "slope");
/// assert_eq!(line.count_parameters(), 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a part of a model",
    note = "a tensor is a `Param` (trained) or a `Buffer` (state); mark anything else `#[module(skip)]`"
)]
pub trait Module {
    /// Shows every parameter, buffer and generator to the visitor, always in the same order.
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>);

    /// The same walk, for changing them.
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut);

    /// All parameters with their names, such as `hidden.weight`.
    fn parameters(&self) -> Vec<(String, &Param)> {
        let mut list = Parameters(Vec::new());
        self.visit(&Path::root(), &mut list);
        list.0
    }

    /// The parameter of a name such as `hidden.weight`, if there is one.
    fn parameter(&self, name: &str) -> Option<&Param> {
        walks::find(self.parameters(), name)
    }

    /// Calls `f` with the name of every parameter and the parameter, to be changed.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{Module, Param, Regularizer, Tensor};
    /// let mut model = vec![Param::new(Tensor::ones([3])), Param::new(Tensor::ones([2]))];
    /// model.for_each_parameter(&mut |name, param| {
    ///     if name == "1" {
    ///         *param = param.clone().regularized(Regularizer::l2(0.5));
    ///     }
    /// });
    /// assert_eq!(model.penalty().item(), 1.0);
    /// ```
    fn for_each_parameter(&mut self, f: &mut dyn FnMut(&str, &mut Param)) {
        self.visit_mut(&Path::root(), &mut Each(f));
    }

    /// Replaces the value of a parameter; its dtype, its rules and whether it is frozen stay.
    ///
    /// # Panics
    /// If there is no parameter of that name, or it has another shape.
    #[track_caller]
    fn set_parameter(&mut self, name: &str, value: &Tensor) {
        walks::check(&self.parameters(), name, value);
        self.visit_mut(&Path::root(), &mut Named { name, value });
    }

    /// The number of numbers in all parameters, trainable or frozen.
    fn count_parameters(&self) -> usize {
        walks::count(&self.parameters(), |_| true)
    }

    /// The number of those that training changes.
    fn count_trainable(&self) -> usize {
        walks::count(&self.parameters(), Param::is_trainable)
    }

    /// The number of those that it leaves alone.
    fn count_frozen(&self) -> usize {
        walks::count(&self.parameters(), |param| !param.is_trainable())
    }

    /// Leaves all parameters and buffers alone from now on: parameters are no leaves and get no gradient, running
    /// statistics do not move, and a batch normalisation works as at rest. As in Keras, generators go on: a dropout
    /// in a frozen part still drops in training.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{value_and_grad, Module, Param, Tensor};
    /// let mut model = vec![Param::new(Tensor::from(2.0)), Param::new(Tensor::from(3.0))];
    /// model[0].freeze();
    /// let (_, grads) = value_and_grad(&model, |m| &m[0] * &m[1]);
    /// assert_eq!((grads[0].item(), grads[1].item()), (0.0, 2.0));
    /// assert_eq!((model.count_trainable(), model.count_frozen()), (1, 1));
    /// ```
    fn freeze(&mut self) {
        self.visit_mut(&Path::root(), &mut Freeze(true));
    }

    /// Trains all parameters, and moves all buffers, again.
    fn unfreeze(&mut self) {
        self.visit_mut(&Path::root(), &mut Freeze(false));
    }

    /// The sum of what the regularizers of all trainable parameters say, of shape `[]`, for a loop of one's own:
    /// `loss + model.penalty()`. Where there are none it is 0. `fit` adds it by itself.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{value_and_grad, Module, Param, Regularizer, Tensor};
    /// let weight = Param::new(Tensor::from([1.0, 2.0])).regularized(Regularizer::l2(0.1));
    /// let (loss, grads) = value_and_grad(&weight, |w| w.sum() + w.penalty());
    /// assert_eq!(loss.item(), 3.5);
    /// assert_eq!(grads.to_vec::<f32>(), [1.2, 1.4]);
    /// ```
    fn penalty(&self) -> Tensor {
        let mut penalty = Penalty(None);
        self.visit(&Path::root(), &mut penalty);
        penalty.value()
    }

    /// A copy with every parameter and buffer in another dtype.
    fn cast(&self, dtype: DType) -> Self
    where
        Self: Clone,
    {
        let mut copy = self.clone();
        copy.visit_mut(&Path::root(), &mut CastTo(dtype));
        copy
    }

    /// Takes over the state (running statistics, positions of generators) that a training pass left in `gradients`.
    /// An optimizer's step does this by itself.
    fn adopt(&mut self, gradients: &Gradients<Self>)
    where
        Self: Sized,
    {
        gradients.adopt_into(self);
    }
}

/// Sees the parts of a model. Only parameters must be handled.
pub trait Visitor<'m> {
    /// A parameter.
    fn param(&mut self, path: &Path<'_>, param: &'m Param);
    /// A piece of state.
    fn buffer(&mut self, path: &Path<'_>, buffer: &'m Buffer) {
        let _ = (path, buffer);
    }
    /// A source of random numbers.
    fn generator(&mut self, path: &Path<'_>, generator: &'m Generator) {
        let _ = (path, generator);
    }
}

/// Changes the parts of a model. Only parameters must be handled.
pub trait VisitorMut {
    /// A parameter.
    fn param(&mut self, path: &Path<'_>, param: &mut Param);
    /// A piece of state.
    fn buffer(&mut self, path: &Path<'_>, buffer: &mut Buffer) {
        let _ = (path, buffer);
    }
    /// A source of random numbers.
    fn generator(&mut self, path: &Path<'_>, generator: &mut Generator) {
        let _ = (path, generator);
    }
}

impl<M: Module + ?Sized> Module for Box<M> {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        (**self).visit(path, visitor);
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        (**self).visit_mut(path, visitor);
    }
}

impl<M: Module> Module for Option<M> {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        if let Some(part) = self {
            part.visit(path, visitor);
        }
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        if let Some(part) = self {
            part.visit_mut(path, visitor);
        }
    }
}

impl<M: Module> Module for [M] {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        for (index, part) in self.iter().enumerate() {
            part.visit(&path.index(index), visitor);
        }
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        for (index, part) in self.iter_mut().enumerate() {
            part.visit_mut(&path.index(index), visitor);
        }
    }
}

impl<M: Module> Module for Vec<M> {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        self.as_slice().visit(path, visitor);
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        self.as_mut_slice().visit_mut(path, visitor);
    }
}

impl<M: Module, const N: usize> Module for [M; N] {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        self.as_slice().visit(path, visitor);
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        self.as_mut_slice().visit_mut(path, visitor);
    }
}

macro_rules! tuples {
    ($($($Part:ident $index:tt),+;)*) => {$(
        impl<$($Part: Module),+> Module for ($($Part,)+) {
            fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
                $(self.$index.visit(&path.index($index), visitor);)+
            }
            fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
                $(self.$index.visit_mut(&path.index($index), visitor);)+
            }
        }
    )*};
}
// Rust has no tuples of any length.
tuples!(A 0; A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3; A 0, B 1, C 2, D 3, E 4; A 0, B 1, C 2, D 3, E 4, F 5;);

macro_rules! without_parameters {
    ($($Type:ty),*) => {$(
        impl Module for $Type {
            fn visit<'m>(&'m self, _: &Path<'_>, _: &mut dyn Visitor<'m>) {}
            fn visit_mut(&mut self, _: &Path<'_>, _: &mut dyn VisitorMut) {}
        }
    )*};
}
// Settings of a layer: parts of a model that hold nothing to train.
without_parameters!(
    bool,
    char,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    isize,
    u8,
    u16,
    u32,
    u64,
    usize,
    String,
    &'static str,
    ()
);
