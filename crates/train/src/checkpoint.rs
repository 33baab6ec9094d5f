//! Training that is interrupted and goes on: the model, its optimizer and the count of epochs in a file.

use std::path::Path;

use wengert_io::IoError;
use wengert_tensor::Module;

use crate::Compiled;

impl<M: Module> Compiled<M> {
    /// Writes all that training needs to go on with the same bits to a safetensors file: parameters and state of the
    /// model, the optimizer's state, and how many epochs it has been trained for. See [`wengert_io::save_checkpoint`].
    ///
    /// # Errors
    /// If the file cannot be written.
    ///
    /// # Examples
    /// ```
    /// # use wengert_nn::{Dense, MeanSquaredError, Sequential};
    /// # use wengert_optim::Adam;
    /// # use wengert_tensor::Tensor;
    /// # use wengert_train::{Compile, Fit};
    /// # let file = tempfile::tempdir()?.keep().join("run.safetensors");
    /// # let (x, y) = (Tensor::from([[0.0], [1.0]]), Tensor::from([[1.0], [3.0]]));
    /// let model = || Sequential::new([1]).add(Dense::units(1)).compile(Adam::default(), MeanSquaredError::new());
    /// let mut first = model();
    /// first.fit(&x, &y, Fit::epochs(3).verbose(0))?;
    /// first.save_checkpoint(&file)?;
    /// first.fit(&x, &y, Fit::epochs(2).verbose(0))?;
    ///
    /// let mut second = model();
    /// second.load_checkpoint(&file)?;
    /// second.fit(&x, &y, Fit::epochs(2).verbose(0))?;
    /// assert_eq!(second.predict(&x)?.to_vec::<f32>(), first.predict(&x)?.to_vec::<f32>());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_checkpoint(&self, path: impl AsRef<Path>) -> Result<(), IoError> {
        wengert_io::save_checkpoint(&self.model, &*self.optimizer, self.n_epochs, path)
    }

    /// Goes back to where the file was written. The model must be built and compiled as that one was.
    ///
    /// # Errors
    /// If the file cannot be read, is no checkpoint, or is that of another model or kind of optimizer, in which case what
    /// does not fit is listed by name. Nothing has been changed then.
    pub fn load_checkpoint(&mut self, path: impl AsRef<Path>) -> Result<(), IoError> {
        self.n_epochs = wengert_io::load_checkpoint(&mut self.model, &mut *self.optimizer, path)?;
        Ok(())
    }
}
