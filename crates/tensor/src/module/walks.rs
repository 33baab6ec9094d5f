//! The walks that the methods of [`Module`](super::Module) make, and what they do with what was found: those methods are
//! compiled for every part of a model, these functions once.

use super::{Buffer, Param, Path, Visitor, VisitorMut};
use crate::{DType, Tensor};

pub(super) struct Parameters<'m>(pub(super) Vec<(String, &'m Param)>);

impl<'m> Visitor<'m> for Parameters<'m> {
    fn param(&mut self, path: &Path<'_>, param: &'m Param) {
        self.0.push((path.to_string(), param));
    }
}

/// The parameter of that name.
pub(super) fn find<'m>(parameters: Vec<(String, &'m Param)>, name: &str) -> Option<&'m Param> {
    parameters.into_iter().find(|(other, _)| other == name).map(|(_, param)| param)
}

/// The number of numbers in the parameters that count.
pub(super) fn count(parameters: &[(String, &Param)], counts: fn(&Param) -> bool) -> usize {
    parameters.iter().filter(|(_, param)| counts(param)).map(|(_, param)| param.size()).sum()
}

/// That the parameter of a name can take a value.
#[track_caller]
pub(super) fn check(parameters: &[(String, &Param)], name: &str, value: &Tensor) {
    let Some((_, param)) = parameters.iter().find(|(other, _)| other == name) else {
        let names: Vec<&str> = parameters.iter().map(|(name, _)| &**name).collect();
        panic!("set_parameter: there is no parameter `{name}`, only {}", names.join(", "));
    };
    let (shape, given) = (param.shape(), value.shape());
    assert!(given == shape, "set_parameter: `{name}` is {shape}, given {given}");
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

impl Penalty {
    pub(super) fn value(self) -> Tensor {
        self.0.unwrap_or_else(|| Tensor::from(0.0))
    }
}

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
