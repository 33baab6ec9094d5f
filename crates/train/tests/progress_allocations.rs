//! The progress bar asks the system for nothing in a step. One test alone, since it counts for all threads.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use wengert_array::Counting;
use wengert_nn::{Dense, MeanSquaredError, Sequential};
use wengert_optim::Adam;
use wengert_tensor::{Rng, Tensor};
use wengert_train::{Compile, Fit, MeanAbsoluteError, Screen};

#[global_allocator]
static ALLOCATOR: Counting = Counting::new();

/// A terminal that counts how often it is written to.
#[derive(Clone, Default)]
struct Terminal(Arc<AtomicUsize>);

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What so many steps of one epoch ask the system for, with the beginning and the end of the training.
fn blocks(n_steps: usize, with: &dyn Fn(Fit) -> Fit) -> u64 {
    let mut rng = Rng::seed(0);
    let (x, y) = (Tensor::randn([64, 4], &mut rng), Tensor::randn([64, 1], &mut rng));
    let model = Sequential::new([4]).add(Dense::units(8).relu()).add(Dense::units(1));
    let mut model = model.compile(Adam::default(), MeanSquaredError::new()).metric(MeanAbsoluteError);
    let fit = || with(Fit::epochs(1).batch_size(8).steps_per_epoch(n_steps).shuffle(false));
    model.fit(&x, &y, fit()).unwrap();
    let least = (0..3).map(|_| {
        let before = ALLOCATOR.counts();
        model.fit(&x, &y, fit()).unwrap();
        ALLOCATOR.counts().blocks - before.blocks
    });
    least.min().unwrap()
}

/// What 400 steps more ask for.
fn blocks_of_steps(with: &dyn Fn(Fit) -> Fit) -> u64 {
    blocks(440, with) - blocks(40, with)
}

#[test]
fn a_step_that_draws_the_bar_asks_for_no_more_than_a_silent_one() {
    let silent = blocks_of_steps(&|fit| fit.verbose(0));
    assert!(silent > 0, "the counter does not count");
    for (interval, n_least) in [(Duration::ZERO, 400), (Duration::from_millis(50), 1)] {
        let terminal = Terminal::default();
        let screen = Screen::live(terminal.clone(), 80).every(interval);
        let shown = blocks_of_steps(&|fit| fit.screen(screen.clone()));
        assert!(terminal.0.load(Ordering::Relaxed) >= n_least, "the bar is not drawn");
        assert_eq!(shown, silent, "{interval:?} between drawings");
    }
}
