//! Start values of parameters.

use wengert_tensor::{DType, Rng, Shape, Tensor};

/// How a parameter begins. The rules are Keras'.
///
/// A weight `[..., n_in, n_out]` has the fans `n_in` and `n_out`, each times the product of the leading sizes; a vector
/// has its size as both. Normal variates are cut at two standard deviations and scaled to the deviation named here.
///
/// # Examples
/// ```
/// use wengert_nn::Initializer;
/// use wengert_tensor::Rng;
/// let weight = Initializer::GlorotUniform.sample([3, 3], &mut Rng::seed(0));
/// assert!(weight.to_vec::<f32>().iter().all(|w| w.abs() <= 1.0));      // √(6 / (3 + 3))
/// ```
///
/// # References
/// X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, eq. 16;
/// K. He et al., "Delving deep into rectifiers", 2015, eq. 10; Y. LeCun et al., "Efficient backprop", 1998, eq. 16.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Initializer {
    /// Uniform within ±√(6 / (n_in + n_out)): Keras' default for weights.
    #[default]
    GlorotUniform,
    /// Normal with variance 2 / (n_in + n_out).
    GlorotNormal,
    /// Uniform within ±√(6 / n_in).
    HeUniform,
    /// Normal with variance 2 / n_in.
    HeNormal,
    /// Uniform within ±√(3 / n_in).
    LecunUniform,
    /// Normal with variance 1 / n_in.
    LecunNormal,
    /// All zeros: Keras' default for biases.
    Zeros,
    /// All ones.
    Ones,
}

/// The standard deviation of a standard normal variate that is cut at ±2:
/// `√(1 - 4 φ(2) / (2 Φ(2) - 1))`, with the normal density φ and distribution Φ.
const DEVIATION_OF_CUT_NORMAL: f64 = 0.879_625_661_034_239_8;

impl Initializer {
    /// A tensor of start values (`f32`).
    ///
    /// # Panics
    /// If a random rule is asked for a tensor without axes.
    #[track_caller]
    pub fn sample(&self, shape: impl Into<Shape>, rng: &mut Rng) -> Tensor {
        let shape = shape.into();
        let (n_in, n_out) = fans(&shape);
        match self {
            Initializer::GlorotUniform => uniform(shape, 3.0 / mean(n_in, n_out), rng),
            Initializer::GlorotNormal => normal(shape, 1.0 / mean(n_in, n_out), rng),
            Initializer::HeUniform => uniform(shape, 6.0 / n_in, rng),
            Initializer::HeNormal => normal(shape, 2.0 / n_in, rng),
            Initializer::LecunUniform => uniform(shape, 3.0 / n_in, rng),
            Initializer::LecunNormal => normal(shape, 1.0 / n_in, rng),
            Initializer::Zeros => Tensor::zeros(shape),
            Initializer::Ones => Tensor::ones(shape),
        }
    }
}

fn mean(n_in: f64, n_out: f64) -> f64 {
    (n_in + n_out) / 2.0
}

/// Uniform within ±√square.
fn uniform(shape: Shape, square: f64, rng: &mut Rng) -> Tensor {
    rng.uniform(shape, -square.sqrt(), square.sqrt(), DType::F32).into()
}

fn normal(shape: Shape, variance: f64, rng: &mut Rng) -> Tensor {
    rng.truncated_normal(shape, 0.0, variance.sqrt() / DEVIATION_OF_CUT_NORMAL, DType::F32).into()
}

/// How many inputs reach an output, and the reverse; at least 1.
fn fans(shape: &Shape) -> (f64, f64) {
    let (n_in, n_out) = match shape[..] {
        [] => (1, 1),
        [n] => (n, n),
        [ref leading @ .., n_in, n_out] => {
            let field: usize = leading.iter().product();
            (n_in * field, n_out * field)
        }
    };
    (n_in.max(1) as f64, n_out.max(1) as f64)
}
