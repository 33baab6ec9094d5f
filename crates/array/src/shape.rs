//! The sizes of an array's axes, and the two rules that combine shapes. Strides are in `layout`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::mismatch::Mismatch;

/// The greatest number of axes.
pub const MAX_RANK: usize = 8;

/// The greatest number of elements, so that every offset and stride fits into 32 bits.
const MAX_SIZE: usize = i32::MAX as usize;

/// The sizes of the axes of an array, at most [`MAX_RANK`] of them, with at most `i32::MAX` elements in all.
///
/// It reads like a slice: `shape.len()` is the number of axes and `shape[axis]` a size; the number of elements is
/// [`Shape::size`].
///
/// # Examples
/// ```
/// use wengert_array::Shape;
/// let shape = Shape::from([2, 3]);
/// assert_eq!((shape.len(), shape[1], shape.size()), (2, 3, 6));
/// assert_eq!(shape.to_string(), "[2, 3]");
/// ```
#[derive(Clone, Copy)]
pub struct Shape {
    /// Sizes beyond the rank are 1.
    sizes: [usize; MAX_RANK],
    rank: usize,
}

impl Shape {
    /// A shape from sizes that come from outside, such as a file.
    ///
    /// # Errors
    /// If there are more than 8 axes or more than `i32::MAX` elements.
    pub fn try_new(sizes: &[usize]) -> Result<Shape, Mismatch> {
        if sizes.len() > MAX_RANK {
            return Err(Mismatch::new("too many axes")
                .row("shape", format!("{sizes:?}"))
                .note(format!("expected at most {MAX_RANK} axes")));
        }
        if !fits(sizes) {
            return Err(Mismatch::new("too many elements")
                .row("shape", format!("{sizes:?}"))
                .note(format!("expected at most {MAX_SIZE} elements")));
        }
        let mut shape = Shape { sizes: [1; MAX_RANK], rank: sizes.len() };
        shape.sizes[..sizes.len()].copy_from_slice(sizes);
        Ok(shape)
    }

    /// The number of elements: the product of the sizes, 1 for rank 0.
    #[inline]
    pub fn size(&self) -> usize {
        self.iter().product()
    }

    /// The same shape with another size at `axis`.
    ///
    /// # Panics
    /// If the axis does not exist, or there would be too many elements.
    #[track_caller]
    pub fn with(&self, axis: usize, size: usize) -> Shape {
        let mut sizes = self.sizes;
        sizes[..self.rank][axis] = size;
        Shape::from(&sizes[..self.rank])
    }

    /// The shape without `axis`.
    ///
    /// # Panics
    /// If the axis does not exist.
    #[track_caller]
    pub fn without(&self, axis: usize) -> Shape {
        assert!(axis < self.rank, "shape: axis {axis} does not exist in {self}");
        let mut sizes = self.sizes;
        sizes.copy_within(axis + 1.., axis);
        Shape::from(&sizes[..self.rank - 1])
    }

    /// The shape with an axis of the given size before `axis`.
    ///
    /// # Panics
    /// If `axis` is more than the rank, or the result would have too many axes or elements.
    #[track_caller]
    pub fn insert(&self, axis: usize, size: usize) -> Shape {
        assert!(axis <= self.rank, "shape: an axis cannot be inserted at {axis} into {self}");
        let mut sizes = [size; MAX_RANK + 1];
        sizes[..axis].copy_from_slice(&self[..axis]);
        sizes[axis + 1..=self.rank].copy_from_slice(&self[axis..]);
        Shape::from(&sizes[..=self.rank])
    }

    /// The shape with one more axis at the end.
    ///
    /// # Panics
    /// If the result would have too many axes or elements.
    #[track_caller]
    pub fn push(&self, size: usize) -> Shape {
        self.insert(self.rank, size)
    }

    /// The shape that all broadcast to: axes are aligned at the last, and sizes are equal or 1.
    ///
    /// # Errors
    /// If two sizes of an axis differ and neither is 1.
    ///
    /// # Examples
    /// ```
    /// use wengert_array::Shape;
    /// let shape = Shape::broadcast(&[&[4, 1].into(), &[3].into()]).unwrap();
    /// assert_eq!(shape, [4, 3]);
    /// ```
    pub fn broadcast(shapes: &[&Shape]) -> Result<Shape, Mismatch> {
        let rank = shapes.iter().map(|shape| shape.rank).max().unwrap_or(0);
        let mut result = Shape { sizes: [1; MAX_RANK], rank };
        for (which, shape) in shapes.iter().enumerate() {
            let lead = rank - shape.rank;
            for (axis, &size) in shape.iter().enumerate() {
                let joined = &mut result.sizes[lead + axis];
                if *joined == 1 {
                    *joined = size;
                } else if size != 1 && size != *joined {
                    return Err(broadcast_clash(shapes, which, axis, *joined));
                }
            }
        }
        match fits(&result) {
            true => Ok(result),
            false => Err(label_rows(Mismatch::new("the broadcast shape has too many elements"), shapes)),
        }
    }

    /// The shape of a matrix product: `[..., m, k]`, `[..., k, n]` → `[..., m, n]`; leading axes broadcast.
    ///
    /// # Errors
    /// If a side has fewer than 2 axes, the inner sizes differ, or the leading axes do not broadcast.
    pub fn matmul(left: &Shape, right: &Shape) -> Result<Shape, Mismatch> {
        if left.rank < 2 || right.rank < 2 {
            return Err(vector_in_matmul(left, right));
        }
        let [m, k] = left.last_two();
        let [rows, n] = right.last_two();
        if k != rows {
            return Err(inner_sizes_differ(left, right));
        }
        let batch = batch_shape(left, right)?;
        let mut shape = batch;
        shape.rank += 2;
        shape.sizes[shape.rank - 2] = m;
        shape.sizes[shape.rank - 1] = n;
        match fits(&shape) {
            true => Ok(shape),
            false => Err(label_rows(Mismatch::new("the product has too many elements"), &[left, right])),
        }
    }

    /// The shape of a dense layer: `[..., m, k]`, `[k, n]`, a bias `[n]` → `[..., m, n]`.
    ///
    /// # Errors
    /// If [`Shape::matmul`] refuses input and weight, the weight is no matrix, or the bias does not have one number for
    /// each of its columns.
    pub fn affine(x: &Shape, weight: &Shape, bias: Option<&Shape>) -> Result<Shape, Mismatch> {
        let mut shape = *x;
        if let ([.., n_in], [rows, n_out]) = (&x[..], &weight[..])
            && x.rank > 1
            && n_in == rows
            && bias.is_none_or(|bias| bias[..] == [*n_out])
        {
            shape.sizes[x.rank - 1] = *n_out;
            if fits(&shape) {
                return Ok(shape);
            }
        }
        // Something is wrong, and the product knows most of what can be.
        let shape = Shape::matmul(x, weight)?;
        if weight.rank != 2 {
            return Err(Mismatch::new("the weight is no matrix")
                .row("weight", weight)
                .note("expected [n_in, n_out]"));
        }
        match bias {
            Some(bias) if bias[..] != weight[1..] => Err(Mismatch::new("the bias does not fit the weight")
                .row("weight", weight)
                .row("bias", bias)
                .note(format!("expected [{}]", weight[1]))),
            _ => Ok(shape),
        }
    }

    /// The shape of the diagonal of the last two axes, whose column is the row plus `offset`: empty if it lies outside.
    ///
    /// # Panics
    /// If there are fewer than two axes.
    #[track_caller]
    pub fn diagonal(&self, offset: isize) -> Shape {
        assert!(self.rank >= 2, "diagonal: {self} is no matrix");
        let [rows, columns] = self.last_two();
        let skipped = offset.unsigned_abs();
        let len = match offset < 0 {
            true => rows.saturating_sub(skipped).min(columns),
            false => columns.saturating_sub(skipped).min(rows),
        };
        self.leading(2).push(len)
    }

    /// The shape with the axes in another order, given as a permutation.
    pub(crate) fn permuted(&self, axes: &[usize]) -> Shape {
        let mut shape = *self;
        for (size, &from) in shape.sizes.iter_mut().zip(axes) {
            *size = self[from];
        }
        shape
    }

    /// The shape without its last `count` axes.
    pub(crate) fn leading(&self, count: usize) -> Shape {
        let mut shape = *self;
        shape.rank -= count;
        shape.sizes[shape.rank..].fill(1);
        shape
    }

    fn last_two(&self) -> [usize; 2] {
        [self[self.rank - 2], self[self.rank - 1]]
    }
}

/// Whether the product of the sizes is allowed. A size of 0 makes it 0, but the others are still bounded, so
/// that products of some of the sizes cannot overflow.
fn fits(sizes: &[usize]) -> bool {
    let product = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size.max(1)));
    product.is_some_and(|product| product <= MAX_SIZE)
}

fn label_rows(mismatch: Mismatch, shapes: &[&Shape]) -> Mismatch {
    let labels: &[&str] = match shapes.len() {
        2 => &["left", "right"],
        _ => &["first", "second", "third", "fourth"],
    };
    shapes.iter().enumerate().fold(mismatch, |mismatch, (which, shape)| {
        let label =
            labels.get(which).map_or_else(|| format!("operand {}", which + 1), |label| (*label).into());
        mismatch.row(label, shape)
    })
}

/// What the leading axes of the two sides of a product broadcast to.
fn batch_shape(left: &Shape, right: &Shape) -> Result<Shape, Mismatch> {
    let (left_batch, right_batch) = (left.leading(2), right.leading(2));
    if left_batch == right_batch {
        return Ok(left_batch);
    }
    Shape::broadcast(&[&left_batch, &right_batch]).map_err(|_| {
        label_rows(Mismatch::new("leading axes do not broadcast"), &[left, right])
            .note(format!("leading axes {right_batch} against {left_batch}"))
    })
}

fn broadcast_clash(shapes: &[&Shape], which: usize, axis: usize, expected: usize) -> Mismatch {
    let note = format!("axis {axis} is {}, expected 1 or {expected}", shapes[which][axis]);
    let mut mismatch = label_rows(Mismatch::new("shapes do not broadcast"), shapes);
    mismatch.rows[which].2 = Some(note);
    mismatch
}

fn inner_sizes_differ(left: &Shape, right: &Shape) -> Mismatch {
    let [m, k] = left.last_two();
    let [rows, n] = right.last_two();
    let mismatch =
        label_rows(Mismatch::new("inner sizes differ"), &[left, right]).note(format!("expected {k} rows"));
    if n == k {
        mismatch.help("did you mean `x.matmul(&w.t())`?")
    } else if m == rows {
        mismatch.help("did you mean `x.t().matmul(&w)`?")
    } else {
        mismatch
    }
}

fn vector_in_matmul(left: &Shape, right: &Shape) -> Mismatch {
    let axes =
        |rank: usize| format!("{rank} {}, expected 2 or more", if rank == 1 { "axis" } else { "axes" });
    let mut mismatch = label_rows(Mismatch::new("a matrix has 2 axes"), &[left, right]);
    for (row, shape) in [left, right].into_iter().enumerate() {
        if shape.rank < 2 {
            mismatch.rows[row].2 = Some(axes(shape.rank));
        }
    }
    match (left.rank, right.rank) {
        (0, _) | (_, 0) => mismatch.help("did you mean the product by a scalar, `x * y`?"),
        (1, _) => mismatch.help("did you mean `x.unsqueeze(0)`, a matrix of one row?"),
        _ => mismatch.help("did you mean `x.unsqueeze(1)`, a matrix of one column?"),
    }
}

impl Deref for Shape {
    type Target = [usize];

    #[inline]
    fn deref(&self) -> &[usize] {
        &self.sizes[..self.rank]
    }
}

impl PartialEq for Shape {
    /// A loop, since shapes are compared at every operation and have few axes.
    #[inline]
    fn eq(&self, other: &Shape) -> bool {
        self.rank == other.rank && self.iter().zip(other.iter()).all(|(mine, other)| mine == other)
    }
}

impl Eq for Shape {}

impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self[..].hash(state);
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", &**self)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl From<&[usize]> for Shape {
    /// # Panics
    /// If there are more than 8 axes or more than `i32::MAX` elements.
    #[track_caller]
    fn from(sizes: &[usize]) -> Shape {
        match Shape::try_new(sizes) {
            Ok(shape) => shape,
            Err(mismatch) => panic!("{}", mismatch.report("shape")),
        }
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    #[track_caller]
    fn from(sizes: [usize; N]) -> Shape {
        Shape::from(&sizes[..])
    }
}

impl<const N: usize> From<&[usize; N]> for Shape {
    #[track_caller]
    fn from(sizes: &[usize; N]) -> Shape {
        Shape::from(&sizes[..])
    }
}

impl From<Vec<usize>> for Shape {
    #[track_caller]
    fn from(sizes: Vec<usize>) -> Shape {
        Shape::from(&sizes[..])
    }
}

impl From<&Vec<usize>> for Shape {
    #[track_caller]
    fn from(sizes: &Vec<usize>) -> Shape {
        Shape::from(&sizes[..])
    }
}

impl From<usize> for Shape {
    #[track_caller]
    fn from(size: usize) -> Shape {
        Shape::from([size])
    }
}

impl From<()> for Shape {
    fn from((): ()) -> Shape {
        Shape { sizes: [1; MAX_RANK], rank: 0 }
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Shape {
        *shape
    }
}

impl<const N: usize> PartialEq<[usize; N]> for Shape {
    fn eq(&self, other: &[usize; N]) -> bool {
        **self == other[..]
    }
}

impl<const N: usize> PartialEq<[usize; N]> for &Shape {
    fn eq(&self, other: &[usize; N]) -> bool {
        ***self == other[..]
    }
}

impl PartialEq<&[usize]> for Shape {
    fn eq(&self, other: &&[usize]) -> bool {
        **self == **other
    }
}

impl PartialEq<[usize]> for Shape {
    fn eq(&self, other: &[usize]) -> bool {
        **self == *other
    }
}
