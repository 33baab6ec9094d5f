//! A tape for those who study a computation: its operations with their inputs, their values, and the derivative of the
//! result with respect to each. What is printed and drawn of it stands in `print.rs` and `graph.rs`.

use std::panic::Location;

use wengert_array::{DType, Shape};

use super::gradient::assert_scalar;
use super::nonfinite::Replay;
use super::sweep::Recording;
use super::{Source, Tape};
use crate::Tensor;
use crate::node::Pull;

/// An operation on a tape.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Operation {
    /// Its number on the printed tape, which is its place in the list.
    pub number: usize,
    /// Its name.
    pub name: &'static str,
    /// Where the program asked for it.
    pub site: &'static Location<'static>,
    /// The shape of its result.
    pub shape: Shape,
    /// The type of its result.
    pub dtype: DType,
    /// For each argument the number of the operation that it came from; `None` for what is not on the tape.
    pub inputs: Vec<Option<usize>>,
}

impl Tape<'_> {
    /// The operations, in order of execution.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{Tape, Tensor};
    ///
    /// let x = Tensor::from([1.0, 2.0]).tracked();
    /// let loss = (x.square() + &x).sum();
    /// let operations = Tape::of(&loss).operations();
    /// assert_eq!(operations.iter().map(|op| op.name).collect::<Vec<_>>(), ["leaf", "square", "add", "sum"]);
    /// assert_eq!(operations[2].inputs, [Some(1), Some(0)]);
    /// ```
    pub fn operations(&self) -> Vec<Operation> {
        (0..self.len()).rev().map(|index| self.operation(index)).collect()
    }

    fn operation(&self, index: usize) -> Operation {
        let node = self.entries[index].node;
        let output = node.rule.output();
        let number = |source: &Source<'_>| match *source {
            Source::Entry(source) => Some(self.place(source as usize)),
            _ => None,
        };
        Operation {
            number: self.place(index),
            name: node.rule.name(),
            site: node.site,
            shape: *output.shape(),
            dtype: output.dtype(),
            inputs: self.sources_of(index).iter().map(number).collect(),
        }
    }

    /// The number of the operation that a tensor came from, if that is on this tape.
    pub fn number_of(&self, x: &Tensor) -> Option<usize> {
        self.find(x).map(|index| self.place(index))
    }

    /// The value of each operation, in order of execution: those that the tape keeps, and the others computed again from
    /// them. `None` where the tape does not keep enough: see [`Blame::Unclear`](crate::Blame::Unclear).
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{Tape, Tensor};
    ///
    /// let x = Tensor::from([1.0, 2.0]).tracked();
    /// let loss = (x.square() + 1.0).sum();
    /// let values = Tape::of(&loss).values();
    /// assert_eq!(values[2].as_ref().map(|y| y.to_vec::<f32>()), Some(vec![2.0, 5.0]));
    /// ```
    pub fn values(&self) -> Vec<Option<Tensor>> {
        let mut values = vec![None; self.len()];
        Replay::watched(self, &mut |index, value| values[self.place(index)] = value.cloned());
        values
    }

    /// The gradient of the scalar that this is the tape of with respect to the result of each operation, in order of
    /// execution; `None` where nothing came back. All of them detached.
    ///
    /// # Panics
    /// If the tape is not that of a scalar.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{Tape, Tensor};
    ///
    /// let x = Tensor::from([1.0, 2.0]).tracked();
    /// let loss = x.square().square().sum();
    /// let derivatives = Tape::of(&loss).derivatives();
    /// assert_eq!(derivatives[1].as_ref().map(|dy| dy.to_vec::<f32>()), Some(vec![2.0, 8.0]));
    /// ```
    #[track_caller]
    pub fn derivatives(&self) -> Vec<Option<Tensor>> {
        let Some(last) = self.entries.first() else { return Vec::new() };
        let y = last.node.rule.output();
        assert_scalar("derivatives", y);
        let targets: Vec<Option<usize>> = (0..self.len()).map(Some).collect();
        let seed = Tensor::scalar(1.0, y.dtype()).reshape(*y.shape());
        let mut derivatives = self.sweep(0, seed, &targets, Recording::Outer);
        derivatives.reverse();
        derivatives.into_iter().map(|dy| dy.map(|dy| dy.detach())).collect()
    }

    /// The slope of an elementwise operation at each place of its first argument: the gradient of the sum of its results.
    /// `None` if that argument is not on the tape, or has another shape than the result.
    ///
    /// # Panics
    /// If there is no operation of that number.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{Tape, Tensor};
    ///
    /// let x = Tensor::from([-1.0, 2.0]).tracked();
    /// let y = x.relu();
    /// assert_eq!(Tape::of(&y).slope(1).map(|slope| slope.to_vec::<f32>()), Some(vec![0.0, 1.0]));
    /// ```
    #[track_caller]
    pub fn slope(&self, number: usize) -> Option<Tensor> {
        assert!(number < self.len(), "slope: there is no operation {number} on a tape of {}", self.len());
        let index = self.place(number);
        let rule = &self.entries[index].node.rule;
        let is_first = |arg: usize| arg == 0;
        if !matches!(self.sources_of(index).first(), Some(Source::Entry(_))) {
            return None;
        }
        if rule.input(0).shape() != rule.output().shape() {
            return None;
        }
        let y = rule.output();
        let dy = Tensor::ones(*y.shape()).cast(y.dtype());
        let mut slope = None;
        let pull = Pull { dy, is_wanted: &is_first, is_attached: &|_| false, node: None };
        rule.pull(pull, &mut |_, dx| slope = Some(dx));
        slope
    }

    /// From the place in the order of the sweep to the number on the printed tape, and back.
    fn place(&self, place: usize) -> usize {
        self.len() - 1 - place
    }
}
