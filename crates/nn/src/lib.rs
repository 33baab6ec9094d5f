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
mod config;
mod dense;
mod initializer;
mod layer;
mod loss;
mod sequential;
mod summary;

pub use activation::Activation;
pub use config::{ConfigError, Registry};
pub use dense::{Dense, DenseUnits};
pub use initializer::{Distribution, Fan, Initializer};
pub use layer::{IntoLayer, Layer, Output};
pub use loss::{
    BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, CategoricalFocalCrossentropy,
    CategoricalHinge, CosineSimilarity, GaussianNll, Hinge, Huber, KlDivergence, LogCosh, Loss,
    MarginRanking, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, Reduction, SparseCategoricalCrossentropy, SquaredHinge,
    cosine_embedding, gaussian_nll, margin_ranking, triplet_margin,
};
pub use sequential::Sequential;
pub use summary::Summary;
