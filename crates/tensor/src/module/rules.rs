//! What a parameter may carry beside its value: a constraint that holds after every step, and a regularizer that the
//! loss grows by.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use wengert_array::{Mismatch, Shape};

use crate::Tensor;
use crate::tensor::axis_in;

/// What a parameter is brought back to after every step of an optimizer.
///
/// Norms go over axis 0 unless said otherwise, as in Keras: of a dense layer's weight `[n_in, n_out]`, over what enters
/// each unit. What meets the constraint keeps its bits, and zeros stay zeros. (Keras adds 1e-7 to each norm that it
/// divides by, and so shrinks what lies within the bounds a little at every step; [`keras_exact`](Constraint::keras_exact)
/// does the same. PyTorch has no constraints.)
///
/// # Examples
/// ```
/// use wengert_tensor::{Constraint, Tensor};
/// let weight = Tensor::from([[3.0, 0.0], [4.0, -1.0]]);
/// assert_eq!(Constraint::max_norm(1.0).apply(&weight).to_vec::<f32>(), [0.6, 0.0, 0.8, -1.0]);
/// assert_eq!(Constraint::non_negative().apply(&weight).to_vec::<f32>(), [3.0, 0.0, 4.0, 0.0]);
/// ```
///
/// # References
/// N. Srivastava et al., "Dropout", 2014, section 5.1 (max norm).
#[derive(Clone, Debug)]
pub enum Constraint {
    /// No element below 0.
    NonNegative,
    /// Norms within bounds.
    Norm(NormBounds),
    /// A function of one's own.
    Custom(CustomRule),
}

/// The bounds of a norm: `w ← w · (norm + rate (clamp(norm, min, max) - norm)) / (norm + epsilon)`.
#[derive(Clone, Debug, PartialEq)]
pub struct NormBounds {
    /// The lower bound.
    pub min: f64,
    /// The upper bound.
    pub max: f64,
    /// The share of the way to the nearer bound that one step goes.
    pub rate: f64,
    /// The axes that a norm goes over.
    pub axes: Vec<isize>,
    /// What is added to the norm that is divided by.
    pub epsilon: f64,
}

impl Constraint {
    /// No element below 0.
    pub fn non_negative() -> Constraint {
        Constraint::NonNegative
    }

    /// Euclidean norms of at most `max` (Keras' default is 2).
    ///
    /// # Panics
    /// If the bound is not a finite number of at least 0.
    #[track_caller]
    pub fn max_norm(max: f64) -> Constraint {
        Constraint::min_max_norm(0.0, max)
    }

    /// Euclidean norms of 1.
    pub fn unit_norm() -> Constraint {
        Constraint::min_max_norm(1.0, 1.0)
    }

    /// Euclidean norms from `min` to `max` (Keras' defaults are 0 and 1).
    ///
    /// # Panics
    /// If the bounds are not finite numbers with `0 <= min <= max`.
    #[track_caller]
    pub fn min_max_norm(min: f64, max: f64) -> Constraint {
        let is_range = 0.0 <= min && min <= max && max.is_finite();
        assert!(is_range, "constraint: {min} and {max} are no bounds of a norm; expected 0 <= min <= max");
        Constraint::Norm(NormBounds { min, max, rate: 1.0, axes: vec![0], epsilon: 0.0 })
    }

    /// What the function makes of the parameter. A model with such a rule cannot be saved with its configuration.
    ///
    /// # Examples
    /// ```
    /// use wengert_tensor::{Constraint, Tensor};
    /// let clipped = Constraint::custom("clip", |w| w.clamp(-1.0, 1.0));
    /// assert_eq!(clipped.apply(&Tensor::from([-3.0, 0.5])).to_vec::<f32>(), [-1.0, 0.5]);
    /// ```
    pub fn custom(name: &str, f: impl Fn(&Tensor) -> Tensor + Send + Sync + 'static) -> Constraint {
        Constraint::Custom(CustomRule { name: name.to_string(), f: Arc::new(f) })
    }

    /// The same with norms over other axes, such as `[0, 1, 2]`; `[]` for the size of each element.
    ///
    /// # Panics
    /// If the constraint is not one of norms.
    #[track_caller]
    pub fn axes(self, axes: impl Into<Vec<isize>>) -> Constraint {
        let axes = axes.into();
        self.with_bounds(|bounds| NormBounds { axes, ..bounds })
    }

    /// The same, going a share of the way to the bounds in each step.
    ///
    /// # Panics
    /// If the rate lies outside [0, 1], or the constraint is not one of norms.
    #[track_caller]
    pub fn rate(self, rate: f64) -> Constraint {
        assert!((0.0..=1.0).contains(&rate), "constraint: the rate {rate} lies outside [0, 1]");
        self.with_bounds(|bounds| NormBounds { rate, ..bounds })
    }

    /// The same with Keras' arithmetic: 1e-7 is added to each norm that is divided by.
    ///
    /// # Panics
    /// If the constraint is not one of norms.
    #[track_caller]
    pub fn keras_exact(self) -> Constraint {
        self.with_bounds(|bounds| NormBounds { epsilon: 1e-7, ..bounds })
    }

    #[track_caller]
    fn with_bounds(self, change: impl FnOnce(NormBounds) -> NormBounds) -> Constraint {
        match self {
            Constraint::Norm(bounds) => Constraint::Norm(change(bounds)),
            other => panic!("constraint: {other:?} has no norms"),
        }
    }

    /// The nearest parameter that meets the constraint (for a rate of 1).
    ///
    /// # Panics
    /// If the parameter does not have the axes of the norms.
    #[track_caller]
    pub fn apply(&self, weight: &Tensor) -> Tensor {
        match self {
            // A NaN stays one.
            Constraint::NonNegative => weight.less(0.0).select(0.0, weight),
            Constraint::Norm(bounds) => bounds.apply(weight),
            Constraint::Custom(rule) => (rule.f)(weight),
        }
    }

    /// Whether a parameter of this shape has the axes of the norms.
    ///
    /// # Errors
    /// What was given and what was expected.
    pub fn check(&self, shape: &Shape) -> Result<(), Mismatch> {
        let Constraint::Norm(bounds) = self else { return Ok(()) };
        for (place, &number) in bounds.axes.iter().enumerate() {
            let problem = match axis_in(number, shape) {
                None => "does not exist",
                axis if bounds.axes[..place].iter().any(|&other| axis_in(other, shape) == axis) => {
                    "is named twice"
                }
                Some(_) => continue,
            };
            return Err(
                Mismatch::new(format!("axis {number} of the norms {problem}")).row("parameter", shape)
            );
        }
        Ok(())
    }
}

impl NormBounds {
    #[track_caller]
    fn apply(&self, weight: &Tensor) -> Tensor {
        let norm = weight.norm_keep(2.0, &self.axes[..]);
        // In this order, what lies within the bounds is multiplied by exactly 1.
        let wanted = &norm + (norm.clamp(self.min, self.max) - &norm) * self.rate;
        let factor = wanted / (&norm + self.epsilon);
        weight * norm.equal(0.0).select(1.0, &factor)
    }
}

/// What the loss grows by, so that a parameter stays small.
///
/// `l1 Σ |w| + l2 Σ w²`, as in Keras. (The weight decay of PyTorch's optimizers adds `λ w` to the gradient: that of
/// `l2 = λ / 2`.)
///
/// # Examples
/// ```
/// use wengert_tensor::{Regularizer, Tensor};
/// let weight = Tensor::from([1.0, -2.0]);
/// assert_eq!(Regularizer::l1(0.5).penalty(&weight).item(), 1.5);
/// assert_eq!(Regularizer::l2(0.5).penalty(&weight).item(), 2.5);
/// assert_eq!(Regularizer::l1_l2(0.5, 0.5).penalty(&weight).item(), 4.0);
/// ```
#[derive(Clone, Debug)]
pub enum Regularizer {
    /// The sum of the sizes and that of the squares.
    L1L2 {
        /// The weight of the sizes.
        l1: f64,
        /// The weight of the squares.
        l2: f64,
    },
    /// A function of one's own.
    Custom(CustomRule),
}

impl Regularizer {
    /// `l1 Σ |w|` (Keras' default is 0.01).
    ///
    /// # Panics
    /// If the weight is not a finite number of at least 0.
    #[track_caller]
    pub fn l1(l1: f64) -> Regularizer {
        Regularizer::l1_l2(l1, 0.0)
    }

    /// `l2 Σ w²` (Keras' default is 0.01).
    ///
    /// # Panics
    /// If the weight is not a finite number of at least 0.
    #[track_caller]
    pub fn l2(l2: f64) -> Regularizer {
        Regularizer::l1_l2(0.0, l2)
    }

    /// `l1 Σ |w| + l2 Σ w²`
    ///
    /// # Panics
    /// If a weight is not a finite number of at least 0.
    #[track_caller]
    pub fn l1_l2(l1: f64, l2: f64) -> Regularizer {
        for weight in [l1, l2] {
            let is_weight = weight.is_finite() && weight >= 0.0;
            assert!(is_weight, "regularizer: the weight {weight} is not a finite number of at least 0");
        }
        Regularizer::L1L2 { l1, l2 }
    }

    /// What the function makes of the parameter, a scalar. A model with such a rule cannot be saved with its
    /// configuration.
    pub fn custom(name: &str, f: impl Fn(&Tensor) -> Tensor + Send + Sync + 'static) -> Regularizer {
        Regularizer::Custom(CustomRule { name: name.to_string(), f: Arc::new(f) })
    }

    /// What a parameter adds to the loss, of shape `[]`.
    #[track_caller]
    pub fn penalty(&self, weight: &Tensor) -> Tensor {
        match self {
            &Regularizer::L1L2 { l1, l2: 0.0 } => weight.abs().sum() * l1,
            &Regularizer::L1L2 { l1: 0.0, l2 } => weight.square().sum() * l2,
            &Regularizer::L1L2 { l1, l2 } => weight.abs().sum() * l1 + weight.square().sum() * l2,
            Regularizer::Custom(rule) => (rule.f)(weight),
        }
    }
}

/// A rule that is a function of a parameter.
#[derive(Clone)]
pub struct CustomRule {
    name: String,
    f: Arc<dyn Fn(&Tensor) -> Tensor + Send + Sync>,
}

// A model stays usable after a panic: a rule never changes what it is called with.
impl UnwindSafe for CustomRule {}
impl RefUnwindSafe for CustomRule {}

impl CustomRule {
    /// The name that it was given.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for CustomRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name)
    }
}
