//! Parts of matrices: the diagonal, and what lies below or above it. A matrix is the last two axes.

use wengert_array::{Array, Mismatch, Shape};

use crate::catalogue::catalogue;
use crate::{Composite, Mask, Needs, Op, Sample, Tensor, apply};

catalogue![Diagonal, PlaceDiagonal, Tril, Triu];

/// yᵢ = x[i, i + k],  dx = dy on that diagonal in zeros
#[derive(Clone, Debug)]
pub(crate) struct Diagonal {
    offset: isize,
}

impl Op<1> for Diagonal {
    const NAME: &'static str = "diagonal";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        match x.len() >= 2 {
            true => Ok(x.diagonal(self.offset)),
            false => Err(Mismatch::new("a matrix has 2 axes").row("given", x)),
        }
    }

    fn forward(&self, [x]: [&Array; 1], _: &Shape) -> Array {
        x.diagonal(self.offset)
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        apply(PlaceDiagonal { into: *x.shape(), offset: self.offset }, [dy])
    }

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let exact = Sample::new(Diagonal { offset: 0 }, [square()]);
        matrices(|offset, x| Sample::random(Diagonal { offset }, [x]))
            .into_iter()
            .chain([
                exact.clone().gives(&[1.0, 4.0]),
                exact.with_derivatives([&[1.0, 0.0, 0.0, 1.0]]),
                Sample::fails(Diagonal { offset: 0 }, [&[3]], "a matrix has 2 axes"),
            ])
            .collect()
    }
}

/// y[i, i + k] = xᵢ in zeros,  dx = that diagonal of dy
#[derive(Clone, Debug)]
pub(crate) struct PlaceDiagonal {
    into: Shape,
    offset: isize,
}

impl Op<1> for PlaceDiagonal {
    const NAME: &'static str = "place_diagonal";
    const NEEDS: [Needs; 1] = [Needs::NONE];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        let expected = Diagonal { offset: self.offset }.shape([&self.into])?;
        match *x == expected {
            true => Ok(self.into),
            false => {
                Err(Mismatch::new("the diagonal does not fit").row("given", x).row("expected", expected))
            }
        }
    }

    fn forward(&self, [x]: [&Array; 1], shape: &Shape) -> Array {
        x.place_diagonal(*shape, self.offset)
    }

    fn vjp(&self, _: usize, _: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        apply(Diagonal { offset: self.offset }, [dy])
    }

    fn flops(&self, _: [&Shape; 1], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let op = |offset, into: &[usize]| PlaceDiagonal { into: into.into(), offset };
        let exact = Sample::new(op(1, &[2, 3]), [Array::from_vec(vec![1.0, 2.0], [2])]);
        matrices(|offset, into| Sample::random(op(offset, into), [&Shape::from(into).diagonal(offset)]))
            .into_iter()
            .chain([
                exact.gives(&[0.0, 1.0, 0.0, 0.0, 0.0, 2.0]),
                Sample::fails(op(0, &[2, 2]), [&[3]], "the diagonal does not fit"),
            ])
            .collect()
    }
}

/// y[i, j] = x[i, j] where j ≤ i + k, else 0,  dx = dy there, else 0
#[derive(Clone, Debug)]
pub(crate) struct Tril {
    offset: isize,
}

impl Composite<1> for Tril {
    const NAME: &'static str = "tril";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        below("tril", x.shape(), self.offset).select(x, 0.0)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let exact = Sample::new(Tril { offset: 0 }, [square()]);
        let fails = Sample::fails(Tril { offset: 0 }, [&[3]], "a matrix has 2 axes");
        let known = [exact.clone().gives(&[1.0, 0.0, 3.0, 4.0]), fails];
        let slopes = exact.with_derivatives([&[1.0, 0.0, 1.0, 1.0]]);
        matrices(|offset, x| Sample::random(Tril { offset }, [x]))
            .into_iter()
            .chain(known)
            .chain([slopes])
            .collect()
    }
}

/// y[i, j] = x[i, j] where j ≥ i + k, else 0,  dx = dy there, else 0
#[derive(Clone, Debug)]
pub(crate) struct Triu {
    offset: isize,
}

impl Composite<1> for Triu {
    const NAME: &'static str = "triu";

    #[track_caller]
    fn value(&self, [x]: [&Tensor; 1]) -> Tensor {
        below("triu", x.shape(), self.offset - 1).select(0.0, x)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 1>> {
        let exact = Sample::new(Triu { offset: 0 }, [square()]);
        let fails = Sample::fails(Triu { offset: 0 }, [&[3]], "a matrix has 2 axes");
        let known = [exact.clone().gives(&[1.0, 2.0, 0.0, 4.0]), fails];
        let slopes = exact.with_derivatives([&[1.0, 1.0, 0.0, 1.0]]);
        matrices(|offset, x| Sample::random(Triu { offset }, [x]))
            .into_iter()
            .chain(known)
            .chain([slopes])
            .collect()
    }
}

/// Where the column is at most the row plus `offset`.
#[track_caller]
fn below(name: &str, x: &Shape, offset: isize) -> Mask {
    assert!(x.len() >= 2, "{}", Mismatch::new("a matrix has 2 axes").row("given", x).report(name));
    let [rows, columns] = [x[x.len() - 2], x[x.len() - 1]].map(Tensor::arange);
    (rows + offset as f64).unsqueeze(1).greater_equal(&columns)
}

fn square() -> Array {
    Array::from_vec(vec![1.0, 2.0, 3.0, 4.0], [2, 2])
}

/// Square, wide, high, empty and stacked matrices, with diagonals within and without.
fn matrices<O>(sample: impl Fn(isize, &[usize]) -> Sample<O, 1>) -> Vec<Sample<O, 1>> {
    let shapes: [(isize, &[usize]); 20] = [
        (0, &[1, 1]),
        (0, &[3, 3]),
        (1, &[3, 3]),
        (-1, &[3, 3]),
        (2, &[3, 3]),
        (3, &[3, 3]),
        (-5, &[3, 3]),
        (0, &[2, 4]),
        (1, &[2, 4]),
        (3, &[2, 4]),
        (-1, &[2, 4]),
        (0, &[4, 2]),
        (-2, &[4, 2]),
        (1, &[4, 2]),
        (0, &[0, 3]),
        (0, &[3, 0]),
        (0, &[2, 3, 3]),
        (1, &[2, 2, 3]),
        (-1, &[0, 2, 3]),
        (0, &[2, 1, 3, 2]),
    ];
    shapes.into_iter().map(|(offset, shape)| sample(offset, shape)).collect()
}

impl Tensor {
    /// A view of the diagonal of the last two axes whose column is its row plus `offset`. It becomes the last axis.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.diagonal(0).to_vec::<f32>(), [1.0, 4.0]);
    /// assert_eq!(x.diagonal(1).to_vec::<f32>(), [2.0]);
    /// ```
    #[track_caller]
    pub fn diagonal(&self, offset: isize) -> Tensor {
        apply(Diagonal { offset }, [self])
    }

    /// Square matrices of zeros with the last axis as a diagonal, `offset` beside the main one.
    ///
    /// # Shape
    /// `[..., n]` → `[..., n + |offset|, n + |offset|]`
    ///
    /// # Panics
    /// If there is no axis.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).diag(0).to_vec::<f32>(), [1.0, 0.0, 0.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn diag(&self, offset: isize) -> Tensor {
        let Some(&len) = self.shape().last() else { panic!("diag: a number is no diagonal") };
        let n = len + offset.unsigned_abs();
        let into = self.shape().with(self.rank() - 1, n).push(n);
        apply(PlaceDiagonal { into, offset }, [self])
    }

    /// Matrices with 0 above the diagonal whose column is its row plus `offset`.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.tril(0).to_vec::<f32>(), [1.0, 0.0, 3.0, 4.0]);
    /// assert_eq!(x.triu(1).to_vec::<f32>(), [0.0, 2.0, 0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn tril(&self, offset: isize) -> Tensor {
        Tril { offset }.value([self])
    }

    /// Matrices with 0 below the diagonal whose column is its row plus `offset`.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.triu(0).to_vec::<f32>(), [1.0, 2.0, 0.0, 4.0]);
    /// assert_eq!(x.triu(1).to_vec::<f32>(), [0.0, 2.0, 0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn triu(&self, offset: isize) -> Tensor {
        Triu { offset }.value([self])
    }
}
