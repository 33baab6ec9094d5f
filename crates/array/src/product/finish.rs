//! What is done with an element of a matrix product when its sum is complete.

use std::ops::Range;

use crate::buffer::Element;
use crate::cpu::{Kernel, vectorize};
use crate::dtype::Float;

/// A bias for each column, then perhaps the rectifier.
#[derive(Clone, Copy)]
pub(crate) struct Finish<'a, T> {
    /// One for each column of the result.
    pub(crate) bias: Option<&'a [T]>,
    /// Whether what is below 0 becomes 0. A NaN and -0 stay what they are, as in the operation `relu`.
    pub(crate) rectify: bool,
}

impl<'a, T: Element> Finish<'a, T> {
    /// The sums as they are.
    pub(crate) fn none() -> Finish<'a, T> {
        Finish { bias: None, rectify: false }
    }

    /// What is done in some of the columns.
    pub(crate) fn part(self, columns: Range<usize>) -> Finish<'a, T> {
        Finish { bias: self.bias.map(|bias| &bias[columns]), ..self }
    }
}

impl<T: Float> Finish<'_, T> {
    /// Finishes whole rows of complete sums, for products whose kernel cannot do it itself.
    pub(crate) fn apply(self, c: &mut [T], columns: usize) {
        if self.bias.is_some() || self.rectify {
            vectorize(Pass { finish: self, c, columns });
        }
    }
}

struct Pass<'a, 'c, T> {
    finish: Finish<'a, T>,
    c: &'c mut [T],
    columns: usize,
}

impl<T: Float> Kernel for Pass<'_, '_, T> {
    #[inline(always)]
    fn run(self) {
        for row in self.c.chunks_exact_mut(self.columns) {
            if let Some(bias) = self.finish.bias {
                for (c, &bias) in row.iter_mut().zip(bias) {
                    *c += bias;
                }
            }
            if self.finish.rectify {
                for c in row {
                    *c = if *c < T::zero() { T::zero() } else { *c };
                }
            }
        }
    }
}
