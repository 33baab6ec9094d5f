//! The elements in another order, or several times, made of slices, broadcasting and joining.

use wengert_array::{Array, Shape};

use super::cumulative::axis_samples;
use super::slicing::Span;
use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{Composite, IntoAxes, Sample, Tensor};

catalogue![Flip, Roll, Tile, Repeat];

/// y[i] = x[n - 1 - i] along some axes,  dx = dy turned likewise
#[derive(Clone, Debug)]
pub(crate) struct Flip {
    axes: Vec<usize>,
}

impl Composite<1> for Flip {
    const NAME: &'static str = "flip";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        self.axes.iter().fold(x.clone(), |x, &axis| {
            let n = x.shape()[axis];
            x.slice(axis as isize, Span::new(n.saturating_sub(1), n, -1))
        })
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |axes: &[usize], x: &[usize]| Sample::random(Flip { axes: axes.to_vec() }, [x]);
        let exact = Sample::new(Flip { axes: vec![0] }, [Array::from_vec(vec![1.0, 2.0, 3.0], [3])]);
        axis_samples(|axis| Flip { axes: vec![axis] })
            .into_iter()
            .chain([
                exact.gives(&[3.0, 2.0, 1.0]),
                of(&[], &[2, 2]),
                of(&[0, 1], &[2, 3]),
                of(&[0, 2], &[2, 2, 3]),
            ])
            .collect()
    }
}

/// y[i] = x[(i - s) mod n] along an axis,  dx = dy rolled back
#[derive(Clone, Debug)]
pub(crate) struct Roll {
    axis: usize,
    shift: isize,
}

impl Composite<1> for Roll {
    const NAME: &'static str = "roll";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        let (axis, n) = (self.axis as isize, x.shape()[self.axis]);
        let shift = if n == 0 { 0 } else { self.shift.rem_euclid(n as isize) as usize };
        if shift == 0 {
            return x.clone();
        }
        Tensor::concat(&[&x.slice(axis, n - shift..), &x.slice(axis, ..n - shift)], axis)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let of = |shift, n: usize| Sample::random(Roll { axis: 0, shift }, [&[n]]);
        let exact = Sample::new(Roll { axis: 0, shift: 1 }, [Array::from_vec(vec![1.0, 2.0, 3.0], [3])]);
        let around = [(0, 3), (-1, 3), (3, 3), (4, 3), (-7, 3), (5, 1)].map(|(shift, n)| of(shift, n));
        let axes = axis_samples(|axis| Roll { axis, shift: axis as isize + 1 });
        axes.into_iter().chain(around).chain([exact.gives(&[3.0, 1.0, 2.0])]).collect()
    }
}

/// y = x side by side, as often as said for each axis,  dx = the sum of dy over the copies
#[derive(Clone, Debug)]
pub(crate) struct Tile {
    counts: Vec<usize>,
}

impl Composite<1> for Tile {
    const NAME: &'static str = "tile";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        let missing = self.counts.len().checked_sub(x.rank());
        assert!(
            missing.is_some(),
            "tile: each axis needs a count\n  given   {}\n  counts  {:?}",
            x.shape(),
            self.counts
        );
        let mut y = x.reshape([&vec![1; missing.unwrap_or(0)], &x.shape()[..]].concat());
        for (axis, &count) in self.counts.iter().enumerate().filter(|&(_, &count)| count != 1) {
            y = copies(&y, axis, axis, count);
        }
        y
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |counts: &[usize]| Tile { counts: counts.to_vec() };
        let of = |counts: &[usize], x: &[usize]| Sample::random(op(counts), [x]);
        let exact = Sample::new(op(&[2]), [Array::from_vec(vec![1.0, 2.0], [2])]);
        vec![
            exact.gives(&[1.0, 2.0, 1.0, 2.0]),
            of(&[], &[]),
            of(&[3], &[]),
            of(&[2, 3], &[]),
            of(&[1], &[3]),
            of(&[3], &[1]),
            of(&[0], &[3]),
            of(&[2], &[0]),
            of(&[2, 2], &[3]),
            of(&[2, 1], &[2, 3]),
            of(&[1, 2], &[2, 3]),
            of(&[2, 3], &[2, 3]),
            of(&[2, 0], &[2, 3]),
            of(&[2, 2], &[0, 3]),
            of(&[3, 2], &[1, 1]),
            of(&[2, 1, 2], &[2, 3]),
            of(&[2, 1, 3], &[2, 1, 2]),
            of(&[1, 2, 1], &[2, 2, 2]),
            of(&[1, 4], &[2, 10]),
            of(&[1, 2, 2, 1], &[1, 1, 2, 2]),
            Sample::fails(op(&[2]), [&[2, 3]], "each axis needs a count"),
        ]
    }
}

/// y = each element of x several times along an axis,  dx = the sum of dy over the copies
#[derive(Clone, Debug)]
pub(crate) struct Repeat {
    axis: usize,
    count: usize,
}

impl Composite<1> for Repeat {
    const NAME: &'static str = "repeat";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        copies(x, self.axis, self.axis + 1, self.count)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |count| Repeat { axis: 0, count };
        let exact = Sample::new(op(2), [Array::from_vec(vec![1.0, 2.0], [2])]);
        axis_samples(|axis| Repeat { axis, count: 2 + axis })
            .into_iter()
            .chain([
                exact.gives(&[1.0, 1.0, 2.0, 2.0]),
                Sample::random(op(0), [&[3]]),
                Sample::random(op(1), [&[2, 3]]),
            ])
            .collect()
    }
}

/// `count` copies along a new axis before `at`, which then becomes one with `axis`.
#[track_caller]
fn copies(x: &Tensor, axis: usize, at: usize, count: usize) -> Tensor {
    let shape = x.shape();
    let mut sizes: Vec<usize> = shape.to_vec();
    sizes.insert(at, count);
    // Axes that the copies do not touch are one, so that the new axis always finds a place.
    let groups = |sizes: &[usize]| -> Shape {
        let (outer, inner) = (sizes[..axis].iter().product(), sizes[axis + 2..].iter().product());
        [outer, sizes[axis], sizes[axis + 1], inner].into()
    };
    let wide = groups(&sizes);
    sizes[at] = 1;
    x.reshape(groups(&sizes)).broadcast_to(wide).reshape(shape.with(axis, shape[axis] * count))
}

impl Tensor {
    /// A view with the elements along some axes in reverse order.
    ///
    /// # Panics
    /// If an axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).flip(0).to_vec::<f32>(), [3.0, 2.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn flip(&self, axes: impl IntoAxes) -> Tensor {
        Flip { axes: axes.resolve("flip", self.shape()).iter().collect() }.value([self])
    }

    /// The elements along an axis moved by `shift`; those that leave at one end come in at the other.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).roll(1, 0).to_vec::<f32>(), [3.0, 1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn roll(&self, shift: isize, axis: isize) -> Tensor {
        Roll { axis: resolve_axis("roll", axis, self.shape()), shift }.value([self])
    }

    /// Copies side by side: `counts[i]` of them along axis `i`; a longer list adds axes in front. (`tile` of NumPy,
    /// `repeat` of PyTorch.)
    ///
    /// # Gradient
    /// The sum over the copies.
    ///
    /// # Panics
    /// If there are fewer counts than axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).tile(&[2]).to_vec::<f32>(), [1.0, 2.0, 1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn tile(&self, counts: &[usize]) -> Tensor {
        Tile { counts: counts.to_vec() }.value([self])
    }

    /// Each element `count` times along an axis. (`repeat` of NumPy, `repeat_interleave` of PyTorch; PyTorch's
    /// `repeat` is [`tile`](Tensor::tile).)
    ///
    /// # Gradient
    /// The sum over the copies.
    ///
    /// # Panics
    /// If the axis does not exist.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).repeat(2, 0).to_vec::<f32>(), [1.0, 1.0, 2.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn repeat(&self, count: usize, axis: isize) -> Tensor {
        Repeat { axis: resolve_axis("repeat", axis, self.shape()), count }.value([self])
    }
}
