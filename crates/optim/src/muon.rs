//! Muon: steps of matrices that change all directions alike.

use wengert_array::{Array, Float, Pointwise, Shape, Update, pointwise, update};
use wengert_tensor::Tensor;

use crate::adam;
use crate::rule::{checked, checked_share, correction, flush};
use crate::{Core, Group, Optimizer, Parameter, Tune};

/// Muon, with Keras' arithmetic and defaults: rate 0.001, momentum 0.95 after Nesterov, 6 iterations, weight decay 0.1.
///
/// For a matrix, `m ← μ m + g`, and `w ← w - rate √max(1, n_rows / n_columns) · O`, where `O` is `g + μ m` with all its
/// singular values brought near 1: it is divided by its norm, and then iterated by `X ← a X + (b A + c A²) X`, `A = X Xᵀ`,
/// with `(a, b, c) = (3.4445, -4.7750, 2.0315)`. They end between about 0.7 and 1.2.
///
/// All other parameters, those with `embedding` in their names, and those that are [excluded](Muon::exclude), as that of
/// the last layer should be, are trained by Adam with a tenth of the rate. [`Muon::pytorch`] has 5 iterations, and the other
/// quotient of the sizes in the root, because a matrix of PyTorch is the transpose of one of Keras and of ours.
///
/// # Examples
/// ```
/// use wengert_optim::{Muon, Tune};
/// let muon = Muon::new(0.02).exclude("output.*").weight_decay(0.0);
/// ```
///
/// # References
/// K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; J. Liu et al., "Muon is scalable for
/// LLM training", 2025.
#[derive(Clone, Debug)]
pub struct Muon {
    core: Core,
    momentum: f64,
    n_iterations: usize,
    is_nesterov: bool,
    is_pytorch: bool,
    adam_factor: f64,
    excluded: Vec<Group>,
}

/// Those of Adam, for the parameters that are no matrices.
const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-7;

impl Default for Muon {
    /// Keras' rate, 0.001.
    fn default() -> Self {
        Muon::new(0.001)
    }
}

impl Muon {
    /// Muon with a learning rate.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn new(rate: f64) -> Muon {
        let muon = Muon {
            core: Core::new("muon", rate),
            momentum: 0.95,
            n_iterations: 6,
            is_nesterov: true,
            is_pytorch: false,
            adam_factor: 0.1,
            excluded: vec![Group::named("*embedding*")],
        };
        muon.weight_decay(0.1)
    }

    /// Muon with PyTorch's 5 iterations and its factor of the rate. Its default rate is 0.001 too.
    ///
    /// # Panics
    /// As for [`new`](Muon::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> Muon {
        Muon { n_iterations: 5, is_pytorch: true, ..Muon::new(rate) }
    }

    /// The same, but parameters whose names fit the pattern (that of a [`Group`]) are trained by Adam.
    pub fn exclude(mut self, pattern: impl Into<String>) -> Muon {
        self.excluded.push(Group::named(pattern));
        self
    }

    /// The same with another momentum.
    ///
    /// # Panics
    /// If it lies outside [0, 1).
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Muon {
        Muon { momentum: checked_share("muon", "the momentum", momentum), ..self }
    }

    /// The same with the momentum `m` itself as the direction, without Nesterov's step ahead.
    pub fn plain_momentum(self) -> Muon {
        Muon { is_nesterov: false, ..self }
    }

    /// The same with another number of iterations.
    pub fn iterations(self, n_iterations: usize) -> Muon {
        Muon { n_iterations, ..self }
    }

    /// The same with another factor of the rate where Adam trains.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn adam_factor(self, factor: f64) -> Muon {
        Muon { adam_factor: checked("muon", "the factor of Adam's rate", factor), ..self }
    }

    fn is_muon(&self, name: &str, shape: &Shape) -> bool {
        shape.len() == 2 && !self.excluded.iter().any(|group| group.has(name))
    }

    fn update_matrix(&self, parameter: &mut Parameter<'_>) {
        let gradient = parameter.gradient();
        let [m] = &mut *parameter.moments else { unreachable!("one is named") };
        update(&Momentum(self.momentum), [m], [&gradient]);
        let ahead = self.is_nesterov.then(|| pointwise(&Ahead(self.momentum), [&gradient, m]));
        let direction = orthogonalized(ahead.as_ref().unwrap_or(m), self.n_iterations);
        let (n_rows, n_columns) = (m.shape()[0] as f64, m.shape()[1] as f64);
        let quotient = if self.is_pytorch { n_columns / n_rows } else { n_rows / n_columns };
        let (alpha, decay) = (parameter.rate * quotient.max(1.0).sqrt(), parameter.decay());
        update(&Descend { alpha, decay }, [parameter.value], [&direction]);
    }
}

impl Optimizer for Muon {
    fn core(&self) -> &Core {
        &self.core
    }

    fn core_mut(&mut self) -> &mut Core {
        &mut self.core
    }

    fn moments(&self, name: &str, shape: &Shape) -> &'static [&'static str] {
        if self.is_muon(name, shape) { &["momentum"] } else { &["m", "v"] }
    }

    fn update(&self, parameter: &mut Parameter<'_>) {
        if parameter.moments.len() == 1 {
            return self.update_matrix(parameter);
        }
        let spread = correction(BETA_2, parameter.step).sqrt();
        parameter.apply(adam::Rule {
            alpha: self.adam_factor * parameter.rate * spread / correction(BETA_1, parameter.step),
            gain_1: 1.0 - BETA_1,
            gain_2: 1.0 - BETA_2,
            epsilon: EPSILON,
        });
    }
}

/// A matrix with the same singular vectors and singular values near 1, by iterations of Newton and Schulz.
fn orthogonalized(x: &Array, n_iterations: usize) -> Array {
    const A: f64 = 3.4445;
    const B: f64 = -4.7750;
    const C: f64 = 2.0315;
    // The lesser side first, so that the products are small.
    let is_tall = x.shape()[0] > x.shape()[1];
    let x = Tensor::from(x.clone()) / (x.norm() + 1e-7);
    let mut x = if is_tall { x.t() } else { x };
    for _ in 0..n_iterations {
        let a = x.matmul(&x.t());
        x = &x * A + (&a * B + a.matmul(&a) * C).matmul(&x);
    }
    let x = if is_tall { x.t() } else { x };
    x.array().clone()
}

struct Momentum(f64);

impl Update<1, 1> for Momentum {
    #[inline(always)]
    fn apply<T: Float>(&self, [m]: [T; 1], [g]: [T; 1]) -> [T; 1] {
        [flush(T::of(self.0) * m + g)]
    }
}

struct Ahead(f64);

impl Pointwise<2> for Ahead {
    #[inline(always)]
    fn apply<T: Float>(&self, [g, m]: [T; 2]) -> T {
        g + T::of(self.0) * m
    }
}

struct Descend {
    alpha: f64,
    decay: f64,
}

impl Update<1, 1> for Descend {
    #[inline(always)]
    fn apply<T: Float>(&self, [w]: [T; 1], [direction]: [T; 1]) -> [T; 1] {
        [w - T::of(self.decay) * w - T::of(self.alpha) * direction]
    }
}

#[cfg(test)]
mod tests {
    use wengert_tensor::Rng;

    use super::*;

    /// Of `O Oᵀ` the eigenvalues are the squares of the singular values of `O`; that each lies between two bounds shows in
    /// `vᵀ O Oᵀ v` for any unit `v`.
    #[test]
    fn singular_values_end_near_one() {
        let mut rng = Rng::seed(3);
        for shape in [[6, 6], [4, 9], [9, 4], [1, 5], [5, 1]] {
            let x = Tensor::randn(shape, &mut rng);
            let o = Tensor::from(orthogonalized(x.array(), 6));
            assert_eq!(o.shape()[..], shape);
            let o = if shape[0] > shape[1] { o.t() } else { o };
            for _ in 0..50 {
                let v = Tensor::randn([1, o.shape()[0]], &mut rng);
                let ratio = v.matmul(&o).square().sum().item() / v.square().sum().item();
                assert!((0.3..1.6).contains(&ratio), "{shape:?}: {ratio}");
            }
        }
    }

    #[test]
    fn a_matrix_of_zeros_stays() {
        let o = orthogonalized(&Array::zeros([3, 2], wengert_array::DType::F64), 6);
        assert_eq!(o.to_vec::<f64>(), [0.0; 6]);
    }
}
