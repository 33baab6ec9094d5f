//! Variance and standard deviation over axes.

use wengert_array::{Array, Axes};

use super::reduction::{Over, Sum};
use crate::catalogue::catalogue;
use crate::{Composite, IntoAxes, Sample, Tensor, apply};

catalogue![Var, Std];

/// y = Σ (x - mean)² / (n - c),  dx = 2 dy (x - mean) / (n - c)
#[derive(Clone, Debug)]
pub(crate) struct Var {
    over: Over,
    correction: usize,
}

impl Composite<1> for Var {
    const NAME: &'static str = "var";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        let n = self.over.count(x.shape());
        let axes: Vec<usize> = self.over.axes.iter().collect();
        let centred = match n {
            0 => x.clone(),
            // One of the elements is taken out first: equal elements then have the variance 0, without rounding.
            _ => {
                let shifted = x - x.detach().max_keep(&axes[..]);
                &shifted - shifted.mean_keep(&axes[..])
            }
        };
        let sum = apply(Sum(self.over), [&centred.square()]);
        sum / n.saturating_sub(self.correction) as f64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        samples(|over, correction| Var { over, correction }, |std| std * std, 2.0)
    }
}

/// y = √(Σ (x - mean)² / (n - c)),  dx = dy (x - mean) / ((n - c) y), but 0 where y = 0
#[derive(Clone, Debug)]
pub(crate) struct Std {
    over: Over,
    correction: usize,
}

impl Composite<1> for Std {
    const NAME: &'static str = "std";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        let var = Var { over: self.over, correction: self.correction }.value([x]);
        var.equal(0.0).select(0.0, &var.sqrt())
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        samples(|over, correction| Std { over, correction }, |std| std, 0.5)
    }
}

/// `known` makes the value of a sample from its standard deviation; `slope` is the derivative at 5 of 1, 3, 5.
fn samples<O>(op: impl Fn(Over, usize) -> O, known: impl Fn(f64) -> f64, slope: f64) -> Vec<Sample<O, 1>> {
    let of = |axes: &[usize], keep, correction, x: &[usize]| {
        Sample::random(op(Over { axes: Axes::of(axes), keep }, correction), [x])
    };
    let row = |correction, x: &[f64]| {
        let over = Over { axes: Axes::of(&[0]), keep: false };
        Sample::new(op(over, correction), [Array::from_slice(x, [x.len()])])
    };
    vec![
        row(0, &[1.0, 5.0]).gives(&[known(2.0)]),
        row(1, &[1.0, 3.0, 5.0]).gives(&[known(2.0)]),
        row(0, &[0.1; 3]).gives(&[0.0]).with_derivatives([&[0.0; 3]]),
        row(0, &[0.3; 7]).gives(&[0.0]).with_derivatives([&[0.0; 7]]),
        row(1, &[1e9, 1e9 + 2.0, 1e9 + 4.0]).gives(&[known(2.0)]).with_derivatives([&[-slope, 0.0, slope]]),
        row(0, &[4.0]).gives(&[0.0]).with_derivatives([&[0.0]]),
        of(&[0], false, 0, &[7]),
        of(&[0], false, 1, &[7]),
        of(&[0], true, 1, &[2]),
        of(&[0], false, 2, &[5]),
        of(&[0], false, 1, &[3, 4]),
        of(&[1], false, 1, &[3, 4]),
        of(&[1], true, 0, &[3, 4]),
        of(&[0, 1], false, 1, &[3, 4]),
        of(&[0, 2], true, 1, &[2, 3, 2]),
        of(&[1], false, 1, &[2, 3, 2]),
        of(&[1], false, 1, &[0, 3]),
        of(&[0, 1, 2], false, 0, &[2, 1, 3]),
        of(&[1], false, 1, &[2, 40]),
        of(&[1, 3], false, 1, &[1, 2, 2, 2]),
    ]
}

impl Tensor {
    /// The variance of all `n` elements, of shape `[]`: the sum of the squared distances from the mean, over
    /// `n - correction`. A correction of 1 estimates the variance that a sample came from, as PyTorch does unless
    /// told otherwise; NumPy and Keras take 0. Where `n` does not exceed the correction, the result is not finite.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([1.0, 3.0, 5.0]);
    /// assert_eq!(x.var(1).item(), 4.0);
    /// ```
    #[track_caller]
    pub fn var(&self, correction: usize) -> Tensor {
        Var { over: self.over_all(), correction }.value([self])
    }

    /// The variance over some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 3.0], [2.0, 2.0]]);
    /// assert_eq!(x.var_axes(1, 0).to_vec::<f32>(), [1.0, 0.0]);
    /// assert_eq!(x.var_axes(1, 1).to_vec::<f32>(), [2.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn var_axes(&self, axes: impl IntoAxes, correction: usize) -> Tensor {
        Var { over: self.over("var", axes, false), correction }.value([self])
    }

    /// The variance over some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::ones([2, 3]).var_keep(1, 0).shape(), [2, 1]);
    /// ```
    #[track_caller]
    pub fn var_keep(&self, axes: impl IntoAxes, correction: usize) -> Tensor {
        Var { over: self.over("var", axes, true), correction }.value([self])
    }

    /// The standard deviation of all elements, of shape `[]`: the root of the [variance](Tensor::var).
    ///
    /// # Gradient
    /// 0 where all elements are equal.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{grad, Tensor};
    /// assert_eq!(Tensor::from([1.0, 3.0, 5.0]).std(1).item(), 2.0);
    /// assert_eq!(grad(|x| x.std(0), &Tensor::from([0.1, 0.1])).to_vec::<f32>(), [0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn std(&self, correction: usize) -> Tensor {
        Std { over: self.over_all(), correction }.value([self])
    }

    /// The standard deviation over some axes, which disappear.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 3.0], [2.0, 2.0]]);
    /// assert_eq!(x.std_axes(1, 0).to_vec::<f32>(), [1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn std_axes(&self, axes: impl IntoAxes, correction: usize) -> Tensor {
        Std { over: self.over("std", axes, false), correction }.value([self])
    }

    /// The standard deviation over some axes, which stay with size 1.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(*Tensor::ones([2, 3]).std_keep(1, 0).shape(), [2, 1]);
    /// ```
    #[track_caller]
    pub fn std_keep(&self, axes: impl IntoAxes, correction: usize) -> Tensor {
        Std { over: self.over("std", axes, true), correction }.value([self])
    }
}
