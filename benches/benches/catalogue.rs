//! Every operation of the catalogue at the sizes that its samples propose: forward, and forward with derivatives.

use criterion::{Criterion, criterion_group, criterion_main};
use wengert::catalogue::{self, Case};
use wengert::{DType, Tape, Tensor};

fn operations(criterion: &mut Criterion) {
    for entry in catalogue::all() {
        let mut group = criterion.benchmark_group(entry.name);
        for case in entry.cases().into_iter().filter(Case::is_timed) {
            let inputs: Vec<Tensor> = case.inputs.iter().map(|x| Tensor::from(x.cast(DType::F32))).collect();
            let forward = format!("{} forward", case.label);
            group.bench_function(forward, |bencher| bencher.iter(|| case.run(&inputs)));
            let leaves: Vec<Tensor> = inputs.iter().map(Tensor::tracked).collect();
            let both = format!("{} forward and derivatives", case.label);
            group.bench_function(both, |bencher| {
                bencher.iter(|| {
                    let y = case.run(&leaves).sum();
                    Tape::of(&y).gradients(&leaves)
                })
            });
        }
        group.finish();
    }
}

criterion_group!(benches, operations);
criterion_main!(benches);
