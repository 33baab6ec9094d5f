//! Start values of parameters. The orthogonal ones are made in `initializer/orthogonal.rs`.

mod orthogonal;

use wengert_tensor::{Array, DType, Rng, Shape, Tensor};

use crate::ConfigError;

/// How a parameter begins. The rules, and the parameters that [`Initializer::named`] gives, are Keras'.
///
/// # Fans
/// How many numbers reach one output (`n_in`), and how many one input reaches (`n_out`):
///
/// | shape | parameter | `n_in` | `n_out` |
/// |---|---|---|---|
/// | `[n]` | bias, scale | `n` | `n` |
/// | `[n_in, n_out]` | weight | `n_in` | `n_out` |
/// | `[k.., c_in, c_out]` | kernel of a convolution | `Π k · c_in` | `Π k · c_out` |
///
/// The kernel of a convolution in groups is `[k.., c_in / groups, c_out]`. (PyTorch stores `[c_out, c_in, k..]`, which gives
/// the same fans. Its default for `Linear`, uniform within `±1 / √n_in`, is
/// `VarianceScaling { scale: 1.0 / 3.0, fan: Fan::In, distribution: Distribution::Uniform }`.)
///
/// Normal variates of the scaled rules are cut at two standard deviations, and have the variance that is named.
///
/// # Examples
/// ```
/// use wengert_nn::Initializer;
/// use wengert_tensor::Rng;
/// let weight = Initializer::GlorotUniform.sample([3, 3], &mut Rng::seed(0));
/// assert!(weight.to_vec::<f32>().iter().all(|w| w.abs() <= 1.0));      // √(6 / (3 + 3))
/// assert_eq!(Initializer::named("orthogonal")?, Initializer::Orthogonal { gain: 1.0 });
/// # Ok::<(), wengert_nn::ConfigError>(())
/// ```
///
/// # References
/// X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, eq. 16;
/// K. He et al., "Delving deep into rectifiers", 2015, eq. 10; Y. LeCun et al., "Efficient backprop", 1998, eq. 16;
/// A. M. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014.
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
    /// With variance `scale` / n, where n is a fan or their mean.
    VarianceScaling {
        /// How much variance all inputs, or all outputs, have together. Keras' default is 1.
        scale: f64,
        /// What the variance is divided by. Keras' default is the inputs.
        fan: Fan,
        /// How the variates are distributed. Keras' default is the normal that is cut.
        distribution: Distribution,
    },
    /// A matrix with orthonormal columns, or rows if there are fewer of them, times `gain`; each such matrix is as
    /// likely as any other. A kernel of more axes is one with all but the last in one.
    Orthogonal {
        /// The factor. Keras' default is 1.
        gain: f64,
    },
    /// Normal, where what is further than two standard deviations from the mean is drawn again.
    TruncatedNormal {
        /// Keras' default is 0.
        mean: f64,
        /// The standard deviation before the cut. Keras' default is 0.05.
        std: f64,
    },
    /// Normal.
    RandomNormal {
        /// Keras' default is 0.
        mean: f64,
        /// The standard deviation. Keras' default is 0.05.
        std: f64,
    },
    /// Uniform.
    RandomUniform {
        /// Keras' default is -0.05.
        low: f64,
        /// Keras' default is 0.05.
        high: f64,
    },
    /// `gain` on the diagonal of a matrix, 0 elsewhere.
    Identity {
        /// The factor. Keras' default is 1.
        gain: f64,
    },
    /// All the same number.
    Constant(f64),
    /// All zeros: Keras' default for biases.
    Zeros,
    /// All ones.
    Ones,
}

/// What [`Initializer::VarianceScaling`] divides the variance by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// The number of inputs.
    In,
    /// The number of outputs.
    Out,
    /// The mean of both.
    Mean,
}

/// How the variates of [`Initializer::VarianceScaling`] are distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Normal, cut at two standard deviations and widened to the variance.
    TruncatedNormal,
    /// Normal.
    Normal,
    /// Uniform.
    Uniform,
}

/// The standard deviation of a standard normal variate that is cut at ±2:
/// `√(1 - 4 φ(2) / (2 Φ(2) - 1))`, with the normal density φ and distribution Φ.
const DEVIATION_OF_CUT_NORMAL: f64 = 0.879_625_661_034_239_8;

/// Keras' names, with its parameters.
const NAMED: [(&str, Initializer); 15] = [
    ("glorot_uniform", Initializer::GlorotUniform),
    ("glorot_normal", Initializer::GlorotNormal),
    ("he_uniform", Initializer::HeUniform),
    ("he_normal", Initializer::HeNormal),
    ("lecun_uniform", Initializer::LecunUniform),
    ("lecun_normal", Initializer::LecunNormal),
    ("variance_scaling", scaling(1.0, Fan::In, Distribution::TruncatedNormal)),
    ("orthogonal", Initializer::Orthogonal { gain: 1.0 }),
    ("truncated_normal", Initializer::TruncatedNormal { mean: 0.0, std: 0.05 }),
    ("random_normal", Initializer::RandomNormal { mean: 0.0, std: 0.05 }),
    ("random_uniform", Initializer::RandomUniform { low: -0.05, high: 0.05 }),
    ("identity", Initializer::Identity { gain: 1.0 }),
    ("constant", Initializer::Constant(0.0)),
    ("zeros", Initializer::Zeros),
    ("ones", Initializer::Ones),
];

const fn scaling(scale: f64, fan: Fan, distribution: Distribution) -> Initializer {
    Initializer::VarianceScaling { scale, fan, distribution }
}

impl Initializer {
    /// The initializer of a name, with Keras' parameters.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn named(name: &str) -> Result<Initializer, ConfigError> {
        NAMED.iter().find(|(known, _)| *known == name).map(|(_, rule)| *rule).ok_or_else(|| {
            let known = NAMED.map(|(name, _)| name).join(", ");
            ConfigError::new(format!("the initializer is `{name}`, expected one of {known}"))
        })
    }

    /// A tensor of start values (`f32`): the same for the same state of the generator.
    ///
    /// # Panics
    /// If an orthogonal matrix is asked for with fewer than two axes, or the identity with other than two; if a
    /// deviation or a bound makes no distribution.
    #[track_caller]
    pub fn sample(&self, shape: impl Into<Shape>, rng: &mut Rng) -> Tensor {
        self.sample_as(shape, DType::F32, rng)
    }

    /// [`sample`](Initializer::sample) in a dtype. The numbers are drawn in `f64`, and rounded if `f32` is asked for.
    ///
    /// # Panics
    /// As [`sample`](Initializer::sample).
    #[track_caller]
    pub fn sample_as(&self, shape: impl Into<Shape>, dtype: DType, rng: &mut Rng) -> Tensor {
        let shape = shape.into();
        let array = match *self {
            Initializer::GlorotUniform => scaled(shape, (1.0, Fan::Mean, Distribution::Uniform), dtype, rng),
            Initializer::GlorotNormal => {
                scaled(shape, (1.0, Fan::Mean, Distribution::TruncatedNormal), dtype, rng)
            }
            Initializer::HeUniform => scaled(shape, (2.0, Fan::In, Distribution::Uniform), dtype, rng),
            Initializer::HeNormal => scaled(shape, (2.0, Fan::In, Distribution::TruncatedNormal), dtype, rng),
            Initializer::LecunUniform => scaled(shape, (1.0, Fan::In, Distribution::Uniform), dtype, rng),
            Initializer::LecunNormal => {
                scaled(shape, (1.0, Fan::In, Distribution::TruncatedNormal), dtype, rng)
            }
            Initializer::VarianceScaling { scale, fan, distribution } => {
                assert!(scale > 0.0, "variance_scaling: the scale is {scale}, expected more than 0");
                scaled(shape, (scale, fan, distribution), dtype, rng)
            }
            Initializer::Orthogonal { gain } => orthogonal::sample(shape, gain, rng).cast(dtype),
            Initializer::TruncatedNormal { mean, std } => {
                check_deviation("truncated_normal", std);
                rng.truncated_normal(shape, mean, std, dtype)
            }
            Initializer::RandomNormal { mean, std } => {
                check_deviation("random_normal", std);
                rng.normal(shape, mean, std, dtype)
            }
            Initializer::RandomUniform { low, high } => {
                assert!(low <= high, "random_uniform: the lower bound {low} is above the upper bound {high}");
                rng.uniform(shape, low, high, dtype)
            }
            Initializer::Identity { gain } => identity(shape, gain).cast(dtype),
            Initializer::Constant(value) => Array::full(shape, value, dtype),
            Initializer::Zeros => Array::full(shape, 0.0, dtype),
            Initializer::Ones => Array::full(shape, 1.0, dtype),
        };
        array.into()
    }
}

#[track_caller]
fn check_deviation(name: &str, std: f64) {
    assert!(std >= 0.0, "{name}: the standard deviation is {std}, expected at least 0");
}

/// Variates of a scale, divided by a fan.
fn scaled(
    shape: Shape,
    (scale, fan, distribution): (f64, Fan, Distribution),
    dtype: DType,
    rng: &mut Rng,
) -> Array {
    let (n_in, n_out) = fans(&shape);
    let n = match fan {
        Fan::In => n_in,
        Fan::Out => n_out,
        Fan::Mean => (n_in + n_out) / 2.0,
    };
    let deviation = (scale / n).sqrt();
    match distribution {
        Distribution::TruncatedNormal => {
            rng.truncated_normal(shape, 0.0, deviation / DEVIATION_OF_CUT_NORMAL, dtype)
        }
        Distribution::Normal => rng.normal(shape, 0.0, deviation, dtype),
        Distribution::Uniform => {
            let bound = (3.0 * scale / n).sqrt();
            rng.uniform(shape, -bound, bound, dtype)
        }
    }
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

#[track_caller]
fn identity(shape: Shape, gain: f64) -> Array {
    let [n_rows, n_cols] = shape[..] else {
        panic!("identity: the shape {shape} is no matrix, expected 2 axes");
    };
    let mut elements = vec![0.0; n_rows * n_cols];
    elements.iter_mut().step_by(n_cols + 1).take(n_rows.min(n_cols)).for_each(|x| *x = gain);
    Array::from_vec(elements, shape)
}
