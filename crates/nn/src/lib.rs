//! Layers, models made of layers, initializers and losses.
//!
//! A layer is a plain struct that derives [`Module`](wengert_tensor::Module) and implements [`Layer`]:
//!
//! ```
//! use wengert_nn::{Dense, Layer};
//! use wengert_tensor::{Rng, Tensor};
//!
//! let mut rng = Rng::seed(1);
//! let layer = Dense::new(4, 3, &mut rng).relu();
//! assert_eq!(*layer.forward(&Tensor::zeros([2, 4])).shape(), [2, 3]);
//! ```
//!
//! Optimizers and files are not known here.
#![forbid(unsafe_code)]

// The derive macro writes paths that begin with `::wengert`, as users of the facade know them.
extern crate wengert_tensor as wengert;

mod activation;
mod axes;
mod branches;
mod config;
mod dense;
mod embedding;
mod initializer;
mod kinds;
mod layer;
mod loss;
mod noise;
mod norm;
mod prelu;
mod residual;
mod resizing;
mod rules;
mod sequential;
mod shaping;
mod summary;

pub use activation::Activation;
pub use branches::{Branches, BranchesOf, Join};
pub use config::{ConfigError, Registry};
pub use dense::{Dense, DenseUnits};
pub use embedding::{Embedding, EmbeddingSize};
pub use initializer::{Distribution, Fan, Initializer};
pub use layer::{IntoLayer, Layer, Output};
pub use loss::{
    BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, CategoricalFocalCrossentropy,
    CategoricalHinge, CosineSimilarity, GaussianNll, Hinge, Huber, KlDivergence, LogCosh, Loss,
    MarginRanking, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, Reduction, SparseCategoricalCrossentropy, SquaredHinge,
    cosine_embedding, gaussian_nll, margin_ranking, triplet_margin,
};
pub use noise::{Dropout, DropoutRate, GaussianNoise, GaussianNoiseStd};
pub use norm::{
    BatchNorm, BatchNormAxis, GroupNorm, GroupNormGroups, LayerNorm, LayerNormAxes, RmsNorm, RmsNormAxes,
    UnitNorm,
};
pub use prelu::{PRelu, PReluStart};
pub use residual::{Residual, ResidualOf};
pub use resizing::{UpSampling, ZeroPadding};
pub use sequential::Sequential;
pub use shaping::{Flatten, Permute, Reshape};
pub use summary::Summary;
