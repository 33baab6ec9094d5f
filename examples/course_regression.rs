//! Regression, as in the course: what somebody earns.
//!
//! `cargo run --release --example course_regression [-- hourly_wages.csv]`
#![forbid(unsafe_code)]
use wengert::prelude::*;

const INVENTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/wages.csv");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or(INVENTED.to_string());
    let (predictors, target) = read_csv(file)?.split_target(&["wage_per_hour"])?;
    let n_cols = predictors.shape()[1];

    let mut model = Sequential::new([n_cols])
        .add(Dense::units(50).relu())
        .add(Dense::units(32).relu())
        .add(Dense::units(1))
        .compile(Adam::default(), MeanSquaredError::new());

    model.fit(&predictors, &target, Fit::epochs(10).validation_split(0.3))?;
    println!("\nthe first wages:     {:?}", target.slice_rows(0..5).to_vec::<f32>());
    println!("what the model says: {:.2?}", model.predict(&predictors.slice_rows(0..5))?.to_vec::<f32>());
    Ok(())
}
