//! Layers that make rows larger along their first axes: images, whose channels come last.

use serde_json::{Value, json};
use wengert_tensor::ops::Padding;
use wengert_tensor::{Indices, Mismatch, Module, Shape, Tensor};

use crate::Layer;
use crate::axes::other_rows;
use crate::config::{ConfigError, pairs, sizes, text};

/// Zeros around the numbers of a row.
///
/// # Shape
/// The first axes of a row grow by the widths before and after; the rest, such as channels, stay. (Keras'
/// `ZeroPadding1D` to `3D`; PyTorch names the last axis first.)
///
/// # Examples
/// ```
/// use wengert_nn::{Layer, ZeroPadding};
/// use wengert_tensor::Tensor;
/// let images = Tensor::ones([5, 28, 28, 3]);
/// assert_eq!(*ZeroPadding::new([(2, 2), (0, 1)]).forward(&images).shape(), [5, 32, 29, 3]);
/// ```
#[doc(alias("ZeroPadding1D", "ZeroPadding2D", "ZeroPad2d"))]
#[derive(Module, Clone, Debug)]
pub struct ZeroPadding {
    #[module(skip)]
    widths: Vec<(usize, usize)>,
}

impl ZeroPadding {
    /// The layer with these widths before and after, for the axes from 1 on.
    pub fn new(widths: impl Into<Vec<(usize, usize)>>) -> ZeroPadding {
        ZeroPadding { widths: widths.into() }
    }

    pub(crate) fn from_config(config: &Value) -> Result<ZeroPadding, ConfigError> {
        Ok(ZeroPadding { widths: pairs(config, "widths")? })
    }
}

impl Layer for ZeroPadding {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let (n_axes, n_widths) = (x.rank(), self.widths.len());
        assert!(n_axes > n_widths, "zero_padding: {} has not {n_widths} axes beside that of rows", x.shape());
        let rest = vec![(0, 0); n_axes - 1 - n_widths];
        x.pad(&[&[(0, 0)], &self.widths[..], &rest].concat(), Padding::Constant(0.0))
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        let mut sizes = axes_of(row, self.widths.len())?;
        for (size, (before, after)) in sizes.iter_mut().zip(&self.widths) {
            *size = size.saturating_add(*before).saturating_add(*after);
        }
        Shape::try_new(&sizes)
    }

    fn is_rearrangement(&self) -> bool {
        true
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "widths": self.widths }))
    }
}

/// Each number repeated, or numbers between it and the next.
///
/// Linear interpolation takes the centres of the numbers as their places, and what lies beyond the outermost centres as
/// the outermost numbers: Keras' `bilinear`, and PyTorch's with `align_corners=False`.
///
/// # Shape
/// The first axes of a row grow by the factors; the rest, such as channels, stay.
///
/// # Examples
/// ```
/// use wengert_nn::{Layer, UpSampling};
/// use wengert_tensor::Tensor;
/// let x = Tensor::from([[0.0, 4.0]]);
/// assert_eq!(UpSampling::nearest([2]).forward(&x).to_vec::<f32>(), [0.0, 0.0, 4.0, 4.0]);
/// assert_eq!(UpSampling::linear([2]).forward(&x).to_vec::<f32>(), [0.0, 1.0, 3.0, 4.0]);
/// ```
#[doc(alias("UpSampling1D", "UpSampling2D", "Upsample"))]
#[derive(Module, Clone, Debug)]
pub struct UpSampling {
    factors: Vec<usize>,
    is_linear: bool,
}

impl UpSampling {
    /// Repeats each number, by these factors along the axes from 1 on.
    ///
    /// # Panics
    /// If a factor is 0.
    #[track_caller]
    pub fn nearest(factors: impl Into<Vec<usize>>) -> UpSampling {
        UpSampling { factors: checked(factors.into()), is_linear: false }
    }

    /// Interpolates linearly, by these factors along the axes from 1 on.
    ///
    /// # Panics
    /// If a factor is 0.
    #[track_caller]
    pub fn linear(factors: impl Into<Vec<usize>>) -> UpSampling {
        UpSampling { factors: checked(factors.into()), is_linear: true }
    }

    pub(crate) fn from_config(config: &Value) -> Result<UpSampling, ConfigError> {
        let is_linear = match text(config, "interpolation")? {
            "nearest" => false,
            "linear" => true,
            other => {
                let message = format!("`interpolation` is `{other}`, expected one of linear, nearest");
                return Err(ConfigError::new(message));
            }
        };
        Ok(UpSampling { factors: sizes(config, "factors")?, is_linear })
    }
}

impl Layer for UpSampling {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let (n_axes, n_factors) = (x.rank(), self.factors.len());
        assert!(
            n_axes > n_factors,
            "up_sampling: {} has not {n_factors} axes beside that of rows",
            x.shape()
        );
        let mut y = x.clone();
        for (place, &factor) in self.factors.iter().enumerate() {
            let axis = place as isize + 1;
            y = if self.is_linear { interpolated(&y, axis, factor) } else { y.repeat(factor, axis) };
        }
        y
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        let mut sizes = axes_of(row, self.factors.len())?;
        for (size, factor) in sizes.iter_mut().zip(&self.factors) {
            *size = size.saturating_mul(*factor);
        }
        Shape::try_new(&sizes)
    }

    fn is_rearrangement(&self) -> bool {
        !self.is_linear
    }

    fn config(&self) -> Option<Value> {
        let interpolation = if self.is_linear { "linear" } else { "nearest" };
        Some(json!({ "factors": self.factors, "interpolation": interpolation }))
    }
}

#[track_caller]
fn checked(factors: Vec<usize>) -> Vec<usize> {
    assert!(!factors.contains(&0), "up_sampling: the factors {factors:?} must be at least 1");
    factors
}

fn axes_of(row: &Shape, n_needed: usize) -> Result<Vec<usize>, Mismatch> {
    if row.len() < n_needed {
        return Err(other_rows(row, format!("at least {n_needed} axes")));
    }
    Ok(row.to_vec())
}

/// Between the two numbers that stand nearest.
#[track_caller]
fn interpolated(x: &Tensor, axis: isize, factor: usize) -> Tensor {
    let size = x.shape()[axis as usize];
    let last = size.saturating_sub(1);
    let (mut below, mut above, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..size * factor {
        let place = ((index as f64 + 0.5) / factor as f64 - 0.5).clamp(0.0, last as f64);
        below.push(place as usize);
        above.push((place as usize + 1).min(last));
        shares.push(place.fract());
    }
    let n = shares.len();
    let trailing = vec![1; x.rank() - 1 - axis as usize];
    let shares = Tensor::new(shares, [&[n], &trailing[..]].concat()).cast(x.dtype());
    let [below, above] = [below, above].map(|places| x.index_select(axis, &Indices::from(places)));
    &below * (1.0 - &shares) + above * shares
}
