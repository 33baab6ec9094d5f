//! What has rows: the things that can be divided into batches and parts. How they are divided is not here.

use std::ops::Range;

use wengert_array::{Array, Float, Mismatch, concat, dispatch};
use wengert_tensor::{Indices, Shape, Target, Tensor};

use crate::DataError;

/// A thing whose first axis counts rows: a tensor, indices, a target, or a tuple of such with as many rows each.
///
/// A clone must be cheap, as it is for all of these. Tensors that come out of these methods are not tracked.
///
/// # Examples
/// ```
/// use wengert_data::Rows;
/// use wengert_tensor::{Indices, Tensor};
///
/// let data = (Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), Indices::from([7, 8, 9]));
/// let (x, labels) = data.select_rows(&[2, 0]);
/// assert_eq!(x.to_vec::<f32>(), [5.0, 6.0, 1.0, 2.0]);
/// assert_eq!(labels, Indices::from([9, 7]));
/// ```
pub trait Rows: Clone {
    /// The number of rows.
    ///
    /// # Errors
    /// If there is no axis of rows, or the parts of a tuple disagree.
    fn n_rows(&self) -> Result<usize, DataError>;

    /// A copy of the rows at the given places, in that order.
    ///
    /// # Panics
    /// If a place lies outside the rows.
    #[track_caller]
    fn select_rows(&self, places: &[usize]) -> Self;

    /// The rows of a range: a view where that is possible.
    ///
    /// # Panics
    /// If the range reaches beyond the rows.
    #[track_caller]
    fn slice_rows(&self, range: Range<usize>) -> Self;

    /// The rows of all parts, one part after the other.
    ///
    /// # Errors
    /// If there are no parts, or their rows differ in shape.
    fn joined(parts: &[Self]) -> Result<Self, DataError>;

    /// The same with each row's numbers side by side in memory, so that many selections are quick.
    fn packed(&self) -> Self {
        self.clone()
    }
}

impl Rows for Tensor {
    fn n_rows(&self) -> Result<usize, DataError> {
        self.shape().first().copied().ok_or(DataError::NoRows)
    }

    #[track_caller]
    fn select_rows(&self, places: &[usize]) -> Self {
        dispatch!(self.dtype(), T => selected::<T>(self.array(), places)).into()
    }

    #[track_caller]
    fn slice_rows(&self, range: Range<usize>) -> Self {
        self.array().slice(0, range.start, range.len(), 1).into()
    }

    fn joined(parts: &[Self]) -> Result<Self, DataError> {
        let shape = joined_shape(parts.iter().map(Tensor::shape))?;
        match parts {
            [part] => Ok(part.detach()),
            _ if shape.size() == 0 => Ok(Array::zeros(shape, parts[0].dtype()).into()),
            _ => Ok(concat(&parts.iter().map(Tensor::array).collect::<Vec<_>>(), 0).into()),
        }
    }

    fn packed(&self) -> Self {
        self.array().contiguous().into()
    }
}

/// The shape of all rows together, if they are alike.
fn joined_shape<'a>(mut shapes: impl Iterator<Item = &'a Shape>) -> Result<Shape, DataError> {
    let first = *shapes.next().ok_or(DataError::NoParts)?;
    let mut n_rows = *first.first().ok_or(DataError::NoRows)?;
    for (part, &other) in shapes.enumerate() {
        let is_alike = other.len() == first.len() && other[1..] == first[1..];
        if !is_alike {
            let problem = Mismatch::new("the parts differ in the shape of their rows").row("part 0", first);
            let problem = problem.row(format!("part {}", part + 1), other);
            return Err(DataError::refused(
                "joined",
                problem.note(format!("expected {first} but for the number of rows")),
            ));
        }
        n_rows += other[0];
    }
    let sizes: Vec<usize> = [&[n_rows], &first[1..]].concat();
    Shape::try_new(&sizes).map_err(|problem| DataError::refused("joined", problem))
}

#[track_caller]
fn selected<T: Float>(x: &Array, places: &[usize]) -> Array {
    assert!(x.rank() > 0, "select_rows: a tensor of shape [] has no rows");
    let n_rows = x.shape()[0];
    let packed = x.contiguous();
    let from = packed.as_slice::<T>().unwrap_or_default();
    let mut out = Array::zeros(x.shape().with(0, places.len()), x.dtype());
    let width: usize = x.shape()[1..].iter().product();
    if width == 0 {
        return out;
    }
    for (to, &place) in out.make_mut::<T>().chunks_exact_mut(width).zip(places) {
        assert!(place < n_rows, "select_rows: row {place} is not one of {n_rows}");
        to.copy_from_slice(&from[place * width..(place + 1) * width]);
    }
    out
}

impl Rows for Indices {
    fn n_rows(&self) -> Result<usize, DataError> {
        self.shape().first().copied().ok_or(DataError::NoRows)
    }

    #[track_caller]
    fn select_rows(&self, places: &[usize]) -> Self {
        self.select(places)
    }

    #[track_caller]
    fn slice_rows(&self, range: Range<usize>) -> Self {
        let shape = self.shape().with(0, range.len());
        let width: usize = shape[1..].iter().product();
        Indices::new(self.as_slice()[range.start * width..range.end * width].to_vec(), shape)
    }

    fn joined(parts: &[Self]) -> Result<Self, DataError> {
        let shape = joined_shape(parts.iter().map(Indices::shape))?;
        Ok(Indices::new(parts.iter().flat_map(Indices::as_slice).copied().collect(), shape))
    }
}

impl Rows for Target {
    fn n_rows(&self) -> Result<usize, DataError> {
        match self {
            Target::Values(values) => values.n_rows(),
            Target::Labels(labels) => labels.n_rows(),
        }
    }

    #[track_caller]
    fn select_rows(&self, places: &[usize]) -> Self {
        match self {
            Target::Values(values) => values.select_rows(places).into(),
            Target::Labels(labels) => labels.select_rows(places).into(),
        }
    }

    #[track_caller]
    fn slice_rows(&self, range: Range<usize>) -> Self {
        match self {
            Target::Values(values) => values.slice_rows(range).into(),
            Target::Labels(labels) => labels.slice_rows(range).into(),
        }
    }

    fn joined(parts: &[Self]) -> Result<Self, DataError> {
        let values = parts
            .iter()
            .filter_map(|part| if let Target::Values(values) = part { Some(values.clone()) } else { None });
        let labels = parts
            .iter()
            .filter_map(|part| if let Target::Labels(labels) = part { Some(labels.clone()) } else { None });
        let (values, labels): (Vec<_>, Vec<_>) = (values.collect(), labels.collect());
        match (&values[..], &labels[..]) {
            (values, []) => Ok(Tensor::joined(values)?.into()),
            ([], labels) => Ok(Indices::joined(labels)?.into()),
            _ => Err(DataError::MixedTargets),
        }
    }

    fn packed(&self) -> Self {
        match self {
            Target::Values(values) => values.packed().into(),
            Target::Labels(labels) => labels.packed().into(),
        }
    }
}

impl<A: Rows, B: Rows> Rows for (A, B) {
    fn n_rows(&self) -> Result<usize, DataError> {
        one_count([self.0.n_rows()?, self.1.n_rows()?])
    }

    #[track_caller]
    fn select_rows(&self, places: &[usize]) -> Self {
        (self.0.select_rows(places), self.1.select_rows(places))
    }

    #[track_caller]
    fn slice_rows(&self, range: Range<usize>) -> Self {
        (self.0.slice_rows(range.clone()), self.1.slice_rows(range))
    }

    fn joined(parts: &[Self]) -> Result<Self, DataError> {
        let (a, b): (Vec<A>, Vec<B>) = parts.iter().cloned().unzip();
        Ok((A::joined(&a)?, B::joined(&b)?))
    }

    fn packed(&self) -> Self {
        (self.0.packed(), self.1.packed())
    }
}

impl<A: Rows, B: Rows, C: Rows> Rows for (A, B, C) {
    fn n_rows(&self) -> Result<usize, DataError> {
        one_count([self.0.n_rows()?, self.1.n_rows()?, self.2.n_rows()?])
    }

    #[track_caller]
    fn select_rows(&self, places: &[usize]) -> Self {
        (self.0.select_rows(places), self.1.select_rows(places), self.2.select_rows(places))
    }

    #[track_caller]
    fn slice_rows(&self, range: Range<usize>) -> Self {
        (self.0.slice_rows(range.clone()), self.1.slice_rows(range.clone()), self.2.slice_rows(range))
    }

    fn joined(parts: &[Self]) -> Result<Self, DataError> {
        let (a, (b, c)): (Vec<A>, (Vec<B>, Vec<C>)) =
            parts.iter().cloned().map(|(a, b, c)| (a, (b, c))).unzip();
        Ok((A::joined(&a)?, B::joined(&b)?, C::joined(&c)?))
    }

    fn packed(&self) -> Self {
        (self.0.packed(), self.1.packed(), self.2.packed())
    }
}

fn one_count<const N: usize>(counts: [usize; N]) -> Result<usize, DataError> {
    let first = counts[0];
    match counts.iter().position(|&count| count != first) {
        Some(part) => Err(DataError::RowCounts { first, other: counts[part], part }),
        None => Ok(first),
    }
}
