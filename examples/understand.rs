//! From a learning rate to a picture: rates side by side, a range test, the search for a size, and what the chosen
//! network learned, drawn.
//!
//! ```text
//! cargo run --release --example understand
//! cargo run --release --example understand --features png      # the pictures as PNG
//! ```
#![forbid(unsafe_code)]

use std::error::Error;

use wengert::data::make_moons;
use wengert::prelude::*;
use wengert::train::{
    Capacity, CapacitySearch, decision_boundary_svg, learning_rate_range, learning_rate_sweep, save_picture,
    weights_svg,
};

fn build(rows: usize, capacity: Capacity, n_classes: usize) -> Sequential {
    let mut model = Sequential::new([rows]);
    for _ in 0..capacity.n_layers {
        model = model.add(Dense::units(capacity.n_units).relu());
    }
    model.add(Dense::units(n_classes).softmax())
}

fn main() -> Result<(), Box<dyn Error>> {
    let digits = digits();
    let y = one_hot(&digits.labels, 10)?;
    let fit = |epochs| Fit::epochs(epochs).validation_split(0.3).verbose(0);
    let hundred = Capacity { n_layers: 1, n_units: 100 };
    let folder = std::env::temp_dir().join("wengert-pictures");
    std::fs::create_dir_all(&folder)?;
    let extension = if cfg!(feature = "png") { "png" } else { "svg" };
    let file = |name: &str| folder.join(name).with_extension(extension);

    let sweep = learning_rate_sweep(&[1e-6, 0.01, 0.1, 1.0, 100.0], |rate| {
        let mut model = build(64, hundred, 10).compile(Sgd::new(rate), CategoricalCrossentropy::new());
        model.fit(&digits.images, &y, fit(10))
    })?;
    println!("{sweep}\n");
    sweep.plot(file("rates"))?;

    let start = build(64, hundred, 10);
    let range = learning_rate_range(&start, Sgd::default(), 1e-4..=100.0, 100, |m| {
        m.forward_raw(&digits.images).raw.cross_entropy(&y)
    });
    println!("{range}\n");
    range.plot(file("range"))?;

    let table = CapacitySearch::new(1, 16).at_most(3, 128).run(|capacity| {
        let mut model = build(64, capacity, 10).compile(Sgd::new(0.1), CategoricalCrossentropy::new());
        Ok(model.fit(&digits.images, &y, fit(10))?.last("val_loss"))
    })?;
    println!("{table}\n");

    let model = build(64, table.best(), 10).compile(Adam::new(0.003), CategoricalCrossentropy::new());
    let mut model = model.metric(Accuracy);
    let history = model.fit(&digits.images, &y, fit(40))?;
    history.plot(file("curves"))?;
    model.confusion_matrix(&digits.images, &y)?.plot(file("confusion"))?;
    let mistakes = model.mistakes(&digits.images, &y)?;
    println!("{mistakes}\n");
    mistakes.plot(file("mistakes"), 8, 8)?;
    let first = model.parameter("dense.weight").ok_or("there is a first layer")?;
    save_picture(&weights_svg(first, 8, 8), file("weights"))?;

    let (x, labels) = make_moons(200, 0.15, &mut Rng::seed(0));
    let model = build(2, Capacity { n_layers: 2, n_units: 32 }, 2);
    let mut model = model.compile(Adam::new(0.01), CategoricalCrossentropy::new());
    model.fit(&x, one_hot(&labels, 2)?, Fit::epochs(100).verbose(0))?;
    let boundary = decision_boundary_svg(&x, &labels, |x| model.forward(x));
    save_picture(&boundary, file("boundary"))?;
    println!("drawn in {}", folder.display());
    Ok(())
}
