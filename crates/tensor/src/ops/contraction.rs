//! Products with vectors. Matrices with matrices stand in `matmul.rs`, everything else in `einsum.rs`.

use wengert_array::{Array, Mismatch, Shape};

use crate::catalogue::catalogue;
use crate::{Composite, Sample, Tensor};

catalogue![VectorMatMul, Dot, Outer];

/// y = a B, A b or a · b: a matrix product with a vector as one row or one column,  da = dy Bᵀ, db = Aᵀ dy
#[derive(Clone, Debug)]
pub(crate) struct VectorMatMul;

impl Composite<2> for VectorMatMul {
    const NAME: &'static str = "vector_matmul";

    #[track_caller]
    fn value(&self, [a, b]: [&Tensor; 2]) -> Tensor {
        let row = if a.rank() == 1 { a.unsqueeze(0) } else { a.clone() };
        let column = if b.rank() == 1 { b.unsqueeze(1) } else { b.clone() };
        if let Err(mismatch) = Shape::matmul(row.shape(), column.shape()) {
            panic!("{}", in_terms_of_vectors(mismatch, a.shape(), b.shape()).report("matmul"));
        }
        let y = row.matmul(&column);
        let y = if b.rank() == 1 { y.squeeze(-1) } else { y };
        match (a.rank(), b.rank()) {
            (1, 1) => y.squeeze(-1),
            (1, _) => y.squeeze(-2),
            _ => y,
        }
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let of = |a: &[usize], b: &[usize]| Sample::random(VectorMatMul, [a, b]);
        let exact = |a: &[f64], of: &[usize], b: &[f64]| {
            Sample::new(VectorMatMul, [Array::from_slice(a, of), Array::from_slice(b, [b.len()])])
        };
        vec![
            exact(&[1.0, 2.0], &[2], &[3.0, 4.0]).gives(&[11.0]),
            exact(&[1.0, 2.0, 3.0, 4.0], &[2, 2], &[5.0, 6.0]).gives(&[17.0, 39.0]),
            of(&[1], &[1]),
            of(&[3], &[3]),
            of(&[0], &[0]),
            of(&[3], &[3, 2]),
            of(&[1], &[1, 2]),
            of(&[3], &[3, 1]),
            of(&[0], &[0, 2]),
            of(&[3], &[3, 0]),
            of(&[2, 3], &[3]),
            of(&[2, 1], &[1]),
            of(&[1, 3], &[3]),
            of(&[2, 0], &[0]),
            of(&[0, 3], &[3]),
            of(&[3], &[2, 3, 2]),
            of(&[2, 2, 3], &[3]),
            of(&[2, 1, 3], &[3]),
            of(&[2], &[2, 2, 2, 2]),
            of(&[17], &[17, 5]),
            of(&[5, 17], &[17]),
            Sample::fails(VectorMatMul, [&[3], &[4]], "left   [3]"),
            Sample::fails(VectorMatMul, [&[2, 3], &[4]], "expected 3 elements"),
            Sample::fails(VectorMatMul, [&[3], &[2, 3]], "expected 3 rows"),
        ]
    }
}

/// The message with the shapes that were given, not those of rows and columns.
fn in_terms_of_vectors(mut mismatch: Mismatch, a: &Shape, b: &Shape) -> Mismatch {
    mismatch.help = None;
    for (row, shape) in mismatch.rows.iter_mut().zip([a, b]) {
        row.1 = shape.to_string();
        if shape.len() == 1 {
            row.2 = row.2.take().map(|note| note.replace("rows", "elements"));
        }
    }
    mismatch
}

/// y = Σ a b of two vectors,  da = dy b, db = dy a
#[derive(Clone, Debug)]
pub(crate) struct Dot;

impl Composite<2> for Dot {
    const NAME: &'static str = "dot";

    #[track_caller]
    fn value(&self, [a, b]: [&Tensor; 2]) -> Tensor {
        check_vectors("dot", a, b);
        if a.size() != b.size() {
            let mismatch = Mismatch::new("the vectors differ").row("left", a.shape()).row("right", b.shape());
            panic!("{}", mismatch.note(format!("expected {} elements", a.size())).report("dot"));
        }
        VectorMatMul.value([a, b])
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let exact = [vec![1.0, 2.0, 3.0], vec![4.0, 5.0, -6.0]].map(|x| Array::from_vec(x, [3]));
        let exact = Sample::new(Dot, exact);
        (0..18)
            .map(|n| Sample::random(Dot, [&[n], &[n]]))
            .chain([
                exact.clone().gives(&[-4.0]),
                exact.with_derivatives([&[4.0, 5.0, -6.0], &[1.0, 2.0, 3.0]]),
                Sample::random(Dot, [&[100], &[100]]),
                Sample::fails(Dot, [&[2], &[3]], "expected 2 elements"),
                Sample::fails(Dot, [&[2, 2], &[2]], "a vector has 1 axis"),
            ])
            .collect()
    }
}

/// y[i, j] = aᵢ bⱼ,  da = dy b, db = dyᵀ a
#[derive(Clone, Debug)]
pub(crate) struct Outer;

impl Composite<2> for Outer {
    const NAME: &'static str = "outer";

    #[track_caller]
    fn value(&self, [a, b]: [&Tensor; 2]) -> Tensor {
        check_vectors("outer", a, b);
        a.unsqueeze(1) * b.unsqueeze(0)
    }

    #[inline]
    fn samples() -> Vec<Sample<Self, 2>> {
        let exact = [vec![1.0, 2.0], vec![3.0, -4.0]].map(|x| Array::from_vec(x, [2]));
        let exact = Sample::new(Outer, exact);
        let sizes = (0..5).flat_map(|m| (0..4).map(move |n| [m, n]));
        sizes
            .map(|[m, n]| Sample::random(Outer, [&[m], &[n]]))
            .chain([
                exact.clone().gives(&[3.0, -4.0, 6.0, -8.0]),
                exact.with_derivatives([&[-1.0, -1.0], &[3.0, 3.0]]),
                Sample::fails(Outer, [&[2], &[]], "a vector has 1 axis"),
            ])
            .collect()
    }
}

#[track_caller]
fn check_vectors(name: &str, a: &Tensor, b: &Tensor) {
    if a.rank() != 1 || b.rank() != 1 {
        let mismatch = Mismatch::new("a vector has 1 axis").row("left", a.shape()).row("right", b.shape());
        panic!("{}", mismatch.report(name));
    }
}

impl Tensor {
    /// The dot product of two vectors, of shape `[]`.
    ///
    /// # Panics
    /// If they are not two vectors of one size.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).dot(&Tensor::from([3.0, 4.0])).item(), 11.0);
    /// ```
    #[track_caller]
    pub fn dot(&self, other: &Tensor) -> Tensor {
        Dot.value([self, other])
    }

    /// The products of each element of a vector with each of another, of shape `[m, n]`.
    ///
    /// # Panics
    /// If they are not two vectors.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let y = Tensor::from([1.0, 2.0]).outer(&Tensor::from([3.0, 4.0]));
    /// assert_eq!(y.to_vec::<f32>(), [3.0, 4.0, 6.0, 8.0]);
    /// ```
    #[track_caller]
    pub fn outer(&self, other: &Tensor) -> Tensor {
        Outer.value([self, other])
    }
}
