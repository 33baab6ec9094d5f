//! Callbacks ask the system for nothing in a step. One test alone, since it counts for all threads.

use wengert_array::Counting;
use wengert_nn::{Dense, MeanSquaredError, Sequential};
use wengert_optim::Adam;
use wengert_tensor::{Rng, Tensor};
use wengert_train::{Compile, EarlyStopping, Fit, On, TerminateOnNaN};

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

/// What so many steps of one epoch ask the system for, with the beginning and the end of the training.
fn blocks(n_steps: usize, with: fn(Fit) -> Fit) -> u64 {
    let mut rng = Rng::seed(0);
    let (x, y) = (Tensor::randn([64, 4], &mut rng), Tensor::randn([64, 1], &mut rng));
    let model = Sequential::new([4]).add(Dense::units(8).relu()).add(Dense::units(1));
    let mut model = model.compile(Adam::default(), MeanSquaredError::new());
    let fit = || with(Fit::epochs(1).batch_size(8).steps_per_epoch(n_steps).shuffle(false).verbose(0));
    model.fit(&x, &y, fit()).unwrap();
    let least = (0..3).map(|_| {
        let before = ALLOCATOR.counts();
        model.fit(&x, &y, fit()).unwrap();
        ALLOCATOR.counts().blocks - before.blocks
    });
    least.min().unwrap()
}

/// What 400 steps more ask for.
fn blocks_of_steps(with: fn(Fit) -> Fit) -> u64 {
    blocks(440, with) - blocks(40, with)
}

#[test]
fn a_step_with_callbacks_asks_for_no_more_than_one_without() {
    let without = blocks_of_steps(|fit| fit);
    let with = blocks_of_steps(|fit| {
        let watch = On::batch_end(|run| assert!(run.value("loss").is_some_and(f64::is_finite)));
        fit.callback(EarlyStopping::new().monitor("loss")).callback(TerminateOnNaN).callback(watch)
    });
    assert!(without > 0, "the counter does not count");
    assert_eq!(with, without);
}
