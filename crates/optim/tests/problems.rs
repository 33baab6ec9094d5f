//! Every optimizer on a parabola, Rosenbrock's valley and a least-squares problem, in `f32` and `f64`.

use wengert_optim::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Cosine, Ftrl, Lamb, Lbfgs, Lion, Muon, Nadam, Optimizer, RAdam,
    RMSprop, Rprop, Sgd, Train, Tune,
};
use wengert_tensor::{DType, Param, Rng, Tensor, value_and_grad};

use Rate::{Constant, Falling};

/// A rate, and whether it falls to 0 along a cosine. FTRL's cannot: it is a part of the sums of earlier steps.
#[derive(Clone, Copy)]
enum Rate {
    Constant(f64),
    Falling(f64),
}

type Row = (&'static str, fn(f64) -> Box<dyn Optimizer>, Rate);

/// A new optimizer joins with one line.
const OPTIMIZERS: &[Row] = &[
    ("sgd", |rate| Box::new(Sgd::new(rate)), Falling(0.002)),
    ("momentum", |rate| Box::new(Sgd::new(rate).momentum(0.9)), Falling(0.001)),
    ("nesterov", |rate| Box::new(Sgd::new(rate).momentum(0.9).nesterov()), Falling(0.001)),
    (
        "pytorch's sgd, damped",
        |rate| Box::new(Sgd::pytorch(rate).momentum(0.9).dampening(0.5)),
        Falling(0.001),
    ),
    ("adam", |rate| Box::new(Adam::new(rate)), Falling(0.05)),
    ("pytorch's adam", |rate| Box::new(Adam::pytorch(rate)), Falling(0.05)),
    ("amsgrad", |rate| Box::new(Adam::new(rate).amsgrad()), Falling(0.05)),
    ("adamw", |rate| Box::new(AdamW::new(rate).weight_decay(1e-5)), Falling(0.05)),
    ("adamax", |rate| Box::new(Adamax::new(rate)), Falling(0.05)),
    ("nadam", |rate| Box::new(Nadam::new(rate)), Falling(0.05)),
    ("radam", |rate| Box::new(RAdam::new(rate).clip_norm(1.0)), Falling(0.05)),
    ("rmsprop", |rate| Box::new(RMSprop::new(rate)), Falling(0.01)),
    ("rmsprop, centered", |rate| Box::new(RMSprop::new(rate).momentum(0.9).centered()), Falling(0.003)),
    ("adagrad", |rate| Box::new(Adagrad::new(rate)), Falling(0.5)),
    ("adadelta", |rate| Box::new(Adadelta::new(rate).epsilon(1e-5)), Falling(1.0)),
    ("ftrl", |rate| Box::new(Ftrl::new(rate)), Constant(1.0)),
    ("lamb", |rate| Box::new(Lamb::new(rate)), Falling(0.05)),
    ("lion", |rate| Box::new(Lion::new(rate)), Falling(0.01)),
    ("rprop", |rate| Box::new(Rprop::new(rate)), Falling(0.01)),
    ("muon", |rate| Box::new(Muon::new(rate).weight_decay(0.0)), Falling(0.05)),
];

const N_STEPS: u64 = 3000;

/// Where to start, and the loss, whose least value is 0.
struct Problem {
    name: &'static str,
    start: Tensor,
    loss: Box<dyn Fn(&Param) -> Tensor>,
}

fn problems(dtype: DType) -> [Problem; 3] {
    let mut rng = Rng::seed(5);
    let curvature = Tensor::from([1.0, 3.0, 0.5]).cast(dtype);
    let (x, w) = (Tensor::randn([20, 4], &mut rng).cast(dtype), Tensor::randn([4, 2], &mut rng).cast(dtype));
    let y = x.matmul(&w);
    [
        Problem {
            name: "parabola",
            start: Tensor::from([1.0, -2.0, 0.5]).cast(dtype),
            loss: Box::new(move |p| ((&**p - 0.25).square() * &curvature).sum()),
        },
        Problem {
            name: "rosenbrock",
            start: Tensor::from([-1.2, 1.0]).cast(dtype),
            loss: Box::new(|p| {
                let (x, y) = (p.slice(0, 0..1), p.slice(0, 1..2));
                ((&y - x.square()).square() * 100.0 + (x - 1.0).square()).sum()
            }),
        },
        Problem {
            name: "least squares",
            start: Tensor::from([[0.5, -0.5]; 4]).cast(dtype),
            loss: Box::new(move |p| (x.matmul(p) - &y).square().mean()),
        },
    ]
}

#[test]
fn every_optimizer_leaves_a_hundredth_of_every_loss() {
    for dtype in [DType::F32, DType::F64] {
        for (name, optimizer, rate) in OPTIMIZERS {
            for Problem { name: problem, start, loss } in problems(dtype) {
                let mut optimizer = match *rate {
                    Constant(rate) => optimizer(rate),
                    Falling(rate) => optimizer(rate).schedule(Cosine::new(rate, N_STEPS)),
                };
                let mut point = Param::new(start);
                let before = loss(&point).item();
                for _ in 0..N_STEPS {
                    let (_, grads) = value_and_grad(&point, &loss);
                    optimizer.step(&mut point, &grads);
                }
                let after = loss(&point).item();
                assert_eq!(point.dtype(), dtype);
                assert!(after < 0.01 * before, "{name} on {problem} in {dtype}: {before} has become {after}");
            }
        }
    }
}

#[test]
fn lbfgs_solves_every_problem_in_few_evaluations() {
    for dtype in [DType::F32, DType::F64] {
        for Problem { name, start, loss } in problems(dtype) {
            let mut point = Param::new(start);
            let minimum = Lbfgs::new().iterations(100).minimize(&mut point, loss).unwrap();
            assert!(minimum.is_converged() && minimum.n_evaluations < 80, "{name} in {dtype}: {minimum:?}");
            assert!(minimum.loss < 1e-9 * minimum.first_loss, "{name} in {dtype}: {minimum:?}");
            assert_eq!(point.dtype(), dtype);
        }
    }
}

/// The structs that implement `Optimizer`.
fn implemented() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap());
    let names = |text: String| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("impl Optimizer for "));
        lines.map(|line| line.trim_end_matches(" {").to_string()).collect()
    };
    texts.flat_map(names).collect()
}

#[test]
fn every_optimizer_is_in_the_tables_and_on_the_page() {
    let names = implemented();
    assert!(names.len() >= 14, "{names:?}");
    let tables = [include_str!("problems.rs"), include_str!("steps.rs")];
    let page = include_str!("../../../docs/optimizers.md");
    for name in names {
        let is_there = tables.iter().all(|table| table.contains(&format!("Box::new({name}::")));
        assert!(is_there, "{name} is not in the tables of problems.rs and steps.rs");
        assert!(page.contains(&format!("`{name}`")), "{name} is not on the page docs/optimizers.md");
    }
}
