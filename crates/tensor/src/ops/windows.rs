//! Windows that slide along an axis.

use wengert_array::{Array, Mismatch, Shape};

use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Needs, Op, Sample, Tensor, apply};

catalogue![Windows, AddWindows];

/// Which windows: along which axis, how long, and how far apart they begin.
#[derive(Clone, Copy, Debug)]
struct Sliding {
    axis: usize,
    size: usize,
    step: usize,
}

impl Sliding {
    fn shape(self, x: &Shape) -> Result<Shape, Mismatch> {
        let Sliding { axis, size, step } = self;
        let Some(&len) = x.get(axis) else {
            return Err(Mismatch::new(format!("axis {axis} does not exist")).row("given", x));
        };
        if step == 0 || !(1..=len).contains(&size) {
            return Err(Mismatch::new(format!("there are no windows of {size} in steps of {step}"))
                .row("given", x)
                .note(format!("axis {axis} has size {len}")));
        }
        let mut sizes = x.to_vec();
        sizes[axis] = (len - size) / step + 1;
        sizes.push(size);
        Shape::try_new(&sizes)
    }

    /// Shapes with windows that overlap, touch, leave gaps and leave a rest.
    fn samples<O>(sample: impl Fn(Sliding, &[usize]) -> Sample<O, 1>) -> Vec<Sample<O, 1>> {
        let of = |axis, size, step, x: &[usize]| sample(Sliding { axis, size, step }, x);
        vec![
            of(0, 1, 1, &[1]),
            of(0, 3, 1, &[3]),
            of(0, 2, 1, &[5]),
            of(0, 2, 2, &[5]),
            of(0, 2, 3, &[8]),
            of(0, 3, 2, &[7]),
            of(0, 1, 1, &[4]),
            of(0, 1, 3, &[4]),
            of(0, 4, 9, &[6]),
            of(0, 2, 1, &[3, 4]),
            of(1, 2, 1, &[3, 4]),
            of(1, 3, 2, &[2, 5]),
            of(1, 2, 2, &[1, 4]),
            of(0, 1, 1, &[1, 4]),
            of(0, 2, 1, &[3, 0]),
            of(1, 2, 1, &[0, 3]),
            of(1, 2, 1, &[2, 3, 2]),
            of(0, 2, 1, &[2, 3, 2]),
            of(2, 2, 1, &[2, 2, 3]),
            of(1, 3, 3, &[2, 20]),
        ]
    }
}

/// y[i, …, k] = x[step i + k, …] along an axis,  dx = dy added where each window saw it
#[derive(Clone, Debug)]
pub(crate) struct Windows(Sliding);

impl Op<1> for Windows {
    const NAME: &'static str = "windows";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        self.0.shape(x)
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        x.windows(self.0.axis, self.0.size, self.0.step)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        apply(AddWindows { into: *x.shape(), sliding: self.0 }, [dy])
    }

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |size| Windows(Sliding { axis: 0, size, step: 1 });
        let exact = Sample::new(op(2), [Array::from_vec(vec![1.0, 2.0, 4.0], [3])]);
        let fails = |size, message| Sample::fails(op(size), [&[3]], message);
        Sliding::samples(|sliding, x| Sample::random(Windows(sliding), [x]))
            .into_iter()
            .chain([
                exact.clone().gives(&[1.0, 2.0, 2.0, 4.0]),
                exact.with_derivatives([&[1.0, 2.0, 1.0]]),
                fails(4, "there are no windows of 4"),
                fails(0, "there are no windows of 0"),
                Sample::fails(Windows(Sliding { axis: 0, size: 1, step: 0 }), [&[3]], "in steps of 0"),
                Sample::fails(op(1), [&[]], "axis 0 does not exist"),
            ])
            .collect()
    }
}

/// y = zeros with each window x[i, …, :] added where it was seen,  dx = the windows of dy
#[derive(Clone, Debug)]
pub(crate) struct AddWindows {
    into: Shape,
    sliding: Sliding,
}

impl Op<1> for AddWindows {
    const NAME: &'static str = "add_windows";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        let expected = self.sliding.shape(&self.into)?;
        match *x == expected {
            true => Ok(self.into),
            false => Err(Mismatch::new("the windows do not fit").row("given", x).row("expected", expected)),
        }
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        x.add_windows(*shape, self.sliding.axis, self.sliding.step)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        apply(Windows(self.sliding), [dy])
    }

    fn flops(&self, [x]: [&Shape; 1], _: &Shape) -> u64 {
        x.size() as u64
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |sliding, into: &[usize]| AddWindows { into: into.into(), sliding };
        let pairs = Sliding { axis: 0, size: 2, step: 1 };
        let exact = Sample::new(op(pairs, &[3]), [Array::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2])]);
        Sliding::samples(|sliding, into| {
            let x = sliding.shape(&into.into()).expect("the samples fit");
            Sample::random(op(sliding, into), [&x])
        })
        .into_iter()
        .chain([exact.gives(&[1.0, 5.0, 4.0]), Sample::fails(op(pairs, &[3]), [&[3, 2]], "do not fit")])
        .collect()
    }
}

impl Tensor {
    /// A view of all windows of `size` elements along an axis, which begin `step` apart: the axis counts them, and a
    /// new last axis runs through each. (`sliding_window_view` of NumPy, `unfold` of PyTorch.)
    ///
    /// # Gradient
    /// Where windows overlap, their derivatives are added.
    ///
    /// # Panics
    /// If the axis does not exist or is shorter than a window, or a number is 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let moving_average = Tensor::arange(4).windows(0, 2, 1).mean_axes(-1);
    /// assert_eq!(moving_average.to_vec::<f32>(), [0.5, 1.5, 2.5]);
    /// ```
    #[track_caller]
    pub fn windows(&self, axis: isize, size: usize, step: usize) -> Tensor {
        let axis = resolve_axis("windows", axis, self.shape());
        apply(Windows(Sliding { axis, size, step }), [self])
    }
}
