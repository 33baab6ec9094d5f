//! The mean squared error as one operation.

use wengert_array::{Array, Axes, Float, Mismatch, Pointwise, Reduce, Shape, pointwise, reduce};

use crate::catalogue::catalogue;
use crate::{Needs, Op, Sample, Tensor, apply};

catalogue![MeanSquaredError];

/// y = Σ (a - b)² / n,  da = dy 2 (a - b) / n, db = -da
#[derive(Clone, Debug)]
pub(crate) struct MeanSquaredError;

impl Op<2> for MeanSquaredError {
    const NAME: &'static str = "mean_squared_error";
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::input(1)); 2];

    fn shape(&self, [a, b]: [&Shape; 2]) -> Result<Shape, Mismatch> {
        match a == b {
            true => Ok(Shape::from(())),
            false => Err(Mismatch::new("prediction and target differ in shape")
                .row("prediction", a)
                .row("target", b)),
        }
    }

    fn forward(&self, xs: [&Array; 2], shape: &Shape) -> Array {
        let squares = pointwise(&SquaredDifference, xs);
        let sum = reduce(&squares, Axes::all(squares.rank()), Reduce::Sum).reshape(*shape);
        pointwise(&Scale(1.0 / squares.size() as f64), [&sum])
    }

    fn vjp(&self, arg: usize, [a, b]: [&Tensor; 2], _: &Tensor, dy: &Tensor) -> Tensor {
        let twice_mean = 2.0 / a.size() as f64;
        dy * (if arg == 0 { a - b } else { b - a }) * twice_mean
    }

    fn vjp_kernel(
        &self,
        wanted: [bool; 2],
        [a, b]: [&Array; 2],
        _: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 2]> {
        let slope = SlopeOfSquare(2.0 / a.size() as f64);
        Some([
            wanted[0].then(|| pointwise(&slope, [a, b, dy])),
            wanted[1].then(|| pointwise(&slope, [b, a, dy])),
        ])
    }

    /// A difference, its square and their sum.
    fn flops(&self, [a, _]: [&Shape; 2], _: &Shape) -> u64 {
        3 * a.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let of = |shape: &[usize]| Sample::random(MeanSquaredError, [shape, shape]);
        let vectors = |a: &[f64], b: &[f64]| {
            let [a, b] = [a, b].map(|x| Array::from_slice(x, [x.len()]));
            Sample::new(MeanSquaredError, [a, b])
        };
        vec![
            vectors(&[10.0, 8.0, 6.0], &[20.0, 3.0, 1.0]).gives(&[50.0]),
            vectors(&[1.5], &[1.5]).gives(&[0.0]),
            vectors(&[-1.0, 2.0, 0.5, 0.0], &[1.0, 2.0, -0.5, 4.0]).gives(&[5.25]),
            of(&[]),
            of(&[1]),
            of(&[2]),
            of(&[3]),
            of(&[7]),
            of(&[17]),
            of(&[1, 1]),
            of(&[1, 5]),
            of(&[5, 1]),
            of(&[2, 3]),
            of(&[3, 4]),
            of(&[4, 9]),
            of(&[2, 1, 3]),
            of(&[2, 3, 2]),
            of(&[1, 2, 1, 2]),
            of(&[2, 2, 2, 2]),
            of(&[40]),
            Sample::fails(MeanSquaredError, [&[3], &[3, 1]], "prediction and target differ in shape"),
            Sample::fails(MeanSquaredError, [&[2, 3], &[3, 2]], "prediction  [2, 3]"),
            Sample::timed(MeanSquaredError, [&[32, 1], &[32, 1]]),
            Sample::timed(MeanSquaredError, [&[512, 1024], &[512, 1024]]),
        ]
    }
}

struct SquaredDifference;

impl Pointwise<2> for SquaredDifference {
    #[inline(always)]
    fn apply<T: Float>(&self, [a, b]: [T; 2]) -> T {
        (a - b) * (a - b)
    }
}

struct Scale(f64);

impl Pointwise<1> for Scale {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        x * T::of(self.0)
    }
}

/// `dy · 2 (a - b) / n`, from the number 2 / n.
struct SlopeOfSquare(f64);

impl Pointwise<3> for SlopeOfSquare {
    #[inline(always)]
    fn apply<T: Float>(&self, [a, b, dy]: [T; 3]) -> T {
        dy * (a - b) * T::of(self.0)
    }
}

impl Tensor {
    /// The mean of the squared differences from a target, of shape `[]`; NaN if there are none. The shapes must be
    /// equal: that one of `[n]` and one of `[n, 1]` broadcast to `[n, n]` is hardly ever meant.
    ///
    /// `y = Σ (x - target)² / n`
    ///
    /// # Panics
    /// If the shapes differ.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let prediction = Tensor::from([10.0, 8.0, 6.0]);
    /// assert_eq!(prediction.mean_squared_error(&Tensor::from([20.0, 3.0, 1.0])).item(), 50.0);
    /// ```
    #[track_caller]
    pub fn mean_squared_error(&self, target: &Tensor) -> Tensor {
        apply(MeanSquaredError, [self, target])
    }
}
