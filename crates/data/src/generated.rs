//! Data sets that are computed: to try a model where the right answer is known.
//!
//! They are those of scikit-learn's `make_*`, with the same formulas; the random numbers are Wengert's own, and so the
//! same on every machine. All numbers are `f32`, drawn in `f64`.

use std::f64::consts::PI;

use wengert_tensor::{DType, Indices, Rng, Tensor};

/// Two half circles that reach into each other, in random order.
///
/// Of `n` points, `n_out = ⌊n / 2⌋` are of class 0, `(cos t, sin t)`, and the others of class 1,
/// `(1 - cos t, ½ - sin t)`, with `t` in equal steps from 0 to π, both ends included. Normal noise with the standard
/// deviation `noise` is added.
///
/// # Shape
/// `[n, 2]` and `[n]`
///
/// # Panics
/// If the noise is negative or not finite.
///
/// # Examples
/// ```
/// use wengert_data::make_moons;
/// use wengert_tensor::Rng;
/// let (x, y) = make_moons(200, 0.1, &mut Rng::seed(0));
/// assert_eq!((x.shape().to_vec(), y.len()), (vec![200, 2], 200));
/// ```
#[track_caller]
pub fn make_moons(n: usize, noise: f64, rng: &mut Rng) -> (Tensor, Indices) {
    check_size("make_moons", "the noise", noise);
    let n_out = n / 2;
    let upper = steps(n_out, true).map(|t| [(PI * t).cos(), (PI * t).sin()]);
    let lower = steps(n - n_out, true).map(|t| [1.0 - (PI * t).cos(), 0.5 - (PI * t).sin()]);
    planar(upper.chain(lower).collect(), |place| usize::from(place >= n_out), noise, rng)
}

/// A small circle in a large one, in random order.
///
/// Of `n` points, `⌊n / 2⌋` are of class 0, `(cos t, sin t)`, and the others of class 1, `factor · (cos t, sin t)`, with
/// `t` in equal steps from 0 to 2π, the end left out. Normal noise with the standard deviation `noise` is added.
///
/// # Shape
/// `[n, 2]` and `[n]`
///
/// # Panics
/// If the noise is negative or not finite, or the factor does not lie between 0 and 1, both left out.
#[track_caller]
pub fn make_circles(n: usize, factor: f64, noise: f64, rng: &mut Rng) -> (Tensor, Indices) {
    check_size("make_circles", "the noise", noise);
    assert!(
        factor > 0.0 && factor < 1.0,
        "make_circles: the factor is {factor}, expected more than 0 and less than 1"
    );
    let n_out = n / 2;
    let circle = |n: usize, radius: f64| {
        steps(n, false).map(move |t| [radius * (2.0 * PI * t).cos(), radius * (2.0 * PI * t).sin()])
    };
    let points = circle(n_out, 1.0).chain(circle(n - n_out, factor)).collect();
    planar(points, |place| usize::from(place >= n_out), noise, rng)
}

/// Arms that wind around each other, one for each class, in random order.
///
/// Point `i` of the `m` points of class `k` of `n_classes` is `t · (cos φ, sin φ)` with `t = i / (m - 1)` and
/// `φ = 2π (t + k / n_classes)`: a whole turn. The first `n mod n_classes` classes have a point more. Normal noise
/// with the standard deviation `noise` is added. (scikit-learn has no spirals.)
///
/// # Shape
/// `[n, 2]` and `[n]`
///
/// # Panics
/// If there are no classes, or the noise is negative or not finite.
#[track_caller]
pub fn make_spirals(n: usize, n_classes: usize, noise: f64, rng: &mut Rng) -> (Tensor, Indices) {
    check_size("make_spirals", "the noise", noise);
    assert!(n_classes > 0, "make_spirals: there are 0 classes, expected at least 1");
    let (mut points, mut classes) = (Vec::with_capacity(n), Vec::with_capacity(n));
    for class in 0..n_classes {
        for t in steps(share(n, n_classes, class), true) {
            let angle = 2.0 * PI * (t + class as f64 / n_classes as f64);
            points.push([t * angle.cos(), t * angle.sin()]);
            classes.push(class);
        }
    }
    planar(points, |place| classes[place], noise, rng)
}

/// Round heaps of points, one for each class, in random order.
///
/// The centre of a class is uniform in `[-10, 10)` along each axis; its points are normal around that with the standard
/// deviation `std` along each axis. The first `n mod n_classes` classes have a point more.
///
/// # Shape
/// `[n, n_features]` and `[n]`
///
/// # Panics
/// If there are no classes, or the deviation is negative or not finite.
#[track_caller]
pub fn make_blobs(
    n: usize,
    n_features: usize,
    n_classes: usize,
    std: f64,
    rng: &mut Rng,
) -> (Tensor, Indices) {
    check_size("make_blobs", "the standard deviation", std);
    assert!(n_classes > 0, "make_blobs: there are 0 classes, expected at least 1");
    let centers = rng.uniform([n_classes, n_features], -10.0, 10.0, DType::F64).to_vec::<f64>();
    let (mut points, mut classes) = (Vec::with_capacity(n * n_features), Vec::with_capacity(n));
    for class in 0..n_classes {
        let n_points = share(n, n_classes, class);
        let noise = rng.normal([n_points, n_features], 0.0, std, DType::F64).to_vec::<f64>();
        let center = &centers[class * n_features..(class + 1) * n_features];
        points.extend(noise.iter().enumerate().map(|(at, noise)| center[at % n_features] + noise));
        classes.extend(std::iter::repeat_n(class, n_points));
    }
    shuffled(&points, [n, n_features], |place| classes[place], rng)
}

/// A linear relation with noise, and what it is: what [`make_regression`] gives.
#[derive(Clone, Debug)]
pub struct Regression {
    /// `[n, n_features]`: standard normal numbers.
    pub x: Tensor,
    /// `[n]`: `x · weights + bias`, and the noise.
    pub y: Tensor,
    /// `[n_features]`: uniform in `[0, 100)`.
    pub weights: Tensor,
    /// Uniform in `[0, 100)`. (It is 0 in scikit-learn unless said otherwise.)
    pub bias: f64,
}

/// A linear relation: `y = x · weights + bias + ε`, where ε is normal with the standard deviation `noise`.
///
/// All features matter, where scikit-learn's default is 10 of 100.
///
/// # Panics
/// If the noise is negative or not finite.
///
/// # Examples
/// ```
/// use wengert_data::make_regression;
/// use wengert_tensor::Rng;
/// let data = make_regression(50, 3, 0.0, &mut Rng::seed(1));
/// let predicted = data.x.matmul(&data.weights.reshape([3, 1])).reshape([50]) + data.bias;
/// assert!((predicted - &data.y).abs().max().item() < 1e-4);
/// ```
#[track_caller]
pub fn make_regression(n: usize, n_features: usize, noise: f64, rng: &mut Rng) -> Regression {
    check_size("make_regression", "the noise", noise);
    let weights = rng.uniform([n_features], 0.0, 100.0, DType::F64).to_vec::<f64>();
    let bias = 100.0 * rng.next_f64();
    let x = rng.normal([n, n_features], 0.0, 1.0, DType::F64).to_vec::<f64>();
    let errors = rng.normal([n], 0.0, noise, DType::F64).to_vec::<f64>();
    let row = |row: usize| x[row * n_features..(row + 1) * n_features].iter();
    let y = errors.iter().enumerate().map(|(place, error)| {
        row(place).zip(&weights).map(|(x, weight)| x * weight).sum::<f64>() + bias + error
    });
    Regression {
        y: single(y, [n]),
        x: single(x.iter().copied(), [n, n_features]),
        weights: single(weights, [n_features]),
        bias,
    }
}

#[track_caller]
fn check_size(operation: &str, name: &str, size: f64) {
    assert!(
        size >= 0.0 && size.is_finite(),
        "{operation}: {name} is {size}, expected a finite number from 0 on"
    );
}

/// `n` numbers in equal steps from 0 to 1, with the end or without.
fn steps(n: usize, has_end: bool) -> impl Iterator<Item = f64> {
    let n_steps = if has_end { n.saturating_sub(1).max(1) } else { n };
    (0..n).map(move |step| step as f64 / n_steps as f64)
}

/// How many of `n` points a class has.
fn share(n: usize, n_classes: usize, class: usize) -> usize {
    n / n_classes + usize::from(class < n % n_classes)
}

/// Points of the plane with noise.
fn planar(
    points: Vec<[f64; 2]>,
    class: impl Fn(usize) -> usize,
    noise: f64,
    rng: &mut Rng,
) -> (Tensor, Indices) {
    let n = points.len();
    let noise = rng.normal([n, 2], 0.0, noise, DType::F64).to_vec::<f64>();
    let points: Vec<f64> = points.iter().flatten().zip(noise).map(|(x, noise)| x + noise).collect();
    shuffled(&points, [n, 2], class, rng)
}

fn shuffled(
    points: &[f64],
    shape: [usize; 2],
    class: impl Fn(usize) -> usize,
    rng: &mut Rng,
) -> (Tensor, Indices) {
    let [n, width] = shape;
    let order = rng.permutation(n);
    let rows = order.iter().flat_map(|&place| points[place * width..(place + 1) * width].iter().copied());
    (single(rows, shape), order.iter().map(|&place| class(place)).collect::<Vec<_>>().into())
}

fn single<const N: usize>(numbers: impl IntoIterator<Item = f64>, shape: [usize; N]) -> Tensor {
    Tensor::new(numbers.into_iter().map(|x| x as f32).collect(), shape)
}
