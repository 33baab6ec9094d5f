//! The walks that the methods of [`Module`](super::Module) make.

use super::{Buffer, Param, Path, Visitor, VisitorMut};
use crate::{DType, Tensor};

pub(super) struct Parameters<'m>(pub(super) Vec<(String, &'m Param)>);

impl<'m> Visitor<'m> for Parameters<'m> {
    fn param(&mut self, path: &Path<'_>, param: &'m Param) {
        self.0.push((path.to_string(), param));
    }
}

pub(super) struct Each<'a>(pub(super) &'a mut dyn FnMut(&str, &mut Param));

impl VisitorMut for Each<'_> {
    fn param(&mut self, path: &Path<'_>, param: &mut Param) {
        (self.0)(&path.to_string(), param);
    }
}

/// Replaces the value of one parameter.
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a Tensor,
}

impl VisitorMut for Named<'_> {
    fn param(&mut self, path: &Path<'_>, param: &mut Param) {
        if path.to_string() == self.name {
            param.set(self.value.detach().cast(param.dtype()));
        }
    }
}

pub(super) struct Freeze(pub(super) bool);

impl VisitorMut for Freeze {
    fn param(&mut self, _: &Path<'_>, param: &mut Param) {
        param.set_frozen(self.0);
    }
    fn buffer(&mut self, _: &Path<'_>, buffer: &mut Buffer) {
        buffer.set_frozen(self.0);
    }
}

/// The sum of what the regularizers say, if there are any.
pub(super) struct Penalty(pub(super) Option<Tensor>);

impl<'m> Visitor<'m> for Penalty {
    fn param(&mut self, _: &Path<'_>, param: &'m Param) {
        if let Some(regularizer) = param.regularizer().filter(|_| param.is_trainable()) {
            let penalty = regularizer.penalty(param);
            self.0 = Some(match self.0.take() {
                Some(sum) => sum + penalty,
                None => penalty,
            });
        }
    }
}

pub(super) struct CastTo(pub(super) DType);

impl VisitorMut for CastTo {
    fn param(&mut self, _: &Path<'_>, param: &mut Param) {
        param.set(Tensor::cast(param, self.0));
    }
    fn buffer(&mut self, _: &Path<'_>, buffer: &mut Buffer) {
        buffer.cast(self.0);
    }
}
