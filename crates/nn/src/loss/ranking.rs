//! Losses of comparisons, which mostly take more than an output and a target: functions of tensors, before the mean.

use wengert_tensor::{Shape, Target, Tensor};

use super::hinge::signs;
use super::settings::settings;
use super::target::{Allowed, numbers};
use crate::{Loss, Output, Reduction};

/// What keeps PyTorch's distances from 0.
const APART: f64 = 1e-6;

/// How far anchors are from being nearer to their like than to what is unlike, by a margin.
///
/// `y = max(‖a - p + ε‖ - ‖a - n + ε‖ + margin, 0)` with PyTorch's `ε = 1e-6`
///
/// # Shape
/// `[..., n]` three times → `[...]`
///
/// # Panics
/// If the shapes do not broadcast.
///
/// # Examples
/// ```
/// use wengert_nn::triplet_margin;
/// use wengert_tensor::Tensor;
/// let (anchor, like, unlike) = (Tensor::from([[0.0, 0.0]]), Tensor::from([[3.0, 4.0]]), Tensor::from([[6.0, 8.0]]));
/// assert_eq!(triplet_margin(&anchor, &like, &unlike, 1.0).mean().item(), 0.0);
/// assert!((triplet_margin(&anchor, &unlike, &like, 1.0).mean().item() - 6.0).abs() < 1e-5);
/// ```
///
/// # References
/// F. Schroff, D. Kalenichenko, J. Philbin, FaceNet, 2015, equation 2, without the squares.
#[doc(alias("TripletMarginLoss"))]
#[track_caller]
pub fn triplet_margin(anchor: &Tensor, like: &Tensor, unlike: &Tensor, margin: f64) -> Tensor {
    let near = (anchor - like + APART).norm_axes(2.0, -1);
    let far = (anchor - unlike + APART).norm_axes(2.0, -1);
    (near - far + margin).relu()
}

/// How far `a` is from being the greater by a margin, where the sign is 1; the smaller, where it is -1.
///
/// `y = max(margin - sign · (a - b), 0)`
///
/// # Shape
/// All broadcast.
///
/// # Panics
/// If the shapes do not broadcast.
///
/// # Examples
/// ```
/// use wengert_nn::margin_ranking;
/// use wengert_tensor::Tensor;
/// let (a, b, sign) = (Tensor::from([3.0, 3.0]), Tensor::from([1.0, 1.0]), Tensor::from([1.0, -1.0]));
/// assert_eq!(margin_ranking(&a, &b, &sign, 0.5).to_vec::<f32>(), [0.0, 2.5]);
/// ```
#[doc(alias("MarginRankingLoss"))]
#[track_caller]
pub fn margin_ranking(a: &Tensor, b: &Tensor, sign: &Tensor, margin: f64) -> Tensor {
    (margin - sign * (a - b)).relu()
}

/// `1 - cos` of the angle between rows where the sign is 1; how far the cosine is above a margin where it is -1.
///
/// # Shape
/// `[..., n]` twice, signs `[...]` → `[...]`
///
/// # Panics
/// If the shapes do not broadcast.
///
/// # Examples
/// ```
/// use wengert_nn::cosine_embedding;
/// use wengert_tensor::Tensor;
/// let (a, b) = (Tensor::from([[1.0, 0.0], [2.0, 0.0]]), Tensor::from([[0.0, 3.0], [1.0, 0.0]]));
/// assert_eq!(cosine_embedding(&a, &b, &Tensor::from([1.0, -1.0]), 0.25).to_vec::<f32>(), [1.0, 0.75]);
/// ```
#[doc(alias("CosineEmbeddingLoss"))]
#[track_caller]
pub fn cosine_embedding(a: &Tensor, b: &Tensor, sign: &Tensor, margin: f64) -> Tensor {
    let cosine = (a.normalize(-1) * b.normalize(-1)).sum_axes(-1);
    sign.greater(0.0).select(&(1.0 - &cosine), &(&cosine - margin).relu())
}

/// [`margin_ranking`] of outputs that hold two scores, with a margin of 0 unless it is said.
///
/// # Shape
/// An output `[..., 2]`; a target `[...]` of 1 where the first is to be the greater, of -1 or 0 where the second is.
///
/// # Examples
/// ```
/// use wengert_nn::{Activation, Loss, MarginRanking, Output};
/// use wengert_tensor::{Target, Tensor};
/// let output = Output { raw: Tensor::from([[3.0, 1.0], [3.0, 1.0]]), activation: Activation::Linear };
/// let loss = MarginRanking::new().margin(0.5).value(&output, &Target::from(Tensor::from([1.0, -1.0])));
/// assert_eq!(loss.item(), 1.25);
/// ```
#[doc(alias("MarginRankingLoss"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct MarginRanking {
    margin: f64,
    reduction: Reduction,
}
settings!(MarginRanking);

impl MarginRanking {
    /// With a margin.
    pub fn margin(self, margin: f64) -> Self {
        MarginRanking { margin, ..self }
    }
}

impl Loss for MarginRanking {
    fn name(&self) -> &'static str {
        "margin_ranking"
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[track_caller]
    fn each(&self, output: &Output, target: &Target) -> Tensor {
        let y = output.value();
        if let Err(message) = pairs(y.shape(), target) {
            panic!("{}: {message}", self.name());
        }
        let (a, b) = (y.slice(-1, ..1).squeeze(-1), y.slice(-1, 1..).squeeze(-1));
        let sign = signs(&numbers(self, &a, target));
        margin_ranking(&a, &b, &sign, self.margin)
    }

    fn check(&self, output: &Shape, target: &Target) -> Result<(), String> {
        pairs(output, target)?;
        Allowed::Signs.check(target)
    }
}

/// Whether the output holds two scores for each number of the target.
fn pairs(output: &Shape, target: &Target) -> Result<(), String> {
    let t = match target {
        Target::Values(values) => values.shape(),
        Target::Labels(labels) => labels.shape(),
    };
    match output.split_last() {
        Some((2, rows)) if t[..] == *rows => Ok(()),
        _ => Err(format!("the output {output} does not hold two scores for each of the target {t}")),
    }
}
