//! Graphs that are no chain: ways around, branches, layers that are used twice; and models asked from many threads.

extern crate wengert_tensor as wengert;

use std::thread;

use wengert_nn::{
    Activation, BatchNorm, Branches, Dense, Dropout, Embedding, Flatten, Join, Layer, Permute, Reshape,
    Residual, Sequential, ZeroPadding,
};
use wengert_optim::{Adam, Train};
use wengert_tensor::{
    DType, Indices, Module, Rng, Tensor, grad, gradcheck, value_and_grad, value_and_grad_allowing_unreached,
};

fn data(shape: [usize; 2]) -> Tensor {
    Tensor::randn(shape, &mut Rng::seed(11))
}

#[test]
fn branches_give_what_their_layers_give() {
    let mut rng = Rng::seed(1);
    let (a, b) = (Dense::new(3, 4, &mut rng).tanh(), Dense::new(3, 4, &mut rng).sigmoid());
    let x = data([5, 3]);
    let (of_a, of_b) = (a.forward(&x), b.forward(&x));
    let joined = |join| Branches::new(join, vec![Box::new(a.clone()), Box::new(b.clone())]).forward(&x);
    assert_eq!(joined(Join::Add).to_vec::<f32>(), (&of_a + &of_b).to_vec::<f32>());
    assert_eq!(joined(Join::Multiply).to_vec::<f32>(), (&of_a * &of_b).to_vec::<f32>());
    assert_eq!(joined(Join::Concat(-1)).to_vec::<f32>(), Tensor::concat(&[&of_a, &of_b], -1).to_vec::<f32>());
    let residual = Residual::new(Dense::new(3, 3, &mut rng));
    assert_eq!(residual.forward(&x).to_vec::<f32>(), (&x + residual.inner.forward(&x)).to_vec::<f32>());
}

#[test]
fn a_graph_has_names_seeds_and_shapes_of_its_own() {
    let build = |seed| {
        Sequential::new([2, 3])
            .seed(seed)
            .add(Branches::concat(1).branch(|b| b).branch(|b| {
                b.add(Residual::of(|inner| inner.add(Dense::units(3)))).add(Dense::units(3).tanh())
            }))
            .add(Branches::add().branch(|b| b).branch(|b| b))
    };
    let model = build(1);
    assert_eq!(*model.output(), [4, 3]);
    let names: Vec<String> = model.parameters().into_iter().map(|(name, _)| name).collect();
    let inner = "concat.branches.1.residual.inner.dense";
    let outer = "concat.branches.1.dense";
    assert_eq!(names, [inner, outer].map(|name| [format!("{name}.weight"), format!("{name}.bias")]).concat());
    let first = |model: &Sequential| model.parameters()[0].1.to_vec::<f32>();
    assert_eq!(first(&build(1)), first(&model));
    assert_ne!(first(&build(2)), first(&model));
    assert_ne!(first(&model), model.parameters()[2].1.to_vec::<f32>());
}

/// A layer that two places share: a struct that holds it once.
#[derive(Module, Clone, Debug)]
struct Twins {
    shared: Dense,
    join: Dense,
}

impl Layer for Twins {
    fn forward(&self, x: &Tensor) -> Tensor {
        let halves = x.chunk(2, -1);
        let [left, right] = [&halves[0], &halves[1]].map(|half| self.shared.forward(half).tanh());
        self.join.forward(&Tensor::concat(&[&left, &right], -1))
    }
}

#[test]
fn a_layer_that_is_used_twice_accumulates() {
    let mut rng = Rng::seed(1);
    let twins = Twins { shared: Dense::new(2, 3, &mut rng), join: Dense::new(6, 1, &mut rng) };
    let x = data([5, 4]);
    gradcheck(&twins, |twins| twins.forward(&x)).unwrap();
    // The sum of the derivatives of two layers that only look alike.
    let (_, shared) = value_and_grad(&twins, |twins| twins.forward(&x).sum());
    let apart = (twins.shared.clone(), twins.shared.clone());
    let halves = x.chunk(2, -1);
    let (_, apart) = value_and_grad(&apart, |(left, right)| {
        let parts = [left.forward(&halves[0]).tanh(), right.forward(&halves[1]).tanh()];
        twins.join.forward(&Tensor::concat(&[&parts[0], &parts[1]], -1)).sum()
    });
    let sum = (&apart.0.weight + &apart.1.weight).to_vec::<f32>();
    for (shared, sum) in shared.shared.weight.to_vec::<f32>().iter().zip(sum) {
        assert!((shared - sum).abs() < 1e-5);
    }
}

#[test]
fn a_table_is_asked_with_indices_or_whole_numbers() {
    let table = Embedding::from_tensor(Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]));
    let picked = table.pick(&Indices::new(vec![2_u32, 0, 2, 2], [2, 2]));
    assert_eq!(*picked.shape(), [2, 2, 2]);
    let x = Tensor::from([[2.0, 0.0], [2.0, 2.0]]);
    assert_eq!(table.forward(&x).to_vec::<f32>(), picked.to_vec::<f32>());
    assert_eq!(table.forward(&x.cast(DType::F64)).to_vec::<f32>(), picked.to_vec::<f32>());
    let (_, grads) = value_and_grad(&table, |table| table.forward(&x).sum());
    assert_eq!(grads.weight.to_vec::<f32>(), [1.0, 1.0, 0.0, 0.0, 3.0, 3.0]);
    let dx = grad(|x| table.forward(x).sum(), &x);
    assert_eq!(dx.to_vec::<f32>(), [0.0; 4]);
}

#[test]
fn numbers_that_are_no_index_are_named() {
    let table = Embedding::from_tensor(Tensor::zeros([3, 2]));
    for wrong in [-1.0, 0.5, 3.0, f32::NAN, f32::INFINITY] {
        let x = Tensor::from([0.0, wrong]);
        let expected = format!(
            "the input holds what is no index of the table\n  x          [2]\n  element 1  {wrong}   <- expected whole \
             numbers from 0 to 2"
        );
        assert_eq!(table.check_input(&x).unwrap_err().to_string(), expected);
        let model = Sequential::new([]).add(table.clone()).add(Flatten);
        let within = Branches::new(Join::Add, vec![Box::new(Residual::new(model))]);
        assert!(within.check_input(&x).is_err());
        let panic = std::panic::catch_unwind(|| table.forward(&x)).unwrap_err();
        assert_eq!(*panic.downcast_ref::<String>().unwrap(), format!("embedding: {expected}"));
    }
    // An f32 cannot tell 2²⁴ from 2²⁴ + 1.
    let large = Embedding::from_tensor(Tensor::zeros([1 << 25, 1]));
    let x = Tensor::from([16_777_216.0]);
    assert!(large.check_input(&x).is_err() && large.check_input(&x.cast(DType::F64)).is_ok());
}

#[test]
fn a_table_behind_layers_that_move_numbers_is_asked_too() {
    let table = |n_things: usize| Embedding::from_tensor(Tensor::zeros([n_things, 2]));
    let row = || Sequential::new([2]);
    let moved = row().add(Reshape::to([2, 1])).add(Permute::to([2, 1])).add(ZeroPadding::new([(1, 0)]));
    let (right, wrong) = (Tensor::from([[0.0, 1.0], [2.0, 0.0]]), Tensor::from([[0.0, 1.0], [2.0, 3.0]]));
    for model in [
        row().add(Flatten).add(table(3)),
        row().add(moved.clone()).add(table(3)),
        row().add(
            Branches::concat(-1)
                .branch(|b| b)
                .branch(move |b| b.add(moved).add(Flatten).add(table(3)).add(Flatten)),
        ),
    ] {
        assert!(model.check_input(&right).is_ok());
        let problem = model.check_input(&wrong).unwrap_err().to_string();
        assert!(problem.contains("element 3  3   <- expected whole numbers from 0 to 2"), "{problem}");
    }
    // What has been computed is not among the numbers of the input.
    let computed = row().add(Activation::Relu6).add(table(7));
    assert!(computed.check_input(&Tensor::from([[99.0, -1.0]])).is_ok());
}

#[test]
fn dropouts_of_one_seed_drop_the_same_and_go_on() {
    let build = |seed| Sequential::new([50]).seed(seed).add(Dropout::rate(0.5)).add(Dropout::rate(0.5));
    let x = Tensor::ones([2, 50]);
    let pass = |model: &Sequential| {
        value_and_grad_allowing_unreached(model, |model| (Tensor::from(0.0), model.forward(&x)))
    };
    let mut model = build(1);
    let ((_, first), grads) = pass(&model);
    assert_eq!(pass(&build(1)).0.1.to_vec::<f32>(), first.to_vec::<f32>());
    assert_eq!(pass(&model).0.1.to_vec::<f32>(), first.to_vec::<f32>());
    assert_ne!(pass(&build(2)).0.1.to_vec::<f32>(), first.to_vec::<f32>());
    model.adopt(&grads);
    assert_ne!(pass(&model).0.1.to_vec::<f32>(), first.to_vec::<f32>());
    // Two layers drop independently: a quarter is left.
    let n_left = first.to_vec::<f32>().iter().filter(|&&y| y == 4.0).count();
    assert!((10..40).contains(&n_left), "{n_left}");
    let all = Sequential::new([50]).add(Dropout::rate(1.0));
    assert_eq!(pass(&all).0.1.to_vec::<f32>(), [0.0; 100]);
}

#[test]
fn a_model_asked_from_eight_threads_while_a_copy_trains_gives_the_same_bits() {
    let model = Sequential::new([6])
        .add(Dense::units(32).relu())
        .add(BatchNorm::axis(-1))
        .add(Residual::of(|inner| inner.add(Dropout::rate(0.3)).add(Dense::units(32).tanh())))
        .add(Dense::units(3))
        .add(Activation::Softmax);
    let x = data([64, 6]);
    let expected = model.forward(&x);
    let mut trained = model.clone();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert!(model.forward(&x).array().bit_eq(expected.array()));
                }
            });
        }
        let mut adam = Adam::new(0.01);
        for _ in 0..50 {
            let (_, grads) = value_and_grad(&trained, |model| model.forward(&x).square().sum());
            adam.step(&mut trained, &grads);
        }
    });
    assert!(!trained.forward(&x).array().bit_eq(expected.array()));
    assert!(model.forward(&x).array().bit_eq(expected.array()));
}
