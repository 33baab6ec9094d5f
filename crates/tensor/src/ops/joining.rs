//! Putting tensors together along an axis, and taking one apart.

use wengert_array::{Array, Mismatch, Shape, concat};

use crate::catalogue::catalogue;
use crate::tensor::resolve_axis;
use crate::{ListOp, ListSample, Sample, Tensor, apply_list};

catalogue![Concat, Stack];

/// y = the xᵢ one after the other along an axis,  dxᵢ = its part of dy
#[derive(Clone, Debug)]
pub(crate) struct Concat {
    axis: usize,
}

impl ListOp for Concat {
    const NAME: &'static str = "concat";

    fn shape(&self, xs: &[&Shape]) -> Result<Shape, Mismatch> {
        let first = at_least_one(xs)?;
        if self.axis >= first.len() {
            return Err(Mismatch::new(format!("axis {} does not exist", self.axis)).row("first", first));
        }
        let total: usize = xs.iter().filter_map(|x| x.get(self.axis)).sum();
        for (i, x) in xs.iter().enumerate() {
            if x.len() != first.len() || x.without(self.axis) != first.without(self.axis) {
                return Err(differs(first, i, x).note(format!("only axis {} may differ", self.axis)));
            }
        }
        let mut sizes = first.to_vec();
        sizes[self.axis] = total;
        Shape::try_new(&sizes)
    }

    fn forward(&self, xs: &[&Array], _: &Shape) -> Array {
        concat(xs, self.axis)
    }

    fn vjp(&self, arg: usize, xs: &[&Tensor], _: &Tensor, dy: &Tensor) -> Tensor {
        let size = |x: &&Tensor| x.shape()[self.axis];
        let start = xs[..arg].iter().map(size).sum::<usize>();
        dy.slice(self.axis as isize, start..start + size(&xs[arg]))
    }

    fn flops(&self, _: &[&Shape], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<ListSample<Self>> {
        let op = |axis| Concat { axis };
        let ab = [[1.0, 2.0], [3.0, 4.0]].map(|x| Array::from_slice(&x, [1, 2]));
        vec![
            Sample::new(op(0), ab.clone()).gives(&[1.0, 2.0, 3.0, 4.0]).into(),
            Sample::new(op(1), [ab[1].clone(), ab[0].clone()]).gives(&[3.0, 4.0, 1.0, 2.0]).into(),
            Sample::random(op(0), [&[3]]).into(),
            Sample::random(op(0), [&[3], &[1]]).into(),
            Sample::random(op(0), [&[1], &[1], &[1], &[1], &[1]]).into(),
            Sample::random(op(0), [&[2, 3], &[4, 3]]).into(),
            Sample::random(op(1), [&[2, 3], &[2, 1]]).into(),
            Sample::random(op(1), [&[2, 3], &[2, 3], &[2, 2]]).into(),
            Sample::random(op(0), [&[0, 3], &[2, 3]]).into(),
            Sample::random(op(0), [&[2, 3], &[0, 3], &[1, 3]]).into(),
            Sample::random(op(1), [&[0, 3], &[0, 2]]).into(),
            Sample::random(op(1), [&[2, 0], &[2, 0]]).into(),
            Sample::random(op(0), [&[0], &[0]]).into(),
            Sample::random(op(0), [&[2, 0], &[3, 0]]).into(),
            Sample::random(op(1), [&[2, 1, 2], &[2, 3, 2]]).into(),
            Sample::random(op(2), [&[2, 2, 1], &[2, 2, 3]]).into(),
            Sample::random(op(0), [&[1, 2, 2], &[2, 2, 2]]).into(),
            Sample::random(op(1), [&[1, 1], &[1, 1]]).into(),
            Sample::random(op(1), [&[2, 20], &[2, 10]]).into(),
            Sample::random(op(3), [&[1, 2, 1, 2], &[1, 2, 1, 1]]).into(),
            Sample::random(op(1), [&[3, 1], &[3, 2], &[3, 3], &[3, 4]]).into(),
            Sample::fails(op(0), [&[2, 3], &[2, 4]], "only axis 0 may differ").into(),
            Sample::fails(op(1), [&[2, 3], &[2]], "does not fit").into(),
            Sample::fails(op(1), [&[2], &[2]], "axis 1 does not exist").into(),
            Sample::fails(op(0), [], "there is nothing to put together").into(),
            Sample::timed(op(1), [&[128, 256], &[128, 256]]).into(),
        ]
    }
}

/// y[i] = xᵢ along a new axis,  dxᵢ = dy[i]
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    axis: usize,
}

impl ListOp for Stack {
    const NAME: &'static str = "stack";

    fn shape(&self, xs: &[&Shape]) -> Result<Shape, Mismatch> {
        let first = at_least_one(xs)?;
        for (i, x) in xs.iter().enumerate() {
            if *x != first {
                return Err(differs(first, i, x).note("all shapes must be equal"));
            }
        }
        if self.axis > first.len() {
            return Err(Mismatch::new(format!("axis {} does not exist", self.axis)).row("first", first));
        }
        let sizes = [&first[..self.axis], &[xs.len()], &first[self.axis..]].concat();
        Shape::try_new(&sizes)
    }

    fn forward(&self, xs: &[&Array], _: &Shape) -> Array {
        let pieces: Vec<Array> = xs.iter().map(|x| x.insert_axis(self.axis)).collect();
        concat(&pieces.iter().collect::<Vec<_>>(), self.axis)
    }

    fn vjp(&self, arg: usize, _: &[&Tensor], _: &Tensor, dy: &Tensor) -> Tensor {
        let axis = self.axis as isize;
        dy.slice(axis, arg..arg + 1).squeeze(axis)
    }

    fn flops(&self, _: &[&Shape], _: &Shape) -> u64 {
        0
    }

    #[inline]
    fn samples() -> Vec<ListSample<Self>> {
        let op = |axis| Stack { axis };
        let ab = [[1.0, 2.0], [3.0, 4.0]].map(|x| Array::from_slice(&x, [2]));
        let mut samples: Vec<ListSample<Self>> = vec![
            Sample::new(op(0), ab.clone()).gives(&[1.0, 2.0, 3.0, 4.0]).into(),
            Sample::new(op(1), ab).gives(&[1.0, 3.0, 2.0, 4.0]).into(),
            Sample::random(op(0), [&[]]).into(),
            Sample::random(op(0), [&[], &[], &[]]).into(),
            Sample::random(op(0), [&[2, 3]]).into(),
            Sample::random(op(2), [&[2, 3], &[2, 3], &[2, 3]]).into(),
            Sample::fails(op(0), [&[2], &[3]], "all shapes must be equal").into(),
            Sample::fails(op(3), [&[2], &[2]], "axis 3 does not exist").into(),
            Sample::fails(op(0), [], "there is nothing to put together").into(),
            Sample::timed(op(0), [&[128, 256], &[128, 256]]).into(),
        ];
        let shapes: [&[usize]; 7] = [&[1], &[3], &[0], &[2, 3], &[2, 0], &[1, 1], &[2, 1, 3]];
        for shape in shapes {
            samples.extend([0, shape.len()].map(|axis| Sample::random(op(axis), [shape; 2]).into()));
        }
        samples.push(Sample::random(op(1), [&[2, 2, 3], &[2, 2, 3]]).into());
        samples
    }
}

fn at_least_one<'a>(xs: &[&'a Shape]) -> Result<&'a Shape, Mismatch> {
    xs.first().copied().ok_or_else(|| Mismatch::new("there is nothing to put together"))
}

fn differs(first: &Shape, i: usize, x: &Shape) -> Mismatch {
    Mismatch::new(format!("piece {i} does not fit")).row("first", first).row(format!("piece {i}"), x)
}

impl Tensor {
    /// Tensors one after the other along an axis; negative numbers count from the end.
    ///
    /// # Shape
    /// The pieces may differ along the axis alone.
    ///
    /// # Gradient
    /// Each piece's is its part of `dy`.
    ///
    /// # Panics
    /// If there is no tensor, the axis does not exist, or a tensor does not fit to the first.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let (a, b) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0]));
    /// assert_eq!(Tensor::concat(&[&a, &b], 0).to_vec::<f32>(), [1.0, 2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn concat(tensors: &[&Tensor], axis: isize) -> Tensor {
        let axis = tensors.first().map_or(0, |first| resolve_axis("concat", axis, first.shape()));
        apply_list(Concat { axis }, tensors)
    }

    /// Tensors of one shape along a new axis before `axis`; negative numbers count from the end of the result.
    ///
    /// # Gradient
    /// Each tensor's is its slice of `dy`.
    ///
    /// # Panics
    /// If there is no tensor, the shapes differ, or the axis lies outside the result.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let (a, b) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0, 4.0]));
    /// let y = Tensor::stack(&[&a, &b], 1);
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 3.0, 2.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn stack(tensors: &[&Tensor], axis: isize) -> Tensor {
        let axis = tensors.first().map_or(0, |first| resolve_axis("stack", axis, &first.shape().push(1)));
        apply_list(Stack { axis }, tensors)
    }

    /// Views of parts of the given sizes along an axis, one after the other.
    ///
    /// # Panics
    /// If the axis does not exist or the sizes do not add up to its size.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let parts = Tensor::arange(5).split(&[2, 3], 0);
    /// assert_eq!(parts[1].to_vec::<f32>(), [2.0, 3.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn split(&self, sizes: &[usize], axis: isize) -> Vec<Tensor> {
        let resolved = resolve_axis("split", axis, self.shape());
        let (total, size) = (sizes.iter().sum::<usize>(), self.shape()[resolved]);
        assert!(
            total == size,
            "split: {sizes:?} add up to {total}\n  given  {}   <- axis {resolved} has size {size}",
            self.shape()
        );
        let mut parts = Vec::with_capacity(sizes.len());
        let mut start = 0;
        for &size in sizes {
            parts.push(self.slice(axis, start..start + size));
            start += size;
        }
        parts
    }

    /// Views of `n` parts along an axis, as equal as can be: the first ones are longer by 1.
    ///
    /// # Panics
    /// If the axis does not exist or `n` is 0.
    ///
    /// # Examples
    /// ```
    /// # use wengert_tensor::Tensor;
    /// let parts = Tensor::arange(5).chunk(2, 0);
    /// assert_eq!((parts[0].size(), parts[1].size()), (3, 2));
    /// ```
    #[track_caller]
    pub fn chunk(&self, n: usize, axis: isize) -> Vec<Tensor> {
        assert!(n > 0, "chunk: there is no division into 0 parts");
        let size = self.shape()[resolve_axis("chunk", axis, self.shape())];
        let sizes: Vec<usize> = (0..n).map(|i| size / n + usize::from(i < size % n)).collect();
        self.split(&sizes, axis)
    }
}
