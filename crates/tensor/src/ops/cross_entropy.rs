//! Cross-entropy between logits and classes, fused with the softmax so that it is exact for any logits.

use std::f64::consts::LN_2;
use std::ops::Range;

use wengert_array::{Array, Blocks, Float, Indices, Mismatch, Per, Shape, blocks, row_sum};

use super::softmax::{Mass, as_matrix, softmax_rows, width};
use crate::algebra::guarded_product;
use crate::catalogue::catalogue;
use crate::{Needs, Op, Sample, Tensor, apply};

catalogue![CrossEntropy, SparseCrossEntropy];

/// yᵣ = -Σⱼ tᵣⱼ ln softmax(xᵣ)ⱼ,  dx = dy (softmax(x) Σ t - t), dt = -dy ln softmax(x)
#[derive(Clone, Debug)]
pub(crate) struct CrossEntropy;

impl CrossEntropy {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Op<2> for CrossEntropy {
    const NAME: &'static str = "cross_entropy";
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::input(1)), Needs::input(0)];

    fn shape(&self, [x, t]: [&Shape; 2]) -> Result<Shape, Mismatch> {
        if x.is_empty() || x != t {
            return Err(Mismatch::new("logits and target probabilities differ in shape")
                .row("logits", x)
                .row("target", t));
        }
        Ok(x.without(x.len() - 1))
    }

    fn forward(&self, xs: [&Array; 2], shape: &Shape) -> Array {
        let [y] = blocks(self, xs.map(as_matrix).each_ref(), [Per::Row(1)]);
        y.reshape(*shape)
    }

    fn vjp(&self, arg: usize, [x, t]: [&Tensor; 2], _: &Tensor, dy: &Tensor) -> Tensor {
        let slope = if arg == 0 { x.softmax(-1) * t.sum_keep(-1) - t } else { -x.log_softmax(-1) };
        dy.unsqueeze(-1).guarded_mul(&slope)
    }

    fn vjp_kernel(
        &self,
        wanted: [bool; 2],
        [x, t]: [&Array; 2],
        _: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 2]> {
        if wanted[1] {
            return None;
        }
        let xs = [as_matrix(x), as_matrix(t), as_matrix(&dy.insert_axis(dy.rank()))];
        let [dx] = blocks(&CrossEntropyRule, xs.each_ref(), [Per::Row(width(x.shape()))]);
        Some([Some(dx.reshape(*x.shape())), None])
    }

    /// A logarithm of the softmax, the products with the target and their sum.
    fn flops(&self, [x, _]: [&Shape; 2], _: &Shape) -> u64 {
        7 * x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let of = |shape: &[usize]| Sample::between(CrossEntropy, [shape, shape], [(-2.0, 2.0), (0.0, 1.0)]);
        let row = |x: [f64; 2], t: [f64; 2]| {
            Sample::new(CrossEntropy, [x, t].map(|v| Array::from_vec(v.to_vec(), [1, 2])))
        };
        vec![
            row([0.0, 0.0], [1.0, 0.0]).gives(&[LN_2]),
            row([7.0, 7.0], [0.5, 0.5]).gives(&[LN_2]).with_derivatives([&[0.0; 2], &[LN_2; 2]]),
            row([0.0, 3_f64.ln()], [0.0, 1.0]).gives(&[2.0 * LN_2 - 3_f64.ln()]),
            row([0.0, 0.0], [3.0, 1.0]).gives(&[4.0 * LN_2]).with_derivatives([&[-1.0, 1.0], &[LN_2; 2]]),
            row([2.0, -1.0], [0.0, 0.0]).gives(&[0.0]),
            row([500.0, -500.0], [0.0, 1.0])
                .gives(&[1000.0])
                .with_derivatives([&[1.0, -1.0], &[0.0, 1000.0]]),
            row([1e4, -1e4], [1.0, 0.0]).gives(&[0.0]).with_derivatives([&[0.0, 0.0], &[0.0, 2e4]]),
            row([-1e4, -1e4], [0.25, 0.75]).gives(&[LN_2]).with_derivatives([&[0.25, -0.25], &[LN_2; 2]]),
            row([f64::NEG_INFINITY, 3.0], [0.0, 1.0])
                .gives(&[0.0])
                .with_derivatives([&[0.0, 0.0], &[f64::INFINITY, 0.0]]),
            row([f64::NAN, 0.0], [1.0, 0.0])
                .gives(&[f64::NAN])
                .with_derivatives([&[f64::NAN; 2], &[f64::NAN; 2]]),
            of(&[1]),
            of(&[0, 1]),
            of(&[1, 1]),
            of(&[2, 1, 4]),
            of(&[2, 0, 3]),
            of(&[3]),
            of(&[2, 4]),
            of(&[3, 1]),
            of(&[0, 3]),
            of(&[2, 2, 3]),
            of(&[1, 12]),
            of(&[5, 2]),
            Sample::fails(CrossEntropy, [&[], &[]], "logits and target probabilities"),
            Sample::fails(CrossEntropy, [&[], &[3]], "logits and target probabilities"),
            Sample::fails(CrossEntropy, [&[2, 3], &[2]], "logits and target probabilities differ in shape"),
            Sample::timed(CrossEntropy, [&[128, 10], &[128, 10]]),
        ]
    }
}

impl Blocks<2, 1> for CrossEntropy {
    const COST: usize = 6;
    #[inline(always)]
    fn apply<T: Float>(&self, rows: Range<usize>, [x, t]: [&[T]; 2], [y]: [&mut [T]; 1]) {
        let width = x.len() / rows.len();
        Mass::of_each(x, (rows.len(), width), |row, mass| {
            // A class without probability counts nothing, even where its logit is minus infinity.
            let term = |[x, t]: [T; 2]| if t == T::zero() { t } else { t * mass.ln_share(x) };
            let place = row * width..(row + 1) * width;
            y[row] = T::zero() - row_sum([&x[place.clone()], &t[place]], term);
        });
    }
}

struct CrossEntropyRule;

impl Blocks<3, 1> for CrossEntropyRule {
    const COST: usize = 6;
    #[inline(always)]
    fn apply<T: Float>(&self, rows: Range<usize>, [x, t, dy]: [&[T]; 3], [dx]: [&mut [T]; 1]) {
        let width = (x.len() / rows.len()).max(1);
        softmax_rows(x, dx, width);
        for ((dx, t), &dy) in dx.chunks_mut(width).zip(t.chunks(width)).zip(dy) {
            let sum = row_sum([t], |[t]| t);
            dx.iter_mut().zip(t).for_each(|(dx, &t)| *dx = guarded_product(dy, *dx * sum - t));
        }
    }
}

/// yᵣ = -ln softmax(xᵣ)ₖ, where k is the class of row r,  dx = dy (softmax(x) - onehot k)
#[derive(Clone, Debug)]
pub(crate) struct SparseCrossEntropy {
    classes: Indices,
}

impl SparseCrossEntropy {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, x: &Tensor) -> Tensor {
        apply(self, [x])
    }
}

impl Op<1> for SparseCrossEntropy {
    const NAME: &'static str = "sparse_cross_entropy";
    const NEEDS: [Needs; 1] = [Needs::input(0)];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        let classes = self.classes.shape();
        if x.is_empty() || x.without(x.len() - 1) != *classes {
            return Err(Mismatch::new("one class is needed for each row of logits")
                .row("logits", x)
                .row("classes", classes));
        }
        let n_classes = x[x.len() - 1];
        match self.classes.max() {
            Some(largest) if largest >= n_classes => {
                let title = format!("class {largest} does not exist");
                Err(Mismatch::new(&title).row("logits", x).note(format!("classes 0..{n_classes}")))
            }
            _ => Ok(*classes),
        }
    }

    fn forward(&self, xs: [&Array; 1], shape: &Shape) -> Array {
        let [y] = blocks(self, xs.map(as_matrix).each_ref(), [Per::Row(1)]);
        y.reshape(*shape)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        let one_hot = Tensor::one_hot(&self.classes, x.shape()[x.rank() - 1]).cast(x.dtype());
        dy.unsqueeze(-1).guarded_mul(&(x.softmax(-1) - one_hot))
    }

    fn vjp_kernel(
        &self,
        _: [bool; 1],
        [x]: [&Array; 1],
        _: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 1]> {
        let xs = [as_matrix(x), as_matrix(&dy.insert_axis(dy.rank()))];
        let rule = SparseCrossEntropyRule(&self.classes);
        let [dx] = blocks(&rule, xs.each_ref(), [Per::Row(width(x.shape()))]);
        Some([Some(dx.reshape(*x.shape()))])
    }

    /// The maximum, the difference from it, its exponential and the sum.
    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        4 * x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |classes: &[usize], shape: &[usize]| SparseCrossEntropy {
            classes: Indices::new(classes.to_vec(), shape),
        };
        let of = |classes: &[usize], shape: &[usize]| {
            Sample::random(op(classes, &shape[..shape.len() - 1]), [shape])
        };
        let row = |x: [f64; 2], class| Sample::new(op(&[class], &[1]), [Array::from_vec(x.to_vec(), [1, 2])]);
        vec![
            row([0.0, 0.0], 0).gives(&[LN_2]),
            row([7.0, 7.0], 1).gives(&[LN_2]).with_derivatives([&[0.5, -0.5]]),
            row([0.0, 3_f64.ln()], 0).gives(&[2.0 * LN_2]).with_derivatives([&[-0.75, 0.75]]),
            row([500.0, -500.0], 1).gives(&[1000.0]).with_derivatives([&[1.0, -1.0]]),
            row([1e4, -1e4], 0).gives(&[0.0]).with_derivatives([&[0.0, 0.0]]),
            row([1e4, -1e4], 1).gives(&[2e4]).with_derivatives([&[1.0, -1.0]]),
            row([-1e4, -1e4], 0).gives(&[LN_2]).with_derivatives([&[-0.5, 0.5]]),
            row([f64::NEG_INFINITY, 3.0], 1).gives(&[0.0]).with_derivatives([&[0.0, 0.0]]),
            row([f64::NEG_INFINITY, 3.0], 0).gives(&[f64::INFINITY]).with_derivatives([&[-1.0, 1.0]]),
            row([f64::NAN, 0.0], 1).gives(&[f64::NAN]).with_derivatives([&[f64::NAN; 2]]),
            of(&[0], &[1]),
            of(&[2], &[1, 3]),
            of(&[0], &[1, 1]),
            of(&[], &[0, 1]),
            of(&[], &[2, 0, 3]),
            of(&[3, 1], &[2, 1, 4]),
            of(&[2, 2, 2, 2, 2], &[5, 3]),
            of(&[2], &[3]),
            of(&[3, 0], &[2, 4]),
            of(&[0, 0, 0], &[3, 1]),
            of(&[], &[0, 3]),
            of(&[0, 1, 2, 1], &[2, 2, 3]),
            of(&[1, 0, 0, 1], &[1, 2, 2, 2]),
            of(&[11], &[1, 12]),
            Sample::fails(op(&[0], &[]), [&[]], "one class is needed for each row"),
            Sample::fails(op(&[3], &[1]), [&[1, 3]], "class 3 does not exist"),
            Sample::fails(op(&[0, 1], &[2]), [&[3, 2]], "one class is needed for each row"),
            Sample::timed(op(&[7; 128], &[128]), [&[128, 10]]),
        ]
    }
}

impl Blocks<1, 1> for SparseCrossEntropy {
    const COST: usize = 6;
    #[inline(always)]
    fn apply<T: Float>(&self, rows: Range<usize>, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        let width = x.len() / rows.len();
        let classes = &self.classes.as_slice()[rows];
        Mass::of_each(x, (classes.len(), width), |row, mass| {
            y[row] = -mass.ln_share(x[row * width + classes[row] as usize]);
        });
    }
}

struct SparseCrossEntropyRule<'a>(&'a Indices);

impl Blocks<2, 1> for SparseCrossEntropyRule<'_> {
    const COST: usize = 6;
    #[inline(always)]
    fn apply<T: Float>(&self, rows: Range<usize>, [x, dy]: [&[T]; 2], [dx]: [&mut [T]; 1]) {
        let width = (x.len() / rows.len()).max(1);
        softmax_rows(x, dx, width);
        for ((dx, &dy), &class) in dx.chunks_mut(width).zip(dy).zip(&self.0.as_slice()[rows]) {
            dx[class as usize] -= T::one();
            dx.iter_mut().for_each(|dx| *dx = guarded_product(dy, *dx));
        }
    }
}

/// What a prediction is compared with: values, or labels of classes.
#[derive(Clone, Debug)]
pub enum Target {
    /// Numbers: values of a regression, or a probability for each class.
    Values(Tensor),
    /// The number of the true class, for each row.
    Labels(Indices),
}

impl From<Tensor> for Target {
    fn from(values: Tensor) -> Self {
        Target::Values(values)
    }
}

impl From<&Tensor> for Target {
    fn from(values: &Tensor) -> Self {
        Target::Values(values.clone())
    }
}

impl From<Indices> for Target {
    fn from(labels: Indices) -> Self {
        Target::Labels(labels)
    }
}

impl From<&Indices> for Target {
    fn from(labels: &Indices) -> Self {
        Target::Labels(labels.clone())
    }
}

impl From<&Target> for Target {
    fn from(target: &Target) -> Self {
        target.clone()
    }
}

impl Tensor {
    /// The mean cross-entropy between these logits and the true classes, which are given as probabilities (a
    /// [`Tensor`]) or as labels ([`Indices`]).
    ///
    /// The softmax is part of it: pass logits, not probabilities. A confident wrong prediction keeps its gradient.
    ///
    /// # Shape
    /// Logits `[..., n_classes]`; probabilities of the same shape, or labels `[...]` → `[]`.
    ///
    /// # Gradient
    /// `dx = dy (softmax(x) - t) / n`
    ///
    /// # Panics
    /// If the shapes do not fit, or a label is not below `n_classes`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let logits = Tensor::from([[2.0, 0.0], [0.0, 0.0]]);
    /// let by_label = logits.cross_entropy(&Indices::from([0, 1]));
    /// let by_probability = logits.cross_entropy(&Tensor::from([[1.0, 0.0], [0.0, 1.0]]));
    /// assert_eq!(by_label.item(), by_probability.item());
    /// ```
    #[track_caller]
    pub fn cross_entropy(&self, classes: impl Into<Target>) -> Tensor {
        self.cross_entropy_rows(classes).mean()
    }

    /// The cross-entropy of each row: [`cross_entropy`](Tensor::cross_entropy) before the mean.
    ///
    /// # Shape
    /// `[..., n_classes]` → `[...]`
    ///
    /// # Panics
    /// If the shapes do not fit, or a label is not below `n_classes`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// let logits = Tensor::from([[0.0, 0.0], [1000.0, 0.0]]);
    /// let losses = logits.cross_entropy_rows(&Indices::from([0, 1])).to_vec::<f32>();
    /// assert_eq!(losses, [2.0_f32.ln(), 1000.0]);
    /// ```
    #[track_caller]
    pub fn cross_entropy_rows(&self, classes: impl Into<Target>) -> Tensor {
        match classes.into() {
            Target::Values(t) => CrossEntropy.of(self, &t),
            Target::Labels(classes) => SparseCrossEntropy { classes }.of(self),
        }
    }

    /// Rows of zeros with a 1 at each index (`f32`).
    ///
    /// # Shape
    /// Indices `[...]` → `[..., n_classes]`
    ///
    /// # Panics
    /// If an index is not below `n_classes`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Tensor};
    /// assert_eq!(Tensor::one_hot(&Indices::from([1]), 3).to_vec::<f32>(), [0.0, 1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn one_hot(indices: &Indices, n_classes: usize) -> Tensor {
        let mut elements = vec![0.0_f32; indices.len() * n_classes];
        for (row, index) in indices.iter().enumerate() {
            assert!(index < n_classes, "one_hot: index {index} at place {row} is not below {n_classes}");
            elements[row * n_classes + index] = 1.0;
        }
        Tensor::new(elements, indices.shape().push(n_classes))
    }
}
