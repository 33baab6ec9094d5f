//! Optimizers: rules that change the parameters of a model by their gradients, one pass over memory each.
//!
//! ```
//! use wengert_optim::{Sgd, Train};
//! use wengert_tensor::{value_and_grad, Param, Tensor};
//!
//! let mut weight = Param::new(Tensor::from([1.0, -2.0]));
//! let mut sgd = Sgd::new(0.1);
//! for _ in 0..100 {
//!     let (_loss, grads) = value_and_grad(&weight, |w| w.square().sum());
//!     sgd.step(&mut weight, &grads);
//! }
//! assert!(weight.square().sum().item() < 1e-12);
//! ```
//!
//! Layers are not known here: a model is whatever implements [`Module`](wengert_tensor::Module).
#![forbid(unsafe_code)]

mod adam;
mod optimizer;
mod sgd;

pub use adam::Adam;
pub use optimizer::{Optimizer, Train};
pub use sgd::Sgd;
