//! Layers that disturb their input in training, and pass it on at rest.

use serde_json::{Value, json};
use wengert_tensor::{DType, Generator, Mismatch, Module, Rng, Shape, Tensor};

use crate::config::{ConfigError, number};
use crate::{IntoLayer, Layer};

/// In training, each number is 0 with a probability, and else divided by that of the others: `y = x · m / (1 - rate)`,
/// `m ~ Bernoulli(1 - rate)`. At rest, `y = x`.
///
/// Keras' and PyTorch's rule (*inverted* dropout). The numbers come from a [`Generator`], which moves on with the
/// optimizer's step and is saved with the model. A frozen dropout still drops in training, as in Keras: it has nothing
/// that could be frozen.
///
/// # Examples
/// ```
/// use wengert_nn::{Dropout, Layer};
/// use wengert_tensor::{value_and_grad, Rng, Tensor};
///
/// let dropout = Dropout::new(0.5, &mut Rng::seed(1));
/// let x = Tensor::ones([100]);
/// assert_eq!(dropout.forward(&x).sum().item(), 100.0);
/// let ((_, y), _) = value_and_grad(&dropout, |dropout| (Tensor::from(0.0), dropout.forward(&x)));
/// assert!(y.to_vec::<f32>().iter().all(|&y| y == 0.0 || y == 2.0));
/// ```
///
/// # References
/// N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
#[derive(Module, Clone, Debug)]
pub struct Dropout {
    rate: f64,
    generator: Generator,
}

impl Dropout {
    /// A layer that drops numbers with this probability, by a key drawn from `rng`.
    ///
    /// # Panics
    /// If the rate is no probability.
    #[track_caller]
    pub fn new(rate: f64, rng: &mut Rng) -> Dropout {
        Dropout::rate(rate).build(rng)
    }

    /// The description of such a layer, for [`Sequential`](crate::Sequential), whose seed gives the key.
    ///
    /// # Panics
    /// If the rate is no probability.
    #[track_caller]
    pub fn rate(rate: f64) -> DropoutRate {
        assert!((0.0..=1.0).contains(&rate), "dropout: the rate {rate} lies outside [0, 1]");
        DropoutRate { rate }
    }

    pub(crate) fn from_config(config: &Value) -> Result<Dropout, ConfigError> {
        Ok(Dropout { rate: number(config, "rate", 0.0..=1.0)?, generator: Generator::new(0) })
    }
}

impl Layer for Dropout {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        let Some(mut rng) = self.generator.draw() else { return x.clone() };
        let kept = 1.0 - self.rate;
        let mask = Tensor::bernoulli(*x.shape(), kept, &mut rng).cast(x.dtype());
        // Of what is dropped with certainty nothing is left to be scaled.
        x * &(mask / if kept > 0.0 { kept } else { 1.0 })
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        Ok(*row)
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "rate": self.rate }))
    }
}

/// A dropout whose key is not drawn yet: what [`Dropout::rate`] gives.
#[derive(Clone, Copy, Debug)]
pub struct DropoutRate {
    rate: f64,
}

impl DropoutRate {
    /// The layer, with a key drawn from `rng`.
    pub fn build(self, rng: &mut Rng) -> Dropout {
        Dropout { rate: self.rate, generator: Generator::new(rng.split().key()) }
    }
}

impl IntoLayer for DropoutRate {
    fn into_layer(self, _: &Shape, rng: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        Ok(Box::new(self.build(rng)))
    }
}

/// In training, normal noise is added: `y = x + e`, `e ~ N(0, std²)`. At rest, `y = x`.
///
/// The noise comes from a [`Generator`], as that of [`Dropout`].
///
/// # Examples
/// ```
/// use wengert_nn::{GaussianNoise, Layer};
/// use wengert_tensor::{Rng, Tensor};
/// let noise = GaussianNoise::new(0.1, &mut Rng::seed(1));
/// assert_eq!(noise.forward(&Tensor::ones([3])).to_vec::<f32>(), [1.0; 3]);
/// ```
#[derive(Module, Clone, Debug)]
pub struct GaussianNoise {
    std: f64,
    generator: Generator,
}

impl GaussianNoise {
    /// A layer that adds noise of this standard deviation, by a key drawn from `rng`.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(std: f64, rng: &mut Rng) -> GaussianNoise {
        GaussianNoise::std(std).build(rng)
    }

    /// The description of such a layer, for [`Sequential`](crate::Sequential), whose seed gives the key.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn std(std: f64) -> GaussianNoiseStd {
        let is_deviation = std.is_finite() && std >= 0.0;
        assert!(is_deviation, "gaussian_noise: the deviation {std} is not a finite number of at least 0");
        GaussianNoiseStd { std }
    }

    pub(crate) fn from_config(config: &Value) -> Result<GaussianNoise, ConfigError> {
        Ok(GaussianNoise { std: number(config, "std", 0.0..=f64::MAX)?, generator: Generator::new(0) })
    }
}

impl Layer for GaussianNoise {
    #[track_caller]
    fn forward(&self, x: &Tensor) -> Tensor {
        match self.generator.draw() {
            Some(mut rng) => {
                let noise: Tensor = rng.normal(*x.shape(), 0.0, self.std, DType::F64).into();
                x + &noise.cast(x.dtype())
            }
            None => x.clone(),
        }
    }

    fn output_shape(&self, row: &Shape) -> Result<Shape, Mismatch> {
        Ok(*row)
    }

    fn config(&self) -> Option<Value> {
        Some(json!({ "std": self.std }))
    }
}

/// A layer of noise whose key is not drawn yet: what [`GaussianNoise::std`] gives.
#[derive(Clone, Copy, Debug)]
pub struct GaussianNoiseStd {
    std: f64,
}

impl GaussianNoiseStd {
    /// The layer, with a key drawn from `rng`.
    pub fn build(self, rng: &mut Rng) -> GaussianNoise {
        GaussianNoise { std: self.std, generator: Generator::new(rng.split().key()) }
    }
}

impl IntoLayer for GaussianNoiseStd {
    fn into_layer(self, _: &Shape, rng: &mut Rng) -> Result<Box<dyn Layer>, Mismatch> {
        Ok(Box::new(self.build(rng)))
    }
}
