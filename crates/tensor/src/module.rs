//! What a model is made of: a walk over its parameters and state, which `#[derive(Module)]` writes. How a model is
//! differentiated stands in `differentiate.rs`.

mod gradients;
mod parts;
mod path;

pub use gradients::{Gradients, PairVisitor};
pub use parts::{Buffer, Generator, Param};
pub use path::Path;

use crate::{DType, Tensor};

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

    /// The number of trainable and frozen numbers in all parameters.
    fn count_parameters(&self) -> usize {
        self.parameters().iter().map(|(_, param)| param.size()).sum()
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

struct Parameters<'m>(Vec<(String, &'m Param)>);

impl<'m> Visitor<'m> for Parameters<'m> {
    fn param(&mut self, path: &Path<'_>, param: &'m Param) {
        self.0.push((path.to_string(), param));
    }
}

struct CastTo(DType);

impl VisitorMut for CastTo {
    fn param(&mut self, _: &Path<'_>, param: &mut Param) {
        param.set(Tensor::cast(param, self.0));
    }
    fn buffer(&mut self, _: &Path<'_>, buffer: &mut Buffer) {
        buffer.cast(self.0);
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
