//! A network learns to read the 70,000 handwritten digits of MNIST, and shows some that it takes for others.
//!
//! `cargo run --release --example mnist -- FOLDER [SEED]`, or without the folder: that named `mnist` in `$WENGERT_DATA`.
#![forbid(unsafe_code)]
use std::{env, error::Error, path::PathBuf};
use wengert::{data::Mnist, prelude::*};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.or_else(|| Some(PathBuf::from(env::var_os("WENGERT_DATA")?).join("mnist")));
    let folder = folder.ok_or("where is MNIST? say `mnist FOLDER`, or set WENGERT_DATA")?;
    let seed = env::args().nth(2).map_or(Ok(0), |seed| seed.parse())?;
    let Mnist { train: (x_train, y_train), test: (x_test, y_test) } = read_mnist(folder)?;

    let mut rng = Rng::seed(seed);
    let n_steps = 10 * x_train.n_rows()?.div_ceil(128) as u64;
    let mut model = Sequential::new([784])
        .seed(seed)
        .add(Dense::units(256).relu())
        .add(Dropout::new(0.2, &mut rng))
        .add(Dense::units(128).relu())
        .add(Dropout::new(0.2, &mut rng))
        .add(Dense::units(10).softmax())
        .compile(Adam::default().schedule(Cosine::new(0.002, n_steps)), SparseCategoricalCrossentropy::new())
        .metric(Accuracy);
    println!("{}", model.summary());
    model.fit(&x_train, y_train, Fit::epochs(10).batch_size(128).seed(seed))?;
    println!("\non the 10,000 digits that it has not seen: {}", model.evaluate(&x_test, y_test.clone())?);

    let read = model.predict(&x_test)?.argmax(1);
    let wrong = (0..read.len()).filter(|&row| read.as_slice()[row] != y_test.as_slice()[row]);
    for row in wrong.take(3) {
        println!("\na {} that it takes for {}:", y_test.as_slice()[row], read.as_slice()[row]);
        for line in x_test.slice(0, row..row + 1).to_vec::<f32>().chunks(2 * 28) {
            let ink = |column| [' ', '░', '▒', '▓', '█'][((line[column] + line[column + 28]) * 2.0) as usize];
            println!("{}", (0..28).map(ink).collect::<String>());
        }
    }
    Ok(())
}
