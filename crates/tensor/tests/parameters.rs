//! What a parameter carries beside its value: whether it is frozen, a constraint, a regularizer; and how a model's
//! parameters are found, counted and replaced.

extern crate wengert_tensor as wengert;

use std::panic::{UnwindSafe, catch_unwind};

use wengert_tensor::{
    Buffer, Constraint, DType, Generator, Module, Param, Regularizer, Rng, Shape, Tensor, grad, gradcheck,
    value_and_grad,
};

#[derive(Module, Clone, Debug)]
struct Model {
    first: Param,
    second: Param,
    mean: Buffer,
    noise: Generator,
}

fn model() -> Model {
    Model {
        first: Tensor::from([1.0, 2.0]).into(),
        second: Tensor::from([[3.0], [4.0], [5.0]]).into(),
        mean: Buffer::new(Tensor::zeros([2])),
        noise: Generator::new(7),
    }
}

/// A loss that moves all state.
fn loss(model: &Model) -> Tensor {
    model.mean.stage(&(model.mean.value() + 1.0));
    model.noise.draw();
    model.first.square().sum() + model.second.sum()
}

#[track_caller]
fn refused(expected: &str, f: impl FnOnce() + UnwindSafe) {
    let payload = catch_unwind(f).expect_err("it was not refused");
    assert_eq!(*payload.downcast_ref::<String>().expect("a formatted message"), expected);
}

fn norms(weight: &Tensor, axis: isize) -> Vec<f64> {
    weight.square().sum_axes(axis).sqrt().to_vec()
}

/// Columns of norms 0, ½, 1½ and 3, in f64.
fn columns() -> Tensor {
    let directions = Tensor::randn([5, 4], &mut Rng::seed(2)).cast(DType::F64).normalize(0);
    directions * Tensor::new(vec![0.0, 0.5, 1.5, 3.0], [4])
}

#[track_caller]
fn check_norms(constraint: &Constraint, expected: [f64; 4]) {
    let after = constraint.apply(&columns());
    for (norm, expected) in norms(&after, 0).into_iter().zip(expected) {
        assert!((norm - expected).abs() <= 1e-12 * expected, "{constraint:?}: {norm}, expected {expected}");
    }
}

#[test]
fn norms_come_within_their_bounds() {
    check_norms(&Constraint::max_norm(1.0), [0.0, 0.5, 1.0, 1.0]);
    check_norms(&Constraint::unit_norm(), [0.0, 1.0, 1.0, 1.0]);
    check_norms(&Constraint::min_max_norm(1.0, 2.0), [0.0, 1.0, 1.5, 2.0]);
    // Half of the way: (½ + 1) / 2 and (3 + 2) / 2.
    check_norms(&Constraint::min_max_norm(1.0, 2.0).rate(0.5), [0.0, 0.75, 1.5, 2.5]);
    check_norms(&Constraint::min_max_norm(1.0, 2.0).rate(0.0), [0.0, 0.5, 1.5, 3.0]);
    check_norms(&Constraint::max_norm(0.0), [0.0; 4]);
}

#[test]
fn what_meets_a_constraint_keeps_its_bits() {
    for dtype in [DType::F32, DType::F64] {
        let weight = Tensor::randn([7, 30], &mut Rng::seed(3)).cast(dtype);
        let wide = Constraint::max_norm(100.0).rate(0.3);
        assert!(wide.apply(&weight).array().bit_eq(weight.array()));
        let positive = weight.abs();
        assert!(Constraint::non_negative().apply(&positive).array().bit_eq(positive.array()));
    }
}

/// `w · (rate · clip(n, min, max) + (1 - rate) · n) / (1e-7 + n)`, as Keras' source has it.
#[test]
fn keras_arithmetic_is_an_option() {
    let (weight, [min, max, rate]) = (columns(), [1.0, 2.0, 0.25]);
    let given = Constraint::min_max_norm(min, max).rate(rate).keras_exact().apply(&weight).to_vec::<f64>();
    let norms = norms(&weight, 0);
    for (index, (given, w)) in given.iter().zip(weight.to_vec::<f64>()).enumerate() {
        let n = norms[index % 4];
        let expected = w * ((rate * n.clamp(min, max) + (1.0 - rate) * n) / (1e-7 + n));
        assert!((given - expected).abs() <= 1e-15, "{given}, expected {expected}");
    }
}

#[test]
fn norms_go_over_the_axes_named() {
    let weight = Tensor::randn([2, 3, 4, 5], &mut Rng::seed(3)).cast(DType::F64);
    let filters = Constraint::unit_norm().axes([0, 1, -2]).apply(&weight);
    for norm in filters.square().sum_axes([0, 1, 2]).to_vec::<f64>() {
        assert!((norm - 1.0).abs() < 1e-12);
    }
    let sizes = Constraint::max_norm(0.5).axes([]).apply(&Tensor::from([-2.0, 0.25]));
    assert_eq!(sizes.to_vec::<f32>(), [-0.5, 0.25]);
}

#[test]
fn a_nan_stays_to_be_found() {
    let weight = Tensor::from([f32::NAN, -1.0, 1.0]);
    assert!(Constraint::non_negative().apply(&weight).to_vec::<f32>()[0].is_nan());
    assert!(Constraint::max_norm(1.0).apply(&weight).to_vec::<f32>()[0].is_nan());
}

#[test]
fn penalties_are_those_of_the_formula_and_have_right_derivatives() {
    let weight = Tensor::from([[1.0, -2.0], [0.5, 0.0]]);
    let [l1, l2] = [0.1, 0.01];
    let (sizes, squares) = (3.5, 5.25);
    let cases = [
        (Regularizer::l1(l1), l1 * sizes),
        (Regularizer::l2(l2), l2 * squares),
        (Regularizer::l1_l2(l1, l2), l1 * sizes + l2 * squares),
        (Regularizer::l1(0.0), 0.0),
        (Regularizer::custom("cubes", |w| w.powi(3).sum()), 1.0 - 8.0 + 0.125),
    ];
    for (regularizer, expected) in cases {
        let penalty = regularizer.penalty(&weight);
        assert!((penalty.item() - expected).abs() < 1e-6, "{regularizer:?}: {penalty:?}");
        assert_eq!(*penalty.shape(), Shape::from(()));
        // Away from the kink of |w| at 0.
        gradcheck(&(&weight + 0.25), |w| regularizer.penalty(w)).unwrap();
    }
    let dw = grad(|w| Regularizer::l1_l2(0.5, 0.5).penalty(w), &weight);
    assert_eq!(dw.to_vec::<f32>(), [1.5, -2.5, 1.0, 0.0]);
}

#[test]
fn the_penalty_of_a_model_is_that_of_what_it_trains() {
    let mut model = model();
    assert_eq!(model.penalty().item(), 0.0);
    model.first = model.first.regularized(Regularizer::l2(0.5));
    model.second = model.second.regularized(Regularizer::l1(2.0));
    assert_eq!(model.penalty().item(), 2.5 + 24.0);
    let (value, grads) = value_and_grad(&model, |model| loss(model) + model.penalty());
    assert_eq!(value.item(), 5.0 + 12.0 + 26.5);
    assert_eq!(grads.first.to_vec::<f32>(), [3.0, 6.0]);
    assert_eq!(grads.second.to_vec::<f32>(), [3.0, 3.0, 3.0]);
    model.second.freeze();
    assert_eq!(model.penalty().item(), 2.5);
    assert_eq!(model.cast(DType::F64).penalty().dtype(), DType::F64);
}

#[test]
fn a_frozen_model_is_left_alone_but_for_its_generators() {
    let mut model = model();
    model.freeze();
    let (_, grads) = value_and_grad(&model, |model| {
        assert!(!model.first.is_tracked() && !model.mean.is_training());
        loss(model)
    });
    assert_eq!(grads.first.to_vec::<f32>(), [0.0, 0.0]);
    model.adopt(&grads);
    assert_eq!(model.mean.value().to_vec::<f32>(), [0.0, 0.0]);
    assert_eq!(model.noise.state(), (7, 1));

    model.unfreeze();
    let (_, grads) = value_and_grad(&model, loss);
    assert_eq!(grads.first.to_vec::<f32>(), [2.0, 4.0]);
    model.adopt(&grads);
    assert_eq!(model.mean.value().to_vec::<f32>(), [1.0, 1.0]);
}

#[test]
fn what_is_frozen_after_the_pass_is_not_moved_by_it() {
    let mut model = model();
    let (_, grads) = value_and_grad(&model, loss);
    model.freeze();
    model.adopt(&grads);
    assert_eq!(model.mean.value().to_vec::<f32>(), [0.0, 0.0]);
    assert!(model.mean.is_frozen());
}

#[test]
fn clones_have_the_same_rules_and_keep_theirs() {
    let param = Param::new(Tensor::from([-1.0])).constrained(Constraint::non_negative());
    let mut clone = param.clone().regularized(Regularizer::l2(1.0)).frozen();
    assert!(param.is_trainable() && param.regularizer().is_none());
    clone.set(Tensor::from([-2.0]));
    clone.constrain();
    assert_eq!((clone.item(), param.item()), (0.0, -1.0));
    let double = clone.cast(DType::F64);
    assert!(double.regularizer().is_some() && double.constraint().is_some() && !double.is_trainable());
    assert!(clone.unfrozen().is_trainable());
}

#[test]
fn what_sets_a_parameter_apart_costs_the_others_a_pointer() {
    assert_eq!(size_of::<Param>(), size_of::<Tensor>() + size_of::<usize>());
}

#[test]
fn parameters_are_counted_found_and_replaced_by_name() {
    let mut model = model();
    model.second.freeze();
    assert_eq!((model.count_parameters(), model.count_trainable(), model.count_frozen()), (5, 2, 3));
    assert_eq!(model.parameter("second").map(|param| param.size()), Some(3));
    assert!(model.parameter("mean").is_none());

    model.set_parameter("first", &Tensor::new(vec![0.5_f64, 0.25], [2]));
    assert_eq!((model.first.dtype(), model.first.to_vec::<f32>()), (DType::F32, vec![0.5, 0.25]));
    model.set_parameter("second", &Tensor::ones([3, 1]));
    assert!(!model.second.is_trainable());

    let mut seen = Vec::new();
    model.for_each_parameter(&mut |name, param| {
        seen.push(name.to_string());
        param.set(Tensor::zeros(*param.shape()));
    });
    assert_eq!(seen, ["first", "second"]);
    assert_eq!(model.first.to_vec::<f32>(), [0.0, 0.0]);
}

#[test]
fn mistakes_are_refused_in_words() {
    let names = "set_parameter: there is no parameter `third`, only first, second";
    refused(names, || model().set_parameter("third", &Tensor::zeros([2])));
    let shape = "set_parameter: `second` is [3, 1], given [3]";
    refused(shape, || model().set_parameter("second", &Tensor::zeros([3])));
    let constrained = |axes: &[isize]| {
        let constraint = Constraint::unit_norm().axes(axes);
        move || drop(Param::new(Tensor::zeros([2, 3])).constrained(constraint))
    };
    refused("constraint: axis 2 of the norms does not exist\n  parameter  [2, 3]", constrained(&[0, 2]));
    refused("constraint: axis -2 of the norms is named twice\n  parameter  [2, 3]", constrained(&[0, -2]));
    let bounds = "constraint: 2 and 1 are no bounds of a norm; expected 0 <= min <= max";
    refused(bounds, || drop(Constraint::min_max_norm(2.0, 1.0)));
    let bounds = "constraint: 0 and NaN are no bounds of a norm; expected 0 <= min <= max";
    refused(bounds, || drop(Constraint::max_norm(f64::NAN)));
    refused("constraint: the rate 2 lies outside [0, 1]", || drop(Constraint::unit_norm().rate(2.0)));
    refused("constraint: NonNegative has no norms", || drop(Constraint::non_negative().keras_exact()));
    let weight = "regularizer: the weight -1 is not a finite number of at least 0";
    refused(weight, || drop(Regularizer::l1_l2(0.5, -1.0)));
}
