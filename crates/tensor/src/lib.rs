//! Tensors that remember where they came from, and the reverse-mode tape that differentiates them.
//!
//! A [`Tensor`] is an immutable value. An operation on a *tracked* tensor records itself; [`Tape::of`] lists what
//! was recorded, in the order of execution, and one sweep over that list in reverse gives the derivatives. Most
//! programs use [`grad`] and [`value_and_grad`], which do all of this in one call.
//!
//! ```
//! use wengert_tensor::{grad, Tensor};
//!
//! let x = Tensor::from([1.0, 2.0, 3.0]);
//! let dx = grad(|x| x.square().sum(), &x);
//! assert_eq!(dx.to_vec::<f32>(), [2.0, 4.0, 6.0]);
//! ```
//!
//! Layers, losses and optimizers are not here: they are built on this crate. See `docs/architecture.md`.
#![forbid(unsafe_code)]

// The derive macro names this crate `::wengert`, as users of the facade know it.
extern crate self as wengert;

mod algebra;
pub mod catalogue;
mod checkpoint;
mod composite;
mod detach;
mod differentiate;
mod elementwise;
mod gradcheck;
mod inputs;
mod jacobian;
mod list;
pub mod module;
mod node;
mod op;
mod operators;
pub mod ops;
mod random;
mod sample;
mod tape;
mod tensor;

pub use algebra::Algebra;
pub use checkpoint::checkpoint;
pub use composite::Composite;
pub use detach::{Extra, Outcome};
pub use differentiate::{grad, value_and_grad, value_and_grad_allowing_unreached, vjp};
pub use elementwise::{Binary, Unary};
pub use gradcheck::{Gradcheck, GradcheckError, gradcheck, gradgradcheck};
pub use inputs::Inputs;
pub use jacobian::{hessian, hvp, jacobian, jvp};
pub use list::{ListOp, apply_list};
pub use module::{Buffer, Constraint, Generator, Gradients, Module, Param, Regularizer};
pub use node::apply;
pub use op::{Needs, Op};
pub use operators::{Operand, Scalar};
pub use ops::{Mask, Target};
pub use sample::{Domain, ListSample, Sample};
pub use tape::{Blame, NonFinite, OperationCount, Statistics, Suspect, Tape, operations::Operation};
pub use tensor::{IntoAxes, Tensor};
pub use wengert_array::{Array, Axes, DType, Float, Indices, Mismatch, Rng, Shape};
pub use wengert_derive::Module;
