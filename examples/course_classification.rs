//! Classification, as in the course: who survives.
//!
//! `cargo run --release --example course_classification [-- titanic.csv]`
#![forbid(unsafe_code)]
use wengert::prelude::*;

const INVENTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/passengers.csv");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or(INVENTED.to_string());
    let table = read_csv(file)?;
    let predictors = table.drop(&["survived"])?.values()?;
    let target = to_categorical(&table.column("survived")?, None)?;
    let n_cols = predictors.shape()[1];

    let mut model = Sequential::new([n_cols])
        .add(Dense::units(32).relu())
        .add(Dense::units(2).softmax())
        .compile(Sgd::default(), CategoricalCrossentropy::new())
        .metric(Accuracy);

    model.fit(&predictors, &target, Fit::epochs(10).validation_split(0.3))?;
    Ok(())
}
