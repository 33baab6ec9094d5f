//! Models with several outputs, each with a name, a loss and metrics of its own: what a user says. How they are trained as one
//! stands in `outputs/`.

mod compiled;
mod joined;
mod judges;
mod layout;

use std::fmt::Debug;
use std::sync::Arc;

use wengert_nn::{Activation, Loss, Output};
use wengert_optim::Optimizer;
use wengert_tensor::{Module, Shape, Target, Tensor};

pub use compiled::CompiledOutputs;

use self::layout::Layout;
use crate::Metric;

/// A model with several outputs, each with a name. A struct that derives `Module`, as for [`Layer`](wengert_nn::Layer).
///
/// Outputs of layers are best given by [`forward_raw`](wengert_nn::Layer::forward_raw), so that a cross-entropy is computed on
/// logits; tensors do too.
///
/// # Examples
/// ```standalone_crate
/// # extern crate wengert_tensor as wengert;
/// use wengert_nn::{BinaryCrossentropy, Dense, Layer, MeanSquaredError};
/// use wengert_optim::Adam;
/// use wengert_tensor::{Module, Rng, Tensor};
/// use wengert_train::{Accuracy, CompileOutputs, Fit, Head, MultiOutput, NamedOutputs};
///
/// #[derive(Module, Clone, Debug)]
/// struct House { trunk: Dense, price: Dense, sells: Dense }
///
/// impl MultiOutput for House {
///     fn outputs(&self, x: &Tensor) -> NamedOutputs {
///         let h = self.trunk.forward(x);
///         [("price", self.price.forward_raw(&h)), ("sells", self.sells.forward_raw(&h))].into()
///     }
/// }
///
/// let mut rng = Rng::seed(0);
/// let house = House {
///     trunk: Dense::new(3, 16, &mut rng).relu(),
///     price: Dense::new(16, 1, &mut rng),
///     sells: Dense::new(16, 1, &mut rng).sigmoid(),
/// };
/// let mut model = house.compile_outputs([3], Adam::new(0.01), [
///     Head::new("price", MeanSquaredError::new()).weight(0.5),
///     Head::new("sells", BinaryCrossentropy::new()).metric(Accuracy),
/// ]);
///
/// let x = Tensor::normal([200, 3], 0.0, 1.0, &mut rng);
/// let price = x.sum_keep(1);
/// let sells = price.greater(0.0).to_tensor(x.dtype());
/// let history = model.fit(&x, [("price", &price), ("sells", &sells)], Fit::epochs(40).validation_split(0.2).verbose(0))?;
/// assert_eq!(history.names()[..4], ["loss", "price_loss", "sells_loss", "sells_accuracy"]);
/// assert!(history.last("val_sells_accuracy") > 0.9);
/// assert_eq!(*model.predict(&x)?["price"].shape(), [200, 1]);
/// # Ok::<(), wengert_train::FitError>(())
/// ```
pub trait MultiOutput: Module + Debug + Send + Sync {
    /// The outputs for a batch, whose first axis counts the rows: always the same names in the same order.
    #[track_caller]
    fn outputs(&self, x: &Tensor) -> NamedOutputs;
}

/// What a model with several outputs gives: made of an array of names and outputs, or names and tensors.
#[derive(Clone, Debug)]
pub struct NamedOutputs(Vec<(&'static str, Output)>);

impl<const N: usize> From<[(&'static str, Output); N]> for NamedOutputs {
    fn from(outputs: [(&'static str, Output); N]) -> NamedOutputs {
        NamedOutputs(outputs.into())
    }
}

impl<const N: usize> From<[(&'static str, Tensor); N]> for NamedOutputs {
    fn from(outputs: [(&'static str, Tensor); N]) -> NamedOutputs {
        outputs.map(|(name, raw)| (name, Output { raw, activation: Activation::Linear })).into()
    }
}

/// Targets by the names of the outputs that they are for: made of an array of pairs, or of a tuple of up to six where some
/// targets are labels and others values.
///
/// # Examples
/// ```
/// use wengert_tensor::{Indices, Tensor};
/// use wengert_train::NamedTargets;
/// let (price, size, kind) = (Tensor::ones([2, 1]), Tensor::ones([2, 1]), Indices::from([0, 2]));
/// let alike = NamedTargets::from([("price", &price), ("size", &size)]);
/// let mixed = NamedTargets::from((("price", &price), ("kind", kind)));
/// ```
#[derive(Clone, Debug)]
pub struct NamedTargets(Vec<(String, Target)>);

impl<T: Into<Target>, const N: usize> From<[(&str, T); N]> for NamedTargets {
    fn from(targets: [(&str, T); N]) -> NamedTargets {
        NamedTargets(targets.into_iter().map(|(name, target)| (name.to_string(), target.into())).collect())
    }
}

// A macro, because tuples of each length are types of their own.
macro_rules! tuples {
    ($($($T:ident $index:tt),+;)*) => {$(
        impl<$($T: Into<Target>),+> From<($((&str, $T),)+)> for NamedTargets {
            fn from(targets: ($((&str, $T),)+)) -> NamedTargets {
                NamedTargets(vec![$((targets.$index.0.to_string(), targets.$index.1.into())),+])
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
}

/// How one of several outputs is judged: by a loss, which counts in the whole by a weight, and by metrics.
#[derive(Debug)]
pub struct Head {
    name: String,
    loss: Arc<dyn Loss>,
    weight: f64,
    metrics: Vec<Box<dyn Metric>>,
}

impl Head {
    /// The output of this name, with a loss that counts once.
    pub fn new(name: impl Into<String>, loss: impl Loss + 'static) -> Head {
        Head { name: name.into(), loss: Arc::new(loss), weight: 1.0, metrics: Vec::new() }
    }

    /// The same with a loss that counts so much in the whole: Keras' `loss_weights`. What is reported by the name of the output
    /// is without it.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn weight(self, weight: f64) -> Head {
        let is_weight = weight.is_finite() && weight >= 0.0;
        assert!(
            is_weight,
            "head: the weight of `{}` is {weight}, expected a finite number of at least 0",
            self.name
        );
        Head { weight, ..self }
    }

    /// The same with a metric more, to be reported as `<output>_<metric>`.
    pub fn metric(mut self, metric: impl Metric + 'static) -> Head {
        self.metrics.push(Box::new(metric));
        self
    }
}

/// Gives a model with several outputs an optimizer and, for each output, a loss. Every [`MultiOutput`] that is `Clone` has it.
pub trait CompileOutputs: MultiOutput + Clone + Sized + 'static {
    /// The model with its optimizer and what judges its outputs, for rows of this shape. What `fit` minimises is the sum of
    /// the losses by their weights; it is reported as `loss`, then come each `<output>_loss` and each `<output>_<metric>`.
    ///
    /// # Panics
    /// If the model does not take such rows, there is not one head for each of its outputs, two metrics have one name, or a loss is
    /// reduced to something else than a mean over the rows.
    #[track_caller]
    fn compile_outputs(
        self,
        row: impl Into<Shape>,
        optimizer: impl Optimizer + 'static,
        heads: impl IntoIterator<Item = Head>,
    ) -> CompiledOutputs<Self> {
        let heads: Vec<Head> = heads.into_iter().collect();
        let layout = Layout::new(&self, row.into(), &heads);
        CompiledOutputs::new(self, optimizer, layout, heads)
    }
}

impl<M: MultiOutput + Clone + 'static> CompileOutputs for M {}
