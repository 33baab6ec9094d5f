//! Training in the words of the Keras course: compile, fit, evaluate, predict.
//!
//! ```
//! use wengert_nn::{CategoricalCrossentropy, Dense, Sequential};
//! use wengert_optim::Adam;
//! use wengert_tensor::Tensor;
//! use wengert_train::{Accuracy, Compile, Fit};
//!
//! let x = Tensor::from([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
//! let either_but_not_both = Tensor::from([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]);
//!
//! let mut model = Sequential::new([2])
//!     .add(Dense::units(16).tanh())
//!     .add(Dense::units(2).softmax())
//!     .compile(Adam::new(0.05), CategoricalCrossentropy::new())
//!     .metric(Accuracy);
//! let history = model.fit(&x, &either_but_not_both, Fit::epochs(100).verbose(0))?;
//! assert!(history.last("loss") < history["loss"][0]);
//! assert_eq!(model.evaluate(&x, &either_but_not_both)?["accuracy"], 1.0);
//! assert_eq!(*model.predict(&x)?.shape(), [4, 2]);
//! # Ok::<(), wengert_train::FitError>(())
//! ```
//!
//! | what | with |
//! |---|---|
//! | training | [`Compile`], [`Compiled::fit`], [`Compiled::fit_loader`], [`Compiled::train_on_batch`], [`Fit`], [`History`] |
//! | several outputs by name | [`MultiOutput`], [`CompileOutputs`], [`Head`] |
//! | judging | [`Compiled::evaluate`], [`Compiled::confusion_matrix`], [`Metric`] and those that implement it |
//! | what happens beside | [`Callback`] and those that implement it |
//! | understanding | [`diagnose`], [`DiagnosisLogger`], [`Mistakes`], [`learning_rate_sweep`], [`CapacitySearch`] |
//! | pictures | `to_svg` and `plot` of all these, [`weights_svg`], [`decision_boundary_svg`], [`save_picture`] |
//!
//! What is wrong with the data comes back as a [`FitError`]. What is in files is not known here, and a loop by hand
//! needs none of this: see [`value_and_grad`](wengert_tensor::value_and_grad) and [`Train`](wengert_optim::Train).
#![forbid(unsafe_code)]

mod callback;
mod capacity;
mod checkpoint;
mod classes;
mod compile;
mod confusion;
mod diagnose;
mod drawing;
mod error;
mod evaluate;
mod examples;
mod fit;
mod history;
mod meter;
mod metric;
mod mistakes;
mod number;
mod outputs;
mod parallel;
mod pictures;
mod prepare;
mod progress;
mod rates;
mod report;
mod session;
mod source;
mod step;
mod training;
mod weights;

pub use callback::{
    CSVLogger, Callback, CloneCallback, DiagnosisLogger, EarlyStopping, Interrupt, LearningRateScheduler,
    Mode, ModelCheckpoint, On, ReduceLROnPlateau, Run, TensorBoard, TerminateOnNaN,
};
pub use capacity::{Capacity, CapacityRow, CapacitySearch, CapacityTable, NextStep, SearchError};
pub use compile::{Compile, Compiled};
pub use confusion::ConfusionMatrix;
pub use diagnose::{
    Diagnosis, DiagnosisLog, Finding, LayerDiagnosis, UnitsDiagnosis, diagnose, diagnose_step,
};
pub use error::{FitError, Problem};
pub use evaluate::Evaluation;
pub use fit::Fit;
pub use history::{Best, History, HistoryError, Stopped};
pub use metric::{
    Accuracy, Auc, Average, BinaryAccuracy, CategoricalAccuracy, CosineSimilarity, Custom, F1Score,
    FalseNegatives, FalsePositives, Judged, MeanAbsoluteError, MeanOf, Metric, Precision, R2Score, Recall,
    RootMeanSquaredError, SparseCategoricalAccuracy, TopKCategoricalAccuracy, TrueNegatives, TruePositives,
};
pub use mistakes::{Mistake, Mistakes};
pub use outputs::{CompileOutputs, CompiledOutputs, Head, MultiOutput, NamedOutputs, NamedTargets};
pub use pictures::{confusion_svg, decision_boundary_svg, save_picture, weights_svg};
pub use progress::Screen;
pub use rates::{RateRange, RateRun, RateSweep, RateVerdict, learning_rate_range, learning_rate_sweep};
pub use report::{ClassScores, ClassificationReport};
pub use source::Supervised;
pub use weights::Weights;
