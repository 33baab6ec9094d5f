//! The four files of MNIST, and of the sets in its layout, as two parts.

use std::path::{Path, PathBuf};

use wengert_array::Mismatch;
use wengert_tensor::{Indices, Tensor};

use super::read_idx;
use crate::files::{FileError, FileErrorKind};
use crate::{DataError, Rows};

/// Images and which class each shows, to train on and to test with: what [`read_mnist`] gives.
#[derive(Clone, Debug)]
pub struct Mnist {
    /// 60,000 images and labels.
    pub train: (Tensor, Indices),
    /// 10,000 images and labels.
    pub test: (Tensor, Indices),
}

/// The handwritten digits of MNIST from a folder that holds its four files, packed by gzip or not.
///
/// Images are rows of 784 pixels, row by row from the top left, 0 (paper) to 1 (ink), `f32`; labels are 0 to 9. Keras'
/// `mnist.load_data` gives bytes of shape `[28, 28]` instead: `reshape` and a factor of 255 make them. Other sets in
/// this layout (Fashion-MNIST, KMNIST) are read as well, whatever the number and size of their images.
///
/// # Errors
/// If a file is missing or damaged, or images and labels differ in number.
///
/// # Examples
/// ```no_run
/// let mnist = wengert_data::read_mnist("data/mnist")?;
/// let (x_train, y_train) = mnist.train;
/// assert_eq!(*x_train.shape(), [60_000, 784]);
/// # Ok::<(), wengert_data::DataError>(())
/// ```
pub fn read_mnist(folder: impl AsRef<Path>) -> Result<Mnist, DataError> {
    let folder = folder.as_ref();
    Ok(Mnist { train: part(folder, "train")?, test: part(folder, "t10k")? })
}

fn part(folder: &Path, name: &str) -> Result<(Tensor, Indices), DataError> {
    let path = path_of(folder, &format!("{name}-images-idx3-ubyte"));
    let images = read_idx(&path)?;
    let [n_images, height, width] = images.shape()[..] else {
        let found = images.shape().to_string();
        return Err(FileError::unsupported("idx", "shape", found, "expected images, rows and columns")
            .of(&path)
            .into());
    };
    let images = images.to_tensor()?.reshape([n_images, height * width]) / 255.0;
    let path = path_of(folder, &format!("{name}-labels-idx1-ubyte"));
    let part = (images, read_idx(&path)?.to_indices()?);
    part.n_rows().map_err(|_| {
        let problem = Mismatch::new("images and labels differ in number");
        let problem =
            problem.row("labels", part.1.len()).note(format!("expected {n_images}, as there are images"));
        DataError::from(FileError::new("idx", FileErrorKind::Content, problem).of(&path))
    })?;
    Ok(part)
}

/// The file of this name: as it is where that exists, else packed.
fn path_of(folder: &Path, name: &str) -> PathBuf {
    let plain = folder.join(name);
    if plain.exists() { plain } else { folder.join(format!("{name}.gz")) }
}
