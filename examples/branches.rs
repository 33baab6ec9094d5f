//! A graph that is no chain, made of layers alone: two ways through a network, one of them with a way around it. Then
//! what it has learnt of one task is frozen, and serves another.
//!
//! ```text
//! cargo run --release --example branches
//! ```
#![forbid(unsafe_code)]

use std::error::Error;

use wengert::data::{digits, train_test_split};
use wengert::nn::Layer;
use wengert::prelude::*;

/// A wide way of one layer beside a deep one, joined.
fn features() -> Sequential {
    let small = || Regularizer::l2(1e-4);
    Sequential::new([64])
        .add(
            Branches::concat(-1)
                .branch(move |wide| wide.add(Dense::units(32).relu().weight_regularizer(small())))
                .branch(move |deep| {
                    deep.add(Dense::units(64).relu().weight_regularizer(small()))
                        .add(BatchNorm::axis(-1).momentum(0.9))
                        .add(Residual::of(|inner| inner.add(Dense::units(64).relu()).add(Dense::units(64))))
                }),
        )
        .add(Dropout::rate(0.2))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut rng = Rng::seed(0);
    let digits = digits();
    let (train, test) = train_test_split(&(digits.images, digits.labels), 0.2, &mut rng)?;

    let mut reader = Sequential::new([64])
        .add(features())
        .add(Dense::units(10).softmax())
        .compile(Adam::default(), SparseCategoricalCrossentropy::new())
        .metric(Accuracy);
    println!("{}\n", reader.summary());
    reader.fit(&train.0, &train.1, Fit::epochs(20).verbose(0))?;
    println!("which digit it is, on digits held out: {}", reader.evaluate(&test.0, &test.1)?);

    // Whether a digit is odd, from the same features: only the last layer is trained.
    let parity = |labels: &Indices| Indices::from(labels.iter().map(|digit| digit % 2).collect::<Vec<_>>());
    let known = reader.model().layer("sequential");
    let mut model = Sequential::new([64]).add(known.to_owned()).add(Dense::units(2).softmax());
    model.layer_mut("sequential").freeze();
    println!("\n{}\n", model.summary());
    let mut model = model.compile(Adam::new(0.01), SparseCategoricalCrossentropy::new()).metric(Accuracy);
    model.fit(&train.0, parity(&train.1), Fit::epochs(10).verbose(0))?;
    println!("whether it is odd, on digits held out: {}", model.evaluate(&test.0, parity(&test.1))?);

    // The features have not moved, and both models live on in files.
    let x = &test.0;
    let [before, after] =
        [known, model.model().layer("sequential")].map(|layer: &dyn Layer| layer.forward(x));
    assert_eq!(before.to_vec::<f32>(), after.to_vec::<f32>());
    let loaded = Sequential::from_bytes(&model.model().to_bytes()?)?;
    assert_eq!(loaded.forward(x).to_vec::<f32>(), model.predict(x)?.to_vec::<f32>());
    println!("the frozen layers are the same to the last bit, and the saved model predicts the same");
    Ok(())
}
