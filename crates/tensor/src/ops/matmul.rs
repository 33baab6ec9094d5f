//! The matrix product.

use wengert_array::{Array, Mismatch, Shape, matmul};

use super::contraction::VectorMatMul;
use crate::catalogue::catalogue;
use crate::{Composite, Needs, Op, Sample, Tensor, apply};

catalogue![MatMul];

/// C = A B,  dA = dC Bᵀ, dB = Aᵀ dC
#[derive(Clone, Debug)]
pub(crate) struct MatMul;

impl Op<2> for MatMul {
    const NAME: &'static str = "matmul";
    const NEEDS: [Needs; 2] = [Needs::input(1), Needs::input(0)];

    fn shape(&self, [a, b]: [&Shape; 2]) -> Result<Shape, Mismatch> {
        Shape::matmul(a, b)
    }

    fn forward(&self, [a, b]: [&Array; 2], _: &Shape) -> Array {
        matmul(a, b)
    }

    fn vjp(&self, arg: usize, [a, b]: [&Tensor; 2], _: &Tensor, dc: &Tensor) -> Tensor {
        if arg == 0 { dc.matmul(&b.t()) } else { a.t().matmul(dc) }
    }

    fn vjp_kernel(
        &self,
        wanted: [bool; 2],
        [a, b]: [&Array; 2],
        _: &Array,
        dc: &mut Array,
    ) -> Option<[Option<Array>; 2]> {
        // One product for all the rows of a batch, where one matrix multiplies them all: its derivative is summed
        // over the batch by the product itself.
        let [rows, dc_rows] =
            if b.rank() == 2 { [merge_rows(a), merge_rows(dc)] } else { [a.clone(), dc.clone()] };
        let da = wanted[0].then(|| matmul(dc, &b.transpose()));
        let db = wanted[1].then(|| matmul(&rows.transpose(), &dc_rows));
        Some([da, db])
    }

    fn flops(&self, [a, _]: [&Shape; 2], y: &Shape) -> u64 {
        2 * (y.size() * a[a.len() - 1]) as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let of = |a: &[usize], b: &[usize]| Sample::random(MatMul, [a, b]);
        let exact = Sample::new(
            MatMul,
            [
                Array::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2]),
                Array::from_vec(vec![5.0, 6.0, 7.0, 8.0], [2, 2]),
            ],
        );
        vec![
            exact.gives(&[19.0, 22.0, 43.0, 50.0]),
            of(&[2, 3], &[3, 4]),
            of(&[1, 3], &[3, 1]),
            of(&[3, 1], &[1, 2]),
            of(&[1, 1], &[1, 1]),
            of(&[2, 2, 3], &[2, 3, 2]),
            of(&[2, 2, 3], &[3, 2]),
            of(&[2, 3], &[2, 3, 2]),
            of(&[2, 1, 2, 3], &[3, 3, 1]),
            of(&[0, 3], &[3, 2]),
            of(&[2, 0], &[0, 3]),
            of(&[2, 3], &[3, 0]),
            of(&[0, 2, 3], &[3, 2]),
            of(&[17, 5], &[5, 9]),
            of(&[3, 3], &[3, 3]),
            of(&[1, 4], &[4, 4]),
            of(&[4, 4], &[4, 1]),
            of(&[1, 2, 3], &[2, 3, 2]),
            of(&[2, 2, 0], &[0, 2]),
            of(&[2, 1, 1, 2], &[1, 2, 2, 1]),
            Sample::fails(MatMul, [&[2, 3], &[2, 3]], "inner sizes differ"),
            Sample::fails(MatMul, [&[3], &[3, 2]], "unsqueeze"),
            Sample::fails(MatMul, [&[2, 2, 3], &[3, 3, 2]], "do not broadcast"),
            Sample::timed(MatMul, [&[32, 100], &[100, 100]]),
            Sample::timed(MatMul, [&[128, 784], &[784, 512]]),
        ]
    }
}

/// All leading axes as one axis of rows.
pub(super) fn merge_rows(x: &Array) -> Array {
    let columns = x.shape()[x.rank() - 1];
    let rows: usize = x.shape()[..x.rank() - 1].iter().product();
    if x.rank() == 2 { x.clone() } else { x.reshape([rows, columns].into()) }
}

impl Tensor {
    /// Matrix product over leading batch axes.
    ///
    /// `y[..., i, j] = Σₖ a[..., i, k] · b[..., k, j]`
    ///
    /// # Shape
    /// `[..., m, k]`, `[..., k, n]` → `[..., m, n]`; leading axes broadcast. A vector on the left is a row and one on the
    /// right a column, whose axis the result does not have, as in NumPy.
    ///
    /// # Gradient
    /// `da = dy bᵀ`, `db = aᵀ dy`
    ///
    /// # Panics
    /// If the inner sizes differ, the leading axes do not broadcast, or an operand is a number.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0]]);
    /// let w = Tensor::from([[3.0], [4.0]]);
    /// assert_eq!(x.matmul(&w).item(), 11.0);
    /// assert_eq!(*w.matmul(&Tensor::from([2.0])).shape(), [2]);
    /// ```
    #[track_caller]
    pub fn matmul(&self, other: &Tensor) -> Tensor {
        match (self.rank(), other.rank()) {
            (1, 1..) | (1.., 1) => VectorMatMul.value([self, other]),
            _ => apply(MatMul, [self, other]),
        }
    }
}
