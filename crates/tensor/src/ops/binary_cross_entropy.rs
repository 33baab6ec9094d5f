//! The cross-entropy between logits of yes-or-no questions and their answers, with the logistic function in it.

use std::f64::consts::LN_2;

use wengert_array::{Float, Mismatch};

use crate::algebra::guarded_product;
use crate::catalogue::catalogue;
use crate::ops::activation::softplus;
use crate::{Algebra, Binary, Domain, Needs, Operand, Tensor, apply};

catalogue![BinaryCrossEntropy];

/// y = -t ln σ(x) - (1 - t) ln σ(-x),  dx = dy (σ(x) - t), dt = -dy x
#[derive(Clone, Debug, Default)]
pub(crate) struct BinaryCrossEntropy;

impl BinaryCrossEntropy {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for BinaryCrossEntropy {
    const NAME: &'static str = "binary_cross_entropy";
    const COST: usize = 15;
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::input(1)), Needs::input(0)];
    const DOMAINS: [Domain; 2] = [Domain::interval(-4.0, 4.0), Domain::interval(0.0, 1.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (0.0, 0.0, LN_2, [0.5, 0.0]),
        (0.0, 1.0, LN_2, [-0.5, 0.0]),
        (0.0, 0.5, LN_2, [0.0, 0.0]),
        (500.0, 0.0, 500.0, [1.0, -500.0]),
        (-500.0, 1.0, 500.0, [-1.0, 500.0]),
        (500.0, 0.25, 375.0, [0.75, -500.0]),
        (-500.0, 0.25, 125.0, [-0.25, 500.0]),
        // ln(1 + e⁻⁴⁰), and σ(-40), which is lost in σ(40) - 1.
        (40.0, 1.0, 4.248_354_255_291_589e-18, [-4.248_354_255_291_589e-18, -40.0]),
        (-40.0, 0.0, 4.248_354_255_291_589e-18, [4.248_354_255_291_589e-18, 40.0]),
        (1e300, 1.0, 0.0, [0.0, -1e300]),
        (f64::INFINITY, 1.0, 0.0, [0.0, f64::NEG_INFINITY]),
        (f64::NEG_INFINITY, 0.0, 0.0, [0.0, f64::INFINITY]),
        (f64::INFINITY, 0.0, f64::INFINITY, [1.0, f64::NEG_INFINITY]),
        (f64::NEG_INFINITY, 1.0, f64::INFINITY, [-1.0, f64::INFINITY]),
    ];

    fn value<F: Float>(&self, x: F, t: F) -> F {
        // What is certain and right costs nothing, even where the logit is infinite.
        let wrong = if x > F::zero() { F::one() - t } else { -t };
        guarded_product(wrong, x) + softplus(-x.abs())
    }

    fn slope<V: Algebra>(&self, arg: usize, x: &V, t: &V, _y: &V) -> V {
        match arg {
            // σ(x) - t, without the difference of two numbers near 1.
            0 => (x.lit(1.0) - t.clone()) * x.sigmoid() - t.clone() * (-x.clone()).sigmoid(),
            _ => -x.clone(),
        }
    }
}

impl Tensor {
    /// The mean cross-entropy between these logits and targets from 0 to 1, of shape `[]`; the logistic function is part
    /// of it. The shapes must be equal.
    ///
    /// # Gradient
    /// `dx = dy (σ(x) - target) / n`
    ///
    /// # Panics
    /// If the shapes differ.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let logits = Tensor::from([500.0, -500.0]);
    /// assert_eq!(logits.binary_cross_entropy(&Tensor::from([1.0, 1.0])).item(), 250.0);
    /// ```
    #[track_caller]
    pub fn binary_cross_entropy(&self, target: &Tensor) -> Tensor {
        if self.shape() != target.shape() {
            let mismatch = Mismatch::new("logits and target differ in shape")
                .row("logits", self.shape())
                .row("target", target.shape());
            panic!("{}", mismatch.report("binary_cross_entropy"));
        }
        self.binary_cross_entropy_elements(target).mean()
    }

    /// The cross-entropy of each element: [`binary_cross_entropy`](Tensor::binary_cross_entropy) before the mean, where
    /// both sides broadcast.
    ///
    /// `y = -target ln σ(x) - (1 - target) ln σ(-x)`
    ///
    /// # Gradient
    /// `dx = dy (σ(x) - target)`, accurate where both are near 1; `dtarget = -dy x`
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let losses = Tensor::from([500.0, -500.0]).binary_cross_entropy_elements(1.0);
    /// assert_eq!(losses.to_vec::<f32>(), [0.0, 500.0]);
    /// ```
    #[track_caller]
    pub fn binary_cross_entropy_elements<'a>(&self, target: impl Into<Operand<'a>>) -> Tensor {
        BinaryCrossEntropy.of(self, &target.into().tensor(self.dtype()))
    }
}
