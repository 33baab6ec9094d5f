//! Random tensors and indices, from a generator that the caller seeds.

use wengert_array::{DType, Indices, Rng, Shape};

use crate::Tensor;

impl Tensor {
    /// Random `f32`, uniform between `low` and `high`. Rounding can give `high` itself.
    ///
    /// # Panics
    /// If `low` is above `high`.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Rng, Tensor};
    /// let x = Tensor::uniform([100], -1.0, 2.0, &mut Rng::seed(7));
    /// assert!(x.greater_equal(-1.0).all() && x.less_equal(2.0).all());
    /// ```
    #[track_caller]
    pub fn uniform(shape: impl Into<Shape>, low: f64, high: f64, rng: &mut Rng) -> Tensor {
        assert!(low <= high, "uniform: the lower bound {low} is not below the upper bound {high}");
        rng.uniform(shape.into(), low, high, DType::F32).into()
    }

    /// Random `f32`, normal with mean 0 and standard deviation 1.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Rng, Tensor};
    /// let x = Tensor::randn([1000], &mut Rng::seed(7));
    /// assert!(x.mean().item().abs() < 0.1 && (x.std(1).item() - 1.0).abs() < 0.1);
    /// ```
    #[track_caller]
    pub fn randn(shape: impl Into<Shape>, rng: &mut Rng) -> Tensor {
        rng.normal(shape.into(), 0.0, 1.0, DType::F32).into()
    }

    /// Random `f32`, normal around `mean` with standard deviation `std`.
    ///
    /// # Panics
    /// If the standard deviation is negative.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Rng, Tensor};
    /// let x = Tensor::normal([1000], 5.0, 0.5, &mut Rng::seed(7));
    /// assert!((x.mean().item() - 5.0).abs() < 0.1 && (x.std(1).item() - 0.5).abs() < 0.1);
    /// ```
    #[track_caller]
    pub fn normal(shape: impl Into<Shape>, mean: f64, std: f64, rng: &mut Rng) -> Tensor {
        check_deviation("normal", std);
        rng.normal(shape.into(), mean, std, DType::F32).into()
    }

    /// Random `f32`, normal around `mean`, where those further than 2 `std` from it are drawn again.
    ///
    /// # Panics
    /// If `std` is negative.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Rng, Tensor};
    /// let x = Tensor::truncated_normal([100], 1.0, 0.5, &mut Rng::seed(7));
    /// assert!(x.greater_equal(0.0).all() && x.less_equal(2.0).all());
    /// ```
    #[track_caller]
    pub fn truncated_normal(shape: impl Into<Shape>, mean: f64, std: f64, rng: &mut Rng) -> Tensor {
        check_deviation("truncated_normal", std);
        rng.truncated_normal(shape.into(), mean, std, DType::F32).into()
    }

    /// Random `f32`, 1 with the given probability and else 0.
    ///
    /// # Panics
    /// If the probability is not between 0 and 1.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Rng, Tensor};
    /// let x = Tensor::bernoulli([1000], 0.25, &mut Rng::seed(7));
    /// assert!((x.mean().item() - 0.25).abs() < 0.05);
    /// ```
    #[track_caller]
    pub fn bernoulli(shape: impl Into<Shape>, probability: f64, rng: &mut Rng) -> Tensor {
        let is_possible = (0.0..=1.0).contains(&probability);
        assert!(is_possible, "bernoulli: {probability} is no probability: it must be between 0 and 1");
        // Numbers in f64: rounding them to f32 could reach 1.
        let draws = rng.uniform(shape.into(), 0.0, 1.0, DType::F64);
        Tensor::from(draws).less(probability).to_tensor(DType::F32)
    }

    /// The numbers `0..n` in random order, each order with the same probability.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Rng, Tensor};
    /// let rows = Tensor::permutation(3, &mut Rng::seed(7));
    /// let shuffled = Tensor::eye(3).index_select(0, &rows);
    /// assert_eq!(shuffled.sum_axes(0).to_vec::<f32>(), [1.0, 1.0, 1.0]);
    /// ```
    pub fn permutation(n: usize, rng: &mut Rng) -> Indices {
        rng.permutation(n).into()
    }

    /// A random index for each row of logits along the last axis, with the probabilities of their softmax.
    ///
    /// # Panics
    /// If there is no axis, or the last has no elements.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{Indices, Rng, Tensor};
    /// let logits = Tensor::from([[0.0, f32::NEG_INFINITY], [-1e4, 1e4]]);
    /// assert_eq!(logits.categorical(&mut Rng::seed(7)), Indices::from([0, 1]));
    /// ```
    /// # References
    /// E. J. Gumbel, Statistical theory of extreme values, 1954: the maximum of logits with Gumbel noise.
    #[track_caller]
    pub fn categorical(&self, rng: &mut Rng) -> Indices {
        let size = self.shape().last().copied().unwrap_or(0);
        assert!(size > 0, "categorical: {} has no rows of logits", self.shape());
        let uniform = Tensor::from(rng.uniform(*self.shape(), 0.0, 1.0, DType::F64));
        (self.detach() - (-uniform.ln()).ln()).argmax(-1)
    }
}

#[track_caller]
fn check_deviation(name: &str, std: f64) {
    assert!(std >= 0.0, "{name}: the standard deviation {std} is not at least 0");
}
