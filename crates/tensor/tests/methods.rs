//! Methods of tensors that are thin around an operation: which axis, which parameter, which shape. The operations
//! themselves are checked by the catalogue.

use std::ops::Bound;

use wengert_tensor::{
    DType, Indices, Tensor, grad,
    ops::{Padding, Span},
};

#[track_caller]
fn check(given: &Tensor, expected: &Tensor) {
    assert_eq!(given.shape(), expected.shape());
    assert_eq!(given.dtype(), expected.dtype());
    for (given, expected) in given.to_vec::<f64>().into_iter().zip(expected.to_vec::<f64>()) {
        assert!(
            (given - expected).abs() <= 1e-6 * expected.abs().max(1.0),
            "given {given}, expected {expected}"
        );
    }
}

fn matrix() -> Tensor {
    Tensor::from([[3.0, -1.0, 2.0], [0.5, 4.0, -2.0]])
}

#[test]
fn reductions_keep_the_axis_or_not() {
    let x = matrix();
    check(&x.max_keep(1), &Tensor::from([[3.0], [4.0]]));
    check(&x.min_keep(1), &Tensor::from([[-1.0], [-2.0]]));
    check(&x.min_keep(0), &Tensor::from([[0.5, -1.0, -2.0]]));
    check(&x.prod_keep(1), &Tensor::from([[-6.0], [-4.0]]));
    check(&Tensor::from([[3.0, 4.0]]).norm_keep(2.0, 1), &Tensor::from([[5.0]]));
    check(&Tensor::from([[0.0, 0.0]]).logsumexp_keep(1), &Tensor::from([[2_f32.ln()]]));
    check(&Tensor::from([[0.0, 1e4], [-1e4, 0.0]]).logsumexp_axes(0), &Tensor::from([2_f32.ln() * 0.0, 1e4]));
}

#[test]
fn variances_divide_by_the_count_less_the_correction() {
    let x = Tensor::from([[1.0, 3.0], [2.0, 6.0]]);
    check(&x.var_keep(1, 0), &Tensor::from([[1.0], [4.0]]));
    check(&x.var_axes(1, 1), &Tensor::from([2.0, 8.0]));
    check(&x.std_keep(1, 0), &Tensor::from([[1.0], [2.0]]));
    check(&x.std_axes(1, 0), &Tensor::from([1.0, 2.0]));
    check(&x.var(0), &Tensor::from(3.5));
    check(&x.std(0), &Tensor::from(3.5_f32.sqrt()));
}

#[test]
fn the_place_of_an_extreme_is_that_along_the_axis() {
    let x = matrix();
    assert_eq!((x.argmax(0), x.argmax(1), x.argmax(-1)), (idx(&[0, 1, 0]), idx(&[0, 1]), idx(&[0, 1])));
    assert_eq!((x.argmin(0), x.argmin(1)), (idx(&[1, 0, 1]), idx(&[1, 2])));
    assert_eq!(x.argmax_keep(1), Indices::new(vec![0, 1], [2, 1]));
    assert_eq!(x.argmin_keep(0), Indices::new(vec![1, 0, 1], [1, 3]));
    assert_eq!(Tensor::from([2.0]).argmax(0), Indices::new(vec![0], ()));
    assert_eq!(Tensor::zeros([2, 0]).argmax(0), Indices::new(Vec::<usize>::new(), [0]));
    assert_eq!(Tensor::zeros([0, 0]).argmin(1), Indices::new(Vec::<usize>::new(), [0]));
}

fn idx(indices: &[usize]) -> Indices {
    Indices::new(indices.to_vec(), [indices.len()])
}

#[test]
#[should_panic(expected = "argmax: axis 0 of [0, 1] has no elements")]
fn nothing_has_no_extreme() {
    Tensor::zeros([0, 1]).argmax(0);
}

#[test]
fn any_and_all_ask_every_element() {
    let x = Tensor::from([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]).greater(0.5);
    let [some, none] = [x.clone(), Tensor::from([[0.0]]).greater(0.5)];
    assert_eq!((some.any(), some.all(), none.any(), none.all()), (true, false, false, false));
    let every = Tensor::from([[1.0, 2.0]]).greater(0.5);
    assert_eq!((every.any(), every.all()), (true, true));
    let empty = Tensor::zeros([0, 2]).greater(0.5);
    assert_eq!((empty.any(), empty.all()), (false, true));
    assert_eq!(
        (x.any_axes(1).to_vec(), x.all_axes(1).to_vec()),
        (vec![true, false, true], vec![false, false, true])
    );
    assert_eq!((x.any_axes(0).to_vec(), x.all_axes(0).to_vec()), (vec![true, true], vec![false, false]));
    assert_eq!((*x.any_axes(1).shape(), *x.all_axes(1).shape()), ([3].into(), [3].into()));
    let (any, all) = (x.any_keep(1), x.all_keep(1));
    assert_eq!((*any.shape(), *all.shape()), ([3, 1].into(), [3, 1].into()));
    assert_eq!((any.to_vec(), all.to_vec()), (vec![true, false, true], vec![false, false, true]));
    let fractions = Tensor::from([0.25, 0.5]).equal(0.5);
    assert_eq!((fractions.to_vec(), fractions.any()), (vec![false, true], true));
}

#[test]
fn elementwise_methods_call_their_operation() {
    let x = Tensor::from([-1.5, 0.5, 2.5]);
    check(&x.asinh(), &Tensor::from([-1.194_763_2, 0.481_211_8, 1.647_231_1]));
    check(&Tensor::from([1.0, 2.0]).acosh(), &Tensor::from([0.0, 1.316_958]));
    check(&x.floor(), &Tensor::from([-2.0, 0.0, 2.0]));
    check(&x.ceil(), &Tensor::from([-1.0, 1.0, 3.0]));
    check(&x.trunc(), &Tensor::from([-1.0, 0.0, 2.0]));
    check(&x.relu_squared(), &Tensor::from([0.0, 0.25, 6.25]));
    check(&x.prelu(0.5), &Tensor::from([-0.75, 0.5, 2.5]));
    check(&x.pow(2.0), &Tensor::from([2.25, 0.25, 6.25]));
    check(&Tensor::from([2.0, 0.0]).xlogy(4.0), &Tensor::from([4.0 * 2_f32.ln(), 0.0]));
    // -γ and -γ - 2 ln 2
    check(&Tensor::from([1.0, 0.5]).polygamma(0), &Tensor::from([-0.577_215_7, -1.963_51]));
    let fill = Tensor::from([7.0, 8.0, 9.0]);
    check(&x.masked_fill(&x.less(0.0), &fill), &Tensor::from([7.0, 0.5, 2.5]));
}

#[test]
fn running_methods_go_along_their_axis() {
    let x = matrix();
    check(&x.cummin(1), &Tensor::from([[3.0, -1.0, -1.0], [0.5, 0.5, -2.0]]));
    check(&x.cummax(-2), &Tensor::from([[3.0, -1.0, 2.0], [3.0, 4.0, 2.0]]));
    let a = Tensor::from([[9.0, 2.0, 0.5], [9.0, -1.0, 3.0]]);
    check(&x.linear_scan(&a, 1), &Tensor::from([[3.0, 5.0, 4.5], [0.5, 3.5, 8.5]]));
    check(&x.roll(1, -1), &Tensor::from([[2.0, 3.0, -1.0], [-2.0, 0.5, 4.0]]));
    check(&x.roll(1, 0), &Tensor::from([[0.5, 4.0, -2.0], [3.0, -1.0, 2.0]]));
    check(&x.roll(-1, 1), &Tensor::from([[-1.0, 2.0, 3.0], [4.0, -2.0, 0.5]]));
}

#[test]
fn a_softmax_runs_along_any_axis() {
    let x = Tensor::from([[0.0, 1.0], [3_f32.ln(), 1.0]]);
    check(&x.softmax(0), &Tensor::from([[0.25, 0.5], [0.75, 0.5]]));
    check(&x.softmax(-2), &x.softmax(0));
    check(&x.log_softmax(0), &Tensor::from([[0.25, 0.5], [0.75, 0.5]]).ln());
    let cube = Tensor::from([[[0.0], [2_f32.ln()]]]);
    check(&cube.softmax(1), &Tensor::from([[[1.0 / 3.0], [2.0 / 3.0]]]));
    check(&cube.softmax(0), &Tensor::from([[[1.0], [1.0]]]));
}

#[test]
fn large_logits_are_as_exact_as_small_ones() {
    let (small, large) = (Tensor::from([0.0, 1.0]), Tensor::from([4096.0, 4097.0]));
    assert_eq!(large.log_softmax(-1).to_vec::<f32>(), small.log_softmax(-1).to_vec::<f32>());
    let label = || Indices::new(vec![0], ());
    assert_eq!(large.cross_entropy(label()).item(), small.cross_entropy(label()).item());
}

#[test]
fn triangles_and_diagonals() {
    let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    check(&x.triu(0), &Tensor::from([[1.0, 2.0], [0.0, 4.0]]));
    check(&x.triu(1), &Tensor::from([[0.0, 2.0], [0.0, 0.0]]));
    check(&x.tril(-1), &Tensor::from([[0.0, 0.0], [3.0, 0.0]]));
    let v = Tensor::from([1.0, 2.0]);
    check(&v.diag(0), &Tensor::from([[1.0, 0.0], [0.0, 2.0]]));
    check(&v.diag(1), &Tensor::from([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]]));
    check(&v.diag(-1), &Tensor::from([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]));
    assert_eq!(*Tensor::zeros([3, 2]).diag(1).shape(), [3, 3, 3]);
}

#[test]
fn parts_are_joined_and_divided() {
    let x = Tensor::from([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    let parts = |parts: Vec<Tensor>| parts.iter().map(Tensor::to_vec::<f32>).collect::<Vec<_>>();
    assert_eq!(parts(x.chunk(3, 0)), [vec![0.0, 1.0, 2.0], vec![3.0, 4.0, 5.0], vec![6.0, 7.0]]);
    assert_eq!(parts(x.slice(0, 0..2).chunk(3, 0)), [vec![0.0], vec![1.0], vec![]]);
    assert_eq!(parts(x.split(&[1, 5, 2], -1)), [vec![0.0], vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![6.0, 7.0]]);
    let v = Tensor::from([1.0, 2.0]);
    check(&Tensor::stack(&[&v, &v], 1), &Tensor::from([[1.0, 1.0], [2.0, 2.0]]));
    check(&Tensor::stack(&[&v, &v], -1), &Tensor::from([[1.0, 1.0], [2.0, 2.0]]));
    check(&Tensor::stack(&[&v, &v], -2), &Tensor::from([[1.0, 2.0], [1.0, 2.0]]));
    assert_eq!(*Tensor::zeros([2]).unsqueeze(-1).shape(), [2, 1]);
    assert_eq!(*Tensor::zeros([2]).unsqueeze(-2).shape(), [1, 2]);
}

#[test]
fn any_range_is_a_slice() {
    let x = Tensor::from([0.0, 1.0, 2.0, 3.0]);
    check(&x.slice(0, 1..=2), &Tensor::from([1.0, 2.0]));
    check(&x.slice(0, (Bound::Excluded(0), Bound::Excluded(3))), &Tensor::from([1.0, 2.0]));
    check(&x.slice(0, ..), &x);
    assert_eq!(x.slice(0, 4..4).size(), 0);
    let value = Tensor::from([8.0, 9.0]);
    check(&x.slice_assign(0, 1..3, &value), &Tensor::from([0.0, 8.0, 9.0, 3.0]));
    check(&x.slice_assign(0, Span::new(3, 2, -2), &value), &Tensor::from([0.0, 9.0, 2.0, 8.0]));
}

#[test]
#[should_panic(expected = "reaches index 5")]
fn an_empty_slice_begins_within() {
    Tensor::from([0.0, 1.0, 2.0, 3.0]).slice(0, Span::new(5, 0, 1));
}

#[test]
#[should_panic(expected = "reaches index 4")]
fn a_slice_does_not_step_over_the_end() {
    Tensor::from([0.0, 1.0, 2.0, 3.0]).slice(0, Span::new(0, 3, 2));
}

#[test]
#[should_panic(expected = "reaches index 5")]
fn a_slice_does_not_begin_beyond_the_end() {
    Tensor::from([0.0, 1.0, 2.0, 3.0]).slice(0, Span::new(5, 6, -1));
}

#[test]
#[should_panic(expected = "reaches index -1")]
fn a_slice_does_not_go_below_zero() {
    Tensor::from([0.0, 1.0, 2.0, 3.0]).slice(0, Span::new(1, 3, -1));
}

#[test]
fn sorting_has_two_directions() {
    let x = Tensor::from([[3.0, 1.0, 2.0]]);
    check(&x.sort(1), &Tensor::from([[1.0, 2.0, 3.0]]));
    check(&x.sort_descending(1), &Tensor::from([[3.0, 2.0, 1.0]]));
    assert_eq!(x.argsort(-1), Indices::new(vec![1, 2, 0], [1, 3]));
}

#[test]
fn products_with_vectors_lose_their_axis() {
    let (m, v) = (Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), Tensor::from([1.0, 10.0]));
    check(&v.matmul(&m.t()), &Tensor::from([21.0, 43.0, 65.0]));
    check(&m.matmul(&v), &Tensor::from([21.0, 43.0, 65.0]));
    check(&Tensor::zeros([2]).matmul(&Tensor::ones([4, 2, 3])), &Tensor::zeros([4, 3]));
    check(&v.outer(&Tensor::from([1.0, 2.0, 3.0])), &Tensor::from([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]));
}

#[test]
fn a_formula_without_an_arrow_keeps_what_occurs_once() {
    let (x, y) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([[0.0, 1.0], [2.0, -1.0]]));
    check(&Tensor::einsum("ij,jk", &[&x, &y]), &x.matmul(&y));
    check(&Tensor::einsum("ji", &[&x]), &x.t());
    let batch = Tensor::stack(&[&x, &y, &x], 0).unsqueeze(1);
    check(&Tensor::einsum("...ij,jk", &[&batch, &y]), &batch.matmul(&y));
    check(&Tensor::einsum("ij,kj,ij->ik", &[&x, &y, &x]), &x.square().matmul(&y.t()));
}

#[test]
fn a_reflection_turns_at_both_ends() {
    let x = Tensor::from([1.0, 2.0]);
    check(&x.pad(&[(2, 3)], Padding::Reflect), &Tensor::from([1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0]));
}

#[test]
fn a_padding_has_the_precision_of_the_tensor() {
    let x = Tensor::new(vec![1.0_f64], [1]);
    assert_eq!(x.pad(&[(1, 0)], Padding::Constant(0.1)).to_vec::<f64>(), [0.1, 1.0]);
}

#[test]
#[should_panic(expected = "dot: the vectors differ")]
fn a_dot_product_needs_equal_sizes() {
    Tensor::from([1.0, 2.0]).dot(&Tensor::from([1.0]));
}

#[test]
#[should_panic(expected = "dot: a vector has 1 axis")]
fn a_matrix_on_the_right_has_no_dot_product() {
    Tensor::from([1.0, 2.0]).dot(&Tensor::from([[1.0, 2.0]]));
}

#[test]
#[should_panic(expected = "outer: a vector has 1 axis")]
fn a_matrix_on_the_left_has_no_outer_product() {
    Tensor::from([[1.0, 2.0]]).outer(&Tensor::from([1.0, 2.0]));
}

#[test]
fn masks_become_tensors_of_the_type_that_is_asked_for() {
    let mask = Tensor::from([1.0, 2.0]).greater(1.5);
    check(&mask.to_tensor(DType::F64), &Tensor::new(vec![0.0_f64, 1.0], [2]));
    check(&mask.to_tensor(DType::F32), &Tensor::from([0.0, 1.0]));
    let other = Tensor::from([2.0, 1.0]).greater(1.5);
    check(&mask.xor(&other).to_tensor(DType::F32), &Tensor::from([1.0, 1.0]));
}

#[test]
fn a_cast_pulls_back_to_the_type_of_its_input() {
    let x = Tensor::scalar(0.1, DType::F64);
    let dx = grad(|x| x.cast(DType::F32) * 3.0, &x);
    assert_eq!((dx.dtype(), dx.item()), (DType::F64, 3.0));
    // The sum over 2²⁴ + 1 ones in f32 would lose one.
    let x = Tensor::scalar(1.0, DType::F32);
    let dx = grad(|x| (x.cast(DType::F64) * 16_777_217.0) - (x.cast(DType::F64) * 16_777_216.0), &x);
    assert_eq!(dx.item(), 1.0);
}

#[test]
fn leaves_forget_where_they_came_from() {
    let x = Tensor::from(2.0);
    let dx = grad(
        |x| {
            let square = x.square().tracked();
            square * x
        },
        &x,
    );
    assert_eq!(dx.item(), 4.0);
}

#[test]
fn a_scatter_gives_the_source_its_derivative() {
    let (x, indices) = (Tensor::from([1.0, 2.0, 3.0]), Indices::from([2, 0]));
    let source = Tensor::from([5.0, 6.0]);
    let weights = Tensor::from([1.0, 10.0, 100.0]);
    check(&x.scatter(0, &indices, &source), &Tensor::from([6.0, 2.0, 5.0]));
    let d_source = grad(|source| (x.scatter(0, &indices, source) * &weights).sum(), &source);
    check(&d_source, &Tensor::from([100.0, 1.0]));
}
