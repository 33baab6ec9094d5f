//! Files of arrays: IDX, NPY and NPZ. Whatever numbers a file holds, they come out as a tensor or as indices.

mod element;
mod header;
mod idx;
mod mnist;
mod npy;
mod npz;
mod raw;
mod zip;

pub use element::Element;
pub use idx::{idx_from_bytes, read_idx, read_idx_with};
pub use mnist::{Mnist, read_mnist};
pub use npy::{npy_from_bytes, read_npy, read_npy_with};
pub use npz::{Npz, npz_from_bytes, read_npz, read_npz_with};
pub use raw::RawArray;
