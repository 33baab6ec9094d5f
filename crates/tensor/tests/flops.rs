//! The arithmetic operations that each kind of operation counts, by formulas of the sizes.

use wengert_tensor::{Indices, Tape, Tensor};

/// What the operation `name` counts on the tape of `y`.
#[track_caller]
fn of(y: &Tensor, name: &str) -> u64 {
    let statistics = Tape::of(y).statistics();
    let count = statistics.by_name.iter().find(|count| count.name == name);
    count.unwrap_or_else(|| panic!("no {name} on\n{}", Tape::of(y))).flops
}

/// The same on the tape of the derivative of `y`'s sum.
#[track_caller]
fn of_derivative(y: &Tensor, x: &Tensor, name: &str) -> u64 {
    // Not the sum itself: its derivative depends on nothing tracked.
    let y = y.square().sum();
    of(&Tape::of(&y).differentiable_gradient(x), name)
}

fn matrix() -> Tensor {
    Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).tracked()
}

#[test]
fn an_elementwise_operation_counts_its_results() {
    let x = matrix();
    assert_eq!(of(&(&x + Tensor::ones([4, 2, 3])), "add"), 24);
    assert_eq!(of(&x.exp(), "exp"), 6);
}

#[test]
fn a_product_counts_twice_the_inner_size() {
    assert_eq!(of(&matrix().matmul(&Tensor::ones([3, 5])), "matmul"), 2 * 2 * 3 * 5);
    assert_eq!(of(&Tensor::ones([7, 2, 3]).matmul(&matrix().t()), "matmul"), 2 * 7 * 2 * 3 * 2);
}

#[test]
fn a_reduction_counts_what_it_reads() {
    let x = matrix();
    for (y, name, each) in [
        (x.sum_axes(0), "sum", 1),
        (x.sum_to(&[1, 3].into()), "sum_to", 1),
        (x.mean_axes(1), "mean", 1),
        (x.max_axes(0), "max", 1),
        (x.min_axes(1), "min", 1),
        (x.prod_axes(1), "prod", 1),
        (x.norm_axes(2.0, 1), "norm", 2),
        (x.cumsum(1), "cumsum", 1),
        (x.linear_scan(&Tensor::ones([2, 3]), 1), "linear_scan", 2),
        (x.logsumexp_axes(1), "logsumexp", 4),
        (x.logcumsumexp(1), "logcumsumexp", 4),
        (x.softmax(1), "softmax", 5),
        (x.layer_norm(1, 1.0, 0.0, 0.1), "layer_norm", 8),
        (x.batch_norm(1, 1.0, 0.0, 0.1), "batch_norm", 8),
        (x.log_softmax(1), "log_softmax", 5),
        (x.cross_entropy_rows(Indices::from([0, 2])), "sparse_cross_entropy", 4),
        (x.cross_entropy_rows(Tensor::full([2, 3], 1.0 / 3.0)), "cross_entropy", 7),
    ] {
        assert_eq!(of(&y, name), each * 6, "{name}");
    }
}

#[test]
fn what_only_moves_elements_counts_nothing() {
    let x = matrix();
    let places = Indices::new(vec![0, 1, 1, 2], [2, 2]);
    for (y, name) in [
        (x.clone(), "leaf"),
        (x.reshape([6]), "reshape"),
        (x.t(), "permute"),
        (x.broadcast_to([4, 2, 3]), "broadcast_to"),
        (x.slice(1, 0..2), "slice"),
        (x.diagonal(0), "diagonal"),
        (x.windows(1, 2, 1), "windows"),
        (x.index_select(1, &Indices::from([2, 0])), "index_select"),
        (x.take_along(1, &places), "take_along"),
        (Tensor::concat(&[&x, &x], 0), "concat"),
        (Tensor::stack(&[&x, &x], 0), "stack"),
        (x.greater(2.0).select(&x, 0.0), "where"),
        (x.cast(wengert_tensor::DType::F64), "cast"),
    ] {
        assert_eq!(of(&y, name), 0, "{name}");
    }
    assert_eq!(of_derivative(&x.slice(1, 0..2), &x, "place"), 0);
    assert_eq!(of_derivative(&x.diagonal(0), &x, "place_diagonal"), 0);
}

#[test]
fn derivatives_that_accumulate_count_what_they_add() {
    let x = matrix();
    assert_eq!(of_derivative(&x.windows(1, 2, 1), &x, "add_windows"), 2 * 2 * 2);
    assert_eq!(of_derivative(&x.index_select(1, &Indices::from([2, 0])), &x, "add_taken"), 4);
    assert_eq!(of_derivative(&x.take_along(1, &Indices::new(vec![0, 1, 1, 2], [2, 2])), &x, "add_along"), 4);
}
