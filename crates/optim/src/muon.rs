//! Muon: steps of matrices that change all directions alike.

use wengert_array::{Array, Float, Pointwise, Shape, Update, pointwise, update};
use wengert_tensor::Tensor;

use crate::adam;
use crate::rule::{checked, checked_share, correction, flush};
use crate::{Core, Group, Optimizer, Parameter, Tune};

/// Muon, with the arithmetic and defaults of Keras 3.15: rate 0.001, momentum 0.95 after Nesterov, 5 iterations, weight decay
/// 0.004.
///
/// For a matrix, `m ← μ m + g`, and `w ← w - rate · 0.2 √max(n_rows, n_columns) · O`, where `O` is `g + μ m` with all its
/// singular values brought near 1: it is divided by its norm, and then iterated by `X ← a X + (b A + c A²) X`, `A = X Xᵀ`,
/// with `(a, b, c) = (3.4445, -4.7750, 2.0315)`. They end between about 0.7 and 1.2, and the numbers of a step have a root mean
/// square of about 0.2 rates, as those of Adam's steps.
///
/// All other parameters, those with `embedding` in their names, and those that are [excluded](Muon::exclude), as that of
/// the last layer should be, are trained by Adam with the same rate. [`Muon::pytorch`] has `√max(1, n_columns / n_rows)` in the
/// place of `0.2 √max(n_rows, n_columns)` (a matrix of PyTorch is the transpose of ours), and a weight decay of 0.1. (Earlier
/// versions of Keras had 6 iterations, the quotient the other way round, that decay, and a tenth of the rate for Adam.)
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
    /// The root mean square of a step; nothing for PyTorch's.
    rms: Option<f64>,
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
            n_iterations: 5,
            is_nesterov: true,
            rms: Some(0.2),
            adam_factor: 1.0,
            excluded: vec![Group::named("*embedding*")],
        };
        muon.weight_decay(0.004)
    }

    /// Muon with PyTorch's size of steps, and its weight decay of 0.1. Its default rate is 0.001 too.
    ///
    /// # Panics
    /// As for [`new`](Muon::new).
    #[track_caller]
    pub fn pytorch(rate: f64) -> Muon {
        Muon { rms: None, ..Muon::new(rate) }.weight_decay(0.1)
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

    /// The same with steps whose numbers have this root mean square, times the rate: Keras' `rms_rate`.
    ///
    /// # Panics
    /// If it is not a finite number of at least 0.
    #[track_caller]
    pub fn rms(self, rms: f64) -> Muon {
        Muon { rms: Some(checked("muon", "the root mean square", rms)), ..self }
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
        let factor = match self.rms {
            Some(rms) => rms * n_rows.max(n_columns).sqrt(),
            None => (n_columns / n_rows).max(1.0).sqrt(),
        };
        let (alpha, decay) = (parameter.rate * factor, parameter.decay());
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
    use wengert_tensor::{Param, Rng, value_and_grad};

    use super::*;
    use crate::Train;

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

    /// Two numbers of Keras' own tests (`muon_test.py`, to three and to two digits); its step was then scaled as PyTorch's,
    /// which for a square matrix is not at all.
    #[test]
    fn iterations_and_steps_are_those_of_keras() {
        let x = Tensor::from([[0.2499, 0.9105], [0.2655, 0.8824]]);
        let o = orthogonalized(x.array(), 5).to_vec::<f64>();
        o.iter()
            .zip([-0.4422, 0.6457, 0.7285, 0.2968])
            .for_each(|(o, y)| assert!((o - y).abs() < 1e-3, "{o}"));
        let mut w = Param::new(Tensor::from([[1.0, 2.0], [3.0, 4.0]]));
        let g = Tensor::from([[1.0, 6.0], [7.0, 2.0]]);
        let (_, grads) = value_and_grad(&w, |w| (&**w * &g).sum());
        Muon::pytorch(0.5).iterations(6).weight_decay(0.0).step(&mut w, &grads);
        let w = w.to_vec::<f64>();
        w.iter().zip([1.13, 1.51, 2.57, 4.06]).for_each(|(w, y)| assert!((w - y).abs() < 1e-2 * y, "{w}"));
    }

    /// All singular values 1 would be a root mean square of `1 / √max(n_rows, n_columns)`.
    #[test]
    fn steps_have_the_size_that_is_said() {
        let mut rng = Rng::seed(4);
        for (shape, pytorch) in [([4, 9], 1.5 / 3.0), ([9, 4], 1.0 / 3.0), ([8, 8], 1.0 / 8.0_f64.sqrt())] {
            let g = Tensor::randn(shape, &mut rng);
            for (mut muon, expected) in
                [(Muon::new(1.0), 0.2), (Muon::new(1.0).rms(0.5), 0.5), (Muon::pytorch(1.0), pytorch)]
            {
                let mut w = Param::new(Tensor::zeros(shape));
                let (_, grads) = value_and_grad(&w, |w| (&**w * &g).sum());
                muon.step(&mut w, &grads);
                let ratio = w.square().mean().item().sqrt() / expected;
                assert!((0.7..1.2).contains(&ratio), "{shape:?}, {muon:?}: {ratio}");
            }
        }
    }

    #[test]
    fn a_matrix_of_zeros_stays() {
        let o = orthogonalized(&Array::zeros([3, 2], wengert_array::DType::F64), 6);
        assert_eq!(o.to_vec::<f64>(), [0.0; 6]);
    }
}
