//! What `fit` takes beyond a loop by hand: 64-100-100-10, Adam, batches of 32, shuffled, with the bar on the standard error.
//!
//! The two train in turns, so that both meet the same neighbours. Every round gives a ratio; the median of these is what
//! counts.

use std::error::Error;
use std::io;
use std::time::Instant;

use wengert::prelude::*;
use wengert::train::Screen;
use wengert_protocol::{data, labels, median};

const N_ROWS: usize = 19_200;
const N_EPOCHS: usize = 3;
const N_ROUNDS: usize = 25;

type Data = (Tensor, Tensor);

fn main() -> Result<(), Box<dyn Error>> {
    let x = Tensor::new(data(64 * N_ROWS, 1), [N_ROWS, 64]);
    let y = Tensor::one_hot(&Indices::from(labels(N_ROWS, 10)), 10);
    let data = (x, y);
    let mut times = [const { Vec::new() }; 4];
    for round in 0..=N_ROUNDS {
        let seconds = [by_hand(&data)?, fit(&data, false, 1)?, fit(&data, true, 1)?, fit(&data, true, 0)?];
        // The first round fills the pool of buffers.
        if round > 0 {
            times.iter_mut().zip(seconds).for_each(|(times, seconds)| times.push(seconds));
        }
    }
    let n_steps = (N_EPOCHS * N_ROWS.div_ceil(32)) as f64;
    let [hand, ..] = times.clone();
    for (name, times) in
        ["a loop by hand", "fit", "fit, accuracy", "fit, accuracy, silent"].into_iter().zip(times)
    {
        let ratio = middle(times.iter().zip(&hand).map(|(time, hand)| time / hand).collect());
        let microseconds = 1e6 * middle(times) / n_steps;
        println!("{name:<22} {microseconds:>7.2} us/step  {:>+6.1} %", 100.0 * (ratio - 1.0));
    }
    Ok(())
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    median(&numbers)
}

fn hidden() -> Sequential {
    Sequential::new([64]).add(Dense::units(100).relu()).add(Dense::units(100).relu())
}

/// The seconds of a loop as one writes it who wants the mean loss.
fn by_hand(data: &Data) -> Result<f64, Box<dyn Error>> {
    let (mut model, mut adam, mut rng) = (hidden().add(Dense::units(10)), Adam::default(), Rng::seed(0));
    let start = Instant::now();
    for _ in 0..N_EPOCHS {
        let mut sum = 0.0;
        for (x, y) in Batches::new(data, 32)?.shuffled(&mut rng) {
            let (loss, grads) = value_and_grad(&model, |m| m.forward(&x).cross_entropy(&y));
            adam.step(&mut model, &grads);
            sum += loss.item() * x.n_rows()? as f64;
        }
        assert!((sum / N_ROWS as f64).is_finite());
    }
    Ok(start.elapsed().as_secs_f64())
}

/// The seconds of `fit`, all that it checks included.
fn fit((x, y): &Data, has_accuracy: bool, verbose: u8) -> Result<f64, Box<dyn Error>> {
    let model = hidden().add(Dense::units(10).softmax());
    let mut model = model.compile(Adam::default(), CategoricalCrossentropy::new());
    if has_accuracy {
        model = model.metric(Accuracy);
    }
    let fit = Fit::epochs(N_EPOCHS).screen(Screen::live(io::stderr(), 100)).verbose(verbose);
    let start = Instant::now();
    let history = model.fit(x, y, fit)?;
    assert!(history.last("loss").is_finite());
    Ok(start.elapsed().as_secs_f64())
}
