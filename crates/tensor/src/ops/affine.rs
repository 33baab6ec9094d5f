//! The dense layer as one operation: a matrix product, a bias, and perhaps the rectifier.

use wengert_array::{Array, Mismatch, Shape, Transposed, affine, matmul_transposed, sum_to};

use super::matmul::merge_rows;
use super::rectifier::Relu;
use crate::catalogue::catalogue;
use crate::{Algebra, Needs, Op, Sample, Tensor, apply};

catalogue![Affine, AffineRelu];

/// y = x W + b,  dx = dy Wᵀ, dW = xᵀ dy, db = Σ dy
#[derive(Clone, Debug)]
pub(crate) struct Affine;

/// y = max(x W + b, 0),  dx = ds Wᵀ, dW = xᵀ ds, db = Σ ds with ds = dy where y > 0, else 0
///
/// Other activations stay operations of their own: their slopes want digits of x W + b that y has lost.
#[derive(Clone, Debug)]
pub(crate) struct AffineRelu;

impl Op<3> for Affine {
    const NAME: &'static str = "affine";
    const NEEDS: [Needs; 3] = [Needs::input(1), Needs::input(0), Needs::NONE];

    fn shape(&self, [x, weight, bias]: [&Shape; 3]) -> Result<Shape, Mismatch> {
        Shape::affine(x, weight, Some(bias))
    }

    fn forward(&self, [x, weight, bias]: [&Array; 3], _: &Shape) -> Array {
        affine(x, weight, Some(bias), false)
    }

    fn vjp(&self, arg: usize, [x, weight, _]: [&Tensor; 3], _: &Tensor, dy: &Tensor) -> Tensor {
        derivative(arg, x, weight, dy)
    }

    fn vjp_kernel(
        &self,
        wanted: [bool; 3],
        xs: [&Array; 3],
        _: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 3]> {
        Some(derivatives(wanted, xs, dy))
    }

    fn flops(&self, [x, ..]: [&Shape; 3], y: &Shape) -> u64 {
        (y.size() * (2 * x[x.len() - 1] + 1)) as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 3>> {
        samples(Affine, &[3.5, -2.75, 7.5, -6.75])
    }
}

impl Op<3> for AffineRelu {
    const NAME: &'static str = "affine_relu";
    const NEEDS: [Needs; 3] =
        [Needs::input(1).and(Needs::OUTPUT), Needs::input(0).and(Needs::OUTPUT), Needs::OUTPUT];

    fn shape(&self, [x, weight, bias]: [&Shape; 3]) -> Result<Shape, Mismatch> {
        Shape::affine(x, weight, Some(bias))
    }

    fn forward(&self, [x, weight, bias]: [&Array; 3], _: &Shape) -> Array {
        affine(x, weight, Some(bias), true)
    }

    fn vjp(&self, arg: usize, [x, weight, _]: [&Tensor; 3], y: &Tensor, dy: &Tensor) -> Tensor {
        derivative(arg, x, weight, &dy.guarded_mul(&y.is_positive()))
    }

    fn vjp_kernel(
        &self,
        wanted: [bool; 3],
        xs: [&Array; 3],
        y: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 3]> {
        let [ds] = Relu.vjp_kernel([true], [y], y, dy)?;
        Some(derivatives(wanted, xs, &ds?))
    }

    fn flops(&self, [x, ..]: [&Shape; 3], y: &Shape) -> u64 {
        (y.size() * (2 * x[x.len() - 1] + 2)) as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 3>> {
        samples(AffineRelu, &[3.5, 0.0, 7.5, 0.0])
    }
}

/// The rule of one argument, from the derivative of x W + b.
fn derivative(arg: usize, x: &Tensor, weight: &Tensor, ds: &Tensor) -> Tensor {
    match arg {
        0 => ds.matmul(&weight.t()),
        1 => x.t().matmul(ds),
        _ => ds.clone(),
    }
}

/// All of them as products of matrices: the rows of a batch are rows of one matrix.
fn derivatives(wanted: [bool; 3], [x, weight, bias]: [&Array; 3], ds: &Array) -> [Option<Array>; 3] {
    if x.rank() > 2 {
        let [dx, dweight, dbias] = derivatives(wanted, [&merge_rows(x), weight, bias], &merge_rows(ds));
        return [dx.map(|dx| dx.reshape(*x.shape())), dweight, dbias];
    }
    [
        wanted[0].then(|| matmul_transposed(ds, weight, Transposed::Right)),
        wanted[1].then(|| matmul_transposed(x, ds, Transposed::Left)),
        wanted[2].then(|| sum_to(ds, bias.shape())),
    ]
}

#[inline]
fn samples<O: Op<3>>(op: O, value: &[f64]) -> Vec<Sample<O, 3>> {
    let of =
        |x: &[usize], n_in: usize, n_out: usize| Sample::random(op.clone(), [x, &[n_in, n_out], &[n_out]]);
    let fails = |shapes: [&[usize]; 3], message| Sample::fails(op.clone(), shapes, message);
    let exact = Sample::new(
        op.clone(),
        [
            Array::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2]),
            Array::from_vec(vec![1.0, -1.0, 1.0, -1.0], [2, 2]),
            Array::from_vec(vec![0.5, 0.25], [2]),
        ],
    );
    vec![
        exact.gives(value),
        of(&[2, 3], 3, 4),
        of(&[1, 3], 3, 1),
        of(&[3, 1], 1, 2),
        of(&[1, 1], 1, 1),
        of(&[2, 2, 3], 3, 2),
        of(&[2, 1, 2, 3], 3, 2),
        of(&[1, 1, 3], 3, 2),
        of(&[0, 3], 3, 2),
        of(&[2, 0], 0, 3),
        of(&[2, 3], 3, 0),
        of(&[0, 2, 3], 3, 2),
        of(&[2, 2, 0], 0, 2),
        of(&[17, 5], 5, 9),
        of(&[5, 17], 17, 3),
        of(&[9, 2], 2, 17),
        of(&[3, 3], 3, 3),
        of(&[4, 4], 4, 1),
        of(&[1, 4], 4, 4),
        of(&[3, 2, 5], 5, 3),
        fails([&[2, 3], &[2, 3], &[3]], "inner sizes differ"),
        fails([&[2, 3], &[3, 4], &[3]], "expected [4]"),
        fails([&[2, 3], &[3, 4], &[1, 4]], "expected [4]"),
        fails([&[2, 2, 3], &[2, 3, 4], &[4]], "the weight is no matrix"),
        Sample::timed(op.clone(), [&[32, 100], &[100, 100], &[100]]),
        Sample::timed(op.clone(), [&[128, 784], &[784, 512], &[512]]),
    ]
}

impl Tensor {
    /// A dense layer, `y = x W + b`, as one operation.
    ///
    /// # Shape
    /// `[..., n_in]`, weight `[n_in, n_out]`, bias `[n_out]` → `[..., n_out]`
    ///
    /// # Gradient
    /// `dx = dy Wᵀ`, `dW = xᵀ dy`, `db = Σ dy` over the rows
    ///
    /// # Panics
    /// If the sizes do not fit, or the input is a number.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let (weight, bias) = (Tensor::from([[3.0], [4.0]]), Tensor::from([0.5]));
    /// assert_eq!(Tensor::from([[1.0, 2.0]]).affine(&weight, &bias).item(), 11.5);
    /// ```
    #[track_caller]
    pub fn affine(&self, weight: &Tensor, bias: &Tensor) -> Tensor {
        match self.rank() {
            1 => self.matmul(weight) + bias,
            _ => apply(Affine, [self, weight, bias]),
        }
    }

    /// A dense layer with a rectifier, `y = max(x W + b, 0)`, as one operation: [`affine`](Tensor::affine) and
    /// [`relu`](Tensor::relu).
    ///
    /// # Shape
    /// `[..., n_in]`, weight `[n_in, n_out]`, bias `[n_out]` → `[..., n_out]`
    ///
    /// # Panics
    /// As [`affine`](Tensor::affine).
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let (weight, bias) = (Tensor::from([[3.0, -3.0]]), Tensor::from([0.5, 0.5]));
    /// assert_eq!(Tensor::from([[1.0]]).affine_relu(&weight, &bias).to_vec::<f32>(), [3.5, 0.0]);
    /// ```
    #[track_caller]
    pub fn affine_relu(&self, weight: &Tensor, bias: &Tensor) -> Tensor {
        match self.rank() {
            1 => (self.matmul(weight) + bias).relu(),
            _ => apply(AffineRelu, [self, weight, bias]),
        }
    }
}
