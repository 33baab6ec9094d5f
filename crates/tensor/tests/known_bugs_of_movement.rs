//! Mistakes that other frameworks made, or make, in reductions, movement, picking and products: one test for each.

use wengert_tensor::{Indices, Tensor, grad, ops::Padding, ops::Span};

const NONE: f32 = f32::NEG_INFINITY;

#[track_caller]
fn check(f: impl FnOnce(&Tensor) -> Tensor, x: impl Into<Tensor>, expected: &[f32]) {
    let dx = grad(f, &x.into());
    assert_eq!(dx.to_vec::<f32>(), expected);
}

/// The second derivatives of the sum of all first ones.
#[track_caller]
fn check_second(f: impl Fn(&Tensor) -> Tensor, x: impl Into<Tensor>, expected: &[f32]) {
    check(|x| grad(&f, x).sum(), x, expected);
}

#[track_caller]
fn panics(what: &str, f: impl FnOnce() + std::panic::UnwindSafe) {
    let message = std::panic::catch_unwind(f).expect_err("must be refused");
    let message = message.downcast_ref::<String>().expect("a message");
    assert!(message.contains(what), "{message}");
}

#[test]
fn a_bias_broadcasts_on_both_sides_and_in_rank() {
    let (a, b) = (Tensor::from([[1.0], [2.0]]), Tensor::from([[1.0, 2.0, 3.0]]));
    let weights = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    check(|a| ((a + &b) * &weights).sum(), a.clone(), &[6.0, 15.0]);
    check(|b| ((&a + b) * &weights).sum(), b, &[5.0, 7.0, 9.0]);
    check(|b| (&weights + b).sum(), [1.0, 1.0, 1.0], &[2.0, 2.0, 2.0]);
}

#[test]
fn a_matrix_times_its_own_transpose_gets_both_derivatives() {
    check(|x| x.matmul(&x.t()).sum(), [[1.0, 2.0], [3.0, 4.0]], &[8.0, 12.0, 8.0, 12.0]);
}

#[test]
fn a_tensor_concatenated_with_itself_accumulates() {
    check(|x| (Tensor::concat(&[x, x], 0) * Tensor::arange(4)).sum(), [1.0, 1.0], &[2.0, 4.0]);
    check(|x| (Tensor::stack(&[x, x, x], 0)).sum(), [1.0, 1.0], &[3.0, 3.0]);
}

#[test]
fn concat_takes_tracked_and_untracked_pieces() {
    let constant = Tensor::from([7.0, 8.0]);
    check(
        |x| (Tensor::concat(&[&constant, x, &constant], 0) * Tensor::arange(6)).sum(),
        [1.0, 1.0],
        &[2.0, 3.0],
    );
}

#[test]
fn ties_in_reduced_extremes_share_the_derivative() {
    check(|x| x.max(), [1.0, 3.0, 3.0, 2.0], &[0.0, 0.5, 0.5, 0.0]);
    check(|x| x.min(), [1.0, 1.0, 3.0, 2.0], &[0.5, 0.5, 0.0, 0.0]);
    check(|x| x.norm(f64::INFINITY), [2.0, -2.0], &[0.5, -0.5]);
}

#[test]
fn ties_in_sort_topk_and_cummax_sum_to_one() {
    check(|x| x.sort(0).slice(0, 1..2).sum(), [2.0, 2.0, 2.0], &[0.0, 1.0, 0.0]);
    check(|x| x.topk(1, 0).0.sum(), [2.0, 2.0, 1.0], &[1.0, 0.0, 0.0]);
    check(|x| x.cummax(0).slice(0, 1..2).sum(), [2.0, 2.0, 1.0], &[1.0, 0.0, 0.0]);
}

#[test]
fn norm_at_the_zero_vector_has_derivative_zero() {
    for p in [1.0, 1.5, 2.0, 3.0, f64::INFINITY] {
        check(|x| x.norm(p), [0.0, 0.0], &[0.0, 0.0]);
        check_second(|x| x.norm(p), [0.0, 0.0], &[0.0, 0.0]);
    }
}

#[test]
fn normalize_at_the_zero_vector_has_derivative_zero() {
    check(|x| x.normalize(0).sum(), [0.0, 0.0], &[0.0, 0.0]);
    let rows = Tensor::from([[0.0, 0.0], [3.0, 4.0]]);
    let dx = grad(|x| x.normalize(1).slice(1, ..1).sum(), &rows).to_vec::<f32>();
    assert_eq!(dx[..2], [0.0, 0.0]);
    assert!((dx[2] - 16.0 / 125.0).abs() < 1e-6);
}

#[test]
fn std_at_constant_input_has_derivative_zero() {
    for value in [0.0, 0.1, 0.3, 1e6] {
        check(|x| x.std(1), [value; 3], &[0.0; 3]);
        check(|x| x.var(0), [value; 3], &[0.0; 3]);
    }
}

#[test]
fn second_derivatives_at_the_zero_vector_and_constant_input_are_zero() {
    check_second(|x| x.normalize(0).sum(), [0.0, 0.0], &[0.0, 0.0]);
    check_second(|x| x.std(1), [0.5; 3], &[0.0; 3]);
    check_second(|x| x.std(0), [0.0; 3], &[0.0; 3]);
}

#[test]
fn sqrt_at_0_has_an_infinite_slope_that_does_no_harm_where_it_does_not_count() {
    check(|x| x.sqrt().sum(), [0.0, 4.0], &[f32::INFINITY, 0.25]);
    check(|x| (x.sqrt() * Tensor::from([0.0, 1.0])).sum(), [0.0, 4.0], &[0.0, 0.25]);
    check(|x| x.square().sum_axes(0).sqrt() * 0.0, [0.0, 0.0], &[0.0, 0.0]);
}

#[test]
fn prod_is_right_with_zeros() {
    check(|x| x.prod(), [2.0, 3.0, 4.0], &[12.0, 8.0, 6.0]);
    check(|x| x.prod(), [2.0, 0.0, 3.0], &[0.0, 6.0, 0.0]);
    check(|x| x.prod(), [0.0, 2.0, 0.0], &[0.0, 0.0, 0.0]);
}

#[test]
fn prod_is_twice_differentiable_at_zeros() {
    // Σᵢ Σₖ ∂²y / ∂xᵢ ∂xₖ: of (a, b, c) the row sums are (b + c, a + c, a + b).
    check_second(|x| x.prod(), [2.0, 4.0, 3.0], &[7.0, 5.0, 6.0]);
    check_second(|x| x.prod(), [2.0, 0.0, 3.0], &[3.0, 5.0, 2.0]);
    check_second(|x| x.prod(), [0.0, 2.0, 0.0], &[2.0, 0.0, 2.0]);
}

#[test]
fn cumprod_is_right_and_twice_differentiable_at_zeros() {
    check(|x| x.cumprod(0).sum(), [2.0, 0.0, 3.0], &[1.0, 8.0, 0.0]);
    check(|x| x.cumprod(0).sum(), [0.0, 0.0, 3.0], &[1.0, 0.0, 0.0]);
    // y = a + ab + abc
    check_second(|x| x.cumprod(0).sum(), [2.0, 4.0, 3.0], &[8.0, 6.0, 6.0]);
    check_second(|x| x.cumprod(0).sum(), [2.0, 0.0, 3.0], &[4.0, 6.0, 2.0]);
    check_second(|x| x.cumprod(0).sum(), [0.0, 2.0, 0.0], &[3.0, 1.0, 2.0]);
}

#[test]
fn logsumexp_survives_rows_of_minus_infinity_and_huge_logits() {
    assert_eq!(Tensor::from([NONE, NONE]).logsumexp().item(), f64::NEG_INFINITY);
    check(|x| x.logsumexp(), [NONE, NONE], &[0.0, 0.0]);
    check(|x| x.logsumexp(), [1e4, 1e4, 0.0], &[0.5, 0.5, 0.0]);
    check(|x| x.logsumexp(), [-1e4, -1e4], &[0.5, 0.5]);
    check(|x| x.logcumsumexp(0).sum(), [NONE, 0.0], &[0.0, 1.0]);
    check(|x| x.softmax(-1).sum(), [NONE, NONE], &[0.0, 0.0]);
    check(|x| x.softmax(-1).slice(0, ..1).sum(), [0.0, NONE, 0.0], &[0.25, 0.0, -0.25]);
    check_second(|x| x.softmax(-1).slice(0, ..1).sum(), [0.0, NONE, 0.0], &[0.0, 0.0, 0.0]);
    check(|x| x.log_softmax(-1).slice(0, ..1).sum(), [0.0, NONE, 0.0], &[0.5, 0.0, -0.5]);
    check(|x| x.log_softmax(-1).slice(0, ..1).sum(), [1e4, -1e4, 1e4], &[0.5, 0.0, -0.5]);
    let loss = Tensor::from([[1e4, -1e4, 1e4]]).cross_entropy(Indices::from([0])).item();
    assert_eq!(loss, f64::from(std::f32::consts::LN_2));
    assert_eq!(Tensor::from([NONE, NONE]).log_softmax(-1).to_vec::<f32>(), [NONE, NONE]);
    assert_eq!(Tensor::from([NONE, NONE]).softmax(-1).to_vec::<f32>(), [0.0, 0.0]);
    assert!(Tensor::from([1e4, 0.0, -1e4]).log_softmax(-1).to_vec::<f32>().iter().all(|y| y.is_finite()));
}

#[test]
fn duplicate_indices_accumulate() {
    let weights = Tensor::from([1.0, 3.0, 6.0]);
    let twice = Indices::from([0, 2, 0]);
    check(|x| (x.index_select(0, &twice) * &weights).sum(), [1.0, 1.0, 1.0], &[7.0, 0.0, 3.0]);
    check(|x| (x.gather(0, &twice) * &weights).sum(), [1.0, 1.0, 1.0], &[7.0, 0.0, 3.0]);
    let y = Tensor::zeros([3]).index_add(0, &twice, &weights);
    assert_eq!(y.to_vec::<f32>(), [7.0, 0.0, 3.0]);
    check(|s| Tensor::zeros([3]).index_add(0, &twice, s).square().sum(), [1.0, 3.0, 6.0], &[14.0, 6.0, 14.0]);
}

#[test]
fn scatter_masks_the_derivative_of_its_target() {
    let (picks, source) = (Indices::from([1, 2]), Tensor::from([5.0, 6.0]));
    check(|x| x.scatter(0, &picks, &source).sum(), [1.0, 1.0, 1.0], &[1.0, 0.0, 0.0]);
    let target = Tensor::ones([3]);
    check(|s| target.scatter(0, &Indices::from([1, 1]), s).sum(), [5.0, 6.0], &[0.0, 1.0]);
}

#[test]
fn scatter_add_passes_the_derivative_of_its_target() {
    let (picks, source) = (Indices::from([1, 1]), Tensor::from([5.0, 6.0]));
    check(|x| x.scatter_add(0, &picks, &source).sum(), [1.0, 1.0, 1.0], &[1.0, 1.0, 1.0]);
    let target = Tensor::ones([3]);
    check(|s| target.scatter_add(0, &picks, s).sum(), [5.0, 6.0], &[1.0, 1.0]);
}

#[test]
fn scatter_takes_operands_of_different_sizes() {
    let target = Tensor::zeros([3, 2]);
    let picks = Indices::new(vec![2], [1, 1]);
    let y = target.scatter(0, &picks, &Tensor::from([[9.0]]));
    assert_eq!(y.to_vec::<f32>(), [0.0, 0.0, 0.0, 0.0, 9.0, 0.0]);
    check(|s| target.scatter(0, &picks, s).sum(), [[9.0]], &[1.0]);
    panics("does not fit", || drop(Tensor::zeros([3]).scatter(0, &Indices::from([0]), &Tensor::zeros([2]))));
}

#[test]
fn indices_out_of_range_are_errors() {
    let (x, picks) = (Tensor::zeros([2, 3]), Indices::from([0, 2]));
    panics("index_select: index 2 lies outside axis 0", || drop(x.index_select(0, &picks)));
    let (x, picks) = (Tensor::zeros([2]), Indices::from([2]));
    panics("take_along: index 2 lies outside axis 0", || drop(x.take_along(0, &picks)));
    let (x, picks) = (Tensor::zeros([2]), Indices::from([2]));
    panics("index_add: index 2 lies outside axis 0", || drop(x.index_add(0, &picks, &Tensor::zeros([1]))));
    let (x, picks) = (Tensor::zeros([2]), Indices::from([2]));
    panics("scatter: index 2 lies outside axis 0", || drop(x.scatter(0, &picks, &Tensor::zeros([1]))));
    let (x, picks) = (Tensor::zeros([2]), Indices::from([2]));
    panics("scatter_add: index 2 lies outside axis 0", || {
        drop(x.scatter_add(0, &picks, &Tensor::zeros([1])))
    });
    let (x, picks) = (Tensor::zeros([2]), Indices::from([2]));
    panics("gather: index 2 lies outside axis 0", || drop(x.gather(0, &picks)));
    panics("one_hot: index 3 at place 1 is not below 3", || drop(Tensor::one_hot(&[0, 3].into(), 3)));
    panics("slice: the slice reaches index 2 of axis 0", || drop(Tensor::zeros([2]).slice(0, 1..3)));
    panics("slice: the slice reaches index -1 of axis 0", || {
        drop(Tensor::zeros([2]).slice(0, Span::new(1, 3, -1)))
    });
}

#[test]
fn repeat_and_tile_sum_over_their_copies() {
    let weights = Tensor::arange(6);
    check(|x| (x.repeat(3, 0) * &weights).sum(), [1.0, 1.0], &[3.0, 12.0]);
    check(|x| (x.tile(&[3]) * &weights).sum(), [1.0, 1.0], &[6.0, 9.0]);
    check(|x| x.pad(&[(2, 0)], Padding::Edge).sum(), [1.0, 1.0], &[3.0, 1.0]);
}

#[test]
fn windows_add_where_they_overlap() {
    check(|x| x.windows(0, 2, 1).sum(), [1.0, 1.0, 1.0], &[1.0, 2.0, 1.0]);
    check(|x| x.windows(0, 2, 1).square().sum(), [1.0, 2.0, 3.0], &[2.0, 8.0, 6.0]);
}

#[test]
fn slice_assignment_masks_the_derivative_of_its_target() {
    let value = Tensor::from([5.0, 6.0]);
    check(|x| x.slice_assign(0, 1.., &value).square().sum(), [1.0, 2.0, 3.0], &[2.0, 0.0, 0.0]);
    check(
        |v| Tensor::ones([3]).slice_assign(0, Span::new(2, 2, -2), v).square().sum(),
        [5.0, 6.0],
        &[10.0, 12.0],
    );
}

#[test]
fn a_strided_slice_may_be_empty() {
    check(|x| x.slice(0, Span::new(0, 0, 2)).sum(), [1.0, 2.0], &[0.0, 0.0]);
    check(|x| x.slice(0, Span::new(2, 0, -1)).sum(), [1.0, 2.0], &[0.0, 0.0]);
}

#[test]
fn products_and_reductions_of_nothing_work() {
    let y = Tensor::zeros([2, 0]).matmul(&Tensor::zeros([0, 3]));
    assert_eq!(y.to_vec::<f32>(), [0.0; 6]);
    let none = Tensor::zeros([0]);
    assert_eq!((none.sum().item(), none.prod().item(), none.norm(2.0).item()), (0.0, 1.0, 0.0));
    assert_eq!(none.logsumexp().item(), f64::NEG_INFINITY);
    assert_eq!(none.dot(&none).item(), 0.0);
    assert!(none.mean().item().is_nan());
    assert_eq!(grad(|x| x.prod() + x.norm(2.0) + x.logsumexp() + x.var(0), &none).size(), 0);
}

#[test]
fn products_of_broadcast_and_transposed_operands_are_right() {
    let wide = Tensor::from([[1.0], [2.0]]).broadcast_to([2, 3]);
    let y = wide.t().matmul(&wide);
    assert_eq!(y.to_vec::<f32>(), [5.0; 9]);
    let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    assert_eq!(x.t().matmul(&x).to_vec::<f32>(), x.t().matmul(&x.t().t()).to_vec::<f32>());
    check(|x| x.broadcast_to([2, 2]).matmul(&x.broadcast_to([2, 2]).t()).sum(), [[1.0, 2.0]], &[8.0, 16.0]);
}

#[test]
fn an_unused_branch_of_masked_fill_lets_nothing_through() {
    check(|x| x.sqrt().masked_fill(&x.less_equal(0.0), 0.0).sum(), [0.0, 4.0, -1.0], &[0.0, 0.25, 0.0]);
}
