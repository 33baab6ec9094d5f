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
//! Layers are not known here. What comes from outside and may be wrong gives a [`DataError`], and never a panic.
#![forbid(unsafe_code)]

mod batches;
mod digits;
mod error;
mod finite;
mod labels;
mod rows;
mod split;

pub use batches::Batches;
pub use digits::{Digits, digits};
pub use error::DataError;
pub use finite::check_finite;
pub use labels::{one_hot, to_labels};
pub use rows::Rows;
pub use split::train_test_split;
