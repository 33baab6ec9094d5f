//! An architecture of one's own: a struct with a skip connection, trained by a loop of one's own, and checked.
//!
//! ```text
//! cargo run --release --example custom_architecture
//! ```
#![forbid(unsafe_code)]

use wengert::data::Batches;
use wengert::prelude::*;

/// Two layers, and a way around them: `y = x + second(tanh(first(x)))`.
#[derive(Module, Clone, Debug)]
struct Residual {
    first: Dense,
    second: Dense,
}

impl Residual {
    fn new(width: usize, rng: &mut Rng) -> Residual {
        Residual { first: Dense::new(width, 2 * width, rng), second: Dense::new(2 * width, width, rng) }
    }
}

impl Layer for Residual {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + self.second.forward(&self.first.forward(x).tanh())
    }
}

/// Any number of residual blocks between two dense layers.
#[derive(Module, Clone, Debug)]
struct Network {
    input: Dense,
    blocks: Vec<Residual>,
    output: Dense,
}

impl Network {
    fn new(width: usize, n_blocks: usize, rng: &mut Rng) -> Network {
        Network {
            input: Dense::new(2, width, rng),
            blocks: (0..n_blocks).map(|_| Residual::new(width, rng)).collect(),
            output: Dense::new(width, 2, rng),
        }
    }
}

impl Layer for Network {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = self.input.forward(x).tanh();
        for block in &self.blocks {
            y = block.forward(&y);
        }
        self.output.forward(&y)
    }
}

/// Points on two spirals, and which spiral each is on.
fn spirals(n_points: usize, rng: &mut Rng) -> (Tensor, Indices) {
    let mut coordinates = Vec::new();
    let mut classes = Vec::new();
    for _ in 0..n_points {
        let class = rng.below(2);
        let along = rng.next_f64();
        let angle = 3.0 * std::f64::consts::PI * along + std::f64::consts::PI * class as f64;
        coordinates.extend([along * angle.cos(), along * angle.sin()].map(|x| x as f32));
        classes.push(class);
    }
    (Tensor::new(coordinates, [n_points, 2]), classes.into())
}

fn accuracy(model: &Network, (x, y): &(Tensor, Indices)) -> f64 {
    let logits = model.forward(x);
    let is_second = logits.slice(1, 1..).greater(&logits.slice(1, ..1)).to_vec();
    let n_right =
        is_second.iter().zip(y.iter()).filter(|&(&is_second, class)| usize::from(is_second) == class).count();
    n_right as f64 / is_second.len() as f64
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut rng = Rng::seed(7);
    let (train, test) = (spirals(1000, &mut rng), spirals(500, &mut rng));
    let mut model = Network::new(16, 2, &mut rng);
    println!("{} parameters, of which the first are:", model.count_parameters());
    for (name, param) in model.parameters().iter().take(4) {
        println!("  {name:<24} {}", param.shape());
    }

    // The derivatives of the whole model, by the rules and by finite differences: the f32 model, checked in f64.
    let (x, y) = spirals(6, &mut rng);
    gradcheck(&model, |m| m.forward(&x).cross_entropy(&y))?;
    gradcheck(&x, |x| model.cast(DType::F64).forward(x).cross_entropy(&y))?;
    println!("gradcheck: all derivatives agree with finite differences\n");

    // Sixty epochs of twenty steps: a warm-up, half a cosine down; matrices decay, biases do not.
    let mut adam = AdamW::new(0.02)
        .schedule(Cosine::new(0.02, 1100).warmup(100))
        .group(Group::named("*.bias").weight_decay(0.0))
        .clip_global_norm(5.0);
    for epoch in 1..=60 {
        let mut total = 0.0;
        for (x, y) in Batches::new(&train, 50)?.shuffled(&mut rng) {
            let (loss, grads) = value_and_grad(&model, |m| m.forward(&x).cross_entropy(&y));
            adam.step(&mut model, &grads);
            total += loss.item() * y.len() as f64;
        }
        if epoch % 10 == 0 {
            let loss = total / train.1.len() as f64;
            println!(
                "epoch {epoch:>2}: loss {loss:.4}, accuracy on new points {:.3}",
                accuracy(&model, &test)
            );
        }
    }
    Ok(())
}
