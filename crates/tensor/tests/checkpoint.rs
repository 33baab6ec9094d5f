//! Checkpoints: the same derivatives, less memory, and state that moves on once.

extern crate wengert_tensor as wengert;

use wengert_array::pool;
use wengert_tensor::{
    Buffer, DType, Generator, Module, Param, Rng, Tape, Tensor, checkpoint, grad, gradcheck, gradgradcheck,
    value_and_grad,
};

fn block(x: &Tensor) -> Tensor {
    x.sin().exp().tanh() * x.sum()
}

fn random(shape: &[usize], seed: u64) -> Tensor {
    Tensor::randn(shape, &mut Rng::seed(seed))
}

#[test]
fn derivatives_of_both_orders_are_those_without() {
    let x = random(&[5], 1).cast(DType::F64);
    let with = |x: &Tensor| checkpoint(&checkpoint(x, block), block);
    let without = |x: &Tensor| block(&block(x));
    gradcheck(&x, with).unwrap();
    gradgradcheck(&x, with).unwrap();
    let first = |f: &dyn Fn(&Tensor) -> Tensor| grad(|x| f(x).sum(), &x).to_vec::<f64>();
    assert_eq!(first(&with), first(&without));
    let second =
        |f: &dyn Fn(&Tensor) -> Tensor| grad(|x| grad(|x| f(x).sum(), x).square().sum(), &x).to_vec::<f64>();
    for (with, without) in second(&with).into_iter().zip(second(&without)) {
        assert!((with - without).abs() <= 1e-13 * without.abs(), "{with:e}, not {without:e}");
    }
}

#[test]
fn the_tape_holds_one_operation_for_all_of_it() {
    let x = random(&[3], 1).tracked();
    let y = checkpoint(&x, block).sum();
    assert_eq!(Tape::of(&y).len(), 3);
    assert!(Tape::of(&y).to_string().contains("checkpoint"));
}

#[test]
fn its_cost_counts_and_a_nan_in_it_is_found() {
    let x = random(&[3], 1).tracked();
    let flops = |y: &Tensor| Tape::of(y).statistics().flops;
    assert_eq!(flops(&checkpoint(&x, block)), flops(&block(&x)));
    let y = checkpoint(&x, |x| (-x.square()).ln()).sum();
    let culprit = Tape::of(&y).first_nonfinite().expect("the logarithm of a negative number");
    assert_eq!(culprit.operation, "checkpoint");
}

#[test]
fn without_a_tracked_input_nothing_is_recorded() {
    assert!(!checkpoint(&random(&[3], 1), block).is_tracked());
}

#[test]
fn only_tracked_inputs_get_derivatives() {
    let (x, y) = (random(&[2], 1), random(&[2], 2));
    let dx = grad(|x| checkpoint(&[x.clone(), y.clone()], |[x, y]| x * y).sum(), &x);
    assert_eq!(dx.to_vec::<f32>(), y.to_vec::<f32>());
    let unused = grad(|x| (checkpoint(&[x.clone(), y.clone()], |[_, y]| y.exp()) + x).sum(), &x);
    assert_eq!(unused.to_vec::<f32>(), [1.0, 1.0]);
}

#[test]
#[should_panic(expected = "reads a tracked tensor that is not among its inputs")]
fn a_captured_tracked_tensor_is_refused() {
    let w = Tensor::from([1.0, 2.0]).tracked();
    checkpoint(&random(&[2], 1), move |x| x * &w);
}

/// A layer with random numbers and with state that every use of it in training moves on.
#[derive(Module, Clone, Debug)]
struct Noisy {
    weight: Param,
    uses: Buffer,
    noise: Generator,
}

impl Noisy {
    fn new(seed: u64) -> Noisy {
        let weight = Param::new(random(&[4, 4], seed).cast(DType::F64));
        Noisy { weight, uses: Buffer::new(Tensor::from(0.0)), noise: Generator::new(seed) }
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        self.uses.stage(&(self.uses.value() + 1.0));
        let y = x.matmul(&self.weight).tanh() * self.uses.value();
        match self.noise.draw() {
            Some(mut rng) => y * Tensor::uniform([4], 0.0, 1.0, &mut rng),
            None => y,
        }
    }
}

#[test]
fn random_numbers_and_state_are_those_of_the_first_pass() {
    let model = [Noisy::new(1), Noisy::new(2)];
    let x = random(&[3, 4], 3).cast(DType::F64);
    let plain = value_and_grad(&model, |[a, b]| a.forward(&b.forward(&b.forward(&x))).sum());
    let spared = value_and_grad(&model, |[a, b]| {
        let run = |layer: &Noisy, x: &Tensor| {
            checkpoint(&(layer.clone(), x.clone()), |(layer, x)| layer.forward(x))
        };
        run(a, &run(b, &run(b, &x))).sum()
    });
    assert_eq!(plain.0.item(), spared.0.item());
    for (plain, spared) in plain.1.iter().zip(spared.1.iter()) {
        assert_eq!(plain.weight.to_vec::<f64>(), spared.weight.to_vec::<f64>());
        assert_eq!(plain.uses.value().item(), spared.uses.value().item());
        assert_eq!(plain.noise.state(), spared.noise.state());
    }
    assert_eq!((spared.1[0].uses.value().item(), spared.1[1].uses.value().item()), (1.0, 2.0));
}

/// A chain of 64 layers of 64 KiB each, in blocks of 8 or whole: the most bytes that its gradient needs at a time.
fn peak_bytes(is_checkpointed: bool) -> i64 {
    let x = random(&[128, 128], 1);
    let run = |x: &Tensor| (0..8).fold(x.clone(), |x, _| x.sin());
    pool::reset_peak();
    let before = pool::statistics().peak_bytes_used;
    let chain = |x: &Tensor| {
        (0..8).fold(x.clone(), |x, _| if is_checkpointed { checkpoint(&x, run) } else { run(&x) })
    };
    grad(|x| chain(x).sum(), &x);
    pool::statistics().peak_bytes_used - before
}

#[test]
fn blocks_of_the_root_need_memory_of_the_root() {
    let layer = 128 * 128 * 4;
    let (whole, blocks) = (peak_bytes(false), peak_bytes(true));
    assert!(whole >= 64 * layer, "{whole}");
    assert!(blocks <= 20 * layer, "{blocks} of {whole}");
}
