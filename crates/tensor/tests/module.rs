//! Models: the walk that the derive macro writes, and training copies with their state.

extern crate wengert_tensor as wengert;

use wengert_tensor::{
    Buffer, DType, Generator, Module, Param, Tensor, value_and_grad, value_and_grad_allowing_unreached,
};

#[derive(Module, Clone, Debug)]
struct Layer {
    weight: Param,
    bias: Option<Param>,
    n_units: usize,
}

fn layer(value: f64, has_bias: bool) -> Layer {
    let param = |x| Param::new(Tensor::full([2], x));
    Layer { weight: param(value), bias: has_bias.then(|| param(1.0)), n_units: 2 }
}

#[derive(Module, Clone, Debug)]
struct Pair(Param, Layer);

#[derive(Module, Clone, Debug)]
enum Choice {
    Nothing,
    One(Layer),
    Named { inner: Layer },
}

#[derive(Clone, Debug)]
struct NotAModule;

#[derive(Module, Clone, Debug)]
struct Everything<L> {
    nested: Layer,
    list: Vec<L>,
    array: [Layer; 2],
    tuple: (Param, Layer),
    absent: Option<Layer>,
    boxed: Box<Pair>,
    choices: Vec<Choice>,
    name: String,
    #[module(skip)]
    #[allow(dead_code, reason = "stands for what a model may carry along")]
    skipped: NotAModule,
}

fn everything() -> Everything<Layer> {
    Everything {
        nested: layer(1.0, true),
        list: vec![layer(1.0, false), layer(1.0, true)],
        array: [layer(1.0, false), layer(1.0, false)],
        tuple: (Param::new(Tensor::zeros([3])), layer(1.0, false)),
        absent: None,
        boxed: Box::new(Pair(Param::new(Tensor::zeros([1])), layer(1.0, false))),
        choices: vec![
            Choice::Nothing,
            Choice::One(layer(1.0, false)),
            Choice::Named { inner: layer(1.0, false) },
        ],
        name: "everything".to_string(),
        skipped: NotAModule,
    }
}

#[test]
fn every_kind_of_part_is_visited_in_order() {
    let names: Vec<String> = everything().parameters().into_iter().map(|(name, _)| name).collect();
    let expected = [
        "nested.weight",
        "nested.bias",
        "list.0.weight",
        "list.1.weight",
        "list.1.bias",
        "array.0.weight",
        "array.1.weight",
        "tuple.0",
        "tuple.1.weight",
        "boxed.0",
        "boxed.1.weight",
        "choices.1.0.weight",
        "choices.2.inner.weight",
    ];
    assert_eq!(names, expected);
    assert_eq!(everything().count_parameters(), 11 * 2 + 3 + 1);
}

#[test]
fn a_cast_reaches_every_part() {
    let model = everything().cast(DType::F64);
    assert!(model.parameters().iter().all(|(_, param)| param.dtype() == DType::F64));
    assert_eq!(model.cast(DType::F32).parameters().len(), 13);
}

#[test]
fn gradients_have_the_form_of_the_model() {
    let model = layer(3.0, true);
    let x = Tensor::from([1.0, 2.0]);
    let (_, grads) = value_and_grad(&model, |m| (&x * &m.weight + m.bias.as_ref().unwrap()).square().sum());
    assert_eq!(grads.weight.to_vec::<f32>(), [2.0 * 4.0, 2.0 * 7.0 * 2.0]);
    assert_eq!(grads.bias.as_ref().unwrap().to_vec::<f32>(), [8.0, 14.0]);
    assert_eq!(grads.n_units, 2);
    assert!(!model.weight.is_tracked(), "the model itself is not touched");
}

#[test]
fn a_shared_parameter_accumulates() {
    let model = layer(3.0, false);
    let (_, grads) = value_and_grad(&model, |m| (m.weight.square() + &m.weight * 2.0).sum());
    assert_eq!(grads.weight.to_vec::<f32>(), [8.0, 8.0]);
}

#[test]
#[should_panic(expected = "value_and_grad: the loss does not depend on `1.bias` [2]")]
fn a_parameter_that_the_loss_never_reached_is_named() {
    value_and_grad(&Pair(Param::new(Tensor::zeros([2])), layer(1.0, true)), |m| (&m.0 * &m.1.weight).sum());
}

#[test]
fn an_unreached_parameter_may_be_allowed() {
    let model = layer(3.0, true);
    let (_, grads) = value_and_grad_allowing_unreached(&model, |m| m.weight.sum());
    assert_eq!(grads.bias.as_ref().unwrap().to_vec::<f32>(), [0.0, 0.0]);
}

#[test]
fn a_frozen_parameter_is_no_leaf() {
    let mut model = layer(3.0, true);
    model.weight = model.weight.frozen();
    let ((_, seen), grads) = value_and_grad(&model, |m| {
        let is_tracked = m.weight.is_tracked();
        ((&m.weight * m.bias.as_ref().unwrap()).sum(), is_tracked)
    });
    assert!(!seen);
    assert_eq!(grads.weight.to_vec::<f32>(), [0.0, 0.0]);
}

#[derive(Module, Clone, Debug)]
struct Stateful {
    weight: Param,
    count: Buffer,
    noise: Generator,
}

impl Stateful {
    fn forward(&self) -> Tensor {
        self.count.stage(&(self.count.value() + 1.0));
        let draw = self.noise.draw().map_or(0.0, |mut rng| rng.next_f64());
        &self.weight * draw
    }
}

#[test]
fn state_is_staged_in_training_and_adopted_afterwards() {
    let mut model = Stateful {
        weight: Param::new(Tensor::from(1.0)),
        count: Buffer::new(Tensor::from(0.0)),
        noise: Generator::new(1),
    };
    let ((first, second), grads) = {
        let ((_, draws), grads) = value_and_grad(&model, |m| {
            let (a, b) = (m.forward(), m.forward());
            (&a + &b, (a.item(), b.item()))
        });
        (draws, grads)
    };
    assert_ne!(first, second, "each draw has numbers of its own");
    assert_eq!(model.count.value().item(), 0.0, "the model itself is not touched");
    assert_eq!((grads.count.value().item(), grads.noise.state()), (2.0, (1, 2)));
    model.adopt(&grads);
    assert_eq!((model.count.value().item(), model.noise.state()), (2.0, (1, 2)));
    model.forward();
    assert_eq!(model.count.value().item(), 2.0, "a model at rest does not change");
    let ((_, third), _) = value_and_grad(&model, |m| {
        let y = m.forward();
        (y.clone(), y.item())
    });
    assert!(third != first && third != second, "training continues where it was");
}

#[test]
#[should_panic(expected = "gradients: part 0 is [3] in the model, its gradient [2]")]
fn gradients_of_another_model_are_refused() {
    let (_, grads) = value_and_grad(&Param::new(Tensor::zeros([2])), |w| w.sum());
    Param::new(Tensor::zeros([3])).adopt(&grads);
}

#[test]
fn a_cast_of_a_training_copy_stages_for_the_model() {
    let model = Stateful {
        weight: Param::new(Tensor::from(1.0)),
        count: Buffer::new(Tensor::from(0.0)),
        noise: Generator::new(1),
    };
    let (_, grads) = value_and_grad(&model, |m| {
        let double = m.cast(DType::F64);
        assert!(double.count.is_training());
        let y = double.forward();
        assert_eq!(double.count.value().dtype(), DType::F64);
        y
    });
    assert_eq!((grads.count.value().item(), grads.count.value().dtype()), (1.0, DType::F32));
}
