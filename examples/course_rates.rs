//! Learning rates side by side, as in the course: one too low, one that works, one too high.
//!
//! `cargo run --release --example course_rates [-- titanic.csv]`
#![forbid(unsafe_code)]
use wengert::{prelude::*, train::learning_rate_sweep};

const INVENTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/passengers.csv");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or(INVENTED.to_string());
    let table = read_csv(file)?;
    let predictors = table.drop(&["survived"])?.values()?;
    let target = to_categorical(&table.column("survived")?, None)?;

    let rates_to_test = [0.000001, 0.01, 1.0];
    let sweep = learning_rate_sweep(&rates_to_test, |rate| {
        let model = Sequential::new([predictors.shape()[1]]).add(Dense::units(100).relu());
        let model = model.add(Dense::units(100).relu()).add(Dense::units(2).softmax());
        let mut model = model.compile(Sgd::new(rate), CategoricalCrossentropy::new());
        model.fit(&predictors, &target, Fit::epochs(10).validation_split(0.3).verbose(0))
    })?;
    println!("{sweep}");
    Ok(())
}
