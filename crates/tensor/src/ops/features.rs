//! The passes over memory of batch normalisation: the moments of each feature, the sums that the derivative needs, and
//! the two maps that use them. The operation itself is in `batch_norm.rs`.

use std::ops::Range;

use wengert_array::{Array, Axes, Blocks, DType, Float, Per, Reduce, Rows, Shape};
use wengert_array::{add_rows, blocks, dispatch, map_row, reduce, row_sum, rows};

use crate::algebra::guarded_product;
use crate::ops::layer_norm::elements;

/// An operand as a matrix: with a column for each feature, or, where axes follow that of the features, with a row for
/// each feature at each index before it.
pub(super) struct Features {
    matrix: Array,
    n_features: usize,
    in_columns: bool,
}

/// The mean and the variance of each feature in `f64`. The mean is that of the distances from `shift`, the first element
/// of the feature, so that it is known to the precision of these, and equal elements have the variance 0.
#[derive(Clone)]
pub(super) struct Moments {
    shift: Vec<f64>,
    mean: Vec<f64>,
    variance: Vec<f64>,
}

/// The sums, for each feature, of dy and of dy times the distance from the mean.
pub(super) struct Sums {
    dy: Vec<f64>,
    dy_centred: Vec<f64>,
}

impl Moments {
    pub(super) fn mean(&self, dtype: DType) -> Array {
        vector(self.shift.iter().zip(&self.mean).map(|(shift, mean)| shift + mean), dtype)
    }

    pub(super) fn variance(&self, dtype: DType) -> Array {
        vector(self.variance.iter().copied(), dtype)
    }

    /// One over the standard deviation.
    fn inverse(&self, eps: f64) -> impl Iterator<Item = f64> {
        self.variance.iter().map(move |variance| (variance + eps).sqrt().recip())
    }
}

impl Sums {
    pub(super) fn of_scale(&self, moments: &Moments, eps: f64, dtype: DType) -> Array {
        let pairs = self.dy_centred.iter().zip(moments.inverse(eps));
        vector(pairs.map(|(&sum, inverse)| guarded_product(sum, inverse)), dtype)
    }

    pub(super) fn of_offset(&self, dtype: DType) -> Array {
        vector(self.dy.iter().copied(), dtype)
    }
}

impl Features {
    pub(super) fn of(x: &Array, axis: usize, dtype: DType) -> Features {
        let shape = x.shape();
        let (n_before, n_after): (usize, usize) =
            (shape[..axis].iter().product(), shape[axis + 1..].iter().product());
        let (n_features, in_columns) = (shape[axis], n_after == 1);
        let sizes = if in_columns { [n_before, n_features] } else { [n_before * n_features, n_after] };
        let matrix = x.cast(dtype).reshape(Shape::from(sizes)).contiguous();
        Features { matrix, n_features, in_columns }
    }

    /// How many elements each feature has.
    fn count(&self) -> usize {
        self.matrix.size() / self.n_features.max(1)
    }

    pub(super) fn dtype(&self) -> DType {
        self.matrix.dtype()
    }

    pub(super) fn moments(&self) -> Moments {
        let shift = self.first();
        let of_type = self.parameter(shift.iter().copied());
        let [sums, squares, counts] = match self.in_columns {
            true => {
                let pers = [Per::Block(self.n_features), Per::Block(self.n_features), Per::Block(1)];
                blocks(&ColumnMoments { shift: &of_type }, [&self.matrix], pers)
            }
            false => rows(&RunMoments { shift: &of_type }, [&self.matrix], [1, 1, 1]),
        };
        self.joined(shift, &sums, &squares, &counts)
    }

    /// The first element of each feature.
    fn first(&self) -> Vec<f64> {
        if self.matrix.size() == 0 {
            return vec![f64::NAN; self.n_features];
        }
        let first = match self.in_columns {
            true => self.matrix.slice(0, 0, 1, 1),
            false => self.matrix.slice(0, 0, self.n_features, 1).slice(1, 0, 1, 1),
        };
        first.to_vec()
    }

    /// The moments of all parts together: the sum of each part, and its squares about its own mean.
    fn joined(&self, shift: Vec<f64>, sums: &Array, squares: &Array, counts: &Array) -> Moments {
        let n = self.count() as f64;
        let mean: Vec<f64> = self.total(sums).iter().map(|sum| sum / n).collect();
        let mut variance: Vec<f64> = self.total(squares);
        let counts = counts.to_vec::<f64>();
        for (part, sums) in sums.to_vec::<f64>().chunks(self.n_features.max(1)).enumerate() {
            let count = counts[if self.in_columns { part } else { 0 }];
            for ((square, sum), mean) in variance.iter_mut().zip(sums).zip(&mean) {
                *square += (sum / count - mean).powi(2) * count;
            }
        }
        variance.iter_mut().for_each(|square| *square /= n);
        Moments { shift, mean, variance }
    }

    /// The sum over all parts.
    fn total(&self, parts: &Array) -> Vec<f64> {
        let n_parts = parts.size() / self.n_features.max(1);
        let parts = parts.reshape(Shape::from([n_parts, self.n_features]));
        reduce(&parts, Axes::of(&[0]), Reduce::Sum).to_vec()
    }

    pub(super) fn sums_beside(&self, dy: &Features, moments: &Moments) -> Sums {
        let [shift, mean] = [&moments.shift, &moments.mean].map(|x| self.parameter(x.iter().copied()));
        let xs = [&self.matrix, &dy.matrix];
        let [dy, dy_centred] = match self.in_columns {
            true => blocks(&ColumnSums { shift: &shift, mean: &mean }, xs, [Per::Block(self.n_features); 2]),
            false => rows(&RunSums { shift: &shift, mean: &mean }, xs, [1, 1]),
        };
        Sums { dy: self.total(&dy), dy_centred: self.total(&dy_centred) }
    }

    /// `γ x̂ + β`
    pub(super) fn normalised(&self, moments: &Moments, eps: f64, [gamma, beta]: [&Array; 2]) -> Array {
        let gamma = self.broadcast(gamma).to_vec::<f64>();
        let slope = gamma.iter().zip(moments.inverse(eps)).map(|(gamma, inverse)| gamma * inverse);
        let parameters = [
            self.parameter(moments.shift.iter().copied()),
            self.parameter(moments.mean.iter().copied()),
            self.parameter(slope),
            self.broadcast(beta).cast(self.dtype()).contiguous(),
        ];
        self.map([&self.matrix], &Normalise(self.layout(&parameters)))
    }

    /// `(g - mean g - x̂ mean(g x̂)) / √(var x + ε)` with `g = γ dy`
    pub(super) fn derivative(
        &self,
        dy: &Features,
        moments: &Moments,
        eps: f64,
        sums: &Sums,
        gamma: &Array,
    ) -> Array {
        let n = self.count() as f64;
        let gamma = self.broadcast(gamma).to_vec::<f64>();
        let along = sums.dy_centred.iter().zip(moments.inverse(eps));
        let parameters = [
            self.parameter(moments.shift.iter().copied()),
            self.parameter(moments.mean.iter().copied()),
            self.parameter(sums.dy.iter().map(|sum| sum / n)),
            self.parameter(along.map(|(&sum, inverse)| guarded_product(sum / n, inverse * inverse))),
            self.parameter(gamma.iter().zip(moments.inverse(eps)).map(|(gamma, inverse)| gamma * inverse)),
        ];
        self.map([&self.matrix, &dy.matrix], &Differentiate(self.layout(&parameters)))
    }

    fn map<const N: usize>(&self, xs: [&Array; N], kernel: &impl Rows<N, 1>) -> Array {
        let [y] = rows(kernel, xs, [self.matrix.shape()[1]]);
        y
    }

    fn layout<'a, const P: usize>(&self, parameters: &'a [Array; P]) -> Parameters<'a, P> {
        Parameters { of_features: parameters, in_columns: self.in_columns }
    }

    /// One number for each feature, in the type of the elements.
    fn parameter(&self, numbers: impl Iterator<Item = f64>) -> Array {
        vector(numbers, self.dtype())
    }

    fn broadcast(&self, parameter: &Array) -> Array {
        parameter.broadcast_to(Shape::from([self.n_features]))
    }
}

fn vector(numbers: impl Iterator<Item = f64>, dtype: DType) -> Array {
    dispatch!(dtype, T => {
        let numbers: Vec<T> = numbers.map(T::of).collect();
        let n = numbers.len();
        Array::from_vec(numbers, [n])
    })
}

/// For each block of rows: the sum of the distances from `shift`, their squares about the block's own mean, and their
/// number. The block is read twice, the second time from the cache.
struct ColumnMoments<'a> {
    shift: &'a Array,
}

impl Blocks<1, 3> for ColumnMoments<'_> {
    const COST: usize = 1;
    #[inline(always)]
    fn apply<T: Float>(&self, rows: Range<usize>, [x]: [&[T]; 1], [sums, squares, count]: [&mut [T]; 3]) {
        let (shift, n) = (elements(self.shift), T::of(rows.len() as f64));
        count[0] = n;
        sums.fill(T::zero());
        add_rows(sums, [x], [shift], |[x], [shift]| x - shift);
        squares.fill(T::zero());
        let inverse = n.recip();
        add_rows(squares, [x], [shift, sums], |[x], [shift, sum]| {
            let centred = x - shift - sum * inverse;
            centred * centred
        });
    }
}

/// The same for each row, whose elements are all of one feature.
struct RunMoments<'a> {
    shift: &'a Array,
}

impl Rows<1, 3> for RunMoments<'_> {
    const COST: usize = 1;
    #[inline(always)]
    fn apply<T: Float>(&self, row: usize, [x]: [&[T]; 1], [sum, square, count]: [&mut [T]; 3]) {
        let shift = elements::<T>(self.shift);
        let (shift, n) = (shift[row % shift.len()], T::of(x.len() as f64));
        count[0] = n;
        sum[0] = row_sum([x], |[x]| x - shift);
        let mean = sum[0] / n;
        square[0] = row_sum([x], |[x]| (x - shift - mean) * (x - shift - mean));
    }
}

/// For each block of rows: the sum of dy, and of dy times the distance from the mean.
struct ColumnSums<'a> {
    shift: &'a Array,
    mean: &'a Array,
}

impl Blocks<2, 2> for ColumnSums<'_> {
    const COST: usize = 1;
    #[inline(always)]
    fn apply<T: Float>(&self, _: Range<usize>, [x, dy]: [&[T]; 2], [sums, centred]: [&mut [T]; 2]) {
        sums.fill(T::zero());
        add_rows(sums, [dy], [], |[dy], []| dy);
        centred.fill(T::zero());
        add_rows(centred, [x, dy], [elements(self.shift), elements(self.mean)], |[x, dy], [shift, mean]| {
            guarded_product(dy, x - shift - mean)
        });
    }
}

/// The same for each row, whose elements are all of one feature.
struct RunSums<'a> {
    shift: &'a Array,
    mean: &'a Array,
}

impl Rows<2, 2> for RunSums<'_> {
    const COST: usize = 1;
    #[inline(always)]
    fn apply<T: Float>(&self, row: usize, [x, dy]: [&[T]; 2], [sum, centred]: [&mut [T]; 2]) {
        let (shift, mean) = (elements::<T>(self.shift), elements::<T>(self.mean));
        let feature = row % shift.len();
        let (shift, mean) = (shift[feature], mean[feature]);
        sum[0] = row_sum([dy], |[dy]| dy);
        centred[0] = row_sum([x, dy], |[x, dy]| guarded_product(dy, x - shift - mean));
    }
}

/// `P` numbers for each feature, beside rows with an element of each feature or rows of one feature.
struct Parameters<'a, const P: usize> {
    of_features: &'a [Array; P],
    in_columns: bool,
}

impl<const P: usize> Parameters<'_, P> {
    /// The numbers as rows where each element has its own, or those of row number `row`.
    #[inline(always)]
    fn of<T: Float>(&self, row: usize) -> Result<[&[T]; P], [T; P]> {
        let of_feature = |k: usize| elements::<T>(&self.of_features[k]);
        match self.in_columns {
            true => Ok(std::array::from_fn(of_feature)),
            false => Err(std::array::from_fn(|k| of_feature(k)[row % of_feature(k).len()])),
        }
    }
}

/// With the parameters shift, mean, `γ / √(var x + ε)` and `β`.
struct Normalise<'a>(Parameters<'a, 4>);

impl Rows<1, 1> for Normalise<'_> {
    const COST: usize = 1;
    #[inline(always)]
    fn apply<T: Float>(&self, row: usize, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        let normalise = |[x, shift, mean, slope, beta]: [T; 5]| (x - shift - mean) * slope + beta;
        match self.0.of(row) {
            Ok([shift, mean, slope, beta]) => map_row(y, [x, shift, mean, slope, beta], normalise),
            Err([shift, mean, slope, beta]) => {
                map_row(y, [x], |[x]| normalise([x, shift, mean, slope, beta]))
            }
        }
    }
}

/// With the parameters shift, mean, mean dy, `mean(dy x̂) / √(var x + ε)` and `γ / √(var x + ε)`.
struct Differentiate<'a>(Parameters<'a, 5>);

impl Rows<2, 1> for Differentiate<'_> {
    const COST: usize = 1;
    #[inline(always)]
    fn apply<T: Float>(&self, row: usize, [x, dy]: [&[T]; 2], [dx]: [&mut [T]; 1]) {
        let derivative = |[x, dy, shift, mean, mean_dy, along, slope]: [T; 7]| {
            guarded_product(dy - mean_dy - guarded_product(along, x - shift - mean), slope)
        };
        match self.0.of(row) {
            Ok([a, b, c, d, e]) => map_row(dx, [x, dy, a, b, c, d, e], derivative),
            Err([a, b, c, d, e]) => map_row(dx, [x, dy], |[x, dy]| derivative([x, dy, a, b, c, d, e])),
        }
    }
}
