//! Pictures: PNG files, and folders of them by class.

mod folder;
mod picture;
mod png;
mod scan;

pub use folder::ImageFolder;
pub use png::{png_from_bytes, read_png, read_png_with};
