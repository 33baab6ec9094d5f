//! The error, gamma and polygamma functions, and x ln y.

use wengert_array::Float;

use crate::catalogue::catalogue;
use crate::{Algebra, Binary, Domain, Needs, Operand, Tensor, Unary, apply};

catalogue![Erf, Erfc, Lgamma, Digamma, Polygamma, Xlogy];

/// y = 2/√π ∫₀ˣ exp(-t²) dt,  dy/dx = 2/√π exp(-x²)
#[derive(Clone, Debug, Default)]
pub(crate) struct Erf;

impl Unary for Erf {
    const NAME: &'static str = "erf";
    const COST: usize = 30;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 0.0, std::f64::consts::FRAC_2_SQRT_PI),
        (1.0, 0.842_700_792_949_714_9, 0.415_107_497_420_594_7),
        (30.0, 1.0, 0.0),
        (f64::NEG_INFINITY, -1.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.erf()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(std::f64::consts::FRAC_2_SQRT_PI) * (-x.square()).exp()
    }
}

/// y = 1 - erf x,  dy/dx = -2/√π exp(-x²)
#[derive(Clone, Debug, Default)]
pub(crate) struct Erfc;

impl Unary for Erfc {
    const NAME: &'static str = "erfc";
    const COST: usize = 30;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-3.0, 3.0).with_points(&[
        (0.0, 1.0, -std::f64::consts::FRAC_2_SQRT_PI),
        (1.0, 0.157_299_207_050_285_13, -0.415_107_497_420_594_7),
        (30.0, 0.0, 0.0),
        (f64::NEG_INFINITY, 2.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.erfc()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(-std::f64::consts::FRAC_2_SQRT_PI) * (-x.square()).exp()
    }
}

/// y = ln |Γ(x)|,  dy/dx = ψ(x)
#[derive(Clone, Debug, Default)]
pub(crate) struct Lgamma;

impl Unary for Lgamma {
    const NAME: &'static str = "lgamma";
    const COST: usize = 60;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(0.4, 5.0).with_points(&[
        (1.0, 0.0, -0.577_215_664_901_532_9),
        (2.0, 0.0, 0.422_784_335_098_467_13),
        (0.5, 0.572_364_942_924_700_1, -1.963_510_026_021_423_5),
        (-0.5, 1.265_512_123_484_645_4, 0.036_489_973_978_576_52),
        (0.0, f64::INFINITY, f64::NEG_INFINITY),
        (10_000_000_000.0, 220_258_509_288.810_58, 23.025_850_929_890_456),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.lgamma()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.digamma()
    }
}

/// y = ψ(x) = Γ'(x) / Γ(x),  dy/dx = ψ'(x)
#[derive(Clone, Debug, Default)]
pub(crate) struct Digamma;

impl Unary for Digamma {
    const NAME: &'static str = "digamma";
    const COST: usize = 60;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(0.6, 5.0).with_points(&[
        (1.0, -0.577_215_664_901_532_9, 1.644_934_066_848_226_4),
        (2.0, 0.422_784_335_098_467_13, 0.644_934_066_848_226_4),
        (0.5, -1.963_510_026_021_423_5, 4.934_802_200_544_679),
        (-0.5, 0.036_489_973_978_576_52, 8.934_802_200_544_679),
        (0.0, f64::NEG_INFINITY, f64::INFINITY),
        (100.0, 4.600_161_852_738_087, 0.010_050_166_663_333_571),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.digamma()
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.polygamma(1)
    }
}

/// y = ψ⁽ⁿ⁾(x),  dy/dx = ψ⁽ⁿ⁺¹⁾(x)
#[derive(Clone, Debug, Default)]
pub(crate) struct Polygamma {
    /// Which derivative of the digamma function.
    n: u32,
}

impl Unary for Polygamma {
    const NAME: &'static str = "polygamma";
    const COST: usize = 100;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(1.0, 5.0);

    fn value<F: Float>(&self, x: F) -> F {
        x.polygamma(self.n)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.polygamma(self.n + 1)
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        // At 1 and ½: (-1)ⁿ⁺¹ n! ζ(n + 1), and 2ⁿ⁺¹ - 1 times as much.
        let (zeta_3, zeta_5) = (1.202_056_903_159_594_2, 1.036_927_755_143_37);
        let pi_squared = std::f64::consts::PI.powi(2);
        let [first, second, third, fourth] =
            [pi_squared / 6.0, -2.0 * zeta_3, pi_squared.powi(2) / 15.0, -24.0 * zeta_5];
        match self.n {
            1 => vec![(1.0, first, second), (0.5, 3.0 * first, 7.0 * second)],
            2 => vec![(1.0, second, third), (0.5, 7.0 * second, 15.0 * third)],
            _ => vec![(1.0, third, fourth), (0.5, 15.0 * third, 31.0 * fourth)],
        }
    }

    fn variants() -> Vec<Self> {
        [1, 2, 3].map(|n| Polygamma { n }).to_vec()
    }
}

/// y = a ln b, and 0 where a is 0,  da = dy ln b, db = dy a / b, and both 0 at (0, 0)
#[derive(Clone, Debug, Default)]
pub(crate) struct Xlogy;

impl Xlogy {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for Xlogy {
    const NAME: &'static str = "xlogy";
    const COST: usize = 20;
    const NEEDS: [Needs; 2] = [Needs::input(0).and(Needs::input(1)), Needs::input(0).and(Needs::input(1))];
    const DOMAINS: [Domain; 2] = [Domain::interval(-2.0, 2.0), Domain::interval(0.4, 2.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (0.0, 0.0, 0.0, [0.0, 0.0]),
        (0.0, 2.0, 0.0, [std::f64::consts::LN_2, 0.0]),
        (2.0, 0.0, f64::NEG_INFINITY, [f64::NEG_INFINITY, f64::INFINITY]),
        (0.0, -1.0, 0.0, [0.0, 0.0]),
        (0.0, f64::NAN, f64::NAN, [0.0, 0.0]),
        (2.0, -0.5, f64::NAN, [f64::NAN, -4.0]),
        (2.0, 4.0, 2.772_588_722_239_781, [1.386_294_361_119_890_6, 0.5]),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        if a == F::zero() && !b.is_nan() { F::zero() } else { a * b.ln() }
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, _y: &V) -> V {
        let zero = a.lit(0.0);
        if arg == 1 {
            return a.guarded_mul(&(b.lit(1.0) / b.clone()));
        }
        b.where_positive(b.ln(), a.where_equal(&zero, zero.clone(), b.ln()))
    }
}

impl Tensor {
    /// The error function of each element: `2/√π ∫₀ˣ exp(-t²) dt`.
    ///
    /// # Gradient
    /// `dx = dy · 2/√π exp(-x²)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).erf().item(), 0.0);
    /// ```
    #[track_caller]
    pub fn erf(&self) -> Tensor {
        apply(Erf, [self])
    }

    /// One minus the error function, accurate where that is near 0.
    ///
    /// # Gradient
    /// `dx = -dy · 2/√π exp(-x²)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(0.0).erfc().item(), 1.0);
    /// ```
    #[track_caller]
    pub fn erfc(&self) -> Tensor {
        apply(Erfc, [self])
    }

    /// The logarithm of the absolute value of the gamma function.
    ///
    /// # Gradient
    /// `dx = dy · ψ(x)`, the digamma function.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).lgamma().to_vec::<f32>(), [0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn lgamma(&self) -> Tensor {
        apply(Lgamma, [self])
    }

    /// The digamma function `ψ(x)`, the derivative of `ln Γ(x)`.
    ///
    /// # Gradient
    /// `dx = dy · ψ'(x)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert!((Tensor::from(1.0).digamma().item() + 0.577_215_66).abs() < 1e-7);
    /// ```
    #[track_caller]
    pub fn digamma(&self) -> Tensor {
        apply(Digamma, [self])
    }

    /// Derivative number `n` of the digamma function.
    ///
    /// # Gradient
    /// `dx = dy · ψ⁽ⁿ⁺¹⁾(x)`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let expected = std::f64::consts::PI.powi(2) / 6.0;
    /// assert!((Tensor::from(1.0).polygamma(1).item() - expected).abs() < 1e-6);
    /// ```
    #[track_caller]
    pub fn polygamma(&self, n: u32) -> Tensor {
        if n == 0 { self.digamma() } else { apply(Polygamma { n }, [self]) }
    }

    /// `a ln b`, element by element, and 0 where `a` is 0, whatever `b` is; both broadcast.
    ///
    /// # Gradient
    /// `da = dy · ln b`, `db = dy · a / b`; both are 0 at `(0, 0)`.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0, 2.0]).xlogy(&Tensor::from([0.0, 1.0])).to_vec::<f32>(), [0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn xlogy<'a>(&self, other: impl Into<Operand<'a>>) -> Tensor {
        Xlogy.of(self, &other.into().tensor(self.dtype()))
    }
}
