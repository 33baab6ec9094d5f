//! The product over axes.

use wengert_array::{Array, Axes, Mismatch, Reduce, Shape, reduce};

use super::reduction::Over;
use super::slicing::Span;
use crate::catalogue::catalogue;
use crate::{IntoAxes, Needs, Op, Sample, Tensor, apply};

catalogue![Prod];

/// y = Π x,  dxᵢ = dy Π xⱼ over all j ≠ i
///
/// The products without one element are made of those before and after it, not by division, so that zeros do no harm.
#[derive(Clone, Debug)]
pub(crate) struct Prod(Over);

impl Prod {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

impl Op<1> for Prod {
    const NAME: &'static str = "prod";
    const NEEDS: [Needs; 1] = [Needs::input(0)];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(self.0.shape(x))
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        reduce(x, self.0.axes, Reduce::Product).reshape(*shape)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        let rows = self.0.rows(x);
        let dy = dy.reshape([rows.shape()[0], 1]);
        let others = products_of_others(&rows, false) * products_of_others(&rows, true);
        self.0.restored(&dy.guarded_mul(&others), x.shape())
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |x: &[f64]| Sample::new(all(&[0]), [Array::from_slice(x, [x.len()])]);
        let corners = [
            of(&[2.0, 3.0, -4.0]).gives(&[-24.0]),
            of(&[2.0, 0.0, 3.0]).gives(&[0.0]).with_derivatives([&[0.0, 6.0, 0.0]]),
            of(&[0.0, 2.0, 0.0]).gives(&[0.0]).with_derivatives([&[0.0, 0.0, 0.0]]),
            // Smooth at zeros too: the differences, of both orders, are trusted.
            of(&[2.0, 0.0, 3.0]),
            of(&[0.0, 2.0, 0.0, 3.0]),
            of(&[0.0, 0.0, 0.0]),
            of(&[f64::NAN, 2.0]).gives(&[f64::NAN]).with_derivatives([&[2.0, f64::NAN]]),
            of(&[]).gives(&[1.0]),
        ];
        Over::samples(Prod).into_iter().chain(corners).chain(Over::timed(Prod)).collect()
    }
}

fn all(axes: &[usize]) -> Prod {
    Prod(Over { axes: Axes::of(axes), keep: false })
}

/// For each element of a row the product of those before it, or after it.
fn products_of_others(rows: &Tensor, after: bool) -> Tensor {
    let n = rows.shape()[1];
    if n == 0 {
        return rows.clone();
    }
    let ones = Tensor::ones([rows.shape()[0], 1]).cast(rows.dtype());
    let first = ones.place(*rows.shape(), 1, Span::new(if after { n - 1 } else { 0 }, 1, 1));
    rows.shifted(1, if after { -1 } else { 1 }).linear_scan_from(&first, 1, after)
}

impl Tensor {
    /// The product of all elements, of shape `[]`.
    ///
    /// # Gradient
    /// Each element's is the product of the others, also where some are 0; it can be differentiated again.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{grad, Tensor};
    /// let x = Tensor::from([2.0, 0.0, 3.0]);
    /// assert_eq!(x.prod().item(), 0.0);
    /// assert_eq!(grad(|x| x.prod(), &x).to_vec::<f32>(), [0.0, 6.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn prod(&self) -> Tensor {
        apply(Prod(self.over_all()), [self])
    }

    /// The product over some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.prod_axes(0).to_vec::<f32>(), [3.0, 8.0]);
    /// ```
    #[track_caller]
    pub fn prod_axes(&self, axes: impl IntoAxes) -> Tensor {
        Prod(self.over("prod", axes, false)).of(self)
    }

    /// The product over some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::ones([2, 3]).prod_keep(1).shape(), [2, 1]);
    /// ```
    #[track_caller]
    pub fn prod_keep(&self, axes: impl IntoAxes) -> Tensor {
        Prod(self.over("prod", axes, true)).of(self)
    }
}
