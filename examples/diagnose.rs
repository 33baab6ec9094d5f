//! Two ill networks and their cures: thirty layers of tanh whose gradient vanishes, and rectifiers that die at rate 1. Each is
//! looked at before the training and after every epoch, so that one sees when it happens.
//!
//! ```text
//! cargo run --release --example diagnose
//! cargo run --release --example diagnose --features png      # the pictures as PNG
//! ```
#![forbid(unsafe_code)]

use std::error::Error;

use wengert::prelude::*;
use wengert::train::DiagnosisLog;

/// The diagnoses of ten epochs on the digits.
fn trained(model: Sequential, optimizer: impl Optimizer + 'static) -> Result<DiagnosisLog, Box<dyn Error>> {
    let digits = digits();
    let y = one_hot(&digits.labels, 10)?;
    let mut model = model.add(Dense::units(10).softmax()).compile(optimizer, CategoricalCrossentropy::new());
    let logger = DiagnosisLogger::new(&digits.images, &y);
    let log = logger.log();
    model.fit(&digits.images, &y, Fit::epochs(10).callback(logger).verbose(0))?;
    Ok(log)
}

/// Thirty layers of tanh.
fn deep(start: Initializer) -> Sequential {
    let layer = || Dense::units(64).tanh().weight_init(start);
    (0..30).fold(Sequential::new([64]), |model, _| model.add(layer()))
}

/// Two layers of rectifiers.
fn shallow() -> Sequential {
    Sequential::new([64]).add(Dense::units(100).relu()).add(Dense::units(100).relu())
}

fn show(title: &str, log: &DiagnosisLog) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join("wengert-diagnoses");
    std::fs::create_dir_all(&folder)?;
    let extension = if cfg!(feature = "png") { "png" } else { "svg" };
    let path = folder.join(format!("{title}.{extension}"));
    log.plot(&path)?;
    log.save_csv(folder.join(format!("{title}.csv")))?;
    println!("=== {title}, drawn in {}\n\n{log}\n", path.display());
    let (_, last) = log.diagnoses().pop().ok_or("there is a diagnosis before the training")?;
    last.plot(folder.join(format!("{title}, at the end.{extension}")))?;
    println!("at the end\n{last}\n");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let within = Initializer::RandomUniform { low: -0.125, high: 0.125 };
    show("30 layers within 1 by root n", &trained(deep(within), Sgd::new(0.1))?)?;
    show("30 layers from Glorot's start", &trained(deep(Initializer::GlorotUniform), Sgd::new(0.1))?)?;
    show("rectifiers at rate 1", &trained(shallow(), Sgd::new(1.0))?)?;
    show("rectifiers at rate 0.01", &trained(shallow(), Sgd::new(0.01))?)
}
