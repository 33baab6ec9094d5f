//! Steps of training: forward, loss, backward and update, in `f32` on two threads.

use criterion::{Criterion, criterion_group, criterion_main};
use wengert_benches::Training;
use wengert_protocol::TRAINING;

fn training(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("training");
    for row in TRAINING {
        let mut training = Training::of(&row.parse().expect("a row")).expect("a row of training");
        group.bench_function(row, |bencher| bencher.iter(|| training.step()));
    }
    group.finish();
}

criterion_group!(benches, training);
criterion_main!(benches);
