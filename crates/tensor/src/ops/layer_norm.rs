//! Layer normalisation: each row brought to mean 0 and variance 1, then scaled and shifted. Batch normalisation, whose
//! derivative has the same form, is in `batch_norm.rs`.

use std::ops::Range;

use wengert_array::{Array, Axes, Blocks, DType, Float, Mismatch, Per, Rows, Shape};
use wengert_array::{Reduce, blocks, reduce, row_sum, rows};

use super::reduction::Over;
use crate::algebra::guarded_product;
use crate::catalogue::catalogue;
use crate::{IntoAxes, Needs, Op, Operand, Sample, Tensor, apply};

catalogue![LayerNorm];

/// y = γ x̂ + β, x̂ = (x - mean x) / √(var x + ε),  dx = (g - mean g - x̂ mean(g x̂)) / √(var x + ε), g = γ dy
///
/// Mean and variance go over the last axes. dγ = Σ dy x̂, dβ = Σ dy.
#[derive(Clone, Debug)]
pub(crate) struct LayerNorm {
    n_axes: usize,
    eps: f64,
}

impl LayerNorm {
    /// Not generic, as its caller is: compiled here, once.
    #[track_caller]
    fn of(self, xs: [&Tensor; 3]) -> Tensor {
        apply(self, xs)
    }
}

impl Op<3> for LayerNorm {
    const NAME: &'static str = "layer_norm";
    const NEEDS: [Needs; 3] = [Needs::input(0).and(Needs::input(1)), Needs::input(0), Needs::NONE];

    fn shape(&self, [x, gamma, beta]: [&Shape; 3]) -> Result<Shape, Mismatch> {
        if x.len() < self.n_axes {
            return Err(
                Mismatch::new(format!("there are not {} axes to normalise over", self.n_axes)).row("x", x)
            );
        }
        let last = self.last_axes(x);
        for (name, given) in [("scale", gamma), ("offset", beta)] {
            if !Shape::broadcast(&[given, &last]).is_ok_and(|joined| joined == last) {
                return Err(Mismatch::new(format!("the {name} does not fit the axes normalised over"))
                    .row("x", x)
                    .row(name, given)
                    .note(format!("expected {last}")));
            }
        }
        Ok(*x)
    }

    fn forward(&self, xs: [&Array; 3], shape: &Shape) -> Array {
        let [x, gamma, beta] = self.matrices(xs, common_dtype(&xs));
        let row = Row { gamma: &gamma, beta: &beta, eps: self.eps };
        let [y] = rows(&row, [&x], [x.shape()[1]]);
        y.reshape(*shape)
    }

    fn vjp(&self, arg: usize, [x, gamma, _]: [&Tensor; 3], _: &Tensor, dy: &Tensor) -> Tensor {
        let standardised = || {
            let [one, zero] = [1.0, 0.0].map(|number| Tensor::scalar(number, dy.dtype()));
            apply(self.clone(), [x, &one, &zero])
        };
        match arg {
            0 => standardised_rule(x, &standardised(), &dy.guarded_mul(gamma), self.over(x.rank()), self.eps),
            1 => dy.guarded_mul(&standardised()),
            _ => dy.clone(),
        }
    }

    fn vjp_kernel(
        &self,
        wanted: [bool; 3],
        [x, gamma, _]: [&Array; 3],
        _: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 3]> {
        let (shape, last) = (*x.shape(), self.last_axes(x.shape()));
        let [x, gamma, _] = self.matrices([x, gamma, &Array::scalar(0.0, dy.dtype())], dy.dtype());
        let dy = dy.reshape(*x.shape());
        let width = x.shape()[1];
        let width_if = |is_wanted: bool| if is_wanted { width } else { 0 };
        let results =
            [Per::Row(width_if(wanted[0])), Per::Block(width_if(wanted[1])), Per::Block(width_if(wanted[2]))];
        let [dx, dgamma, dbeta] = blocks(&RowRule { gamma: &gamma, eps: self.eps }, [&x, &dy], results);
        let sum = |parts: &Array| reduce(parts, Axes::of(&[0]), Reduce::Sum).reshape(last);
        Some([
            wanted[0].then(|| dx.reshape(shape)),
            wanted[1].then(|| sum(&dgamma)),
            wanted[2].then(|| sum(&dbeta)),
        ])
    }

    /// The mean, the centred squares, the quotient, the scale and the offset.
    fn flops(&self, [x, ..]: [&Shape; 3], _: &Shape) -> u64 {
        8 * x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 3>> {
        let op = |n_axes, eps| LayerNorm { n_axes, eps };
        let of = |n_axes, shapes: [&[usize]; 3]| Sample::random(op(n_axes, 0.1), shapes);
        let row = |x: &[f64], [gamma, beta]: [f64; 2], eps| {
            let numbers = [gamma, beta].map(|number| Array::scalar(number, DType::F64));
            let [gamma, beta] = numbers;
            Sample::new(op(1, eps), [Array::from_slice(x, [x.len()]), gamma, beta])
        };
        let nan = f64::NAN;
        vec![
            row(&[1.0, 3.0], [1.0, 0.0], 0.0).gives(&[-1.0, 1.0]).with_derivatives([
                &[0.0; 2],
                &[0.0],
                &[2.0],
            ]),
            row(&[1.0, 5.0], [2.0, 0.5], 12.0).gives(&[-0.5, 1.5]).with_derivatives([
                &[0.0; 2],
                &[0.0],
                &[2.0],
            ]),
            row(&[0.1; 3], [2.0, 0.5], 1e-5).gives(&[0.5; 3]).with_derivatives([&[0.0; 3], &[0.0], &[3.0]]),
            row(&[7.0], [2.0, 0.5], 1e-5).gives(&[0.5]).with_derivatives([&[0.0], &[0.0], &[1.0]]),
            row(&[1e9, 1e9 + 2.0], [3.0, 1.0], 0.0).gives(&[-2.0, 4.0]).with_derivatives([
                &[0.0; 2],
                &[0.0],
                &[2.0],
            ]),
            row(&[0.0, nan, 1.0], [1.0, 0.0], 1e-5).gives(&[nan; 3]).with_derivatives([
                &[nan; 3],
                &[nan],
                &[3.0],
            ]),
            row(&[f64::INFINITY, 1.0], [1.0, 0.0], 1e-5).gives(&[nan; 2]).with_derivatives([
                &[nan; 2],
                &[nan],
                &[2.0],
            ]),
            row(&[], [1.0, 0.0], 1e-5).gives(&[]).with_derivatives([&[], &[0.0], &[0.0]]),
            of(1, [&[3], &[3], &[3]]),
            of(1, [&[2, 4], &[4], &[4]]),
            of(1, [&[2, 4], &[], &[]]),
            of(1, [&[2, 4], &[1], &[4]]),
            of(1, [&[3, 1], &[1], &[1]]),
            of(1, [&[0, 3], &[3], &[3]]),
            of(1, [&[2, 0], &[0], &[0]]),
            of(1, [&[2, 2, 3], &[3], &[3]]),
            of(2, [&[2, 2, 3], &[2, 3], &[2, 3]]),
            of(2, [&[2, 2, 3], &[3], &[2, 1]]),
            of(3, [&[2, 2, 3], &[2, 2, 3], &[]]),
            of(2, [&[2, 1, 3], &[1, 3], &[1, 3]]),
            of(1, [&[2, 3, 1, 2], &[2], &[2]]),
            of(1, [&[2, 40], &[40], &[40]]),
            of(1, [&[70, 2], &[2], &[2]]),
            of(1, [&[1, 3], &[3], &[]]),
            Sample::fails(op(2, 0.1), [&[3], &[3], &[3]], "there are not 2 axes to normalise over"),
            Sample::fails(op(1, 0.1), [&[2, 3], &[2], &[3]], "the scale does not fit"),
            Sample::fails(op(1, 0.1), [&[2, 3], &[2, 3], &[3]], "the scale does not fit"),
            Sample::fails(op(1, 0.1), [&[2, 1], &[1], &[3]], "the offset does not fit"),
            Sample::timed(op(1, 1e-5), [&[128, 512], &[512], &[512]]),
        ]
    }
}

impl LayerNorm {
    fn last_axes(&self, x: &Shape) -> Shape {
        Shape::from(&x[x.len() - self.n_axes..])
    }

    fn over(&self, rank: usize) -> Over {
        let axes: Vec<usize> = (rank - self.n_axes..rank).collect();
        Over { axes: Axes::of(&axes), keep: true }
    }

    /// The operand with rows of what is normalised together, and scale and offset as one such row.
    fn matrices(&self, [x, gamma, beta]: [&Array; 3], dtype: DType) -> [Array; 3] {
        let last = self.last_axes(x.shape());
        let n_rows = x.shape()[..x.rank() - self.n_axes].iter().product();
        let row =
            |x: &Array| x.cast(dtype).broadcast_to(last).contiguous().reshape(Shape::from([last.size()]));
        [x.cast(dtype).reshape(Shape::from([n_rows, last.size()])), row(gamma), row(beta)]
    }
}

/// The derivative of what is brought to mean 0 and variance 1: `g` is the derivative that arrives at `standardised`.
pub(super) fn standardised_rule(
    x: &Tensor,
    standardised: &Tensor,
    g: &Tensor,
    over: Over,
    eps: f64,
) -> Tensor {
    let axes: Vec<usize> = over.axes.iter().collect();
    let mean = |x: &Tensor| x.mean_keep(&axes[..]);
    let along = mean(&g.guarded_mul(standardised)).guarded_mul(standardised);
    (g - mean(g) - along).guarded_mul(&(x.var_keep(&axes[..], 0) + eps).rsqrt())
}

/// The type that holds the values of all.
pub(super) fn common_dtype(xs: &[&Array]) -> DType {
    xs.iter().fold(DType::F32, |dtype, x| dtype.promote(x.dtype()))
}

/// The elements of a row of parameters.
#[inline(always)]
pub(super) fn elements<T: Float>(parameters: &Array) -> &[T] {
    parameters.as_slice().expect("contiguous and of the common type")
}

/// Where the elements of a row lie, and how far apart. The mean is that of the distances from `shift`, so that it is
/// known to the precision of these, and equal elements have the variance 0 without rounding.
#[derive(Clone, Copy)]
struct Moments<T> {
    shift: T,
    mean: T,
    inverse: T,
}

impl<T: Float> Moments<T> {
    #[inline(always)]
    fn of(x: &[T], eps: f64) -> Self {
        let Some(&shift) = x.first() else {
            return Moments { shift: T::nan(), mean: T::nan(), inverse: T::nan() };
        };
        let n = T::of(x.len() as f64);
        let mean = row_sum([x], |[x]| x - shift) / n;
        let centred = |[x]: [T; 1]| x - shift - mean;
        let variance = row_sum([x], |x| centred(x) * centred(x)) / n;
        Moments { shift, mean, inverse: (variance + T::of(eps)).sqrt().recip() }
    }

    #[inline(always)]
    fn standardise(self, x: T) -> T {
        (x - self.shift - self.mean) * self.inverse
    }
}

struct Row<'a> {
    gamma: &'a Array,
    beta: &'a Array,
    eps: f64,
}

impl Rows<1, 1> for Row<'_> {
    const COST: usize = 4;
    #[inline(always)]
    fn apply<T: Float>(&self, _: usize, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        let moments = Moments::of(x, self.eps);
        let parameters = elements(self.gamma).iter().zip(elements(self.beta));
        for ((y, &x), (&gamma, &beta)) in y.iter_mut().zip(x).zip(parameters) {
            *y = moments.standardise(x) * gamma + beta;
        }
    }
}

struct RowRule<'a> {
    gamma: &'a Array,
    eps: f64,
}

impl Blocks<2, 3> for RowRule<'_> {
    const COST: usize = 6;
    #[inline(always)]
    fn apply<T: Float>(&self, rows: Range<usize>, [x, dy]: [&[T]; 2], [dx, dgamma, dbeta]: [&mut [T]; 3]) {
        let gamma = elements::<T>(self.gamma);
        let width = gamma.len();
        dgamma.fill(T::zero());
        dbeta.fill(T::zero());
        for row in 0..rows.len() {
            let (x, dy) = (&x[row * width..][..width], &dy[row * width..][..width]);
            let moments = Moments::of(x, self.eps);
            if !dx.is_empty() {
                self.input(moments, x, dy, gamma, &mut dx[row * width..][..width]);
            }
            for ((sum, &x), &dy) in dgamma.iter_mut().zip(x).zip(dy) {
                *sum += guarded_product(dy, moments.standardise(x));
            }
            for (sum, &dy) in dbeta.iter_mut().zip(dy) {
                *sum += dy;
            }
        }
    }
}

impl RowRule<'_> {
    #[inline(always)]
    fn input<T: Float>(&self, moments: Moments<T>, x: &[T], dy: &[T], gamma: &[T], dx: &mut [T]) {
        let n = T::of(x.len() as f64);
        let mean = row_sum([dy, gamma], |[dy, gamma]| guarded_product(dy, gamma)) / n;
        let along = row_sum([x, dy, gamma], |[x, dy, gamma]| {
            guarded_product(guarded_product(dy, gamma), moments.standardise(x))
        }) / n;
        for (((dx, &x), &dy), &gamma) in dx.iter_mut().zip(x).zip(dy).zip(gamma) {
            let along = guarded_product(along, moments.standardise(x));
            *dx = guarded_product(guarded_product(dy, gamma) - mean - along, moments.inverse);
        }
    }
}

impl Tensor {
    /// Layer normalisation over the last axes: what lies along them is brought to mean 0 and variance 1, then scaled and
    /// shifted. The variance is that with correction 0, and `eps` is added to it under the root (PyTorch: 1e-5,
    /// Keras: 1e-3).
    ///
    /// # Shape
    /// That of `self`; scale and offset broadcast to the axes named. A scale of 1 and an offset of 0 are none.
    ///
    /// # Gradient
    /// `dx = (g - mean g - x̂ mean(g x̂)) / √(var x + eps)` with `g = scale · dy` and the result `x̂` before the scale;
    /// those of scale and offset are the sums of `dy x̂` and `dy`. With `eps` 0, equal elements give NaN.
    ///
    /// # Panics
    /// If the axes are not the last ones, or scale or offset do not fit.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 3.0], [10.0, 30.0]]);
    /// assert_eq!(x.layer_norm(-1, 1.0, 0.0, 0.0).to_vec::<f32>(), [-1.0, 1.0, -1.0, 1.0]);
    /// let (scale, offset) = (Tensor::from([1.0, 2.0]), Tensor::from([0.5, 0.0]));
    /// assert_eq!(x.layer_norm(-1, &scale, &offset, 0.0).to_vec::<f32>(), [-0.5, 2.0, -0.5, 2.0]);
    /// ```
    ///
    /// # References
    /// J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", 2016, equation 4.
    #[track_caller]
    pub fn layer_norm<'a>(
        &self,
        axes: impl IntoAxes,
        scale: impl Into<Operand<'a>>,
        offset: impl Into<Operand<'a>>,
        eps: f64,
    ) -> Tensor {
        let over = axes.resolve("layer_norm", self.shape());
        let n_axes = over.iter().count();
        let last: Vec<usize> = (self.rank() - n_axes..self.rank()).collect();
        assert!(
            over == Axes::of(&last),
            "layer_norm: {axes:?} are not the last axes\n  given   {}\n  help: `permute` brings them there",
            self.shape()
        );
        let parameter = |given: Operand<'_>| given.tensor(self.dtype());
        LayerNorm { n_axes, eps }.of([self, &parameter(scale.into()), &parameter(offset.into())])
    }
}
