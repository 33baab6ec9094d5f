//! The weights and the state of a model, kept to come back to.

use wengert_tensor::module::{Path, Visitor, VisitorMut};
use wengert_tensor::{Buffer, Module, Param, Tensor};

/// All parameters and buffers at a moment. The numbers are shared with the model until that changes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    parameters: Vec<Tensor>,
    buffers: Vec<Tensor>,
}

impl Snapshot {
    pub(super) fn of(model: &dyn Module) -> Snapshot {
        let mut snapshot = Snapshot::default();
        model.visit(&Path::root(), &mut snapshot);
        snapshot
    }

    /// Brings the model back. Its generators go on.
    pub(super) fn restore(&self, model: &mut dyn Module) {
        let (parameters, buffers) = (self.parameters.iter(), self.buffers.iter());
        model.visit_mut(&Path::root(), &mut Restore { parameters, buffers });
    }
}

impl<'m> Visitor<'m> for Snapshot {
    fn param(&mut self, _: &Path<'_>, param: &'m Param) {
        self.parameters.push(param.value().clone());
    }
    fn buffer(&mut self, _: &Path<'_>, buffer: &'m Buffer) {
        self.buffers.push(buffer.value());
    }
}

struct Restore<'a> {
    parameters: std::slice::Iter<'a, Tensor>,
    buffers: std::slice::Iter<'a, Tensor>,
}

impl VisitorMut for Restore<'_> {
    fn param(&mut self, _: &Path<'_>, param: &mut Param) {
        if let Some(value) = self.parameters.next() {
            param.set(value.clone());
        }
    }
    fn buffer(&mut self, _: &Path<'_>, buffer: &mut Buffer) {
        if let Some(value) = self.buffers.next() {
            buffer.set(value.clone());
        }
    }
}
