//! Orthogonal matrices, each as likely as any other: the Q of a normal matrix by Householder's reflections.

use wengert_tensor::{Array, DType, Rng, Shape};

/// An orthogonal matrix (`f64`), times a factor, in a shape whose axes before the last count as one.
#[track_caller]
pub(super) fn sample(shape: Shape, gain: f64, rng: &mut Rng) -> Array {
    let [ref leading @ .., _, _] = shape[..] else {
        panic!("orthogonal: the shape {shape} has fewer axes than a matrix, expected at least 2");
    };
    let n_cols = shape[shape.len() - 1];
    let n_rows = leading.iter().product::<usize>() * shape[shape.len() - 2];
    let (length, count) = (n_rows.max(n_cols), n_rows.min(n_cols));
    let normal: Vec<f64> = rng.normal([count, length], 0.0, 1.0, DType::F64).iter().collect();
    let columns: Vec<Vec<f64>> = normal.chunks_exact(length.max(1)).map(<[f64]>::to_vec).collect();
    let q = orthonormal(columns);
    // Where there are fewer rows than columns, it is the rows that are orthonormal.
    let at = |row: usize, col: usize| if n_rows < n_cols { q[row][col] } else { q[col][row] };
    let elements = (0..n_rows).flat_map(|row| (0..n_cols).map(move |col| (row, col)));
    Array::from_vec(elements.map(|(row, col)| gain * at(row, col)).collect(), shape)
}

/// The columns of the `Q` in `A = Q R` with a positive diagonal of `R`, which makes it unique, from those of `A`: as many
/// columns, at most as many as they are long.
///
/// Of a normal `A`, whose distribution no rotation changes, `Q` is then uniformly distributed; with the signs that the
/// reflections leave it would not be. About `4/3 n³` multiplications for a square matrix.
///
/// # References
/// G. H. Golub, C. F. Van Loan, Matrix Computations, 4th edition, algorithms 5.1.1 and 5.1.5; F. Mezzadri, How to
/// generate random matrices from the classical compact groups, 2007, section 5.
fn orthonormal(mut columns: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let count = columns.len();
    let mut reflections: Vec<(Vec<f64>, f64)> = Vec::with_capacity(count);
    for k in 0..count {
        let (before, after) = columns.split_at_mut(k + 1);
        let (normal, sign) = reflection(&before[k][k..]);
        after.iter_mut().for_each(|column| reflect(&mut column[k..], &normal));
        reflections.push((normal, sign));
    }
    // Q = H₁ H₂ …, applied to the columns of the identity from the last reflection on.
    for (k, column) in columns.iter_mut().enumerate() {
        column.fill(0.0);
        column[k] = reflections[k].1;
        for (first, (normal, _)) in reflections[..=k].iter().enumerate().rev() {
            reflect(&mut column[first..], normal);
        }
    }
    columns
}

/// The unit normal of the mirror that takes `x` to the first axis, and the sign of what it becomes there.
fn reflection(x: &[f64]) -> (Vec<f64>, f64) {
    let length = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    // Away from x itself, so that the sum does not cancel.
    let sign = if x[0] < 0.0 { 1.0 } else { -1.0 };
    let mut normal = x.to_vec();
    normal[0] -= sign * length(x);
    let scale = length(&normal);
    normal.iter_mut().for_each(|x| *x /= scale);
    (normal, sign)
}

/// `x - 2 (n · x) n`
fn reflect(x: &mut [f64], normal: &[f64]) {
    let twice = 2.0 * x.iter().zip(normal).map(|(x, n)| x * n).sum::<f64>();
    x.iter_mut().zip(normal).for_each(|(x, n)| *x -= twice * n);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn the_columns_are_those_of_gram_and_schmidt() {
        for (length, count) in [(1, 1), (2, 2), (5, 3), (40, 40), (64, 7)] {
            let draw = Rng::seed(count as u64).normal([count, length], 0.0, 1.0, DType::F64).to_vec::<f64>();
            let a: Vec<Vec<f64>> = draw.chunks_exact(length).map(<[f64]>::to_vec).collect();
            let q = orthonormal(a.clone());
            for i in 0..count {
                for j in 0..count {
                    let expected = if i == j { 1.0 } else { 0.0 };
                    assert!(
                        (dot(&q[i], &q[j]) - expected).abs() < 1e-14,
                        "{length}x{count}: QᵀQ at {i}, {j}"
                    );
                }
                // R = Qᵀ A is upper triangular, and its diagonal positive.
                assert!(dot(&q[i], &a[i]) > 0.0, "{length}x{count}: R at {i}, {i}");
                for before in &a[..i] {
                    assert!(dot(&q[i], before).abs() < 1e-12, "{length}x{count}: R below the diagonal");
                }
            }
        }
    }
}
