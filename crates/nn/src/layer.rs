//! What a layer is, and how one gets its place in a model.

use std::fmt::Debug;

use serde_json::Value;
use wengert_tensor::{Mismatch, Module, Rng, Shape, Tensor};

use crate::Activation;

/// A part of a model that maps a tensor to a tensor.
///
/// # Examples
/// ```standalone_crate
/// # extern crate wengert_tensor as wengert;
/// use wengert_nn::{Dense, Layer};
/// use wengert_tensor::{Module, Rng, Tensor};
///
/// #[derive(Module, Clone, Debug)]
/// struct Mlp { hidden: Dense, output: Dense }
///
/// impl Layer for Mlp {
///     fn forward(&self, x: &Tensor) -> Tensor {
///         self.output.forward(&self.hidden.forward(x).relu())
///     }
/// }
///
/// let mut rng = Rng::seed(0);
/// let mlp = Mlp { hidden: Dense::new(2, 8, &mut rng), output: Dense::new(8, 1, &mut rng) };
/// assert_eq!(*mlp.forward(&Tensor::zeros([5, 2])).shape(), [5, 1]);
/// ```
pub trait Layer: Module + CloneLayer + Debug + Send + Sync {
    /// The output for a batch, whose first axis counts the rows.
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor;

    /// The output before its last activation, and that activation. Losses use it: a cross-entropy on logits is exact
    /// where one on probabilities is not. A layer that ends in no activation need not implement it.
    #[track_caller]
    fn forward_raw(&self, x: &Tensor) -> Output {
        Output { raw: self.forward(x), activation: Activation::Linear }
    }

    /// The shape of one row of the output, for rows of the given shape. Unless implemented, a row of zeros is tried.
    ///
    /// # Errors
    /// If the layer does not take such rows.
    ///
    /// # Panics
    /// Unless implemented, if [`forward`](Layer::forward) panics on such a row: a layer of your own that is to refuse
    /// rows with an error must say so here.
    #[track_caller]
    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        let y = self.forward(&Tensor::zeros(row.insert(0, 1)));
        Ok(y.shape().without(0))
    }

    /// Whether the layer takes the numbers of a batch, which fits by its shape. Most take any; an
    /// [`Embedding`](crate::Embedding) takes whole numbers. What `fit` and `predict` are given is checked by it.
    ///
    /// # Errors
    /// What was found and what was expected.
    fn check_input(&self, x: &Tensor) -> Result<(), Mismatch> {
        let _ = x;
        Ok(())
    }

    /// Whether the output holds nothing but numbers of the input, in any order and shape, and zeros. What comes after such
    /// a layer is asked by [`check_input`](Layer::check_input) of a [`Sequential`](crate::Sequential) too.
    fn is_rearrangement(&self) -> bool {
        false
    }

    /// The name of the kind of layer, in summaries and files.
    fn kind(&self) -> &'static str {
        let path = std::any::type_name::<Self>();
        let without_parameters = path.split('<').next().unwrap_or(path);
        without_parameters.rsplit("::").next().unwrap_or(path)
    }

    /// What is needed beside the parameters to build the layer again, as a JSON object; `None` if it cannot be saved
    /// with its configuration. See [`Registry`](crate::Registry).
    fn config(&self) -> Option<Value> {
        None
    }
}

/// Cloning behind a `Box<dyn Layer>`, which every layer that is `Clone` has.
pub trait CloneLayer {
    /// A boxed clone.
    fn clone_layer(&self) -> Box<dyn Layer>;
}

impl<L: Layer + Clone + 'static> CloneLayer for L {
    fn clone_layer(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Layer> {
    fn clone(&self) -> Self {
        (**self).clone_layer()
    }
}

impl ToOwned for dyn Layer {
    type Owned = Box<dyn Layer>;

    /// A clone of its own, to be used in another model.
    fn to_owned(&self) -> Box<dyn Layer> {
        self.clone_layer()
    }
}

impl Layer for Box<dyn Layer> {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        (**self).forward(x)
    }
    #[track_caller]
    fn forward_raw(&self, x: &Tensor) -> Output {
        (**self).forward_raw(x)
    }
    #[track_caller]
    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        (**self).output_shape(row)
    }
    fn check_input(&self, x: &Tensor) -> Result<(), Mismatch> {
        (**self).check_input(x)
    }
    fn is_rearrangement(&self) -> bool {
        (**self).is_rearrangement()
    }
    fn kind(&self) -> &'static str {
        (**self).kind()
    }
    fn config(&self) -> Option<Value> {
        (**self).config()
    }
}

/// The output of a model before its last activation, and that activation.
#[derive(Clone, Debug)]
pub struct Output {
    /// What goes into the activation: the logits, if that is a softmax.
    pub raw: Tensor,
    /// The last activation.
    pub activation: Activation,
}

impl Output {
    /// The output itself.
    #[track_caller]
    pub fn value(&self) -> Tensor {
        self.activation.apply(&self.raw)
    }
}

/// Something that [`Sequential::add`](crate::Sequential::add) makes a layer of: a layer, or the description of one
/// that is built when the shape of its input is known.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    note = "a layer derives `Module`, `Clone` and `Debug`, and implements `Layer`"
)]
pub trait IntoLayer {
    /// The layer for rows of the given shape, with its start values from `rng`.
    ///
    /// # Errors
    /// If there is no such layer for that shape.
    #[track_caller]
    fn into_layer(self, row: &Shape, rng: &mut Rng) -> Result<Box<dyn Layer>, Mismatch>;
}

impl<L: Layer + 'static> IntoLayer for L {
    fn into_layer(self, _: &Shape, _: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        Ok(Box::new(self))
    }
}
