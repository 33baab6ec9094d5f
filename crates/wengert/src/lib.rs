//! Wengert: an autodiff tensor framework for the CPU.
//!
//! This crate re-exports the others; most programs begin with `use wengert::prelude::*`.
//!
//! ```
//! use wengert::prelude::*;
//!
//! #[derive(Module, Clone, Debug)]
//! struct Mlp { hidden: Dense, output: Dense }
//!
//! impl Layer for Mlp {
//!     fn forward(&self, x: &Tensor) -> Tensor {
//!         self.output.forward(&self.hidden.forward(x).relu())
//!     }
//! }
//!
//! let mut rng = Rng::seed(0);
//! let mut model = Mlp { hidden: Dense::new(2, 16, &mut rng), output: Dense::new(16, 1, &mut rng) };
//! let x = Tensor::from([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]);
//! let y = Tensor::from([[0.0], [1.0], [1.0], [0.0]]);
//!
//! let mut adam = Adam::new(0.05);
//! for _ in 0..200 {
//!     let (_loss, grads) = value_and_grad(&model, |m| (m.forward(&x) - &y).square().mean());
//!     adam.step(&mut model, &grads);
//! }
//! assert!((model.forward(&x) - &y).square().mean().item() < 0.01);
//! gradcheck(&model, |m| (m.forward(&x) - &y).square().mean())?;
//! # Ok::<(), GradcheckError>(())
//! ```
#![forbid(unsafe_code)]

pub use wengert_tensor::*;

pub use wengert_array as array;
pub use wengert_data as data;
pub use wengert_io as io;
pub use wengert_nn as nn;
pub use wengert_optim as optim;
pub use wengert_train as train;

/// The names that most programs use.
pub mod prelude {
    pub use wengert_data::{
        Batches, Csv, Dataset, Fill, ImageFolder, KFold, Loader, MinMaxScaler, Prepare, Rows, Scaler,
        StandardScaler, Table, digits, one_hot, read_csv, read_mnist, read_npy, read_npz, split_in_order,
        stratified_split, to_categorical, train_test_split,
    };
    pub use wengert_io::{Persist, Pipeline, load_scaler, save_with_scalers};
    pub use wengert_nn::{
        Activation, BatchNorm, BinaryCrossentropy, Branches, CategoricalCrossentropy, Dense, Dropout,
        Embedding, Flatten, GaussianNoise, GroupNorm, Initializer, Layer, LayerNorm, MeanSquaredError, PRelu,
        Permute, Reshape, Residual, RmsNorm, Sequential, SparseCategoricalCrossentropy, UnitNorm, UpSampling,
        ZeroPadding,
    };
    pub use wengert_optim::{Adam, AdamW, Cosine, Group, Optimizer, Schedule, Sgd, Train, Tune};
    pub use wengert_tensor::{
        Buffer, Constraint, DType, Generator, GradcheckError, Indices, Module, Param, Regularizer, Rng, Tape,
        Target, Tensor, checkpoint, grad, gradcheck, gradgradcheck, hessian, hvp, jacobian, jvp,
        value_and_grad, vjp,
    };
    pub use wengert_train::{
        Accuracy, Auc, CSVLogger, Callback, Compile, CompileOutputs, Compiled, ConfusionMatrix, Custom,
        DiagnosisLogger, EarlyStopping, F1Score, Fit, Head, History, Interrupt, LearningRateScheduler,
        MeanAbsoluteError, MeanOf, Metric, ModelCheckpoint, MultiOutput, NamedOutputs, On, Precision,
        R2Score, Recall, ReduceLROnPlateau, RootMeanSquaredError, TensorBoard, TerminateOnNaN, diagnose,
        diagnose_step,
    };
}

/// The program of the README, compiled and run so that it cannot grow untrue.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The program of the page on training.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/training.md")]
struct TrainingPage;

/// The programs of the page on layers.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/layers.md")]
struct LayersPage;
