//! Powers and roots.

use wengert_array::Float;

use crate::catalogue::catalogue;
use crate::{Algebra, Binary, Domain, Needs, Operand, Tensor, Unary, apply};

catalogue![Square, Sqrt, Rsqrt, Recip, Powf, Pow];

/// y = x²,  dy/dx = 2 x
#[derive(Clone, Debug, Default)]
pub(crate) struct Square;

impl Unary for Square {
    const NAME: &'static str = "square";
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(-2.0, 2.0).with_points(&[(0.0, 0.0, 0.0), (-3.0, 9.0, -6.0)]);

    fn value<F: Float>(&self, x: F) -> F {
        x * x
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        x.lit(2.0) * x.clone()
    }
}

/// y = √x,  dy/dx = 1 / (2 y)
#[derive(Clone, Debug, Default)]
pub(crate) struct Sqrt;

impl Unary for Sqrt {
    const NAME: &'static str = "sqrt";
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain =
        Domain::interval(0.1, 3.0).with_points(&[(4.0, 2.0, 0.25), (0.0, 0.0, f64::INFINITY)]);

    fn value<F: Float>(&self, x: F) -> F {
        x.sqrt()
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.lit(0.5) / y.clone()
    }
}

/// y = 1 / √x,  dy/dx = -y³ / 2
#[derive(Clone, Debug, Default)]
pub(crate) struct Rsqrt;

impl Unary for Rsqrt {
    const NAME: &'static str = "rsqrt";
    const COST: usize = 2;
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain = Domain::interval(0.3, 3.0).with_points(&[
        (4.0, 0.5, -0.0625),
        (0.0, f64::INFINITY, f64::NEG_INFINITY),
        (f64::INFINITY, 0.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.sqrt().recip()
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        y.lit(-0.5) * y.square() * y.clone()
    }
}

/// y = 1 / x,  dy/dx = -y²
#[derive(Clone, Debug, Default)]
pub(crate) struct Recip;

impl Unary for Recip {
    const NAME: &'static str = "recip";
    const NEEDS: Needs = Needs::OUTPUT;
    const DOMAIN: Domain = Domain::interval(0.5, 3.0).with_points(&[
        (4.0, 0.25, -0.0625),
        (-2.0, -0.5, -0.25),
        (0.0, f64::INFINITY, f64::NEG_INFINITY),
        (f64::NEG_INFINITY, 0.0, 0.0),
    ]);

    fn value<F: Float>(&self, x: F) -> F {
        x.recip()
    }

    fn slope<V: Algebra>(&self, _x: &V, y: &V) -> V {
        -y.square()
    }
}

/// y = xᵖ,  dy/dx = p xᵖ⁻¹
#[derive(Clone, Debug, Default)]
pub(crate) struct Powf {
    /// p
    exponent: f64,
}

impl Unary for Powf {
    const NAME: &'static str = "powf";
    const COST: usize = 40;
    const NEEDS: Needs = Needs::input(0);
    const DOMAIN: Domain = Domain::interval(0.3, 2.5);

    fn value<F: Float>(&self, x: F) -> F {
        let power = match self.exponent {
            -1.0 => return x.recip(),
            1.0 => return x,
            2.0 => return x * x,
            3.0 => return x * x * x,
            power => F::of(power),
        };
        x.powf(power)
    }

    fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V {
        // Not 0 · x⁻¹, which is NaN at 0.
        if self.exponent == 0.0 { x.lit(0.0) } else { x.lit(self.exponent) * x.powf(self.exponent - 1.0) }
    }

    fn points(&self) -> Vec<(f64, f64, f64)> {
        let mine = POWERS.iter().filter(|(exponent, ..)| *exponent == self.exponent);
        mine.map(|&(_, x, y, slope)| (x, y, slope)).collect()
    }

    fn variants() -> Vec<Self> {
        [0.0, 1.0, 2.0, 3.0, 4.0, 0.5, 1.5, -1.0, -1.5, -2.0].map(|exponent| Powf { exponent }).to_vec()
    }
}

/// Points `(exponent, x, y, dy/dx)` at base 0 and at a negative base.
const POWERS: [(f64, f64, f64, f64); 16] = [
    (0.0, 0.0, 1.0, 0.0),
    (1.0, 0.0, 0.0, 1.0),
    (2.0, 0.0, 0.0, 0.0),
    (3.0, 0.0, 0.0, 0.0),
    (4.0, 0.0, 0.0, 0.0),
    (0.5, 0.0, 0.0, f64::INFINITY),
    (1.5, 0.0, 0.0, 0.0),
    (-1.0, 0.0, f64::INFINITY, f64::NEG_INFINITY),
    (-1.5, 0.0, f64::INFINITY, f64::NEG_INFINITY),
    (0.0, -2.0, 1.0, 0.0),
    (1.0, -2.0, -2.0, 1.0),
    (2.0, -2.0, 4.0, -4.0),
    (3.0, -2.0, -8.0, 12.0),
    (4.0, -2.0, 16.0, -32.0),
    (-1.0, -2.0, -0.5, -0.25),
    (-2.0, -2.0, 0.25, 0.25),
];

/// y = aᵇ,  da = dy b aᵇ⁻¹, db = dy y ln a
#[derive(Clone, Debug, Default)]
pub(crate) struct Pow;

impl Pow {
    /// Not generic, as its callers are: compiled here, once.
    #[track_caller]
    fn of(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply(self, [a, b])
    }
}

impl Binary for Pow {
    const NAME: &'static str = "pow";
    const COST: usize = 60;
    const NEEDS: [Needs; 2] =
        [Needs::input(0).and(Needs::input(1)), Needs::input(0).and(Needs::input(1)).and(Needs::OUTPUT)];
    const DOMAINS: [Domain; 2] = [Domain::interval(0.3, 2.5), Domain::interval(-2.0, 2.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (0.0, 0.0, 1.0, [0.0, 0.0]),
        (0.0, 1.0, 0.0, [1.0, 0.0]),
        (0.0, 2.0, 0.0, [0.0, 0.0]),
        (0.0, 0.5, 0.0, [f64::INFINITY, 0.0]),
        (0.0, -1.0, f64::INFINITY, [f64::NEG_INFINITY, f64::NEG_INFINITY]),
        (-2.0, 3.0, -8.0, [12.0, f64::NAN]),
        (-2.0, 2.0, 4.0, [-4.0, f64::NAN]),
        (-2.0, 0.0, 1.0, [0.0, f64::NAN]),
        (2.0, 0.0, 1.0, [0.0, std::f64::consts::LN_2]),
        (2.0, 3.0, 8.0, [12.0, 5.545_177_444_479_562]),
        (f64::INFINITY, -1.0, 0.0, [0.0, 0.0]),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        a.powf(b)
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, y: &V) -> V {
        let zero = a.lit(0.0);
        if arg == 0 {
            return b.guarded_mul(&a.pow(&(b.clone() - b.lit(1.0))));
        }
        // 0ᵇ is 0 for all b > 0, and falls without bound below. At 0⁰ the derivative is 0, as in PyTorch.
        let at_zero = (-b.clone()).where_positive(a.lit(f64::NEG_INFINITY), zero.clone());
        a.where_equal(&zero, at_zero, y.guarded_mul(&a.ln()))
    }
}

impl Tensor {
    /// The square root of each element: NaN below 0.
    ///
    /// # Gradient
    /// `dx = dy / (2 y)`, which is infinite at 0, but 0 there where `dy` is 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(9.0).sqrt().item(), 3.0);
    /// ```
    #[track_caller]
    pub fn sqrt(&self) -> Tensor {
        apply(Sqrt, [self])
    }

    /// The square of each element.
    ///
    /// # Gradient
    /// `dx = dy · 2 x`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(-3.0).square().item(), 9.0);
    /// ```
    #[track_caller]
    pub fn square(&self) -> Tensor {
        apply(Square, [self])
    }

    /// One over the square root of each element.
    ///
    /// # Gradient
    /// `dx = -dy · y³ / 2`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(4.0).rsqrt().item(), 0.5);
    /// ```
    #[track_caller]
    pub fn rsqrt(&self) -> Tensor {
        apply(Rsqrt, [self])
    }

    /// One over each element.
    ///
    /// # Gradient
    /// `dx = -dy · y²`
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(4.0).recip().item(), 0.25);
    /// ```
    #[track_caller]
    pub fn recip(&self) -> Tensor {
        apply(Recip, [self])
    }

    /// Each element to the power of a constant: NaN only for a negative base with a fractional exponent.
    ///
    /// # Gradient
    /// `dx = dy · p xᵖ⁻¹`, and 0 for `p = 0`; right at 0, at every order.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([0.0, 3.0]);
    /// assert_eq!(x.powf(0.0).to_vec::<f32>(), [1.0, 1.0]);
    /// assert_eq!(wengert_tensor::grad(|x| x.powf(2.0).sum(), &x).to_vec::<f32>(), [0.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn powf(&self, exponent: f64) -> Tensor {
        apply(Powf { exponent }, [self])
    }

    /// Each element to the power of a constant integer.
    ///
    /// # Gradient
    /// As [`powf`](Tensor::powf).
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from(-2.0).powi(3).item(), -8.0);
    /// ```
    #[track_caller]
    pub fn powi(&self, exponent: i32) -> Tensor {
        self.powf(f64::from(exponent))
    }

    /// Each element to the power of another; both broadcast.
    ///
    /// # Gradient
    /// `da = dy · b aᵇ⁻¹`, also for a negative base with an integer exponent.
    /// `db = dy · y ln a`, which is 0 at base 0 where `b >= 0`, and NaN for a negative base: there is no derivative there.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([2.0, -2.0]);
    /// assert_eq!(x.pow(&Tensor::from([0.0, 3.0])).to_vec::<f32>(), [1.0, -8.0]);
    /// assert_eq!(x.pow(2.0).to_vec::<f32>(), [4.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn pow<'a>(&self, exponent: impl Into<Operand<'a>>) -> Tensor {
        match exponent.into() {
            Operand::Scalar(exponent) => self.powf(exponent),
            Operand::Tensor(exponent) => Pow.of(self, exponent),
        }
    }
}
