//! The cases of reductions, movement, joining, picking and products.

use serde_json::Value;
use wengert_tensor::{Indices, Tensor, ops::Padding};

use super::Case;

pub(super) const CASES: &[Case] = &[
    ("prod_axis1", "prod", |x, _| x[0].prod_axes(1)),
    ("min_axis0", "min", |x, _| x[0].min_axes(0)),
    ("var_unbiased", "var", |x, _| x[0].var_axes(1, 1)),
    ("var_biased", "var", |x, _| x[0].var_axes(1, 0)),
    ("std", "std", |x, _| x[0].std_axes(1, 1)),
    ("logsumexp", "logsumexp", |x, _| x[0].logsumexp_axes(1)),
    ("norm1", "norm", |x, _| x[0].norm(1.0)),
    ("norm2", "norm", |x, _| x[0].norm(2.0)),
    ("norm2_axis1", "norm", |x, _| x[0].norm_axes(2.0, 1)),
    ("cumsum", "cumsum", |x, _| x[0].cumsum(1)),
    ("cumprod", "cumprod", |x, _| x[0].cumprod(1)),
    ("cat", "concat", |x, _| Tensor::concat(&[&x[0], &x[1]], 1)),
    ("stack", "stack", |x, _| Tensor::stack(&[&x[0], &x[1]], 1)),
    ("flip", "flip", |x, _| x[0].flip(1)),
    ("roll", "roll", |x, _| x[0].roll(1, 1)),
    ("repeat", "tile", |x, _| x[0].tile(&[2, 1])),
    ("pad", "pad", |x, _| x[0].pad(&[(0, 0), (1, 2)], Padding::Constant(0.0))),
    ("tril", "tril", |x, _| x[0].tril(0)),
    ("diag", "place_diagonal", |x, _| x[0].diag(0)),
    ("index_select", "index_select", |x, case| x[0].index_select(0, &indices(case, 1))),
    ("embedding", "index_select", |x, case| x[0].index_select(0, &indices(case, 0))),
    ("gather", "take_along", |x, case| x[0].gather(1, &indices(case, 1))),
    ("scatter_add", "scatter_add", |x, case| x[0].scatter_add(1, &indices(case, 1), &x[1])),
    ("index_add_rows", "index_add", |x, case| x[0].index_add(0, &indices(case, 1), &x[1])),
    ("sort", "sort", |x, _| x[0].sort(1)),
    ("topk", "topk", |x, _| x[0].topk(2, 1).0),
    ("matvec", "vector_matmul", |x, _| x[0].matmul(&x[1])),
    ("dot", "dot", |x, _| x[0].dot(&x[1])),
    ("outer", "outer", |x, _| x[0].outer(&x[1])),
    ("einsum_bij_jk", "einsum", |x, _| Tensor::einsum("bij,jk->bik", &[&x[0], &x[1]])),
];

/// The input of a case that holds indices.
pub(super) fn indices(case: &Value, input: usize) -> Indices {
    let x = super::tensor(&case["inputs"][input]);
    Indices::new(x.to_vec::<f64>().into_iter().map(|index| index as usize).collect(), *x.shape())
}
