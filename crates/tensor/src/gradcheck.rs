//! Derivatives checked against finite differences: of any function of tensors, and of any model. What may be checked
//! stands in `inputs.rs`.

use std::fmt;

use wengert_array::{DType, Rng};

use crate::node::next_id;
use crate::{Inputs, Tape, Tensor};

/// Checks the first derivatives of `f` at `inputs` against central differences, in `f64`, with PyTorch's constants.
///
/// `inputs` is a tensor, a tuple, array or `Vec` of tensors, or a model, whose trainable parameters are then checked.
/// It is cast to `f64` first; `f` may return a tensor of any shape.
///
/// # Errors
/// The first element whose derivatives disagree: which tensor, which index, both values. Or, that `f` computes in
/// `f32` somewhere, so that nothing can be said.
///
/// # Examples
/// ```
/// use wengert_tensor::{gradcheck, Tensor};
///
/// let (x, w) = (Tensor::from([[1.0, 2.0]]), Tensor::from([[3.0], [4.0]]));
/// gradcheck(&(x, w), |(x, w)| x.matmul(w).tanh())?;
/// # Ok::<(), wengert_tensor::GradcheckError>(())
/// ```
pub fn gradcheck<X: Inputs>(inputs: &X, f: impl Fn(&X) -> Tensor) -> Result<(), GradcheckError> {
    Gradcheck::default().first_order(inputs, f)
}

/// Checks the second derivatives of `f` at `inputs`: central differences of its gradient.
///
/// # Errors
/// As [`gradcheck`].
///
/// # Examples
/// ```
/// use wengert_tensor::{gradgradcheck, Tensor};
/// gradgradcheck(&Tensor::from([0.5, -1.5]), |x| x.tanh())?;
/// # Ok::<(), wengert_tensor::GradcheckError>(())
/// ```
pub fn gradgradcheck<X: Inputs>(inputs: &X, f: impl Fn(&X) -> Tensor) -> Result<(), GradcheckError> {
    Gradcheck::default().second_order(inputs, f)
}

/// The constants of a check. Derivatives `a` (analytic) and `n` (numeric) agree if `|a - n| <= atol + rtol |n|`, where
/// `n = (f(x + eps) - f(x - eps)) / (2 eps)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradcheck {
    /// The step of the central difference.
    pub eps: f64,
    /// The absolute tolerance.
    pub atol: f64,
    /// The relative tolerance.
    pub rtol: f64,
    /// A result that is no scalar is multiplied by random numbers from this seed and summed.
    pub seed: u64,
}

impl Default for Gradcheck {
    /// PyTorch's constants: `eps` 1e-6, `atol` 1e-5, `rtol` 1e-3.
    fn default() -> Self {
        Gradcheck { eps: 1e-6, atol: 1e-5, rtol: 1e-3, seed: 0 }
    }
}

impl Gradcheck {
    /// [`gradcheck`] with these constants.
    ///
    /// # Errors
    /// As [`gradcheck`].
    pub fn first_order<X: Inputs>(&self, inputs: &X, f: impl Fn(&X) -> Tensor) -> Result<(), GradcheckError> {
        let inputs = inputs.in_f64();
        let y = f(&inputs.for_evaluation());
        require_f64(&y)?;
        let weights = self.random_weights(&y);
        self.compare(&inputs, |x| (f(x) * &weights).sum())
    }

    /// [`gradgradcheck`] with these constants.
    ///
    /// # Errors
    /// As [`gradcheck`].
    pub fn second_order<X: Inputs>(
        &self,
        inputs: &X,
        f: impl Fn(&X) -> Tensor,
    ) -> Result<(), GradcheckError> {
        let inputs = inputs.in_f64();
        let y = f(&inputs.for_evaluation());
        require_f64(&y)?;
        // The derivative also depends on what comes in from above, so the weights are an input of the check.
        let weights = self.random_weights(&y);
        let directions: Vec<Tensor> = inputs.tensors().iter().map(|(_, x)| self.random_weights(x)).collect();
        self.compare(&Weighted { inputs, weights }, |Weighted { inputs, weights }| {
            let gradients = gradients(inputs, |x| (f(x) * weights).sum());
            let products = gradients.iter().zip(&directions).map(|(dx, direction)| (dx * direction).sum());
            products.reduce(|sum, product| sum + product).unwrap_or_else(|| Tensor::scalar(0.0, DType::F64))
        })
    }

    /// Random numbers of either sign and of size ½ to 1½, so that none hides an error.
    fn random_weights(&self, like: &Tensor) -> Tensor {
        let mut rng = Rng::seed(self.seed);
        let x: Tensor = rng.uniform(*like.shape(), -1.0, 1.0, DType::F64).into();
        x.greater(0.0).select(&(&x + 0.5), &(&x - 0.5))
    }

    /// Compares all derivatives of a scalar function.
    fn compare<X: Inputs>(&self, inputs: &X, f: impl Fn(&X) -> Tensor) -> Result<(), GradcheckError> {
        let analytic = checked_gradients(inputs, &f)?;
        let mut failure: Option<Disagreement> = None;
        for (place, ((name, x), gradient)) in inputs.tensors().into_iter().zip(&analytic).enumerate() {
            let (values, analytic) = (x.to_vec::<f64>(), gradient.to_vec::<f64>());
            for index in 0..x.size() {
                let evaluate = |offset: f64| {
                    let mut moved = values.clone();
                    moved[index] += offset;
                    f(&inputs.with_tensor(place, Tensor::new(moved, *x.shape())).for_evaluation()).item()
                };
                let numeric = (evaluate(self.eps) - evaluate(-self.eps)) / (2.0 * self.eps);
                if self.agree(analytic[index], numeric) {
                    continue;
                }
                let first = failure.get_or_insert_with(|| {
                    let here = evaluate(0.0);
                    Disagreement {
                        tensor: name.clone(),
                        index: coordinates(index, x.shape()),
                        analytic: analytic[index],
                        numeric,
                        one_sided: [here - evaluate(-self.eps), evaluate(self.eps) - here]
                            .map(|step| step / self.eps),
                        n_wrong: 0,
                        n_elements: x.size(),
                        constants: *self,
                    }
                });
                first.n_wrong += usize::from(first.tensor == name);
            }
        }
        failure.map_or(Ok(()), |failure| Err(GradcheckError::Disagreement(Box::new(failure))))
    }

    fn agree(&self, analytic: f64, numeric: f64) -> bool {
        (analytic - numeric).abs() <= self.atol + self.rtol * numeric.abs()
    }
}

/// The gradients with respect to every tensor of `inputs`; they stay tracked where `inputs` were.
fn gradients<X: Inputs>(inputs: &X, f: impl Fn(&X) -> Tensor) -> Vec<Tensor> {
    let since = next_id();
    let leaves = inputs.for_evaluation().with_leaves();
    let y = f(&leaves);
    let tape = Tape::since(since, [&y]);
    pull_back(&tape, &y, &leaves)
}

fn pull_back<X: Inputs>(tape: &Tape<'_>, y: &Tensor, leaves: &X) -> Vec<Tensor> {
    let tensors: Vec<Tensor> = leaves.tensors().into_iter().map(|(_, x)| x).collect();
    let derivatives = tape.pull_back(y, Tensor::scalar(1.0, DType::F64), &tensors.iter().collect::<Vec<_>>());
    let zero = |x: &Tensor| Tensor::zeros(*x.shape()).cast(DType::F64);
    derivatives.into_iter().zip(&tensors).map(|(dx, x)| dx.unwrap_or_else(|| zero(x))).collect()
}

/// The same, refusing a function that rounds to `f32` on its way: central differences would only see the rounding.
fn checked_gradients<X: Inputs>(inputs: &X, f: impl Fn(&X) -> Tensor) -> Result<Vec<Tensor>, GradcheckError> {
    let since = next_id();
    let leaves = inputs.for_evaluation().with_leaves();
    let y = f(&leaves);
    require_f64(&y)?;
    let tape = Tape::since(since, [&y]);
    let tensors: Vec<Tensor> = leaves.tensors().into_iter().map(|(_, x)| x).collect();
    if let Some(node) = tape.operations_on(&tensors).find(|node| node.rule.output().dtype() == DType::F32) {
        let site = format!("{}:{}", node.site.file(), node.site.line());
        return Err(GradcheckError::Rounded { operation: node.rule.name().to_string(), site });
    }
    Ok(pull_back(&tape, &y, &leaves))
}

fn require_f64(y: &Tensor) -> Result<(), GradcheckError> {
    if y.dtype() == DType::F64 {
        return Ok(());
    }
    Err(GradcheckError::Rounded {
        operation: "the result".to_string(),
        site: "the end of the function".to_string(),
    })
}

fn coordinates(mut index: usize, shape: &[usize]) -> Vec<usize> {
    let mut coordinates: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&size| {
            let coordinate = index % size;
            index /= size;
            coordinate
        })
        .collect();
    coordinates.reverse();
    coordinates
}

/// Why a check failed.
#[derive(Clone, PartialEq)]
pub enum GradcheckError {
    /// A derivative is not what central differences say.
    Disagreement(Box<Disagreement>),
    /// The function computes in `f32` somewhere although its inputs are `f64`.
    Rounded {
        /// Which operation gave an `f32`.
        operation: String,
        /// The line that asked for it.
        site: String,
    },
}

/// The first element that disagrees.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// The name of the tensor: `x`, `x[1]`, `hidden.weight`.
    pub tensor: String,
    /// The element.
    pub index: Vec<usize>,
    /// The derivative by the rules.
    pub analytic: f64,
    /// The derivative by central differences.
    pub numeric: f64,
    /// The differences to the left and to the right, which differ at a kink.
    pub one_sided: [f64; 2],
    /// How many elements of this tensor disagree.
    pub n_wrong: usize,
    /// How many elements it has.
    pub n_elements: usize,
    /// The constants of the check.
    pub constants: Gradcheck,
}

impl fmt::Display for GradcheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GradcheckError::Disagreement(found) => {
                let Gradcheck { eps, atol, rtol, .. } = found.constants;
                writeln!(
                    f,
                    "gradcheck: the derivative with respect to `{}` is wrong at {:?}",
                    found.tensor, found.index
                )?;
                writeln!(f, "  analytic  {:e}", found.analytic)?;
                writeln!(f, "  numeric   {:e}   (central difference, eps {eps:e})", found.numeric)?;
                writeln!(f, "  allowed   {atol:e} + {rtol:e} · |numeric|")?;
                write!(f, "  wrong in {} of {} elements", found.n_wrong, found.n_elements)?;
                if found.is_kink() {
                    let [left, right] = found.one_sided;
                    write!(
                        f,
                        "\n  help: the function has a kink here, slope {left:.4} before it and {right:.4} after; "
                    )?;
                    write!(f, "check it at another point")?;
                }
                Ok(())
            }
            GradcheckError::Rounded { operation, site } => {
                writeln!(f, "gradcheck: {operation} is f32 although the inputs are f64")?;
                writeln!(f, "  at      {site}")?;
                write!(f, "  help: remove the cast to f32; central differences would only see its rounding")
            }
        }
    }
}

impl fmt::Debug for GradcheckError {
    /// The message, because this is what a program shows whose `main` returns the error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for GradcheckError {}

impl Disagreement {
    /// Whether the derivative lies between those on either side, which themselves disagree.
    fn is_kink(&self) -> bool {
        let [left, right] = self.one_sided;
        let is_between = (left.min(right)..=left.max(right)).contains(&self.analytic);
        is_between && !self.constants.agree(left, right)
    }
}

/// Inputs, and the weights that make a scalar of a result: what a second-order check differentiates.
#[derive(Clone)]
struct Weighted<X> {
    inputs: X,
    weights: Tensor,
}

impl<X: Inputs> Inputs for Weighted<X> {
    fn tensors(&self) -> Vec<(String, Tensor)> {
        let mut all = self.inputs.tensors();
        all.push(("the incoming derivative".to_string(), self.weights.clone()));
        all
    }
    fn map(&self, f: &mut dyn FnMut(&Tensor) -> Tensor) -> Self {
        Weighted { inputs: self.inputs.map(f), weights: f(&self.weights) }
    }
    fn in_f64(&self) -> Self {
        Weighted { inputs: self.inputs.in_f64(), weights: self.weights.cast(DType::F64) }
    }
    fn for_evaluation(&self) -> Self {
        Weighted { inputs: self.inputs.for_evaluation(), weights: self.weights.clone() }
    }
}
