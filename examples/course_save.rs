//! Saving, reloading and predicting, as in the course.
//!
//! `cargo run --release --example course_save [-- titanic.csv]`
#![forbid(unsafe_code)]
use wengert::prelude::*;

const INVENTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/passengers.csv");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or(INVENTED.to_string());
    let (predictors, survived) = read_csv(file)?.split_labels("survived")?;
    let model = Sequential::new([predictors.shape()[1]]).add(Dense::units(100).relu());
    let model = model.add(Dense::units(100).relu()).add(Dense::units(2).softmax());
    let mut model = model.compile(Adam::default(), SparseCategoricalCrossentropy::new());
    model.fit(&predictors, survived, Fit::epochs(10))?;

    let model_file = std::env::temp_dir().join("wengert_model_file.safetensors");
    model.save(&model_file)?;
    let my_model = Sequential::load(&model_file)?;
    let predictions = my_model.forward(&predictors.slice_rows(0..5));
    println!("they survive with probability {:.2?}", predictions.slice(1, 1..2).to_vec::<f32>());
    println!("{}", my_model.summary());
    Ok(())
}
