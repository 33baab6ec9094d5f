//! Steps of training: what they compute, and what they copy and keep.

extern crate wengert_tensor as wengert;

use wengert_array::pool;
use wengert_optim::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam, Optimizer, RAdam, RMSprop, Rprop,
    Sgd, Train, Tune,
};
use wengert_tensor::{Constraint, DType, Module, Param, Rng, Tensor, value_and_grad};

#[derive(Module, Clone, Debug)]
struct Mlp {
    first: Param,
    bias: Param,
    second: Param,
}

impl Mlp {
    fn new() -> Mlp {
        let mut rng = Rng::seed(1);
        let mut param = |shape: [usize; 2]| Param::new(Tensor::randn(shape, &mut rng) * 0.3);
        Mlp { first: param([8, 16]), bias: param([1, 16]), second: param([16, 4]) }
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        (x.matmul(&self.first) + &self.bias).relu().matmul(&self.second)
    }
}

fn data() -> (Tensor, Tensor) {
    let mut rng = Rng::seed(2);
    (Tensor::randn([32, 8], &mut rng), Tensor::randn([32, 4], &mut rng))
}

fn optimizers() -> Vec<Box<dyn Optimizer>> {
    vec![
        Box::new(Sgd::new(0.05)),
        Box::new(Sgd::new(0.02).momentum(0.9)),
        Box::new(Sgd::new(0.02).momentum(0.9).nesterov()),
        Box::new(Adam::new(0.01)),
        Box::new(Adam::new(0.01).amsgrad()),
        Box::new(AdamW::new(0.01)),
        Box::new(Adamax::new(0.01)),
        Box::new(Nadam::new(0.01)),
        Box::new(RAdam::new(0.01)),
        Box::new(RMSprop::new(0.01)),
        Box::new(RMSprop::new(0.01).momentum(0.9).centered()),
        Box::new(Adagrad::new(0.1)),
        Box::new(Adadelta::new(1.0)),
        Box::new(Ftrl::new(0.1)),
        Box::new(Lamb::new(0.01)),
        Box::new(Lion::new(0.001)),
        Box::new(Rprop::new(0.01)),
        Box::new(Muon::new(0.01)),
        Box::new(Sgd::new(0.05).weight_decay(0.01).l2(0.01).clip_value(1.0)),
        Box::new(Adam::new(0.01).clip_norm(0.1).average(0.9)),
        Box::new(Adam::new(0.01).clip_global_norm(0.1).accumulate(2)),
    ]
}

#[test]
fn a_step_copies_no_buffer_while_loss_outputs_and_gradients_are_kept() {
    for mut optimizer in optimizers() {
        let (mut model, (x, y)) = (Mlp::new(), data());
        let mut kept = Vec::new();
        let before = pool::statistics().copies_on_write;
        for _ in 0..5 {
            let (outcome, grads) = value_and_grad(&model, |m| {
                let output = m.forward(&x);
                ((&output - &y).square().mean(), output)
            });
            optimizer.step(&mut model, &grads);
            kept.push((outcome, grads));
        }
        assert_eq!(pool::statistics().copies_on_write, before, "{optimizer:?}");
    }
}

#[test]
fn a_clone_of_the_model_is_not_changed_by_a_step() {
    let mut model = Mlp::new();
    let before = model.clone();
    let (x, y) = data();
    let (_, grads) = value_and_grad(&model, |m| (m.forward(&x) - &y).square().mean());
    Sgd::new(0.1).step(&mut model, &grads);
    assert_eq!(before.first.to_vec::<f32>(), Mlp::new().first.to_vec::<f32>());
    assert_ne!(model.first.to_vec::<f32>(), before.first.to_vec::<f32>());
}

#[test]
fn moments_never_sink_into_denormals() {
    for mut optimizer in optimizers() {
        let mut weights = vec![Param::new(Tensor::ones([40])), Param::new(Tensor::ones([4, 10]))];
        // A gradient once, and hardly any after it: moments of all decays sink through the whole range.
        for step in 0..3000 {
            let size = if step == 0 { 1e-15 } else { 0.0 };
            let (_, grads) = value_and_grad(&weights, |w| (w[0].sum() + w[1].sum()) * size);
            optimizer.step(&mut weights, &grads);
        }
        for (name, array) in optimizer.state().tensors() {
            let is_flushed =
                array.dtype() != DType::F32 || array.to_vec::<f32>().iter().all(|x| !x.is_subnormal());
            assert!(is_flushed, "{optimizer:?}: {name}");
        }
    }
}

#[test]
fn memory_is_flat_over_ten_thousand_steps() {
    let (mut model, (x, y)) = (Mlp::new(), data());
    let mut adam = Adam::default();
    let mut step = || {
        let (loss, grads) = value_and_grad(&model, |m| (m.forward(&x) - &y).square().mean());
        adam.step(&mut model, &grads);
        loss.item()
    };
    for _ in 0..100 {
        step();
    }
    let (before, resident) = (pool::statistics(), resident_bytes());
    for _ in 0..10_000 {
        step();
    }
    let after = pool::statistics();
    assert_eq!((after.fresh, after.bytes_held), (before.fresh, before.bytes_held));
    assert!(after.reused > before.reused + 100_000);
    if let (Some(before), Some(after)) = (resident, resident_bytes()) {
        assert!(after < before + (8 << 20), "{before} bytes have become {after}");
    }
}

/// The memory of this process, where the system tells it. Other tests of this process run beside this one.
fn resident_bytes() -> Option<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(pages.split_whitespace().nth(1)?.parse::<usize>().ok()? * 4096)
}

#[test]
fn a_frozen_parameter_keeps_its_bytes() {
    let mut model = Mlp::new();
    model.bias = model.bias.frozen();
    let before = model.bias.to_vec::<f32>();
    let (x, y) = data();
    for mut optimizer in optimizers() {
        let (_, grads) = value_and_grad(&model, |m| (m.forward(&x) - &y).square().mean());
        optimizer.step(&mut model, &grads);
    }
    assert_eq!(model.bias.to_vec::<f32>(), before);
}

#[test]
fn a_step_that_does_not_fit_changes_nothing() {
    let mut other = Mlp::new();
    other.second = Param::new(Tensor::zeros([16, 5]));
    let before = other.first.to_vec::<f32>();
    let (x, y) = data();
    let (_, grads) = value_and_grad(&Mlp::new(), |m| (m.forward(&x) - &y).square().mean());
    let step = std::panic::AssertUnwindSafe(|| Sgd::new(0.1).step(&mut other, &grads));
    let message = *std::panic::catch_unwind(step).unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "gradients: part 2 is [16, 5] in the model, its gradient [16, 4]");
    assert_eq!(other.first.to_vec::<f32>(), before);
}

#[test]
fn a_step_that_is_refused_does_not_count() {
    let (x, y) = data();
    let loss = |m: &Mlp| (m.forward(&x) - &y).square().mean();
    let [by_one, by_two] = [false, true].map(|has_refused_one| {
        let (mut model, mut adam) = (Mlp::new(), Adam::default());
        let (_, grads) = value_and_grad(&model, loss);
        if has_refused_one {
            let mut other = Mlp::new();
            other.second = Param::new(Tensor::zeros([16, 5]));
            let step = std::panic::AssertUnwindSafe(|| adam.step(&mut other, &grads));
            assert!(std::panic::catch_unwind(step).is_err());
        }
        adam.step(&mut model, &grads);
        model.first.to_vec::<f32>()
    });
    assert_eq!(by_one, by_two);
}

#[test]
#[should_panic(expected = "adam: the parameter `` is [3], but was [2] in earlier steps")]
fn an_optimizer_with_moments_refuses_another_model() {
    let mut adam = Adam::default();
    for n in [2, 3] {
        let mut weight = Param::new(Tensor::zeros([n]));
        let (_, grads) = value_and_grad(&weight, |w| w.sum());
        adam.step(&mut weight, &grads);
    }
}

#[test]
fn constraints_hold_after_the_step_of_every_optimizer() {
    for mut optimizer in optimizers() {
        let positive = Param::new(Tensor::from([1e-4, 5.0])).constrained(Constraint::non_negative());
        let free = Param::new(Tensor::from([1e-4, 5.0]));
        let frozen = Param::new(Tensor::from([-1.0, 5.0])).constrained(Constraint::non_negative()).frozen();
        let mut model = vec![positive, free, frozen];
        for _ in 0..3 {
            let (_, grads) = value_and_grad(&model, |model| (&model[0] + &model[1] + &model[2]).sum());
            optimizer.step(&mut model, &grads);
        }
        let values: Vec<Vec<f32>> = model.iter().map(|param| param.to_vec()).collect();
        assert!(values[0][0] == 0.0 && values[1][0] < 0.0, "{optimizer:?}: {values:?}");
        assert!(values[0][1] < 5.0 && values[2] == [-1.0, 5.0], "{optimizer:?}: {values:?}");
    }
}
