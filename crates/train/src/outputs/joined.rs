//! A model with several outputs as one with a single output, in which they lie beside each other. So all of training, from
//! splits to callbacks, knows one output and one target; what it costs are copies of the outputs, which are small.

use std::ops::Deref;
use std::sync::Arc;

use wengert_nn::{Activation, Layer, Output};
use wengert_tensor::module::{Path, Visitor, VisitorMut};
use wengert_tensor::{Mismatch, Module, Shape, Tensor};

use super::layout::Layout;
use super::{MultiOutput, NamedOutputs};

/// The model, and where its outputs lie.
#[derive(Clone, Debug)]
pub(super) struct Joined<M> {
    pub(super) model: M,
    pub(super) layout: Arc<Layout>,
}

impl<M> Deref for Joined<M> {
    type Target = M;
    fn deref(&self) -> &M {
        &self.model
    }
}

/// Parameters have the names that they have in the model.
impl<M: Module> Module for Joined<M> {
    fn visit<'m>(&'m self, path: &Path<'_>, visitor: &mut dyn Visitor<'m>) {
        self.model.visit(path, visitor);
    }
    fn visit_mut(&mut self, path: &Path<'_>, visitor: &mut dyn VisitorMut) {
        self.model.visit_mut(path, visitor);
    }
}

impl<M: MultiOutput + Clone + 'static> Layer for Joined<M> {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        self.columns(x, Output::value)
    }

    #[track_caller]
    fn forward_raw(&self, x: &Tensor) -> Output {
        Output { raw: self.columns(x, |output| output.raw.clone()), activation: Activation::Linear }
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        if *row == self.layout.row {
            Shape::try_new(&[self.layout.n_columns()])
        } else {
            let mismatch = Mismatch::new("the model takes other rows").row("row", *row);
            Err(mismatch.note(format!("expected {}", self.layout.row)))
        }
    }
}

impl<M: MultiOutput> Joined<M> {
    #[track_caller]
    fn columns(&self, x: &Tensor, value: impl Fn(&Output) -> Tensor) -> Tensor {
        let NamedOutputs(outputs) = self.model.outputs(x);
        let n_rows = x.shape()[0];
        let mut columns = Vec::with_capacity(outputs.len());
        for (_, output) in &outputs {
            let value = value(output);
            let width = value.size() / n_rows.max(1);
            columns.push(value.reshape([n_rows, width]));
        }
        Tensor::concat(&columns.iter().collect::<Vec<_>>(), 1)
    }
}
