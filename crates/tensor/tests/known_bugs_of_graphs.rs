//! Bugs found in the trackers of other frameworks, in what is recorded, kept and shared: each as the fact that holds here.

use wengert_tensor::{
    Array, DType, Mismatch, Needs, Op, Rng, Sample, Shape, Tape, Tensor, apply, grad, gradcheck,
    gradgradcheck,
};

/// y = ln(1 + x²),  dy/dx = 2 x / (1 + x²)
///
/// `1 + x²` is an intermediate: neither an input nor the output. It is computed once, and kept for the kernel.
#[derive(Clone, Debug)]
struct LogSquare {
    below: Array,
    /// Whether the rule reads what was kept, as if it did not depend on `x`.
    is_wrong: bool,
}

fn log_square(x: &Tensor, is_wrong: bool) -> Tensor {
    let below = one_plus_square(&x.detach()).array().clone();
    apply(LogSquare { below, is_wrong }, [x])
}

fn one_plus_square(x: &Tensor) -> Tensor {
    x.square() + 1.0
}

impl Op<1> for LogSquare {
    const NAME: &'static str = "log_square";
    const NEEDS: [Needs; 1] = [Needs::input(0)];

    fn shape(&self, [x]: [&Shape; 1]) -> Result<Shape, Mismatch> {
        Ok(*x)
    }

    fn forward(&self, _: [&Array; 1], _: &Shape) -> Array {
        Tensor::from(self.below.clone()).ln().array().clone()
    }

    fn vjp(&self, _: usize, [x]: [&Tensor; 1], _: &Tensor, dy: &Tensor) -> Tensor {
        let below = if self.is_wrong { self.below.clone().into() } else { one_plus_square(x) };
        dy * x * 2.0 / below
    }

    fn vjp_kernel(
        &self,
        _: [bool; 1],
        [x]: [&Array; 1],
        _: &Array,
        dy: &mut Array,
    ) -> Option<[Option<Array>; 1]> {
        let [x, dy, below] = [x, &*dy, &self.below].map(|array| Tensor::from(array.clone()));
        Some([Some((dy * x * 2.0 / below).array().clone())])
    }

    // What it keeps belongs to one input, so that there is no sample of it in other layouts.
    fn samples() -> Vec<Sample<Self, 1>> {
        Vec::new()
    }
}

#[test]
fn an_operation_that_keeps_intermediates_is_twice_differentiable() {
    let x = Tensor::new(vec![0.5, -1.5, 0.0], [3]);
    let f = |x: &Tensor| log_square(x, false).sum();
    gradcheck(&x, f).unwrap();
    gradgradcheck(&x, f).unwrap();
    // y'' = 2 (1 - x²) / (1 + x²)²
    let second = grad(|x| grad(f, x).sum(), &x).to_vec::<f64>();
    assert!((second[0] - 0.96).abs() < 1e-15 && second[2] == 2.0, "{second:?}");
}

#[test]
fn a_rule_that_takes_an_intermediate_for_a_constant_is_caught_at_second_order() {
    let x = Tensor::new(vec![0.5, -1.5, 0.1], [3]);
    let f = |x: &Tensor| log_square(x, true).sum();
    gradcheck(&x, f).unwrap();
    assert!(gradgradcheck(&x, f).is_err());
}

#[test]
fn a_pooled_buffer_never_aliases_a_live_view() {
    let make = || Tensor::arange(1000).reshape([20, 50]) * 1.0;
    let views: [fn(&Tensor) -> Tensor; 5] = [
        |x| x.t(),
        |x| x.slice(0, 3..5),
        |x| x.reshape([1000]),
        |x| x.windows(1, 7, 3),
        |x| x.slice(1, ..1).broadcast_to([20, 50]),
    ];
    for view in views {
        let expected = view(&make()).to_vec::<f32>();
        let x = make();
        let view = view(&x);
        drop(x);
        // Each of these may take a buffer that the pool holds, and give its own back.
        let others: Vec<Tensor> = (0..8).map(|i| make() * f64::from(i)).collect();
        let dx = grad(|x| (x.exp() * x.tanh()).sum(), &others[1]);
        drop((others, dx));
        let more: Vec<Tensor> = (0..8).map(|_| Tensor::full([1000], -1.0) + 0.5).collect();
        assert_eq!(view.to_vec::<f32>(), expected);
        assert!(more.iter().all(|more| !more.array().shares_buffer(view.array())));
    }
}

#[test]
fn what_a_graph_keeps_outlives_the_tensors() {
    let expected = grad(|x| x.exp().square().sum(), &Tensor::from([0.0, 0.5])).to_vec::<f32>();
    let dx = grad(
        |x| {
            let y = {
                let kept = x.exp();
                kept.square()
            };
            let noise: Vec<Tensor> = (0..16).map(|_| Tensor::full([2], 9.0) * 2.0).collect();
            drop(noise);
            y.sum()
        },
        &Tensor::from([0.0, 0.5]),
    );
    assert_eq!(dx.to_vec::<f32>(), expected);
}

#[test]
fn writing_to_a_tensor_does_not_reach_what_was_recorded() {
    let mut x = Tensor::from([1.0, 2.0]);
    let leaf = x.tracked();
    let y = leaf.square().sum();
    x.array_mut().make_mut::<f32>()[0] = 100.0;
    assert_eq!(Tape::of(&y).gradient(&leaf).to_vec::<f32>(), [2.0, 4.0]);
}

#[test]
fn a_chain_of_a_hundred_thousand_operations_is_differentiated() {
    let dx = grad(
        |x| {
            let mut y = x.clone();
            for _ in 0..50_000 {
                y = -(y * 1.0);
            }
            y
        },
        &Tensor::from(2.0),
    );
    assert_eq!(dx.item(), 1.0);
}

#[test]
fn a_function_of_one_tensor_is_differentiated_from_eight_threads_at_once() {
    let x: Tensor = Rng::seed(4).normal([40, 30], 0.0, 1.0, DType::F64).into();
    // A leaf that all threads share, and derivatives of second order through it.
    let shared = x.tracked();
    let second = || {
        let inner = grad(|x| x.matmul(&shared.t()).tanh().square().sum(), &x).square().sum();
        Tape::of(&inner).gradient(&shared).to_vec::<f64>()
    };
    let expected = second();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(second)).collect();
        threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), expected));
    });
}
