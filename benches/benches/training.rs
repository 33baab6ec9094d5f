//! Steps of training: forward, loss, backward and update, in `f32` on two threads.

use criterion::{Criterion, criterion_group, criterion_main};
use wengert_benches::Training;

fn training(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("training");
    for mut training in Training::all() {
        group.bench_function(training.name, |bencher| bencher.iter(|| training.step()));
    }
    group.finish();
}

criterion_group!(benches, training);
criterion_main!(benches);
