//! The cases that PyTorch has a function for, and that are written here with several operations.

use wengert_tensor::{Indices, Tensor};

use super::movement::indices;
use super::{Case, SEVERAL};

/// PyTorch's default, under the root of a normalisation.
const EPS: f64 = 1e-5;

pub(super) const CASES: &[Case] = &[
    ("mse_loss", SEVERAL, |x, _| (&x[0] - &x[1]).square().mean()),
    ("l1_loss", SEVERAL, |x, _| (&x[0] - &x[1]).abs().mean()),
    ("huber_loss", "huber", |x, _| (&x[0] - &x[1]).huber(1.0).mean()),
    ("smooth_l1", "huber", |x, _| (&x[0] - &x[1]).huber(0.5).mean() / 0.5),
    ("soft_margin", "binary_cross_entropy", |x, _| x[0].binary_cross_entropy(&answers())),
    ("nll", SEVERAL, |x, case| {
        let labels = indices(case, 1);
        let rows = Indices::new(labels.iter().collect(), [labels.len(), 1]);
        -x[0].log_softmax(1).take_along(1, &rows).mean()
    }),
    ("cosine_similarity", SEVERAL, |x, _| (x[0].normalize(1) * x[1].normalize(1)).sum_axes(1)),
    ("triplet", SEVERAL, |x, _| {
        let distance = |y: &Tensor| (&x[0] - y + 1e-6).norm_axes(2.0, 1);
        (distance(&x[1]) - distance(&x[2]) + 1.0).relu().mean()
    }),
    ("sdpa", SEVERAL, |x, _| attention(x, false)),
    ("sdpa_causal", SEVERAL, |x, _| attention(x, true)),
    ("layer_norm", SEVERAL, |x, _| normalized(&x[0], 1) * &x[1] + &x[2]),
    ("layer_norm", "layer_norm", |x, _| x[0].layer_norm(1, &x[1], &x[2], EPS)),
    ("batch_norm_train", SEVERAL, |x, _| normalized(&x[0], 0) * &x[1] + &x[2]),
    ("batch_norm_train", "batch_norm", |x, _| x[0].batch_norm(1, &x[1], &x[2], EPS)),
    ("group_norm", SEVERAL, |x, _| x[0].reshape([2, 2, 6]).layer_norm(2, 1.0, 0.0, EPS).reshape([2, 4, 3])),
];

/// The targets of the binary losses in the file, which does not hold them: its gradients are `σ(x) - target`.
fn answers() -> Tensor {
    Tensor::new(vec![1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0], [3, 4])
}

/// Scaled dot-product attention: `softmax(q kᵀ / √d) v`, where a causal row sees only what is not after it.
fn attention(x: &[Tensor], is_causal: bool) -> Tensor {
    let width = x[0].shape()[3] as f64;
    let mut logits = x[0].matmul(&x[1].t()) / width.sqrt();
    if is_causal {
        logits = logits.masked_fill(&Tensor::ones(*logits.shape()).triu(1).greater(0.0), f64::NEG_INFINITY);
    }
    logits.softmax(-1).matmul(&x[2])
}

fn normalized(x: &Tensor, axis: isize) -> Tensor {
    (x - x.mean_keep(axis)) * (x.var_keep(axis, 0) + EPS).rsqrt()
}
