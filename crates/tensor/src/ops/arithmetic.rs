//! Addition, subtraction, multiplication, division and negation. Their operators stand in `operators.rs`.

use wengert_array::{Array, DType, Float, Mismatch, Pointwise, Shape, pointwise};

use crate::algebra::guarded_product;
use crate::catalogue::catalogue;
use crate::{Algebra, Binary, Domain, Needs, Op, Sample, Tensor, apply};

catalogue![Add, Sub, Mul, Div, Neg, GuardedMul];

/// y = a + b,  da = dy, db = dy
#[derive(Clone, Debug)]
pub(crate) struct Add;

impl Op<2> for Add {
    const NAME: &'static str = "add";
    const NEEDS: [Needs; 2] = [Needs::NONE; 2];
    const IS_ELEMENTWISE: bool = true;

    fn shape(&self, xs: [&Shape; 2]) -> Result<Shape, Mismatch> {
        Shape::broadcast(&xs)
    }

    fn forward(&self, xs: [&Array; 2], _: &Shape) -> Array {
        pointwise(self, xs)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 2], _: &Tensor, dy: &Tensor) -> Tensor {
        dy.clone()
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        sum_samples(Add)
    }
}

impl Pointwise<2> for Add {
    #[inline(always)]
    fn apply<T: Float>(&self, [a, b]: [T; 2]) -> T {
        a + b
    }
}

/// y = a - b,  da = dy, db = -dy
#[derive(Clone, Debug)]
pub(crate) struct Sub;

impl Op<2> for Sub {
    const NAME: &'static str = "sub";
    const NEEDS: [Needs; 2] = [Needs::NONE; 2];
    const IS_ELEMENTWISE: bool = true;

    fn shape(&self, xs: [&Shape; 2]) -> Result<Shape, Mismatch> {
        Shape::broadcast(&xs)
    }

    fn forward(&self, xs: [&Array; 2], _: &Shape) -> Array {
        pointwise(self, xs)
    }

    fn vjp(&self, arg: usize, _: [&Tensor; 2], _: &Tensor, dy: &Tensor) -> Tensor {
        if arg == 0 { dy.clone() } else { -dy }
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        sum_samples(Sub)
    }
}

impl Pointwise<2> for Sub {
    #[inline(always)]
    fn apply<T: Float>(&self, [a, b]: [T; 2]) -> T {
        a - b
    }
}

fn sum_samples<O: Clone>(op: O) -> Vec<Sample<O, 2>> {
    let shapes: [[&[usize]; 2]; 8] = [
        [&[], &[]],
        [&[3], &[]],
        [&[2, 3], &[2, 3]],
        [&[2, 3], &[3]],
        [&[2, 1], &[1, 3]],
        [&[3], &[2, 1]],
        [&[1, 2], &[3, 2, 2]],
        [&[0, 3], &[3]],
    ];
    let smooth = shapes.map(|shapes| Sample::random(op.clone(), shapes));
    let fails = Sample::fails(op.clone(), [&[2, 3], &[2, 4]], "do not broadcast");
    let timed = [[128, 512], [1, 512]].map(|b| Sample::timed(op.clone(), [&[128, 512], &b]));
    smooth.into_iter().chain([fails]).chain(timed).collect()
}

/// y = a b,  da = dy b, db = dy a
#[derive(Clone, Debug, Default)]
pub(crate) struct Mul;

impl Binary for Mul {
    const NAME: &'static str = "mul";
    const NEEDS: [Needs; 2] = [Needs::input(1), Needs::input(0)];
    const DOMAINS: [Domain; 2] = [Domain::interval(-2.0, 2.0); 2];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] =
        &[(0.0, 3.0, 0.0, [3.0, 0.0]), (0.0, 0.0, 0.0, [0.0, 0.0])];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        a * b
    }

    fn slope<V: Algebra>(&self, arg: usize, a: &V, b: &V, _y: &V) -> V {
        if arg == 0 { b.clone() } else { a.clone() }
    }
}

/// y = a / b,  da = dy / b, db = -dy y / b
#[derive(Clone, Debug, Default)]
pub(crate) struct Div;

impl Binary for Div {
    const NAME: &'static str = "div";
    const NEEDS: [Needs; 2] = [Needs::input(1), Needs::input(1).and(Needs::OUTPUT)];
    const DOMAINS: [Domain; 2] = [Domain::interval(-2.0, 2.0), Domain::interval(0.5, 2.0)];
    const POINTS: &'static [(f64, f64, f64, [f64; 2])] = &[
        (0.0, 2.0, 0.0, [0.5, 0.0]),
        (1.0, -2.0, -0.5, [-0.5, -0.25]),
        (1.0, 0.0, f64::INFINITY, [f64::INFINITY, f64::NEG_INFINITY]),
    ];

    fn value<F: Float>(&self, a: F, b: F) -> F {
        a / b
    }

    fn slope<V: Algebra>(&self, arg: usize, _a: &V, b: &V, y: &V) -> V {
        if arg == 0 { b.lit(1.0) / b.clone() } else { -y.clone() / b.clone() }
    }
}

/// y = -x,  dx = -dy
#[derive(Clone, Debug)]
pub(crate) struct Neg;

impl Op<1> for Neg {
    const NAME: &'static str = "neg";
    const NEEDS: [Needs; 1] = [Needs::NONE];
    const IS_ELEMENTWISE: bool = true;

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(*x)
    }

    fn forward(&self, xs: [&Array; 1], _: &Shape) -> Array {
        pointwise(self, xs)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        -dy
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let shapes: [&[usize]; 8] = [&[], &[1], &[5], &[2, 3], &[0], &[2, 0], &[2, 1, 3], &[1, 300]];
        let smooth = shapes.map(|shape| Sample::random(Neg, [shape]));
        smooth.into_iter().chain([Sample::timed(Neg, [&[128, 512]])]).collect()
    }
}

impl Pointwise<1> for Neg {
    #[inline(always)]
    fn apply<T: Float>(&self, [x]: [T; 1]) -> T {
        -x
    }
}

/// y = a b, but 0 where a is 0, whatever b is,  da = dy b, db = a dy
///
/// The product of the chain rule: `a` is the incoming derivative, `b` a slope that may be infinite or NaN where it
/// does not count. Where `a` is 0 the product does not depend on `b`, so that `db` is 0 there whatever `dy` is.
#[derive(Clone, Debug)]
pub(crate) struct GuardedMul;

impl Op<2> for GuardedMul {
    const NAME: &'static str = "guarded_mul";
    const NEEDS: [Needs; 2] = [Needs::input(1), Needs::input(0)];
    const IS_ELEMENTWISE: bool = true;

    fn shape(&self, xs: [&Shape; 2]) -> Result<Shape, Mismatch> {
        Shape::broadcast(&xs)
    }

    fn forward(&self, xs: [&Array; 2], _: &Shape) -> Array {
        pointwise(self, xs)
    }

    fn vjp(&self, arg: usize, [a, b]: [&Tensor; 2], _: &Tensor, dy: &Tensor) -> Tensor {
        if arg == 0 { dy.guarded_mul(b) } else { a.guarded_mul(dy) }
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let at = |a: f64, b: f64, da: f64, db: f64| {
            let sample = Sample::new(GuardedMul, [a, b].map(|x| Array::scalar(x, DType::F64)));
            sample.gives(&[guarded_product(a, b)]).with_derivatives([&[da], &[db]])
        };
        let corners =
            [at(0.0, 3.0, 3.0, 0.0), at(0.0, f64::INFINITY, f64::INFINITY, 0.0), at(-2.0, 0.0, 0.0, -2.0)];
        sum_samples(GuardedMul).into_iter().chain(corners).collect()
    }
}

impl Pointwise<2> for GuardedMul {
    #[inline(always)]
    fn apply<T: Float>(&self, [a, b]: [T; 2]) -> T {
        guarded_product(a, b)
    }
}

impl Tensor {
    /// `self · slope`, but 0 where `self` is 0, even if the slope is infinite or NaN: the product of the chain rule.
    ///
    /// # Shape
    /// Both broadcast.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let (dy, slope) = (Tensor::from([0.0, 2.0]), Tensor::from([f32::INFINITY, 3.0]));
    /// assert_eq!(dy.guarded_mul(&slope).to_vec::<f32>(), [0.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn guarded_mul(&self, slope: &Tensor) -> Tensor {
        apply(GuardedMul, [self, slope])
    }
}
