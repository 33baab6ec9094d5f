//! A network learns to read handwritten digits: trained, evaluated, saved, loaded and asked again.
//!
//! ```text
//! cargo run --release --example digits                 # seed 0
//! cargo run --release --example digits -- --seed 7
//! cargo run --release --example digits -- --seeds 10   # ten seeds, each with a split of its own
//! cargo run --release --example digits -- --into out   # and what was learned in a folder: curves, confusions, mistakes, and
//!                                                      # event files for `tensorboard --logdir out`
//! ```
//!
//! Ctrl-C ends the training, and the rest goes on with what was learned.
#![forbid(unsafe_code)]

use std::error::Error;
use std::path::Path;

use wengert::data::{Rows, digits, one_hot, train_test_split};
use wengert::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => read_digits(0, None),
        ["--seed", seed] => read_digits(seed.parse()?, None),
        ["--into", folder] => read_digits(0, Some(Path::new(folder))),
        ["--seeds", n_seeds] => compare_seeds(n_seeds.parse()?),
        _ => Err("usage: digits [--seed NUMBER | --seeds HOW_MANY | --into FOLDER]".into()),
    }
}

/// The images and their classes, a fifth of them held out.
struct Data {
    x_train: Tensor,
    y_train: Tensor,
    x_test: Tensor,
    y_test: Tensor,
}

fn load(rng: &mut Rng) -> Result<Data, Box<dyn Error>> {
    let digits = digits();
    let data = (digits.images, one_hot(&digits.labels, 10)?);
    let ((x_train, y_train), (x_test, y_test)) = train_test_split(&data, 0.2, rng)?;
    Ok(Data { x_train, y_train, x_test, y_test })
}

fn build(seed: u64) -> Compiled<Sequential> {
    Sequential::new([64])
        .seed(seed)
        .add(Dense::units(256).relu())
        .add(Dense::units(128).relu())
        .add(Dense::units(10).softmax())
        .compile(Sgd::new(0.1).momentum(0.9).nesterov(), CategoricalCrossentropy::new())
        .metric(Accuracy)
}

fn read_digits(seed: u64, folder: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let data = load(&mut Rng::seed(seed))?;
    println!(
        "{} handwritten digits to learn from, {} held out\n",
        data.x_train.n_rows()?,
        data.x_test.n_rows()?
    );

    let mut model = build(seed);
    println!("{}\n", model.summary());
    let mut fit = Fit::epochs(30).validation_split(0.1).seed(seed).callback(Interrupt::ctrl_c());
    if let Some(folder) = folder {
        fit = fit.callback(TensorBoard::new(folder).update_freq(10).histogram_freq(1));
    }
    let history = model.fit(&data.x_train, &data.y_train, fit)?;

    let result = model.evaluate(&data.x_test, &data.y_test)?;
    println!("\non the held-out digits: {result}");
    if let Some(folder) = folder {
        draw_into(folder, &model, &data, &history)?;
    }

    let path = std::env::temp_dir().join(format!("wengert-digits-{}.safetensors", std::process::id()));
    model.save(&path)?;
    let loaded = Sequential::load(&path)?;
    std::fs::remove_file(&path)?;
    let (before, after) = (model.predict(&data.x_test)?, loaded.forward(&data.x_test));
    let is_same = before.to_vec::<f32>() == after.to_vec::<f32>();
    println!(
        "saved and loaded again: {}\n",
        if is_same { "the same predictions, bit for bit" } else { "DIFFERENT" }
    );

    show(&data, &after)
}

/// Curves, confusions and mistakes as pictures.
fn draw_into(
    folder: &Path,
    model: &Compiled<Sequential>,
    data: &Data,
    history: &History,
) -> Result<(), Box<dyn Error>> {
    let extension = if cfg!(feature = "png") { "png" } else { "svg" };
    let file = |name: &str| folder.join(name).with_extension(extension);
    history.plot(file("curves"))?;
    model.confusion_matrix(&data.x_test, &data.y_test)?.plot(file("confusion"))?;
    model.mistakes(&data.x_test, &data.y_test)?.plot(file("mistakes"), 8, 8)?;
    println!("drawn in {}", folder.display());
    Ok(())
}

/// Draws the first digits, and those that the model gets wrong.
fn show(data: &Data, predictions: &Tensor) -> Result<(), Box<dyn Error>> {
    let (predicted, truth) = (classes(predictions), classes(&data.y_test));
    let wrong = (0..truth.len()).filter(|&row| predicted[row] != truth[row]);
    println!("the first held-out digits:");
    draw(data, &(0..6).collect::<Vec<_>>(), &predicted, &truth)?;
    let wrong: Vec<usize> = wrong.take(6).collect();
    if !wrong.is_empty() {
        println!("some that the model reads wrongly:");
        draw(data, &wrong, &predicted, &truth)?;
    }
    Ok(())
}

/// The most probable class of each row.
fn classes(probabilities: &Tensor) -> Vec<usize> {
    let rows = probabilities.to_vec::<f32>();
    rows.chunks(10).map(|row| (0..10).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0)).collect()
}

fn draw(data: &Data, rows: &[usize], predicted: &[usize], truth: &[usize]) -> Result<(), Box<dyn Error>> {
    let shades = [' ', '░', '▒', '▓', '█'];
    let images: Vec<Vec<f32>> = rows.iter().map(|&row| data.x_test.slice(0, row..row + 1).to_vec()).collect();
    for line in 0..8 {
        for image in &images {
            let pixels =
                image[8 * line..8 * line + 8].iter().map(|pixel| shades[(pixel * 4.0).round() as usize]);
            print!("  {}", pixels.flat_map(|shade| [shade, shade]).collect::<String>());
        }
        println!();
    }
    for &row in rows {
        print!("  {:<16}", format!("reads {}, is {}", predicted[row], truth[row]));
    }
    println!("\n");
    Ok(())
}

fn compare_seeds(n_seeds: u64) -> Result<(), Box<dyn Error>> {
    let mut accuracies = Vec::new();
    for seed in 0..n_seeds {
        let data = load(&mut Rng::seed(seed))?;
        let mut model = build(seed);
        model.fit(
            &data.x_train,
            &data.y_train,
            Fit::epochs(30).validation_split(0.1).seed(seed).verbose(0),
        )?;
        let accuracy = model.evaluate(&data.x_test, &data.y_test)?.get("accuracy").unwrap_or(f64::NAN);
        println!("seed {seed:>2}: {:.2} % of the held-out digits are read rightly", 100.0 * accuracy);
        accuracies.push(accuracy);
    }
    let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
    let lowest = accuracies.iter().copied().fold(f64::INFINITY, f64::min);
    println!("mean {:.2} %, lowest {:.2} %", 100.0 * mean, 100.0 * lowest);
    Ok(())
}
