//! What a step of training asks the system for once it has warmed up. One test alone, since it counts for all threads.

use wengert_array::{Counting, Counts};
use wengert_nn::{Dense, Layer};
use wengert_optim::{Adam, Train};
use wengert_tensor::{Indices, Rng, Tensor, value_and_grad};

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

/// Whether products run on kernels of our own. The portable level has `matrixmultiply`, which asks the system for room to
/// pack at every product, so that the promise is not made there.
fn has_own_products() -> bool {
    #[cfg(target_arch = "x86_64")]
    let is_able = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    let is_able = false;
    is_able && std::env::var("WENGERT_CPU").as_deref() != Ok("portable")
}

#[test]
fn a_warm_step_takes_its_buffers_from_the_pool() {
    let mut rng = Rng::seed(0);
    let mut model = vec![
        Dense::new(784, 512, &mut rng).relu(),
        Dense::new(512, 512, &mut rng).relu(),
        Dense::new(512, 10, &mut rng),
    ];
    let x = Tensor::uniform([128, 784], 0.0, 1.0, &mut rng);
    let labels: Vec<usize> = (0..128).map(|_| rng.below(10)).collect();
    let y = Tensor::one_hot(&Indices::from(labels), 10);
    let mut adam = Adam::default();
    let mut step = || {
        let (_, grads) = value_and_grad(&model, |model: &Vec<Dense>| {
            model.iter().fold(x.clone(), |x, layer| layer.forward(&x)).cross_entropy(&y)
        });
        adam.step(&mut model, &grads);
    };
    for _ in 0..3 {
        step();
    }
    // The least of several steps: the threads of the pool may have a first time of something of their own later on.
    let steps = (0..5).map(|_| counts_of(&mut step));
    let least = steps.min_by_key(|counts| (counts.large, counts.blocks)).expect("five steps");
    if has_own_products() {
        assert_eq!(least.large, 0, "{least:?}");
        assert!(least.blocks <= 40, "{least:?}");
    }
    assert!(least.blocks >= 10, "the counter does not count: {least:?}");
}

fn counts_of(step: &mut impl FnMut()) -> Counts {
    let before = ALLOCATOR.counts();
    step();
    let after = ALLOCATOR.counts();
    Counts {
        blocks: after.blocks - before.blocks,
        large: after.large - before.large,
        bytes: after.bytes - before.bytes,
    }
}
