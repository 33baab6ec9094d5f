//! Data sets: where they come from, how they are divided, and how they are checked before a model sees them.
//!
//! ```
//! use wengert_data::{Batches, digits, train_test_split};
//! use wengert_tensor::Rng;
//!
//! let digits = digits();
//! let mut rng = Rng::seed(0);
//! let (train, test) = train_test_split(&(digits.images, digits.labels), 0.2, &mut rng)?;
//! assert_eq!((train.0.shape()[0], test.0.shape()[0]), (1437, 360));
//! for (images, labels) in Batches::new(&train, 32)?.shuffled(&mut rng) {
//!     assert_eq!(images.shape()[0], labels.len());
//! }
//! # Ok::<(), wengert_data::DataError>(())
//! ```
//!
//! | what | with |
//! |---|---|
//! | tables | [`read_csv`], [`Csv`], [`Table`] |
//! | arrays | [`read_idx`], [`read_mnist`], [`read_npy`], [`read_npz`] |
//! | pictures | [`read_png`], [`ImageFolder`] |
//! | computed sets | [`make_moons`], [`make_circles`], [`make_spirals`], [`make_blobs`], [`make_regression`] |
//! | division | [`train_test_split`], [`split_in_order`], [`stratified_split`], [`KFold`], [`Batches`] |
//! | preparation | [`Prepare`], [`Preparation`], [`StandardScaler`], [`MinMaxScaler`], [`to_categorical`], [`one_hot`] |
//! | more than memory holds | [`Dataset`], [`Loader`] |
//!
//! Layers are not known here. What comes from outside and may be wrong gives a [`DataError`], and never a panic; nor can
//! a file take more memory than its size allows for, or than a [`Limit`] does.
#![forbid(unsafe_code)]

// The derive macro writes paths that begin with `::wengert`, as users of the facade know them.
extern crate wengert_tensor as wengert;

mod arrays;
mod batches;
mod digits;
mod error;
mod files;
mod finite;
mod generated;
mod images;
mod k_fold;
mod labels;
mod loader;
mod preparation;
mod rows;
mod scaling;
mod split;
mod table;

pub use arrays::{
    Element, Mnist, Npz, RawArray, idx_from_bytes, npy_from_bytes, npz_from_bytes, read_idx, read_idx_with,
    read_mnist, read_npy, read_npy_with, read_npz, read_npz_with,
};
pub use batches::Batches;
pub use digits::{Digits, digits};
pub use error::DataError;
pub use files::{FileError, FileErrorKind, Limit};
pub use finite::check_finite;
pub use generated::{Regression, make_blobs, make_circles, make_moons, make_regression, make_spirals};
pub use images::{ImageFolder, png_from_bytes, read_png, read_png_with};
pub use k_fold::{Folds, KFold};
pub use labels::{one_hot, to_categorical, to_labels};
pub use loader::{Dataset, Epoch, FromFn, InMemory, Loader, Map, from_fn};
pub use preparation::{
    Categories, Encoding, FittedScaler, Missing, Predictor, Preparation, Prepare, Scaling, Task,
};
pub use rows::Rows;
pub use scaling::{MinMaxScaler, Scaler, StandardScaler};
pub use split::{split_in_order, stratified_split, train_test_split};
pub use table::{ColumnKind, ColumnSummary, Csv, CsvChunks, Description, Fill, Table, read_csv};
