//! Conversion between `f32` and `f64`.

use wengert_array::{Array, DType, Mismatch, Shape};

use crate::catalogue::catalogue;
use crate::{Needs, Op, Sample, Tensor, apply};

catalogue![Cast];

/// y = x in another dtype,  dx = dy
///
/// A derivative has the dtype of the computation: it comes back widened to that of `x`, never narrowed.
#[derive(Clone, Debug)]
pub(crate) struct Cast(DType);

impl Op<1> for Cast {
    const NAME: &'static str = "cast";
    const NEEDS: [Needs; 1] = [Needs::NONE];
    const IS_ELEMENTWISE: bool = true;

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(*x)
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        x.cast(self.0)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.cast(x.dtype().promote(dy.dtype()))
    }

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let shapes: [&[usize]; 8] = [&[], &[1], &[5], &[2, 3], &[0], &[2, 0], &[2, 1, 3], &[1, 300]];
        let smooth = shapes.map(|shape| Sample::random(Cast(DType::F64), [shape]));
        smooth.into_iter().chain([Sample::timed(Cast(DType::F32), [&[128, 512]])]).collect()
    }
}

impl Tensor {
    /// The same numbers as `f32` or `f64`, rounded where they must be.
    ///
    /// # Gradient
    /// `dx = dy`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{DType, Tensor};
    /// assert_eq!(Tensor::from(0.5).cast(DType::F64).dtype(), DType::F64);
    /// ```
    #[track_caller]
    pub fn cast(&self, dtype: DType) -> Tensor {
        if dtype == self.dtype() { self.clone() } else { apply(Cast(dtype), [self]) }
    }
}
