//! Elementwise operations: one formula for the value and one for the slope, from which everything else of an `Op`
//! follows. The formulas themselves stand in `ops/`; what slopes are made of, in `algebra.rs`.

use std::mem::take;

use wengert_array::{Array, Float, Mismatch, Pointwise, Shape, Update, pointwise, update};

use crate::algebra::guarded_product;
use crate::{Algebra, Domain, Needs, Op, Sample, Tensor};

/// An elementwise operation on one tensor: `y = value(x)`, `dx = dy · slope(x, y)`.
///
/// # Examples
/// ```
/// use wengert_tensor::{apply, catalogue, Algebra, Domain, Float, Needs, Tensor, Unary};
///
/// /// y = x³,  dy/dx = 3 x²
/// #[derive(Clone, Default)]
/// struct Cube;
/// impl Unary for Cube {
///     const NAME: &'static str = "cube";
///     const NEEDS: Needs = Needs::input(0);
///     const DOMAIN: Domain = Domain::interval(-2.0, 2.0).with_points(&[(0.0, 0.0, 0.0)]);
///     fn value<F: Float>(&self, x: F) -> F { x * x * x }
///     fn slope<V: Algebra>(&self, x: &V, _y: &V) -> V { x.lit(3.0) * x.square() }
/// }
/// assert_eq!(apply(Cube, [&Tensor::from([2.0, 3.0])]).to_vec::<f32>(), [8.0, 27.0]);
/// catalogue::check::<Cube, 1>().unwrap();
/// ```
pub trait Unary: Clone + Default + Send + Sync + 'static {
    /// The name in messages, tapes and the catalogue.
    const NAME: &'static str;
    /// What `slope` reads.
    const NEEDS: Needs;
    /// Where the samples lie.
    const DOMAIN: Domain;
    /// What one element costs, in additions: from how many elements on the work is split over threads.
    const COST: usize = 1;
    /// The value at one element.
    fn value<F: Float>(&self, x: F) -> F;
    /// The derivative, as a formula for floats (one fused pass) and for tensors (a rule that can be recorded).
    fn slope<V: Algebra>(&self, x: &V, y: &V) -> V;
    /// The parameters that the samples try.
    fn variants() -> Vec<Self> {
        vec![Self::default()]
    }
    /// Points like those of the domain, where the answer depends on the parameters.
    fn points(&self) -> Vec<(f64, f64, f64)> {
        Vec::new()
    }
}

/// An elementwise operation on two tensors, which broadcast: `y = value(a, b)`, `da = dy · slope(0, a, b, y)`,
/// `db = dy · slope(1, a, b, y)`.
pub trait Binary: Clone + Default + Send + Sync + 'static {
    /// The name in messages, tapes and the catalogue.
    const NAME: &'static str;
    /// What `slope` reads for each argument.
    const NEEDS: [Needs; 2];
    /// Where the samples of each argument lie.
    const DOMAINS: [Domain; 2];
    /// What one element costs, in additions.
    const COST: usize = 1;
    /// The value at one element.
    fn value<F: Float>(&self, a: F, b: F) -> F;
    /// The derivative with respect to argument `arg`, for floats and for tensors.
    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, y: &V) -> V;
    /// Points `(a, b, y, [dy/da, dy/db])` where value and slopes are known.
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[];
    /// The parameters that the samples try.
    fn variants() -> Vec<Self> {
        vec![Self::default()]
    }
}

/// The value and the slope as passes over arrays.
struct Formula<'a, O>(&'a O);

impl<U: Unary> Pointwise<1> for Formula<'_, U> {
    const COST: usize = U::COST;
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        self.0.value(x)
    }
}

impl<B: Binary> Pointwise<2> for Formula<'_, B> {
    const COST: usize = B::COST;
    #[inline(always)]
    fn apply<T: Float>(&self, [a, b]: [T; 2]) -> T {
        self.0.value(a, b)
    }
}

/// Slope of a unary operation that reads `x`, `y` or both; what it does not read is NaN, and costs no memory traffic.
struct FromInput<'a, U>(&'a U);
struct FromOutput<'a, U>(&'a U);

impl<U: Unary> Update<1, 1> for FromInput<'_, U> {
    const COST: usize = U::COST;
    #[inline(always)]
    fn apply<T: Float>(&self, [dy]: [T; 1], [x]: [T; 1]) -> [T; 1] {
        [guarded_product(dy, self.0.slope(&x, &T::nan()))]
    }
}

impl<U: Unary> Update<1, 1> for FromOutput<'_, U> {
    const COST: usize = U::COST;
    #[inline(always)]
    fn apply<T: Float>(&self, [dy]: [T; 1], [y]: [T; 1]) -> [T; 1] {
        [guarded_product(dy, self.0.slope(&T::nan(), &y))]
    }
}

impl<U: Unary> Update<1, 2> for Formula<'_, U> {
    const COST: usize = U::COST;
    #[inline(always)]
    fn apply<T: Float>(&self, [dy]: [T; 1], [x, y]: [T; 2]) -> [T; 1] {
        [guarded_product(dy, self.0.slope(&x, &y))]
    }
}

/// Slope of a binary operation with respect to one argument.
struct Partial<'a, B>(&'a B, usize);

impl<B: Binary> Update<1, 3> for Partial<'_, B> {
    const COST: usize = B::COST;
    #[inline(always)]
    fn apply<T: Float>(&self, [dy]: [T; 1], [a, b, y]: [T; 3]) -> [T; 1] {
        [guarded_product(dy, self.0.slope(self.1, &a, &b, &y))]
    }
}

impl<U: Unary> Op<1> for U {
    const NAME: &'static str = U::NAME;
    const NEEDS: [Needs; 1] = [U::NEEDS];
    const IS_ELEMENTWISE: bool = true;

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(*x)
    }

    fn forward(&self, xs: [&Array; 1], _: &Shape) -> Array {
        pointwise(&Formula(self), xs)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], y: &Tensor, dy: &Tensor) -> Tensor {
        dy.guarded_mul(&self.slope(x, y))
    }

    fn vjp_kernel(
        &self,
        _: [bool; 1],
        [x]: [&Array; 1],
        y: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 1]> {
        // In `const`, so that only the kernel in use is compiled.
        if const { !U::NEEDS.has_input(0) } {
            update(&FromOutput(self), [dy], [y]);
        } else if const { !U::NEEDS.has_output() } {
            update(&FromInput(self), [dy], [x]);
        } else {
            update(&Formula(self), [dy], [x, y]);
        }
        Some([Some(take(dy))])
    }

    fn samples() -> Vec<Sample<Self, 1>> {
        Sample::unary()
    }
}

impl<B: Binary> Op<2> for B {
    const NAME: &'static str = B::NAME;
    const NEEDS: [Needs; 2] = B::NEEDS;
    const IS_ELEMENTWISE: bool = true;

    fn shape(&self, xs: [&Shape; 2]) -> Result<Shape, Mismatch> {
        Shape::broadcast(&xs)
    }

    fn forward(&self, xs: [&Array; 2], _: &Shape) -> Array {
        pointwise(&Formula(self), xs)
    }

    fn vjp(&self, arg: usize, [a, b]: [&Tensor; 2], y: &Tensor, dy: &Tensor) -> Tensor {
        dy.guarded_mul(&self.slope(arg, a, b, y))
    }

    fn vjp_kernel(
        &self,
        wanted: [bool; 2],
        [a, b]: [&Array; 2],
        y: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 2]> {
        let partial = |arg: usize, mut dy: Array| {
            update(&Partial(self, arg), [&mut dy], [a, b, y]);
            Some(dy)
        };
        Some(match wanted {
            [true, true] => [partial(0, dy.clone()), partial(1, take(dy))],
            [true, false] => [partial(0, take(dy)), None],
            _ => [None, partial(1, take(dy))],
        })
    }

    fn samples() -> Vec<Sample<Self, 2>> {
        Sample::binary()
    }
}
