//! What can be set of every optimizer does what it says.

extern crate wengert_tensor as wengert;

use std::panic::{AssertUnwindSafe, catch_unwind};

use wengert_optim::{Adam, Core, Group, Optimizer, Sgd, Train, Tune};
use wengert_tensor::{Buffer, Gradients, Module, Param, Tensor, value_and_grad};

#[derive(Module, Clone, Debug)]
struct Line {
    weight: Param,
    bias: Param,
    seen: Buffer,
}

impl Line {
    fn new() -> Line {
        let seen = Buffer::new(Tensor::from([0.0]));
        Line { weight: Param::new(Tensor::from([3.0, 4.0])), bias: Param::new(Tensor::from([12.0])), seen }
    }

    /// Gradients that are these factors, whatever the parameters; the buffer counts.
    fn gradients(&self, weight: [f32; 2], bias: f32) -> Gradients<Line> {
        let weight = Tensor::from(weight);
        let (_, grads) = value_and_grad(self, |m| {
            m.seen.stage(&(m.seen.value() + 1.0));
            (&weight * &m.weight).sum() + &m.bias.sum() * f64::from(bias)
        });
        grads
    }

    fn values(&self) -> [f32; 4] {
        let (w, b) = (self.weight.to_vec::<f32>(), self.bias.to_vec::<f32>());
        [w[0], w[1], b[0], self.seen.value().to_vec::<f32>()[0]]
    }
}

/// The model after one step with a gradient of [3, 4] and 12, whose norms are 5, 12, and 13 together.
#[track_caller]
fn check(mut sgd: impl Optimizer, expected: [f32; 3]) {
    let mut model = Line::new();
    let grads = model.gradients([3.0, 4.0], 12.0);
    sgd.step(&mut model, &grads);
    let values = model.values();
    for (given, expected) in values.iter().zip(expected) {
        assert!((given - expected).abs() < 1e-5, "{values:?}, expected {expected:?}");
    }
    assert_eq!(values[3], 1.0, "the state was not adopted");
}

#[test]
fn gradients_are_clipped() {
    let sgd = || Sgd::new(1.0);
    check(sgd(), [0.0, 0.0, 0.0]);
    check(sgd().clip_value(3.5), [0.0, 0.5, 8.5]);
    check(sgd().clip_norm(10.0), [0.0, 0.0, 2.0]);
    check(sgd().clip_norm(2.5), [1.5, 2.0, 9.5]);
    check(sgd().clip_global_norm(6.5), [1.5, 2.0, 6.0]);
    check(sgd().clip_global_norm(13.5), [0.0, 0.0, 0.0]);
    check(sgd().clip_global_norm(0.0), [3.0, 4.0, 12.0]);
}

#[test]
fn weights_decay() {
    let sgd = || Sgd::new(0.5);
    // Without: w - g / 2.
    check(sgd(), [1.5, 2.0, 6.0]);
    check(sgd().weight_decay(0.1), [1.35, 1.8, 5.4]);
    check(sgd().l2(0.1), [1.35, 1.8, 5.4]);
    // Clipping comes before L2 decay, and leaves decoupled decay alone.
    check(sgd().l2(0.1).clip_value(1.0), [2.35, 3.3, 10.9]);
    check(sgd().weight_decay(0.1).clip_value(1.0), [2.35, 3.3, 10.9]);
}

#[test]
fn groups_differ_by_name() {
    let sgd = || Sgd::new(0.5).weight_decay(0.1);
    check(sgd().group(Group::named("bias").weight_decay(0.0)), [1.35, 1.8, 6.0]);
    check(sgd().group(Group::named("*").rate_factor(0.0)), [3.0, 4.0, 12.0]);
    check(sgd().group(Group::named("w*").rate_factor(2.0)), [-0.3, -0.4, 5.4]);
    check(sgd().group(Group::named("w*").l2(0.1)), [1.2, 1.6, 5.4]);
    // The first that fits counts.
    let both = sgd().group(Group::named("bias").rate_factor(0.0)).group(Group::named("*").weight_decay(0.0));
    check(both, [1.5, 2.0, 12.0]);
    check(Box::new(sgd()) as Box<dyn Optimizer>, [1.35, 1.8, 5.4]);
}

#[test]
fn several_steps_make_an_update_of_their_mean() {
    let (mut model, mut sgd) = (Line::new(), Sgd::new(1.0).accumulate(3).clip_value(3.5));
    for (step, expected) in [(1, 3.0), (2, 3.0), (3, 1.0), (4, 1.0), (5, 1.0), (6, -2.5)] {
        let grads = model.gradients([step as f32, 0.0], 0.0);
        sgd.step(&mut model, &grads);
        assert_eq!(model.values()[0], expected, "step {step}");
        assert_eq!(model.values()[3], step as f32, "the state follows in every step");
        assert_eq!(sgd.core().n_updates(), step / 3);
    }
}

#[test]
fn averages_follow_and_can_be_swapped() {
    let (mut model, mut sgd) = (Line::new(), Sgd::new(1.0).average(0.75));
    assert_eq!(sgd.averaged(&model).values(), model.values(), "nothing has been averaged yet");
    for _ in 0..2 {
        let grads = model.gradients([1.0, 0.0], 0.0);
        sgd.step(&mut model, &grads);
    }
    // 2, then 3/4 of 2 and 1/4 of 1.
    assert_eq!(sgd.averaged(&model).values(), [1.75, 4.0, 12.0, 2.0]);
    sgd.swap_averages(&mut model);
    assert_eq!(model.values(), [1.75, 4.0, 12.0, 2.0]);
    sgd.swap_averages(&mut model);
    assert_eq!(model.values(), [1.0, 4.0, 12.0, 2.0]);
}

#[test]
fn a_gradient_that_is_not_finite_changes_nothing() {
    let optimizers: [Box<dyn Optimizer>; 3] = [
        Box::new(Sgd::new(0.1)),
        Box::new(Adam::new(0.1).average(0.9)),
        Box::new(Adam::new(0.1).clip_global_norm(1.0).accumulate(2)),
    ];
    for mut optimizer in optimizers {
        let mut model = Line::new();
        let right = model.gradients([1.0, 2.0], 3.0);
        optimizer.step(&mut model, &right);
        let before = (model.values(), format!("{:?}", optimizer.state()));
        let wrong = model.gradients([1.0, f32::NAN], f32::INFINITY);
        let error = optimizer.try_step(&mut model, &wrong).unwrap_err();
        assert_eq!((error.name(), error.census().n_nan), ("weight", 1));
        let panic = catch_unwind(AssertUnwindSafe(|| optimizer.step(&mut model, &wrong))).unwrap_err();
        assert_eq!(*panic.downcast::<String>().unwrap(), error.to_string());
        assert_eq!((model.values(), format!("{:?}", optimizer.state())), before);
        let mut optimizer = optimizer.skip_nonfinite();
        optimizer.step(&mut model, &wrong);
        assert_eq!((model.values(), optimizer.core().n_skipped()), (before.0, 1));
    }
}

#[test]
fn the_origin_of_a_nan_is_told() {
    let mut weight = vec![Param::new(Tensor::from([-1.0]))];
    let (_, grads) = value_and_grad(&weight, |w| w[0].ln().sum());
    let message = Sgd::default()
        .try_step(&mut weight, &grads)
        .map(|()| String::new())
        .unwrap_or_else(|e| e.to_string());
    // Of a logarithm the slope at -1 is finite: the loss is not, the gradient is.
    assert_eq!(message, "");
    let (_, grads) = value_and_grad(&weight, |w| w[0].sqrt().sum());
    let message = Sgd::default().try_step(&mut weight, &grads).unwrap_err().to_string();
    assert!(
        message.starts_with("sgd: the gradient of `0` [1] is not finite\n  NaN       1 of 1\n  infinite  0 of 1\n  origin    sqrt: "),
        "{message}"
    );
}

#[test]
fn a_frozen_parameter_may_have_any_gradient_and_keeps_no_memory() {
    let mut model = Line::new();
    model.bias = model.bias.frozen();
    let (_, grads) = value_and_grad(&model, |m| m.weight.sum());
    let mut adam = Adam::default().average(0.5);
    adam.step(&mut model, &grads);
    let state = adam.state();
    let names: Vec<&str> =
        state.tensors().keys().map(String::as_str).filter(|name| name.contains('/')).collect();
    assert_eq!(names, ["weight/average", "weight/m", "weight/v"]);
}

/// 3 steps, a state, 4 steps more: by the optimizer that took the first three, and by one that was restored.
#[test]
fn a_restored_optimizer_goes_on_with_the_same_bits() {
    let make: [fn() -> Box<dyn Optimizer>; 3] = [
        || Box::new(Adam::new(0.1).amsgrad().accumulate(2).average(0.9)),
        || Box::new(wengert_optim::Nadam::new(0.1)),
        || Box::new(Sgd::pytorch(0.1).momentum(0.9).dampening(0.5).schedule(|step| 0.1 / (step + 1) as f64)),
    ];
    for make in make {
        let (mut model, mut first) = (Line::new(), make());
        let run = |model: &mut Line, optimizer: &mut Box<dyn Optimizer>, steps: std::ops::Range<usize>| {
            for step in steps {
                let grads = model.gradients([step as f32, 0.3], -0.7);
                optimizer.step(model, &grads);
            }
        };
        run(&mut model, &mut first, 0..3);
        let (mut copy, mut second) = (model.clone(), make());
        second.restore(&first.state(), &copy).unwrap();
        run(&mut model, &mut first, 3..7);
        run(&mut copy, &mut second, 3..7);
        assert_eq!(copy.values(), model.values());
        assert_eq!(format!("{:?}", first.state()), format!("{:?}", second.state()));
    }
}

#[test]
fn the_state_of_another_model_or_optimizer_is_refused() {
    let mut model = Line::new();
    let mut adam = Adam::default();
    let grads = model.gradients([1.0, 1.0], 1.0);
    adam.step(&mut model, &grads);
    let state = adam.state();
    let refused = |optimizer: &mut dyn Optimizer, model: &dyn Module| {
        optimizer.restore(&state, model).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&mut Sgd::default(), &model),
        "the state is that of another optimizer\n  state  adam   <- expected sgd"
    );
    let mut other = vec![Line::new()];
    other[0].weight = Param::new(Tensor::zeros([5]));
    let mut fresh = Adam::default();
    let (missing, left_over) = ("missing   <- expected", "<- not in the model");
    let message = refused(&mut fresh, &other);
    assert!(
        message.starts_with("the state of the optimizer does not fit the model\n  0.weight/m  missing"),
        "{message}"
    );
    assert_eq!((message.matches(missing).count(), message.matches(left_over).count()), (4, 4), "{message}");
    assert_eq!(
        refused(&mut fresh, &other[0]),
        "the state of the optimizer does not fit the model\n  weight/m  [2]   <- expected [5]\n  \
         weight/v  [2]   <- expected [5]"
    );
    assert_eq!(fresh.core().n_updates(), 0);
    assert!(fresh.restore(&state, &model).is_ok());
    let core: &Core = fresh.core();
    assert_eq!((core.name(), core.n_updates()), ("adam", 1));
}
