//! More elements before and after those of an axis.

use wengert_array::{Array, Indices};

use crate::catalogue::catalogue;
use crate::{Composite, Sample, Tensor};

catalogue![Pad];

/// What [`Tensor::pad`] puts around a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Padding {
    /// One value.
    Constant(f64),
    /// The elements mirrored at the first and the last, which are not repeated: `c b | a b c | b a`.
    Reflect,
    /// The first and the last element: `a a | a b c | c c`.
    Edge,
    /// The elements from the other end: `b c | a b c | a b`.
    Wrap,
}

/// y = x with more elements around it,  dx = dy there, with what came from an element added to it
#[derive(Clone, Debug)]
pub(crate) struct Pad {
    widths: Vec<(usize, usize)>,
    padding: Padding,
}

impl Composite<1> for Pad {
    const NAME: &'static str = "pad";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        assert!(
            self.widths.len() == x.rank(),
            "pad: each axis needs two widths\n  given   {}\n  widths  {:?}",
            x.shape(),
            self.widths
        );
        let mut y = x.clone();
        for (axis, &widths) in self.widths.iter().enumerate().filter(|&(_, &widths)| widths != (0, 0)) {
            y = match self.padding {
                Padding::Constant(value) => pad_constant(&y, axis, widths, value),
                _ => y.index_select(axis as isize, &self.sources(y.shape()[axis], axis, widths)),
            };
        }
        y
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |widths: &[(usize, usize)], padding| Pad { widths: widths.to_vec(), padding };
        let row = |padding| Sample::new(op(&[(2, 2)], padding), [Array::from_vec(vec![1.0, 2.0, 3.0], [3])]);
        let mut samples = vec![
            row(Padding::Constant(9.0)).gives(&[9.0, 9.0, 1.0, 2.0, 3.0, 9.0, 9.0]),
            row(Padding::Reflect).gives(&[3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0]),
            row(Padding::Edge).gives(&[1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0]),
            row(Padding::Wrap).gives(&[2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0]),
            row(Padding::Reflect).with_derivatives([&[2.0, 3.0, 2.0]]),
            row(Padding::Edge).with_derivatives([&[3.0, 1.0, 3.0]]),
            Sample::random(op(&[], Padding::Edge), [&[]]),
            Sample::random(op(&[(1, 2)], Padding::Constant(1.0)), [&[0]]),
            Sample::random(op(&[(5, 4)], Padding::Reflect), [&[2]]),
            Sample::random(op(&[(1, 7)], Padding::Wrap), [&[3]]),
            Sample::fails(op(&[(1, 1)], Padding::Edge), [&[2, 2]], "each axis needs two widths"),
            Sample::fails(op(&[(1, 1)], Padding::Wrap), [&[0]], "nothing to pad with"),
        ];
        for padding in [Padding::Constant(-1.0), Padding::Reflect, Padding::Edge, Padding::Wrap] {
            let of = |widths: &[(usize, usize)], x: &[usize]| Sample::random(op(widths, padding), [x]);
            samples.extend([
                of(&[(0, 0)], &[3]),
                of(&[(1, 0), (0, 2)], &[2, 3]),
                of(&[(0, 0), (1, 1)], &[0, 3]),
                of(&[(0, 1), (0, 0), (1, 2)], &[2, 2, 3]),
                of(&[(2, 1)], &[1]),
            ]);
        }
        samples
    }
}

impl Pad {
    /// For each element of the padded axis the one that it repeats.
    #[track_caller]
    fn sources(&self, size: usize, axis: usize, (before, after): (usize, usize)) -> Indices {
        assert!(size > 0, "pad: there is nothing to pad with along axis {axis}, which is empty");
        let last = size as isize - 1;
        let source = |place: isize| match self.padding {
            Padding::Reflect if last > 0 => {
                let turned = place.rem_euclid(2 * last);
                turned.min(2 * last - turned)
            }
            Padding::Wrap => place.rem_euclid(last + 1),
            _ => place.clamp(0, last),
        };
        let places = -(before as isize)..(size + after) as isize;
        places.map(|place| source(place) as usize).collect::<Vec<_>>().into()
    }
}

#[track_caller]
fn pad_constant(x: &Tensor, axis: usize, (before, after): (usize, usize), value: f64) -> Tensor {
    let value = Tensor::scalar(value, x.dtype());
    let [before, after] = [before, after].map(|width| value.broadcast_to(x.shape().with(axis, width)));
    Tensor::concat(&[&before, x, &after], axis as isize)
}

impl Tensor {
    /// The tensor with `widths[i].0` elements before and `widths[i].1` after those of axis `i`.
    ///
    /// # Gradient
    /// An element that was repeated gets the derivatives of its copies too.
    ///
    /// # Panics
    /// If there is not one pair of widths for each axis, or an axis without elements is to be repeated.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::{ops::Padding, Tensor};
    /// let x = Tensor::from([1.0, 2.0, 3.0]);
    /// assert_eq!(x.pad(&[(1, 0)], Padding::Constant(0.0)).to_vec::<f32>(), [0.0, 1.0, 2.0, 3.0]);
    /// assert_eq!(x.pad(&[(1, 1)], Padding::Reflect).to_vec::<f32>(), [2.0, 1.0, 2.0, 3.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn pad(&self, widths: &[(usize, usize)], padding: Padding) -> Tensor {
        Pad { widths: widths.to_vec(), padding }.value([self])
    }
}
