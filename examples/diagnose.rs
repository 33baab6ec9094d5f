//! Two ill networks and their cures: thirty layers of tanh whose gradient vanishes, and rectifiers that die at rate 1.
//!
//! ```text
//! cargo run --release --example diagnose
//! ```
#![forbid(unsafe_code)]

use std::error::Error;

use wengert::prelude::*;
use wengert::train::Diagnosis;

/// Thirty layers of tanh on random data.
fn deep(start: Initializer) -> Diagnosis {
    let x = Tensor::normal([128, 64], 0.0, 1.0, &mut Rng::seed(1));
    let mut model = Sequential::new([64]);
    for _ in 0..30 {
        model = model.add(Dense::units(64).tanh().weight_init(start));
    }
    diagnose(&model, |m| (m.forward(&x) - 0.1).square().mean())
}

/// Two layers of rectifiers after five epochs at a rate.
fn trained(rate: f64) -> Result<Diagnosis, Box<dyn Error>> {
    let digits = digits();
    let y = one_hot(&digits.labels, 10)?;
    let mut model = Sequential::new([64])
        .add(Dense::units(100).relu())
        .add(Dense::units(100).relu())
        .add(Dense::units(10).softmax())
        .compile(Sgd::new(rate), CategoricalCrossentropy::new());
    model.fit(&digits.images, &y, Fit::epochs(5).verbose(0))?;
    Ok(model.diagnose(&digits.images, &y)?)
}

fn show(title: &str, diagnosis: &Diagnosis) -> std::io::Result<()> {
    let path = std::env::temp_dir().join(format!("diagnosis of {title}.svg"));
    std::fs::write(&path, diagnosis.to_svg())?;
    println!("=== {title}, drawn in {}\n\n{diagnosis}\n", path.display());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    show("30 layers within 1 by root n", &deep(Initializer::RandomUniform { low: -0.125, high: 0.125 }))?;
    show("30 layers from Glorot's start", &deep(Initializer::GlorotUniform))?;
    show("rectifiers at rate 1", &trained(1.0)?)?;
    show("rectifiers at rate 0.01", &trained(0.01)?)?;
    Ok(())
}
