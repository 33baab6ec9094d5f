//! Updates of 67 million `f32` by every optimizer, in bytes read and written, beside a copy of as many bytes and a pass
//! over as many arrays that only adds. A single array is 256 MiB, so that no cache holds what an update goes over.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wengert::array::{Array, Float, Update, update};
use wengert::optim::*;
use wengert::prelude::*;

/// So large that every pass goes to memory, also where the last cache has hundreds of megabytes.
const N: usize = 1 << 26;

/// Each with the number of arrays that it rewrites.
fn optimizers() -> Vec<(&'static str, usize, Box<dyn Optimizer>)> {
    vec![
        ("sgd", 1, Box::new(Sgd::default())),
        ("sgd, momentum", 2, Box::new(Sgd::default().momentum(0.9))),
        ("adam", 3, Box::new(Adam::default())),
        ("adam, amsgrad", 4, Box::new(Adam::default().amsgrad())),
        ("adamw", 3, Box::new(AdamW::default())),
        ("adamax", 3, Box::new(Adamax::default())),
        ("nadam", 3, Box::new(Nadam::default())),
        ("radam", 3, Box::new(RAdam::default())),
        ("rmsprop", 2, Box::new(RMSprop::default())),
        ("rmsprop, centered", 4, Box::new(RMSprop::default().momentum(0.9).centered())),
        ("adagrad", 2, Box::new(Adagrad::default())),
        ("adadelta", 3, Box::new(Adadelta::default())),
        ("ftrl", 3, Box::new(Ftrl::default())),
        ("lion", 2, Box::new(Lion::default())),
        ("rprop", 3, Box::new(Rprop::default())),
        ("lamb", 3, Box::new(Lamb::default())),
    ]
}

/// Reads `K` arrays and a gradient, and writes the `K`.
struct Add;

impl<const K: usize> Update<K, 1> for Add {
    fn apply<T: Float>(&self, state: [T; K], [g]: [T; 1]) -> [T; K] {
        state.map(|x| x + g)
    }
}

/// Half of `N` numbers for each array that an update reads or writes: a copy reads and writes each of its bytes.
fn copy(from: &[f32], to: &mut [f32]) {
    let half = from.len() / 2;
    let ((a, b), (c, d)) = (from.split_at(half), to.split_at_mut(half));
    std::thread::scope(|scope| {
        scope.spawn(|| c.copy_from_slice(a));
        d.copy_from_slice(b);
    });
}

/// The bytes that an update of `k` arrays reads and writes.
fn bytes(k: usize) -> u64 {
    ((2 * k + 1) * N * size_of::<f32>()) as u64
}

fn updates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("optimizers");
    group.sample_size(10);
    let noise = || Tensor::randn([N], &mut Rng::seed(1)).array().contiguous();
    for k in 1..=4 {
        group.throughput(Throughput::Bytes(bytes(k)));
        let (mut arrays, gradient) = ([(); 4].map(|()| Array::ones([N], DType::F32)), noise());
        group.bench_function(BenchmarkId::new("only adds", k), |bencher| {
            bencher.iter(|| match (k, &mut arrays) {
                (1, [a, ..]) => update(&Add, [a], [&gradient]),
                (2, [a, b, ..]) => update(&Add, [a, b], [&gradient]),
                (3, [a, b, c, _]) => update(&Add, [a, b, c], [&gradient]),
                (_, all) => update(&Add, all.each_mut(), [&gradient]),
            });
        });
        let (from, mut to) = (vec![1.0_f32; (2 * k + 1) * N / 2], vec![0.0_f32; (2 * k + 1) * N / 2]);
        group.bench_function(BenchmarkId::new("copy", k), |bencher| {
            bencher.iter(|| copy(black_box(&from), &mut to));
        });
    }
    for (name, k, mut optimizer) in optimizers() {
        group.throughput(Throughput::Bytes(bytes(k)));
        let mut weights = vec![Param::new(Tensor::ones([N]))];
        let gradient = Tensor::from(noise());
        let (_, gradients) = value_and_grad(&weights, |w| (&*w[0] * &gradient).sum());
        group.bench_function(BenchmarkId::new(name, k), |bencher| {
            bencher.iter(|| optimizer.step(&mut weights, &gradients));
        });
    }
    group.bench_function("is_finite", |bencher| {
        let gradient = noise();
        bencher.iter(|| black_box(&gradient).is_finite());
    });
    group.finish();
}

criterion_group!(benches, updates);
criterion_main!(benches);
