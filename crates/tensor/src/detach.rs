//! What a differentiated function may return: a loss, or a loss with anything beside it.

use crate::Tensor;

/// The result of a function that is differentiated: the loss, or `(loss, extra)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be differentiated",
    note = "the closure returns the loss, a `Tensor`, or `(loss, extra)` with tensors and numbers as extra"
)]
pub trait Outcome {
    /// The scalar to be differentiated.
    fn loss(&self) -> &Tensor;
    /// Shows every tensor, the loss among them.
    fn each_tensor(&mut self, see: &mut dyn FnMut(&mut Tensor));
}

impl Outcome for Tensor {
    fn loss(&self) -> &Tensor {
        self
    }
    fn each_tensor(&mut self, see: &mut dyn FnMut(&mut Tensor)) {
        see(self);
    }
}

impl<E: Extra> Outcome for (Tensor, E) {
    fn loss(&self) -> &Tensor {
        &self.0
    }
    fn each_tensor(&mut self, see: &mut dyn FnMut(&mut Tensor)) {
        see(&mut self.0);
        self.1.each_tensor(see);
    }
}

/// What may stand beside a loss: tensors, numbers, and collections of them.
pub trait Extra {
    /// Shows every tensor.
    fn each_tensor(&mut self, see: &mut dyn FnMut(&mut Tensor));
}

impl Extra for Tensor {
    fn each_tensor(&mut self, see: &mut dyn FnMut(&mut Tensor)) {
        see(self);
    }
}

impl<E: Extra> Extra for Option<E> {
    fn each_tensor(&mut self, see: &mut dyn FnMut(&mut Tensor)) {
        self.iter_mut().for_each(|extra| extra.each_tensor(see));
    }
}

impl<E: Extra> Extra for Vec<E> {
    fn each_tensor(&mut self, see: &mut dyn FnMut(&mut Tensor)) {
        self.iter_mut().for_each(|extra| extra.each_tensor(see));
    }
}

impl<E: Extra, const N: usize> Extra for [E; N] {
    fn each_tensor(&mut self, see: &mut dyn FnMut(&mut Tensor)) {
        self.iter_mut().for_each(|extra| extra.each_tensor(see));
    }
}

macro_rules! tuples {
    ($($($Part:ident $index:tt),+;)*) => {$(
        impl<$($Part: Extra),+> Extra for ($($Part,)+) {
            fn each_tensor(&mut self, see: &mut dyn FnMut(&mut Tensor)) {
                $(self.$index.each_tensor(see);)+
            }
        }
    )*};
}
// Rust has no tuples of any length.
tuples!(A 0; A 0, B 1; A 0, B 1, C 2; A 0, B 1, C 2, D 3;);

macro_rules! without_tensors {
    ($($Type:ty),*) => {
        $(impl Extra for $Type {
            fn each_tensor(&mut self, _: &mut dyn FnMut(&mut Tensor)) {}
        })*
    };
}
// Plain values that a function may compute on the way.
without_tensors!((), bool, f32, f64, i32, i64, u32, u64, usize, String);
