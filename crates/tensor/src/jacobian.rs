//! Products with the Jacobian and the Hessian of a function, and the matrices themselves.

use std::panic::Location;

use wengert_array::{DType, MAX_RANK, Shape};

use crate::differentiate::{gradient, zeros_like};
use crate::node::next_id;
use crate::{Tape, Tensor};

/// The value `y = f(x)` and the Jacobian-vector product `∂y/∂x · dx`: the directional derivative of `f`.
///
/// [`vjp`](crate::vjp) is linear in its cotangent, so that its own derivative with respect to the cotangent is this product
/// (J. Townsend, "A new trick for calculating Jacobian vector products", 2017). It costs about as much as a second
/// derivative, whatever the sizes of `x` and `y`.
///
/// # Shape
/// `dx` has the shape of `x`; the product has that of `y`.
///
/// # Panics
/// If the shape of `dx` is not that of `x`.
///
/// # Examples
/// ```
/// use wengert_tensor::{jvp, Tensor};
/// let (y, dy) = jvp(|x| x.square(), &Tensor::from([1.0, 3.0]), &Tensor::from([1.0, 10.0]));
/// assert_eq!(y.to_vec::<f32>(), [1.0, 9.0]);
/// assert_eq!(dy.to_vec::<f32>(), [2.0, 60.0]);
/// ```
#[track_caller]
pub fn jvp(f: impl FnOnce(&Tensor) -> Tensor, x: &Tensor, dx: &Tensor) -> (Tensor, Tensor) {
    let (given, expected) = (dx.shape(), x.shape());
    assert!(given == expected, "jvp: the tangent is {given}, the argument {expected}");
    let site = Location::caller();
    let since = next_id();
    let leaf = x.leaf(site);
    let y = f(&leaf);
    let tape = Tape::since(since, [&y]);
    let pullback = Pullback::of(&tape, &y, &leaf, site);
    let dy = pullback.and_then(|pullback| pullback.transposed(dx)).unwrap_or_else(|| zeros_like(&y));
    let value = if tape.reaches_outer(&y) { y.clone() } else { y.detach() };
    (value, dy)
}

/// The product of the Hessian of the scalar `f(x)` with a direction `v`, without the matrix: the gradient's derivative
/// along `v` (B. A. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6(1), 1994).
///
/// # Shape
/// `v` has the shape of `x`, and so has the product.
///
/// # Panics
/// If `f` does not return a scalar, or the shape of `v` is not that of `x`.
///
/// # Examples
/// ```
/// use wengert_tensor::{hvp, Tensor};
/// let product = hvp(|x| (x * x * x).sum(), &Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 10.0]));
/// assert_eq!(product.to_vec::<f32>(), [6.0, 120.0]);
/// ```
#[track_caller]
pub fn hvp(f: impl FnOnce(&Tensor) -> Tensor, x: &Tensor, v: &Tensor) -> Tensor {
    let (given, expected) = (v.shape(), x.shape());
    assert!(given == expected, "hvp: the direction is {given}, the argument {expected}");
    let since = next_id();
    let leaf = x.leaf(Location::caller());
    let dx = gradient("hvp", f, &leaf);
    // The Hessian is symmetric: its product from the left is that from the right.
    let product = Tape::since(since, [&dx]).pull_back(&dx, v.cast(dx.dtype()), &[&leaf]).pop().flatten();
    product.unwrap_or_else(|| zeros_like(&dx))
}

/// All derivatives of all elements of `f(x)`.
///
/// The function runs once. There is a sweep for each element of the result, or for each element of `x` where that
/// has fewer.
///
/// # Shape
/// That of `f(x)` followed by that of `x`.
///
/// # Panics
/// If both shapes together have more than 8 axes.
///
/// # Examples
/// ```
/// use wengert_tensor::{jacobian, Tensor};
/// let rows = jacobian(|x| x * x.sum(), &Tensor::from([1.0, 2.0]));
/// assert_eq!(*rows.shape(), [2, 2]);
/// assert_eq!(rows.to_vec::<f32>(), [4.0, 1.0, 2.0, 5.0]);
/// ```
#[track_caller]
pub fn jacobian(f: impl FnOnce(&Tensor) -> Tensor, x: &Tensor) -> Tensor {
    let since = next_id();
    let leaf = x.leaf(Location::caller());
    matrix("jacobian", since, &f(&leaf), &leaf)
}

/// All derivatives of all elements of `y` with respect to the leaf `x`.
#[track_caller]
fn matrix(name: &str, since: u64, y: &Tensor, x: &Tensor) -> Tensor {
    let n_axes = y.shape().len() + x.shape().len();
    assert!(
        n_axes <= MAX_RANK,
        "{name}: {} by {} makes {n_axes} axes; at most {} are possible\n  help: reshape to fewer axes",
        y.shape(),
        x.shape(),
        MAX_RANK
    );
    let (rows, columns) = (*y.shape(), *x.shape());
    let shape: Vec<usize> = rows.iter().chain(columns.iter()).copied().collect();
    let zeros = |dtype| Tensor::zeros(shape.as_slice()).cast(dtype);
    let tape = Tape::since(since, [y]);
    if rows.size() == 0 || columns.size() == 0 {
        return zeros(y.dtype());
    }
    let lines: Option<Vec<Tensor>> = if rows.size() <= columns.size() {
        let row = |dy| tape.pull_back(y, dy, &[x]).pop().flatten().map(|dx| dx.reshape([columns.size()]));
        unit_tensors(rows, y.dtype()).map(row).collect()
    } else {
        let pullback = Pullback::of(&tape, y, x, Location::caller());
        let column = |dx| pullback.as_ref()?.transposed(&dx).map(|dy| dy.reshape([rows.size()]));
        unit_tensors(columns, x.dtype()).map(column).collect()
    };
    let Some(lines) = lines else { return zeros(y.dtype()) };
    let axis = isize::from(rows.size() > columns.size());
    Tensor::stack(&lines.iter().collect::<Vec<_>>(), axis).reshape(shape)
}

/// All second derivatives of the scalar `f(x)`.
///
/// # Shape
/// That of `x`, twice.
///
/// # Panics
/// If `f` does not return a scalar, or `x` has more than 4 axes.
///
/// # Examples
/// ```
/// use wengert_tensor::{hessian, Tensor};
/// let second = hessian(|x| x.square().sum() * x.sum(), &Tensor::from([1.0, 2.0]));
/// assert_eq!(second.to_vec::<f32>(), [10.0, 6.0, 6.0, 14.0]);
/// ```
#[track_caller]
pub fn hessian(f: impl FnOnce(&Tensor) -> Tensor, x: &Tensor) -> Tensor {
    let since = next_id();
    let leaf = x.leaf(Location::caller());
    matrix("hessian", since, &gradient("hessian", f, &leaf), &leaf)
}

/// The derivative of `dyᵀ · y` with respect to `x` as a function of `dy`, which it is linear in.
struct Pullback {
    since: u64,
    dy: Tensor,
    dx: Tensor,
}

impl Pullback {
    /// `None` if `y` does not depend on `x`.
    fn of(tape: &Tape<'_>, y: &Tensor, x: &Tensor, site: &'static Location<'static>) -> Option<Pullback> {
        // What `y` came from is older than this number: outer, as far as this function of `dy` is concerned.
        let since = next_id();
        let dy = zeros_like(y).leaf(site);
        let dx = tape.pull_back(y, dy.clone(), &[x]).pop().flatten()?;
        Some(Pullback { since, dy, dx })
    }

    /// The transposed map. `None` if it is zero.
    fn transposed(&self, dx: &Tensor) -> Option<Tensor> {
        let tape = Tape::since(self.since, [&self.dx]);
        tape.pull_back(&self.dx, dx.cast(self.dx.dtype()), &[&self.dy]).pop().flatten()
    }
}

/// Every tensor of the shape with a single 1 among zeros.
fn unit_tensors(shape: Shape, dtype: DType) -> impl Iterator<Item = Tensor> {
    let n = shape.size();
    let unit =
        move |place: usize| Tensor::new((0..n).map(|i| f64::from(i == place)).collect::<Vec<_>>(), shape);
    (0..n).map(move |place| unit(place).cast(dtype))
}
