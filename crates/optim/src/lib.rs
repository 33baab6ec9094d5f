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
//! A rule is a small file; what all have in common (schedules, decay, clipping, accumulation, averages, groups) is set by
//! the methods of [`Tune`] and held by a [`Core`]. [`Lbfgs`] is no rule of this kind: it needs the loss itself.
//!
//! Layers are not known here: a model is whatever implements [`Module`](wengert_tensor::Module).
#![forbid(unsafe_code)]

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod average;
mod ftrl;
mod gradients;
mod group;
mod lamb;
mod lbfgs;
mod lion;
mod muon;
mod nadam;
mod optimizer;
mod radam;
mod rmsprop;
mod rprop;
mod rule;
mod schedule;
mod settings;
mod sgd;
mod shared;
mod state;
mod tune;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::{Adam, AdamW};
pub use adamax::Adamax;
pub use ftrl::Ftrl;
pub use gradients::NonFiniteGradient;
pub use group::Group;
pub use lamb::Lamb;
pub use lbfgs::{Lbfgs, Minimum, Stop};
pub use lion::Lion;
pub use muon::Muon;
pub use nadam::Nadam;
pub use optimizer::{Optimizer, Train};
pub use radam::RAdam;
pub use rmsprop::RMSprop;
pub use rprop::Rprop;
pub use rule::Parameter;
pub use schedule::{
    Cosine, CosineRestarts, Exponential, InverseTime, OneCycle, Piecewise, Polynomial, Schedule, Staircase,
    StepDecay, Then, Times, Warmup,
};
pub use sgd::Sgd;
pub use shared::Core;
pub use state::State;
pub use tune::Tune;
