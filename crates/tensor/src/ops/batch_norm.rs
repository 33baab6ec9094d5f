//! Batch normalisation: each feature brought to mean 0 and variance 1 over all other axes, then scaled and shifted, and
//! what the batch says of mean and variance. Its passes over memory are in `features.rs`.

use std::sync::Arc;

use wengert_array::{Array, Axes, DType, Mismatch, Shape};

use super::features::{Features, Moments};
use super::layer_norm::{common_dtype, standardised_rule};
use super::reduction::Over;
use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Needs, Op, Operand, Sample, Tensor, apply};

catalogue![BatchNorm];

/// y = γ x̂ + β, x̂ = (x - mean x) / √(var x + ε),  dx = (g - mean g - x̂ mean(g x̂)) / √(var x + ε), g = γ dy
///
/// Mean and variance of a feature go over all axes but one. dγ = Σ dy x̂, dβ = Σ dy.
#[derive(Clone)]
pub(crate) struct BatchNorm {
    axis: usize,
    eps: f64,
    /// Those of the operand, where they have been computed before.
    moments: Option<Arc<Moments>>,
}

impl Op<3> for BatchNorm {
    const NAME: &'static str = "batch_norm";
    const NEEDS: [Needs; 3] = [Needs::input(0).and(Needs::input(1)), Needs::input(0), Needs::NONE];

    fn shape(&self, [x, gamma, beta]: [&Shape; 3]) -> Result<Shape, Mismatch> {
        if self.axis >= x.len() {
            return Err(Mismatch::new(format!("there is no axis {} of features", self.axis)).row("x", x));
        }
        let features = Shape::from([x[self.axis]]);
        for (name, given) in [("scale", gamma), ("offset", beta)] {
            if !Shape::broadcast(&[given, &features]).is_ok_and(|joined| joined == features) {
                return Err(Mismatch::new(format!("the {name} does not fit the features"))
                    .row("x", x)
                    .row(name, given)
                    .note(format!("expected {features}")));
            }
        }
        Ok(*x)
    }

    fn forward(&self, xs: [&Array; 3], shape: &Shape) -> Array {
        let [x, gamma, beta] = xs;
        let x = Features::of(x, self.axis, common_dtype(&xs));
        x.normalised(&self.moments_of(&x), self.eps, [gamma, beta]).reshape(*shape)
    }

    fn vjp(&self, arg: usize, [x, gamma, _]: [&Tensor; 3], _: &Tensor, dy: &Tensor) -> Tensor {
        let standardised = || {
            let [one, zero] = [1.0, 0.0].map(|number| Tensor::scalar(number, dy.dtype()));
            apply(self.clone(), [x, &one, &zero])
        };
        let n_features = x.shape()[self.axis];
        let others: Vec<usize> = (0..x.rank()).filter(|&axis| axis != self.axis).collect();
        match arg {
            0 => {
                let aligned = others.iter().fold(*x.shape(), |shape, &axis| shape.with(axis, 1));
                let g = dy.guarded_mul(&gamma.broadcast_to([n_features]).reshape(aligned));
                let over = Over { axes: Axes::of(&others), keep: true };
                standardised_rule(x, &standardised(), &g, over, self.eps)
            }
            1 => dy.guarded_mul(&standardised()).sum_axes(&others[..]),
            _ => dy.sum_axes(&others[..]),
        }
    }

    fn vjp_kernel(
        &self,
        wanted: [bool; 3],
        [x, gamma, _]: [&Array; 3],
        _: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 3]> {
        let shape = *x.shape();
        let [x, dy] = [x, &*dy].map(|x| Features::of(x, self.axis, dy.dtype()));
        let moments = self.moments_of(&x);
        let sums = x.sums_beside(&dy, &moments);
        Some([
            wanted[0].then(|| x.derivative(&dy, &moments, self.eps, &sums, gamma).reshape(shape)),
            wanted[1].then(|| sums.of_scale(&moments, self.eps, dy.dtype())),
            wanted[2].then(|| sums.of_offset(dy.dtype())),
        ])
    }

    /// The mean, the centred squares, the quotient, the scale and the offset.
    fn flops(&self, [x, ..]: [&Shape; 3], _: &Shape) -> u64 {
        8 * x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 3>> {
        let op = |axis, eps| BatchNorm { axis, eps, moments: None };
        let of = |axis, shapes: [&[usize]; 3]| Sample::random(op(axis, 0.1), shapes);
        // One feature, in a column or in a row.
        let column = |x: &[f64], [gamma, beta]: [f64; 2], eps| {
            let [gamma, beta] = [gamma, beta].map(|number| Array::scalar(number, DType::F64));
            Sample::new(op(1, eps), [Array::from_slice(x, [x.len(), 1]), gamma, beta])
        };
        let row = |x: &[f64], [gamma, beta]: [f64; 2], eps| {
            let [gamma, beta] = [gamma, beta].map(|number| Array::scalar(number, DType::F64));
            Sample::new(op(0, eps), [Array::from_slice(x, [1, x.len()]), gamma, beta])
        };
        let nan = f64::NAN;
        vec![
            column(&[1.0, 3.0], [1.0, 0.0], 0.0).gives(&[-1.0, 1.0]).with_derivatives([
                &[0.0; 2],
                &[0.0],
                &[2.0],
            ]),
            column(&[1.0, 5.0], [2.0, 0.5], 12.0).gives(&[-0.5, 1.5]).with_derivatives([
                &[0.0; 2],
                &[0.0],
                &[2.0],
            ]),
            row(&[1.0, 5.0], [2.0, 0.5], 12.0).gives(&[-0.5, 1.5]).with_derivatives([
                &[0.0; 2],
                &[0.0],
                &[2.0],
            ]),
            column(&[0.1; 3], [2.0, 0.5], 1e-5).gives(&[0.5; 3]).with_derivatives([
                &[0.0; 3],
                &[0.0],
                &[3.0],
            ]),
            row(&[0.1; 3], [2.0, 0.5], 1e-5).gives(&[0.5; 3]).with_derivatives([&[0.0; 3], &[0.0], &[3.0]]),
            column(&[7.0], [2.0, 0.5], 1e-5).gives(&[0.5]).with_derivatives([&[0.0], &[0.0], &[1.0]]),
            column(&[1e9, 1e9 + 2.0], [3.0, 1.0], 0.0).gives(&[-2.0, 4.0]).with_derivatives([
                &[0.0; 2],
                &[0.0],
                &[2.0],
            ]),
            row(&[1e9, 1e9 + 2.0], [3.0, 1.0], 0.0).gives(&[-2.0, 4.0]).with_derivatives([
                &[0.0; 2],
                &[0.0],
                &[2.0],
            ]),
            column(&[0.0, nan, 1.0], [1.0, 0.0], 1e-5).gives(&[nan; 3]).with_derivatives([
                &[nan; 3],
                &[nan],
                &[3.0],
            ]),
            row(&[0.0, nan, 1.0], [1.0, 0.0], 1e-5).gives(&[nan; 3]).with_derivatives([
                &[nan; 3],
                &[nan],
                &[3.0],
            ]),
            column(&[], [1.0, 0.0], 1e-5).gives(&[]).with_derivatives([&[], &[0.0], &[0.0]]),
            of(0, [&[3], &[3], &[3]]),
            of(1, [&[4, 3], &[3], &[3]]),
            of(0, [&[3, 4], &[3], &[3]]),
            of(1, [&[4, 3], &[], &[]]),
            of(0, [&[3, 4], &[1], &[3]]),
            of(1, [&[3, 1], &[1], &[1]]),
            of(1, [&[1, 3], &[3], &[3]]),
            of(1, [&[0, 3], &[3], &[3]]),
            of(1, [&[2, 0], &[0], &[0]]),
            of(1, [&[2, 3, 0], &[3], &[3]]),
            of(1, [&[2, 3, 2], &[3], &[3]]),
            of(2, [&[2, 3, 2], &[2], &[2]]),
            of(0, [&[2, 3, 2], &[2], &[]]),
            of(1, [&[2, 3, 1], &[3], &[3]]),
            of(1, [&[2, 2, 2, 2], &[2], &[2]]),
            of(1, [&[1, 2, 40], &[2], &[2]]),
            of(1, [&[70, 2], &[2], &[2]]),
            Sample::fails(op(1, 0.1), [&[3], &[3], &[3]], "there is no axis 1 of features"),
            Sample::fails(op(1, 0.1), [&[3, 2], &[3], &[2]], "the scale does not fit"),
            Sample::fails(op(1, 0.1), [&[3, 2], &[1, 2], &[2]], "the scale does not fit"),
            Sample::fails(op(1, 0.1), [&[2, 1], &[1], &[2]], "the offset does not fit"),
            Sample::timed(op(1, 1e-5), [&[128, 512], &[512], &[512]]),
            Sample::timed(op(1, 1e-5), [&[8, 16, 32, 32], &[16], &[16]]),
        ]
    }
}

impl BatchNorm {
    fn moments_of(&self, x: &Features) -> Arc<Moments> {
        self.moments.clone().unwrap_or_else(|| Arc::new(x.moments()))
    }
}

impl Tensor {
    /// Batch normalisation, as in training: each feature is brought to mean 0 and variance 1 over all axes but that of the
    /// features, then scaled and shifted. The variance is that with correction 0, and `eps` is added to it under the
    /// root (PyTorch: 1e-5, Keras: 1e-3). Features lie on axis -1 in Keras and on axis 1 in PyTorch.
    ///
    /// # Shape
    /// That of `self`; scale and offset have one element for each feature, or are numbers. A scale of 1 and an offset
    /// of 0 are none.
    ///
    /// # Gradient
    /// `dx = (g - mean g - x̂ mean(g x̂)) / √(var x + eps)` with `g = scale · dy` and the result `x̂` before the scale;
    /// those of scale and offset are the sums of `dy x̂` and `dy`. With `eps` 0, equal elements give NaN.
    ///
    /// # Panics
    /// If the axis does not exist, or scale or offset do not fit.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 10.0], [3.0, 30.0]]);
    /// assert_eq!(x.batch_norm(-1, 1.0, 0.0, 0.0).to_vec::<f32>(), [-1.0, -1.0, 1.0, 1.0]);
    /// let scale = Tensor::from([1.0, 2.0]);
    /// assert_eq!(x.batch_norm(-1, &scale, 0.5, 0.0).to_vec::<f32>(), [-0.5, -1.5, 1.5, 2.5]);
    /// ```
    ///
    /// # References
    /// S. Ioffe, C. Szegedy, "Batch normalization", 2015, algorithm 1.
    #[track_caller]
    pub fn batch_norm<'a>(
        &self,
        axis: isize,
        scale: impl Into<Operand<'a>>,
        offset: impl Into<Operand<'a>>,
        eps: f64,
    ) -> Tensor {
        self.batch_norm_of(axis, scale.into(), offset.into(), eps).0
    }

    /// [`batch_norm`](Tensor::batch_norm), and the mean and the variance (with correction 0) of each feature in this
    /// batch, for who keeps running statistics. They are not tracked.
    ///
    /// # Shape
    /// Mean and variance: `[n_features]`.
    ///
    /// # Panics
    /// As [`batch_norm`](Tensor::batch_norm).
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 10.0], [3.0, 30.0]]);
    /// let (_, mean, variance) = x.batch_norm_with_moments(-1, 1.0, 0.0, 1e-3);
    /// assert_eq!(mean.to_vec::<f32>(), [2.0, 20.0]);
    /// assert_eq!(variance.to_vec::<f32>(), [1.0, 100.0]);
    /// ```
    #[track_caller]
    pub fn batch_norm_with_moments<'a>(
        &self,
        axis: isize,
        scale: impl Into<Operand<'a>>,
        offset: impl Into<Operand<'a>>,
        eps: f64,
    ) -> (Tensor, Tensor, Tensor) {
        let (y, moments) = self.batch_norm_of(axis, scale.into(), offset.into(), eps);
        let (mean, variance) = (moments.mean(y.dtype()), moments.variance(y.dtype()));
        (y, mean.into(), variance.into())
    }

    #[track_caller]
    fn batch_norm_of(
        &self,
        axis: isize,
        scale: Operand<'_>,
        offset: Operand<'_>,
        eps: f64,
    ) -> (Tensor, Arc<Moments>) {
        let axis = resolve_axis("batch_norm", axis, self.shape());
        let [scale, offset] = [scale, offset].map(|given| given.tensor(self.dtype()));
        let xs = [self, &scale, &offset];
        let x = Features::of(self.array(), axis, common_dtype(&xs.map(Tensor::array)));
        let moments = Arc::new(x.moments());
        (apply(BatchNorm { axis, eps, moments: Some(moments.clone()) }, xs), moments)
    }
}
