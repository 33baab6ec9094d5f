//! What a tape can be asked: printed, counted, drawn, and searched for the operation that made a NaN.
//!
//! ```text
//! cargo run --release --example draw_tape
//! ```
#![forbid(unsafe_code)]

use wengert::prelude::*;

#[derive(Module, Clone, Debug)]
struct Mlp {
    hidden: Dense,
    output: Dense,
}

impl Layer for Mlp {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.output.forward(&self.hidden.forward(x).relu())
    }
}

fn main() -> std::io::Result<()> {
    let mut rng = Rng::seed(0);
    let model = Mlp { hidden: Dense::new(4, 8, &mut rng), output: Dense::new(8, 1, &mut rng) };
    let (x, y) = (Tensor::uniform([16, 4], 0.0, 1.0, &mut rng), Tensor::ones([16, 1]));

    let path = std::env::temp_dir().join("tape.svg");
    let mut drawn = Ok(());
    let (_loss, grads) = value_and_grad(&model, |m| {
        // The logarithm of what may be negative: the mistake to be found.
        let loss = (m.forward(&x).ln() - &y).square().mean();
        let tape = Tape::of(&loss);
        println!("{tape}\n{}\n", tape.statistics());
        drawn = std::fs::write(&path, tape.to_svg());
        loss
    });
    drawn?;
    println!("drawn in {}\n", path.display());
    if let Some(culprit) = grads.nonfinite() {
        println!("{culprit}");
    }
    Ok(())
}
